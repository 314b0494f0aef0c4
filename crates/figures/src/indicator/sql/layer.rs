//! Selects within selects, so that each expression is computed once a row. Each of them has the columns that those
//! above it read and no others, since a database may write every one of its rows down.

use std::collections::BTreeSet;

use super::dialect::Dialect;

/// What stands after FROM: a table, and the selects around it, innermost first.
#[derive(Debug, Clone)]
pub(super) struct Layers {
    d: Dialect,
    table: String,
    selects: Vec<InnerSelect>,
}

#[derive(Debug, Clone, Default)]
struct InnerSelect {
    /// Names and expressions.
    columns: Vec<(String, String)>,
    /// What the select below is joined with.
    join: String,
    /// Whether its expressions are computed wherever they are read, which costs MariaDB less than to write them down.
    is_transparent: bool,
}

/// A select whose columns stand for expressions, or the expressions themselves where there is none.
pub(super) struct Layer {
    below: Layers,
    columns: Option<Vec<(String, String)>>,
}

impl Layer {
    pub(super) fn new(below: Layers, is_bound: bool) -> Layer {
        Layer { below, columns: is_bound.then(Vec::new) }
    }

    /// The name of a column that stands for an expression.
    pub(super) fn bind(&mut self, name: &str, expression: String) -> String {
        let Some(columns) = &mut self.columns else { return expression };
        debug_assert!(
            !columns.iter().any(|(own, _)| own == name) && !self.below.binds(name),
            "{name} stands for two"
        );
        columns.push((name.to_owned(), expression));
        name.to_owned()
    }

    /// What stands after FROM for the next layer.
    pub(super) fn close(self) -> Layers {
        let Layer { mut below, columns } = self;
        below.selects.extend(columns.map(|columns| InnerSelect { columns, ..InnerSelect::default() }));
        below
    }

    /// The same for a layer that the next reads once or twice and none above it.
    pub(super) fn close_transparent(self) -> Layers {
        let mut layers = self.close();
        layers.selects.iter_mut().next_back().into_iter().for_each(|select| select.is_transparent = true);
        layers
    }
}

impl Layers {
    pub(super) fn over(d: Dialect, table: String) -> Layers {
        Layers { d, table: d.from(&table, &table), selects: Vec::new() }
    }

    /// Whether a name stands for an expression: one more of that name would stand for both.
    fn binds(&self, name: &str) -> bool {
        self.selects.iter().flat_map(|select| &select.columns).any(|(own, _)| own == name)
    }

    /// With one column more, of a table that is joined.
    pub(super) fn joined(mut self, name: String, expression: String, join: String) -> Layers {
        debug_assert!(!self.binds(&name), "{name} stands for two");
        self.selects.push(InnerSelect { columns: vec![(name, expression)], join, is_transparent: false });
        self
    }

    /// What stands after FROM, with the columns that `above` reads.
    pub(super) fn read_by(&self, above: &str) -> String {
        let mut read = names_in(above);
        let mut selects = Vec::new();
        for (at, select) in self.selects.iter().enumerate().rev() {
            let (own, others): (BTreeSet<String>, BTreeSet<String>) =
                read.into_iter().partition(|name| select.columns.iter().any(|(own, _)| own == name));
            let below = || self.selects[..at].iter().flat_map(|select| &select.columns);
            let mut columns: Vec<String> =
                others.into_iter().filter(|name| below().any(|(bound, _)| bound == name)).collect();
            read = columns.iter().cloned().chain(names_in(&select.join)).collect();
            for (name, expression) in select.columns.iter().filter(|(name, _)| own.contains(name)) {
                read.extend(names_in(expression));
                columns.push(format!("{expression} AS {name}"));
            }
            if own.is_empty() {
                continue;
            }
            selects.push((columns.join(", "), select));
        }
        let from = selects.iter().rev().fold(
            self.table.clone(),
            |from, (columns, InnerSelect { join, is_transparent, .. })| {
                let from = self.d.from(&from, &format!("{columns}{join}"));
                let select = format!("SELECT {columns} FROM {from}{join}");
                let is_open = *is_transparent && self.d == Dialect::MariaDb;
                format!("{} AS layer", if is_open { format!("({select})") } else { self.d.fenced(&select) })
            },
        );
        self.d.from(&from, above)
    }
}

/// The words of an expression that may name columns, without those between quotes.
fn names_in(expression: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut quote = None;
    for part in expression.split_inclusive(['\'', '"', '`']) {
        let end = part.chars().next_back().filter(|c| matches!(c, '\'' | '"' | '`'));
        if quote.is_none() {
            let words = part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            names.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
            quote = end;
        } else if end == quote {
            quote = None;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Layers {
        let mut layer = Layer::new(Layers::over(Dialect::MariaDb, "t".to_owned()), true);
        layer.bind("a", "`x`".to_owned());
        layer.bind("b", "`y`".to_owned());
        layer.bind("c", "`z`".to_owned());
        let mut layer = Layer::new(layer.close(), true);
        layer.bind("e", "length(a)".to_owned());
        layer.bind("f", "length(c)".to_owned());
        layer.close()
    }

    #[test]
    fn a_layer_has_the_columns_that_are_read_above_it() {
        let limit = "LIMIT 18446744073709551615";
        let below = format!("(SELECT `x` AS a, `y` AS b FROM t {limit}) AS layer");
        assert_eq!(
            layers().read_by("b + e + 'f'"),
            format!("(SELECT b, length(a) AS e FROM {below} {limit}) AS layer")
        );
        assert_eq!(layers().read_by("b + a + `c`"), below);
    }

    #[test]
    fn what_is_joined_reads_its_column() {
        let joined = layers().joined("v".to_owned(), "l.v".to_owned(), " JOIN l ON l.k = layer.c".to_owned());
        let limit = "LIMIT 18446744073709551615";
        assert_eq!(
            joined.read_by("v"),
            format!(
                "(SELECT l.v AS v FROM (SELECT `z` AS c FROM t {limit}) AS layer JOIN l ON l.k = layer.c {limit}) AS layer"
            )
        );
    }
}
