config-error-read = cannot read the configuration { $path }: { $source }; name another with --config or $TONGBAO_CONFIG
config-error-invalid = { $problems }
file-name = file name
folder-name = the name of its folder
sheet-name = sheet name
title = title
is-no-percentage-write-it-as = "{ $text }" is no percentage; write it as "85%"
is-no-number-of-points-write = "{ $text }" is no number of points; write 2 or "2.5"
is-no-duration-write-it-as = "{ $text }" is no duration; write it as "30s", "10m" or "1h"
is-no-time-at-all = "{ $text }" is no time at all
is-too-long-a-time-ten = "{ $text }" is too long a time; ten years are the most
is-no-date-write-it-as = "{ $text }" is no date; write it as 2016-06-30
is-no-e-mail-address = "{ $text }" is no e-mail address
is-no-host-name-write-it = "{ $text }" is no host name; write it as "office.example.test" or "[192.0.2.1]"
text-in-quotation-marks = text in quotation marks
cannot-read = cannot read { $file }: { $error }
names-no-file-that-exists-give = names no file that exists; give the name of the file that holds the secret, not the secret
is-too-large-a-number = is too large a number
must-be-a-section-of-keys = must be a section of keys, not a list
must-be-one-of-not = must be one of { $choices }, not { $found }
a-value-was-asked-for-before = a value was asked for before its key
text = text
a-whole-number = a whole number
a-decimal-number = a decimal number
true-or-false = true or false
a-date = a date
a-list = a list
a-section = a section
cannot-read-the-credentials-in = cannot read the credentials in { $dir }: { $error }
must-be-not = must be { $wanted }, not { $found }
must-be = must be { $wanted }
unknown-value-known = unknown value `{ $found }`{ $meant } known: { $known }
unknown-key-known = unknown key `{ $found }`{ $meant } known: { $known }
the-key-is-missing = the key `{ $name }` is missing
no-key-meant = ;
meant-key = ; did you mean `{ $name }`?
another-kind-of-value = another kind of value
a-whole-number-from-to = a whole number from 0 to { $most }
a-whole-number-or-more = a whole number, 0 or more
a-number = a number
a-list-in = a list in [ ]
a-section-of-keys = a section of keys
is-blank = is blank
there-is-no-time-zone = there is no time zone "{ $name }"{ $meant }
is-after-exchange-from-and-to = { $from } is after { $to }; exchange from and to
phase-begins-on-but-lasts-until = phase { $next } begins on { $from }, but { $before } lasts until { $to }; phases must not overlap and come in order
each-campaign-needs-its-name-and = each campaign needs its name and its url
passwords-and-documents-can-be-read = passwords and documents can be read on the way; use a proxy with https
a-password-has-to-characters-at = a password has 8 to 128 characters at least; 12 is the default
is-no-role-write-leader-clerk = "{ $text }" is no role; write leader, clerk, unit, operator or auditor
is-no-address-or-network-write = "{ $text }" is no address or network; write it as "10.1.0.0/16"
the-console-speaks-tls-by-cert-file = the console speaks TLS by cert_file: write https
cert-file-and-key-file-belong-together-name = cert_file and key_file belong together; name both, or neither
can-be-reached-from-outside-where = { $address } can be reached from outside, where passwords could be read on the way; use 127.0.0.1:{ $port } behind a proxy with https, name cert_file and key_file, or set allow_plain_text = true
is-no-address-write-it-as = "{ $text }" is no address; write it as "127.0.0.1:8470"
is-no-header-of-its-own = "{ $name }" is no header of its own; write it as "X-Remote-User"
anybody-could-name-anyone-say-in = anybody could name anyone: say in networks which proxies are believed
is-no-address-of-a-site = "{ $text }" is no address of a site; write it as "https://tongbao.example.test"
names-no-recipient-group-nobody-is = names no recipient group: nobody is notified when a report is held, overdue or undelivered
can-be-reached-from-outside-use = { $address } can be reached from outside; use 127.0.0.1:{ $port }
is-no-address-write-it-as-2 = "{ $text }" is no address; write it as "127.0.0.1:9464"
a-target-is-above-and-at = a target is above 0% and at most 100%, not { $text }
method-roster-needs-source-roster-or = method roster needs [source.roster] or [source.rosters.NAME]; without a roster set method = "baseline" and [source.baseline]
method-none-needs-no-list = method none measures no coverage, and there is a roster or baseline under [source]; take it out, or choose method roster or baseline
coverage-is-not-measured = coverage is not measured (indicators.coverage.method = "none"); name another rate or leave it out
give-the-points-of-coverage-to-other-rates = coverage is not measured (indicators.coverage.method = "none"); write coverage = 0 and give its points to the other rates, e.g. coverage = 0, completeness = 50, accuracy = 50
method-baseline-needs-source-baseline = method baseline needs [source.baseline]
none = none
there-is-no-source-rosters-named = there is no [source.rosters.{ $wanted }]; named rosters: { $known }
needs-at-least-one-relation = needs at least one relation
is-a-hint-and-part-of-no = { $key } is a hint (counts = false): it is judged and printed with its own figures and is part of no rate; leave it out here, or leave out counts = false
is-listed-twice = { $key } is listed twice
relation = relation
the-weights-add-up-to-not = the weights add up to { $sum }, not to 100
names-what-decides-first-to-last = names what decides, first to last, each once
is-a-kind-of-unit-a = is a kind of unit, a list of kinds, or a depth from 1 on
is-listed-twice-2 = { $address } is listed twice
has-no-members = has no members
no-report-goes-to-this-group = no report goes to this group
is-outside-smtp-allowed-domains-correct-one = { $address } is outside smtp.allowed_domains ({ $domains }); correct one of them
is-scheduled-but-there-is-no = is scheduled, but there is no [smtp]: nothing will be sent
campaign-end-needs-campaign-phases-which-give = campaign_end needs campaign.phases, which give the end
is-bulletin-ranking-acceptance-or-the = is bulletin, ranking, acceptance or the name of an own template folder
only-an-acceptance-can-be-a = only an acceptance can be a report upward; remove form
a-report-upward-names-its-set = a report upward names its 签发人; set signer
is-or-not = is 特急 or 加急, not "{ $urgency }"
has-six-digits-not = has six digits, not "{ $number }"
meant = ; did you mean "{ $name }"?
there-is-no-recipient-group = there is no recipient group "{ $group }"{ $meant }
is-wholly-outside-the-campaigns-phases = is wholly outside the campaign's phases
the-campaign-has-no-phase = the campaign has no phase "{ $name }"{ $meant }
mail-to-would-travel-in-plain = mail to { $host } would travel in plain text; set starttls or tls, or, where the whole network may be trusted, allow_plain_text = ["{ $host }"]
give-password-or-password-file-not-both = give password or password_file, not both
username-and-password-belong-together = username and password belong together
is-one-ascii-character-e-g = is one ASCII character, e.g. "," ";" or "\t"
is-in-the-state-folder-where = is in the state folder, where it would open what it closes; move it elsewhere
give-incremental-key-or-incremental-key-file-not-both = give incremental_key or incremental_key_file, not both
needs-source-incremental-key-file-a-file-with = needs source.incremental_key_file, a file with a secret outside the state folder
the-secret-has-fewer-than-characters = the secret has fewer than { $least_key } characters; { $make }
counts-from-times-running-switches-it = counts from 2 times running; 0 switches it off
is-less-than-d-give-a = is less than "90d"; give a longer time, or "forever"
is-not-used-relative-paths-start = { $there } is not used; relative paths start at the folder of the configuration
is-no-folder-the-built-in = is no folder; the built-in templates are used
at-most-rates-of-your-own = at most { $most_own_indicators } rates of your own
is-the-name-of-a-built = { $key } is the name of a built-in rate
with-a-relation-for-each-field = with a relation for each field whose values must be valid, these are more than { $most } relations
is-empty-it-is-what-documents = is empty; it is what documents print
needs-at-least-one-field = needs at least one field
field = field
there-is-no-but-there-is = there is no { $path }, but there is { $there }; relative paths start at the folder of the configuration: if that is its state, write the whole path; if not, make the folder { $path }
there-is-no-but-there-is-relative = there is no { $path }, but there is { $there }; relative paths start at the folder of the configuration: write the whole path, or move it
is-from-to-not = is from 1 to 64, not { $number }
the-database-counts-everything-anyway-use = the database counts everything anyway; use either compute = "database" or incremental
database-needs-postgresql-or-mariadb-sqlite = "database" needs PostgreSQL or MariaDB; SQLite runs inside the program, so leave it at "engine"
database-needs-a-database-and-the = "database" needs a database, and the register is a file
needs-a-database-a-file-is = needs a database; a file is always read whole
database-needs-a-postgres-or-mysql = "database" needs a postgres:// or mysql:// address; by ODBC leave it at "engine"
needs-a-sqlite-postgres-or-mysql = needs a sqlite:, postgres:// or mysql:// address; by ODBC the register is always read whole
several-need-a-postgres-address-whose = several need a postgres:// address, whose connections share a snapshot; by ODBC leave it at 1
is-sensitive-its-chosen-values-must = { $field } is sensitive: its chosen values must not decide who a field applies to
has-entries-at-most-are-counted = has { $count } entries; at most { $most } are counted
a-key-is-written-with-small = a key is written with small letters, digits and _, e.g. arrived_on; what documents print is its label
is-a-word-of-the-language = { $key } is a word of the language; choose another key
is-built-in-choose-another-key = { $key } is built in; choose another key
has-no-codes = has no codes
the-list-has-no = the list has no { $word }
needs-either-codes-or-except = needs either codes or except
the-list-has-no-code = the list has no code { $code }
a-field-of-type-form-needs = a field of type form needs a form, such as "[0-9]+"
is-for-fields-of-type-form = is for fields of type form
speaks-of-the-program-measures-the = speaks of “{ $word }”: the program measures the quality of a register and reads no data on health, pregnancy, birth, contraception, religion or politics
is-the-label-of-already = { $name } is the label of { $other } already
is-a-word-of-the-language-choose = { $name } is a word of the language; choose another label
a-field-of-type-code-and = a field of type code, and no other, has list = "…"
list = list
first-of-names-values-of-one-type = first_of names values of one type
has-clauses-at-most-are-read = has { $count } clauses; at most { $most_clauses } are read
asks-the-same-as = asks the same as { $other }
needs-either-check-or-cases = needs either check = ["…"] or cases = [ … ]
a-case-needs-check = a case needs check = ["…"]
compares-records-with-one-another-if = compares records with one another or looks values up in a list; if, check, cases and examples are for relations of one record
where-exactly-and-at-least-belong-to = where, exactly and at_least belong to group
group-needs-either-exactly-or-at-least = group needs either exactly = 1 or at_least = 1, or another number
group-needs-where-the-records-that = group needs where = ["…"], the records that are counted, and no unique
must-be-at-least = must be at least 1
needs-source-register-updated-at-a-time = needs source.register.updated_at, a time that every insert and update sets
needs-source-units-valid-to-a-unit = needs source.units.valid_to: a unit counts for its successor from the day after its last
the-database-that-counts-must-hold = the database that counts must hold it; leave url away, or set source.compute = "engine"
roster = roster
use-either-source-roster-or-source = use either [source.roster] or [source.rosters.NAME], not both
there-can-be-at-most-rosters = there can be at most { $number } rosters
follows-one-roster-without-a-name = follows one roster without a name; use [source.roster], or set incremental = false
each-roster-needs-a-label-of = each roster needs a label of its own, which is printed
belongs-to-a-url-of-its = belongs to a url of its own; give that, or use source.files
is-in-another-file-than-the = is in another file than the register; give it a url of its own
the-database-is-missing-set-url = the database is missing: set url, e.g. "sqlite:register.db"
give-url-or-url-file-not-both = give url or url_file, not both
client-cert-file-and-client-key-file-belong-together = client_cert_file and client_key_file belong together
cannot-read-2 = cannot read { $shown }: { $error }
holds-no-certificate-it-must-be = { $shown } holds no certificate; it must be a PEM file
holds-no-private-key-it-must = { $file } holds no private key; it must be a PEM file
give-table-or-query-not-both = give table or query, not both
needs-a-table-or-a-query = needs a table or a query
are-the-fields-of-a-register = are the fields of a register of persons, and [register] says that it lists something else; give the columns in [fields]
no-column-for-fields-that-are-read = no column for { $fields }; name it, or leave the field out of indicators.completeness.fields and of the relations
is-blank-name-the-column-or = is blank; name the column, or say with source.files.unit what names the unit of a file: file_name, folder_name, sheet_name or title
is-blank-a-database-needs-a = is blank; a database needs a column: read a query with NULL AS a name of your own
first-year-is-not-of-our-time = first_year is { $year }; name the first of the hundred years that years of two digits are of, from { $least } to { $most }, as 1920
form-belongs-to-birth-date-and-registered-at = form and first_year belong to birth_date and registered_at; leave them out
placed = { $place }: { $problem }{ $shown }
syntax-expected = { $problem }, expected { $what }
sets-a-key-below-a-value = sets a key below a value that is no section

