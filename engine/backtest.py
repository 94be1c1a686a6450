"""Looking back: how each conclusion and rule stood at days of authorities, out of a wide evaluation, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

import polars as pl

from engine.bits import Plane
from engine.program import Op, Program
from engine.screen import Screen, Standing, stood
from kb.conditions import HELD, LADDERS
from kb.dates import add_months
from kb.knowledge import Knowledge

KINDS = ("result", "channel", "picture", "mechanism", "signature")
LOOKED_BACK = 60
"""So many months at most it is asked since when something stood."""
ONE_DAY = timedelta(days=1)
COLUMN = ("authority_code", "as_at")
"""What tells a column of a roll in a frame of its rows."""


class Thing(NamedTuple):
    """A conclusion or signature at a level, or a rule (no level), and its node."""

    kind: str
    id: str
    level: str
    node: int


class Look(NamedTuple):
    """One authority as at one day."""

    authority: str
    day: date


class Seen(NamedTuple):
    """How one thing stood at each look; bit i is look i.

    `evaluable`: some test under it was met or not met. `known`: it was present, found not to be so, or contested.
    `since`: for looks at which it was present, the first of the ends of months in a row, up to that day, at which it
    was; where it was not at the last of them, the day itself.
    """

    thing: Thing
    evaluable: int = 0
    known: int = 0
    present: int = 0
    contested: int = 0
    since: Mapping[int, date] = {}

    def alike(self, other: Seen) -> bool:
        """Whether another thing stood the same everywhere."""
        return self[1:5] == other[1:5]


def things(knowledge: Knowledge, program: Program) -> tuple[Thing, ...]:
    """Everything that is concluded, by kind and then by the alphabet, each level by itself; then every rule."""
    found = [Thing(kind, id, level, node) for kind in KINDS for of, id in sorted(knowledge.conclusions())
             if of == kind for level in LADDERS[kind] if (node := program.head(kind, id, level)) is not None]
    return *found, *(Thing("rule", id, "", node) for id, node in sorted(program.rules.items()))


def frame_of(looks: Iterable[Look]) -> pl.DataFrame:
    """The looks as rows of a frame."""
    return pl.DataFrame(list(looks), {COLUMN[0]: pl.String, COLUMN[1]: pl.Date}, orient="row")


def days_of(looks: Iterable[Look]) -> tuple[date, ...]:
    """The days that have to be evaluated: each day that is looked at, and the ends of the months before."""
    asked = {look.day for look in looks}
    return tuple(sorted(asked | set(ends_of_months(add_months(min(asked), -LOOKED_BACK), max(asked)))))


def ends_of_months(first: date, last: date) -> Iterator[date]:
    """The last day of each month from one day to another."""
    day = add_months(first.replace(day=1), 1)
    while day - ONE_DAY <= last:
        if day - ONE_DAY >= first:
            yield day - ONE_DAY
        day = add_months(day, 1)


def seen(found: Screen, asked: Sequence[Thing], looks: Mapping[int, Look]) -> Iterator[Seen]:
    """How each thing stood at some of the looks, each by its number; the roll of the screen has `days_of` them."""
    places = _Places(found, looks)
    spoken = _spoken_in_any(found)
    for thing in asked:
        standing = (_result(found, thing.id) if thing.kind == "result"
                    else stood(*(planes[thing.node] for planes in found.readings)))
        present = places.picked(standing.present)
        yield Seen(thing, places.picked(spoken[thing.node]),
                   places.picked(standing.judged), present, places.picked(standing.contested),
                   places.since(standing.present, present))


def _result(found: Screen, id: str) -> Standing:
    """The columns that have an overall result, that have another, and that have it in one reading only.

    Of several results that hold, an authority has the first.
    """
    present, contested = found.results().get(id, 0), found.in_one_reading().get(id, 0)
    return Standing(present, (1 << found.roll.columns) - 1 & ~(present | contested), contested)


def together(parts: Iterable[Sequence[Seen]]) -> list[Seen]:
    """What was seen at several sets of looks, thing by thing."""
    return [reduce(_both, some) for some in zip(*parts, strict=True)]


def _both(one: Seen, other: Seen) -> Seen:
    return Seen(one.thing, one.evaluable | other.evaluable, one.known | other.known, one.present | other.present,
                one.contested | other.contested, {**one.since, **other.since})


def _spoken_in_any(found: Screen) -> list[int]:
    """Node by node the columns in which some test under it is met or not met in either reading."""
    first, second = found.readings
    spoken = _spoken(found.program, first)
    return spoken if second is first else list(map(or_, spoken, _spoken(found.program, second)))


def _spoken(program: Program, planes: Sequence[Plane]) -> list[int]:
    """The same in one reading.

    What rests on no test, as a result does that holds where no other does, is taken to rest on all of them.
    """
    found, everything = list[int](), reduce(or_, (for_ | against for node in program.atoms
                                                  for for_, against in [planes[node[1]]]), 0)
    for node, (for_, against) in zip(program.nodes, planes, strict=True):
        own = for_ | against if node.op is Op.ATOM else 0 if node.args else everything
        found.append(reduce(or_, (found[arg] for arg in node.args), own))
    return found


class _Places:
    """Where the looks stand in the columns of a roll."""

    def __init__(self, found: Screen, looks: Mapping[int, Look]) -> None:
        self.roll, self.looks = found.roll, looks
        first = {code: place * len(self.roll.days) for place, code in enumerate(self.roll.authorities)}
        at = {day: place for place, day in enumerate(self.roll.days)}
        self.column = {number: first[look.authority] + at[look.day] for number, look in looks.items()}
        self.first = {number: first[look.authority] for number, look in looks.items()}
        self.ends = [(place, day) for place, day in enumerate(self.roll.days) if (day + ONE_DAY).day == 1]

    def picked(self, plane: int) -> int:
        """The looks at whose column a plane is set."""
        held = plane.to_bytes(self.roll.columns // 4 + 1, "little")
        return sum(1 << number for number, column in self.column.items() if held[column >> 3] >> (column & 7) & 1)

    def since(self, plane: int, present: int) -> dict[int, date]:
        """For each look of `present` the first of the ends of months in a row at which the plane is set."""
        return {number: self._first(plane >> self.first[number], self.looks[number].day)
                for number in self.looks if present >> number & 1}

    def _first(self, plane: int, day: date) -> date:
        oldest, first = add_months(day, -LOOKED_BACK), day
        for place, end in reversed(self.ends):
            if oldest <= end <= day:
                if not plane >> place & 1:
                    break
                first = end
        return first


def signatures_present(found: Sequence[Seen], looks: int) -> list[int]:
    """How many signatures were present at each look, at whatever level; by the number of the look."""
    lowest = [one for one in found if one.thing.kind == "signature" and one.thing.level == LADDERS["signature"][0]]
    return [sum(one.present >> look & 1 for one in lowest) for look in range(looks)]


def steps(found: Sequence[Seen]) -> list[Seen]:
    """The same without levels that stood just as the next higher one of the same thing did."""
    return [one for one, after in zip(found, (*found[1:], None), strict=True)
            if after is None or one.thing[:2] != after.thing[:2] or one.thing.level in HELD or not one.alike(after)]
