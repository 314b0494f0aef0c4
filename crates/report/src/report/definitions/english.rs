//! The definitions in English.

use super::Sentences;

pub(super) const SENTENCES: Sentences = Sentences {
    coverage_roster: "Distinct persons of the roster found in the register by ID number (covered), divided by all of \
         the roster (expected), at the roster's unit. Those registered under another unit (found elsewhere) count \
         too. Those without a number are only listed apart.",
    coverage_baseline: "Distinct registered persons by ID number (covered), divided by the expected head count. \
         A repeated number counts once, for the unit that registered it first.",
    records: ("Records", "Records of the register with the unit's code, repeated numbers included."),
    records_and_roster: " Unlike the persons covered, they include those outside the roster.",
    counted_by_mark: " Those alone count whose column {} is {}.",
    counted_blank: "blank",
    counted_or: " or ",
    counted_until: " Those whose column {} has a day up to the cut-off do not count.",
    completeness_records: "Records with every applicable item filled, divided by all records. ",
    completeness_cells: "Filled applicable items, divided by all applicable items. ",
    fields: "{} items: {}.",
    marital_applies: " Marital status does not apply below age 15 at the cut-off.",
    nine: "Nine",
    share_of_field: " An item's share is of the records it applies to.",
    share_of_relation: " A relation's share is of the records judged.",
    changed: (
        "Change of definitions",
        "Rates that were defined otherwise in the period before ({}), or are new, and are not compared with it: {}.",
    ),
    left_out: " No longer counted: {}.",
    counted_before: " {} before: {}",
    counted_now: " New: {}.",
    read_otherwise: " The type, the code list or the blank values of an item have changed.",
    other_rules: (
        "Change of rules",
        "The definitions, targets, weights or vetoes that scores rest on, or the rules of ranking, have changed since \
         the period before ({}); scores and ranks are not compared with it.",
    ),
    other_verdicts: " Definitions or targets have changed since the period before ({}); whether units met all \
                     targets is not compared with it.",
    field_applies: " {} applies only where {}.",
    own_relations: (
        "How own relations are decided",
        "By scope, premise and demand, in this order: records outside the scope are not judged, records that do not meet the premise pass;",
    ),
    own_invalid: [
        " a value that is filled but not one of its type (a date, a code) fails.",
        " a value that is filled but not one of its type (a date, a code) is not judged, but fails where a valid one is asked \
         for.",
    ],
    own_missing: [" A blank value fails.", " A record with a blank value is not judged."],
    blank: ("What counts as blank", "White space, and marks alone; also {}."),
    blank_of_programs: "the empty values of databases and spreadsheets (NULL, \\N, NaN, #N/A and the like)",
    blank_own: " For {} also {}.",
    quoted: "\"{}\"",
    between_quoted: ", ",
    accuracy: "Records that pass every relation below ({}). ",
    undecided: [
        [
            "One fails where an item it needs is blank or unreadable.",
            "One fails where an item it needs is blank or the hukou place names nothing comparable with the number. It is \
             not judged where an item is filled but unreadable, but fails where it asks for a valid one.",
        ],
        [
            "One is not judged where an item it needs is blank or the hukou place names nothing comparable with \
         the number. A birth date, sex or marital status that is filled but unreadable fails, so \
         that writing anything gains nothing.",
            "One is not judged where an item it needs is blank or unreadable or the hukou place names nothing comparable \
             with the number, but fails where it asks for a valid item and that is unreadable.",
        ],
    ],
    own_undecided: [
        [
            "One fails where an item it needs is blank or unreadable.",
            "One fails where an item it needs is blank. It is not judged where an item is filled but unreadable, but fails \
             where it asks for a valid one.",
        ],
        [
            "One is not judged where an item it needs is blank, and fails where one is filled but unreadable.",
            "One is not judged where an item it needs is blank or unreadable, but fails where it asks for a valid item and \
             that is unreadable.",
        ],
    ],
    unless_stated: " Relations that treat blanks otherwise say it themselves.",
    of_all_records: " Divided by all records.",
    of_judged_records: " Divided by the records with at least one relation judged.",
    relations: [
        "Digits 7 to 14 of the number are the birth date.",
        "Digit 17 of the number is odd for men and even for women.",
        "Anyone married, divorced or widowed is at least 22 (men) or 20 (women) at the cut-off, members of \
         ethnic minorities two years less.",
        "The division in the number agrees with the hukou place by {}.",
        "The number has the right length and check character, and its date exists.",
    ],
    levels: ["province (first 2 digits)", "city (first 4 digits)", "county (first 6 digits)"],
    id_numbers: (
        "ID number",
        "Checked under GB 11643, full-width characters, blanks and hyphens normalized and 15 digits extended \
         to 18. A number that is damaged, has a wrong check character or no existing date {}. Passports and permits are \
         not judged by these relations; residence permits of Hong Kong, Macau and Taiwan residents and of foreigners by \
         birth date and sex alone.",
    ),
    unread_id_numbers: "Compared with full-width characters, blanks and hyphens normalized and 15 digits extended to 18. Under \
         GB 11643, numbers that are damaged, have a wrong check character or no existing date are compared as they stand and \
         listed apart.",
    closing: [
        (
            "Cut-off",
            "Cumulative figures count the records registered up to the cut-off day; those without a day count as \
             before the period. Contents are as when the data were taken.",
        ),
        ("Totals", "Sums of the units; records of unknown units are left out and listed apart."),
    ],
    malformed: [
        "fails every relation with ID numbers",
        "is not judged by relations with ID numbers, but fails those that ask for a valid one",
    ],
    own_id_numbers: "Checked under GB 11643, full-width characters, blanks and hyphens normalized and 15 digits extended \
         to 18. A number that is damaged, has a wrong check character or no existing date is not valid; relations with a \
         number that is one of a passport or permit are not judged.",
    identity: "Values are compared after full-width characters, small letters, blanks and the quotation marks of \
         spreadsheets are normalized; hyphens count.",
    score: (
        "Score",
        "100 points: {}. A target that is reached gives full points, else points by the share of it reached.",
    ),
    points: "{} {}",
    kinds: "Kinds of unit",
    kind_targets: "Targets of {}: {}. ",
    kind_points: "Points of {}: {}{}. ",
    other_points: ", all others as above",
    kind_target: "{} {}",
    silent: " A unit that has no records although some are expected has 0 points and ranks after all others.",
    no_score: [
        " A unit of which a rate with points cannot be computed has no score and no rank.",
        " Any other unit of which a rate with points cannot be computed has no score and no rank.",
    ],
    deducted: " Points are taken for the reasons in the tables, down to 0.",
    exceptions: (
        "Proven exceptions",
        "Records that the office has proved right pass the relation concerned and are counted here. ",
    ),
    no_exceptions: "None counts in this period.",
    proved_relation: "{} {} ({})",
    proved_reason: "{} {}",
    proved_accurate: ". Of the accurate records {} are so by proof alone.",
    own_fields: "Filled values of all that apply: {}. ",
    own_valid: "Values that are what they should be, of all that are filled: {}. Numbers of other documents are not counted. ",
    own_passed: "Records that pass, of all that are judged: {}. ",
    own_counted: "Counted in {}. ",
    veto: (
        "Veto",
        "The score of a unit that has records is 0, not the sum of its points, and ranks as 0 where {}.",
    ),
    below: "{} is below {}",
    because: " ({})",
    rank: "Rank",
    in_groups: "These groups are ranked separately: {}. All units are also ranked together. ",
    in_groups_by_own_rules: "These groups are ranked separately: {}. All units are also ranked together, each by the score that \
         the targets and points of its kind give. ",
    in_groups_alone: "These groups are ranked separately: {}. ",
    in_one_group: "All units are ranked together. ",
    order: "Units are compared by {} in this order, the higher first; those equal in all share a rank, and the \
         next ranks are left out.",
    order_of_one: "Units are compared by {}, the higher first; equal units share a rank, and the next ranks are left \
         out.",
    score_key: "score",
    least_records: " Units with fewer than {} records are not ranked.",
    ranked_kinds: " Only these are ranked and judged: {}.",
    ranked_depth: " Only the units of level {} are ranked and judged.",
    not_ranked: " Not ranked and judged: {}.",
    reconciliation: (
        "Rosters",
        "The register is compared with each roster ({}), counting distinct persons by ID number: those in \
         both and those in the roster only at the roster's unit, those in the register only at the unit \
         that registered them first. ",
    ),
    measured_all: "For all rosters together a person in several counts once, at the unit of the first of \
                   them, in this order, that names a known unit. Coverage is measured against all together.",
    measured_one: "Coverage is measured against the roster of {}.",
    rounding: (
        "Rounding",
        "Rates and scores have two decimals, half up, but are never rounded up to the target, 100.00% or full \
         marks. The last digits of the points are chosen so that they {}; each lies within 0.01 of its exact value. \
         A change is the difference of the two printed figures. Exact values decide ranks and targets.",
    ),
    points_add_up: [
        "add up to the score",
        "add up to the score, unless a veto sets it",
        "add up to the score, less the deductions, unless the floor of 0 sets it",
        "add up to the score, less the deductions, unless a veto or the floor of 0 sets it",
    ],
    in_doubt: (
        "Unverified",
        "Of units with more persons than expected coverage counts as 100% in score and rank. Those that miss no other \
         target are counted apart and not judged until the baseline and repeated records are verified; those that miss \
         another have failed.",
    ),
    tree: (
        "Units above others",
        "The figures of a unit include those of all units below it; totals are the sums of the topmost \
         units, and no record counts twice.",
    ),
    changes: "Changes of units",
    merged: "{} existed until {}; its records count for {}. ",
    renamed: "{} was until {} called {}. ",
    dissolved: "{} existed until {} and has no successor; its records are listed as of an unknown unit. ",
    further: "{} units that changed earlier are not listed.",
};
