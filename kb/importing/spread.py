"""How the figures of a long table are spread over all authorities, year by year, and where that differs from before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from kb.conditions import SPREAD
from kb.dates import Precision
from kb.model import Indicator, Kind, Reading, Vocabulary, YearFigures

LEAST = 20
"""Of fewer authorities no quarter or tenth is worked out: a tenth of them would be one or two."""
HALF = 0.05 + 1e-6
"""Published to one decimal: what lies no further away is the same figure, whichever way a half was rounded."""
PLACES = {"high": (0.5, 0.75, 0.9), "low": (0.5, 0.25, 0.1)}
"""Where median, worst quarter and worst tenth begin, by which end is adverse."""


class Spread(NamedTuple):
    """One indicator in one year: the exact figures by name, of how many authorities, and when they became public."""

    indicator: str
    day: date
    figures: tuple[tuple[str, float], ...]
    authorities: int
    known: date
    source: str


class Difference(NamedTuple):
    """A figure that comes out otherwise than the one that is shipped."""

    spread: Spread
    name: str
    shipped: float
    found: float


def spreads(frame: pl.DataFrame, vocabulary: Vocabulary) -> Iterator[Spread]:
    """The spread of each indicator on each day, by id and day; frame: as kb.longtables reads it.

    Authorities that the vocabulary leaves out do not count, and those that send in one return count once.
    """
    dated = frame.filter(pl.col("precision") == Precision.DAY.value)
    for _, indicator in sorted(vocabulary.indicators.items()):
        if indicator.kind is Kind.STATISTIC and indicator.reading is Reading.LATEST:
            mine = dated.filter(pl.col("indicator") == indicator.id)
            for (day,), rows in mine.sort("about").group_by("about", maintain_order=True):
                found = _spread(rows, indicator, day, vocabulary)
                if found is not None:
                    yield found


def _spread(rows: pl.DataFrame, indicator: Indicator, day: object, vocabulary: Vocabulary) -> Spread | None:
    assert isinstance(day, date)
    stands = rows.sort("known", "source", "value").unique("authority_code", keep="last", maintain_order=True)
    latest = stands.filter(pl.col("value").is_not_null())  # a figure that was withdrawn since is none
    whole = vocabulary.whole.id if vocabulary.whole else ""
    counted = latest.filter(~pl.col("authority_code").is_in([whole, *vocabulary.left_out, *_twins(latest, vocabulary)]))
    if counted.height < LEAST:
        return None
    figures = [(name, float(str(counted["value"].quantile(place, "linear"))))
               for name, place in zip(SPREAD, PLACES[indicator.adverse], strict=True)]
    of_all = latest.filter(pl.col("authority_code") == whole)["value"]
    if vocabulary.whole and len(of_all):
        figures.append((vocabulary.whole.name.lower(), of_all[0]))
    sources = counted["source"].mode().sort()
    known = rows.filter(pl.col("source") == sources[0])["known"].min()
    assert isinstance(known, date)
    return Spread(indicator.id, day, tuple(figures), counted.height, known, sources[0])


def _twins(rows: pl.DataFrame, vocabulary: Vocabulary) -> Iterator[str]:
    """Those under whom only the figure of another stands, with whom they send in one return."""
    said = {code: (value, source) for code, value, source in rows.select("authority_code", "value", "source").rows()}
    for joint in vocabulary.joint_returns:
        first, *others = (code for code in joint.codes if code in said) if set(joint.codes) & set(said) else ("",)
        yield from (code for code in others if said[code] == said[first] and said[code][1] == joint.source)


def rounded(figure: float) -> float:
    """To one decimal, a half upwards."""
    return int(figure * 10 + 0.5 + 1e-9) / 10


def shipped_of(spread: Spread, vocabulary: Vocabulary) -> YearFigures | None:
    """What the vocabulary has of the same indicator and day."""
    year = vocabulary.years.get((spread.indicator, spread.day.year))
    return year if year is not None and year.day == spread.day else None


def differences(spread: Spread, vocabulary: Vocabulary) -> Iterator[Difference]:
    """Each figure of a spread that is not the one shipped, as far as one is."""
    shipped = shipped_of(spread, vocabulary)
    for name, found in spread.figures:
        there = shipped.get(name) if shipped else None
        if there is not None and abs(found - there) > HALF:
            yield Difference(spread, name, there, rounded(found))
