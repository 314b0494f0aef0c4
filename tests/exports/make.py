"""Makes the exports of an office that the tests read, and their true figures.

The persons are invented. The figures are counted here from the lists in memory, after docs/definitions.md and
without any code of the program. Needs xlwt (for .xls) and openpyxl (for .xlsx):

    python3 make.py
"""

import datetime
import json
import os
import random
import zipfile
from xml.sax.saxutils import escape

import openpyxl
import xlwt

HERE = os.path.dirname(os.path.abspath(__file__))
CUT_OFF = datetime.date(2016, 6, 12)
UNITS = [
    ("440118001", "荔城街道", "街道", ""),
    ("440118001201", "荔湖村", "村", "440118001"),
    ("440118001202", "桥东村", "村", "440118001"),
    ("440118001203", "东村", "村", "440118001"),
    ("440118001001", "桥北社区", "社区", "440118001"),
    ("440118001002", "和平社区", "社区", "440118001"),
]
VILLAGES = UNITS[1:]
HEAD = ["序号", "所属村居", "姓名", "性别", "现居住地址", "户籍所在地", "公民身份号码", "出生日期", "民族", "婚姻状况", "户口性质", "登记时间"]
FIELDS = HEAD[2:11]
PLACES = {"44": "广东省广州市", "43": "湖南省衡阳县", "45": "广西玉林市"}
MINORITIES = ["壮族", "苗族"]
random.seed(20160612)


def identity(province, born, number):
    head = f"{province}0118{born:%Y%m%d}{number:03d}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return head + "10X98765432"[sum(int(d) * w for d, w in zip(head, weights)) % 11]


def person(at, village):
    born = datetime.date(1940, 1, 1) + datetime.timedelta(days=random.randrange(27000))
    age = 2016 - born.year
    province = random.choice(list(PLACES))
    number = random.randrange(1, 999)
    man = number % 2 == 1
    registered = datetime.datetime(2016, 5, 25, 8, 0) + datetime.timedelta(minutes=random.randrange(24 * 60 * 22))
    return {
        "序号": str(at),
        "所属村居": village,
        "姓名": random.choice("陈李张黄何刘吴周") + random.choice("伟秀建丽小国志文") + random.choice(["", "英", "国", "芳", "明", "华"]),
        "性别": "男" if man else "女",
        "现居住地址": f"荔城街道荔湖路{at}号",
        "户籍所在地": PLACES[province],
        "公民身份号码": identity(province, born, number),
        "出生日期": f"{born}",
        "民族": random.choice(["汉族"] * 8 + MINORITIES),
        "婚姻状况": "未婚" if age < 26 else random.choice(["已婚", "已婚", "已婚", "未婚", "丧偶"]),
        "户口性质": random.choice(["农业", "非农业"]),
        "登记时间": registered,
    }


def spoil(record):
    kind = random.randrange(12)
    if kind == 0:
        record["现居住地址"] = random.choice(["", "不详"])
    elif kind == 1:
        record["户口性质"] = ""
    elif kind == 2:
        record["出生日期"] = "1990-01-01"
    elif kind == 3:
        record["性别"] = "女" if record["性别"] == "男" else "男"
    elif kind == 4:
        record["户籍所在地"] = "四川省成都市"
    elif kind == 5:
        record["公民身份号码"] = record["公民身份号码"][:-2] + "00X"
    elif kind == 6:
        record["姓名"] = ""
    return record


def is_citizen(number):
    return len(number) == 18 and identity(number[:2], datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14])), int(number[14:17])) == number


def is_filled(text):
    return text.strip() not in ("", "不详")


def is_complete(record):
    return all(is_filled(record[field]) for field in FIELDS)


def is_accurate(record):
    number = record["公民身份号码"]
    if not is_citizen(number) or not all(is_filled(record[f]) for f in ("性别", "出生日期", "户籍所在地", "婚姻状况")):
        return False
    born = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    man = int(number[16]) % 2 == 1
    least = (22 if man else 20) - (2 if record["民族"] in MINORITIES else 0)
    age = CUT_OFF.year - born.year - ((CUT_OFF.month, CUT_OFF.day) < (born.month, born.day))
    return (
        record["出生日期"] == f"{born}"
        and record["性别"] == ("男" if man else "女")
        and (record["婚姻状况"] == "未婚" or age >= least)
        and record["户籍所在地"] == PLACES[number[:2]]
    )


def figures(register, roster):
    """[records, roster, found, complete, accurate] by village, cumulative to the cut-off."""
    counted = [r for r in register if r["登记时间"].date() <= CUT_OFF]
    registered = {r["公民身份号码"] for r in counted}
    out = {}
    for _, name, _, _ in VILLAGES:
        own = [r for r in counted if r["所属村居"] == name]
        listed = {number for village, number in roster if village == name}
        out[name] = [len(own), len(listed), len(listed & registered), sum(map(is_complete, own)), sum(map(is_accurate, own))]
    return out


