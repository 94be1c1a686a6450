"""Long tables of observations: random ones for a random rule base, and the national one as it was published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from kb.dates import Precision, Span, add_months
from kb.dossier import Marker, Observation
from kb.model import Citation, Reading, Source, Vocabulary
from tests.strategies import AS_AT, INDICATORS, VALUES, VOCABULARY, Kit, observation

AUTHORITIES = ("E1", "E2", "E3")
TABLED = replace(
    VOCABULARY,
    indicators={id: one._replace(small_base=60.0) if id == "agency_rate" else one for id, one in INDICATORS.items()},
    years={key: year._replace(known=add_months(AS_AT, 12 * (key[1] - 2019))) for key, year in VOCABULARY.years.items()})
"""Rates on a small base, and figures of all authorities that become public a year after the other."""
SCHEMA = pl.Schema({
    "authority_code": pl.String, "indicator": pl.String, "start": pl.Date, "about": pl.Date, "precision": pl.String,
    "known": pl.Date, "value": pl.Float64, "marker": pl.String, "kind": pl.String, "source": pl.String,
    "base": pl.Float64})


def frame(observations: list[Observation]) -> pl.DataFrame:
    """Observations as the rows of a long table."""
    rows = [(o.authority, o.indicator, o.about.start, o.about.end, o.about.precision.value, o.known, o.value,
             o.marker.value if o.marker else None, o.kind.value, o.citation.source.id, o.base) for o in observations]
    return pl.DataFrame(rows, SCHEMA, orient="row")


def row(kit: Kit) -> Observation:
    """One row: mostly a number or an event of one day, as tables have them; sometimes whatever a case may hold."""
    authority = kit.pick(AUTHORITIES)
    if kit.chance(20):
        return observation(kit)._replace(authority=authority)
    indicator = INDICATORS[kit.pick([id for id, one in INDICATORS.items() if one.reading is not Reading.BY_BODY])]
    day = add_months(AS_AT, -3 * kit.pick(range(16)))
    marker = kit.pick(tuple(Marker)) if indicator.reading is Reading.LATEST and kit.chance(15) else None
    values = [value for value in VALUES[indicator.unit.id] if value or indicator.reading is Reading.LATEST]
    return Observation(
        indicator.id, Span(day, day, Precision.DAY), add_months(day, kit.pick((0, 1, 5, 5, 14))), indicator.kind,
        Citation(Source(kit.pick(("letter", "return", "review")))), None if marker else kit.pick(values), marker,
        authority=authority, base=kit.pick((None, 20.0, 60.0, 500.0)))


def rows(kit: Kit) -> list[Observation]:
    """Up to 60 rows about three authorities, and as many as half of them once more as their source revised them."""
    first = kit.some(0, 60, lambda: row(kit))
    return [*first, *(revision(kit, kit.pick(first)) for _ in range(kit.pick(range(len(first) // 2 + 1))))]


def revision(kit: Kit, of: Observation) -> Observation:
    """What the same source says of the same day later on: another value, or that there is none."""
    value = None if kit.chance(20) else kit.pick(VALUES[INDICATORS[of.indicator].unit.id])
    return of._replace(known=add_months(of.known, kit.pick((0, 1, 4, 13))), value=value,
                       marker=kit.pick(tuple(Marker)) if value is None else None)


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """Long tables."""
    return frame(rows(Kit(lambda options: draw(st.sampled_from(options)))))


def published(shared: Path, vocabulary: Vocabulary) -> pl.DataFrame:
    """The national figures that the vocabulary knows, and the markers in place of some, as a long table."""
    marked = {"c": "suppressed", "x": "unavailable", "z": "not applicable", "u": "unreliable", "low": "low"}
    names = {"repeat_cp_plan_rate": "repeat_plan_rate", "cla_three_or_more_social_workers":
             "three_or_more_social_workers"}
    figures = pl.read_csv(shared / "data" / "observations.csv", infer_schema=False)
    markers = pl.read_csv(shared / "data" / "suppressed.csv", infer_schema=False)
    both = pl.concat([figures, markers], how="diagonal").with_columns(
        indicator=pl.col("indicator").replace(names), about=pl.col("period_end").str.to_date())
    year, autumn = pl.col("about").dt.year(), pl.col("about").dt.month() == 9
    known = {id: one.kind.value for id, one in vocabulary.indicators.items()}
    return both.filter(pl.col("indicator").is_in(list(known))).select(
        "authority_code", "indicator", "about", "source", start="about", precision=pl.lit(Precision.DAY.value),
        known=pl.when(autumn).then(pl.date(year + 1, 2, 28)).otherwise(pl.date(year, 10, 31)),
        value=pl.col("value").cast(pl.Float64), marker=pl.col("marker").replace_strict(marked, default=None),
        kind=pl.col("indicator").replace_strict(known))
