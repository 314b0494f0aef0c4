//! Templates: from the report model to a document, and to subject and body of the mails.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use tera::{Context, Kwargs, State, Tera};

use super::markdown;
use crate::digest::sha256_of_texts;
use crate::report::document::{Document, Head};
use crate::report::model::Composition;

/// What is wrong with a template, with file, line and column where they are known.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("template {0}")]
    Tera(String),
    #[error("template {file}: the rendered document does not fit the page model: {source}")]
    Markdown { file: String, source: markdown::MarkdownError },
    #[error("template {file}: front matter between +++ lines: {problem}")]
    FrontMatter { file: String, problem: String },
    #[error(
        "template folder \"{folder}\" has no {file}; it needs document.md.tera, email_subject.tera and email_body.html.tera"
    )]
    Missing { folder: String, file: &'static str },
    #[error("cannot read template {path}: {source}")]
    Read { path: String, source: std::io::Error },
}

const DOCUMENT: &str = "document.md.tera";
const SUBJECT: &str = "email_subject.tera";
const BODY: &str = "email_body.html.tera";
const SUMMARY_TEXT: &str = "summary.txt.tera";

/// The templates the program carries; a file of the same name in the templates folder replaces one.
const BUILT_IN: [(&str, &str); 12] = [
    ("quality.md.tera", include_str!("../../report_templates/quality.md.tera")),
    ("summary.html.tera", include_str!("../../report_templates/summary.html.tera")),
    ("summary.txt.tera", include_str!("../../report_templates/summary.txt.tera")),
    ("bulletin/document.md.tera", include_str!("../../report_templates/bulletin/document.md.tera")),
    ("bulletin/email_subject.tera", include_str!("../../report_templates/bulletin/email_subject.tera")),
    ("bulletin/email_body.html.tera", include_str!("../../report_templates/bulletin/email_body.html.tera")),
    ("ranking/document.md.tera", include_str!("../../report_templates/ranking/document.md.tera")),
    ("ranking/email_subject.tera", include_str!("../../report_templates/ranking/email_subject.tera")),
    ("ranking/email_body.html.tera", include_str!("../../report_templates/ranking/email_body.html.tera")),
    ("acceptance/document.md.tera", include_str!("../../report_templates/acceptance/document.md.tera")),
    ("acceptance/email_subject.tera", include_str!("../../report_templates/acceptance/email_subject.tera")),
    (
        "acceptance/email_body.html.tera",
        include_str!("../../report_templates/acceptance/email_body.html.tera"),
    ),
];

/// All templates, compiled. Values are escaped for where they go: a unit name can neither break the
/// front matter, nor become Markdown, nor become HTML.
pub struct Templates {
    front_matter: Tera,
    markdown: Tera,
    mail: Tera,
    /// SHA-256 over names and contents, in hexadecimal.
    pub hash: String,
}

/// The mail that goes with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    pub subject: String,
    pub html: String,
    pub text: String,
}

impl Templates {
    /// Compiles the built-in templates and those below `dir`, which need not exist.
    pub fn load(dir: &Path) -> Result<Templates, TemplateError> {
        let mut files: BTreeMap<String, String> =
            BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        if dir.is_dir() {
            read_folder(dir, "", &mut files)?;
        }
        Templates::compile(&files)
    }

    fn compile(files: &BTreeMap<String, String>) -> Result<Templates, TemplateError> {
        let (mut heads, mut bodies, mut mails) = (Vec::new(), Vec::new(), Vec::new());
        for (name, text) in files {
            if name.ends_with(DOCUMENT) {
                let (head, body) = split_front_matter(name, text)?;
                heads.push((name.clone(), head));
                bodies.push((name.clone(), body));
            } else if name.ends_with(".md.tera") {
                bodies.push((name.clone(), text.clone()));
            } else {
                mails.push((name.clone(), text.clone()));
            }
        }
        Ok(Templates {
            front_matter: compiled(heads, &[".tera"], escape_toml)?,
            markdown: compiled(bodies, &[".tera"], escape_markdown)?,
            mail: compiled(mails, &[".html.tera"], escape_html)?,
            hash: hash_of(files),
        })
    }

