"""Invented evidence that shows signatures at their strongest, for tests of what combinations may reach."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from kb.dates import Span
from kb.dossier import Observation
from kb.knowledge import Knowledge
from kb.model import Citation, Indicator, Kind, Reading, Source

DAY = date(2025, 3, 1)
CENSUS, EARLIER = date(2024, 9, 30), date(2023, 9, 30)
NOW = (date(2024, 8, 20), CENSUS, date(2025, 2, 20))
MOST = {"scale": 3.0, "yes/no": 1.0, "ratio": 9.0, "times": 3.0, "months": 200.0, "per cent": 99.0, "points": 99.0}


def on(date_: date) -> Span:
    return Span(date_, date_)


def strongest(indicator: Indicator) -> float:
    """The value furthest to the adverse side."""
    if indicator.unit.id == "grade":
        return float(len(indicator.values) - 1)
    if indicator.adverse == "low":
        return 0.0
    return MOST.get(indicator.unit.id, 500.0)


def mildest(indicator: Indicator) -> float:
    """The value furthest to the other side."""
    if indicator.adverse == "high":
        return 0.0
    return 1.0 if indicator.unit.id == "yes/no" else 100.0 if indicator.unit.share else 8.0


def indicators_of(knowledge: Knowledge, signature: str) -> list[Indicator]:
    """Every indicator that is about a signature, its signs and its context."""
    signs = {sign.test.test.indicator for sign in knowledge.signs[signature].all}
    known = knowledge.vocabulary.indicators
    return [known[id] for id in sorted(signs | {id for id, i in known.items() if i.signature == signature})]


def everything(knowledge: Knowledge, signatures: Collection[str], kinds: Collection[Kind] = tuple(Kind),
               ) -> list[Observation]:
    """Every indicator of some signatures at its strongest, three times in two years, each in its own document."""
    found = [o for s in signatures for indicator in indicators_of(knowledge, s) for o in shown(indicator)]
    return [o for o in found if o.kind in kinds]


def shown(indicator: Indicator) -> Iterator[Observation]:
    """One indicator at its strongest, now and again, after a milder value a year before (so that it rose as well)."""
    census = indicator.kind is Kind.STATISTIC and indicator.validity >= 12  # held to the figures of its own year
    for about in (CENSUS,) if census else NOW:
        yield observed(indicator, about, strongest(indicator))
    if indicator.reading is Reading.LATEST and indicator.kind is Kind.STATISTIC and indicator.adverse == "high":
        yield observed(indicator, EARLIER, 1.0)


def observed(indicator: Indicator, about: date, value: float) -> Observation:
    """One value of one indicator in a document of its own."""
    of = tuple((name, words[0]) for name, words in indicator.qualifiers)
    return Observation(indicator.id, on(about), about, indicator.kind,
                       Citation(Source(f"{indicator.id} {about}")), value, body=f"{about}", of=of)
