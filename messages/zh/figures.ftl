inexpressible-identity = { $key } 是公民身份号码，而登记对象不是人，数据库不能据此计数；请设 source.compute = "engine"
inexpressible-places = { $key }：数据库比较地点不能细到这一级；请按省比较地点与号码，或设 source.compute = "engine"
inexpressible-listed = { $key }：在名单中查找，数据库只能用本库的表查找文本、格式和地点；请设 source.compute = "engine"
inexpressible-spellings = 除代码外，单位还有超过{ $most }种写法，一条语句容纳不下；请统一写法，或设 source.compute = "engine"
inexpressible-sets = { $key }：按日期或数字比较多条记录，其个别写法只有本程序能识别，数据库不能计算；请设 source.compute = "engine"
inexpressible-coded-date = { $field }是日期列，在数据库中不能用代码表；请去掉 codes，或设 source.compute = "engine"
tally-error-grouping = polars 无法分组：{ $reason }
tally-error-overflow = 无法在磁盘上暂存：{ $reason }；请在状态文件夹所在的磁盘上腾出空间
input-mismatch-records = { $records }条记录中没有一条的单位代码在 source.units 中：各单位都没有数字；请更正 source.register.unit 或单位表
input-mismatch-empty-roster = 名册是空的：覆盖率无法判定；请更正 [source.roster]
input-mismatch-roster-without-ids = 名册{ $entries }条中没有一条有身份号码：覆盖率无法判定；请更正 source.roster.id_number
input-mismatch-named-roster = 名册{ $name }中没有一条有身份号码：覆盖率无法判定；请更正 [source.rosters.{ $name }] 的 id_number
input-mismatch-named-roster-units = 名册{ $name }的{ $persons }人中没有一人的单位代码在 source.units 中：覆盖率无法判定；请更正 [source.rosters.{ $name }] 的 unit 或单位表
input-mismatch-roster-units = 名册{ $persons }人中没有一人的单位代码在 source.units 中：覆盖率无法判定；请更正 [source] 中名册的 unit 或单位表
input-mismatch-named-roster-unmatched = 名册{ $name }的{ $persons }人中没有一人在信息库中；请更正 [source.rosters.{ $name }] 的 id_number
input-mismatch-roster-unmatched = 名册{ $persons }人中没有一人在信息库中；请更正名册的 id_number，底数表请写在 [source.baseline] 中
input-mismatch-empty-baseline = 应登记底数是空的：覆盖率无法判定；请填写 [source.baseline]
input-mismatch-baseline = 应登记底数的{ $units }个单位都不在 source.units 中：覆盖率无法判定；请更正 [source.baseline] 或单位表
rows-of-the-register-are-no = 登记库中有{ $left_out }行是合计、小计、表头或填表人等，不是记录，未计入；请删除
units-have-several-head-counts = { $units }在应登记底数中不止一行，已相加；请删去重复的行，或合并为一行
head-counts-of-unknown-units = 应登记底数中有{ $persons }人的单位不在单位表中：{ $units }；请更正单位，或在 source.units 的 aliases 中说明
id-numbers-of-the-roster-are-none = 名册中有{ $malformed }个号码不符合编码规则（位数、字符、日期、格式或校验码不对），按原样比对，与登记的号码不一致的比对不到；请更正名册
id-numbers-of-the-roster-have = 名册中有{ $cut }个号码的末几位在电子表格中丢失或被遮盖；请按文本重新导出完整的号码
the-server-shows-only-some-rows = 服务器只向本账号显示表"{ $table }"的一部分行（行级安全），数字只是这一部分的；请授权显示全部（BYPASSRLS 或策略），或用 guards.hold_partial_rows = false 注明有意如此
texts-of-column-look-like = 列"{ $column }"：查看的{ $of }个文本中有{ $count }个像是{ $how }；程序不作猜测，请更正该列或其导出{ $remedy }
character-set = 字符集
rows-of-list-are-totals = { $list } 有{ $count }行是合计、小计，已略去；请删除这些行
unit-codes = 单位代码
of-records-have-no-unit-they = { $records }条记录中有{ $blank }条没有单位，不计入任何单位：请补填，或更正 source.register.unit
most-records-have-no-unit-if = 大多数记录没有单位：如果原来是合并单元格，请另存为 .xlsx 而不是文本，合并单元格会向下填充
of-records-have-a-unit-code = { $records }条记录中有{ $unknown_codes }条的单位代码不在单位表中，不计入任何单位{ $listed }：请补充单位，或在 [source.units] 的 aliases 中注明，或更正 source.register.unit
unit-codes-are-written-as-numbers = 单位代码被写成分组的数字（{ $shown }）：请把该列设为文本格式后重新导出
roster-persons-have-a-unit-code = 名册中有{ $persons }人的单位代码不在单位表中，不计入任何单位{ $listed }{ $blank }；请补充单位，或在 [source.units] 的 aliases 中注明，或更正 source.roster.unit
names-several-units-records-under-this = “{ $name }”是几个单位共有的名称（{ $codes }）：写此名称的记录不计入其中任何一个；请写单位代码
registration-times-cannot-be-read-and = 有{ $count }个登记时间无法辨认{ $looks }，按期前计；{ $remedy }
name-the-first-year = 两位数的年份不作猜测：请在 { $place } 中用 first_year 写明属于哪一百年，如 first_year = { $first_year }
say-whether-the-day-comes-first = 请在 { $place } 中用 form = "day_first" 或 "month_first" 写明日在前还是月在前
say-whether-they-count-seconds = 如果是从1970年起计的数，请在 { $place } 中用 form = "unix_seconds" 或 "unix_milliseconds" 写明
correct-them-or-read-a-query = 请更正，或用查询语句写成 2016-06-09 的样子
records-repeat-others = { $records }条记录中有{ $count }条与其他记录号码相同；如文件、工作表或连接的表中同一名单不止一份，请只读取一份
registrations-are-yet-to-come = 有{ $future }个登记时间在本次读取两个月以后，截至今天的数字都不含这些记录，请更正年份或日期
registration-times = 登记时间
birth-dates-cannot-be-read-and = 有{ $count }个出生日期无法辨认{ $looks }，有关逻辑关系判为不符（on_invalid = "skip" 时不判）；{ $remedy }
values-of-are-not-understood-and = { $field }有{ $count }个值无法辨认，有关逻辑关系判为不符（on_invalid = "skip" 时不判）{ $looks }；请在 source.register.fields 中用 codes 注明含义
codes-of-unknown-sex-are-those-of = { $all }条记录的性别填写“未说明”类代码{ $looks }，按未填写计，而其中{ $holders }条的公民身份号码为{ $sex }性：该代码可能就是这个意思，请在 source.register.fields.sex 中注明，如 codes = {"{"} "0" = "女" {"}"}；确实表示未说明的，写 "未说明"
codes-of-unknown-sex-are-of-one-sex-in = 性别填写“未说明”类代码{ $looks }的记录按未填写计，而在{ $units }，这些人按公民身份号码几乎都是同一性别：请在 source.register.fields.sex 的 codes 中注明含义，或请这些单位更正名单
men = 男
women = 女
values-are-zero = 查看的{ $of }个{ $field }值中有{ $count }个是 0，按未填写计；标准代码中没有 0：如有含义，请在 source.register.fields.{ $field } 的 codes 中注明；确实表示未说明的，写 codes = {"{"} "0" = "未说明" {"}"}
ethnicities-are-not-understood = 查看的记录中有{ $count }个民族无法辨认（{ $listed }），按汉族计，其婚龄比少数民族高两岁；请在 source.register.fields.ethnicity 中用 codes 注明含义
no-unit-is-of-kind = 没有类型为{ $kind }的单位，所指的单位不参加排名；请更正 ranking.level
no-unit-is-of-kind-meant = 没有类型为{ $kind }的单位，所指的单位不参加排名；是否应为“{ $meant }”？请更正 ranking.level
units-are-ranked-among-their-parts = { $units }：按代码或名称，是其他参加排名单位的上级，却与其一同排名；请用 ranking.except 排除，或用 source.units.parent 指明上级单位列，确有此意的，写 guards.hold_ranked_parents = false
units-have-no-list = { $units }：没有任何记录，而各单位分文件（工作表）报送；请补齐名单，确无名单的，写 guards.hold_missing_lists = false
id-numbers-are-in-merged-cells = { $list } 有{ $count }行的公民身份号码来自上方的合并单元格，按同一人的记录计；请取消合并，逐行填写号码
texts-may-say-nothing = 查看的{ $of }个{ $field }值中有{ $count }个是“{ $shown }”（# 为数字，A 为字母，字为其他字符），按已填写计；如并无含义，请写入 indicators.completeness.also_blank.{ $field }
several-texts-may-say-nothing = 查看的{ $of }个{ $field }值中，形如“{ $shown }”（# 为数字，A 为字母，字为其他字符）的{ $texts }种内容共{ $count }个，按已填写计；其中如有并无含义的，请写入 indicators.completeness.also_blank.{ $field }
ranking-level = ranking.level
id-numbers-have-lost-their-last = 有{ $count }个号码的末几位在电子表格中丢失或被遮盖；请按文本重新导出
id-numbers-have-another-length-than = 有{ $count }个身份号码不是15位或18位
id-numbers-have-letters-or-marks = 有{ $count }个身份号码的数字中夹有字母或符号
id-numbers-hold-a-date-that = 有{ $count }个身份号码所含日期不存在
id-numbers-have-a-wrong-check = 有{ $count }个身份号码校验码不符
records = 记录
roster = 比对名册
baseline = 应登记底数
unit-names = 单位名称
proven-exceptions = 佐证
proven-exceptions-are-not-used = { $listed }条佐证中有{ $unusable }条未采用：记录为空、逻辑关系未参加计算、理由不在 source.exceptions.reasons 中，或截止日期不是日期；请更正名单
proven-exceptions-change-nothing = { $listed }条佐证中有{ $idle }条不起作用：没有这条记录、不凭佐证也相符，或重复列出；请从名单中去掉
records-do-not-count = { $column }列标明{ $count }条记录不计入（{ $listed }），见 source.register.only
records-have-left = { $count }条记录在截止日及以前已离开或注销，不计入（{ $column }列），见 source.register.left_at
registrations-are-older-than-any-register = 有{ $ancient }个登记时间早于1949年，所属时段的数字不含这些记录，请更正年份
records-of-units-repeat-others = { $listed }：五分之一以上的记录与其他记录号码相同，请核对这些单位的名单是否重复读取
no-date = 不是日期
no-number = 不是数
neither-yes-nor-no = 不是“是”或“否”
not-in-the-list = 不在代码表{ $list }中
no-citizen-id-number = 不是有效的公民身份号码
no-credit-code = 不是有效的统一社会信用代码
not-of-the-form = 格式不符
values-of-an-own-field-are-invalid = { $key }有{ $count }个值{ $kind }{ $looks }，读取该项目的逻辑关系据此判定；请更正这些值，或核对[fields.{ $key }]的列、类型、格式和代码表
