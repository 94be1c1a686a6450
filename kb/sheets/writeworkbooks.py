"""Excel workbooks written from sheets: headings that stay, lists to choose from, and the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from kb.sheets.casecolumns import Column
from kb.sheets.casesheets import Layout
from kb.sheets.spreadsheets import EXCEL, Unavailable, Value, escaped

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

LAST = 2000
"""The last row in which lists to choose from are offered."""
LONGEST = 255
"""The most characters that Excel takes of a list or of a hint."""
NARROW = 10
"""The most columns of a sheet that is seen without moving sideways."""
NUMBERS = ("value", "base")
"""Columns in which people calculate; every other is kept as the text that was typed."""
TEXT, HEAD, SHOWN = "@", "1F3864", "EDEDED"
_EPOCH = datetime(1980, 1, 1)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def workbook_bytes(layouts: Iterable[Layout]) -> bytes:
    """The workbook of these sheets. Raises Unavailable without openpyxl."""
    try:
        from openpyxl import Workbook
    except ImportError:
        raise Unavailable(f"an Excel workbook needs openpyxl, which is not installed; {EXCEL}") from None
    book = Workbook()
    book.remove(book.worksheets[0])
    for layout in layouts:
        _fill(book.create_sheet(layout.title), layout)
    book.properties.creator = "sigrisk"
    book.properties.created = _EPOCH
    return _the_same_every_time(book)


def _fill(sheet: Worksheet, layout: Layout) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    heading = tuple(column.name for column in layout.columns)
    for row, values in enumerate((heading, *layout.rows), 1):
        for col, (column, value) in enumerate(zip(layout.columns, values, strict=True), 1):
            if value != "" or column.shown:
                _write(sheet.cell(row, col), value, column, row == 1)
    for col, column in enumerate(layout.columns, 1):
        _prepare(sheet, column, col)
    sheet.freeze_panes = "B2" if len(heading) > NARROW else "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write(cell: Cell | MergedCell, value: Value, column: Column, heading: bool) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    if isinstance(value, str) and value:
        cell.value = escaped(value)
        cell.data_type = "s"  # whatever it looks like: a text that reads #N/A is no error
    elif value != "":
        cell.value = value
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if heading:
        cell.font = Font(bold=True, color="FFFFFF")
    elif not column.shown and isinstance(value, str):
        cell.number_format = TEXT
    if heading or column.shown:
        cell.fill = PatternFill("solid", start_color=HEAD if heading else SHOWN)


def _prepare(sheet: Worksheet, column: Column, col: int) -> None:
    """How the cells of a column behave that nothing is written in yet."""
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(col)
    dimension = sheet.column_dimensions[letter]
    dimension.width = column.width
    dimension.alignment = Alignment(wrap_text=True, vertical="top")
    if column.shown:
        return
    if column.name not in NUMBERS:
        dimension.number_format = TEXT  # else Excel makes a date of 3-4 and a first day of 2018-10
    listed = ",".join(column.choices)
    fits = listed and len(listed) <= LONGEST and not any("," in choice for choice in column.choices)
    offered = DataValidation(
        type="list" if fits else None, formula1=f'"{listed}"' if fits else None, allow_blank=True,
        showErrorMessage=bool(fits), errorTitle=column.name, error="Choose from the list, or leave it empty.",
        showInputMessage=bool(column.says), promptTitle=column.name[:32], prompt=column.says[:LONGEST])
    offered.add(f"{letter}2:{letter}{LAST}")
    sheet.add_data_validation(offered)


def _the_same_every_time(book: Workbook) -> bytes:
    """The saved workbook without the time at which it was saved."""
    saved, out = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            data = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", before.read(part))
            after.writestr(zipfile.ZipInfo(part.filename, _EPOCH.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
