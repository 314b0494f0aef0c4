//! Invented rented houses, enterprises and households, each with the columns of its preset and its own defects.

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::people::{GIVEN, SURNAMES, SamplePerson, Village, chance, id_number, pick, some};
use super::{SampleKind, SamplePlan, SampleTable};
use tongbao_register::uscc::{CHARACTERS, WEIGHTS};

/// Roster and register of what is no person; `None` for persons.
pub(super) fn register(kind: SampleKind) -> Option<(SampleTable, SampleTable)> {
    match kind {
        SampleKind::Persons => None,
        SampleKind::Houses => Some((
            ("roster", &["unit", "house_code"]),
            (
                "house",
                &[
                    "id",
                    "village_code",
                    "house_code",
                    "address",
                    "landlord",
                    "landlord_id",
                    "phone",
                    "house_use",
                    "area",
                    "state",
                    "tenants",
                    "let_on",
                    "registered_at",
                ],
            ),
        )),
        SampleKind::Enterprises => Some((
            ("roster", &["unit", "uscc"]),
            (
                "enterprise",
                &[
                    "id",
                    "village_code",
                    "uscc",
                    "name",
                    "representative",
                    "address",
                    "industry",
                    "phone",
                    "founded_on",
                    "state",
                    "closed_on",
                    "registered_at",
                ],
            ),
        )),
        SampleKind::Households => Some((
            ("roster", &["unit", "household_no"]),
            (
                "household",
                &[
                    "id",
                    "village_code",
                    "household_no",
                    "head",
                    "head_id",
                    "address",
                    "kind",
                    "members",
                    "moved_in_on",
                    "phone",
                    "registered_at",
                ],
            ),
        )),
    }
}

/// One thing of a village, with the register row and the roster entries.
pub(super) fn thing(
    kind: SampleKind,
    rng: &mut Rng,
    id: u64,
    village: &Village,
    plan: &SamplePlan,
) -> SamplePerson {
    let registered = registered_on(rng, plan);
    let (identity, mut values) = match kind {
        SampleKind::Enterprises => enterprise(rng, id, village, registered),
        SampleKind::Households => household(rng, id, village, registered),
        SampleKind::Persons | SampleKind::Houses => house(rng, id, village, registered),
    };
    let mut roster = Vec::new();
    if rng.u8(0..100) < 92 {
        roster.push(vec![some(&village.code), some(&identity)]);
    }
    if chance(rng, village.missed) {
        let (missing, _) = match kind {
            SampleKind::Enterprises => enterprise(rng, id + 5_000_000, village, registered),
            SampleKind::Households => household(rng, id + 5_000_000, village, registered),
            SampleKind::Persons | SampleKind::Houses => house(rng, id + 5_000_000, village, registered),
        };
        roster.push(vec![some(&village.code), some(missing)]);
    }
    if chance(rng, plan.defects * village.care) {
        spoil(rng, &mut values, &identity);
    }
    let mut row = vec![some(id.to_string()), some(&village.code)];
    row.extend(values);
    row.push(some(format!("{registered} {:02}:{:02}:00", rng.u8(8..18), rng.u8(0..60))));
    SamplePerson { row, roster }
}

fn registered_on(rng: &mut Rng, plan: &SamplePlan) -> Date {
    let days = plan.to.since(plan.from).map(|span| span.get_days()).unwrap_or(0);
    let offset = (rng.u32(0..=days as u32) + rng.u32(0..=days as u32)) / 2;
    plan.from + i64::from(offset).days()
}

type ThingRow = (String, Vec<Option<String>>);

