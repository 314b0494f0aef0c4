//! Which of a few kinds a value is of: 0 not filled, 1 neither, 2 the first, 3 the second.

/// The kind of a value, as SQL.
#[derive(Clone)]
pub(super) enum SqlKind {
    /// An expression of it.
    Column(String),
    /// Values of no other kind than 2, 3 and 0, and the conditions of the first two; otherwise it is 0.
    Sorted { first: String, filled: String },
    /// Of this kind alone.
    Known(u8),
}

impl SqlKind {
    /// What is to be computed of values of each kind that is known, by one look at each value.
    pub(super) fn sorted(&self, of: impl Fn(SqlKind) -> String) -> String {
        let SqlKind::Sorted { first, filled } = self else { return of(self.clone()) };
        let [none, of_first, of_second] = [0, 2, 3].map(|kind| of(SqlKind::Known(kind)));
        format!("CASE WHEN {first} THEN {of_first} WHEN {filled} THEN {of_second} ELSE {none} END")
    }

    /// Condition: of this kind.
    pub(super) fn is(&self, kind: u8) -> String {
        match self {
            SqlKind::Known(known) => if *known == kind { "TRUE" } else { "FALSE" }.to_owned(),
            _ => format!("{} = {kind}", self.expression()),
        }
    }

    /// One expression for values of a kind, and one for all others.
    pub(super) fn when(&self, kind: u8, then: impl ToString, otherwise: impl ToString) -> String {
        match self {
            SqlKind::Known(known) if *known == kind => then.to_string(),
            SqlKind::Known(_) => otherwise.to_string(),
            SqlKind::Sorted { filled, .. } if kind == 0 => {
                format!("CASE WHEN {filled} THEN {} ELSE {} END", otherwise.to_string(), then.to_string())
            }
            _ => format!(
                "CASE {} WHEN {kind} THEN {} ELSE {} END",
                self.expression(),
                then.to_string(),
                otherwise.to_string()
            ),
        }
    }

    /// One expression for each kind.
    pub(super) fn case(&self, arms: [String; 4]) -> String {
        if let SqlKind::Known(known) = self {
            return arms.into_iter().nth(usize::from(*known)).unwrap_or_default();
        }
        let [none, neither, first, second] = arms;
        format!(
            "CASE {} WHEN 0 THEN {none} WHEN 1 THEN {neither} WHEN 2 THEN {first} ELSE {second} END",
            self.expression()
        )
    }

    fn expression(&self) -> String {
        match self {
            SqlKind::Column(column) => column.clone(),
            SqlKind::Sorted { .. } => self.sorted(|kind| kind.expression()),
            SqlKind::Known(kind) => kind.to_string(),
        }
    }
}

/// The first of these values whose condition is true. Conditions that are decided are left out.
pub(super) fn first_of(cases: &[(String, u32)], otherwise: u32) -> String {
    let mut arms = String::new();
    for (condition, value) in cases.iter().filter(|(condition, _)| condition != "FALSE") {
        if condition == "TRUE" {
            return ended(&arms, *value);
        }
        arms.push_str(&format!(" WHEN {condition} THEN {value}"));
    }
    ended(&arms, otherwise)
}

fn ended(arms: &str, otherwise: u32) -> String {
    match arms.is_empty() {
        true => otherwise.to_string(),
        false => format!("CASE{arms} ELSE {otherwise} END"),
    }
}
