"""The query: which observation of a table stands on which side of which test, and from when to when.

Each test is decided once for each observation, however many days are asked about. The meaning is that of
`engine.evidence`, for observations that are dated to a day; all arithmetic of months is done by `kb.dates`, once for
each day that occurs. Indicators and days are whole numbers here, so that rows are sorted and joined by one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from engine.evidence import YEAR
from kb.conditions import Comparator, Test
from kb.dates import add_months, months_apart
from kb.model import Reading, Vocabulary

SIDES = ("authority", "test", "side", "start", "end", "about", "kind", "source")
"""One row of the answer: from `start` to `end` the observation about that day is on that side (true: for) of it."""
FAR = 1 << 23
"""More days than any two dates are apart."""
EPOCH = date(1970, 1, 1)
COMPARATORS = tuple(Comparator)
Placed = Iterable[tuple[int, Test]]


class Days(NamedTuple):
    """The days that each indicator (by its place) has observations about, for the tests of a table."""

    held: dict[int, list[date]]
    places: dict[str, int]
    vocabulary: Vocabulary

    def of(self, tests: Placed) -> Iterator[tuple[int, Test, int, date]]:
        """Each test, by its place, with each day of its indicator: the number of the two, and the day."""
        for place, test in tests:
            for day in self.held.get(self.places[test.indicator], ()):
                yield place, test, self.number(test.indicator, day), day

    def number(self, indicator: str, day: date) -> int:
        """The number of an indicator and a day (`at` in a table)."""
        return self.places[indicator] * FAR + (day - EPOCH).days


def numbered(authorities: int) -> list[pl.Expr]:
    """`at`, the number of indicator and day, and `key`, that of authority too, by which the latest day comes first."""
    indicator, day = pl.col("indicator").cast(pl.Int64), pl.col("about").to_physical().cast(pl.Int64)
    run = indicator * authorities + pl.col("authority").cast(pl.Int64)
    return [(indicator * FAR + day).alias("at"), (run * FAR - day).alias("key")]


def days_of(table: pl.DataFrame, places: dict[str, int], vocabulary: Vocabulary) -> Days:
    """The days of each indicator of a table."""
    held: dict[int, list[date]] = {}
    for at in table["at"].unique().sort():
        indicator = (at + FAR // 2) // FAR
        held.setdefault(indicator, []).append(EPOCH + timedelta(days=at - indicator * FAR))
    return Days(held, places, vocabulary)


def sides(table: pl.DataFrame, tests: Sequence[Test], days: Days) -> pl.DataFrame:
    """Which numbers stand on which side of which test, and from when to when: the columns SIDES.

    `table`: authority, indicator, kind and source (by their places), about and known (days), value, whether it is
    `unfit`, `low` or on a `small` base, and its numbers. `test` is the place of the test in `tests`.
    """
    numbers = [(place, test) for place, test in enumerate(tests) if _reading(test, days) is Reading.LATEST]
    current = _superseded(table).lazy()
    levels = _limits([(place, test) for place, test in numbers if test.rise_over is None], days)
    changes = [(place, test) for place, test in numbers if test.rise_over is not None]
    changing = current.filter(pl.col("indicator").is_in({days.places[test.indicator] for _, test in changes}))
    small = bool(table["small"].any())
    found = [*_levels(current, levels, days, small), *_rises(changing, changes, days)]
    whole = [frame.filter(pl.col("start") <= pl.col("end")).select(SIDES) for frame in found]
    return pl.concat(pl.collect_all(whole))


def happened(table: pl.DataFrame, tests: Sequence[Test], days: Days) -> pl.DataFrame:
    """The events in the window of each test, the columns SIDES, value and `wanted`: how many it takes."""
    counts = [(place, test) for place, test in enumerate(tests) if _reading(test, days) is Reading.OCCURRENCES]
    rows = [(at, place, add_months(day, _window(test, days)),
             1.0 if isinstance(test.threshold, str) else float(test.threshold))
            for place, test, at, day in days.of(counts)]
    windows = pl.DataFrame(rows, {"at": pl.Int64, "test": pl.UInt32, "end": pl.Date, "wanted": pl.Float64},
                           orient="row")
    return table.join(windows, on="at").with_columns(side=pl.lit(True), start="known")


def _reading(test: Test, days: Days) -> Reading:
    return days.vocabulary.indicators[test.indicator].reading


def _window(test: Test, days: Days) -> int:
    return days.vocabulary.indicators[test.indicator].validity if test.window is None else test.window


def _superseded(table: pl.DataFrame) -> pl.DataFrame:
    """The observations with the day on which one about a later time took their place (`later`).

    A running minimum over the days of publication, latest time first; each run of one authority and indicator starts
    so far below the one before it that nothing carries over. `revised`: the day on which the same source said anew of
    the same day, which then takes its place, even as the value of a year before.
    """
    run, key = (pl.col("key") + FAR // 2) // FAR * (2 * FAR), pl.col("key")
    lowest = (pl.col("known").to_physical().cast(pl.Int64) - run).cum_min().shift(1)
    carried = pl.when(key != key.shift(1)).then(lowest).forward_fill() + run
    later = pl.when(carried < FAR).then(carried).cast(pl.Int32).cast(pl.Date)
    return _revised(table.sort("key").with_columns(later=later)).with_columns(
        later=pl.min_horizontal("later", "revised"))


def _revised(table: pl.DataFrame) -> pl.DataFrame:
    """The same, sorted by `key`, with the day on which each row was revised; few rows of a table are."""
    same, key = ("key", "source", "known"), pl.col("key")
    again = table.select(same).filter((key == key.shift(1)) | (key == key.shift(-1))).unique().sort(same)
    revisions = again.with_columns(revised=pl.col("known").shift(-1).over("key", "source")).drop_nulls()
    if revisions.is_empty():
        return table.with_columns(revised=pl.lit(None, pl.Date))
    return table.join(revisions, on=same, how="left", maintain_order="left")


def _limits(tests: Placed, days: Days) -> pl.LazyFrame:
    """What each test holds an observation about each day against, and from which day that was public."""
    rows = []
    for place, test, at, day in days.of(tests):
        indicator = days.vocabulary.indicators[test.indicator]
        limit, public = _limit(test, day, days.vocabulary)
        low = None
        if limit is not None and 0 < indicator.rounding < limit:
            low = test.comparator in (Comparator.AT_MOST, Comparator.BELOW)
        rows.append((at, place, COMPARATORS.index(test.comparator), None if limit is None else round(limit, 6), public,
                     add_months(day, indicator.validity), low))
    schema = {"at": pl.Int64, "test": pl.UInt32, "comparator": pl.UInt8, "limit": pl.Float64, "public": pl.Date,
              "last": pl.Date, "below": pl.Boolean}
    return pl.LazyFrame(rows, schema, orient="row")


def _limit(test: Test, day: date, vocabulary: Vocabulary) -> tuple[float | None, date]:
    if isinstance(test.threshold, float):
        return test.threshold, date.min
    year = vocabulary.years.get((test.indicator, day.year))
    return (year.get(test.threshold), year.known) if year else (None, date.min)


def _met(value: pl.Expr) -> pl.Expr:
    """Whether a value meets its limit, both rounded to 6 decimals; null where either is not there."""
    left, right, comparator = value.round(6), pl.col("limit"), pl.col("comparator")
    at_least, above, at_most, below = (COMPARATORS.index(c) for c in (
        Comparator.AT_LEAST, Comparator.ABOVE, Comparator.AT_MOST, Comparator.BELOW))
    return (pl.when(comparator == at_least).then(left >= right).when(comparator == above).then(left > right)
            .when(comparator == at_most).then(left <= right).when(comparator == below).then(left < right))


def _until() -> pl.Expr:
    """The last day on which an observation speaks: before it is out of date, and before another takes its place."""
    return pl.min_horizontal("last", pl.col("later") - pl.duration(days=1))


def _levels(current: pl.LazyFrame, limits: pl.LazyFrame, days: Days, small_ones: bool) -> Iterator[pl.LazyFrame]:
    """The tests against a number or a place among all; small bases only with the year before on the same side."""
    side = pl.when("unfit").then(False).when("low").then("below").otherwise(_met(pl.col("value")))
    since = pl.when("unfit").then("known").otherwise(pl.max_horizontal("known", "public"))
    decided = (current.join(limits, on="at").with_columns(side=side, start=since, end=_until())
               .filter(pl.col("side").is_not_null()))
    yield decided.filter(~pl.col("small"))
    if not small_ones:
        return
    small = decided.filter("small").join(_apart(days, YEAR, days.held), on="at")
    before = decided.select("test", "side", "key", "revised", earlier="about", since="start", document="source")
    small = small.drop("revised")
    yield from _both(small.with_columns(key=pl.col("key") + pl.col("apart")).join(before, on=("test", "side", "key")))


def _both(pairs: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """Two observations that decide a test together, while both are there: each stands on the side.

    `revised`: when the earlier of them was; until then it is there, though it is no more the latest.
    """
    known = pairs.with_columns(start=pl.max_horizontal("start", "since"),
                               end=pl.min_horizontal("end", pl.col("revised") - pl.duration(days=1)))
    yield known
    yield known.with_columns(about="earlier", source="document")


def _apart(days: Days, months: int, indicators: Iterable[int]) -> pl.LazyFrame:
    """For each indicator and day how many days `apart` the days are that lie exactly so many months before."""
    rows = []
    for indicator in indicators:
        by_month: dict[int, list[date]] = {}
        for day in days.held.get(indicator, ()):
            by_month.setdefault(day.year * YEAR + day.month, []).append(day)
        rows += [(indicator * FAR + (later - EPOCH).days, (later - day).days)
                 for month, some in by_month.items() for later in some
                 for day in by_month.get(month - months, ()) if months_apart(day, later) == months]
    return pl.LazyFrame(rows, {"at": pl.Int64, "apart": pl.Int64}, orient="row")


def _rises(current: pl.LazyFrame, tests: Placed, days: Days) -> Iterator[pl.LazyFrame]:
    """The tests of a change over so many months, of rates that do not stand on a small base."""
    before = current.select("key", "revised", earlier="about", before="value", since="known", document="source"
                            ).drop_nulls("before")
    current = current.drop("revised")
    for place, test in tests:
        assert test.rise_over is not None
        limits = _limits([(place, test)], days)
        firm = current.filter(~pl.col("small")).join(limits, on="at").with_columns(end=_until(), start="known")
        yield firm.filter("unfit").with_columns(side=pl.lit(False))
        if isinstance(test.threshold, float):
            apart = firm.join(_apart(days, test.rise_over, [days.places[test.indicator]]), on="at")
            pairs = apart.with_columns(key=pl.col("key") + pl.col("apart")).join(before, on="key")
            risen = pairs.with_columns(side=_met(pl.col("value") - pl.col("before")))
            yield from _both(risen.filter(pl.col("side").is_not_null()))
