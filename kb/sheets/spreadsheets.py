"""Spreadsheets as tables of cells: CSV and Excel in, every cell with its row and column; CSV out."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeAlias

from kb.model import Place, Problem
from kb.problems import Code, not_opened
from kb.tables import table_text
from kb.yamltree import parse_tree

MAX_BYTES = 5_000_000
MAX_ROWS, MAX_COLUMNS = 2_000, 60
FORMATS = (".csv", ".xlsx")
EXCEL = "install the extra `excel`, which brings openpyxl, or save the sheet as CSV UTF-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a text begins that a spreadsheet takes for a formula."""

Value: TypeAlias = str | float
"""What is written into a cell: a text, or a number for people to calculate with."""


class Cell(NamedTuple):
    """What one cell says, as text; `is_date` where the program that kept it holds it to be a date."""

    place: Place
    text: str
    is_date: bool = False


class Sheet(NamedTuple):
    """The cells of one sheet that say something, by row and column (counted from 1).

    `lost`: rows of which a part could not be read; what is missing there has been said already.
    """

    title: str
    file: str
    rows: tuple[tuple[int, dict[int, Cell]], ...]
    lost: frozenset[int] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


class Unavailable(Exception):
    """A workbook cannot be read or written here, since openpyxl is not installed."""


Sheets: TypeAlias = tuple[tuple[Sheet, ...] | None, tuple[Problem, ...]]
"""The sheets of a file, None where it could not be read at all, and every problem."""


def read_sheets(path: Path, name: str, wanted: Sequence[str], passed_over: Collection[str] = ()) -> Sheets:
    """The sheets of a workbook that are wanted, or the one table of a CSV file, and every problem in them.

    A workbook may also hold the sheets passed over, and no others. Nothing that a file may hold raises; Unavailable
    where it takes a package that is not there.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device could go on for ever
            raise IsADirectoryError if path.is_dir() else OSError
        if path.suffix.lower() == ".csv":
            return _read_csv(path, name)
        if path.suffix.lower() != ".xlsx":
            return refused(name, Code.CANNOT_READ, "a spreadsheet ends in .csv or .xlsx", "save it as one of the two")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return refused(name, Code.CANNOT_READ, *not_opened(error))
    from kb.sheets.workbooks import read_workbook  # openpyxl is slow to import, and YAML needs none of it

    return read_workbook(data, name, wanted, passed_over)


def refused(name: str, code: Code, message: str, hint: str) -> Sheets:
    """No sheets, and the one reason."""
    return None, (Problem(Place(name), code, message, hint),)


def cell_of(place: Place, text: str, problems: list[Problem], is_date: bool = False) -> Cell | None:
    """The cell that holds a text, without the mark that kept it from being a formula; None where it holds nothing.

    A character that is not to be seen is a problem, and the cell is then empty.
    """
    plain = unescaped(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not plain.replace("\n", " ").isprintable():
        quoted = plain.replace('"', " ").replace("\\", " ")
        found = [problem for problem in parse_tree(f'"{quoted}"', "")[1] if problem.code == Code.NOT_TEXT]
        if found:
            problems.append(found[0]._replace(place=place))
            return Cell(place, "")
    return Cell(place, plain, is_date) if plain else None


def number_text(value: float) -> str:
    """A number as people write it: every digit that it needs, and no exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def escaped(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before it, as people type one."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def unescaped(text: str) -> str:
    """The text that was escaped."""
    return text[1:] if text.startswith("'") and escaped(text) != text else text


def csv_bytes(rows: Iterable[Sequence[Value]]) -> bytes:
    """The rows as CSV UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([escaped(cell) if isinstance(cell, str) else number_text(cell) for cell in row]
                              for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _read_csv(path: Path, name: str) -> Sheets:
    text = table_text(path, name, MAX_BYTES)
    if isinstance(text, Problem):
        return None, (text,)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, problems = list[tuple[int, dict[int, Cell]]](), list[Problem]()
    try:
        for line, cells in enumerate(reader, 1):
            if len(rows) == MAX_ROWS or len(cells) > MAX_COLUMNS:
                problems.append(too_many(Place(name, line)))
                break
            found = ((col, cell_of(Place(name, line, col), said, problems)) for col, said in enumerate(cells, 1))
            if row := {col: cell for col, cell in found if cell is not None}:
                rows.append((line, row))
    except csv.Error as error:
        return None, (Problem(Place(name, max(1, reader.line_num)), Code.SYNTAX, f"the row cannot be read: {error}",
                              "check that each quotation mark is closed, and save the table as CSV UTF-8"),)
    lost = frozenset(problem.place.line for problem in problems)
    return (Sheet("", name, tuple(rows), lost),), tuple(problems)


def too_many(place: Place) -> Problem:
    """A table that is larger than anything filled in by hand."""
    return Problem(place, Code.TOO_LARGE, f"the table has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns",
                   "delete what is not evidence, or divide it")
