//! Markdown to blocks: headings, paragraphs, and the fenced `table` and `chart` blocks that place
//! named series of the model.

use std::collections::BTreeMap;
use tongbao_message::Worded;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use tongbao_report::report::document::{Block, Style, TextSpan};
use tongbao_report::report::series::Series;

/// A block of the template that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub struct MarkdownError {
    /// Line of the rendered Markdown, counted from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub problem: String,
}

/// Parses rendered Markdown. `# 附件1 标题 {.turned}` starts an attachment (turned on its side),
/// `##` to `#####` are the heading levels 一、（一）1.（1）, `**黑体**` and `*楷体*` the two styles.
pub fn blocks(markdown: &str, series: &BTreeMap<String, Series>) -> Result<Vec<Block>, MarkdownError> {
    let mut builder = BlockBuilder {
        series,
        blocks: Vec::new(),
        spans: Vec::new(),
        style: Style::Plain,
        fence: None,
        lists: Vec::new(),
    };
    let options = Options::ENABLE_HEADING_ATTRIBUTES;
    // Counting again for every event would take minutes for the longest text a template may make.
    let ends: Vec<usize> = markdown.match_indices('\n').map(|(at, _)| at).collect();
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        let line = ends.partition_point(|end| *end < range.start) + 1;
        builder.event(event).map_err(|problem| MarkdownError { line, problem })?;
    }
    Ok(builder.blocks)
}

/// Parses a text of an office as paragraphs, one a line; figures, headings and tables are the program's own.
pub fn paragraphs(text: &str) -> Result<Vec<Block>, MarkdownError> {
    const PROBLEM: &str = "write paragraphs only; headings, tables and charts stay as they are";
    let mut out = Vec::new();
    for (line, text) in (1..).zip(text.lines().map(str::trim)) {
        let refused = |_| MarkdownError { line, problem: PROBLEM.to_owned() };
        let is_mark = ["#", "```", "~~~"].iter().any(|start| text.starts_with(start));
        let blocks =
            if is_mark { Err(refused(())) } else { blocks(text, &BTreeMap::new()).map_err(|_| refused(())) };
        out.extend(blocks?);
    }
    Ok(out)
}

struct BlockBuilder<'a> {
    series: &'a BTreeMap<String, Series>,
    blocks: Vec<Block>,
    spans: Vec<TextSpan>,
    style: Style,
    fence: Option<String>,
    /// The next number of each list that is open, `None` for one without numbers.
    lists: Vec<Option<u64>>,
}

