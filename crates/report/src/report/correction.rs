//! The correction list as a table.

use std::borrow::Cow;

use super::cells::count;
use super::document::{Align, Cell, Column, Row, Table};
use super::words::{Words, fill};
use tongbao_config::settings::{Indicators, ReportLanguage};
use tongbao_figures::indicator::correction::CorrectionList;
use tongbao_figures::indicator::record_flags::RecordEvaluator;

/// One row a record: its key, what is missing, which relations fail, its unit where that is below the
/// one the list is for, and the masked number where the list has them.
pub fn table(list: &CorrectionList, indicators: &Indicators, language: ReportLanguage) -> Table {
    let words = Words::of(language);
    let evaluator = RecordEvaluator::new(indicators);
    let has_below = list.records.iter().any(|record| record.unit.is_some());
    let is_masked = list.records.iter().any(|record| record.masked_id.is_some());
    let heads = &words.corrections;
    let mut columns = vec![
        (words.heads.number, Align::Right),
        (heads.key, Align::Left),
        (heads.missing, Align::Left),
        (heads.failed, Align::Left),
    ];
    // Only where the list has records of units below.
    if has_below {
        columns.push((words.heads.unit, Align::Left));
    }
    if is_masked {
        columns.push((heads.masked_id, Align::Left));
    }
    let rows = list.records.iter().enumerate().map(|(i, record)| {
        let (missing, failed) = evaluator.defects(record.contribution(), record.own);
        let missing: Vec<&str> =
            missing.into_iter().map(|field| indicators.field_label(field, language)).collect();
        let failed: Vec<Cow<'_, str>> =
            failed.into_iter().map(|relation| words.relation_name(relation, indicators)).collect();
        let mut cells = vec![
            count(i as u64 + 1),
            Cell::text(record.key.as_str()),
            Cell::text(words.list(&missing)),
            Cell::text(words.list(&failed)),
        ];
        if has_below {
            cells.push(Cell::text(record.unit.clone().unwrap_or_default()));
        }
        if is_masked {
            cells.push(Cell::text(record.masked_id.clone().unwrap_or_default()));
        }
        Row { cells, ..Row::default() }
    });
    let omitted = (list.omitted > 0).then(|| fill(heads.omitted, &[&list.omitted.to_string()]));
    Table {
        columns: columns.into_iter().map(|(head, align)| Column { head: head.to_owned(), align }).collect(),
        rows: rows.collect(),
        note: omitted,
        ..Table::default()
    }
}
