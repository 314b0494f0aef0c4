//! From the file as written to settings that can be relied on. All problems are collected.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use num_rational::Ratio;

use super::raw::*;
use super::settings::*;
use super::{Loaded, Place, locate, values};
use crate::digest::sha256;
use crate::indicator::rate::Target;
use crate::register::field::Field;

/// Values that count as blank unless a field has its own list.
pub const PLACEHOLDERS: [&str; 16] = [
    "无",
    "不详",
    "未知",
    "未说明",
    "空",
    "暂无",
    "待补",
    "-",
    "—",
    "/",
    "0",
    "9",
    "90",
    "NULL",
    "N/A",
    "none",
];

/// Collects problems with their places.
struct Check<'a> {
    place: &'a Place<'a>,
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Check<'_> {
    fn fail(&mut self, path: &str, message: impl AsRef<str>) {
        self.problems.push(self.place.of_path(path, message.as_ref()));
    }

    fn warn(&mut self, path: &str, message: impl AsRef<str>) {
        self.warnings.push(self.place.of_path(path, message.as_ref()));
    }

    fn keep<T>(&mut self, path: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.fail(path, message)).ok()
    }
}

/// Validates everything; the problems name file, line and column.
pub(super) fn settings(raw: &RawConfig, place: &Place) -> Result<Loaded, Vec<String>> {
    let mut check = Check { place, problems: Vec::new(), warnings: Vec::new() };
    let campaign = campaign(&raw.campaign, &mut check);
    let source = source(&raw.source, &mut check);
    let indicators = indicators(raw, &mut check);
    let scoring = scoring(&raw.scoring, &mut check);
    let ranking = ranking(&raw.ranking, &mut check);
    let recipients = recipients(raw, &mut check);
    let phases = campaign.as_ref().map(|c| c.phases.clone()).unwrap_or_default();
    let reports = reports(raw, &phases, &mut check);
    let smtp = raw.smtp.as_ref().and_then(|smtp| mail_server(smtp, &mut check));
    let guards = guards(&raw.guards, &mut check);
    let Check { problems, warnings, .. } = check;
    match (campaign, source, indicators, scoring, ranking, guards) {
        (Some(campaign), Some(source), Some(indicators), Some(scoring), Some(ranking), Some(guards))
            if problems.is_empty() =>
        {
            let settings = Settings {
                campaign,
                source,
                indicators,
                scoring,
                ranking,
                reports,
                recipients,
                smtp,
                state_dir: PathBuf::from(&raw.state.dir),
                guards,
                fonts: fonts(&raw.fonts),
                templates_dir: PathBuf::from(&raw.templates.dir),
                hash: hash(raw),
            };
            Ok(Loaded { settings, warnings })
        }
        _ => Err(problems),
    }
}

fn campaign(raw: &RawCampaign, check: &mut Check) -> Option<Campaign> {
    for (path, text) in [("campaign.name", &raw.name), ("campaign.issuer", &raw.issuer)] {
        if text.trim().is_empty() {
            check.fail(path, "is blank");
        }
    }
    let time_zone = TimeZone::get(&raw.time_zone).map_err(|_| unknown_zone(&raw.time_zone));
    let time_zone = check.keep("campaign.time_zone", time_zone);
    let phases = phases(&raw.phases, check);
    Some(Campaign {
        name: raw.name.trim().to_owned(),
        issuer: raw.issuer.trim().to_owned(),
        number_prefix: raw.number_prefix.clone(),
        addressee: raw.addressee.trim().trim_end_matches(['：', ':']).to_owned(),
        copy_to: raw.copy_to.clone(),
        basis: raw.basis.clone(),
        time_zone: time_zone?,
        time_zone_name: raw.time_zone.clone(),
        phases: phases?,
    })
}

fn unknown_zone(name: &str) -> String {
    let zones: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let meant = locate::nearest(name, zones.iter().map(String::as_str));
    let meant = meant.map(|zone| format!("; did you mean \"{zone}\"?")).unwrap_or_default();
    format!("there is no time zone \"{name}\"{meant}")
}