    /// Fails unless `folder` has all the files a report needs.
    pub fn require(&self, folder: &str) -> Result<(), TemplateError> {
        for (tera, file) in [(&self.markdown, DOCUMENT), (&self.mail, SUBJECT), (&self.mail, BODY)] {
            if !tera.contains_template(&format!("{folder}/{file}")) {
                return Err(TemplateError::Missing { folder: folder.to_owned(), file });
            }
        }
        Ok(())
    }

    /// Renders the document of a template folder and reads it as blocks.
    pub fn document(&self, folder: &str, composition: &Composition) -> Result<Document, TemplateError> {
        self.require(folder)?;
        let file = format!("{folder}/{DOCUMENT}");
        let context = context(composition)?;
        let head = render(&self.front_matter, &file, &context)?;
        let head = read_head(&file, &head, composition)?;
        let body = render(&self.markdown, &file, &context)?;
        let blocks = markdown::blocks(&body, &composition.series)
            .map_err(|source| TemplateError::Markdown { file, source })?;
        Ok(Document { head, blocks })
    }

    /// Renders subject and body of the mail; `title` is the document's title.
    pub fn mail(
        &self,
        folder: &str,
        title: &str,
        composition: &Composition,
    ) -> Result<MailText, TemplateError> {
        self.require(folder)?;
        let mut context = context(composition)?;
        context.insert("title", &title.replace('\n', ""));
        let own_text = format!("{folder}/email_body.txt.tera");
        let text = if self.mail.contains_template(&own_text) { own_text } else { SUMMARY_TEXT.to_owned() };
        let subject = render(&self.mail, &format!("{folder}/{SUBJECT}"), &context)?;
        Ok(MailText {
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            html: render(&self.mail, &format!("{folder}/{BODY}"), &context)?,
            text: render(&self.mail, &text, &context)?,
        })
    }
}

fn read_folder(dir: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<(), TemplateError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| TemplateError::Read { path, source }
    };
    for entry in std::fs::read_dir(dir).map_err(failed(dir))? {
        let path = entry.map_err(failed(dir))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() && prefix.is_empty() {
            read_folder(&path, &format!("{name}/"), files)?;
        } else if name.ends_with(".tera") {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            files.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(())
}

/// Cuts the front matter off; the body keeps its line numbers for the error messages.
fn split_front_matter(name: &str, text: &str) -> Result<(String, String), TemplateError> {
    let problem =
        |problem: &str| TemplateError::FrontMatter { file: name.to_owned(), problem: problem.to_owned() };
    let text = text.replace("\r\n", "\n");
    let rest = text.strip_prefix("+++\n").ok_or_else(|| problem("the file must begin with a +++ line"))?;
    let (head, body) =
        rest.split_once("\n+++\n").ok_or_else(|| problem("the closing +++ line is missing"))?;
    let lines = head.matches('\n').count() + 3;
    Ok((format!("\n{head}\n"), "\n".repeat(lines) + body))
}

fn compiled(
    files: Vec<(String, String)>,
    escaped: &[&'static str],
    escape: fn(&str, &mut dyn std::io::Write) -> std::io::Result<()>,
) -> Result<Tera, TemplateError> {
    let mut tera = Tera::new();
    tera.autoescape_on(escaped.to_vec());
    tera.set_escape_fn(escape);
    tera.register_filter("chinese_number", |n: u64, _: Kwargs, _: &State| chinese_number(n));
    tera.add_raw_templates(files).map_err(tera_error)?;
    Ok(tera)
}

fn render(tera: &Tera, name: &str, context: &Context) -> Result<String, TemplateError> {
    tera.render(name, context).map_err(tera_error)
}

fn context(composition: &Composition) -> Result<Context, TemplateError> {
    Context::from_serialize(&composition.model).map_err(tera_error)
}

fn tera_error(error: tera::Error) -> TemplateError {
    TemplateError::Tera(error.to_string())
}

/// The front matter as written in a template.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    mark: String,
    title: String,
    addressee: Option<String>,
    #[serde(default)]
    attachments: Vec<String>,
    signatory: String,
    date: String,
    copy_to: Option<String>,
    #[serde(default = "chinese")]
    language: String,
}

fn chinese() -> String {
    "zh-CN".to_owned()
}

fn read_head(file: &str, text: &str, composition: &Composition) -> Result<Head, TemplateError> {
    let front: FrontMatter = toml::from_str(text).map_err(|error| TemplateError::FrontMatter {
        file: file.to_owned(),
        problem: error.to_string().trim_end().to_owned(),
    })?;
    let report = &composition.model.report;
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Ok(Head {
        mark: front.mark,
        brief: report.brief,
        number: report.number.clone(),
        title: front.title,
        addressee: filled(front.addressee),
        attachments: front.attachments,
        printed_by: Some(front.signatory.clone()),
        signatory: front.signatory,
        date: front.date,
        copy_to: filled(front.copy_to),
        draft: report.draft,
        language: front.language,
    })
}

fn hash_of(files: &BTreeMap<String, String>) -> String {
    sha256_of_texts(files.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()]))
}

