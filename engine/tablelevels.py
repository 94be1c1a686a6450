"""The latest figures of a table, column by column, and what they say of tests against a number or a place among all.

At one date mostly one figure of an indicator speaks for an authority. Each is put once into the columns in which it
does, for all the tests of its indicator; a test is then one comparison of a column of figures. Where several speak at
once, as where sources disagree, they lie in layers, one in each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

import polars as pl

from engine.packing import as_cells, packed, planes_of
from engine.program import ANY_AGE
from engine.roll import Roll
from engine.tablesides import COMPARED, Days, limits_of
from kb.conditions import Test
from kb.dates import add_months
from kb.longtexts import turning

Side = tuple[Test, int, bool]
"""A test, how many months earlier it is looked at, and a side of it (true: for)."""
FLAGS = ("unfit", "low", "small")
SAID = ("indicator", "kind", "source")


class Layer(NamedTuple):
    """At most one figure in each column, null where there is none: its value, `at`, the flags that any has, and `day`.

    `rows`: the place of each in a table of all. The day is a place in those of the roll.
    """

    figures: pl.DataFrame
    rows: pl.Series


def where(asked: Sequence[tuple[Layer, Sequence[pl.Expr]]]) -> list[list[int]]:
    """The columns in which each is so that is asked of a layer, of all layers at once."""
    found = pl.collect_all([layer.figures.lazy().select(as_cells(marks)) for layer, marks in asked])
    return [planes_of(cells.row(0), len(marks)) for cells, (_, marks) in zip(found, asked, strict=True)]


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
        self.where: dict[tuple[str, int, str], list[int]] = {}
        self.said = _said(current)
        by_shift: dict[int, dict[str, list[Test]]] = {}
        for test, shift in sorted(asked, key=str):
            by_shift.setdefault(shift, {}).setdefault(test.indicator, []).append(test)
        spans = _Spans(current, self.flags, days)
        for shift, tests in by_shift.items():
            wanted = sorted(tests)
            self.layers |= {(id, shift): some for id, some in self._layers(spans, wanted, shift)}
            self._decide(tests, shift)

    def _layers(self, spans: _Spans, wanted: Sequence[str], shift: int) -> Iterator[tuple[str, list[Layer]]]:
        """The figures of each indicator at the days so many months before those of the roll."""
        day = pl.int_range(self.roll.columns, dtype=pl.UInt32, eager=True) % len(self.roll.days)
        held: dict[str, list[Layer]] = {id: [] for id in wanted}
        for figures in _apart(spans.spoken(wanted, self.roll, shift), len(wanted) * self.roll.columns):
            for place, id in enumerate(wanted):
                some = figures.slice(place * self.roll.columns, self.roll.columns)
                if some["at"].null_count() < some.height:
                    held[id].append(Layer(some.drop("row").with_columns(day=day), some["row"]))
        yield from held.items()

    def _decide(self, tests: dict[str, list[Test]], shift: int) -> None:
        """Both sides of some tests, by their indicators."""
        earlier = self.roll.earlier(shift)
        asked: list[tuple[Layer, list[pl.Expr]]] = []
        keys: list[list[Side]] = []
        for id, some in ((id, some) for id, some in sorted(tests.items()) if self.layers[id, shift]):
            marks = {(test, shift, side): mark for test in some if test.rise_over is None
                     for side, mark in _sides(test, self.days, earlier, self.flags).items()}
            for layer in self.layers[id, shift] if marks else ():
                asked.append((layer, list(marks.values())))
                keys.append(list(marks))
        for sides, planes in zip(keys, where(asked), strict=True):
            for key, plane in zip(sides, planes, strict=True):
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
        """The kinds, or the sources, of the figures of a test; some may be under its other side alone."""
        if not any(self.sides.get(key, ())):
            return frozenset()
        return self.said[column].get(self.days.places[key[0].indicator], frozenset())

    def those(self, key: Side, column: str, wanted: frozenset[int]) -> int:
        """The columns in which a figure on that side is of one of these kinds, or sources."""
        some = self.sides.get(key, [])
        if not any(some):
            return 0
        return reduce(or_, _each(some, self._among(key, column, wanted)))

    def _among(self, key: Side, column: str, wanted: frozenset[int]) -> list[int]:
        """Of each layer under a test where the kind, or the source, is one of these."""
        asked = (key[0].indicator, key[1], f"{column} {sorted(wanted)}")
        if asked not in self.where:
            self.where[asked] = [packed(self.current[column].gather(layer.rows).is_in(list(wanted)).fill_null(False))
                                 for layer in self.layers[asked[:2]]]
        return self.where[asked]

    def small(self, id: str) -> int:
        """The columns in which a rate on a small base speaks now."""
        layers = self.layers.get((id, 0), ()) if "small" in self.flags else ()
        return reduce(or_, (planes[0] for planes in where([(layer, [pl.col("small")]) for layer in layers])), 0)

    def _young(self, key: Side, shift: int, months: int) -> list[int]:
        asked = (key[0].indicator, key[1], f"{shift} {months}")
        if asked not in self.where:
            self.look([(key, shift, months)])
        return self.where[asked]

    def look(self, asked: Iterable[tuple[Side, int, int]]) -> None:
        """Finds out at once where the figures of some tests are no older than so many months."""
        ages: dict[tuple[str, int], set[tuple[int, int]]] = {}
        for (test, at, _), shift, months in asked:
            ages.setdefault((test.indicator, at), set()).add((shift, months))
        every = [(here, layer, sorted(some)) for here, some in ages.items() for layer in self.layers.get(here, ())]
        found = where([(layer, [self._is_young(here[0], *age) for age in some]) for here, layer, some in every])
        for (here, _, some), planes in zip(every, found, strict=True):
            for (shift, months), plane in zip(some, planes, strict=True):
                self.where.setdefault((*here, f"{shift} {months}"), []).append(plane)

    def _is_young(self, id: str, shift: int, months: int) -> pl.Expr:
        base = self.days.places[id] * len(self.days.dates)
        until = [add_months(day, months) for day in self.days.dates]
        first = pl.Series([bisect_left(until, day) + base for day in self.roll.earlier(shift)], dtype=pl.UInt32)
        return pl.col("at") >= pl.lit(first).gather("day")


def _each(some: Sequence[int], other: Sequence[int]) -> list[int]:
    return [one & where for one, where in zip(some, other, strict=True)]


def _said(current: pl.DataFrame) -> dict[str, dict[int, frozenset[int]]]:
    """The kinds, and the sources, of the figures of each indicator (by its place); rows next to one another are alike.
    """
    turns = reduce(or_, (turning(current[column]) for column in SAID))
    found: dict[str, dict[int, set[int]]] = {column: {} for column in SAID[1:]}
    for indicator, *said in current.select(SAID).filter(turns).unique().iter_rows():
        for column, one in zip(SAID[1:], said, strict=True):
            found[column].setdefault(indicator, set()).add(one)
    return {column: {indicator: frozenset(some) for indicator, some in each.items()} for column, each in found.items()}


class _Spans:
    """From when to when each figure speaks."""

    def __init__(self, current: pl.DataFrame, flags: Sequence[str], days: Days) -> None:
        beyond = pl.Series([last and last + timedelta(days=1) for last in days.lasts], dtype=pl.Date)
        until = current.select(pl.min_horizontal("later", pl.lit(beyond).gather("at"))).to_series()
        self.places, (self.known, known), (self.until, ends) = days.places, _dated(current["known"]), _dated(until)
        self.figures = current.select("authority", "indicator", "at", pl.col("value").round(6), *flags).with_columns(
            row=pl.int_range(pl.len(), dtype=pl.UInt32), known=known, until=ends)

    def spoken(self, wanted: Sequence[str], roll: Roll, shift: int) -> list[pl.DataFrame]:
        """In which column (of those of the wanted indicators, one after the other) which figure speaks: the first
        column of every one, then the second of those that have more, and so on."""
        slots = pl.Series([wanted.index(id) if id in wanted else None for id in self.places], dtype=pl.UInt32)
        earlier, width = roll.earlier(shift), len(roll.days)
        some = self.figures.lazy()
        if slots.null_count():
            some = some.filter(pl.col("indicator").is_in([self.places[id] for id in wanted]))
        first = pl.lit(slots * roll.columns).gather("indicator") + pl.col("authority") * width
        after, until = (pl.lit(_reached(days, earlier)).gather(name)
                        for days, name in ((self.known, "known"), (self.until, "until")))
        spoken = some.with_columns(after=after, until=until).filter(pl.col("after") < pl.col("until")).select(
            pl.exclude("authority", "indicator", "known", "after", "until"),
            column=first + pl.col("after"), more=pl.col("until") - pl.col("after")).collect()
        found = [spoken]
        while (spoken := spoken.filter(pl.col("more") > 1)).height:
            spoken = spoken.with_columns(pl.col("column") + 1, pl.col("more") - 1)
            found.append(spoken)
        return found


def _dated(days: pl.Series) -> tuple[Sequence[date], pl.Series]:
    """Every day from the first to the last, and the place of each of some days among them."""
    first, last = days.min(), days.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return (), days.cast(pl.UInt32)
    after = (days.to_physical() - days.to_physical().min()).cast(pl.UInt32)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)], after


def _reached(days: Sequence[date], earlier: Sequence[date]) -> pl.Series:
    """How many of some days lie before each: looked up by its place, which is quicker than to search."""
    return pl.Series([bisect_left(earlier, day) for day in days], dtype=pl.UInt32)


def _apart(spoken: Sequence[pl.DataFrame], columns: int) -> Iterator[pl.DataFrame]:
    """For each layer the figure that speaks in each column, nulls where none does."""
    def laid(parts: Sequence[pl.DataFrame], name: str) -> pl.Series:
        cells = pl.repeat(None, columns, dtype=parts[0][name].dtype, eager=True).alias(name)
        for some in parts:
            cells = cells.scatter(some["column"], some[name])
        return cells
    names = [name for name in spoken[0].columns if name not in ("column", "more")]
    rows = laid(spoken, "row")
    layers = [spoken]
    if rows.len() - rows.null_count() < sum(some.height for some in spoken):
        placed = pl.concat(spoken).with_columns(layer=pl.int_range(pl.len()).over("column"))
        layers = [[some] for _, some in sorted(placed.partition_by("layer", as_dict=True, include_key=False).items())]
    for parts in layers:
        yield pl.DataFrame([laid(parts, name) for name in names])


def _sides(test: Test, days: Days, earlier: Sequence[date], flags: Sequence[str]) -> dict[bool, pl.Expr]:
    """Where the figure is for a test, and where against it; a small base takes more than one figure."""
    limits, first = list(limits_of(test, days)), days.places[test.indicator] * len(days.dates)

    def by_day(told: Sequence[object], kind: type[pl.DataType]) -> pl.Expr:
        """What is told beside the limit of each day, of the day that a figure is about."""
        if all(one == told[0] for one in told):
            return pl.lit(told[0], kind)
        of = {limit.at - first: one for limit, one in zip(limits, told, strict=True)}
        return pl.lit(pl.Series([of.get(at) for at in range(len(days.dates))], dtype=kind)).gather(pl.col("at") - first)
    side = COMPARED[test.comparator](pl.col("value"), by_day([one.limit for one in limits], pl.Float64))
    if "low" in flags:
        side = pl.when("low").then(by_day([one.below for one in limits], pl.Boolean)).otherwise(side)
    for_, against = side, ~side
    known = [bisect_left(earlier, one.public) for one in limits]
    if any(known):
        out = pl.col("day") >= by_day(known, pl.UInt32)
        for_, against = out & for_, out & against
    if "unfit" in flags:
        for_, against = ~pl.col("unfit") & for_, pl.col("unfit") | against
    if "small" in flags:
        for_, against = ~pl.col("small") & for_, ~pl.col("small") & against
    return {True: for_, False: against}