fn range(path: &str, from: &RawDate, to: &RawDate, check: &mut Check) -> Option<(Date, Date)> {
    let from = check.keep(path, values::day(from))?;
    let to = check.keep(path, values::day(to))?;
    if from > to {
        check.fail(path, format!("{from} lies after {to}; exchange from and to"));
        return None;
    }
    Some((from, to))
}

fn phases(raw: &[RawPhase], check: &mut Check) -> Option<Vec<Phase>> {
    let mut phases: Vec<Phase> = Vec::new();
    for (i, phase) in raw.iter().enumerate() {
        let path = format!("campaign.phases.{i}");
        let (from, to) = range(&path, &phase.from, &phase.to, check)?;
        if let Some(before) = phases.last().filter(|before| before.to >= from) {
            let problem = format!(
                "phase {} begins on {from}, but {} lasts until {}; phases must not overlap and come in order",
                phase.name, before.name, before.to
            );
            check.fail(&path, problem);
        }
        phases.push(Phase { name: phase.name.clone(), from, to });
    }
    Some(phases)
}

fn source(raw: &RawSource, check: &mut Check) -> Option<Source> {
    let url = database_url(raw, check);
    let timeout = check.keep("source.timeout", values::duration(&raw.timeout));
    if raw.batch_rows == 0 {
        check.fail("source.batch_rows", "must be at least 1");
    }
    let register = register(&raw.register, check);
    let units = dataset("source.units", &raw.units.table, &raw.units.query, Some("unit"), check);
    let column = |name: &str| (!name.trim().is_empty()).then(|| name.to_owned());
    let roster = raw.roster.as_ref().map(|roster| {
        let dataset = dataset("source.roster", &roster.table, &roster.query, Some("roster"), check)?;
        Some(RosterSource { dataset, unit: roster.unit.clone(), id_number: roster.id_number.clone() })
    });
    let baseline = raw.baseline.as_ref().map(|baseline| baseline_source(baseline, check));
    Some(Source {
        url: url?,
        timeout: timeout?,
        batch_rows: raw.batch_rows,
        register: register?,
        units: UnitsSource {
            dataset: units?,
            code: raw.units.code.clone(),
            name: raw.units.name.clone(),
            kind: column(&raw.units.kind),
            parent: column(&raw.units.parent),
        },
        roster: transpose(roster)?,
        baseline: transpose(baseline)?,
    })
}

/// `Some(None)` is a part that is there but wrong.
fn transpose<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(None) => None,
        Some(Some(value)) => Some(Some(value)),
        None => Some(None),
    }
}

fn database_url(raw: &RawSource, check: &mut Check) -> Option<DatabaseUrl> {
    let text = match (&raw.url, &raw.url_file) {
        (Some(url), None) => url.clone(),
        (None, Some(file)) => check.keep("source.url_file", secret(file))?,
        (Some(_), Some(_)) => {
            check.fail("source.url_file", "give url or url_file, not both");
            return None;
        }
        (None, None) => {
            check.fail("source", "the database is missing: set url, e.g. \"sqlite:register.db\"");
            return None;
        }
    };
    let url = DatabaseUrl::new(text.trim());
    if url.kind().is_none() {
        check.fail("source.url", "unknown kind of database; begin with sqlite:, postgres:// or mysql://");
        return None;
    }
    Some(url)
}

