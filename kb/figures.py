"""How figures were spread over all authorities, year by year: what a test against the worst quarter is held to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Table
from datetime import date

from kb.conditions import SPREAD
from kb.entries import listed
from kb.fields import Fields
from kb.model import Problem, Source, YearFigures
from kb.problems import Code, did_you_mean, shown
from kb.yamltree import Entry, Mapping, Tree

Spread = dict[tuple[str, int], YearFigures]


def read_figures(tree: Tree | None, indicators: Table[str, object], sources: Table[str, Source],
                 problems: list[Problem]) -> Spread:
    """The spread of each indicator in each year, with the day it describes and the day it became public."""
    found: Spread = {}
    for fields in listed(tree, "years", problems, optional=True):
        year = fields.integer("year", required=True)
        day, known = fields.day("day", required=True), fields.day("known", required=True)
        source = fields.reference("source", sources, "source", required=True)
        figures = fields.mapping("figures", required=True)
        if figures is None or year is None or day is None or known is None:
            continue
        for entry in _entries(fields, figures, indicators):
            if (entry.key.text, year) in found:
                fields.report(entry.key.place, Code.DUPLICATE_ID, f"the figures of {year} are already there")
            else:
                numbers = _numbers(entry, problems)
                found[entry.key.text, year] = YearFigures(entry.key.text, year, numbers, known, day, source)
    return found


def _entries(fields: Fields, figures: Mapping, indicators: Collection[str]) -> Iterator[Entry]:
    for entry in figures.entries:
        if entry.key.text not in indicators:
            fields.report(entry.key.place, Code.UNKNOWN_ID, f"there is no indicator {shown(entry.key.text)}",
                          did_you_mean(entry.key.text, indicators))
        elif isinstance(entry.value, Mapping):
            yield entry


def _numbers(entry: Entry, problems: list[Problem]) -> tuple[tuple[str, float], ...]:
    """The named numbers of one indicator in one year; those that tests are held against are required."""
    assert isinstance(entry.value, Mapping)
    inner = Fields(entry.value, problems)
    others = [other.key.text for other in entry.value.entries if other.key.text not in (*SPREAD, "authorities")]
    named = tuple((name, inner.number(name, 0.0, required=True)) for name in (*SPREAD, *others))
    inner.integer("authorities")
    inner.finish()
    return named


def latest_day(spread: Spread, indicator: str, as_at: date) -> date | None:
    """The latest day whose spread of that indicator was public by a date, or None."""
    return max((year.day for (id, _), year in spread.items() if id == indicator and year.known <= as_at), default=None)
