"""The rows of a long table made ready: those that the query takes, and those that are decided one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from engine.evidence import Evidence, Gap, small_base
from engine.roll import Roll
from engine.tablesides import Days, numbered
from kb.conditions import Test
from kb.dates import Precision
from kb.dossier import Marker, Observation
from kb.longtables import span_of
from kb.longtexts import WORD, said_of, turning
from kb.model import Citation, Kind, Reading, Source, Vocabulary
from kb.sources import who_says

KINDS = tuple(Kind)
NEEDED = ("authority_code", "about", "precision", "known", "value", "marker", "kind", "source", "base")
"""The columns of a long table that are looked at, beside the indicator."""
GONE = (Gap.LOOSE, Gap.EXPIRED)
"""What is said where nothing is in date that was looked at."""
HELD = pl.Schema({"test": pl.UInt32, "side": pl.Boolean, "column": pl.UInt32, "about": pl.Date, "kind": pl.UInt32,
                  "source": pl.UInt32})
"""One observation on one side of one test in one column; `about` is the day that ages it."""


class Rows(NamedTuple):
    """The rows about some authorities: `plain`, as `engine.tablesides` takes them, and the evidence of the others.

    `others`: by the place of the authority in the roll. `sources`: the ids that the numbers of `source` stand for.
    """

    plain: pl.DataFrame
    days: Days
    others: Mapping[int, Evidence]
    sources: Sequence[str]


def rows_of(table: pl.DataFrame, roll: Roll, tests: Iterable[Test], vocabulary: Vocabulary) -> Rows:
    """The rows that some test looks at, of the authorities of the roll.

    The query takes numbers dated to a day, and events that happened on a day. What is dated otherwise, says that there
    was no event, or is a finding, is rare in tables, and is decided as in a case, with all the rows beside it.
    """
    ids = sorted({test.indicator for test in tests})
    indicator = _place(table, "indicator", ids)
    some = table.select(one for one in NEEDED if one in table.columns)
    if indicator.null_count():
        some, indicator = some.filter(indicator.is_not_null()), indicator.drop_nulls()
    sources = sorted(some["source"].filter(turning(some["source"])).unique().cast(pl.String))
    held = some.select(
        "about", "known", "value", odd=_said(some, "precision", WORD.ne(Precision.DAY.value)),
        unfit=_said(some, "marker", WORD.eq(Marker.NOT_APPLICABLE.value)),
        low=_said(some, "marker", WORD.eq(Marker.LOW.value)),
        base="base" if "base" in some.columns else pl.lit(None, pl.Float64),
        authority=_place(some, "authority_code", roll.authorities), indicator=indicator,
        source=_place(some, "source", sources), kind=_place(some, "kind", KINDS))
    there = held["authority"].is_not_null()
    ready = (held if there.all() else held.filter(there)).with_columns(small=_small(ids, vocabulary))
    odd = ready.filter(_odd(ids, vocabulary)).select("authority", "indicator").unique()
    plain = ready if odd.is_empty() else ready.join(odd, on=("authority", "indicator"), how="anti")
    plain, days = numbered(plain.drop("odd", "base"), {id: place for place, id in enumerate(ids)}, vocabulary)
    return Rows(plain, days, {} if odd.is_empty() else dict(_others(table, odd, roll, ids, vocabulary)), sources)


def _place(table: pl.DataFrame, column: str, known: Sequence[str]) -> pl.Series:
    """The place of each text of a column in a list; null where it is not there."""
    places = {str(text): place for place, text in enumerate(known)}
    return _said(table, column, WORD.replace_strict(places, default=None, return_dtype=pl.UInt32))


def _said(table: pl.DataFrame, column: str, what: pl.Expr) -> pl.Series:
    """What is said of each text of a column."""
    return said_of(table[column], found=what)["found"]


def _small(ids: Sequence[str], vocabulary: Vocabulary) -> pl.Expr:
    """Whether a rate stands on a small base."""
    needed = pl.Series([vocabulary.indicators[id].small_base for id in ids], dtype=pl.Float64)
    return (pl.col("base") < pl.lit(needed).gather("indicator")).fill_null(False)


def _odd(ids: Sequence[str], vocabulary: Vocabulary) -> pl.Expr:
    """What the query does not take."""
    def read(reading: Reading) -> pl.Expr:
        some = [place for place, id in enumerate(ids) if vocabulary.indicators[id].reading is reading]
        return pl.col("indicator").is_in(some)
    never = read(Reading.OCCURRENCES) & ~(pl.col("value") > 0).fill_null(False)
    return pl.col("odd") | read(Reading.BY_BODY) | never


def _others(table: pl.DataFrame, odd: pl.DataFrame, roll: Roll, ids: Sequence[str], vocabulary: Vocabulary,
            ) -> Iterator[tuple[int, Evidence]]:
    """The evidence of each authority on the indicators that the query does not take of it."""
    pairs = [(roll.authorities[authority], ids[indicator]) for authority, indicator in odd.iter_rows()]
    named = pl.DataFrame(pairs, {"authority_code": pl.String, "indicator": pl.String}, orient="row")
    alike = named.cast({column: table.schema[column] for column in named.columns})  # text, or a number for each
    rows = table.join(alike, on=("authority_code", "indicator"), how="semi")
    for key, frame in rows.partition_by("authority_code", as_dict=True).items():
        yield roll.authorities.index(str(key[0])), Evidence.of(observations(frame, vocabulary), vocabulary)


def observations(table: pl.DataFrame, vocabulary: Vocabulary) -> list[Observation]:
    """The rows of a table as observations, in its order."""
    return [_observation(row, vocabulary) for row in table.iter_rows(named=True)]


def _observation(row: dict[str, Any], vocabulary: Vocabulary) -> Observation:
    source = vocabulary.sources.get(row["source"], Source(row["source"]))
    marker = Marker(row["marker"]) if row["marker"] else None
    return Observation(row["indicator"], span_of(row), row["known"], Kind(row["kind"]), Citation(source), row["value"],
                       marker, who_says(source), authority=row["authority_code"], base=row.get("base"))


def decided(rows: Rows, roll: Roll, shift: int, tests: Iterable[tuple[int, Test]]) -> pl.DataFrame:
    """What the other rows say, one observation on one side of one test in one column each: the columns HELD."""
    found, asked = [], list(tests)
    numbers = {id: place for place, id in enumerate(rows.sources)}
    for authority, evidence in rows.others.items():
        for place, test in ((p, t) for p, t in asked if t.indicator in evidence.by_indicator):
            for column, day in enumerate(roll.earlier(shift), authority * len(roll.days)):
                verdict = evidence.decide(test, day)
                found += [(place, side, column, o.about.anchor, KINDS.index(o.kind), numbers[o.citation.source.id])
                          for side, some in ((True, verdict.for_by), (False, verdict.against_by)) for o in some]
    return pl.DataFrame(found, HELD, orient="row")


def small_among(rows: Rows, roll: Roll, tests: Mapping[str, Test]) -> Iterator[tuple[str, int]]:
    """Of the other rows, in which column a rate on a small base speaks; `tests`: any one of each indicator."""
    for authority, evidence in rows.others.items():
        for id in evidence.by_indicator.keys() & tests.keys():
            for column, day in enumerate(roll.days, authority * len(roll.days)):
                verdict = evidence.decide(tests[id], day)
                if verdict.gap not in GONE and any(
                        small_base(o, evidence.vocabulary.indicators[id]) for o in verdict.looked_at):
                    yield id, column
