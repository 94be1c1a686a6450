"""Observations of a case file: one indicator, one value or the reason there is none, both its dates, its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kb.amounts import AmountError, read_amount
from kb.dates import Span
from kb.dossier import Hindsight, Marker, Observation, Remark
from kb.fields import Fields
from kb.model import NOT_RECORDED, Citation, Indicator, Kind, Place, Reading, Source, Vocabulary
from kb.problems import Code
from kb.sources import who_says

SPANS = ("about", "throughout", "sometime in")


class Known(NamedTuple):
    """What every part of one case may refer to."""

    vocabulary: Vocabulary
    sources: dict[str, Source]
    authority: str


def read_observations(fields: Fields, known: Known) -> Iterator[Observation]:
    """Every observation that could be read."""
    for tree in fields.mappings("observations"):
        inner = fields.inner(tree, "observation")
        observation = _observation(inner, known, tree.place)
        inner.finish()
        if observation is not None:
            yield observation


def _observation(fields: Fields, known: Known, place: Place) -> Observation | None:
    id = fields.reference("indicator", known.vocabulary.indicators, "indicator", required=True)
    indicator = known.vocabulary.indicators.get(id)
    span, public = _span(fields), fields.latest_day("known", required=True)
    marker, value = fields.choice("marker", tuple(Marker)), _value(fields, indicator)
    kind, hindsight = fields.choice("kind", tuple(Kind)), fields.choice("hindsight", tuple(Hindsight))
    citation, body, note = read_citation(fields, known), fields.text("body"), fields.text("note")
    base, of, disagreement = fields.number("base"), _of(fields, indicator), _disagreement(fields, known)
    if indicator is None or span is None or public is None or citation is None:
        return None
    if span.end > public:
        fields.report(fields.place_of("known"), Code.NOT_ALLOWED, f"public by {public}, but it is about {span}",
                      "an observation cannot be known before it happened")
    return Observation(indicator.id, span, public, Kind(kind) if kind else indicator.kind, citation, value,
                       Marker(marker) if marker else None, body or who_says(citation.source),
                       Hindsight(hindsight) if hindsight else None, note, known.authority, base, of, disagreement,
                       place)


def _of(fields: Fields, indicator: Indicator | None) -> tuple[tuple[str, str], ...]:
    """What the value is of, by the qualifiers that its indicator has."""
    named = indicator.qualifiers if indicator is not None else ()
    said = ((name, fields.choice(name, words, required=place == 0)) for place, (name, words) in enumerate(named))
    return tuple((name, word) for name, word in said if word)


def _disagreement(fields: Fields, known: Known) -> Remark | None:
    tree = fields.mapping("disagreement")
    return None if tree is None else read_remark(fields.inner(tree, "disagreement"), known)


def read_remark(fields: Fields, known: Known, conclusions: bool = False) -> Remark | None:
    """What the authority answers; its source may be left out where it wrote to whoever keeps the case."""
    text, public = fields.text("text", required=True), fields.latest_day("known", required=True)
    citation = read_citation(fields, known) if "source" in fields else None
    conclusion = fields.text("conclusion", required=True) if conclusions else ""
    fields.finish()
    return Remark(text, public, citation, conclusion, fields.place) if text and public else None


def _span(fields: Fields) -> Span | None:
    said = [key for key in SPANS if key in fields]
    spans = [fields.span(key) for key in said]
    if len(said) != 1 and not (fields.repaired and not said):
        fields.report(fields.place, Code.MISSING_KEY, "the date that it is about is due, once",
                      "write about: with a day, throughout: X to Y, or sometime in: X to Y")
    return spans[0] if spans else None


def _value(fields: Fields, indicator: Indicator | None) -> float | None:
    """The number of an observation. An event needs none: it happened once, unless the value says none."""
    scalar, marked = fields.scalar("value"), "marker" in fields
    if indicator is None:
        return None
    if scalar is None:
        return _unsaid(fields, indicator, marked)
    if marked:
        fields.report(scalar.place, Code.NOT_ALLOWED, "a value and a marker exclude one another", "keep one of them")
        return None
    if scalar.text == "none" and indicator.reading is Reading.OCCURRENCES:
        if "throughout" not in fields:
            fields.report(scalar.place, Code.MISSING_KEY, "none needs its period", "write throughout: X to Y")
        return 0.0
    try:
        return read_amount(scalar.text, indicator)
    except AmountError as error:
        fields.report(scalar.place, error.code, error.message, error.hint)
        return None


def _unsaid(fields: Fields, indicator: Indicator, marked: bool) -> float | None:
    if marked:
        return None
    if indicator.reading is Reading.OCCURRENCES:
        return 1.0
    if not fields.repaired:
        fields.report(fields.place, Code.MISSING_KEY, f"{indicator.id} needs a value, or a marker that says why not",
                      f"write value: in {indicator.unit}")
    return None


def read_citation(fields: Fields, known: Known) -> Citation | None:
    """The source of a fact, its page and passage; None where the source is not known."""
    id = fields.reference("source", known.sources, "source", required=True)
    page, passage = fields.text("page", NOT_RECORDED), fields.text("passage")
    return Citation(known.sources[id], page, passage) if id else None
