inexpressible-identity = { $key } is a citizen ID number and distinguishes what is no person, which the database does not count; set source.compute = "engine"
inexpressible-places = { $key } compares places more closely than a database does; compare a place with a number by province, or set source.compute = "engine"
inexpressible-listed = { $key } looks values up in a list: the database counts that for texts, forms and places in a table of its own; set source.compute = "engine"
inexpressible-spellings = units are written in more than { $most } other ways than their codes, which is more than a statement holds; correct them, or set source.compute = "engine"
inexpressible-sets = { $key } compares records by a date or number, which may be written in forms that only the program reads; set source.compute = "engine"
inexpressible-coded-date = { $field } is a date column and cannot carry a code map in the database; drop its codes, or set source.compute = "engine"
tally-error-grouping = polars refused to group: { $reason }
tally-error-overflow = cannot spill persons to disk: { $reason }; free space on the disk of the state
input-mismatch-records = none of { $records } records has a unit code that source.units has: no unit has figures; correct source.register.unit or the unit list
input-mismatch-empty-roster = the roster is empty: coverage cannot be judged; correct [source.roster]
input-mismatch-roster-without-ids = none of { $entries } roster entries has an ID number: coverage cannot be judged; correct source.roster.id_number
input-mismatch-named-roster = roster { $name } has no entry with an ID number: coverage cannot be judged; correct id_number in [source.rosters.{ $name }]
input-mismatch-named-roster-units = none of { $persons } persons of roster { $name } has a unit code that source.units has: coverage cannot be judged; correct unit in [source.rosters.{ $name }] or the unit list
input-mismatch-roster-units = none of { $persons } roster persons has a unit code that source.units has: coverage cannot be judged; correct the roster's unit in [source] or the unit list
input-mismatch-named-roster-unmatched = none of { $persons } persons of roster { $name } is in the register; correct id_number in [source.rosters.{ $name }]
input-mismatch-roster-unmatched = none of { $persons } roster persons is in the register; correct id_number of the roster, or give a list of head counts as [source.baseline]
input-mismatch-empty-baseline = the baseline is empty: coverage cannot be judged; fill [source.baseline]
input-mismatch-baseline = none of { $units } units of the baseline is in source.units: coverage cannot be judged; correct [source.baseline] or the unit list
rows-of-the-register-are-no = { $left_out } rows of the register are no records but totals, headings or signatures (合计, 小计, 填表人) and are left out; have them deleted
units-have-several-head-counts = { $units }: several rows in the baseline, which were added; delete the repeats, or add the rows up
head-counts-of-unknown-units = { $persons } persons of the baseline belong to units that are not in the list: { $units }; correct the units, or name them in the aliases of source.units
id-numbers-of-the-roster-are-none = { $malformed } numbers of the roster are not valid (length, characters, date, form or check character); they are compared as they stand, and what has another number in the register is not found; correct the roster
id-numbers-of-the-roster-have = { $cut } numbers of the roster have lost their last digits in a spreadsheet, or are masked; export them whole, as text
the-server-shows-only-some-rows = the server shows this account only some rows of table "{ $table }" (row-level security), and the figures are of those alone; have all shown (BYPASSRLS, or a policy), or say with guards.hold_partial_rows = false that it is meant
texts-of-column-look-like = column "{ $column }": { $count } of { $of } texts looked at look like { $how }; nothing is guessed, so have the column or its export corrected{ $remedy }
character-set = character set
rows-of-list-are-totals = { $count } rows of { $list } are totals (合计, 小计) and are left out; have them deleted
unit-codes = unit codes
of-records-have-no-unit-they = { $blank } of { $records } records have no unit; they belong to none: have it filled in, or correct source.register.unit
most-records-have-no-unit-if = most records have no unit: if its cells were merged, save the list as .xlsx instead of text, where merged cells are filled down
of-records-have-a-unit-code = { $unknown_codes } of { $records } records have a unit code that source.units does not have; they belong to no unit{ $listed }: add the units, name them in [source.units] aliases, or correct source.register.unit
unit-codes-are-written-as-numbers = unit codes are written as numbers in groups ({ $shown }): give the column the format of text and export it again
roster-persons-have-a-unit-code = { $persons } roster persons have a unit code that source.units does not have and count for no unit{ $listed }{ $blank }; add the units, name them in [source.units] aliases, or correct source.roster.unit
names-several-units-records-under-this = "{ $name }" names several units ({ $codes }): records under this name belong to none of them; give their codes
registration-times-cannot-be-read-and = { $count } registration times cannot be read{ $looks } and count as before the period; { $remedy }
name-the-first-year = years of two digits are not guessed: say in { $place } with first_year which hundred years they are of, as first_year = { $first_year }
say-whether-the-day-comes-first = say in { $place } with form = "day_first" or "month_first" which comes first
say-whether-they-count-seconds = if they count from 1970, say so in { $place } with form = "unix_seconds" or "unix_milliseconds"
correct-them-or-read-a-query = correct them, or read a query that writes them as 2016-06-09
records-repeat-others = { $count } of { $records } records have the number of another record; if a file, a sheet or a joined table has the same list more than once, read it once
registrations-are-yet-to-come = { $future } registration times lie two months or more after this pull, and no figure up to today has these records; correct the year or day
registration-times = registration times
birth-dates-cannot-be-read-and = { $count } birth dates cannot be read{ $looks } and fail their relations unless on_invalid skips them; { $remedy }
values-of-are-not-understood-and = { $count } values of { $field } are not understood and fail their relations unless on_invalid skips them{ $looks }; give them a meaning with codes in source.register.fields
codes-of-unknown-sex-are-those-of = { $all } records have a code for "not stated" as their sex{ $looks } and count as blank, while the ID numbers of { $holders } of them are those of { $sex }: the code may mean that sex; say so with codes in source.register.fields.sex, as codes = {"{"} "0" = "女" {"}"}, or "未说明" where it says nothing
codes-of-unknown-sex-are-of-one-sex-in = records with a code for "not stated" as their sex{ $looks } count as blank, while nearly all of them are of one sex by their ID numbers in { $units }: say what it means with codes in source.register.fields.sex, or have the lists of these units corrected
men = men
women = women
values-are-zero = { $count } of { $of } values of { $field } that were looked at are 0 and count as blank; the standard has no such code: if it means something, say what with codes in source.register.fields.{ $field }, and otherwise say codes = {"{"} "0" = "未说明" {"}"}
ethnicities-are-not-understood = { $count } ethnicities of the records looked at are not understood ({ $listed }) and count as 汉, whose marriageable age is two years above that of minorities; give them a meaning with codes in source.register.fields.ethnicity
no-unit-is-of-kind = no unit is of kind { $kind }, so that what is meant is not ranked; correct ranking.level
no-unit-is-of-kind-meant = no unit is of kind { $kind }, so that what is meant is not ranked; did you mean "{ $meant }"? Correct ranking.level
units-are-ranked-among-their-parts = { $units }: ranked among units that are parts of it, by code or name; leave it out with ranking.except, name the column of the units above with source.units.parent, or say with guards.hold_ranked_parents = false that it is meant
units-have-no-list = { $units }: no record, while each unit has a file or sheet of its own; get the missing lists, or say with guards.hold_missing_lists = false that these units have none
id-numbers-are-in-merged-cells = { $count } rows of { $list } have the ID number of a merged cell that begins above them, and count as records of the same person; unmerge these cells and write to each row its own number
texts-may-say-nothing = "{ $shown }" (# a digit, A a letter, 字 any other character) stands in { $count } of { $of } texts of { $field } that were looked at, and counts as filled; if it says nothing, write it to indicators.completeness.also_blank.{ $field }
several-texts-may-say-nothing = { $texts } different texts that look like "{ $shown }" (# a digit, A a letter, 字 any other character) stand in { $count } of { $of } texts of { $field } that were looked at, and count as filled; if one of them says nothing, write it to indicators.completeness.also_blank.{ $field }
ranking-level = ranking.level
id-numbers-have-lost-their-last = { $count } ID numbers have lost their last digits in a spreadsheet, or are masked; export them whole, as text
id-numbers-have-another-length-than = { $count } ID numbers have another length than 15 or 18 characters
id-numbers-have-letters-or-marks = { $count } ID numbers have letters or marks among their digits
id-numbers-hold-a-date-that = { $count } ID numbers hold a date that does not exist
id-numbers-have-a-wrong-check = { $count } ID numbers have a wrong check character
records = records
roster = roster
baseline = baseline
unit-names = unit names
proven-exceptions = proven exceptions
proven-exceptions-are-not-used = { $unusable } of { $listed } proven exceptions are not used: the record is blank, the relation is not counted, the reason is not in source.exceptions.reasons, or the last day is no date; correct the list
proven-exceptions-change-nothing = { $idle } of { $listed } proven exceptions change nothing: there is no such record, it passes without, or it is listed twice; take them off the list
records-do-not-count = { $count } records are left out because of column { $column } ({ $listed }), see source.register.only
records-have-left = { $count } records are left out because they left by the cut-off (column { $column }), see source.register.left_at
registrations-are-older-than-any-register = { $ancient } registration times lie before 1949, and the period they belong to does not have these records; correct the year
records-of-units-repeat-others = one record in five or more has the number of another record in { $listed }: look whether a list of these units was read twice
no-date = no dates
no-number = no numbers
neither-yes-nor-no = neither yes nor no
not-in-the-list = not in the list { $list }
no-citizen-id-number = no valid ID numbers
no-credit-code = no valid credit codes
not-of-the-form = not of its form
values-of-an-own-field-are-invalid = { $count } values of { $key } are { $kind }{ $looks }, which the relations that read them judge as such; correct them, or the column, type, form or list in [fields.{ $key }]
