"""A screen: every authority of a table at every day in one wide evaluation, and what came out, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add, or_
from typing import NamedTuple

import polars as pl

from engine.bits import Plane, evaluate_all
from engine.packing import MOST, numbers
from engine.program import Program
from engine.roll import Roll
from engine.tableplanes import Looked, Readings, readings_of
from kb.conditions import HELD, LADDERS
from kb.knowledge import Knowledge

LARGEST = 1 << 63
"""Numbers below it fit into a column of whole numbers."""


class Standing(NamedTuple):
    """The columns in which a node is present, found not to be so, and contested; not known in every other."""

    present: int
    not_found: int
    contested: int

    @property
    def judged(self) -> int:
        """The columns in which anything is known of it."""
        return self.present | self.not_found | self.contested


class Screen(NamedTuple):
    """One wide evaluation. `readings`: the planes of every node in either reading of disputed evidence; `settled`: by
    indicator, where some test of it has a mark; `small`: where its latest rate stands on a small base."""

    knowledge: Knowledge
    program: Program
    roll: Roll
    readings: Readings
    settled: Mapping[str, int]
    small: Mapping[str, int]

    def standing(self, kind: str, id: str, level: str) -> Standing:
        """How a signature or conclusion stands at a level: what both readings say, or contested, or not known."""
        node = self.program.head(kind, id, level)
        return Standing(0, 0, 0) if node is None else stood(*(planes[node] for planes in self.readings))

    def heads(self, *kinds: str) -> list[tuple[str, str]]:
        """Every conclusion of some kinds, in a fixed order."""
        found = self.knowledge.conclusions()
        return sorted((head for head in found if head[0] in kinds), key=lambda h: (kinds.index(h[0]), h[1]))

    def combined(self) -> list[tuple[str, str]]:
        """What signs combine into below the overall result."""
        return self.heads("picture", "mechanism")

    def at_its_highest(self, kind: str, id: str) -> Iterator[tuple[str, int]]:
        """Each level, highest first, with the columns in which it is the highest that is present."""
        above = 0
        for level in reversed(LADDERS[kind]):
            present = self.standing(kind, id, level).present
            yield level, present ^ present & above
            above |= present

    def told(self, kind: str, id: str) -> Iterator[tuple[str, int]]:
        """In which columns it is present at which level at most, and in which contested at a higher one, in words."""
        above = contested = 0
        for level, highest in self.at_its_highest(kind, id):
            disputed = self.standing(kind, id, level).contested
            contested |= disputed ^ disputed & above
            above |= highest
            yield f"{id} {level}", highest
        yield f"{id} contested", contested

    def results(self) -> dict[str, int]:
        """The columns of each overall result: the first, strongest first, that is present in both readings."""
        return self._first({id: self.standing("result", id, HELD[0]).present for id in self.knowledge.results()})

    def in_one_reading(self) -> dict[str, int]:
        """The columns of each result that one reading of disputed evidence gives, and that is not the result."""
        found, held = self.results(), dict[str, int]()
        for planes in self.readings:
            marks = {id: planes[node][0] for id in self.knowledge.results()
                     if (node := self.program.head("result", id, HELD[0])) is not None}
            for id, plane in self._first(marks).items():
                held[id] = held.get(id, 0) | plane
        return {id: plane ^ plane & found[id] for id, plane in held.items()}

    def _first(self, held: Mapping[str, int]) -> dict[str, int]:
        """Each column to the first that holds in it, or else to the last."""
        left, found = (1 << self.roll.columns) - 1, dict[str, int]()
        for id in self.knowledge.results():
            found[id] = left & held.get(id, 0)
            left ^= found[id]
        last = self.knowledge.results()[-1]
        return {**found, last: found[last] | left}


def stood(first: Plane, second: Plane) -> Standing:
    """How a node stands, from its marks in either reading."""
    both = [for_ & against for for_, against in (first, second)]
    holds = [for_ ^ one for (for_, _), one in zip((first, second), both, strict=True)]
    refuted = [against ^ one for (_, against), one in zip((first, second), both, strict=True)]
    return Standing(holds[0] & holds[1], refuted[0] & refuted[1], both[0] | both[1] | holds[0] ^ holds[1])


def screen(knowledge: Knowledge, program: Program, table: pl.DataFrame, roll: Roll) -> Screen:
    """Every authority of the roll at every day, on the observations of a long table, by the evaluator alone."""
    looked = Looked(program, table, roll, knowledge.vocabulary)
    first, second = evaluate_all(program, readings_of(program, looked), roll.columns)
    settled: dict[str, int] = {}
    for test, shift in sorted(looked.asked, key=str):
        marks = (looked.since((test, shift, side), 0, None) for side in (True, False)) if not shift else ()
        settled[test.indicator] = reduce(or_, marks, settled.get(test.indicator, 0))
    return Screen(knowledge, program, roll, (first, second), settled, looked.small)


def rows_of(found: Screen, beside: Mapping[str, pl.Series | pl.Expr] | None = None) -> pl.DataFrame:
    """A row for every column of the roll, in its order; `beside`: further columns.

    authority_code, as_at, `result` and `in_one_reading` (ids of results), `signatures` and `conclusions` (those present
    with their level, or contested), `messages` (ids), `judged` (how many signatures could be judged) and `settled` (of
    how many indicators some test is met or not met), `small_bases` (ids of indicators whose latest rate is on one).
    """
    roll, masks, signatures = found.roll, _Masks(found.roll.columns), found.knowledge.signatures_in_order
    lowest = [found.standing("signature", s.id, LADDERS["signature"][0]).judged for s in signatures]
    told = {
        "result": masks.joined(found.results().items()),
        "in_one_reading": masks.joined(found.in_one_reading().items()),
        "signatures": masks.joined(pair for s in signatures for pair in found.told("signature", s.id)),
        "conclusions": masks.joined(pair for kind, id in found.combined() for pair in found.told(kind, id)),
        "messages": masks.joined((id, standing.present | standing.contested) for kind, id in found.heads("channel")
                                 for standing in [found.standing(kind, id, HELD[0])]),
        "judged": masks.counted(lowest), "settled": masks.counted(found.settled.values()),
        "small_bases": masks.joined(found.small.items()),
    }
    dated = pl.DataFrame({"as_at": roll.days}, schema={"as_at": pl.Date})
    named = pl.DataFrame({"authority_code": roll.authorities}, schema={"authority_code": pl.String})
    return named.join(dated, how="cross", maintain_order="left_right").with_columns(**told, **(beside or {}))


def by_pattern(columns: pl.DataFrame, said: pl.Expr) -> pl.Series:
    """What is said of rows with some columns (numbers from 0, or text): worked out once for all rows that are alike."""
    keys, room = [pl.zeros(columns.height, pl.UInt64, eager=True)], 1
    for column in columns:
        number = None if column.dtype == pl.String else column.cast(pl.UInt64)
        most = LARGEST if number is None else pl.select(number.max()).item() + 1
        if number is not None and room * most <= LARGEST:
            keys[-1], room = keys[-1] * most + number, room * most
        else:
            keys, room = [*keys, column if number is None else number], most
    alike = pl.DataFrame([key.alias(f"key {place}") for place, key in enumerate(keys)])
    each = pl.concat([alike, columns], how="horizontal").unique(alike.columns).select(*alike.columns, said=said)
    return alike.join(each, on=alike.columns, how="left", maintain_order="left")["said"]


class _Masks:
    """Planes as columns of numbers, and what is said of the rows in which they are set."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def joined(self, told: Iterable[tuple[str, int]]) -> pl.Series:
        """The words of every plane that is set in a row, in their order."""
        said = [(words, plane) for words, plane in told if plane]
        if not said:
            return pl.repeat("", self.rows, dtype=pl.String, eager=True)
        marks = self._numbered([plane for _, plane in said])
        words = [pl.when(pl.col(f"{place // MOST}").cast(pl.UInt64) & pl.lit(1 << place % MOST, pl.UInt64) > 0)
                 .then(pl.lit(words)) for place, (words, _) in enumerate(said)]
        return by_pattern(pl.DataFrame(marks), pl.concat_str(words, separator="; ", ignore_nulls=True))

    def counted(self, planes: Iterable[int]) -> pl.Series:
        """How many of the planes are set in a row."""
        some = self._numbered([plane for plane in planes if plane])
        return reduce(add, (marks.bitwise_count_ones() for marks in some),
                      pl.zeros(self.rows, pl.UInt32, eager=True))

    def _numbered(self, planes: Sequence[int]) -> list[pl.Series]:
        """Some planes as columns of numbers, each mark a binary digit."""
        return [numbers(planes[first:first + MOST], self.rows).alias(f"{first // MOST}")
                for first in range(0, len(planes), MOST)]
