"""The query: which observation of a table stands on which side of which test, and from when to when.

Each test is decided once for each observation, however many days are asked about. The meaning is that of
`engine.evidence`, for observations that are dated to a day; all arithmetic of months is done there and here once for
each day that occurs, by `kb.dates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import polars as pl

from engine.evidence import YEAR
from kb.conditions import Comparator, Test
from kb.dates import add_months, months_apart
from kb.dossier import Marker
from kb.model import Reading, Vocabulary

SIDES = ("authority", "test", "side", "start", "end", "about", "kind", "source")
"""One row of the answer: from `start` to `end` the observation about that day is on that side (true: for) of it."""
_FAR = 1 << 24
"""More days than any two dates are apart."""


def sides(table: pl.DataFrame, tests: Sequence[Test], vocabulary: Vocabulary) -> pl.DataFrame:
    """Which observations stand on which side of which test, and from when to when: the columns SIDES.

    `table`: authority and source (numbers), indicator, about and known (days), value, marker, kind, and whether the
    base is `small`; of events only those that happened. `test` is the place of the test in `tests`.
    """
    numbers = [(p, t) for p, t in enumerate(tests) if vocabulary.indicators[t.indicator].reading is Reading.LATEST]
    current = _superseded(table.lazy().filter(pl.col("indicator").is_in({t.indicator for _, t in numbers})))
    days = _days(table)
    found = [*_levels(current, _limits([(p, t) for p, t in numbers if t.rise_over is None], days, vocabulary), days),
             *_rises(current, [(p, t) for p, t in numbers if t.rise_over is not None], days, vocabulary)]
    whole = [frame.filter(pl.col("start") <= pl.col("end")).select(SIDES) for frame in found]
    return pl.concat(pl.collect_all(whole))


def happened(table: pl.DataFrame, tests: Sequence[Test], vocabulary: Vocabulary) -> pl.DataFrame:
    """The events in the window of each test, the columns SIDES, value and `wanted`: how many it takes."""
    schema = {"indicator": pl.String, "about": pl.Date, "test": pl.UInt32, "end": pl.Date, "wanted": pl.Float64}
    days = _days(table)
    rows = [(test.indicator, day, place, add_months(day, _window(test, vocabulary)), _wanted(test))
            for place, test in enumerate(tests) if vocabulary.indicators[test.indicator].reading is Reading.OCCURRENCES
            for day in days.get(test.indicator, ())]
    windows = pl.DataFrame(rows, schema, orient="row")
    return table.join(windows, on=("indicator", "about")).with_columns(side=pl.lit(True), start="known")


def _days(table: pl.DataFrame) -> dict[str, list[date]]:
    """The days that each indicator has observations about."""
    found = table.select("indicator", "about").unique().sort("indicator", "about").partition_by("indicator",
                                                                                               as_dict=True)
    return {str(key[0]): frame["about"].to_list() for key, frame in found.items()}


def _superseded(numbers: pl.LazyFrame) -> pl.LazyFrame:
    """The observations with the day on which one about a later time took their place (`later`).

    A running minimum over the days of publication, latest time first; each run of one authority and indicator starts
    so far below the one before it that nothing carries over.
    """
    run, about = pl.struct("indicator", "authority").rle_id().cast(pl.Int64) * _FAR, pl.col("about")
    ordered = numbers.sort("indicator", "authority", "about", descending=[False, False, True]).with_columns(run=run)
    lowest = (pl.col("known").to_physical().cast(pl.Int64) - pl.col("run")).cum_min().shift(1)
    moved = (about != about.shift(1)) | (pl.col("run") != pl.col("run").shift(1))
    carried = pl.when(moved).then(lowest).forward_fill() + pl.col("run")
    later = pl.when(carried < _FAR // 2).then(carried).cast(pl.Int32).cast(pl.Date)
    return ordered.with_columns(later=later)


def _limits(tests: Iterable[tuple[int, Test]], days: dict[str, list[date]], vocabulary: Vocabulary) -> pl.LazyFrame:
    """What each test holds an observation about each day against, and from which day that was public."""
    schema = {"indicator": pl.String, "about": pl.Date, "test": pl.UInt32, "comparator": pl.String, "limit": pl.Float64,
              "public": pl.Date, "last": pl.Date, "low": pl.Boolean}
    rows = []
    for place, test in tests:
        indicator = vocabulary.indicators[test.indicator]
        for day in days.get(test.indicator, ()):
            limit, public = _limit(test, day, vocabulary)
            decided = limit is not None and 0 < indicator.rounding < limit
            low = test.comparator in (Comparator.AT_MOST, Comparator.BELOW) if decided else None
            rows.append((test.indicator, day, place, test.comparator.value, None if limit is None else round(limit, 6),
                         public, add_months(day, indicator.validity), low))
    return pl.LazyFrame(rows, schema, orient="row")


def _limit(test: Test, day: date, vocabulary: Vocabulary) -> tuple[float | None, date]:
    if isinstance(test.threshold, float):
        return test.threshold, date.min
    year = vocabulary.years.get((test.indicator, day.year))
    return (year.get(test.threshold), year.known) if year else (None, date.min)


def _met(value: pl.Expr) -> pl.Expr:
    """Whether a value meets its limit, both rounded to 6 decimals; null where either is not there."""
    left, right = value.round(6), pl.col("limit")
    comparisons = {Comparator.AT_LEAST: left >= right, Comparator.ABOVE: left > right,
                   Comparator.AT_MOST: left <= right, Comparator.BELOW: left < right}
    return pl.coalesce(pl.when(pl.col("comparator") == comparator.value).then(met)
                       for comparator, met in comparisons.items())


_UNFIT = (pl.col("marker") == Marker.NOT_APPLICABLE.value).fill_null(False)
_LOW = (pl.col("marker") == Marker.LOW.value).fill_null(False)


def _until() -> pl.Expr:
    """The last day on which an observation speaks: before it is out of date, and before another takes its place."""
    return pl.min_horizontal("last", pl.col("later") - pl.duration(days=1))


def _levels(current: pl.LazyFrame, limits: pl.LazyFrame, days: dict[str, list[date]]) -> Iterator[pl.LazyFrame]:
    """The tests against a number or a place among all; small bases only with the year before on the same side."""
    side = pl.when(_UNFIT).then(False).when(_LOW).then("low").otherwise(_met(pl.col("value")))
    since = pl.when(_UNFIT).then("known").otherwise(pl.max_horizontal("known", "public"))
    decided = (current.join(limits, on=("indicator", "about"))
               .with_columns(side=side, start=since, end=_until()).filter(pl.col("side").is_not_null()))
    yield decided.filter(~pl.col("small"))
    small = decided.filter(pl.col("small")).join(_apart(days, YEAR), on=("indicator", "about"))
    earlier = decided.select("authority", "test", "side", earlier="about", since="start", document="source")
    yield from _both(small.join(earlier, on=("authority", "test", "side", "earlier")))


def _both(pairs: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """Two observations that decide a test together, from when both are there: each stands on the side."""
    known = pairs.with_columns(start=pl.max_horizontal("start", "since"))
    yield known
    yield known.with_columns(about="earlier", source="document")


def _apart(days: dict[str, list[date]], months: int, only: str = "") -> pl.LazyFrame:
    """The pairs of days of an indicator that lie exactly so many months apart."""
    rows = []
    for indicator, held in days.items():
        by_month: dict[int, list[date]] = {}
        for day in held if not only or indicator == only else ():
            by_month.setdefault(day.year * YEAR + day.month, []).append(day)
        rows += [(indicator, later, day) for month, some in by_month.items() for later in some
                 for day in by_month.get(month - months, ()) if months_apart(day, later) == months]
    return pl.LazyFrame(rows, {"indicator": pl.String, "about": pl.Date, "earlier": pl.Date}, orient="row")


def _rises(current: pl.LazyFrame, tests: Iterable[tuple[int, Test]], days: dict[str, list[date]],
           vocabulary: Vocabulary) -> Iterator[pl.LazyFrame]:
    """The tests of a change over so many months, of rates that do not stand on a small base."""
    for place, test in tests:
        assert test.rise_over is not None
        limits = _limits([(place, test)], days, vocabulary)
        firm = current.filter(~pl.col("small")).join(limits, on=("indicator", "about")).with_columns(end=_until())
        yield firm.filter(_UNFIT).with_columns(side=pl.lit(False), start="known")
        if isinstance(test.threshold, float):
            earlier = current.select("authority", "indicator", earlier="about", before="value", since="known",
                                     document="source").filter(pl.col("before").is_not_null())
            pairs = (firm.join(_apart(days, test.rise_over, test.indicator), on=("indicator", "about"))
                     .join(earlier, on=("authority", "indicator", "earlier")))
            risen = pairs.with_columns(side=_met(pl.col("value") - pl.col("before")), start="known")
            yield from _both(risen.filter(pl.col("side").is_not_null()))


def _window(test: Test, vocabulary: Vocabulary) -> int:
    return vocabulary.indicators[test.indicator].validity if test.window is None else test.window


def _wanted(test: Test) -> float:
    return 1.0 if isinstance(test.threshold, str) else float(test.threshold)