REGISTER, ROSTER, number = [], [], 0
for _, village, _, _ in VILLAGES:
    for _ in range(random.randrange(40, 70)):
        number += 1
        record = person(number, village)
        if random.random() < 0.9 and is_citizen(record["公民身份号码"]):
            ROSTER.append((village, record["公民身份号码"]))
        if random.random() < 0.93:
            REGISTER.append(spoil(record))
CODES = {name: code for code, name, _, _ in UNITS}


def at(name):
    path = os.path.join(HERE, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def of(village):
    return [r for r in REGISTER if r["所属村居"] == village]


def values(record, head, time="%Y-%m-%d %H:%M"):
    return [record[name].strftime(time) if name == "登记时间" else record[name] for name in head]


def csv(name, rows, encoding="utf-8", end="\r\n"):
    with open(at(name), "w", encoding=encoding, newline="") as out:
        out.writelines(",".join(row) + end for row in rows)


def workbook():
    """A sheet per village, with a title, no column for the village, and a cover."""
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active["A1"] = "荔城街道流动人口登记表"
    head = [name for name in HEAD if name != "所属村居"]
    for _, village, _, _ in VILLAGES:
        sheet = book.create_sheet(village)
        sheet.append([f"{village}流动人口登记表"])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(head))
        sheet.append(head)
        for record in of(village):
            row = values(record, head)
            row[7 - 1] = datetime.date.fromisoformat(record["出生日期"])
            row[-1] = record["登记时间"]
            sheet.append(row)
        sheet.append([])
        sheet.append(["合计", f"{len(of(village))}人"])
        sheet.append(["填表人：甲", None, None, "审核人：乙"])
    book.save(at("workbook/台账.xlsx"))


def folder():
    """A file per village, named by it, and a copy of one of them."""
    head = [name for name in HEAD if name != "所属村居"]
    for _, village, _, _ in VILLAGES:
        rows = [head] + [values(record, head) for record in of(village)]
        csv(f"folder/{village}6月.csv", rows)
        if village == "东村":
            csv(f"folder/{village}6月 - 副本.csv", rows)


