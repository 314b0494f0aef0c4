"""Reads a workbook with openpyxl and prints as JSON what a spreadsheet program would do with it."""

import json
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
# The values that were stored beside the formulas.
stored = openpyxl.load_workbook(sys.argv[1], data_only=True)


def rules(sheet):
    found = []
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            found.append({"area": str(area.sqref), "formula": rule.formula, "fill": rule.dxf.fill.bgColor.rgb})
    return sorted(found, key=lambda rule: (rule["area"], rule["formula"]))


def cells(sheet):
    def described(cell):
        return {
            "value": cell.value,
            "cached": stored[sheet.title][cell.coordinate].value,
            "type": cell.data_type,
            "format": cell.number_format,
            "wrap": cell.alignment.wrap_text,
            "indent": cell.alignment.indent,
        }

    return [[described(cell) for cell in row] for row in sheet.iter_rows()]


print(
    json.dumps(
        [
            {
                "name": sheet.title,
                "freeze": sheet.freeze_panes,
                "paper": sheet.page_setup.paperSize,
                "orientation": sheet.page_setup.orientation,
                "fit": [sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight],
                "repeated": sheet.print_title_rows,
                "footer": [sheet.oddFooter.left.text, sheet.oddFooter.right.text],
                "filter": sheet.auto_filter.ref,
                "heights": {row: sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1)},
                "merged": sorted(str(area) for area in sheet.merged_cells.ranges),
                "rules": rules(sheet),
                "cells": cells(sheet),
            }
            for sheet in book
        ]
    )
)
