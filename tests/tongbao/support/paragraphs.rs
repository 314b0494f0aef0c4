//! Paragraphs of marks, numbers and words in any order, for the laws of line breaking.

const PIECES: [&str; 24] = [
    "登记",
    "核查",
    "，",
    "。",
    "；",
    "“",
    "”",
    "（",
    "）",
    "《",
    "》",
    "——",
    "……",
    "84.99%",
    "2016年6月12日",
    "〔2016〕52号",
    "PDF",
    "1,234",
    "、",
    "·",
    "人口信息库",
    "第3期",
    "鉷㙍堃",
    "12345人",
];

/// A paragraph of up to eighty pieces.
pub fn paragraph(rng: &mut fastrand::Rng) -> String {
    (0..rng.usize(1..80)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect()
}
