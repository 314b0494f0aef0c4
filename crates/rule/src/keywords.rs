//! The words of the language: one English and one Chinese form each.

/// A word that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Or,
    And,
    Not,
    In,
    NotIn,
    Is,
    Filled,
    Blank,
    Valid,
    Between,
    Starts,
    With,
    StartsWith,
    Has,
    Form,
    HasForm,
    SameDivision,
    Age,
    Months,
    Days,
    Length,
    Rest,
    Unit,
    RegisteredOn,
    CutOff,
    Province,
    City,
    County,
    Yes,
    No,
}

/// The canonical form is the first with its keyword.
const WORDS: [(&str, Keyword); 55] = [
    ("or", Keyword::Or),
    ("或", Keyword::Or),
    ("and", Keyword::And),
    ("和", Keyword::And),
    ("not", Keyword::Not),
    ("不", Keyword::Not),
    ("in", Keyword::In),
    ("属于", Keyword::In),
    ("不属于", Keyword::NotIn),
    ("is", Keyword::Is),
    ("为", Keyword::Is),
    ("filled", Keyword::Filled),
    ("已填", Keyword::Filled),
    ("blank", Keyword::Blank),
    ("未填", Keyword::Blank),
    ("valid", Keyword::Valid),
    ("有效", Keyword::Valid),
    ("between", Keyword::Between),
    ("介于", Keyword::Between),
    ("starts", Keyword::Starts),
    ("with", Keyword::With),
    ("开头为", Keyword::StartsWith),
    ("has", Keyword::Has),
    ("form", Keyword::Form),
    ("形如", Keyword::HasForm),
    ("same_division", Keyword::SameDivision),
    ("同一区划", Keyword::SameDivision),
    ("age", Keyword::Age),
    ("周岁", Keyword::Age),
    ("months", Keyword::Months),
    ("月数", Keyword::Months),
    ("days", Keyword::Days),
    ("天数", Keyword::Days),
    ("length", Keyword::Length),
    ("字数", Keyword::Length),
    ("rest", Keyword::Rest),
    ("其余", Keyword::Rest),
    ("unit", Keyword::Unit),
    ("所属单位", Keyword::Unit),
    ("registered_on", Keyword::RegisteredOn),
    ("登记日期", Keyword::RegisteredOn),
    ("cut_off", Keyword::CutOff),
    ("截止日", Keyword::CutOff),
    ("province", Keyword::Province),
    ("省", Keyword::Province),
    ("city", Keyword::City),
    ("市", Keyword::City),
    ("county", Keyword::County),
    ("县", Keyword::County),
    ("yes", Keyword::Yes),
    ("是", Keyword::Yes),
    ("no", Keyword::No),
    ("否", Keyword::No),
    ("与", Keyword::And),
    ("且", Keyword::And),
];

/// The keyword that a word is, if it is one.
pub(super) fn keyword(word: &str) -> Option<Keyword> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, keyword)| *keyword)
}

/// Whether a name would be read as a word of the language.
pub(super) fn is_keyword(name: &str) -> bool {
    keyword(name).is_some()
}

/// Every word, to be searched for one that is near.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}
