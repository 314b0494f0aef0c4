//! What goes wrong, as people read it: one sentence, why, and where to go. Causes are for the log.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tracing::error;

use crate::pipeline::RunError;
use crate::store::StoreError;

/// An answer that is an error, in both languages.
#[derive(Debug, Clone)]
pub(super) struct ErrorPage {
    pub status: StatusCode,
    pub chinese: String,
    pub english: String,
    /// Where it can be put right.
    pub link: Option<(String, &'static str, &'static str)>,
}

impl ErrorPage {
    pub(super) fn new(
        status: StatusCode,
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> ErrorPage {
        ErrorPage { status, chinese: chinese.into(), english: english.into(), link: None }
    }

    pub(super) fn with_link(self, href: String, chinese: &'static str, english: &'static str) -> ErrorPage {
        ErrorPage { link: Some((href, chinese, english)), ..self }
    }

    /// Nothing there, or nothing that this person may see: nobody learns which.
    pub(super) fn not_found() -> ErrorPage {
        ErrorPage::new(StatusCode::NOT_FOUND, "没有这个页面。", "There is no such page.")
    }

    pub(super) fn signed_out() -> ErrorPage {
        ErrorPage::new(StatusCode::UNAUTHORIZED, "请先登录。", "Sign in first.").with_link(
            "/sign-in".into(),
            "登录",
            "Sign in",
        )
    }

    pub(super) fn not_allowed() -> ErrorPage {
        let chinese = "您的角色没有这项权限。如工作需要，请联系管理员。";
        ErrorPage::new(
            StatusCode::FORBIDDEN,
            chinese,
            "Your role does not have this right. Ask an operator if you need it.",
        )
    }

    pub(super) fn bad_form() -> ErrorPage {
        let chinese = "表单内容有误，未作任何更改。请返回重新填写。";
        ErrorPage::new(
            StatusCode::BAD_REQUEST,
            chinese,
            "The form is not valid; nothing was changed. Go back and fill it in again.",
        )
    }

    /// A form that did not come from a page of this session.
    pub(super) fn stale_form() -> ErrorPage {
        let chinese = "此表单已失效（可能已重新登录），未作任何更改。请重新打开页面再提交。";
        let english = "This form is out of date (you may have signed in again); nothing was changed. Open the page again.";
        ErrorPage::new(StatusCode::FORBIDDEN, chinese, english)
    }

    pub(super) fn conflict(chinese: impl Into<String>, english: impl Into<String>) -> ErrorPage {
        ErrorPage::new(StatusCode::CONFLICT, chinese, english)
    }

    /// What the person has written is refused.
    pub(super) fn refused(chinese: impl Into<String>, english: impl Into<String>) -> ErrorPage {
        ErrorPage::new(StatusCode::UNPROCESSABLE_ENTITY, chinese, english)
    }

    /// A period that ends before it begins.
    pub(super) fn reversed() -> ErrorPage {
        ErrorPage::refused(
            "起始日期晚于截止日期，请改正。",
            "The first day is after the last one; correct it.",
        )
    }

    /// A fault of the program or its surroundings. The page shows a reference alone; the log has the cause.
    pub(super) fn inside(cause: &dyn std::fmt::Display) -> ErrorPage {
        let reference = format!("{:08x}", fastrand::u32(..));
        error!(reference, "the console failed: {cause}");
        ErrorPage::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("系统出现故障，未作任何更改。请将编号 {reference} 告知管理员。"),
            format!("Something failed; nothing was changed. Give the operator this reference: {reference}."),
        )
    }
}

