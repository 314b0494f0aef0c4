//! Selects within selects, so that each expression is computed once a row.

use super::dialect::Dialect;

/// A select whose columns stand for expressions, or the expressions themselves where there is none.
pub(super) struct Layer {
    d: Dialect,
    from: String,
    columns: Option<Vec<String>>,
}

impl Layer {
    pub(super) fn new(d: Dialect, from: String, is_local: bool) -> Layer {
        Layer { d, from, columns: is_local.then(Vec::new) }
    }

    pub(super) fn bind(&mut self, name: &str, expression: String) -> String {
        let Some(columns) = &mut self.columns else { return expression };
        columns.push(format!("{expression} AS {name}"));
        name.to_owned()
    }

    /// As [`Layer::close`], without a layer where nothing was bound.
    pub(super) fn close_if_used(self, keep: &str) -> String {
        if self.columns.as_ref().is_some_and(Vec::is_empty) { self.from } else { self.close(keep) }
    }

    /// What stands behind FROM for the next layer.
    pub(super) fn close(self, keep: &str) -> String {
        match self.columns {
            None => self.from,
            Some(columns) => {
                let select = format!("SELECT {keep}{} FROM {}", columns.join(", "), self.from);
                format!("{} AS layer", self.d.fenced(&select))
            }
        }
    }
}
