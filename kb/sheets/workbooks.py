"""Excel workbooks read as sheets of cells: dates and shares as they were meant, and nothing left out unsaid."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from kb.model import Place, Problem
from kb.problems import Code, did_you_mean, shown
from kb.sheets.spreadsheets import (
    EXCEL,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Sheet,
    Sheets,
    Unavailable,
    cell_of,
    number_text,
    refused,
    too_many,
)
from kb.sheets.workbookparts import SAVE, Shape, corners, refusal, shape_of

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import _WorksheetLike

_ASIDE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # what stands in a number's format without being part of it


class Raw(NamedTuple):
    """A cell as Excel keeps it; `calculated` where a formula stands there."""

    value: object
    shape: str
    is_error: bool
    calculated: bool


Grid = dict[tuple[int, int], Raw]


class Part(NamedTuple):
    """One sheet as it was found: its title, its cells with formulas calculated, and what else it has."""

    title: str
    visible: bool
    cells: Grid
    shape: Shape


def read_workbook(data: bytes, name: str, wanted: Sequence[str], passed_over: Collection[str]) -> Sheets:
    """The sheets wanted, as far as they are there, and every problem. Raises Unavailable without openpyxl."""
    if why := refusal(data):
        return refused(name, *why)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that we do not read either
            titles, parts = _parts(data, wanted)
    except Unavailable:
        raise
    except Exception:  # openpyxl has no errors of its own: a damaged part raises whatever comes of it
        return refused(name, Code.CANNOT_READ, "Excel's own parts of this workbook cannot be read", f"{SAVE} again")
    problems = list(_other_sheets(titles, name, wanted, passed_over))
    found = {_plain(part.title): _Walk(part, f"{name}[{part.title}]", problems).sheet() for part in parts}
    return tuple(found[title] for title in wanted if title in found), tuple(problems)


def _parts(data: bytes, wanted: Sequence[str]) -> tuple[list[str], list[Part]]:
    """The titles of all sheets, and the sheets that are wanted. Streamed, so that no merged area is ever unfolded."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise Unavailable(f"an Excel workbook needs openpyxl, which is not installed; {EXCEL}") from None
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    found = []
    for sheet in (sheet for sheet in book.worksheets if _plain(sheet.title) in wanted):
        shape = shape_of(data, vars(sheet)["_worksheet_path"])
        found.append(Part(sheet.title, sheet.sheet_state == "visible", _grid(sheet, shape), shape))
    return book.sheetnames, found


def _grid(sheet: _WorksheetLike, shape: Shape) -> Grid:
    """The cells of a sheet that hold anything; a formula without a stored result holds None."""
    nothing = Raw(None, "", False, True)
    rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)
    cells = (cell for row in rows for cell in row if cell.value is not None)
    return dict.fromkeys(shape.formulas, nothing) | {
        at: Raw(cell.value, cell.number_format, cell.data_type == "e", at in shape.formulas)
        for cell in cells for at in [(cell.row, cell.column)]}


class _Walk:
    """Goes through the cells of one sheet; what cannot be read becomes a problem, and its row is lost."""

    def __init__(self, part: Part, file: str, problems: list[Problem]) -> None:
        self.part, self.file, self.problems = part, file, problems
        self.lost: set[int] = set()

    def sheet(self) -> Sheet:
        """The sheet, row by row."""
        title, shape = _plain(self.part.title), self.part.shape
        if not self.part.visible:
            self._say(1, 1, Code.NOT_ALLOWED, f"the sheet {title} is hidden", "show it, so that all of it is seen")
        if shape.beyond:
            self.problems.append(too_many(Place(self.file, *shape.beyond)))
        self._beside()
        rows: dict[int, dict[int, Cell]] = {}
        for (row, col), raw in sorted(self.part.cells.items(), key=_position):
            found = self._cell(row, col, raw)
            if found is not None:
                rows.setdefault(row, {})[col] = found
        return Sheet(title, self.file, tuple(rows.items()), frozenset(self.lost), shape.hidden_rows,
                     shape.hidden_columns)

    def _beside(self) -> None:
        """What is no cell of its own: comments and merged cells."""
        for comment in self.part.shape.comments:
            self._say(*corners(comment)[:2], Code.NOT_ALLOWED, "a comment hangs here, and comments are not read",
                      "write it into the note, and delete the comment")
        for area in self.part.shape.merged:
            first, col, last, _ = corners(area)
            self.lost.update(range(first, min(last, MAX_ROWS) + 1))
            self._say(first, col, Code.WRONG_SHAPE, f"the cells {shown(area)} are merged",
                      "unmerge them: every cell says something of its own")

    def _cell(self, row: int, col: int, raw: Raw) -> Cell | None:
        if raw.calculated and raw.value is None:
            return self._lose(row, col, Code.MISSING_KEY, "the formula in this cell has no result stored with it",
                              "save the workbook in Excel, or write the value itself")
        if raw.is_error:
            return self._lose(row, col, Code.NOT_ALLOWED, f"this cell holds the error {shown(str(raw.value))}",
                              "write the value itself")
        text = _text(raw)
        if text is None:
            return self._lose(row, col, Code.NOT_A_DATE, "this cell holds a time of day", "write the day alone")
        before = len(self.problems)
        found = cell_of(Place(self.file, row, col), text, self.problems, isinstance(raw.value, date))
        if len(self.problems) > before:
            self.lost.add(row)
        return found

    def _say(self, row: int, col: int, code: Code, message: str, hint: str) -> None:
        self.problems.append(Problem(Place(self.file, row, col), code, message, hint))

    def _lose(self, row: int, col: int, code: Code, message: str, hint: str) -> Cell:
        """An empty cell where something stands that cannot be read."""
        self._say(row, col, code, message, hint)
        self.lost.add(row)
        return Cell(Place(self.file, row, col), "")


def _other_sheets(titles: Sequence[str], name: str, wanted: Sequence[str], passed_over: Collection[str],
                  ) -> Iterator[Problem]:
    for title in titles:
        if _plain(title) not in (*wanted, *passed_over):
            yield Problem(Place(f"{name}[{title}]"), Code.UNKNOWN_KEY, f"no sheet is called {shown(title)}",
                          did_you_mean(title, wanted) or "keep it in a workbook of its own")


def _plain(title: str) -> str:
    return title.strip().lower()


def _position(item: tuple[tuple[int, int], Raw]) -> tuple[int, int]:
    return item[0]


def _text(raw: Raw) -> str | None:
    """What a cell's value says in words; None for a time of day."""
    match raw.value:
        case None:
            return ""
        case bool():
            return "yes" if raw.value else "no"
        case int() | float():
            return _number_text(raw.value, raw)
        case str():
            return raw.value
        case datetime() if raw.value.time() != time():
            return None
        case date():
            return _date_text(raw.value, raw.shape)
        case _:
            return None


def _date_text(value: date, shape: str) -> str:
    """A day; or the month or year alone, where Excel made a first day of it and shows no day."""
    said = _ASIDE.sub("", shape).lower().partition(";")[0]
    if "d" in said or value.day > 1:
        return value.isoformat()[:10]
    return value.isoformat()[:7 if "m" in said or value.month > 1 else 4]


def _number_text(value: float, raw: Raw) -> str:
    """A number; a share that is kept as a fraction as people see it. What was calculated is kept to 15 figures."""
    if "%" in _ASIDE.sub("", raw.shape):
        return f"{_figures(Decimal(repr(value)) * 100)}%"
    return _figures(Decimal(repr(value))) if raw.calculated else number_text(value)


def _figures(value: Decimal) -> str:
    return number_text(float(f"{value:.15g}"))