/// Reads a secret from its file, without the line end.
fn secret(file: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn dataset(
    path: &str,
    table: &Option<String>,
    query: &Option<String>,
    default: Option<&str>,
    check: &mut Check,
) -> Option<Dataset> {
    match (table, query, default) {
        (Some(table), None, _) if !table.trim().is_empty() => Some(Dataset::Table(table.trim().to_owned())),
        (None, Some(query), _) if !query.trim().is_empty() => Some(Dataset::Query(query.trim().to_owned())),
        (Some(_), Some(_), _) => {
            check.fail(path, "give table or query, not both");
            None
        }
        (None, None, Some(default)) => Some(Dataset::Table(default.to_owned())),
        _ => {
            check.fail(path, "needs a table or a query");
            None
        }
    }
}

fn register(raw: &RawRegister, check: &mut Check) -> Option<RegisterSource> {
    let dataset = dataset("source.register", &raw.table, &raw.query, None, check);
    let missing: Vec<&str> =
        Field::ALL.iter().filter(|f| !raw.fields.contains_key(f)).map(|f| f.key()).collect();
    if !missing.is_empty() {
        let problem = format!("no column for {}; all nine fields are needed", missing.join(", "));
        check.fail("source.register.fields", problem);
    }
    let fields = raw.fields.iter().map(|(field, raw)| {
        let column = match raw {
            RawField::Column(column) => FieldColumn { column: column.clone(), codes: BTreeMap::new() },
            RawField::Coded(coded) => {
                FieldColumn { column: coded.column.clone(), codes: coded.codes.clone() }
            }
        };
        (*field, column)
    });
    Some(RegisterSource {
        dataset: dataset?,
        key: raw.key.clone(),
        unit: raw.unit.clone(),
        registered_at: raw.registered_at.clone(),
        updated_at: raw.updated_at.clone(),
        document_type: raw.document_type.clone(),
        fields: fields.collect(),
    })
}

fn baseline_source(raw: &RawBaseline, check: &mut Check) -> Option<BaselineSource> {
    match raw {
        RawBaseline::Inline(counts) => Some(BaselineSource::Inline(counts.clone())),
        RawBaseline::Dataset(raw) => Some(BaselineSource::Dataset {
            dataset: dataset("source.baseline", &raw.table, &raw.query, None, check)?,
            unit: raw.unit.clone(),
            persons: raw.persons.clone(),
        }),
    }
}

fn target(path: &str, text: &str, check: &mut Check) -> Option<Target> {
    let share = check.keep(path, values::percentage(text))?;
    if share > Ratio::from_integer(1) || share == Ratio::from_integer(0) {
        check.fail(path, format!("a target lies above 0 % and at most at 100 %, not at {text}"));
        return None;
    }
    Some(Target(share))
}

fn indicators(raw: &RawConfig, check: &mut Check) -> Option<Indicators> {
    let RawIndicators { coverage, completeness, accuracy } = &raw.indicators;
    let method = match coverage.method {
        RawMethod::Roster => CoverageMethod::Roster,
        RawMethod::Baseline => CoverageMethod::Baseline,
    };
    match method {
        CoverageMethod::Roster if raw.source.roster.is_none() => check.fail(
            "indicators.coverage",
            "method roster needs [source.roster]; without a roster set method = \"baseline\" and [source.baseline]",
        ),
        CoverageMethod::Baseline if raw.source.baseline.is_none() => {
            check.fail("indicators.coverage", "method baseline needs [source.baseline]");
        }
        _ => {}
    }
    let coverage_target = target("indicators.coverage.target", &coverage.target, check);
    let completeness_target = target("indicators.completeness.target", &completeness.target, check);
    let accuracy_target = target("indicators.accuracy.target", &accuracy.target, check);
    let relations = relations(&accuracy.relations, check);
    Some(Indicators {
        coverage: Coverage { method, target: coverage_target? },
        completeness: Completeness {
            counted: match completeness.counted {
                RawCounted::Records => Counted::Records,
                RawCounted::Cells => Counted::Cells,
            },
            target: completeness_target?,
            placeholders: placeholders(&completeness.placeholders),
        },
        accuracy: Accuracy {
            relations,
            on_missing: match accuracy.on_missing {
                RawOnMissing::Fail => OnMissing::Fail,
                RawOnMissing::Skip => OnMissing::Skip,
            },
            household_level: match accuracy.household_level {
                RawLevel::Province => DivisionLevel::Province,
                RawLevel::City => DivisionLevel::City,
                RawLevel::County => DivisionLevel::County,
            },
            target: accuracy_target?,
        },
    })
}

fn placeholders(own: &BTreeMap<Field, Vec<String>>) -> BTreeMap<Field, Vec<String>> {
    let default: Vec<String> = PLACEHOLDERS.map(str::to_owned).into();
    Field::ALL.into_iter().map(|f| (f, own.get(&f).unwrap_or(&default).clone())).collect()
}

fn relations(raw: &[RawRelation], check: &mut Check) -> Vec<Relation> {
    if raw.is_empty() {
        check.fail("indicators.accuracy.relations", "needs at least one relation");
    }
    let mut out: Vec<Relation> = Vec::new();
    for relation in raw {
        let relation = match relation {
            RawRelation::IdBirthDate => Relation::IdBirthDate,
            RawRelation::IdSex => Relation::IdSex,
            RawRelation::AgeMarital => Relation::AgeMarital,
            RawRelation::IdHouseholdPlace => Relation::IdHouseholdPlace,
            RawRelation::IdValid => Relation::IdValid,
        };
        if out.contains(&relation) {
            check.fail("indicators.accuracy.relations", format!("{} is listed twice", relation.key()));
        } else {
            out.push(relation);
        }
    }
    out
}

fn indicator(raw: RawIndicator) -> Indicator {
    match raw {
        RawIndicator::Coverage => Indicator::Coverage,
        RawIndicator::Completeness => Indicator::Completeness,
        RawIndicator::Accuracy => Indicator::Accuracy,
    }
}

fn scoring(raw: &RawScoring, check: &mut Check) -> Option<Scoring> {
    let mut weight = |name: &str, points: &RawPoints| {
        check.keep(&format!("scoring.weights.{name}"), values::points(points))
    };
    let coverage = weight("coverage", &raw.weights.coverage);
    let completeness = weight("completeness", &raw.weights.completeness);
    let accuracy = weight("accuracy", &raw.weights.accuracy);
    let weights = Weights { coverage: coverage?, completeness: completeness?, accuracy: accuracy? };
    let sum = weights.coverage + weights.completeness + weights.accuracy;
    if sum != Ratio::from_integer(100) {
        check.fail("scoring.weights", format!("the weights add up to {sum}, not to 100"));
    }
    let vetoes = raw.veto.iter().enumerate().map(|(i, veto)| {
        let below = target(&format!("scoring.veto.{i}.below"), &veto.below, check)?;
        Some(Veto { indicator: indicator(veto.indicator), below, reason: veto.reason.clone() })
    });
    let vetoes = vetoes.collect::<Option<Vec<_>>>()?;
    let deductions = raw.deductions.iter().enumerate().map(|(i, deduction)| {
        let path = format!("scoring.deductions.{i}.points");
        let points = check.keep(&path, values::points(&deduction.points))?;
        Some(Deduction { unit: deduction.unit.clone(), points, reason: deduction.reason.clone() })
    });
    let deductions = deductions.collect::<Option<Vec<_>>>()?;
    Some(Scoring { weights, vetoes, deductions })
}

fn ranking(raw: &RawRanking, check: &mut Check) -> Option<Ranking> {
    let distinct: BTreeSet<u8> = raw.order.iter().map(|key| *key as u8).collect();
    if raw.order.is_empty() || distinct.len() != raw.order.len() {
        check.fail("ranking.order", "names what decides, first to last, each once");
        return None;
    }
    let key = |key: &RawRankKey| match key {
        RawRankKey::Score => RankKey::Score,
        RawRankKey::Coverage => RankKey::Rate(Indicator::Coverage),
        RawRankKey::Accuracy => RankKey::Rate(Indicator::Accuracy),
        RawRankKey::Completeness => RankKey::Rate(Indicator::Completeness),
    };
    Some(Ranking {
        by_kind: raw.group_by == RawGroupBy::Kind,
        order: raw.order.iter().map(key).collect(),
        min_records: raw.min_records,
    })
}

fn recipients(raw: &RawConfig, check: &mut Check) -> BTreeMap<String, Vec<Recipient>> {
    let mut out = BTreeMap::new();
    for (name, group) in &raw.recipients {
        let mut members: Vec<Recipient> = Vec::new();
        for (i, member) in group.members.iter().enumerate() {
            let path = format!("recipients.{name}.members.{i}");
            let address = member.email.trim();
            check.keep(&path, values::address_is_valid(address));
            if member.name.chars().any(char::is_control) {
                check.fail(&path, "the name has a control character");
            }
            if members.iter().any(|other| other.email.eq_ignore_ascii_case(address)) {
                check.fail(&path, format!("{address} is listed twice"));
            }
            members.push(Recipient { name: member.name.trim().to_owned(), email: address.to_owned() });
        }
        if members.is_empty() {
            check.warn(&format!("recipients.{name}"), "has no members");
        }
        if !raw.reports.values().any(|report| report.to.contains(name)) {
            check.warn(&format!("recipients.{name}"), "no report goes to this group");
        }
        out.insert(name.clone(), members);
    }
    out
}

fn reports(raw: &RawConfig, phases: &[Phase], check: &mut Check) -> BTreeMap<String, Report> {
    let mut out = BTreeMap::new();
    for (name, report) in &raw.reports {
        if let Some(report) = one_report(name, report, raw, phases, check) {
            out.insert(name.clone(), report);
        }
    }
    out
}

fn one_report(
    name: &str,
    raw: &RawReport,
    config: &RawConfig,
    phases: &[Phase],
    check: &mut Check,
) -> Option<Report> {
    let path = format!("reports.{name}");
    for group in raw.to.iter().filter(|group| !config.recipients.contains_key(*group)) {
        let meant = locate::nearest(group, config.recipients.keys().map(String::as_str));
        let meant = meant.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default();
        check.fail(&format!("{path}.to"), format!("there is no recipient group \"{group}\"{meant}"));
    }
    if let Some(schedule) = &raw.schedule {
        check.keep(&format!("{path}.schedule"), cron(schedule));
        if config.smtp.is_none() && !raw.to.is_empty() {
            check.warn(&path, "is scheduled, but there is no [smtp]: nothing will be sent");
        }
    }
    let active = match &raw.active {
        Some(active) => Some(range(&format!("{path}.active"), &active.from, &active.to, check)?),
        None => None,
    };
    if let (Some((from, to)), Some(first), Some(last)) = (active, phases.first(), phases.last())
        && (to < first.from || from > last.to)
    {
        check.warn(&format!("{path}.active"), "lies wholly outside the campaign's phases");
    }
    let kind = match raw.kind.as_str() {
        "bulletin" => ReportKind::Bulletin,
        "ranking" => ReportKind::Ranking,
        "acceptance" => ReportKind::Acceptance,
        own if own.is_empty() || own.contains(['/', '\\', '.']) => {
            check.fail(
                &format!("{path}.kind"),
                "is bulletin, ranking, acceptance or the name of an own template folder",
            );
            return None;
        }
        own => ReportKind::Own(own.to_owned()),
    };
    let head = match (raw.head, &kind) {
        (Some(RawHead::Brief), _) | (None, ReportKind::Bulletin) => HeadStyle::Brief,
        (Some(RawHead::Official), _) | (None, _) => HeadStyle::Official,
    };
    Some(Report {
        name: name.to_owned(),
        kind,
        schedule: raw.schedule.clone(),
        active,
        period: match raw.period {
            RawPeriod::PreviousWeek => PeriodRule::PreviousWeek,
            RawPeriod::CampaignToDate => PeriodRule::CampaignToDate,
            RawPeriod::PreviousMonth => PeriodRule::PreviousMonth,
            RawPeriod::SinceLast => PeriodRule::SinceLast,
        },
        catch_up: match raw.catch_up {
            RawCatchUp::Latest => CatchUp::Latest,
            RawCatchUp::All => CatchUp::All,
            RawCatchUp::Skip => CatchUp::Skip,
        },
        sign_off: raw.sign_off,
        to: raw.to.clone(),
        attach: attachments(&raw.attach),
        head,
        rectify_within_days: raw.rectify_within_days,
    })
}

fn attachments(raw: &[RawAttachment]) -> Vec<Attachment> {
    raw.iter()
        .map(|attachment| match attachment {
            RawAttachment::Pdf => Attachment::Pdf,
            RawAttachment::Xlsx => Attachment::Xlsx,
            RawAttachment::Csv => Attachment::Csv,
        })
        .collect()
}

/// Five fields, so that nobody schedules by the second by mistake.
fn cron(expression: &str) -> Result<(), String> {
    crate::schedule::slot::pattern(expression).map(|_| ())
}

fn mail_server(raw: &RawSmtp, check: &mut Check) -> Option<Smtp> {
    let security = match raw.security {
        RawSecurity::None => SmtpSecurity::None,
        RawSecurity::StartTls => SmtpSecurity::StartTls,
        RawSecurity::Tls => SmtpSecurity::Tls,
    };
    let loopback = raw.host == "localhost"
        || raw.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if security == SmtpSecurity::None && !loopback && !raw.allow_plain_text {
        check.fail(
            "smtp.security",
            format!(
                "mail to {} would travel in plain text; set starttls or tls, or allow_plain_text = true",
                raw.host
            ),
        );
    }
    check.keep("smtp.from", values::mailbox(&raw.from));
    let timeout = check.keep("smtp.timeout", values::duration(&raw.timeout));
    let password = match (&raw.password, &raw.password_file) {
        (Some(_), Some(_)) => {
            check.fail("smtp.password_file", "give password or password_file, not both");
            None
        }
        (Some(password), None) => Some(Secret(password.clone())),
        (None, Some(file)) => check.keep("smtp.password_file", secret(file)).map(Secret),
        (None, None) => None,
    };
    if raw.username.is_some() != password.is_some() {
        check.fail("smtp", "username and password belong together");
    }
    Some(Smtp {
        host: raw.host.clone(),
        port: raw.port,
        security,
        from: raw.from.clone(),
        username: raw.username.clone(),
        password,
        timeout: timeout?,
    })
}

fn guards(raw: &RawGuards, check: &mut Check) -> Option<Guards> {
    let records = check.keep("guards.max_record_drop", values::limit(&raw.max_record_drop));
    let rates = check.keep("guards.max_rate_drop", values::limit(&raw.max_rate_drop));
    let unknown = check.keep("guards.max_unknown_units", values::limit(&raw.max_unknown_units));
    Some(Guards { max_record_drop: records?, max_rate_drop: rates?, max_unknown_units: unknown? })
}

fn fonts(raw: &RawFonts) -> Fonts {
    let folders = match raw.folders.is_empty() {
        true => usual_font_folders(),
        false => raw.folders.iter().map(PathBuf::from).collect(),
    };
    Fonts {
        folders,
        fang_song: raw.fang_song.clone(),
        small_title: raw.small_title.clone(),
        hei: raw.hei.clone(),
        kai: raw.kai.clone(),
        song: raw.song.clone(),
        fallback: raw.fallback.clone(),
    }
}

fn usual_font_folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or(home.join(".cache"), PathBuf::from);
    vec![
        cache.join("tongbao/fonts"),
        PathBuf::from("/usr/share/tongbao/fonts"),
        PathBuf::from("/usr/share/fonts/opentype/noto"),
        PathBuf::from("/usr/share/fonts"),
        PathBuf::from("/usr/local/share/fonts"),
        home.join(".local/share/fonts"),
    ]
}

/// SHA-256 over the effective configuration. Secrets do not enter it: changing a password changes
/// no figure, and the hash is shown.
fn hash(raw: &RawConfig) -> String {
    let mut public = raw.clone();
    public.source.url = public.source.url.map(|url| DatabaseUrl::new(url).to_string());
    if let Some(smtp) = &mut public.smtp {
        (smtp.password, smtp.password_file) = (None, None);
    }
    let text = serde_json::to_string(&public).unwrap_or_default();
    sha256(text.as_bytes())
}
