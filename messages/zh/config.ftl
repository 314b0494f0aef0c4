config-error-read = 无法读取配置文件{ $path }：{ $source }；请用 --config 或 $TONGBAO_CONFIG 指定
config-error-invalid = { $problems }
file-name = 文件名
folder-name = 文件夹名
sheet-name = 工作表名
title = 标题
is-no-percentage-write-it-as = "{ $text }"不是百分数；请写成"85%"
is-no-number-of-points-write = "{ $text }"不是分数；请写成 2 或 "2.5"
is-no-duration-write-it-as = "{ $text }"不是时长；请写成"30s"、"10m"或"1h"
is-no-time-at-all = "{ $text }"等于没有时间
is-too-long-a-time-ten = "{ $text }"时间太长；最多十年
is-no-date-write-it-as = "{ $text }"不是日期；请写成 2016-06-30
is-no-e-mail-address = "{ $text }"不是电子邮件地址
is-no-host-name-write-it = "{ $text }"不是主机名；请写成"office.example.test"或"[192.0.2.1]"
text-in-quotation-marks = 加引号的文字
cannot-read = 无法读取{ $file }：{ $error }
names-no-file-that-exists-give = 所指的文件不存在；请填存放秘密的文件名，不要填秘密本身
is-too-large-a-number = 数字太大
must-be-a-section-of-keys = 必须是由若干键组成的一节，不能是列表
must-be-one-of-not = 只能是 { $choices } 之一，不能是{ $found }
a-value-was-asked-for-before = 在读键之前就要读值
text = 文字
a-whole-number = 整数
a-decimal-number = 小数
true-or-false = true 或 false
a-date = 日期
a-list = 列表
a-section = 一节
cannot-read-the-credentials-in = 无法读取{ $dir }中的凭据：{ $error }
must-be-not = 必须是{ $wanted }，不能是{ $found }
must-be = 必须是{ $wanted }
unknown-value-known = 没有`{ $found }`这个取值{ $meant }可用的有：{ $known }
unknown-key-known = 没有`{ $found }`这个键{ $meant }可用的有：{ $known }
the-key-is-missing = 缺少`{ $name }`这个键
no-key-meant = ；
meant-key = ；是否为`{ $name }`？
another-kind-of-value = 另一种值
a-whole-number-from-to = 0 到 { $most } 的整数
a-whole-number-or-more = 不小于 0 的整数
a-number = 数字
a-list-in = [ ] 中的列表
a-section-of-keys = 由若干键组成的一节
is-blank = 不能为空
there-is-no-time-zone = 没有时区"{ $name }"{ $meant }
is-after-exchange-from-and-to = { $from }晚于{ $to }；请对调 from 和 to
phase-begins-on-but-lasts-until = 阶段"{ $next }"从{ $from }开始，而"{ $before }"到{ $to }才结束；各阶段不得重叠，并按先后排列
each-campaign-needs-its-name-and = 每项活动都要写明 name 和 url
passwords-and-documents-can-be-read = 密码和文件可能在途中被人看到；请使用带 https 的代理
a-password-has-to-characters-at = 密码的最少字符数须在8到128之间；默认12
is-no-role-write-leader-clerk = “{ $text }”不是角色；请写 leader、clerk、unit、operator 或 auditor
is-no-address-or-network-write = “{ $text }”不是地址或网段；请写成 "10.1.0.0/16"
the-console-speaks-tls-by-cert-file = 已用 cert_file 启用 TLS：请写 https
cert-file-and-key-file-belong-together-name = cert_file 和 key_file 必须同时写明，或都不写
can-be-reached-from-outside-where = { $address } 可从外部访问，密码可能在途中被人看到；请在带 https 的代理后面使用 127.0.0.1:{ $port }，或设 allow_plain_text = true，也可写明 cert_file 和 key_file
is-no-address-write-it-as = “{ $text }”不是地址；请写成 "127.0.0.1:8470"
is-no-header-of-its-own = "{ $name }"不是专用的请求头；请写成 "X-Remote-User"
anybody-could-name-anyone-say-in = 否则任何人都能冒名：请在 networks 中写明采信哪些代理
is-no-address-of-a-site = “{ $text }”不是网址；请写成 "https://tongbao.example.test"
names-no-recipient-group-nobody-is = 没有指定收件组：报告被暂扣、逾期或未送达时无人得知
can-be-reached-from-outside-use = { $address }可从外部访问；请改用 127.0.0.1:{ $port }
is-no-address-write-it-as-2 = "{ $text }"不是地址；请写成"127.0.0.1:9464"
a-target-is-above-and-at = 目标值须大于 0%、不超过 100%，不能是{ $text }
method-roster-needs-source-roster-or = method = "roster" 需要 [source.roster] 或 [source.rosters.名称]；没有名册时请设 method = "baseline" 和 [source.baseline]
method-none-needs-no-list = method = "none" 不计覆盖率，但 [source] 中设有名册或底数；请删去，或改用 method = "roster"、"baseline"
coverage-is-not-measured = 未计覆盖率（indicators.coverage.method = "none"）；请改用其他比率，或删去此项
give-the-points-of-coverage-to-other-rates = 未计覆盖率（indicators.coverage.method = "none"）；请写 coverage = 0，把分值分给其他比率，例如 coverage = 0、completeness = 50、accuracy = 50
method-baseline-needs-source-baseline = method = "baseline" 需要 [source.baseline]
none = 无
there-is-no-source-rosters-named = 没有 [source.rosters.{ $wanted }]；已有的名册：{ $known }
needs-at-least-one-relation = 至少要有一个逻辑关系
is-a-hint-and-part-of-no = { $key }是核实项（counts = false）：只判定并列出其数字，不计入任何率；请从这里删去，或删去 counts = false
is-listed-twice = { $key }列了两次
relation = 逻辑关系
the-weights-add-up-to-not = 权重之和为{ $sum }，应为 100
names-what-decides-first-to-last = 依次列出决定名次的指标，每个一次
is-a-kind-of-unit-a = 应为单位类别、类别的列表，或从 1 起的层级
is-listed-twice-2 = { $address }列了两次
has-no-members = 没有成员
no-report-goes-to-this-group = 没有报告发给这个组
is-outside-smtp-allowed-domains-correct-one = { $address }不在 smtp.allowed_domains（{ $domains }）之内；请更正其一
is-scheduled-but-there-is-no = 已排定计划，但没有 [smtp]：不会发送任何邮件
campaign-end-needs-campaign-phases-which-give = campaign_end 需要 campaign.phases 来确定结束日期
is-bulletin-ranking-acceptance-or-the = 应为 bulletin、ranking、acceptance 或自有模板文件夹的名称
only-an-acceptance-can-be-a = 只有验收可以采用上行报告的形式；请去掉 form
a-report-upward-names-its-set = 上行报告须标明签发人；请设置 signer
is-or-not = 须为特急或加急，而不是"{ $urgency }"
has-six-digits-not = 须为六位数字，而不是"{ $number }"
meant = ；是否为"{ $name }"？
there-is-no-recipient-group = 没有收件组"{ $group }"{ $meant }
is-wholly-outside-the-campaigns-phases = 完全落在专项活动各阶段之外
the-campaign-has-no-phase = 专项活动没有阶段"{ $name }"{ $meant }
mail-to-would-travel-in-plain = 发往{ $host }的邮件将以明文传送；请设为 starttls 或 tls；如整个网络可信，可设 allow_plain_text = ["{ $host }"]
give-password-or-password-file-not-both = password 和 password_file 只能给一个
username-and-password-belong-together = username 和 password 须同时给出
is-one-ascii-character-e-g = 应为一个 ASCII 字符，例如 "," ";" 或 "\t"
is-in-the-state-folder-where = 在状态文件夹中，锁与钥匙放在了一起；请移到别处
give-incremental-key-or-incremental-key-file-not-both = incremental_key 和 incremental_key_file 只能给一个
needs-source-incremental-key-file-a-file-with = 需要 source.incremental_key_file，即状态文件夹之外的密钥文件
the-secret-has-fewer-than-characters = 密钥少于{ $least_key }个字符；{ $make }
counts-from-times-running-switches-it = 从连续 2 次起算；0 为关闭
is-less-than-d-give-a = 不足 "90d"；请给更长的时间，或 "forever"
is-not-used-relative-paths-start = 未使用 { $there }；相对路径从配置文件所在文件夹算起
is-no-folder-the-built-in = 不是文件夹；使用内置模板
at-most-rates-of-your-own = 自定义指标最多{ $most_own_indicators }个
is-the-name-of-a-built = { $key }是内置指标的名称
with-a-relation-for-each-field = 规范性指标的每个项目各占一条逻辑关系，合计超过{ $most }条
is-empty-it-is-what-documents = 是空的；文件上印的就是它
needs-at-least-one-field = 至少需要一个项目
field = 项目
there-is-no-but-there-is = 没有 { $path }，但有 { $there }；相对路径从配置文件所在文件夹算起：如果那就是本配置的状态文件夹，请写完整路径；如果不是，请建立文件夹 { $path }
there-is-no-but-there-is-relative = 没有 { $path }，但有 { $there }；相对路径从配置文件所在文件夹算起：请写完整路径，或把它移过去
is-from-to-not = 应在 1 到 64 之间，不能是{ $number }
the-database-counts-everything-anyway-use = 数据库本来就全部重新计数；compute = "database" 与 incremental 只能用一个
database-needs-postgresql-or-mariadb-sqlite = "database" 需要 PostgreSQL 或 MariaDB；SQLite 在程序内运行，请保留 "engine"
database-needs-a-database-and-the = "database" 需要数据库，而信息库是文件
needs-a-database-a-file-is = 需要数据库；文件总是整个读取
database-needs-a-postgres-or-mysql = "database" 需要 postgres:// 或 mysql:// 地址；经 ODBC 时请保留 "engine"
needs-a-sqlite-postgres-or-mysql = 需要 sqlite:、postgres:// 或 mysql:// 地址；经 ODBC 时信息库总是整个读取
several-need-a-postgres-address-whose = 多个连接需要 postgres:// 地址，它们共用一个快照；经 ODBC 时请保留 1
is-sensitive-its-chosen-values-must = { $field }是敏感项目：不得按其特定取值决定项目适用于谁
has-entries-at-most-are-counted = 有{ $count }项；最多{ $most }项
a-key-is-written-with-small = 键名用小写字母、数字和 _ 写成，如 arrived_on；文件上印的是 label
is-a-word-of-the-language = { $key }是规则语言的词；请换一个键名
is-built-in-choose-another-key = { $key }是内置的；请换一个键名
has-no-codes = 没有代码
the-list-has-no = 代码表中没有{ $word }
needs-either-codes-or-except = codes 与 except 须写其一
the-list-has-no-code = 代码表中没有代码{ $code }
a-field-of-type-form-needs = form 类型的项目须写 form，如 "[0-9]+"
is-for-fields-of-type-form = 只用于 form 类型的项目
speaks-of-the-program-measures-the = 涉及“{ $word }”：本程序只衡量登记数据的质量，不读取健康、怀孕、生育、避孕、宗教、政治方面的数据
is-the-label-of-already = { $name }已是{ $other }的名称
is-a-word-of-the-language-choose = { $name }是规则语言的词；请换一个名称
a-field-of-type-code-and = code 类型的项目须写 list = "…"，其他类型不写
list = 代码表
first-of-names-values-of-one-type = first_of 中的值须为同一类型
has-clauses-at-most-are-read = 有{ $count }个条件；最多{ $most_clauses }个
asks-the-same-as = 与{ $other }的要求相同
needs-either-check-or-cases = check = ["…"] 与 cases = [ … ] 须写其一
a-case-needs-check = 每种情形须写 check = ["…"]
compares-records-with-one-another-if = 是比较多条记录或在名单中查找的逻辑关系；if、check、cases、examples 只用于单条记录的逻辑关系
where-exactly-and-at-least-belong-to = where、exactly、at_least 与 group 一同使用
group-needs-either-exactly-or-at-least = group 须写 exactly = 1 或 at_least = 1，也可为其他数
group-needs-where-the-records-that = group 须写 where = ["…"]，即所计的记录，且不能与 unique 同用
must-be-at-least = 至少为 1
needs-source-register-updated-at-a-time = 需要 source.register.updated_at，即每次新增和修改都会更新的时间
needs-source-units-valid-to-a-unit = 需要 source.units.valid_to：单位自最后一日的次日起计入其继任单位
the-database-that-counts-must-hold = 由数据库计数时它须在同一库中；请去掉 url，或设 source.compute = "engine"
roster = 比对名册
use-either-source-roster-or-source = [source.roster] 和 [source.rosters.名称] 只能用一种
there-can-be-at-most-rosters = 最多可以有{ $number }份名册
follows-one-roster-without-a-name = 只能跟踪一份不具名的名册；请用 [source.roster]，或设 incremental = false
each-roster-needs-a-label-of = 每份名册都要有各自的 label，用于打印
belongs-to-a-url-of-its = 它属于自己的 url；请给出 url，或用 source.files
is-in-another-file-than-the = 与信息库不在同一文件；请给出自己的 url
the-database-is-missing-set-url = 缺少数据库：请设 url，例如 "sqlite:register.db"
give-url-or-url-file-not-both = url 和 url_file 只能给一个
client-cert-file-and-client-key-file-belong-together = client_cert_file 和 client_key_file 须同时给出
cannot-read-2 = 无法读取{ $shown }：{ $error }
holds-no-certificate-it-must-be = { $shown } 中没有证书；它须是 PEM 文件
holds-no-private-key-it-must = { $file }中没有私钥；应为 PEM 文件
give-table-or-query-not-both = table 和 query 只能给一个
needs-a-table-or-a-query = 需要 table 或 query
are-the-fields-of-a-register = 是人口登记的项目，而 [register] 表明登记对象不是人员；请在 [fields] 中写各列
no-column-for-fields-that-are-read = { $fields }没有对应的列；请写明列名，或在 indicators.completeness.fields 和逻辑关系中不用该项
is-blank-name-the-column-or = 为空；请指定列，或用 source.files.unit 说明单位名在哪里：file_name、folder_name、sheet_name 或 title
is-blank-a-database-needs-a = 是空的；数据库必须有一列：请用 query，其中写 NULL AS 自取的列名
first-year-is-not-of-our-time = first_year 为 { $year }；请写明两位数年份所属一百年的第一年（{ $least }至{ $most }），如 1920
form-belongs-to-birth-date-and-registered-at = form 和 first_year 只用于 birth_date 和 registered_at；请删去
placed = { $place }: { $problem }{ $shown }
syntax-expected = { $problem }，此处应为 { $what }
sets-a-key-below-a-value = 所设的键位于一个值之下，而不在一节之中