fn house(rng: &mut Rng, id: u64, village: &Village, registered: Date) -> ThingRow {
    let code = format!("{}{id:07}", &village.code[6..]);
    let is_let = rng.u8(0..10) < 8;
    let tenants = if is_let { rng.u32(1..=6) } else { 0 };
    let area = 10 * tenants + rng.u32(20..90);
    let values = vec![
        some(&code),
        some(address(rng, village)),
        some(name(rng)),
        some(number(rng, id)),
        some(phone(rng)),
        some(pick(rng, &["1", "1", "1", "居住", "2", "4"])),
        some(area.to_string()),
        some(if is_let {
            pick(rng, &["1", "出租", "已出租"])
        } else {
            pick(rng, &["2", "空置", "3"])
        }),
        some(tenants.to_string()),
        is_let.then(|| (registered - i64::from(rng.u32(0..700)).days()).to_string()),
    ];
    (code, values)
}

fn enterprise(rng: &mut Rng, id: u64, village: &Village, registered: Date) -> ThingRow {
    let code = credit_code(id);
    let founded = registered - i64::from(rng.u32(30..7_000)).days();
    let is_closed = rng.u8(0..20) == 0;
    let trade = pick(rng, &["商贸", "五金", "餐饮", "服装", "物流", "建材"]);
    let values = vec![
        some(&code),
        some(format!("{}{}{trade}有限公司", &village.name, pick(rng, &GIVEN))),
        some(name(rng)),
        some(address(rng, village)),
        some(pick(rng, &["批发和零售业", "制造业", "住宿和餐饮业", "交通运输业"])),
        some(phone(rng)),
        some(founded.to_string()),
        some(if is_closed { "注销" } else { pick(rng, &["存续", "在业", "1"]) }),
        is_closed.then(|| (founded + 20.days()).to_string()),
    ];
    (code, values)
}

fn household(rng: &mut Rng, id: u64, village: &Village, registered: Date) -> ThingRow {
    let code = format!("H{}{id:06}", &village.code[9..]);
    let values = vec![
        some(&code),
        some(name(rng)),
        some(number(rng, id)),
        some(address(rng, village)),
        some(pick(rng, &["1", "家庭户", "1", "集体户"])),
        some(rng.u32(1..=7).to_string()),
        some((registered - i64::from(rng.u32(0..4_000)).days()).to_string()),
        some(phone(rng)),
    ];
    (code, values)
}

/// One defect: a blank, a value that is none of its type, or an identity written in another way.
fn spoil(rng: &mut Rng, values: &mut [Option<String>], identity: &str) {
    match rng.u8(0..10) {
        0..=5 => {
            let column = rng.usize(1..values.len());
            values[column] =
                if rng.bool() { None } else { some(pick(rng, &["无", "不详", "待补", "-", ""])) };
        }
        6 => {
            let column = rng.usize(1..values.len());
            values[column] = some("见登记本");
        }
        7 => values[0] = some(identity.to_lowercase()),
        8 => values[0] = None,
        _ => values[0] = some(full_width(identity)),
    }
}

fn full_width(text: &str) -> String {
    text.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)).collect()
}

fn name(rng: &mut Rng) -> String {
    format!("{}{}", pick(rng, &SURNAMES), pick(rng, &GIVEN))
}

fn number(rng: &mut Rng, id: u64) -> String {
    id_number("440125", date(1950, 1, 1) + i64::from(rng.u32(0..18_000)).days(), rng.bool(), id)
}

fn phone(rng: &mut Rng) -> String {
    format!("1380000{:04}", rng.u32(0..10_000))
}

fn address(rng: &mut Rng, village: &Village) -> String {
    format!("{}{}巷{}号", village.name, rng.u16(1..30), rng.u16(1..200))
}

/// A credit code with the right check character (GB 32100).
fn credit_code(id: u64) -> String {
    let body = format!("91440118{:09}", 300_000_000 + id);
    let values = body.bytes().map(|byte| CHARACTERS.iter().position(|known| *known == byte).unwrap_or(0));
    let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| value as u32 * weight).sum();
    format!("{body}{}", char::from(CHARACTERS[((31 - sum % 31) % 31) as usize]))
}
