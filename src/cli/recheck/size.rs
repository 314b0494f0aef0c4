//! Proposes how many records of a unit to look at.

use std::process::ExitCode;
use tongbao_message::{Worded, message};

use serde_json::json;

use super::super::failure::CommandFailure;
use super::super::{Context, print_json};
use super::SizeArguments;
use crate::indicator::recheck::{MOST_CHECKED, error_interval, errors_expected, sample_size};

/// Finer than this takes more records than anybody looks at.
const FINEST: u32 = 100;

pub(super) fn execute(context: &Context, arguments: &SizeArguments) -> Result<ExitCode, CommandFailure> {
    let SizeArguments { precision, expecting } = arguments;
    if *precision < FINEST {
        return Err(CommandFailure::Usage(message!("precision-is-finer-than")));
    }
    let Some(size) = sample_size(*expecting, *precision) else {
        return Err(CommandFailure::Usage(message!("precision-needs-too-many", most = MOST_CHECKED)));
    };
    let errors = errors_expected(*expecting, size);
    let (low, high) = error_interval(errors, size).unwrap_or_default();
    if context.is_json() {
        let interval = json!([points(low), points(high)]);
        return print_json(&json!({ "size": size, "errors": errors, "interval": interval }));
    }
    let (low, high) = (points(low), points(high));
    context.say_line(message!("check-so-many-records", size, errors, low, high))?;
    Ok(ExitCode::SUCCESS)
}

/// Hundredths of a per cent as per cent.
fn points(parts: u32) -> String {
    format!("{}.{:02}%", parts / 100, parts % 100)
}

/// What is no percentage up to 50.
#[derive(Debug, thiserror::Error, Worded)]
pub(super) struct HalfPercentageError;

/// Per cent of at most two decimals, in hundredths of a per cent.
pub(super) fn percent(text: &str) -> Result<u32, HalfPercentageError> {
    let number = text.trim().trim_end_matches(['%', '％']);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let parts = (is_number(whole) && is_number(decimals) && decimals.len() <= 2)
        .then(|| format!("{whole}{decimals:0<2}").parse::<u32>().ok())
        .flatten();
    parts.filter(|parts| *parts <= 5_000).ok_or(HalfPercentageError)
}