impl BlockBuilder<'_> {
    fn event(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Start(Tag::Heading { level, classes, .. }) => {
                self.spans.clear();
                self.fence = None;
                let turned = classes.iter().any(|class| &**class == "turned");
                self.blocks.push(start_of_heading(level, turned));
            }
            Event::End(TagEnd::Heading(_)) => self.end_heading()?,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => self.fence = Some(info.to_string()),
            Event::End(TagEnd::CodeBlock) => self.place_series()?,
            Event::Start(Tag::Strong) => self.style = Style::Strong,
            Event::Start(Tag::Emphasis) => self.style = Style::Emphasis,
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => self.style = Style::Plain,
            Event::Text(_) if self.fence.is_some() => {}
            Event::Text(text) => self.push_text(&text),
            Event::Code(text) => self.push(&text),
            // Lines of the template run on: Chinese text has no blank between its lines.
            Event::SoftBreak => self.push_break(),
            Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => self.end_paragraph(),
            Event::Start(Tag::List(first)) => self.lists.push(first),
            Event::End(TagEnd::List(_)) => self.lists.truncate(self.lists.len().saturating_sub(1)),
            Event::Start(Tag::Item) => self.number_item(),
            Event::Start(Tag::Paragraph) => {}
            Event::Start(tag) => {
                return Err(format!(
                    "{} cannot be set on the official page; use headings, paragraphs, lists, **strong**, *emphasis* and fenced table or chart blocks",
                    name_of(&tag)
                ));
            }
            Event::Html(_) | Event::InlineHtml(_) => {
                return Err("html cannot be set on the official page; write plain Markdown".into());
            }
            Event::Rule | Event::End(_) => {}
            _ => return Err("this Markdown element cannot be set on the official page".into()),
        }
        Ok(())
    }

    /// Appends text with each run of blanks as one: a clause that a template leaves out leaves its blank.
    fn push_text(&mut self, text: &str) {
        let mut blank = self.spans.last().is_some_and(|span| span.text.ends_with(' '));
        let kept = |c: &char| {
            let is_again = blank && *c == ' ';
            blank = *c == ' ';
            !is_again
        };
        self.push(&text.chars().filter(kept).collect::<String>());
    }

    fn push(&mut self, text: &str) {
        match self.spans.last_mut() {
            Some(span) if span.style == self.style => span.text.push_str(text),
            _ => self.spans.push(TextSpan { text: text.to_owned(), style: self.style }),
        }
    }

    /// Between two Latin letters a line break means a blank.
    fn push_break(&mut self) {
        let latin =
            self.spans.last().and_then(|s| s.text.chars().last()).is_some_and(|c| c.is_ascii_graphic());
        if latin {
            self.push(" ");
        }
    }

    /// A numbered item keeps its number: `1. ` at the start of a paragraph is text on the page.
    fn number_item(&mut self) {
        if let Some(Some(number)) = self.lists.last_mut() {
            let text = format!("{number}. ");
            *number += 1;
            self.push(&text);
        }
    }

    fn end_paragraph(&mut self) {
        let spans = std::mem::take(&mut self.spans);
        if spans.iter().any(|span| !span.text.trim().is_empty()) {
            self.blocks.push(Block::Paragraph(spans));
        }
    }

    fn end_heading(&mut self) -> Result<(), String> {
        let spans = std::mem::take(&mut self.spans);
        match self.blocks.last_mut() {
            Some(Block::Heading { text, .. }) => *text = spans,
            Some(Block::Attachment { label, title, .. }) => {
                let whole: String = spans.into_iter().map(|span| span.text).collect();
                let (first, rest) = whole.split_once(' ').ok_or_else(|| {
                    format!("attachment heading \"{whole}\" needs a label, a blank and a title, as in \"# 附件1 进度表\"")
                })?;
                (*label, *title) = (first.to_owned(), rest.trim().to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn place_series(&mut self) -> Result<(), String> {
        let Some(info) = self.fence.take() else { return Ok(()) };
        let (kind, name) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
        match (kind, self.series.get(name.trim())) {
            ("table", Some(Series::Table(table))) => self.blocks.push(Block::Table(table.clone())),
            ("chart", Some(Series::Chart(chart))) => {
                self.blocks.extend(chart.parts().into_iter().map(Block::Chart))
            }
            ("table" | "chart", _) => {
                return Err(format!(
                    "there is no {kind} named \"{}\"; known: {}",
                    name.trim(),
                    self.names(kind)
                ));
            }
            _ => return Err(format!("fenced block \"{kind}\" is neither table nor chart")),
        }
        Ok(())
    }

    fn names(&self, kind: &str) -> String {
        let of_kind = |series: &Series| {
            matches!((kind, series), ("table", Series::Table(_)) | ("chart", Series::Chart(_)))
        };
        let names = self.series.iter().filter(|(_, series)| of_kind(series)).map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }
}

fn start_of_heading(level: HeadingLevel, turned: bool) -> Block {
    match level {
        HeadingLevel::H1 => Block::Attachment { label: String::new(), title: String::new(), turned },
        other => Block::Heading { level: (other as u8 - 1).min(4), text: Vec::new() },
    }
}

fn name_of(tag: &Tag) -> &'static str {
    match tag {
        Tag::Table(_) => "a Markdown table",
        Tag::Image { .. } => "an image",
        Tag::Link { .. } => "a link",
        Tag::BlockQuote(_) => "a quotation",
        Tag::CodeBlock(_) => "an indented block",
        _ => "this Markdown element",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongbao_report::report::document::Table;

    fn parse(markdown: &str) -> Result<Vec<Block>, MarkdownError> {
        let series = BTreeMap::from([("progress".to_owned(), Series::Table(Table::default()))]);
        blocks(markdown, &series)
    }

    #[test]
    fn reads_headings_paragraphs_and_attachments() {
        let blocks = parse(
            "## 一、总体\n\n本期**很好**。\n接着\n\n# 附件1 进度表 {.turned}\n\n```table progress\n```\n",
        )
        .unwrap();
        let plain = |text: &str| TextSpan { text: text.into(), style: Style::Plain };
        assert_eq!(
            blocks,
            vec![
                Block::Heading { level: 1, text: vec![plain("一、总体")] },
                Block::Paragraph(vec![
                    plain("本期"),
                    TextSpan { text: "很好".into(), style: Style::Strong },
                    plain("。接着"),
                ]),
                Block::Attachment { label: "附件1".into(), title: "进度表".into(), turned: true },
                Block::Table(Table::default()),
            ]
        );
    }

    #[test]
    fn clauses_that_are_left_out_leave_one_blank() {
        let plain = |text: &str| TextSpan { text: text.into(), style: Style::Plain };
        let strong = TextSpan { text: "four".into(), style: Style::Strong };
        let expected = Block::Paragraph(vec![plain("One. Two three "), strong]);
        assert_eq!(parse("One.   Two  three  **four**\n").unwrap(), vec![expected]);
    }

    #[test]
    fn numbered_items_keep_their_numbers() {
        let plain = |text: &str| Block::Paragraph(vec![TextSpan { text: text.into(), style: Style::Plain }]);
        assert_eq!(parse("3. 甲；4. 乙\n4. 丙\n").unwrap(), vec![plain("3. 甲；4. 乙"), plain("4. 丙")]);
        assert_eq!(parse("- 甲\n").unwrap(), vec![plain("甲")]);
    }

    #[test]
    fn every_line_of_an_office_is_a_paragraph() {
        let plain = |text: &str| Block::Paragraph(vec![TextSpan { text: text.into(), style: Style::Plain }]);
        let text = "\u{3000}\u{3000}甲。\r\n乙{{ x }}。\n\n    1. 丙";
        assert_eq!(paragraphs(text).unwrap(), vec![plain("甲。"), plain("乙{{ x }}。"), plain("1. 丙")]);
        for wrong in ["甲\n## 乙", "甲\n```table progress", "甲\n<b>乙</b>", "甲\n> 乙"] {
            let error = paragraphs(wrong).unwrap_err().to_string();
            assert!(error.starts_with("line 2: ") && error.contains("paragraphs only"), "{error}");
        }
    }

    #[test]
    fn names_what_cannot_be_placed() {
        let error = parse("文\n\n```table progres\n```\n").unwrap_err();
        assert_eq!(error.to_string(), "line 3: there is no table named \"progres\"; known: progress");
        assert!(parse("![x](y)").unwrap_err().to_string().contains("an image"));
        assert!(parse("<b>x</b>").unwrap_err().to_string().contains("html"));
    }
}
