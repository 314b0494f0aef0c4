//! The filters that templates have besides Tera's own.

use tera::{Kwargs, State, Tera, TeraResult};

use tongbao_config::settings::ReportLanguage;
use tongbao_report::report::wording::{chinese_number, counted};
use tongbao_report::report::words::Words;

/// `n | chinese_number`: 十一. English only: `n | counted(of="records")`: "1 record", with the plural given;
/// `texts | listed`: "a, b and c", blank texts left out; `text | upper_first`, the rest as it is.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("chinese_number", |n: u64, _: Kwargs, _: &State| chinese_number(n));
    tera.register_filter("counted", |n: u64, names: Kwargs, _: &State| -> TeraResult<String> {
        Ok(counted(n, names.must_get::<&str>("of")?))
    });
    tera.register_filter("listed", |texts: Vec<String>, _: Kwargs, _: &State| listed(&texts));
    tera.register_filter("upper_first", |text: &str, _: Kwargs, _: &State| upper_first(text));
}

fn listed(texts: &[String]) -> String {
    let texts: Vec<&str> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    Words::of(ReportLanguage::English).list(&texts)
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_a_list_and_a_sentence() {
        let texts = ["to fill", "", " to check ", "to finish"].map(str::to_owned);
        assert_eq!(listed(&texts), "to fill, to check and to finish");
        assert_eq!(upper_first("repeated ID numbers"), "Repeated ID numbers");
    }

    #[test]
    fn headings_count_in_chinese() {
        assert_eq!([1, 10, 11, 20, 21].map(chinese_number), ["一", "十", "十一", "二十", "二十一"]);
    }
}