fn escape_toml(input: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    for byte in input.bytes() {
        match byte {
            b'"' => out.write_all(b"\\\"")?,
            b'\\' => out.write_all(b"\\\\")?,
            0..=0x1F | 0x7F => out.write_all(b" ")?,
            _ => out.write_all(&[byte])?,
        }
    }
    Ok(())
}

/// A backslash before ASCII punctuation makes it literal everywhere in CommonMark (section 2.4).
fn escape_markdown(input: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    for byte in input.bytes() {
        match byte {
            b'\n' | b'\r' => out.write_all(b" ")?,
            _ if byte.is_ascii_punctuation() => out.write_all(&[b'\\', byte])?,
            _ => out.write_all(&[byte])?,
        }
    }
    Ok(())
}

fn escape_html(input: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    for byte in input.bytes() {
        match byte {
            b'&' => out.write_all(b"&amp;")?,
            b'<' => out.write_all(b"&lt;")?,
            b'>' => out.write_all(b"&gt;")?,
            b'"' => out.write_all(b"&quot;")?,
            b'\'' => out.write_all(b"&#39;")?,
            _ => out.write_all(&[byte])?,
        }
    }
    Ok(())
}

/// 一 to 九十九, as headings count.
fn chinese_number(n: u64) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (n / 10 % 10, n % 10);
    match (n, tens) {
        (0 | 100.., _) => n.to_string(),
        (_, 0) => DIGITS[ones as usize].to_owned(),
        (_, 1) => format!("十{}", DIGITS[ones as usize]),
        _ => format!("{}十{}", DIGITS[tens as usize], DIGITS[ones as usize]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_templates_compile() {
        let templates = Templates::load(Path::new("no such folder")).unwrap();
        for folder in ["bulletin", "ranking", "acceptance"] {
            templates.require(folder).unwrap();
        }
        assert!(matches!(templates.require("own"), Err(TemplateError::Missing { .. })));
    }

    #[test]
    fn errors_name_file_line_and_column() {
        let text = "+++\nmark = \"a\"\n+++\n\n{{ period.to | shuot }}\n".to_owned();
        let files = BTreeMap::from([("own/document.md.tera".to_owned(), text)]);
        let error = Templates::compile(&files).err().expect("an unknown filter").to_string();
        assert!(error.contains("own/document.md.tera:5:"), "{error}");
        assert!(error.contains("shuot"), "{error}");
    }

    #[test]
    fn headings_count_in_chinese() {
        assert_eq!([1, 10, 11, 20, 21].map(chinese_number), ["一", "十", "十一", "二十", "二十一"]);
    }
}