def old_workbook():
    """.xls with merged cells for the village, a subtotal after each, and the heading again on each page."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("登记表")
    sheet.write_merge(0, 0, 0, len(HEAD) - 1, "荔城街道流动人口登记表")
    day, time = xlwt.easyxf(num_format_str="yyyy-mm-dd"), xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm")
    row = 1

    def heading():
        nonlocal row
        for column, name in enumerate(HEAD):
            sheet.write(row, column, name)
        row += 1

    heading()
    for page, (_, village, _, _) in enumerate(VILLAGES):
        if page:
            heading()
        records = of(village)
        sheet.write_merge(row, row + len(records) - 1, 1, 1, village)
        for record in records:
            for column, name in enumerate(HEAD):
                if name == "出生日期":
                    sheet.write(row, column, datetime.date.fromisoformat(record[name]), day)
                elif name == "登记时间":
                    sheet.write(row, column, record[name], time)
                elif name == "序号":
                    sheet.write(row, column, int(record[name]))
                elif name != "所属村居" and record[name]:
                    sheet.write(row, column, record[name])
            row += 1
        sheet.write(row, 0, "小计")
        sheet.write(row, 1, village)
        sheet.write(row, 2, len(records))
        row += 1
    sheet.write(row, 0, "合计")
    sheet.write(row, 2, len(REGISTER))
    sheet.write(row + 1, 0, "制表人：甲")
    book.save(at("old/登记表.xls"))


def compact():
    """GB18030 with times and days as digits alone, and codes of the villages."""
    rows = [["所属村居代码" if name == "所属村居" else name for name in HEAD]]
    for record in REGISTER:
        row = values(record, HEAD, "%Y%m%d%H%M%S")
        row[1], row[7] = CODES[row[1]], row[7].replace("-", "")
        rows.append(row)
    csv("compact/rkxx.csv", rows, "gb18030")


def named():
    """A register with codes, and a roster that knows the villages by name."""
    rows = [HEAD]
    for record in REGISTER:
        row = values(record, HEAD)
        row[1] = CODES[row[1]]
        rows.append(row)
    csv("named/人口信息.csv", rows)
    csv("named/比对名册.csv", [["所在村居", "身份证号"]] + [list(entry) for entry in ROSTER])
    csv("named/单位.csv", [["代码", "名称", "类别", "上级"]] + [list(unit) for unit in UNITS])


def page():
    """A web page named .xls, in GB2312, with merged cells."""
    out = ['<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">']
    out.append("<style>td { mso-number-format:'\\@' }</style></head><body><table border=1>")
    out.append(f"<tr><td colspan={len(HEAD)}>荔城街道流动人口登记表</td></tr><tr>")
    out.extend(f"<th>{name}</th>" for name in HEAD)
    for _, village, _, _ in VILLAGES:
        for index, record in enumerate(of(village)):
            out.append("<tr>")
            for name, value in zip(HEAD, values(record, HEAD)):
                if name != "所属村居":
                    out.append(f"<td>{escape(value) or '&nbsp;'}</td>")
                elif index == 0:
                    out.append(f'<td rowspan="{len(of(village))}">{village}<br></td>')
    out.append("<tr><td>合计</td><td colspan=11>&nbsp;</td></tr></table></body></html>")
    with open(at("kinds/page.xls"), "w", encoding="gb18030") as file:
        file.write("\n".join(out))


def xml():
    """XML of Excel 2003."""
    def cell(value, kind="String", more=""):
        return f'<Cell{more}><Data ss:Type="{kind}">{escape(value)}</Data></Cell>'

    out = ['<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>']
    out.append('<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">')
    out.append('<Worksheet ss:Name="登记表"><Table><Row>' + "".join(map(cell, HEAD)) + "</Row>")
    for _, village, _, _ in VILLAGES:
        records = of(village)
        for index, record in enumerate(records):
            row = []
            for column, (name, value) in enumerate(zip(HEAD, values(record, HEAD, "%Y-%m-%dT%H:%M:00.000"))):
                if name == "所属村居":
                    row.append(cell(village, more=f' ss:MergeDown="{len(records) - 1}"') if index == 0 else "")
                elif name == "登记时间":
                    row.append(cell(value, "DateTime"))
                elif name == "出生日期":
                    row.append(cell(value + "T00:00:00.000", "DateTime"))
                else:
                    more = ' ss:Index="3"' if name == "姓名" else ""
                    row.append(cell(value, more=more))
            out.append("<Row>" + "".join(row) + "</Row>")
    out.append("</Table></Worksheet></Workbook>")
    with open(at("kinds/xml.xls"), "w", encoding="utf-8") as file:
        file.write("".join(out))


def open_document():
    """.ods, with merged cells, empty rows and columns that are repeated, and a note."""
    def cell(value, more=""):
        return f'<table:table-cell office:value-type="string"{more}><text:p>{escape(value)}</text:p></table:table-cell>' if value else "<table:table-cell/>"

    out = ['<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="登记表">']
    out.append('<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>')
    out.append("<table:table-row>" + "".join(map(cell, HEAD)) + "</table:table-row>")
    for _, village, _, _ in VILLAGES:
        records = of(village)
        for index, record in enumerate(records):
            row = []
            for name, value in zip(HEAD, values(record, HEAD, "%Y-%m-%dT%H:%M:00")):
                if name == "所属村居":
                    row.append(cell(village, f' table:number-rows-spanned="{len(records)}"') if index == 0 else "<table:covered-table-cell/>")
                elif name in ("登记时间", "出生日期"):
                    row.append(f'<table:table-cell office:value-type="date" office:date-value="{value}"><text:p>x</text:p></table:table-cell>')
                elif name == "姓名" and value:
                    row.append(f'<table:table-cell office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation><text:p>{value}</text:p></table:table-cell>')
                else:
                    row.append(cell(value))
            out.append("<table:table-row>" + "".join(row) + "</table:table-row>")
    out.append("</table:table></office:spreadsheet></office:body></office:document-content>")
    with zipfile.ZipFile(at("kinds/sheet.ods"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(zipfile.ZipInfo("content.xml"), "".join(out), zipfile.ZIP_DEFLATED)


def dbase():
    """.dbf in GBK, with a deleted record."""
    lengths = {name: max(1, *(len(v.encode("gbk")) for v in (values(r, HEAD)[i] for r in REGISTER))) for i, name in enumerate(HEAD)}
    start, width = 32 + 32 * len(HEAD) + 1, 1 + sum(lengths.values())
    rows = [(b" ", record) for record in REGISTER] + [(b"*", REGISTER[0])]
    out = bytes([3, 116, 6, 12]) + len(rows).to_bytes(4, "little") + start.to_bytes(2, "little") + width.to_bytes(2, "little") + bytes(20)
    for name in HEAD:
        short = {"现居住地址": "现住地址", "户籍所在地": "户籍地址", "公民身份号码": "身份证号"}.get(name, name)
        out += short.encode("gbk").ljust(11, b"\0") + b"C" + bytes(4) + bytes([lengths[name], 0]) + bytes(14)
    out += b"\r"
    for mark, record in rows:
        cells = zip(HEAD, values(record, HEAD))
        out += mark + b"".join(value.encode("gbk").ljust(lengths[name]) for name, value in cells)
    with open(at("kinds/rkxx.dbf"), "wb") as file:
        file.write(out + b"\x1a")


csv("lists/单位.csv", [["代码", "名称", "类别", "上级"]] + [list(unit) for unit in UNITS])
csv("lists/名册.csv", [["单位代码", "身份证号"]] + [[CODES[village], number] for village, number in ROSTER])
csv("lists/村名名册.csv", [["所在村居", "身份证号"]] + [list(entry) for entry in ROSTER])
for make in (workbook, folder, old_workbook, compact, named, page, xml, open_document, dbase):
    make()
with open(at("true.json"), "w", encoding="utf-8") as file:
    json.dump(figures(REGISTER, ROSTER), file, indent=1)
