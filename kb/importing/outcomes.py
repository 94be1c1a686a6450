"""A published workbook of judgements as one row for each judgement: authority, area, grade, and both its dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from kb.cells import Cells
from kb.dates import read_day
from kb.importing.authorities import Unmatched, match
from kb.importing.kinds import Kind
from kb.model import Problem, Vocabulary
from kb.problems import Code, did_you_mean, shown

OUTCOMES = pl.Schema({
    "authority_code": pl.String, "authority": pl.String, "framework": pl.String, "judgement_area": pl.String,
    "judgement": pl.String, "date": pl.Date, "source": pl.String,
})
"""`date`: when it was published, and so known. Texts and further dates stand behind these as the kind names them."""


class Rows(NamedTuple):
    """The rows of a file as one of the product's tables, whom it names that is not known, and every problem."""

    frame: pl.DataFrame
    unmatched: tuple[Unmatched, ...]
    problems: tuple[Problem, ...]


def headings(kind: Kind) -> tuple[str, ...]:
    """The columns that such a file has."""
    return (*kind.authority.named, *(column for _, column in (*kind.dates, *kind.texts, *kind.areas)))


def read_outcomes(cells: Cells, kind: Kind, vocabulary: Vocabulary) -> Rows:
    """The judgements of a file; every problem names the cell."""
    problems: list[Problem] = []
    matched, unmatched = match(cells.frame, kind.authority, vocabulary)
    found: list[tuple[object, ...]] = []
    for at, row in enumerate(matched.iter_rows(named=True)):
        reading = _Row(row, at, cells, problems)
        judged, days = list(reading.judgements(kind)), reading.days(kind)
        if row["codes"] and all(days.values()):
            of = vocabulary.authorities[row["codes"][0]]
            texts = [row[column] or "" for _, column in kind.texts]
            found += [(of.id, of.name, kind.get("framework"), area, grade, days["date"], kind.source, *texts,
                       *list(days.values())[1:]) for area, grade in judged]
    schema = pl.Schema([*OUTCOMES.items(), *((name, pl.String()) for name, _ in kind.texts),
                        *((name, pl.Date()) for name, _ in kind.dates if name != "date")])
    frame = pl.DataFrame(found, schema=schema, orient="row").unique(maintain_order=True)
    return Rows(frame.sort(schema.names()), unmatched, tuple(problems))


class _Row:
    """One row of the sheet: its cells by heading, and its problems."""

    def __init__(self, row: dict[str, str | None], at: int, cells: Cells, problems: list[Problem]) -> None:
        self.row, self.at, self.cells, self.problems = row, at, cells, problems

    def say(self, column: str, code: Code, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.cells.place(self.at, column), code, message, hint))

    def days(self, kind: Kind) -> dict[str, date | None]:
        """The days of the row by name, that of publication first; none of the others may come after it."""
        found = {name: self.day(column) for name, column in sorted(kind.dates, key=lambda pair: pair[0] != "date")}
        published = found["date"]
        for name, column in kind.dates:
            day = found[name]
            if day and published and day > published:
                self.say(column, Code.NOT_ALLOWED, f"{day} comes after the publication on {published}")
        return found

    def day(self, column: str) -> date | None:
        """The day in a cell; a workbook keeps the time beside it."""
        text = (self.row[column] or "").strip()
        found = read_day(text.removesuffix("T00:00:00").removesuffix(" 00:00:00"))
        if found is None:
            self.say(column, Code.NOT_A_DATE, f"{shown(text)} is not a date", "write 2018-09-30")
        return found

    def judgements(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """Each area that was judged, with its grade."""
        grades = dict(kind.judgements)
        for area, column in kind.areas:
            text = (self.row[column] or "").strip()
            if text in grades:
                yield area, grades[text]
            elif text or area not in kind.may_be_empty:
                self.say(column, Code.NOT_ALLOWED, f"{shown(text)} is not a judgement that is known",
                         did_you_mean(text, grades) or f"use one of: {', '.join(grades)}")