## What the types of keys expect

is-a-columns-name-or = 是列名，或 {"{"} column = "…", form = "…" {"}"}
is-a-columns-name-or-column = 应为列名，或 {"{"} column = "…", codes = {"{"} … {"}"} {"}"}
is-points-whole-or-a-decimal = 应为分值：整数（40），或加引号的小数（"2.5"）
is-a-depth-a-kind-of = 应为层级（2）、单位类别（"村"）或多个类别（方括号内的"村"和"社区"）
is-a-text-or = 是文本，或 {"{"} zh = "…", en = "…" {"}"}
is-codes-in-or-or = 是 [ ] 中的代码，或 {"{"} label = …, codes = [ ] {"}"}，或 {"{"} label = …, except = [ ] {"}"}
must-be-text-in-quotation-marks = 必须是加引号的文字
a-date-as = 日期：2016-06-30

## Syntax of TOML, as its reader words it

syntax-literal-string = 加引号的文字
syntax-basic-string = 加双引号的文字
syntax-multi-line-basic-string = 三个双引号的文字
syntax-characters = 字符
syntax-digits = 数字
syntax-key = 键
syntax-letters = 字母
syntax-letters-numbers = 字母、数字
syntax-value = 值
syntax-printable-characters = 可见的字符
syntax-may-only-go-between-digits = `_`只能写在数字之间
syntax-cannot-recurse-further-max-recursion-depth = 嵌套太深
syntax-carriage-return-must-be-followed-by = 回车之后必须换行
syntax-duplicate-key = 键重复
syntax-extra = 多了一个`=`
syntax-extra-assignment-between-key-value-pairs = 两个键值之间多了赋值
syntax-extra-comma-in-array = 数组中多了逗号
syntax-extra-comma-in-inline-table = 花括号中多了逗号
syntax-integers-with-a-radix-cannot-be = 带进制前缀的整数不能有正负号
syntax-invalid-comment-character = 注释中有不允许的字符
syntax-invalid-inline-table-element = 花括号中有不允许的内容
syntax-invalid-key-value-pair = 不是“键 = 值”
syntax-invalid-unquoted-key = 不加引号的键只能用字母、数字、_ 和 -
syntax-invalid-value = 不是合法的值
syntax-key-with-no-value = 键没有值
syntax-keys-cannot-be-multi-line-basic = 键不能跨行
syntax-keys-cannot-be-multi-line-literal = 键不能跨行
syntax-missing-array-opening = 数组缺少 [
syntax-missing-assignment-between-key-value-pairs = 键与值之间缺少 =
syntax-missing-comma-between-array-elements = 数组的元素之间缺少逗号
syntax-missing-comma-between-key-value-pairs = 键值之间缺少逗号
syntax-missing-comment-start = 注释缺少 #
syntax-missing-escaped-value = 反斜杠之后缺少字符
syntax-missing-inline-table-opening = 缺少 {"{"}
syntax-missing-key-for-inline-table-element = 花括号中缺少键
syntax-missing-opening-quote = 缺少前引号
syntax-missing-table-open = 节缺少 [
syntax-missing-value-for-key = 键没有值
syntax-missing-value = 缺少值
syntax-radix-must-be-lowercase = 进制前缀须小写
syntax-recursion-limit = 嵌套太深
syntax-redundant-integer-number-prefix = 数字前缀多余
syntax-redundant-numeric-sign = 正负号多余
syntax-string-values-must-be-quoted = 文字要加引号
syntax-too-few-unicode-value-digits = Unicode 码位数不够
syntax-unclosed-array-table = [[ ]] 没有写完
syntax-unclosed-array = 数组没有写完，缺少 ]
syntax-unclosed-inline-table = 花括号没有写完，缺少 {"}"}
syntax-unclosed-table = 节没有写完，缺少 ]
syntax-unexpected-in-array = 数组中不应有`=`
syntax-unexpected-content-between-comment-and-newline = 注释与换行之间有多余的内容
syntax-unexpected-content = 有多余的内容
syntax-unexpected-key-or-value = 有多余的键或值
syntax-unexpected-leading-zero = 数字不能以 0 开头
syntax-unexpected-sign = 此处不应有正负号
syntax-unquoted-keys-cannot-be-empty = 键不能为空
syntax-letters-numbers-signs = 字母、数字、`-`、`_`
name-has-control-character = 名称里有控制字符（{ $code }）；请去掉
not-built-in = 本程序编译时未带 ODBC；请安装 unixODBC 和驱动程序，并用此命令编译：cargo build --release --features odbc
give-either-head-counts = 要么按单位代码给出人数，要么用 table、query 或 url 给出清单，不能两样都给
make-a-secret = 请生成一个只有本账号可读的：head -c 32 /dev/urandom | base64
needs-a-kind-of-unit-as = 要以单位类型为名
the-weights-of-add-up-to = { $kind }的权重合计为{ $sum }，不是100
rate = 指标
unknown-kind-of-database = 不认识的数据库类型{ $meant }；请以 sqlite:、postgres://、mysql://、file: 或 odbc: 开头
leave-out-jdbc = ；请去掉"jdbc:"，它只用于 Java
a-page-of-the-web = ；不读取网页：请另存为文件，再写文件名
like-postgres = ；这种数据库使用 PostgreSQL 协议：请写 postgres://用户@主机/库名
like-mysql = ；这种数据库使用 MySQL 协议：请写 mysql://用户@主机/库名
by-odbc = ；这种数据库用厂商的 ODBC 驱动读取：请写 odbc:DSN=名称
meant-kind-of-address = ；是否为"{ $name }:"？
meant-sqlite-path = ；是否为 sqlite:路径？
meant-file-path = ；是否为 file:路径？
are-applied-record-by-record = 由程序逐条适用；请去掉 source.compute，或去掉这份名单
needs-source-register-key = 要有 source.register.key，即与之比对的列
name-the-reasons = 请列出可用的理由，代码 = 文字；文件在各率旁印出
needs-the-column-that-names-the-record = 要有指明记录的列：key 或 id_number，二者之一
kinds-and-depths = 类别{ $kinds }；层级1至{ $deepest }
listed-names-a-field-and-in = listed 写项目，in 写 [source.references] 中的名单；不与 unique、group、where 同用
codes-stand-in-the-source = 写有代码，source.lists.{ $name } 也有，请只保留一处
rows-without-a-code = 有{ $blank }行没有代码，未采用
a-code-has-two-words = 代码{ $code }有两个名称：{ $word }、{ $other }，请只保留一行或统一名称
code-list-is-too-long = 有{ $count }个代码，超过{ $most }个；这么长的名单请用 source.references 比对
name-the-column-of-the-mark = 没有写明列名；写法 only = {"{"} del_flag = ["0"] {"}"}
no-value-means-no-record = 没有取值，等于所有记录都不计；请写明计入的取值（"" 表示空白）
name-the-column-of-the-day = 是空白；请写明离开（注销）日期所在的列，或删去此项
records-that-leave-are-found-by-counting = 按 source.register.only 或 left_at 退出的记录靠计数发现；请设为 "counted"
names-a-field-twice = 有一项写了两次
completeness-counts-no-field = 没有计入任何一项；请至少列出九项之一，或在 [fields] 的某一项中写 required = true
a-value-of-a-sensitive-field-is-blank = “{ $word }”是敏感项目{ $field }的取值：不得计为未填，任何取值都不得使记录不完整
a-list-leaves-out-a-people = 代码表{ $list }列出了部分民族而缺少{ $word }，该民族的记录会不在表中；请补全，或者写 list = "ethnic"
is-sensitive-it-must-not-decide-which-records = { $column }是敏感项目：其取值不得决定哪些记录计入
names-persons-it-must-not-decide-which-records = { $column }指明个人：其取值不得决定哪些记录计入
a-sensitive-field-has-no-form = 敏感项目不得用格式判断，格式可能排除某一取值：请用 text，或者 code 加代码表
nothing-reads-this-field = 没有逻辑关系或比率读取该项目；请使用或删去
a-person-is-blank = “{ $word }”像是某人的姓名或号码：不得作为{ $field }的未填词；未填词只写“无”“不详”一类说法
is-of-persons-and-has-no-list = { $field }是个人的姓名或号码：不得用代码表、对照或写定文字的格式挑出个人；号码请用 type = "citizen_id"，姓名请用 text
is-the-key-it-must-not-decide-which-records = { $column }是记录编号：其取值不得决定哪些记录计入
a-people-is-made-something-else = codes 把“{ $word }”改成了别的民族或未填词；{ $field }是敏感项目，任何取值都不得改为他义
has-a-character-that-is-not-printed = 含有文件印不出的字符 { $code }（换行、控制、方向、不可见字符或表情符号）；请删去
a-code-or-its-word-is-empty = 有一个代码或词是空的
two-codes-are-one-number = 代码{ $code }与{ $other }是同一个数；numbered = true 时前导零不计，请删去其一，或不写 numbered
applies-by-its-own-values = { $field }是否适用取决于它自己的取值；请改用其他项目判断
every-text-begins-with-nothing = 任何文本都以空文本开头；请写明开头的文字，或用“已填”
coverage = 覆盖率
completeness = 完整率
accuracy = 准确率
has-no-invalid-value = { $field }的类型是 { $value_type }，没有无效的取值，该率恒为100%；请改用 of = "fields"（是否填写），或给项目 type = "form" 和格式
is-always-valid = { $field }的类型是 { $value_type }，没有无效的取值，无论填什么都会抬高该率；请从中去掉，或给项目 type = "form" 和格式
there-is-no-list-to-look-in = 没有名单{ $list }：名单写在 [source.references.名字]，目前没有
list-of-references = [source.references] 中的名单
a-target-has-a-percent-sign = “{ $text }”没有百分号；请写“{ $text }%”
