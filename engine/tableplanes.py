"""From the sides of a table to planes: every authority at every day in one wide evaluation, in both readings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import and_, or_

import polars as pl

from engine.bits import NOTHING, Plane, at_least
from engine.packing import packed, packed_all
from engine.planes import READINGS, adverse
from engine.program import ANY_AGE, Atom, Context, Program
from engine.roll import Roll
from engine.tablelevels import Levels
from engine.tablerows import HELD, KINDS, decided, rows_of, small_among
from engine.tablesides import happened, latest, reading, sides
from kb.conditions import Test
from kb.dates import add_months
from kb.longtexts import turning
from kb.model import Kind, Reading, Vocabulary

Key = tuple[Test, int, bool]
"""A test, how many months earlier it is looked at, and a side of it (true: for)."""
Age = tuple[Key, int, int | None, bool]
"""A side, and how old what is on it may be: so many months before a day so many months earlier; true: no mere number.
"""
Readings = tuple[Sequence[Plane], Sequence[Plane]]
"""The planes of atoms or of nodes in the two readings of disputed evidence; one object where none is disputed."""
NUMBER, LATEST = KINDS.index(Kind.STATISTIC), Reading.LATEST


def planes_of_table(program: Program, table: pl.DataFrame, roll: Roll, vocabulary: Vocabulary) -> list[Plane]:
    """The planes of every atom, as `engine.planes.planes` makes them of one case after the other.

    `table`: the columns of the long table. Bit i is column i of the roll, bit n+i the same in the second reading.
    """
    first, second = readings_of(program, Looked(program, table, roll, vocabulary))
    return [(one[0] | other[0] << roll.columns, one[1] | other[1] << roll.columns)
            for one, other in zip(first, second, strict=True)]


def readings_of(program: Program, looked: Looked) -> Readings:
    """The planes of every atom in either reading of disputed evidence; equal planes are mostly one object."""
    first = [NOTHING] * len(program.atoms)
    second = [*first]
    for group in program.groups:
        if any((test, group.shift) in looked.asked for test in group.tests):
            for place, atom in zip(group.places, group.atoms, strict=True):
                first[place], second[place] = looked.planes(atom)
    return first, second


class Looked:
    """What a table says of each test at every column of a roll; each side of each test is worked out once."""

    def __init__(self, program: Program, table: pl.DataFrame, roll: Roll, vocabulary: Vocabulary) -> None:
        held = set(table["indicator"].filter(turning(table["indicator"])).unique())
        self.asked = {(t, group.shift) for group in program.groups for t in group.tests if t.indicator in held}
        self.roll, self.vocabulary, self.full = roll, vocabulary, (1 << roll.columns) - 1
        tests = sorted({test for test, _ in self.asked}, key=str)
        rows = rows_of(table, roll, tests, vocabulary)
        current = latest(rows.plain, rows.days)
        latest_of = {(t, shift) for t, shift in self.asked if reading(t, rows.days) is LATEST}
        self.levels = Levels(current, latest_of, rows.days, roll)
        self.levels.look((key, shift, months) for key, shift, months, _ in ages_asked(program)
                         if months not in (None, ANY_AGE) and self.levels.sides.get(key))
        self.small = {id: self.levels.small(id) for id in sorted({t.indicator for t, _ in latest_of})}
        for id, column in small_among(rows, roll, {t.indicator: t for t, shift in latest_of if not shift}):
            self.small[id] |= 1 << column
        numbers, events = sides(current, tests, rows.days), happened(rows.plain, tests, rows.days)
        self.under: dict[Key, pl.DataFrame] = {}
        for shift in sorted({shift for _, shift in self.asked}):
            places = [place for place, test in enumerate(tests) if (test, shift) in self.asked]
            wanted = pl.col("test").is_in(places)
            said = pl.concat([_held(numbers.filter(wanted), roll, shift).select(HELD.names()),
                              _often(_held(events.filter(wanted), roll, shift)).select(HELD.names()),
                              decided(rows, roll, shift, [(place, tests[place]) for place in places])])
            in_order = said.sort("about")  # of those in one column the youngest is then the last
            for (place, side), frame in in_order.partition_by("test", "side", as_dict=True).items():
                self.under[tests[place], shift, side] = frame
        self.days = sorted({day for frame in self.under.values() for day in frame["about"].unique()})
        self.day_of = pl.select(pl.int_range(roll.columns) % len(roll.days)).to_series()
        self.ages: dict[tuple[int, int | None], pl.Series] = {}
        self.latest: dict[tuple[Key, bool], pl.Series] = {}
        self.shown: dict[Age, int] = {}
        self.seen = self.ages_seen({age for age in ages_asked(program) if age[0] in self.under})
        self.found: dict[tuple[Key, str, frozenset[int]], int] = {}
        self.held: dict[tuple[Key, str], list[int]] = {}

    def planes(self, atom: Atom) -> tuple[Plane, Plane]:
        """The marks of an atom, for and against, in either reading of disputed evidence."""
        of_one = self.corroborated if atom.corroboration else self.marks_of
        first = of_one(atom, READINGS[0])
        apart = any(self.disputed(test, atom.context.shift) for test in atom.tests)
        return first, of_one(atom, READINGS[1]) if apart else first

    def marks_of(self, atom: Atom, reading: bool) -> Plane:
        """The columns in which an atom of one test is for, and against."""
        return self.marks(atom.tests[0], atom.context, reading)

    def marks(self, test: Test, context: Context, reading: bool) -> Plane:
        """The columns in which a test is for, and against, in one reading of disputed evidence."""
        for_, against = (self.counts((test, context.shift, side), context) for side in (True, False))
        disputed = self.disputed(test, context.shift)
        if not disputed:
            return for_, against
        if reading is adverse(test, self.vocabulary):
            return for_, against ^ against & disputed
        return for_ ^ for_ & disputed, against

    def disputed(self, test: Test, shift: int) -> int:
        """The columns in which something speaks for a test and something against it."""
        return self.since((test, shift, True), 0, None) & self.since((test, shift, False), 0, None)

    def counts(self, key: Key, context: Context) -> int:
        """The columns in which something is on that side, recent enough and (where it is asked) no mere number."""
        found = self.since(key, context.shift, context.within)
        return found if context.plus is None or not found else found & self.since(key, 0, context.plus, True)

    def since(self, key: Key, shift: int, months: int | None, tagged: bool = False) -> int:
        """The columns in which something (`tagged`: no mere number) on that side is no older than so many months."""
        asked = (key, shift, months, tagged)
        if tagged and self.numbers(key, "kind") == [NUMBER]:
            return 0
        if asked not in self.shown:
            found = self.levels.since(key, shift, months, NUMBER if tagged else None)
            if key in self.under:
                found |= self.seen[asked] if asked in self.seen else self.ages_seen([asked])[asked]
            self.shown[asked] = found
        return self.shown[asked]

    def ages_seen(self, asked: Iterable[Age]) -> dict[Age, int]:
        """The same of what was not decided as a level, of several at once."""
        ages = list(asked)
        columns = {f"{key}{tagged}": self.youngest(key, tagged) for key, _, _, tagged in ages}
        columns |= {f"{shift} {months}": self.oldest(shift, months) for _, shift, months, _ in ages}
        marks = [pl.col(f"{key}{tagged}") >= pl.col(f"{shift} {months}") for key, shift, months, tagged in ages]
        return dict(zip(ages, packed_all(pl.DataFrame(columns), marks), strict=True))

    def youngest(self, key: Key, tagged: bool) -> pl.Series:
        """Column by column the day of the latest observation on that side, by its place from 1; 0 for none."""
        if (key, tagged) not in self.latest:
            frame = self.under[key].filter(pl.col("kind") != NUMBER) if tagged else self.under[key]
            place = pl.lit(pl.Series(self.days)).search_sorted(pl.col("about")).cast(pl.UInt32) + 1
            empty = pl.zeros(self.roll.columns, pl.UInt32, eager=True)
            self.latest[key, tagged] = empty.scatter(frame["column"], frame.select(place).to_series())
        return self.latest[key, tagged]

    def oldest(self, shift: int, months: int | None) -> pl.Series:
        """Column by column the first day that is no more than so many months ago, by its place from 1."""
        if (shift, months) not in self.ages:
            until = [] if months in (None, ANY_AGE) else [add_months(day, months or 0) for day in self.days]
            first = pl.Series([bisect_left(until, day) + 1 for day in self.roll.earlier(shift)], dtype=pl.UInt32)
            self.ages[shift, months] = first.gather(self.day_of)
        return self.ages[shift, months]

    def corroborated(self, atom: Atom, reading: bool) -> Plane:
        """Two kinds of evidence and two documents under the tests that are met, taken together."""
        plain = atom.context._replace(plus=None)
        met = {test: self.marks(test, plain, reading) for test in atom.tests}
        alike = self.corroborate({(test, plain.shift, True): for_ for test, (for_, _) in met.items() if for_})
        judged = reduce(and_, (for_ | against for for_, against in met.values()), self.full)
        if atom.context.plus is None:
            return alike, judged & ~alike
        tagged = [[marks & self.since((test, plain.shift, side), 0, atom.context.plus, True)
                   for side, marks in zip((True, False), pair, strict=True)] for test, pair in met.items()]
        for_, against = (reduce(or_, some, 0) for some in zip(*tagged, strict=True))
        return alike & for_, judged & ~alike & (for_ | against)

    def corroborate(self, met: dict[Key, int]) -> int:
        """Where two kinds and two documents are under the sides that are met."""
        def where(column: str, wanted: set[int]) -> int:
            return reduce(or_, (marks & self.those(key, column, wanted) for key, marks in met.items()), 0)
        held, sources = ({one for key in met for one in self.numbers(key, column)} for column in ("kind", "source"))
        kinds = at_least(2, [where("kind", {kind}) for kind in sorted(held)], self.full)
        if not kinds:
            return 0
        apart = 0
        for place in range(max(sources).bit_length()):  # two numbers differ in some digit
            one = {source for source in sources if source >> place & 1}
            apart |= where("source", one) & where("source", sources - one)
        return kinds & apart

    def numbers(self, key: Key, column: str) -> list[int]:
        """The kinds, or the sources, of the observations on that side, by their places."""
        if (key, column) not in self.held:
            beside = self.under[key][column].unique() if key in self.under else ()
            self.held[key, column] = sorted({*self.levels.numbers(key, column), *beside})
        return self.held[key, column]

    def those(self, key: Key, column: str, wanted: set[int]) -> int:
        """The columns in which one of these kinds, or sources, is among the observations on that side."""
        held = self.numbers(key, column)
        some = frozenset(wanted.intersection(held))
        if len(some) in (0, len(held)):
            return self.since(key, 0, None) if some else 0
        asked = (key, column, some)
        if asked not in self.found:
            found = self.levels.those(key, column, some)
            if key in self.under:
                columns = self.under[key].filter(pl.col(column).is_in(some))["column"]
                found |= packed(pl.zeros(self.roll.columns, pl.UInt8, eager=True).scatter(columns, 1) > 0)
            self.found[asked] = found
        return self.found[asked]


def ages_asked(program: Program) -> Iterator[Age]:
    """What a program asks about the age of what it looks at."""
    for atom, _ in program.atoms:
        shift, within, plus = atom.context.shift, atom.context.within, atom.context.plus
        for key in ((test, shift, side) for test in atom.tests for side in (True, False)):
            yield key, 0, None, False
            yield key, shift, within, False
            if plus is not None:
                yield key, 0, plus, True


def _held(sides: pl.DataFrame, roll: Roll, shift: int) -> pl.DataFrame:
    """Each side in every column on whose day it stands; the days of one authority are next to one another."""
    days = pl.lit(pl.Series(roll.earlier(shift)))
    first = pl.col("authority").cast(pl.UInt32) * len(roll.days)
    found = sides.lazy().with_columns(
        after=days.search_sorted(pl.col("start"), side="left").cast(pl.UInt32) + first,
        until=days.search_sorted(pl.col("end"), side="right").cast(pl.UInt32) + first)
    some = found.filter(pl.col("after") < pl.col("until"))
    return some.with_columns(column=pl.int_ranges("after", "until", dtype=pl.UInt32)).explode("column").collect()


def _often(events: pl.DataFrame) -> pl.DataFrame:
    """The events of the columns in which there are enough of them; those of one day may be one event."""
    where = ("test", "column")
    each = events.lazy().group_by(*where, "about", "wanted").agg(pl.col("value").max())
    enough = each.group_by(*where, "wanted").agg(pl.col("value").sum()).filter(pl.col("value") >= pl.col("wanted"))
    return events.lazy().join(enough, on=where, how="semi").collect()
