//! What a misspelt name was meant to be.

/// The name nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        // Where every character is another one, nothing of the name was meant.
        .filter(|(distance, name)| *distance < name.chars().count().max(wrong.chars().count()))
        .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
