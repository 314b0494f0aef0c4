//! The front matter of a document: TOML between +++ lines, rendered before it is read.

use serde::Deserialize;
use tongbao_message::{Message, message};

use super::TemplateError;
use tongbao_config::settings::Report;
use tongbao_report::report::document::PageHead;
use tongbao_report::report::model::Composition;
use tongbao_report::report::words::{Words, fill};

/// Cuts the front matter off; the body keeps its line numbers for the error messages.
pub(super) fn split(name: &str, text: &str) -> Result<(String, String), TemplateError> {
    let problem = |problem: Message| TemplateError::FrontMatter { file: name.to_owned(), problem };
    let rest = text.strip_prefix("+++\n").ok_or_else(|| problem(message!("the-file-must-begin-with-a")))?;
    let (head, body) =
        rest.split_once("\n+++\n").ok_or_else(|| problem(message!("the-closing-line-is-missing")))?;
    let lines = head.matches('\n').count() + 3;
    Ok((format!("\n{head}\n"), "\n".repeat(lines) + body))
}

/// The front matter as written in a template.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    /// 发文机关标志; needed unless the document is an annex.
    mark: Option<String>,
    /// Whether the document is the annex of the one with the number, and has no head of its own.
    #[serde(default)]
    annex: bool,
    /// The label of an annex, where it is not 附件 of the document with the number.
    label: Option<String>,
    title: String,
    addressee: Option<String>,
    #[serde(default)]
    attachments: Vec<String>,
    signatory: String,
    date: String,
    copy_to: Option<String>,
    /// 印发机关 of 版记; the signatory where it is not given, and no 版记 where it is blank.
    printed_by: Option<String>,
    /// BCP 47; the report's where it is not given.
    language: Option<String>,
}

pub(super) fn read(
    file: &str,
    text: &str,
    of: &Report,
    composition: &Composition,
) -> Result<PageHead, TemplateError> {
    let front: FrontMatter = toml::from_str(text).map_err(|error| TemplateError::FrontMatter {
        file: file.to_owned(),
        problem: Message::text(error.to_string().trim_end()),
    })?;
    let (report, campaign) = (&composition.model.report, &composition.model.campaign);
    if front.mark.is_none() && !front.annex {
        let problem = message!("mark-is-missing");
        return Err(TemplateError::FrontMatter { file: file.to_owned(), problem });
    }
    let words = &Words::of(of.language).page;
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let usual = || fill(words.annex, &[report.number.as_deref().unwrap_or_default()]);
    let annex = front.annex.then(|| filled(front.label.clone()).unwrap_or_else(usual));
    Ok(PageHead {
        mark: front.mark.unwrap_or_default(),
        brief: report.brief,
        number: report.number.clone(),
        annex: annex.map(|label| label.trim().to_owned()),
        // A value may break the title, but not the text of the front matter.
        title: front.title.replace('\u{2028}', "\n"),
        addressee: filled(front.addressee),
        attachments: front.attachments,
        printed_by: filled(Some(front.printed_by.unwrap_or_else(|| front.signatory.clone()))),
        signatory: front.signatory,
        date: front.date,
        copy_to: filled(front.copy_to),
        signer: of.marks.signer.clone().filter(|_| of.marks.upward),
        corner: [&of.marks.copy_number, &of.marks.secrecy, &of.marks.urgency]
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
        remark: of.marks.remark.clone(),
        co_issuers: campaign.co_issuers.clone(),
        seal: campaign.seal,
        draft: report.draft,
        language: front.language.unwrap_or_else(|| report.language.to_owned()),
        words,
    })
}