## What the types of keys expect

is-a-columns-name-or = is a column's name, or {"{"} column = "…", form = "…" {"}"}
is-a-columns-name-or-column = is a column's name, or {"{"} column = "…", codes = {"{"} … {"}"} {"}"}
is-points-whole-or-a-decimal = is points: whole (40), or a decimal in quotation marks ("2.5")
is-a-depth-a-kind-of = is a depth (2), a kind of unit ("村") or several ("村" and "社区" in [ ])
is-a-text-or = is a text, or {"{"} zh = "…", en = "…" {"}"}
is-codes-in-or-or = is codes in [ ], or {"{"} label = …, codes = [ ] {"}"}, or {"{"} label = …, except = [ ] {"}"}
must-be-text-in-quotation-marks = must be text in quotation marks
a-date-as = a date: 2016-06-30

## Syntax of TOML, as its reader words it

syntax-literal-string = literal string
syntax-basic-string = basic string
syntax-multi-line-basic-string = multi-line basic string
syntax-characters = characters
syntax-digits = digits
syntax-key = key
syntax-letters = letters
syntax-letters-numbers = letters, numbers
syntax-value = value
syntax-printable-characters = printable characters
syntax-may-only-go-between-digits = `_` may only go between digits
syntax-cannot-recurse-further-max-recursion-depth = cannot recurse further; max recursion depth met
syntax-carriage-return-must-be-followed-by = carriage return must be followed by newline
syntax-duplicate-key = duplicate key
syntax-extra = extra `=`
syntax-extra-assignment-between-key-value-pairs = extra assignment between key-value pairs
syntax-extra-comma-in-array = extra comma in array
syntax-extra-comma-in-inline-table = extra comma in inline table
syntax-integers-with-a-radix-cannot-be = integers with a radix cannot be signed
syntax-invalid-comment-character = invalid comment character
syntax-invalid-inline-table-element = invalid inline table element
syntax-invalid-key-value-pair = invalid key-value pair
syntax-invalid-unquoted-key = invalid unquoted key
syntax-invalid-value = invalid value
syntax-key-with-no-value = key with no value
syntax-keys-cannot-be-multi-line-basic = keys cannot be multi-line basic strings
syntax-keys-cannot-be-multi-line-literal = keys cannot be multi-line literal strings
syntax-missing-array-opening = missing array opening
syntax-missing-assignment-between-key-value-pairs = missing assignment between key-value pairs
syntax-missing-comma-between-array-elements = missing comma between array elements
syntax-missing-comma-between-key-value-pairs = missing comma between key-value pairs
syntax-missing-comment-start = missing comment start
syntax-missing-escaped-value = missing escaped value
syntax-missing-inline-table-opening = missing inline table opening
syntax-missing-key-for-inline-table-element = missing key for inline table element
syntax-missing-opening-quote = missing opening quote
syntax-missing-table-open = missing table open
syntax-missing-value-for-key = missing value for key
syntax-missing-value = missing value
syntax-radix-must-be-lowercase = radix must be lowercase
syntax-recursion-limit = recursion limit
syntax-redundant-integer-number-prefix = redundant integer number prefix
syntax-redundant-numeric-sign = redundant numeric sign
syntax-string-values-must-be-quoted = string values must be quoted
syntax-too-few-unicode-value-digits = too few unicode value digits
syntax-unclosed-array-table = unclosed array table
syntax-unclosed-array = unclosed array
syntax-unclosed-inline-table = unclosed inline table
syntax-unclosed-table = unclosed table
syntax-unexpected-in-array = unexpected `=` in array
syntax-unexpected-content-between-comment-and-newline = unexpected content between comment and newline
syntax-unexpected-content = unexpected content
syntax-unexpected-key-or-value = unexpected key or value
syntax-unexpected-leading-zero = unexpected leading zero
syntax-unexpected-sign = unexpected sign
syntax-unquoted-keys-cannot-be-empty = unquoted keys cannot be empty
syntax-letters-numbers-signs = letters, numbers, `-`, `_`
name-has-control-character = the name has a control character ({ $code }); take it out
not-built-in = this program is built without ODBC; install unixODBC and the driver, build with: cargo build --release --features odbc
give-either-head-counts = give either head counts by unit code, or a list with table, query or url, not both
make-a-secret = make one, readable by this account alone: head -c 32 /dev/urandom | base64
needs-a-kind-of-unit-as = needs a kind of unit as its name
the-weights-of-add-up-to = the weights of { $kind } add up to { $sum }, not to 100
rate = rate
unknown-kind-of-database = unknown kind of database{ $meant }; begin with sqlite:, postgres://, mysql://, file: or odbc:
leave-out-jdbc = ; leave out "jdbc:", which is Java's alone
a-page-of-the-web = ; a page of the web is not read: save it, and name the file
like-postgres = ; such a server speaks the protocol of PostgreSQL: write postgres://user@host/database
like-mysql = ; such a server speaks the protocol of MySQL: write mysql://user@host/database
by-odbc = ; such a database is read by ODBC with its maker's driver: write odbc:DSN=NAME
meant-kind-of-address = ; did you mean "{ $name }:"?
meant-sqlite-path = ; did you mean sqlite:PATH?
meant-file-path = ; did you mean file:PATH?
are-applied-record-by-record = are applied record by record by the program; leave source.compute out, or take the list away
needs-source-register-key = needs source.register.key, the column that it is compared with
name-the-reasons = name the reasons that may be given, code = text; they are printed next to the rates
needs-the-column-that-names-the-record = needs the column that names the record: key or id_number, one of them
kinds-and-depths = kinds { $kinds }; depths 1 to { $deepest }
listed-names-a-field-and-in = listed names a field and in the list of [source.references] that it is looked up in; unique, group and where do not go with them
codes-stand-in-the-source = names codes, and so does source.lists.{ $name }; keep one of them
rows-without-a-code = has { $blank } rows without a code, which are left out
a-code-has-two-words = has code { $code } with two words, { $word } and { $other }; keep one row of it, or one word in all
code-list-is-too-long = has { $count } codes, more than { $most }; values of a list as long as this are looked up with source.references
name-the-column-of-the-mark = names no column; write only = {"{"} del_flag = ["0"] {"}"}
no-value-means-no-record = has no value, so that no record would count; name those under which a record counts ("" = blank)
name-the-column-of-the-day = is blank; name the column of the day on which a record left, or leave the key out
records-that-leave-are-found-by-counting = records that leave under source.register.only or left_at are found by counting; set "counted"
names-a-field-twice = names a field twice
completeness-counts-no-field = counts no field; name one of the nine, or write required = true in one of [fields]
a-value-of-a-sensitive-field-is-blank = “{ $word }” is a value of { $field }, which is sensitive: it must not count as blank, so that no value makes a record incomplete
a-list-leaves-out-a-people = the list { $list } has some peoples and leaves out { $word }, whose records would be none of it; add the others, or let the field have list = "ethnic"
is-sensitive-it-must-not-decide-which-records = { $column } is sensitive: its values must not decide which records count
names-persons-it-must-not-decide-which-records = { $column } names single persons: its values must not decide which records count
a-sensitive-field-has-no-form = a sensitive field has no form, which could leave out a value: let it be text, or code with a list
nothing-reads-this-field = no relation and no rate reads this field; use it or remove it
a-person-is-blank = “{ $word }” may be the name or number of a person: it is no word for nothing of { $field }; such words are 无, 不详 and their like
is-of-persons-and-has-no-list = { $field } names single persons: no code list, map of codes or form of fixed text may pick one; numbers have type = "citizen_id", names text
is-the-key-it-must-not-decide-which-records = { $column } is the key of single records: its values must not decide which records count
a-people-is-made-something-else = codes makes “{ $word }” another people or a word for nothing; { $field } is sensitive, and no value of it is made something else
has-a-character-that-is-not-printed = has the character { $code }, which documents cannot print (line ends, control, direction and invisible marks, emoji); remove it
a-code-or-its-word-is-empty = has a code or a word that is empty
two-codes-are-one-number = { $code } and { $other } are one number, as leading zeros do not count with numbered = true; remove one of them, or numbered
applies-by-its-own-values = { $field } applies by its own values; let other fields decide
every-text-begins-with-nothing = every text begins with nothing; write what it begins with, or use is filled
coverage = coverage
completeness = completeness
accuracy = accuracy
has-no-invalid-value = { $field } is of type { $value_type } and has no invalid value, so that the rate is always 100%; use of = "fields" (whether it is filled), or give the field type = "form" and a form
is-always-valid = { $field } is of type { $value_type } and has no invalid value, so that it raises the rate whatever it holds; leave it out, or give the field type = "form" and a form
there-is-no-list-to-look-in = there is no list { $list }: lists are in [source.references.NAME], and there is none
list-of-references = list of [source.references]
a-target-has-a-percent-sign = "{ $text }" has no percent sign; write "{ $text }%"
