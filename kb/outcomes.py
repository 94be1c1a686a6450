"""A table of past judgements, as `sigrisk import --outcomes` writes it: one row for each area that was judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from kb.cells import Cells, read_cells
from kb.dates import read_day
from kb.judgements import Judgements
from kb.model import Place, Problem
from kb.problems import Code, did_you_mean, shown

COLUMNS = ("authority_code", "framework", "judgement_area", "judgement", "date")
MOST = 1000
"""The most problems that are looked for in one file."""
YEARS = range(1950, 2101)
"""The years in which something may have been judged; any other is a slip of the pen."""
_MIDNIGHT = re.compile(r"[ T]00:00:00(\.0+)?$")
"""What a Parquet file may write behind a day."""


class Judgement(NamedTuple):
    """One area judged under one framework: its grade, when it began, if that is known, and when it was published."""

    authority: str
    framework: str
    area: str
    published: date
    began: date | None
    grade: str


class Outcomes(NamedTuple):
    """The judgements of a file, each once and in a fixed order, and every problem."""

    judgements: tuple[Judgement, ...]
    problems: tuple[Problem, ...]


def read_judged(path: Path, known: Judgements, name: str) -> Outcomes:
    """The judgements of a CSV or Parquet file; problems name the row and the column. Columns beside these are left.

    The column of the day on which a judgement began may be left out, and so may the day.
    """
    if path.suffix.lower() not in (".csv", ".parquet") and path.is_file():
        return Outcomes((), (Problem(Place(name), Code.CANNOT_READ, "a table of outcomes ends in .csv or .parquet",
                                     "sigrisk import --outcomes writes one"),))
    cells = read_cells(path, name)
    if isinstance(cells, Problem):
        return Outcomes((), (cells,))
    if wrong := _whole(cells, known.began):
        return Outcomes((), (wrong,))
    found, problems = dict[tuple[object, ...], tuple[Judgement, int]](), list[Problem]()
    for at, row in enumerate(cells.frame.iter_rows(named=True)):
        one = _Row(row, at, cells, problems).judgement(known)
        if one is not None:
            first, line = found.setdefault(one[:4], (one, int(cells.rows[at])))
            problems += _disagreeing(one, first, line, cells, at, known.began)
        if len(problems) >= MOST:
            break
    return Outcomes(tuple(sorted((one for one, _ in found.values()), key=_order)), tuple(problems))


def _order(one: Judgement) -> tuple[object, ...]:
    return one[:4]


def _whole(cells: Cells, began: str) -> Problem | None:
    """What is wrong with the table as a whole: a column is missing, or it has no rows."""
    missing = [column for column in COLUMNS if column not in cells.frame.columns]
    if missing:
        hint = did_you_mean(missing[0], cells.frame.columns) or f"the columns are {', '.join((*COLUMNS, began))}"
        return Problem(Place(cells.name), Code.MISSING_KEY, f"the table has no column {shown(missing[0])}", hint)
    if not cells.frame.height:
        return Problem(Place(cells.name), Code.EMPTY, "the table has no rows", "check that it is the one")
    return None


def _disagreeing(one: Judgement, first: Judgement, line: int, cells: Cells, at: int, began: str,
                 ) -> Iterator[Problem]:
    """What a row says otherwise than an earlier row about the same judgement."""
    for column, said, before in (("judgement", one.grade, first.grade), (began, one.began, first.began)):
        if said != before:
            yield Problem(cells.place(at, column), Code.TWICE,
                          f"{shown(one.area)} of {shown(one.authority)}, published {one.published}, is "
                          f"{said or 'blank'} here, and {before or 'blank'} in row {line}",
                          "keep the row that is right")


class _Row:
    """One row: its cells by column, and its problems."""

    def __init__(self, row: dict[str, str | None], at: int, cells: Cells, problems: list[Problem]) -> None:
        self.row, self.at, self.cells, self.problems = row, at, cells, problems

    def judgement(self, known: Judgements) -> Judgement | None:
        """The row as a judgement, or None where it has problems."""
        before = len(self.problems)
        authority, framework, area, grade = (self.text(column) for column in COLUMNS[:4])
        published, began = self.day("date"), self.day(known.began) if self.said(known.began) else None
        if grade and grade not in known.grades:
            self.say("judgement", Code.NOT_ALLOWED, f"{shown(grade)} is not a grade that is known",
                     did_you_mean(grade, known.grades) or f"use one of: {', '.join(known.grades)}")
        if published and began and began > published:
            self.say(known.began, Code.NOT_ALLOWED, f"{began} comes after the publication on {published}")
        if len(self.problems) > before or published is None:
            return None
        return Judgement(authority, framework, area, published, began, grade)

    def said(self, column: str) -> str:
        return str(self.row.get(column) or "").strip()

    def text(self, column: str) -> str:
        """The word in a cell that may not be empty."""
        found = self.said(column)
        if not found:
            self.say(column, Code.MISSING_KEY, f"the cell of {shown(column)} is empty", "write it")
        return found

    def day(self, column: str) -> date | None:
        """The day in a cell."""
        found = read_day(_MIDNIGHT.sub("", self.said(column)))
        if found is None:
            self.say(column, Code.NOT_A_DATE, f"{shown(self.said(column))} is not a date", "write 2018-09-30")
        elif found.year not in YEARS:
            self.say(column, Code.NOT_ALLOWED, f"{found} is not between {YEARS[0]} and {YEARS[-1]}", "check the year")
            return None
        return found

    def say(self, column: str, code: Code, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.cells.place(self.at, column), code, message, hint))
