"""The rows of a long table made ready: those that the query takes, and those that are decided one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from engine.evidence import Evidence
from engine.roll import Roll
from kb.conditions import Test
from kb.dates import Precision
from kb.dossier import Marker, Observation
from kb.longtables import span_of
from kb.model import Citation, Kind, Reading, Source, Vocabulary
from kb.sources import who_says

KINDS = tuple(Kind)
HELD = pl.Schema({"test": pl.UInt32, "side": pl.Boolean, "column": pl.UInt32, "about": pl.Date, "kind": pl.UInt8,
                  "source": pl.UInt32})
"""One observation on one side of one test in one column; `about` is the day that ages it."""


class Rows(NamedTuple):
    """The rows about some authorities: `plain`, as `engine.tablesides` takes them, and the evidence of the others.

    `others`: by the place of the authority in the roll. `sources`: the ids that the numbers of `source` stand for.
    """

    plain: pl.DataFrame
    others: Mapping[int, Evidence]
    sources: Sequence[str]


def rows_of(table: pl.DataFrame, roll: Roll, tests: Sequence[Test], vocabulary: Vocabulary) -> Rows:
    """The rows that some test looks at, of the authorities of the roll.

    The query takes numbers dated to a day, and events that happened on a day. What is dated otherwise, says that there
    was no event, or is a finding, is rare in tables, and is decided as in a case, with all the rows beside it.
    """
    looked_at = [vocabulary.indicators[id] for id in sorted({test.indicator for test in tests})]
    known = pl.DataFrame([(one.id, one.reading.value, one.small_base) for one in looked_at], orient="row", schema={
        "indicator": pl.String, "reading": pl.String, "base_needed": pl.Float64})
    places = pl.DataFrame({"authority_code": roll.authorities}).with_row_index("authority")
    held = table.join(places, on="authority_code").join(known, on="indicator")
    base = pl.col("base") if "base" in table.columns else pl.lit(None, pl.Float64)
    happened = (pl.col("value") > 0).fill_null(False)
    to_a_day = pl.col("precision") == Precision.DAY.value
    number, event = (pl.col("reading") == reading.value for reading in (Reading.LATEST, Reading.OCCURRENCES))
    ready = held.with_columns(
        base=base, small=(base < pl.col("base_needed")).fill_null(False),
        plain=(to_a_day & (number | (event & happened))).all().over("authority", "indicator"))
    sources = ready["source"].unique().sort().to_list()
    numbers = {id: place for place, id in enumerate(sources)}
    kinds = {kind.value: place for place, kind in enumerate(KINDS)}
    plain = ready.filter("plain").select(
        "authority", "indicator", "about", "known", "value", "marker", "small",
        kind=pl.col("kind").replace_strict(kinds, return_dtype=pl.UInt8),
        source=pl.col("source").replace_strict(numbers, return_dtype=pl.UInt32))
    return Rows(plain, dict(_evidence(ready.filter(~pl.col("plain")), vocabulary)), sources)


def _evidence(rows: pl.DataFrame, vocabulary: Vocabulary) -> Iterator[tuple[int, Evidence]]:
    """The evidence of each authority."""
    for key, frame in rows.sort("authority").partition_by("authority", as_dict=True).items():
        yield int(str(key[0])), Evidence.of(observations(frame, vocabulary), vocabulary)


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
