//! How many pages a document takes, and what stands on them.

use tongbao::layout::chart::drawing;
use tongbao::layout::page::PageItem;
use tongbao::layout::table::parts::in_parts;
use tongbao::report::document::{Align, Cell, Column, Table};

use super::*;

fn english_settings() -> Settings {
    let mut settings = english(&settings());
    settings.campaign.issuer = "Licheng Sub-district Office".to_owned();
    settings.campaign.name = "2016 Migrant Population Campaign".to_owned();
    settings.campaign.title = settings.campaign.name.clone();
    settings.campaign.basis =
        Some("the Notice on the 2016 Migrant Population Campaign (LJ [2016] No. 52)".to_owned());
    settings.campaign.addressee = "All villages, communities and departments".to_owned();
    settings
}

#[test]
fn english_documents_of_three_units_waste_no_pages() {
    let settings = english_settings();
    let both = results(&settings, &campaign(3, |i| format!("第{i}")));
    for (report, most) in [("weekly", 6), ("ranking", 6), ("acceptance", 8)] {
        let paper = document(&settings, report, &both);
        let pages = tongbao::layout::compose::compose(&paper, &*FONTS).unwrap();
        assert!(pages.pages.len() <= most, "{} pages of {report}", pages.pages.len());
        // The blank items have a dozen columns, of short words.
        assert!(pages.turned.iter().all(|turned| !turned), "{report}");
    }
}

/// Of an office with an English name, and of one whose name, notice and addressees are Chinese. With the course of
/// three issues the text of a bulletin of three units ends on a page more.
#[test]
fn an_english_bulletin_keeps_to_its_pages() {
    for settings in [english_settings(), english(&settings())] {
        for (units, most) in BULLETIN_PAGES {
            let both = results(&settings, &campaign(units, |i| format!("第{i}")));
            let count = |paper: &Document| sheets(&written(paper)).unwrap().len();
            let report = &settings.reports["weekly"];
            let issue = Issue { date: NOW.to, number: Some("第2期".into()), ..Issue::default() };
            let second = compose(&settings, report, &both[1], &trend([&both[0], &both[1]])[1..], &issue);
            let second = count(&TEMPLATES.document(report, &second).unwrap());
            let issuer = &settings.campaign.issuer;
            assert!(second <= most, "{second} pages for {units} units of {issuer}");
            let third = count(&document(&settings, "weekly", &both));
            assert!(third <= most + usize::from(units == 3), "{third} pages for {units} units of {issuer}");
        }
    }
}

/// Long names, units of every sort, own targets: what does not fit gives way.
#[test]
fn a_summary_has_one_page() {
    let mut settings = settings();
    settings.scoring.vetoes = vec![Veto {
        indicator: Indicator::Coverage,
        below: Target(num_rational::Ratio::new(1, 2)),
        reason: "覆盖率低于50%".into(),
    }];
    let long = |i: usize| format!("第{i}来穗人员服务管理出租屋网格化综合治理联合示范");
    for (name, units) in [(&(|i| format!("第{i}")) as &dyn Fn(usize) -> String, 37), (&long, 37), (&long, 6)]
    {
        let mut list = campaign(units, name);
        if units > 30 {
            list[25..36].iter_mut().for_each(|unit| unit.weeks = [[0; 3]; 2].map(counts_of));
            (list[36].expected, list[36].weeks) = (0, [[0; 3]; 2].map(counts_of));
        }
        for settings in [settings.clone(), english(&settings)] {
            let [_, now] = results(&settings, &list);
            let (document, pages) = summary(&settings, &now);
            assert_eq!(pages.pages.len(), 1, "{units} units, {}: {}", name(0), text(&document));
        }
    }
}

/// A line at the upper edge of a plot, with its marks, is clear of the note above it.
#[test]
fn the_note_of_a_scale_stands_clear_of_a_line_at_the_top() {
    let settings = settings();
    let list: Vec<Made> = (0..10)
        .map(|i| made(&i.to_string(), &format!("第{i}村"), "村", None, 40, [[30; 3], [10; 3]]))
        .collect();
    let paper = document(&settings, "weekly", &results(&settings, &list));
    let chart = paper.blocks.iter().find_map(|block| match block {
        Block::Chart(chart) => Some(chart),
        _ => None,
    });
    let page = drawing(chart.unwrap(), &*FONTS, 156.0).unwrap();
    let note = page.items.iter().find_map(|item| match item {
        PageItem::Text { baseline, glyphs, .. } if glyphs.iter().any(|(c, _, _)| *c == '纵') => {
            Some(*baseline)
        }
        _ => None,
    });
    let grid = page.items.iter().filter_map(|item| match item {
        PageItem::Line { from, to, .. } if from.1 == to.1 => Some(from.1),
        _ => None,
    });
    let top = grid.fold(f32::MAX, f32::min);
    // Half a mark of 0.8 mm, and the tails of letters.
    assert!(top - note.unwrap() > 1.6, "the note's letters stand {} mm above the line", top - note.unwrap());
}

/// Fifteen items with long English heads: even a turned page would divide them within words.
#[test]
fn a_table_that_no_page_is_wide_enough_for_stands_in_parts() {
    let settings = english(&settings());
    let mut paper =
        document(&settings, "acceptance", &results(&settings, &campaign(5, |i| format!("第{i}"))));
    let heads = [
        "Employer or school",
        "Education",
        "Telephone number",
        "Reason of residence",
        "Relationship to head of household",
        "Rental contract registration number",
    ];
    let blank_items = |block: &&mut Block| matches!(block, Block::Table(table) if table.columns.len() == 12);
    let Some(Block::Table(wide)) = paper.blocks.iter_mut().find(blank_items) else { panic!("no such table") };
    wide.columns.extend(heads.map(|head| Column { head: head.to_owned(), align: Align::Right }));
    wide.rows.iter_mut().for_each(|row| row.cells.extend((0..heads.len()).map(|_| Cell::text("0"))));
    let note = wide.note.clone();
    let divided = in_parts(&paper, &*FONTS);
    let parts: Vec<&Table> = divided
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Table(table) if table.columns.iter().any(|column| heads.contains(&&*column.head)) => {
                Some(table)
            }
            _ => None,
        })
        .collect();
    // One part of former columns alone stands above them.
    assert_eq!(divided.blocks.len(), paper.blocks.len() + parts.len(), "{parts:#?}");
    assert!(
        parts
            .iter()
            .all(|part| part.columns[1].head == "Unit" && part.rows[0].cells.len() == part.columns.len())
    );
    assert_eq!(parts.last().unwrap().note, note);
    let pages = tongbao::layout::compose::compose(&paper, &*FONTS).unwrap();
    assert!(pages.turned.iter().all(|turned| !turned), "{:?}", pages.turned);
    let lines: Vec<String> = pages.pages.iter().flat_map(|page| &page.items).filter_map(printed).collect();
    for word in heads.iter().flat_map(|head| head.split(' ')) {
        assert!(lines.iter().any(|line| line.split(' ').any(|printed| printed == word)), "{word}: {lines:?}");
    }
}

fn printed(item: &PageItem) -> Option<String> {
    match item {
        PageItem::Text { glyphs, .. } => Some(glyphs.iter().map(|(c, _, _)| *c).collect()),
        _ => None,
    }
}
