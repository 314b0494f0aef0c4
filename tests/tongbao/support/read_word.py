"""Reads a .docx with python-docx and prints as JSON what Word would show: headings with their numbers, tables, sections."""

import json
import sys
import xml.dom.minidom
import zipfile

import docx
from docx.oxml.ns import qn

path = sys.argv[1]
with zipfile.ZipFile(path) as package:
    names = package.namelist()
    times = sorted({info.date_time for info in package.infolist()})
    parts = {name: package.read(name).decode() for name in names if name.endswith((".xml", ".rels"))}
for text in parts.values():
    xml.dom.minidom.parseString(text)
book = docx.Document(path)
MM = 36000

numbering = book.part.numbering_part.element
patterns = {}
for number in numbering.findall(qn("w:num")):
    abstract = number.find(qn("w:abstractNumId")).get(qn("w:val"))
    definition = next(d for d in numbering.findall(qn("w:abstractNum")) if d.get(qn("w:abstractNumId")) == abstract)
    levels = definition.findall(qn("w:lvl"))
    patterns[number.get(qn("w:numId"))] = [
        tuple(level.find(qn("w:" + tag)).get(qn("w:val")) for tag in ("numFmt", "lvlText", "suff")) for level in levels
    ]


def chinese(n):
    digits = " 一二三四五六七八九"
    tens = "" if n < 10 else ("" if n < 20 else digits[n // 10]) + "十"
    return (tens + digits[n % 10]).strip()


counts = {}


def number(paragraph):
    """The number that the list prints before a heading."""
    own = paragraph._p.pPr.find(qn("w:numPr")) if paragraph._p.pPr is not None else None
    found = own if own is not None else paragraph.style.element.pPr.find(qn("w:numPr"))
    if found is None:
        return ""
    level = int(found.find(qn("w:ilvl")).get(qn("w:val")))
    list_id = found.find(qn("w:numId")).get(qn("w:val"))
    if list_id == "0":
        return ""
    at = counts.setdefault(list_id, [0] * 4)
    at[level] += 1
    at[level + 1 :] = [0] * (3 - level)
    form, text, suffix = patterns[list_id][level]
    shown = chinese(at[level]) if form == "chineseCountingThousand" else str(at[level])
    return text.replace(f"%{level + 1}", shown) + (" " if suffix == "space" else "")


def row(line):
    properties = line._tr.trPr
    has = lambda tag: properties is not None and properties.find(qn(tag)) is not None
    keeps = all(paragraph.paragraph_format.keep_with_next for cell in line.cells for paragraph in cell.paragraphs)
    return {
        "cells": [cell.text for cell in line.cells],
        "unwrapped": [cell._tc.tcPr.find(qn("w:noWrap")) is not None for cell in line.cells],
        "hyphens": len(line._tr.findall(".//" + qn("w:noBreakHyphen"))),
        "pictures": [len(cell._tc.findall(".//" + qn("w:drawing"))) for cell in line.cells],
        "repeated": has("w:tblHeader"),
        "whole": has("w:cantSplit"),
        "keeps": keeps,
    }


def section(part):
    sides = (part.page_width, part.page_height, part.top_margin, part.right_margin, part.bottom_margin, part.left_margin)
    text = lambda footer: [
        ["".join(node.text or "" for node in p._p.iter(qn("w:t"), qn("w:instrText"))), p.paragraph_format.alignment]
        for p in footer.paragraphs
    ]
    return {
        "mm": [round(side / MM, 1) for side in sides],
        "type": str(part.start_type),
        "odd": text(part.footer),
        "even": text(part.even_page_footer),
        "header": [] if part.header.is_linked_to_previous else [p.text for p in part.header.paragraphs],
        "grid": part._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch")),
        "rotated": [len(f._element.findall(".//" + qn("w:txbxContent"))) for f in (part.footer, part.even_page_footer)],
    }


def look(style):
    fonts = style.element.rPr.rFonts
    return {"font": fonts.get(qn("w:eastAsia")), "points": style.font.size.pt, "outline": style.element.find(".//" + qn("w:outlineLvl")) is not None}


headings = [
    {"style": p.style.name, "text": number(p) + p.text} for p in book.paragraphs if p.style.name.startswith("Heading")
]
print(
    json.dumps(
        {
            "names": names,
            "times": times,
            "even_and_odd": book.settings.odd_and_even_pages_header_footer,
            "paragraphs": [{"style": p.style.name, "text": p.text, "keeps": p.paragraph_format.keep_with_next} for p in book.paragraphs],
            "headings": headings,
            "tables": [[row(line) for line in table.rows] for table in book.tables],
            "sections": [section(part) for part in book.sections],
            "styles": {s.name: look(s) for s in book.styles if s.type == 1 and s.element.rPr is not None and s.name != "Normal"},
            "pictures": [
                {"description": node.get("descr"), "mm": [round(int(extent.get(side)) / MM, 1) for side in ("cx", "cy")]}
                for inline in book.element.body.iter(qn("wp:inline"))
                for node, extent in [(inline.find(qn("wp:docPr")), inline.find(qn("wp:extent")))]
            ],
            "framed": [p.text for p in book.paragraphs if p._p.pPr is not None and p._p.pPr.find(qn("w:framePr")) is not None],
            "properties": {
                key: str(getattr(book.core_properties, key))
                for key in ("title", "author", "last_modified_by", "subject", "language", "created", "comments", "keywords")
            },
        }
    )
)
