//! Templates: from the report model to a document, and to subject and body of the mails. They see the
//! model and each other, and nothing else: no file, no environment, no clock.

#[allow(
    missing_docs,
    reason = "the message of a variant says what happened, and its fields are the values of that message"
)]
mod error;
mod escape;
mod expression;
mod files;
mod filters;
mod front_matter;
mod lexer;
mod limits;
mod names;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use tera::{Context, Tera};

use super::markdown;
pub use error::TemplateError;
use error::tera_error;
use files::TemplateFiles;
use limits::TemplateLimits;
use tongbao_base::digest::sha256_of_texts;
use tongbao_base::one_line::one_line;
use tongbao_config::settings::{Report, ReportKind, ReportLanguage};
use tongbao_report::report::document::Document;
use tongbao_report::report::model::Composition;
use tongbao_report::report::series::{BY_KIND, Series};
use tongbao_report::report::words::Words;

const DOCUMENT: &str = "document.md.tera";
const SUBJECT: &str = "email_subject.tera";
const BODY: &str = "email_body.html.tera";
const TEXT: &str = "email_body.txt.tera";
/// What stands for the files of the mail that a folder does not have.
const DEFAULTS: [(&str, &str); 3] =
    [(SUBJECT, "summary_subject.tera"), (BODY, "summary.html.tera"), (TEXT, "summary.txt.tera")];

/// All templates, compiled. Values are escaped for where they go.
pub struct Templates {
    front_matter: Arc<Tera>,
    markdown: Arc<Tera>,
    mail: Arc<Tera>,
    files: TemplateFiles,
    dir: String,
    limits: TemplateLimits,
    /// SHA-256 over names and contents, in hexadecimal.
    pub hash: String,
}

/// The mail that goes with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// One line.
    pub subject: String,
    /// Charts stand as `src="chart:NAME"`.
    pub html: String,
    /// The same content for readers that show no HTML.
    pub text: String,
    /// The charts that the body asks for.
    pub charts: Vec<String>,
}

impl Templates {
    /// Compiles the built-in templates and those below `dir`, which need not exist.
    pub fn load(dir: &Path) -> Result<Templates, TemplateError> {
        let mut templates = Templates::compile(files::gather(dir)?)?;
        templates.dir = dir.display().to_string();
        Ok(templates)
    }

