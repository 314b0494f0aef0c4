//! Persons beside the lists for MariaDB, which joins two long selects by an index of a table on disk: six times as dear
//! as one sort of both together, after which each person has what its records and the lists say of it.

use super::dialect::Dialect;
use super::person::is_own;
use tongbao_config::settings::Rosters;

/// MariaDB's named selects from the records (`persons`) and the entries of each roster (`listing_N`) on: `listed`, `lists`,
/// `found` and `known` as on other servers, made of
///
/// - `everyone`: each person once, with the first day and the lowest and highest home of its records, and its home and
///   number of entries in each list;
/// - `further`: the few with records under several homes, whose records are looked at once more.
pub(super) fn of_lists(d: Dialect, rosters: usize, names: &Rosters, is_tree: bool) -> Vec<String> {
    let lists = names.lists().max(rosters);
    let known = (names.reconciled() > 0).then(|| named("known", lists, known));
    let common = [
        d.once("everyone", &everyone(d, rosters, lists)),
        d.once("several", "SELECT * FROM everyone WHERE low <> high"),
        d.once("further", &further(lists, is_tree)),
        named("listed", rosters, |list| {
            let columns = format!("{list} AS roster, person, home_{list} AS home, times_{list} AS times");
            format!("SELECT {columns} FROM everyone WHERE home_{list} IS NOT NULL")
        }),
        named("lists", lists, |list| {
            let columns = format!("{list} AS roster, person, home_{list} AS home");
            format!("SELECT {columns} FROM everyone WHERE home_{list} IS NOT NULL")
        }),
        named("found", lists, |list| found(list, is_tree)),
    ];
    common.into_iter().chain(known).collect()
}

/// A named select of what is said of each list.
fn named(name: &str, lists: usize, of_list: impl Fn(usize) -> String) -> String {
    let all: Vec<String> = (0..lists).map(of_list).collect();
    format!("{name} AS ({})", all.join(" UNION ALL "))
}

fn everyone(d: Dialect, rosters: usize, lists: usize) -> String {
    let records = "SELECT person, day, home, NULL AS roster, NULL AS listed FROM persons";
    let entries = |list: usize| {
        format!(
            " UNION ALL SELECT person, NULL, NULL, {list}, home FROM listing_{list} WHERE person IS NOT NULL"
        )
    };
    let of_list = |list: usize| {
        let is_listed = format!("CASE WHEN roster = {list} THEN");
        // Listed under two units: the person belongs to the lower code.
        format!(", min({is_listed} listed END) AS home_{list}, count({is_listed} 1 END) AS times_{list}")
    };
    let from: String = (0..rosters).map(entries).collect();
    let columns: String = (0..rosters).map(of_list).collect();
    let grouped = format!(
        "{} person, min(day) AS day, min(home) AS low, max(home) AS high{columns} \
         FROM ({records}{from}) AS both_sides GROUP BY person",
        d.select_groups()
    );
    if lists == rosters {
        return grouped;
    }
    // Listed by several: the person belongs to the unit of the first that knows the unit.
    let knowing = (0..rosters).map(|list| format!("nullif(home_{list}, '1')"));
    let any = (0..rosters).map(|list| format!("home_{list}"));
    let together: Vec<String> = knowing.chain(any).collect();
    format!("SELECT *, coalesce({}) AS home_{rosters} FROM ({grouped}) AS by_list", together.join(", "))
}

fn further(lists: usize, is_tree: bool) -> String {
    let of_list = |list: usize| {
        let own = is_own("persons.home", &format!("home_{list}"), is_tree);
        format!(", min(home_{list}) AS home_{list}, min(CASE WHEN {own} THEN persons.day END) AS own_{list}")
    };
    let columns: String = (0..lists).map(of_list).collect();
    // Read in this order: each record asks for its person among the few, not the few among all records.
    format!(
        "SELECT several.person AS person, min(several.day) AS day, \
         min(CASE WHEN occurrence = 1 THEN persons.home END) AS first_home{columns} \
         FROM persons STRAIGHT_JOIN several ON several.person = persons.person GROUP BY several.person"
    )
}

/// Persons of a list who are in the register: the day of their first record, and of the first under their own unit.
fn found(list: usize, is_tree: bool) -> String {
    let own = is_own("low", &format!("home_{list}"), is_tree);
    format!(
        "SELECT {list} AS roster, home_{list} AS home, day, CASE WHEN {own} THEN day END AS own FROM everyone \
         WHERE home_{list} IS NOT NULL AND low = high \
         UNION ALL SELECT {list}, home_{list}, day, own_{list} FROM further WHERE home_{list} IS NOT NULL"
    )
}

/// The same persons with the home of their own record.
fn known(list: usize) -> String {
    format!(
        "SELECT {list} AS roster, low AS home, day FROM everyone WHERE home_{list} IS NOT NULL AND low = high \
         UNION ALL SELECT {list}, first_home, day FROM further WHERE home_{list} IS NOT NULL"
    )
}
