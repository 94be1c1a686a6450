"""The rows of one sheet: headings found, dates and words made plain, what is out of sight or out of place told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kb.model import Place, Problem
from kb.problems import Code, did_you_mean, shown, together
from kb.sheets.casecolumns import YES_NO, Column
from kb.sheets.spreadsheets import Cell, Sheet
from kb.yamltree import Entry, Scalar

YEAR = 4
SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")


class Row(NamedTuple):
    """One filled row: its cells by the name of their column, and where each column is."""

    place: Place
    cells: dict[str, Cell]
    columns: dict[str, int]

    def place_of(self, name: str) -> Place:
        """Where the cell of a column is, whether or not anything is written there."""
        return Place(self.place.file, self.place.line, self.columns.get(name, 1))

    def text(self, name: str) -> str:
        """What the cell of a column says; "" where it says nothing."""
        return self.cells[name].text if name in self.cells else ""


class Reader:
    """Reads rows; every mistake becomes a problem, and the rows in which something was lost are remembered."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.lost: set[tuple[str, int]] = set()

    def rows(self, sheet: Sheet, columns: Sequence[Column], unfilled: Sequence[str] = ()) -> Iterator[Row]:
        """The rows in which more is filled in than the columns named, with every date and choice made plain."""
        self.lost |= {(sheet.file, line) for line in sheet.lost}
        if not sheet.rows:
            self._say(Place(sheet.file), Code.EMPTY, "the sheet is empty", "begin with the template's headings")
            return
        where, named = self._heading(sheet, columns), {column.name: column for column in columns}
        at = {name: col for col, name in where.items()}
        filled = [(line, cells) for line, cells in sheet.rows[1:] if any(
            cell.text and not (named[where[col]].shown or where[col] in unfilled)
            for col, cell in cells.items() if col in where)]
        self._out_of_sight(sheet, filled, {col for col, name in where.items() if not named[name].shown})
        self._beside(sheet, where)
        for line, cells in filled if where else ():
            row = Row(Place(sheet.file, line), {where[col]: cell for col, cell in cells.items() if col in where}, at)
            yield row._replace(cells={name: self._plain(cell, named[name]) for name, cell in row.cells.items()})

    def entries(self, row: Row, columns: Iterable[Column], prefix: str = "") -> tuple[Entry, ...]:
        """What the row says in these columns, as keys and values; empty ones only where they are due."""
        named = ((column, column.name.removeprefix(prefix)) for column in columns)
        return tuple(entry(row, column.name, key) for column, key in named if row.text(column.name) or column.due)

    def lose(self, place: Place, code: Code, message: str, hint: str) -> str:
        """No text: what stands there cannot be read, and why was said."""
        self._say(place, code, message, hint)
        self.lost.add((place.file, place.line))
        return ""

    def _heading(self, sheet: Sheet, columns: Sequence[Column]) -> dict[int, str]:
        """The columns by where they are; none where one that is due is missing."""
        line, cells = sheet.rows[0]
        found: dict[int, str] = {}
        names = [column.name for column in columns]
        for col, cell in cells.items():
            name = " ".join(cell.text.lower().split())
            if name in found.values():
                self._say(cell.place, Code.DUPLICATE_KEY, f"two columns are called {shown(name)}", "delete one of them")
            elif name in names:
                found[col] = name
            elif cell.text:
                self._say(cell.place, Code.UNKNOWN_KEY, f"no column is called {shown(cell.text)}",
                          did_you_mean(name, names) or "delete it, or put what it says into the column note")
        missing = [column.name for column in columns if column.due and column.name not in found.values()]
        for name in missing:
            self._say(Place(sheet.file, line), Code.MISSING_KEY, f"there is no column {shown(name)}",
                      "the first row holds the headings, as the template has them")
        return {} if missing else found

    def _out_of_sight(self, sheet: Sheet, filled: Iterable[tuple[int, dict[int, Cell]]], read: set[int]) -> None:
        """Evidence that people do not see when they look at the sheet."""
        rows = [Place(sheet.file, line) for line, _ in filled if line in sheet.hidden_rows]
        self.problems += together(rows, Code.NOT_ALLOWED, "a row with evidence is hidden", "show it, or delete it")
        for col in sorted(read & sheet.hidden_columns):
            if any(col in cells for _, cells in filled):
                self._say(Place(sheet.file, 1, col), Code.NOT_ALLOWED, "a column with evidence is hidden",
                          "show it, or delete it")

    def _beside(self, sheet: Sheet, where: dict[int, str]) -> None:
        """Cells under no heading, one problem for each column of them."""
        headed = {*where, *sheet.rows[0][1]}
        places: dict[int, list[Place]] = {}
        for _, cells in sheet.rows[1:]:
            for col, cell in cells.items():
                if col not in headed and cell.text:
                    places.setdefault(col, []).append(cell.place)
        for found in places.values():
            self.problems += together(found, Code.UNKNOWN_KEY, "this cell stands under no heading",
                                      "move what it says into a column of the template, or delete it")

    def _plain(self, cell: Cell, column: Column) -> Cell:
        if cell.is_date and not column.date:
            return cell._replace(text=self.lose(
                cell.place, Code.NOT_ALLOWED, f"{shown(column.name)} holds a date, which Excel may have made of "
                "something else", "format the cell as text, and write it again"))
        if column.date:
            return cell._replace(text=self._day(cell))
        small = cell.text.lower()
        if column.choices == YES_NO and small in YES_NO:
            return cell._replace(text="true" if small == "yes" else "false")
        return cell._replace(text=small) if small in column.choices else cell

    def _day(self, cell: Cell) -> str:
        """A date as case files have it; one with slashes has the day first."""
        parts = [SLASHED.fullmatch(part.strip()) for part in cell.text.split(" to ")]
        if any(found and len(found[3]) == 2 for found in parts):
            return self.lose(cell.place, Code.NOT_A_DATE, f"{shown(cell.text)} has a year of two figures",
                             "write 2018-10-17, or 17/10/2018 with the day first")
        if cell.text.isdigit() and len(cell.text) > YEAR:
            return self.lose(cell.place, Code.NOT_A_DATE,
                             f"{shown(cell.text)} reads like a day that Excel keeps as a number",
                             "format the cell as a date, or write 2018-10-17")
        said = zip(parts, cell.text.split(" to "), strict=True)
        return " to ".join(f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else text for found, text in said)

    def _say(self, place: Place, code: Code, message: str, hint: str) -> None:
        self.problems.append(Problem(place, code, message, hint))


def entry(row: Row, name: str, key: str, text: str | None = None) -> Entry:
    """One key and its value, at the place of a column's cell."""
    place = row.place_of(name)
    return Entry(Scalar(place, key), Scalar(place, row.text(name) if text is None else text))