    fn compile(files: TemplateFiles) -> Result<Templates, TemplateError> {
        let (mut heads, mut bodies, mut mails) = (Vec::new(), Vec::new(), Vec::new());
        for (name, text) in &files {
            if name.ends_with(DOCUMENT) {
                let (head, body) = front_matter::split(name, text)?;
                heads.push((name.clone(), head));
                bodies.push((name.clone(), body));
            } else if name.ends_with(".md.tera") {
                bodies.push((name.clone(), text.clone()));
            } else {
                mails.push((name.clone(), text.clone()));
            }
        }
        Ok(Templates {
            front_matter: compiled(heads, &[".tera"], escape::toml)?,
            markdown: compiled(bodies, &[".tera"], escape::markdown)?,
            mail: compiled(mails, &[".html.tera"], escape::html)?,
            hash: sha256_of_texts(files.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()])),
            files,
            dir: String::new(),
            limits: TemplateLimits::default(),
        })
    }

    /// The path of a report's file, in its language; of the mail's files the default where the folder
    /// has none. `None` when there is no such file.
    fn path(&self, report: &Report, file: &str) -> Option<String> {
        let folder = report.kind.folder();
        let default = DEFAULTS.iter().find(|(name, _)| *name == file).map(|(_, default)| *default);
        let localized = |path: &str| match report.language {
            ReportLanguage::Chinese => path.to_owned(),
            language => format!("{}/{path}", Words::of(language).tag),
        };
        let own = format!("{folder}/{file}");
        let mut candidates = vec![localized(&own)];
        // A folder of the user's own is written in whatever language it likes.
        if matches!(report.kind, ReportKind::Own(_)) {
            candidates.push(own);
        }
        candidates.extend(default.map(localized));
        candidates.into_iter().find(|path| self.files.contains_key(path))
    }

    fn required(&self, report: &Report, file: &str) -> Result<String, TemplateError> {
        self.path(report, file).ok_or_else(|| TemplateError::Missing {
            folder: report.kind.folder().to_owned(),
            dir: self.dir.clone(),
        })
    }

    /// Tries a report's templates before anything depends on them: every name in use exists, in
    /// branches that are never taken too, and every sample can be rendered and read as blocks. The
    /// first sample is full: it has every optional part.
    pub fn check(&self, report: &Report, samples: &[Composition]) -> Result<(), TemplateError> {
        let full = samples.first().map(|sample| model_of(&sample.model)).unwrap_or_default();
        let mut with_title = full.clone();
        with_title.insert("title".to_owned(), Value::String(String::new()));
        for (file, model) in
            [(DOCUMENT, &full), (SUBJECT, &with_title), (BODY, &with_title), (TEXT, &with_title)]
        {
            let path = self.required(report, file)?;
            names::check(&self.files, &path, model).map_err(|unknown| TemplateError::Name {
                file: unknown.file,
                line: unknown.line,
                column: unknown.column,
                problem: unknown.problem,
            })?;
        }
        for sample in samples {
            let document = self.document_of(report, sample, true)?;
            self.mail(report, &document.head.title, sample)?;
        }
        Ok(())
    }

    /// Renders the document of a report and reads it as blocks.
    pub fn document(&self, report: &Report, composition: &Composition) -> Result<Document, TemplateError> {
        self.document_of(report, composition, false)
    }

    /// A sample knows no kinds of unit but its own, so a block that names another passes.
    fn document_of(
        &self,
        report: &Report,
        composition: &Composition,
        is_sample: bool,
    ) -> Result<Document, TemplateError> {
        let file = self.required(report, DOCUMENT)?;
        let context = context(composition)?;
        let head = limits::render(&self.front_matter, &file, &context, self.limits)?;
        let head = front_matter::read(&file, &head, report, composition)?;
        let body = limits::render(&self.markdown, &file, &context, self.limits)?;
        let blocks = match is_sample {
            false => markdown::blocks(&body, &composition.series),
            true => markdown::blocks(&body, &with_any_kind(&body, &composition.series)),
        };
        let blocks = blocks.map_err(|source| TemplateError::Markdown { file, source })?;
        Ok(Document { head, blocks })
    }

    /// Renders subject and body of the mail; `title` is the document's title.
    pub fn mail(
        &self,
        report: &Report,
        title: &str,
        composition: &Composition,
    ) -> Result<MailText, TemplateError> {
        let mut context = context(composition)?;
        context.insert("title", &one_line(title));
        let render = |file: &str| {
            let path = self.required(report, file)?;
            limits::render(&self.mail, &path, &context, self.limits)
        };
        let subject: String = render(SUBJECT)?;
        let (html, text): (String, String) = (render(BODY)?, render(TEXT)?);
        let charts = charts_in(&html);
        for name in &charts {
            if !matches!(composition.series.get(name), Some(Series::Chart(_))) {
                return Err(TemplateError::NoChart {
                    file: self.required(report, BODY)?,
                    name: name.clone(),
                    known: chart_names(&composition.series),
                });
            }
        }
        Ok(MailText {
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            html: html.trim().to_owned(),
            text: tidy(&text),
            charts,
        })
    }
}

/// Marks the place of a chart in the body of a mail: `<img src="chart:trend">`.
pub const CHART: &str = "src=\"chart:";

/// The charts that a mail's body asks for, each once.
fn charts_in(html: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for part in html.split(CHART).skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        if !out.iter().any(|other| other == name) {
            out.push(name.to_owned());
        }
    }
    out
}

