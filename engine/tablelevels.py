"""The latest figures of a table, column by column, and what they say of tests against a number or a place among all.

At one date mostly one figure of an indicator speaks for an authority. Each is put once into the columns in which it
does, for all the tests of its indicator; a test is then one comparison of a column of figures. Where several speak at
once, as where sources disagree, they lie in layers, one in each.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

import polars as pl

from engine.packing import as_bytes, packed, plane_of
from engine.program import ANY_AGE
from engine.roll import Roll
from engine.tablesides import Days, Limit, limits_of, met
from kb.conditions import Test
from kb.dates import add_months

Side = tuple[Test, int, bool]
"""A test, how many months earlier it is looked at, and a side of it (true: for)."""
FLAGS = ("unfit", "low", "small")


class Layer(NamedTuple):
    """At most one figure in each column, null where there is none: its value, `at` and flags, and the `day`.

    `rows`: the place of each in a table of all. The day is a place in those of the roll.
    """

    figures: pl.DataFrame
    rows: pl.Series

    def planes(self, asked: Iterable[pl.Expr]) -> list[int]:
        """The columns in which each is so."""
        found = self.figures.select(as_bytes(marks).alias(f"{place}") for place, marks in enumerate(asked))
        return [plane_of(cells) for cells in (found.row(0) if found.width else ())]


class Levels:
    """What the latest figures say of each side of each test, as planes of a roll."""

    def __init__(self, current: pl.DataFrame, asked: Iterable[tuple[Test, int]], days: Days, roll: Roll) -> None:
        """`current`: numbers dated to a day, as `engine.tablesides.latest` gives them; `asked`: tests of such numbers.

        Changes are looked at beside earlier numbers elsewhere; here only which figures they look at is held.
        """
        self.current, self.roll, self.days = current, roll, days
        self.flags = [one for one in FLAGS if current[one].any()]
        self.layers: dict[tuple[str, int], list[Layer]] = {}
        self.sides: dict[Side, list[int]] = {}
        self.held: dict[tuple[str, int, str], frozenset[int]] = {}
        self.where: dict[tuple[str, int, str], list[int]] = {}
        by_shift: dict[int, list[Test]] = {}
        for test, shift in sorted(asked, key=str):
            by_shift.setdefault(shift, []).append(test)
        for shift, tests in by_shift.items():
            wanted = sorted({test.indicator for test in tests})
            self.layers |= {(id, shift): some for id, some in self._layers(current, wanted, shift)}
            for id in wanted:
                self._decide(id, [test for test in tests if test.indicator == id], shift)

    def _layers(self, current: pl.DataFrame, wanted: Sequence[str], shift: int) -> Iterator[tuple[str, list[Layer]]]:
        """The figures of each indicator at the days so many months before those of the roll."""
        spoken = _spoken(current, wanted, self.days, self.roll, shift)
        day = pl.int_range(self.roll.columns, dtype=pl.UInt32, eager=True) % len(self.roll.days)
        held: dict[str, list[Layer]] = {id: [] for id in wanted}
        for rows in _apart(spoken, len(wanted) * self.roll.columns):
            figures = current.select(pl.col("value", "at", *self.flags).gather(rows))
            figures = figures.with_columns(pl.lit(False).alias(one) for one in FLAGS if one not in self.flags)
            for place, id in enumerate(wanted):
                here = place * self.roll.columns, self.roll.columns
                some = figures.slice(*here)
                if some["at"].null_count() < some.height:
                    held[id].append(Layer(some.with_columns(day=day), rows.slice(*here)))
        yield from held.items()

    def _decide(self, id: str, tests: Sequence[Test], shift: int) -> None:
        """Both sides of some tests of one indicator."""
        earlier, tests = self.roll.earlier(shift), [test for test in tests if test.rise_over is None]
        for layer in self.layers[id, shift]:
            asked = {(test, shift, side): marks for test in tests
                     for side, marks in _sides(test, self.days, earlier).items()}
            for key, plane in zip(asked, layer.planes(asked.values()), strict=True):
                self.sides.setdefault(key, []).append(plane)

    def since(self, key: Side, shift: int, months: int | None, other_than: int | None = None) -> int:
        """The columns in which a figure on that side is no older than so many months, and not of a kind."""
        some = self.sides.get(key, [])
        if not any(some):
            return 0
        marks = list(some)
        if months is not None and months != ANY_AGE:
            marks = _each(marks, self._young(key, shift, months))
        if other_than is not None:
            marks = _each(marks, self._among(key, "kind", self.numbers(key, "kind") - {other_than}))
        return reduce(or_, marks)

    def numbers(self, key: Side, column: str) -> frozenset[int]:
        """The kinds, or the sources, of the figures under a test; some may be under its other side alone."""
        asked = (key[0].indicator, key[1], column)
        if not any(self.sides.get(key, ())):
            return frozenset()
        if asked not in self.held:
            self.held[asked] = frozenset(number for layer in self.layers[asked[:2]]
                                         for number in self._of(layer, column).drop_nulls().unique())
        return self.held[asked]

    def those(self, key: Side, column: str, wanted: frozenset[int]) -> int:
        """The columns in which a figure on that side is of one of these kinds, or sources."""
        some = self.sides.get(key, [])
        if not any(some):
            return 0
        return reduce(or_, _each(some, self._among(key, column, wanted)))

    def _of(self, layer: Layer, column: str) -> pl.Series:
        return self.current[column].gather(layer.rows)

    def _among(self, key: Side, column: str, wanted: frozenset[int]) -> list[int]:
        """Of each layer under a test where the kind, or the source, is one of these."""
        asked = (key[0].indicator, key[1], f"{column} {sorted(wanted)}")
        if asked not in self.where:
            self.where[asked] = [packed(self._of(layer, column).is_in(list(wanted)).fill_null(False))
                                 for layer in self.layers[asked[:2]]]
        return self.where[asked]

    def small(self, id: str) -> int:
        """The columns in which a rate on a small base speaks now."""
        layers = self.layers.get((id, 0), ()) if "small" in self.flags else ()
        return reduce(or_, (layer.planes([pl.col("small")])[0] for layer in layers), 0)

    def _young(self, key: Side, shift: int, months: int) -> list[int]:
        asked = (key[0].indicator, key[1], f"{shift} {months}")
        if asked not in self.where:
            base = self.days.places[key[0].indicator] * len(self.days.dates)
            until = [add_months(day, months) for day in self.days.dates]
            first = pl.Series([bisect_left(until, day) + base for day in self.roll.earlier(shift)], dtype=pl.UInt32)
            young = pl.col("at") >= pl.lit(first).gather("day")
            self.where[asked] = [layer.planes([young])[0] for layer in self.layers[asked[:2]]]
        return self.where[asked]


def _each(some: Sequence[int], other: Sequence[int]) -> list[int]:
    return [one & where for one, where in zip(some, other, strict=True)]


def _spoken(current: pl.DataFrame, wanted: Sequence[str], days: Days, roll: Roll, shift: int) -> pl.DataFrame:
    """In which column (of those of the wanted indicators, one after the other) which `row` speaks."""
    slots = pl.Series([wanted.index(id) if id in wanted else None for id in days.places], dtype=pl.UInt32)
    earlier, width = roll.earlier(shift), len(roll.days)
    some = current.lazy().select(
        "authority", "at", slot=pl.lit(slots).gather("indicator"), row=pl.int_range(pl.len(), dtype=pl.UInt32),
        after=_reached(current["known"], earlier), later=_reached(current["later"], earlier)
        ).filter(pl.col("slot").is_not_null())
    last = pl.Series([one and bisect_right(earlier, one) for one in days.lasts], dtype=pl.UInt32)
    placed = some.with_columns(until=pl.min_horizontal("later", pl.lit(last).gather("at"))).filter(
        pl.col("after") < pl.col("until"))
    first = pl.col("slot") * roll.columns + pl.col("authority") * width
    return placed.select(
        "row", column=pl.int_ranges(first + pl.col("after"), first + pl.col("until"), dtype=pl.UInt32)
        ).explode("column").collect()


def _reached(days: pl.Series, earlier: Sequence[date]) -> pl.Expr:
    """How many of some days lie before each: looked up, which is quicker than to search."""
    first, last = days.min(), days.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return pl.lit(None, pl.UInt32)
    before = [bisect_left(earlier, first + timedelta(days=n)) for n in range((last - first).days + 1)]
    places = (days.to_physical() - days.to_physical().min()).cast(pl.UInt32)
    return pl.lit(pl.Series(before, dtype=pl.UInt32)).gather(pl.lit(places))


def _apart(spoken: pl.DataFrame, columns: int) -> Iterator[pl.Series]:
    """For each layer the row that speaks in each column, null where none does."""
    empty = pl.repeat(None, columns, dtype=pl.UInt32, eager=True)
    rows = empty.clone().scatter(spoken["column"], spoken["row"])
    if rows.len() - rows.null_count() == spoken.height:
        yield rows
        return
    placed = spoken.with_columns(layer=pl.int_range(pl.len()).over("column"))
    for _, some in sorted(placed.partition_by("layer", as_dict=True).items()):
        yield empty.clone().scatter(some["column"], some["row"])


def _sides(test: Test, days: Days, earlier: Sequence[date]) -> dict[bool, pl.Expr]:
    """Where the figure is for a test, and where against it; a small base takes more than one figure."""
    limits = list(limits_of(test, days))
    known = [bisect_left(earlier, one.public) for one in limits]
    out = pl.col("day") >= _by_day(known, limits, pl.UInt32) if any(known) else pl.lit(True)
    limit = _by_day([one.limit for one in limits], limits, pl.Float64)
    low = _by_day([one.below for one in limits], limits, pl.Boolean)
    side = pl.when("low").then(low).otherwise(met(test.comparator, pl.col("value"), limit))
    firm, fit = ~pl.col("small"), ~pl.col("unfit")
    return {True: firm & fit & out & side, False: firm & (~fit | out & ~side)}


def _by_day(told: Sequence[object], limits: Sequence[Limit], kind: type[pl.DataType]) -> pl.Expr:
    """What is told beside the limit of each day, of the day that a figure is about."""
    if all(one == told[0] for one in told):
        return pl.lit(told[0], kind)
    ats = pl.Series([one.at for one in limits], dtype=pl.UInt32)
    return pl.lit(pl.Series(told, dtype=kind)).gather(pl.lit(ats).search_sorted(pl.col("at")))
