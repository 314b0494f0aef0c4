//! Elements of XML, written as text.

use quick_xml::escape::escape;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// An element with its attributes and contents, in their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct XmlElement {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    contents: Vec<Content>,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Element(XmlElement),
    Text(String),
}

/// An empty element.
pub(super) fn element(name: &'static str) -> XmlElement {
    XmlElement { name, attributes: Vec::new(), contents: Vec::new() }
}

/// An element that is nothing but a value: `<w:jc w:val="center"/>`.
pub(super) fn value(name: &'static str, value: impl ToString) -> XmlElement {
    element(name).with("w:val", value)
}

impl XmlElement {
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> XmlElement {
        self.attributes.push((name, value.to_string()));
        self
    }

    pub(super) fn child(mut self, child: XmlElement) -> XmlElement {
        self.contents.push(Content::Element(child));
        self
    }

    pub(super) fn children(mut self, children: impl IntoIterator<Item = XmlElement>) -> XmlElement {
        self.contents.extend(children.into_iter().map(Content::Element));
        self
    }

    /// A child in front of the others.
    pub(super) fn before(mut self, child: XmlElement) -> XmlElement {
        self.contents.insert(0, Content::Element(child));
        self
    }

    pub(super) fn text(mut self, text: &str) -> XmlElement {
        self.contents.push(Content::Text(text.to_owned()));
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// The element as the root of a file.
    pub(super) fn file(&self) -> String {
        let mut out = DECLARATION.to_owned();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.extend([" ", name, "=\"", &escape(permitted(value).as_str()), "\""]);
        }
        if self.contents.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for content in &self.contents {
            match content {
                Content::Element(child) => child.write(out),
                Content::Text(text) => out.push_str(&escape(permitted(text).as_str())),
            }
        }
        out.extend(["</", self.name, ">"]);
    }
}

/// A text without the characters that XML 1.0 has no place for.
fn permitted(text: &str) -> String {
    let is_permitted = |c: &char| !matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_permitted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_values_are_escaped_and_keep_their_order() {
        let tree = element("w:p").with("w:x", "a\"<&").child(value("w:jc", "both")).text("1 < 2 & 3\u{1}");
        assert_eq!(
            tree.file(),
            format!(
                "{DECLARATION}<w:p w:x=\"a&quot;&lt;&amp;\"><w:jc w:val=\"both\"/>1 &lt; 2 &amp; 3</w:p>"
            )
        );
    }
}