fn chart_names(series: &BTreeMap<String, Series>) -> String {
    let charts = series.iter().filter(|(_, series)| matches!(series, Series::Chart(_)));
    charts.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Plain text without runs of blank lines, which the tags of a template leave.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim().lines() {
        let line = line.trim_end();
        if !(line.is_empty() && out.ends_with("\n\n")) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// The series, with those of a kind of unit under every name that the body's blocks use.
fn with_any_kind(body: &str, series: &BTreeMap<String, Series>) -> BTreeMap<String, Series> {
    let mut out = series.clone();
    for line in body.lines() {
        let Some((_, name)) = line.trim_start().strip_prefix("```").and_then(|info| info.split_once(' '))
        else {
            continue;
        };
        // As Markdown reads it: without the escapes of marks.
        let name = name.trim().replace('\\', "");
        let general = name.split(' ').next().filter(|general| BY_KIND.contains(general));
        if let Some(found) = general.and_then(|general| series.get(general)) {
            out.entry(name.clone()).or_insert_with(|| found.clone());
        }
    }
    out
}

fn compiled(
    files: Vec<(String, String)>,
    escaped: &[&'static str],
    escape: tera::EscapeFn,
) -> Result<Arc<Tera>, TemplateError> {
    let mut tera = Tera::new();
    tera.autoescape_on(escaped.to_vec());
    tera.set_escape_fn(escape);
    filters::register(&mut tera);
    tera.add_raw_templates(files).map_err(tera_error)?;
    Ok(Arc::new(tera))
}

fn context(composition: &Composition) -> Result<Context, TemplateError> {
    Context::from_serialize(&composition.model).map_err(tera_error)
}

fn model_of(model: &tongbao_report::report::model::Model) -> Map<String, Value> {
    match serde_json::to_value(model) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::error::{FILTERS, TESTS};
    use super::*;

    fn compile(name: &str, text: &str) -> Result<Templates, TemplateError> {
        Templates::compile(TemplateFiles::from([(name.to_owned(), text.to_owned())]))
    }

    #[test]
    fn the_built_in_templates_compile() {
        Templates::load(Path::new("no such folder")).unwrap();
    }

    #[test]
    fn errors_name_file_line_and_column_and_what_there_is() {
        let text = "+++\nmark = \"a\"\n+++\n\n{{ period.to | revers }}\n";
        let error = compile("own/document.md.tera", text).err().expect("an unknown filter").to_string();
        assert!(error.starts_with("template own/document.md.tera:5:"), "{error}");
        assert!(error.contains("did you mean `reverse`?; known: abs, "), "{error}");
        for (wrong, known) in [
            ("{% if a is evn %}{% endif %}", "did you mean `even`?"),
            ("{{ get_env(name=\"HOME\") }}", "known: range, super, throw"),
            ("{% include \"/etc/hostname\" %}", "unknown template `/etc/hostname`"),
            ("{{ a", "own.tera:1:"),
        ] {
            let error = compile("own.tera", wrong).err().expect(wrong).to_string();
            assert!(error.contains("own.tera:1:") && error.contains(known), "{error}");
        }
    }

    #[test]
    fn the_listed_names_are_teras() {
        for filter in FILTERS.split(", ") {
            compile("t.tera", &format!("{{{{ a | {filter} }}}}")).unwrap_or_else(|e| panic!("{e}"));
        }
        for test in TESTS.split(", ") {
            compile("t.tera", &format!("{{% if a is {test} %}}{{% endif %}}"))
                .unwrap_or_else(|e| panic!("{e}"));
        }
    }

    #[test]
    fn endless_templates_are_stopped() {
        let limits = TemplateLimits { bytes: 1 << 20, time: Duration::from_millis(300) };
        let loops = |body: &str| {
            let start = "{% for a in range(end=1000) %}".repeat(3);
            format!("{start}{body}{}", "{% endfor %}".repeat(3))
        };
        let render = |text: &str| {
            let templates = compile("t.tera", text).unwrap();
            limits::render(&templates.mail, "t.tera", &Context::new(), limits).unwrap_err().to_string()
        };
        assert!(render(&loops("0123456789")).contains("writes more than 1 MiB"));
        assert!(render(&loops("")).contains("takes longer than 0.3 s"));
    }
}