impl IntoResponse for ErrorPage {
    /// The layer around all handlers words it; see [`super::layers`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for ErrorPage {
    fn from(error: StoreError) -> ErrorPage {
        match &error {
            StoreError::NoSuchRun(_)
            | StoreError::NoSuchDelivery(_)
            | StoreError::NoSuchPerson(_)
            | StoreError::NoSuchRequest(_) => ErrorPage::not_found(),
            StoreError::NotHeld { run, by, .. } => {
                let (chinese, english) = match by {
                    Some(by) => (format!("已由 {by} 处理"), format!("{by} has decided on it")),
                    None => ("已处理".to_owned(), "it has been decided on".to_owned()),
                };
                ErrorPage::conflict(
                    format!("此件{chinese}，您的操作未生效。"),
                    format!("This run no longer waits: {english}. Your decision was not recorded."),
                )
                .with_link(format!("/runs/{run}"), "查看此件", "See the run")
            }
            StoreError::NumberTaken { number, run } => {
                let problem = ErrorPage::conflict(
                    format!("文号“{number}”已被使用，请改用其他文号。"),
                    format!("The number {number} has been given already; choose another."),
                );
                match run {
                    Some(run) => problem.with_link(
                        format!("/runs/{run}"),
                        "查看占用该号的文件",
                        "See the run that has it",
                    ),
                    None => problem,
                }
            }
            StoreError::DeliveryState { state, .. } => ErrorPage::conflict(
                format!(
                    "这封邮件的状态已变（{}），您的操作未生效。",
                    super::words::mail_state(crate::config::settings::ReportLanguage::Chinese, *state).0
                ),
                format!(
                    "This mail is {} by now; nothing was changed.",
                    super::words::mail_state(crate::config::settings::ReportLanguage::English, *state).0
                ),
            )
            .with_link("/mails".into(), "返回邮件", "Back to the mails"),
            StoreError::PersonExists(name) => ErrorPage::conflict(
                format!("账号“{name}”已存在，请换一个名字。"),
                format!("There is an account {name} already; choose another name."),
            )
            .with_link("/people".into(), "返回账号", "Back to the accounts"),
            StoreError::Overtaken { later, later_to, .. } => ErrorPage::conflict(
                format!("更晚的一期（截至{later_to}）已经印发，此件不能再签发。请退回此件。"),
                format!(
                    "A later run (to {later_to}) has been released, so this one is not any more. Reject it."
                ),
            )
            .with_link(format!("/runs/{later}"), "查看更晚的一期", "See the later one"),
            StoreError::RunPruned(_) => ErrorPage::new(
                StatusCode::GONE,
                "此件的明细已按规定期限清理，不能再重算；归档的文件仍可下载。",
                "The counts of this run are no longer kept, so nothing new can be computed from it; its documents are.",
            ),
            StoreError::MailPruned(_) => ErrorPage::conflict(
                "这封邮件的内容已按规定期限清理，不能再次发送。",
                "The text of this mail is no longer kept, so it cannot be sent again.",
            ),
            StoreError::RunTaken | StoreError::SlotTaken { .. } | StoreError::LeaseLost => {
                ErrorPage::conflict(
                    "另一项操作刚刚完成，您的操作未生效。请重新打开页面。",
                    "Something else was recorded at the same moment; nothing was changed. Open the page again.",
                )
            }
            _ => ErrorPage::inside(&error),
        }
    }
}

impl From<RunError> for ErrorPage {
    fn from(error: RunError) -> ErrorPage {
        match error {
            RunError::Store(error) => error.into(),
            RunError::NumberNeeded { .. } => ErrorPage::refused(
                "这是公文，签发时必须填写发文字号。",
                "This is a 公文: it needs a document number to be signed off.",
            ),
            RunError::NoNumberYet { year } => ErrorPage::refused(
                format!("{year}年尚无文号记录，请填写本单位下一个文号。"),
                format!("No number of {year} is on record; give the office's next one."),
            ),
            RunError::Number(error) => ErrorPage::refused(
                "文号格式不对或年份不符。请写完整文号（如 荔街〔2016〕60号）或只写顺序号。",
                format!("The number is not valid: {error}."),
            ),
            RunError::DefinitionsChanged { .. } => ErrorPage::conflict(
                "口径或权重在编制之后已修改，数字会不同，因此不能签发。请退回此件，由经办重新编制。",
                "The definitions have changed since this draft was made, so its figures would too. Reject it; a clerk asks for a new run.",
            ),
            RunError::OtherDefinitions { .. } => ErrorPage::refused(
                "所选期次的口径与现在不同，不能比较，请另选。",
                "That run was made under other definitions and is not compared; choose another.",
            ),
            RunError::Future { .. } => {
                ErrorPage::refused("截止日期晚于今天，请改正。", "The last day is in the future; correct it.")
            }
            RunError::OutsideCampaign { first, last, .. } => ErrorPage::refused(
                format!("所选日期不在专项活动期间（{first} 至 {last}）内。"),
                format!("The period is outside the campaign ({first} to {last})."),
            ),
            RunError::Reversed { .. } => ErrorPage::reversed(),
            RunError::NothingFinished { .. } => {
                ErrorPage::refused("还没有可通报的完整日期。", "There is no finished day to report on yet.")
            }
            RunError::AmendedSectionGone { section } => ErrorPage::conflict(
                format!("修改过的“{section}”部分已不在文件中，因此不能签发。请经办恢复原文，或退回此件。"),
                format!(
                    "The amended section \"{section}\" is no longer in the document; a clerk takes its text back, or reject it."
                ),
            ),
            RunError::NotAmendable { .. } => ErrorPage::conflict(
                "已签发的文件不再改动，请另发更正件。",
                "A released document is never changed; issue a corrected one.",
            ),
            RunError::NoSuchReport { .. } => ErrorPage::not_found(),
            RunError::Source(_)
            | RunError::Template(_)
            | RunError::Font(_)
            | RunError::Pdf(_)
            | RunError::Picture(_)
            | RunError::Workbook(_)
            | RunError::Docx(_)
            | RunError::Message(_)
            | RunError::Amendment(_)
            | RunError::AmendedText(_)
            | RunError::TallyStopped
            | RunError::Output { .. }
            | RunError::NoSuchUnit { .. }
            | RunError::CodeLists { .. }
            | RunError::UnreadCodeLists
            | RunError::TooManyExceptions { .. }
            | RunError::RecordsWithoutKey { .. } => ErrorPage::inside(&error),
        }
    }
}
