"""Tables of how things stand: signatures and conclusions down, days or sides across, in the same words everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from explain import words
from explain.compare import Pair
from explain.evidence import SHOWN
from explain.moments import Course, Standing, Thing, standings
from explain.names import Names
from explain.timeline import ORDER, Followed
from kb.model import State

Standings = Mapping[Thing, Standing]


class Row(NamedTuple):
    """One signature or conclusion, and how it stands in each column."""

    thing: Thing
    title: str
    standings: tuple[Standing, ...]
    cells: tuple[str, ...]


class Grid(NamedTuple):
    """A table: its heading, its columns, its rows, and below it what has no row and how to read it."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    below: tuple[str, ...]


def of_days(followed: Followed, days: Sequence[date]) -> tuple[Grid, ...]:
    """A table for each holding: how everything that was ever present or contested stood on each of some days."""
    names = Names(followed.courses[0].last.knowledge)
    found = []
    for lead, course in zip(followed.leads, followed.courses, strict=True):
        rows, below = _rows([_on(course, day) for day in days], names)
        found.append(Grid(lead or followed.case.authority, tuple(day.isoformat() for day in days), rows, below))
    return tuple(found)


def of_pair(pair: Pair) -> Grid:
    """How everything that is present or contested on either side stands on both."""
    rows, below = _rows([standings(side) for _, side in pair.sides], Names(pair.left.knowledge))
    heading = " and ".join(dict.fromkeys(side.case.authority for side in pair))
    return Grid(heading, tuple(name for name, _ in pair.sides), rows, below)


def columns_of(followed: Followed) -> tuple[date, ...]:
    """The days on which something changed, and the last."""
    return tuple(sorted({*followed.days, followed.until}))


def _on(course: Course, day: date) -> Standings:
    """How everything stands on a day."""
    by_then = [moment.now for moment in course.moments if moment.day <= day]
    first = course.moments[0].before if course.moments else course.last
    return standings(by_then[-1] if by_then else first)


def _rows(columns: Sequence[Standings], names: Names) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """A row for what is present or contested in some column, and for the overall result; and what is left out."""
    things = sorted(columns[0], key=lambda thing: (ORDER.index(thing[0]), names.title(*thing), thing))
    shown = [thing for thing in things if thing[0] == "result" or any(c[thing].state in SHOWN for c in columns)]
    looked = [thing for thing in things if thing not in shown
              and any(c[thing].state is not State.NOT_KNOWN for c in columns)]
    rows = tuple(_row(thing, [column[thing] for column in columns], names) for thing in shown)
    return rows, tuple(_below([names.title(*thing) for thing in looked], len(things) - len(shown) - len(looked)))


def _row(thing: Thing, stood: Sequence[Standing], names: Names) -> Row:
    title = names.title(*thing) if thing[1] else words.FOUND[thing[0]].capitalize()
    return Row(thing, title, tuple(stood), tuple(in_short(thing, standing, names) for standing in stood))


def in_short(thing: Thing, standing: Standing, names: Names) -> str:
    """How a thing stands, in a word or two: the level alone says that it is present."""
    if not thing[1]:
        titles = [names.title("result", id) for id in (standing.level, *standing.contested)]
        return " / perhaps ".join(titles)
    told = words.in_short(standing.state, standing.level)
    apart = standing.contested if standing.state is not State.CONTESTED else ()
    return f"{told}, {words.several(apart)} contested" if apart else told


def _below(looked: Sequence[str], unknown: int) -> Iterator[str]:
    """What has no row: what was only found not to be so, by name; what was never known, counted."""
    if looked:
        yield f"Not present in any column, and found not to be so in some ({len(looked)}): {'; '.join(looked)}."
    if unknown:
        yield f"Not known in any column: {unknown} of the signatures and conclusions."
    yield from words.KEY
