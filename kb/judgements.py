"""What past judgements are: grades, areas and frameworks as a vocabulary names them, and what is said beside them."""

from __future__ import annotations

from collections.abc import Mapping as Table
from pathlib import Path
from typing import NamedTuple

from kb.entries import by_id, listed, top
from kb.fields import Fields
from kb.model import NOWHERE, Place, Problem
from kb.yamltree import Mapping

FILE = "judgements"
KEYS = ("began", "grades", "association", "leaky", "areas", "frameworks")


class Area(NamedTuple):
    """What is judged by itself; `names`: what tables of outcomes call it, under one framework or another."""

    id: str
    title: str
    names: tuple[str, ...]
    place: Place = NOWHERE


class Framework(NamedTuple):
    """By what something is judged. `begun_before`: days before publication on which it began, as an estimate."""

    id: str
    title: str
    begun_before: int | None = None
    note: str = ""
    place: Place = NOWHERE


class Judgements(NamedTuple):
    """Grades, best first, areas and frameworks; `association`: said on every page, `leaky`: of a false picture.

    `began`: the column of a table of outcomes that has the day on which a judgement began.
    """

    grades: tuple[str, ...] = ()
    association: str = ""
    leaky: str = ""
    areas: Table[str, Area] = {}
    frameworks: Table[str, Framework] = {}
    began: str = ""

    @property
    def lowest(self) -> str:
        """The grade that is asked about."""
        return self.grades[-1]


def read_judgements(folder: Path) -> tuple[Judgements, tuple[Problem, ...]]:
    """What a vocabulary says of past judgements, nothing where it has no such file, and every problem of it."""
    problems: list[Problem] = []
    tree = top(folder, FILE, problems, KEYS, optional=True)
    if not isinstance(tree, Mapping):
        return Judgements(), tuple(problems)
    fields = Fields(tree, problems, what="file")
    areas = by_id((_area(one) for one in listed(tree, "areas", problems)), problems)
    frameworks = by_id((_framework(one) for one in listed(tree, "frameworks", problems)), problems)
    return Judgements(fields.texts("grades", required=True), fields.text("association", required=True),
                      fields.text("leaky", required=True), areas, frameworks,
                      fields.text("began", required=True)), tuple(problems)


def _area(fields: Fields) -> Area | None:
    id, title = fields.text("id", required=True), fields.text("title", required=True)
    return Area(id, title, fields.texts("names", required=True), fields.place_of("id")) if id else None


def _framework(fields: Fields) -> Framework | None:
    id, title = fields.text("id", required=True), fields.text("title", required=True)
    before, note = fields.integer("begun_before"), fields.text("note")
    return Framework(id, title, before, note, fields.place_of("id")) if id else None
