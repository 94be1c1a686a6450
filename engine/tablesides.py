"""The query: which observation of a table stands on which side of which test, and from when to when.

Each test is decided once for each observation, however many days are asked about. The meaning is that of
`engine.evidence`, for observations that are dated to a day; all arithmetic of months is done by `kb.dates`, once for
each day that occurs. Indicators and days are whole numbers here, so that rows are sorted and joined by one number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from operator import and_
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
COMPARATORS = tuple(Comparator)
COMPARED = {Comparator.AT_LEAST: pl.Expr.ge, Comparator.ABOVE: pl.Expr.gt, Comparator.AT_MOST: pl.Expr.le,
            Comparator.BELOW: pl.Expr.lt}
RUN = ("authority", "indicator")
Placed = Iterable[tuple[int, Test]]


class Days(NamedTuple):
    """The days that each indicator (by its place) has observations about, for the tests of a table.

    `dates`: of all. `lasts`: by the number of indicator and day, the last day on which what is about it is not out of
    date.
    """

    held: dict[int, list[date]]
    dates: list[date]
    lasts: list[date | None]
    places: dict[str, int]
    vocabulary: Vocabulary

    def of(self, test: Test) -> Iterator[tuple[int, date]]:
        """Each day of the indicator of a test: the number of the two (`at` in a table), and the day."""
        for day in self.held.get(self.places[test.indicator], ()):
            yield self.number(self.places[test.indicator], day), day

    def number(self, indicator: int, day: date) -> int:
        """The number of an indicator, by its place, and a day."""
        return indicator * len(self.dates) + bisect_left(self.dates, day)


def numbered(table: pl.DataFrame, places: dict[str, int], vocabulary: Vocabulary) -> tuple[pl.DataFrame, Days]:
    """The table with numbers that are quick to compare, and its days.

    `at`: of indicator and day. `key`: of authority, indicator and day, in this order.
    """
    dates = table["about"].unique().sort()
    after = table["about"].to_physical() - dates.to_physical().min()
    some = dates.to_physical() - dates.to_physical().min()
    ordered = pl.zeros(_span(some), pl.UInt32, eager=True).scatter(
        some.cast(pl.UInt32), pl.int_range(len(dates), dtype=pl.UInt32, eager=True))
    at = table["indicator"] * len(dates) + ordered.gather(after.cast(pl.UInt32))
    run = pl.col("authority").cast(pl.Int64) * len(places) + pl.col("indicator")
    found = table.with_columns(at=at, key=run * FAR + pl.col("about").to_physical())
    validity = [vocabulary.indicators[id].validity for id in places]
    held: dict[int, list[date]] = {}
    lasts: list[date | None] = [None] * (len(places) * len(dates))
    for number in at.unique().sort():
        indicator, day = divmod(number, len(dates))
        held.setdefault(indicator, []).append(dates[day])
        lasts[number] = add_months(dates[day], validity[indicator])
    return found, Days(held, dates.to_list(), lasts, places, vocabulary)


def _span(days: pl.Series) -> int:
    """How many days there are from 0 to the last of some."""
    last = days.max()
    return last + 1 if isinstance(last, int) else 0


def latest(table: pl.DataFrame, days: Days) -> pl.DataFrame:
    """The observations, by `key`, with the last day on which each is not out of date (`last`), and the day on which one
    about a later time took its place (`later`).

    A running minimum over the days of publication, latest time first; each run of one authority and indicator lies so
    far below the one after it that nothing carries over. `revised`: the day on which the same source said anew of
    the same day, which then takes its place, even as the value of a year before.
    """
    in_order = table if table["key"].is_sorted() else table.sort("key")
    last = pl.lit(pl.Series(days.lasts, dtype=pl.Date)).gather("at")
    following = pl.col("known").shift(-1)
    in_turn = in_order.select(((pl.col("key") > pl.col("key").shift()) & ~(_goes_on() & (following < pl.col("known")))
                               ).fill_null(True).all()).item()
    if in_turn:  # as in an ordinary table: what is about a later time is published later, and all of it once
        return in_order.with_columns(later=pl.when(_goes_on()).then(following), last=last,
                                     revised=pl.lit(None, pl.Date))
    key = pl.col("key")
    run = (key + FAR // 2) // FAR * (2 * FAR)
    lowest = (pl.col("known").to_physical().cast(pl.Int64) + run).cum_min(reverse=True).shift(-1)
    carried = pl.when(key != key.shift(-1)).then(lowest).backward_fill() - run
    later = pl.when(carried < FAR).then(carried).cast(pl.Int32).cast(pl.Date)
    return _revised(in_order.with_columns(later=later, last=last)).with_columns(
        later=pl.min_horizontal("later", "revised"))


def _goes_on() -> pl.Expr:
    """Whether the row after is of the same authority and indicator."""
    return reduce(and_, (pl.col(one) == pl.col(one).shift(-1) for one in RUN))


def sides(current: pl.DataFrame, tests: Sequence[Test], days: Days) -> pl.DataFrame:
    """Which numbers stand beside earlier ones on which side of which test, and from when to when: the columns SIDES.

    `current`: of `latest`: authority, indicator, kind and source (by their places), about and known (days), value,
    whether it is `unfit`, `low` or on a `small` base, and its numbers. `test` is the place of the test in `tests`.
    """
    numbers = [(place, test) for place, test in enumerate(tests) if reading(test, days) is Reading.LATEST]
    levels = [(place, test) for place, test in numbers if test.rise_over is None]
    changes = [(place, test) for place, test in numbers if test.rise_over is not None]
    changing = current.filter(pl.col("indicator").is_in({days.places[test.indicator] for _, test in changes}))
    small = current.filter("small")
    if small.height:  # few rows of a table are on a small base
        small = current.join(small.select(RUN).unique(), on=RUN, how="semi", maintain_order="left")
    found = [*_levels(small.lazy(), levels, days), *_rises(changing.lazy(), changes, days)]
    whole = [frame.filter(pl.col("start") <= pl.col("end")).select(SIDES) for frame in found]
    return pl.concat(pl.collect_all(whole))


def happened(table: pl.DataFrame, tests: Sequence[Test], days: Days) -> pl.DataFrame:
    """The events in the window of each test, the columns SIDES, value and `wanted`: how many it takes."""
    counts = [(place, test) for place, test in enumerate(tests) if reading(test, days) is Reading.OCCURRENCES]
    rows = [(at, place, add_months(day, _window(test, days)),
             1.0 if isinstance(test.threshold, str) else float(test.threshold))
            for place, test in counts for at, day in days.of(test)]
    windows = pl.DataFrame(rows, {"at": pl.UInt32, "test": pl.UInt32, "end": pl.Date, "wanted": pl.Float64},
                           orient="row")
    return table.join(windows, on="at").with_columns(side=pl.lit(True), start="known")


def reading(test: Test, days: Days) -> Reading:
    """How observations of the indicator of a test are read."""
    return days.vocabulary.indicators[test.indicator].reading


def _window(test: Test, days: Days) -> int:
    return days.vocabulary.indicators[test.indicator].validity if test.window is None else test.window


def _revised(table: pl.DataFrame) -> pl.DataFrame:
    """The same, sorted by `key`, with the day on which each row was revised; few rows of a table are."""
    same, key = ("key", "source", "known"), pl.col("key")
    again = table.select(same).filter((key == key.shift(1)) | (key == key.shift(-1))).unique().sort(same)
    revisions = again.with_columns(revised=pl.col("known").shift(-1).over("key", "source")).drop_nulls()
    if revisions.is_empty():
        return table.with_columns(revised=pl.lit(None, pl.Date))
    return table.join(revisions, on=same, how="left", maintain_order="left")


class Limit(NamedTuple):
    """What a test holds an observation about one day against (`at`: with its indicator), and from which day that was
    public. `below`: the side on which a value is that rounds to nought, where it is certain."""

    at: int
    limit: float | None
    public: date
    below: bool | None


def limits_of(test: Test, days: Days) -> Iterator[Limit]:
    """Of every day that the indicator of a test has observations about, in order."""
    rounding = days.vocabulary.indicators[test.indicator].rounding
    for at, day in days.of(test):
        limit, public = _limit(test, day, days.vocabulary)
        certain = limit is not None and 0 < rounding < limit
        below = test.comparator in (Comparator.AT_MOST, Comparator.BELOW) if certain else None
        yield Limit(at, None if limit is None else round(limit, 6), public, below)


def _limits(tests: Placed, days: Days) -> pl.LazyFrame:
    """The limits of some tests, each by its place."""
    rows = [(place, COMPARATORS.index(test.comparator), *limit)
            for place, test in tests for limit in limits_of(test, days)]
    schema = {"test": pl.UInt32, "comparator": pl.UInt8, "at": pl.UInt32, "limit": pl.Float64, "public": pl.Date,
              "below": pl.Boolean}
    return pl.LazyFrame(rows, schema, orient="row")


def _limit(test: Test, day: date, vocabulary: Vocabulary) -> tuple[float | None, date]:
    if isinstance(test.threshold, float):
        return test.threshold, date.min
    year = vocabulary.years.get((test.indicator, day.year))
    return (year.get(test.threshold), year.known) if year else (None, date.min)


def met(comparator: Comparator, value: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """Whether a value meets its limit, both rounded to 6 decimals; null where either is not there."""
    return COMPARED[comparator](value.round(6), limit)


def _met(value: pl.Expr) -> pl.Expr:
    """The same by the comparator of each row."""
    asked = [pl.when(pl.col("comparator") == place).then(met(one, value, pl.col("limit")))
             for place, one in enumerate(COMPARATORS) if one in COMPARED]
    return pl.coalesce(asked)


def until() -> pl.Expr:
    """The last day on which an observation speaks: before it is out of date, and before another takes its place."""
    return pl.min_horizontal("last", pl.col("later") - pl.duration(days=1))


def _levels(current: pl.LazyFrame, tests: Placed, days: Days) -> Iterator[pl.LazyFrame]:
    """The tests against a number or a place among all, of rates on small bases: with the year before on the same side.
    """
    side = pl.when("unfit").then(False).when("low").then("below").otherwise(_met(pl.col("value")))
    since = pl.when("unfit").then("known").otherwise(pl.max_horizontal("known", "public"))
    decided = (current.join(_limits(tests, days), on="at").with_columns(side=side, start=since, end=until())
               .filter(pl.col("side").is_not_null()))
    small = decided.filter("small").join(_apart(days, YEAR, days.held), on="at")
    before = decided.select("test", "side", "key", "revised", earlier="about", since="start", document="source",
                            form="kind")
    small = small.drop("revised")
    yield from _both(small.with_columns(key=pl.col("key") - pl.col("apart")).join(before, on=("test", "side", "key")))


def _both(pairs: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """Two observations that decide a test together, while both are there: each stands on the side.

    `revised`: when the earlier of them was; until then it is there, though it is no more the latest.
    """
    known = pairs.with_columns(start=pl.max_horizontal("start", "since"),
                               end=pl.min_horizontal("end", pl.col("revised") - pl.duration(days=1)))
    yield known
    yield known.with_columns(about="earlier", source="document", kind="form")


def _apart(days: Days, months: int, indicators: Iterable[int]) -> pl.LazyFrame:
    """For each indicator and day how many days `apart` the days are that lie exactly so many months before."""
    rows = []
    for indicator in indicators:
        by_month: dict[int, list[date]] = {}
        for day in days.held.get(indicator, ()):
            by_month.setdefault(day.year * YEAR + day.month, []).append(day)
        rows += [(days.number(indicator, later), (later - day).days)
                 for month, some in by_month.items() for later in some
                 for day in by_month.get(month - months, ()) if months_apart(day, later) == months]
    return pl.LazyFrame(rows, {"at": pl.UInt32, "apart": pl.Int64}, orient="row")


def _rises(current: pl.LazyFrame, tests: Placed, days: Days) -> Iterator[pl.LazyFrame]:
    """The tests of a change over so many months, of rates that do not stand on a small base."""
    before = current.select("key", "revised", earlier="about", before="value", since="known", document="source",
                            form="kind").drop_nulls("before")
    current = current.drop("revised")
    for place, test in tests:
        assert test.rise_over is not None
        limits = _limits([(place, test)], days)
        firm = current.filter(~pl.col("small")).join(limits, on="at").with_columns(end=until(), start="known")
        yield firm.filter("unfit").with_columns(side=pl.lit(False))
        if isinstance(test.threshold, float):
            apart = firm.join(_apart(days, test.rise_over, [days.places[test.indicator]]), on="at")
            pairs = apart.with_columns(key=pl.col("key") - pl.col("apart")).join(before, on="key")
            risen = pairs.with_columns(side=_met(pl.col("value") - pl.col("before")))
            yield from _both(risen.filter(pl.col("side").is_not_null()))
