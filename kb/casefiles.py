"""Case files: a dossier of one authority, read with every mistake at its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kb.amounts import AmountError, read_amount
from kb.dates import Span
from kb.fields import Fields
from kb.model import (
    NOT_RECORDED,
    Case,
    Citation,
    Hindsight,
    Indicator,
    Kind,
    Marker,
    Note,
    Observation,
    Place,
    Problem,
    Reading,
    Source,
    Vocabulary,
)
from kb.problems import Code, shown
from kb.sources import read_source, who_says
from kb.yamltree import Mapping, read_tree

SPANS = ("about", "throughout", "sometime in")


class _Known(NamedTuple):
    """What every part of one case may refer to."""

    vocabulary: Vocabulary
    sources: dict[str, Source]
    authority: str


def read_case(path: Path, vocabulary: Vocabulary, name: str = "") -> tuple[Case | None, tuple[Problem, ...]]:
    """The case of a file and every problem in it; None where there is no case to be had."""
    tree, found, repaired = read_tree(path, name or path.name)
    problems = list(found)
    if isinstance(tree, Mapping):
        return _case(Fields(tree, problems, repaired=repaired, what="case"), vocabulary), tuple(problems)
    if tree is not None:
        problems.append(Problem(tree.place, Code.WRONG_SHAPE, "a case file has keys, beginning with `case:` and a name",
                                "see examples/ashby.yaml"))
    return None, tuple(problems)


def _case(fields: Fields, vocabulary: Vocabulary) -> Case:
    authority = fields.mapping("authority", required=True)
    code, name = _authority(fields.inner(authority, "authority")) if authority else ("", "")
    known = _Known(vocabulary, {**vocabulary.sources, **_sources(fields)}, code)
    id = fields.text("case", required=True)
    if id and not (id.isascii() and id.replace("-", "").isalnum()):
        fields.report(fields.place_of("case"), Code.NOT_ALLOWED, f"the case's name {shown(id)} is not one plain word",
                      "use letters, figures and hyphens, since files are named after it")
    case = Case(
        id=id, title=fields.text("title", required=True),
        authority_code=code, authority=name,
        observations=tuple(_observations(fields, known)), notes=tuple(_notes(fields, known)),
        invented=fields.boolean("invented"), summary=fields.text("summary"), outcome=fields.text("outcome"),
        place=fields.place,
    )
    fields.finish()
    return case


def _authority(fields: Fields) -> tuple[str, str]:
    code, name = fields.text("code", required=True), fields.text("name", required=True)
    fields.finish()
    return code, name


def _sources(fields: Fields) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for tree in fields.mappings("sources"):
        inner = fields.inner(tree, "source")
        source = read_source(inner)
        inner.finish()
        if source is not None and found.setdefault(source.id, source) is not source:
            fields.report(source.place, Code.DUPLICATE_ID, f"the source {shown(source.id)} is already there",
                          f"the first is at {found[source.id].place}")
    return found


def _observations(fields: Fields, known: _Known) -> Iterator[Observation]:
    for tree in fields.mappings("observations"):
        inner = fields.inner(tree, "observation")
        observation = _observation(inner, known, tree.place)
        inner.finish()
        if observation is not None:
            yield observation


def _observation(fields: Fields, known: _Known, place: Place) -> Observation | None:
    id = fields.reference("indicator", known.vocabulary.indicators, "indicator", required=True)
    indicator = known.vocabulary.indicators.get(id)
    span, public = _span(fields), fields.latest_day("known", required=True)
    marker, value = fields.choice("marker", tuple(Marker)), _value(fields, indicator)
    kind, hindsight = fields.choice("kind", tuple(Kind)), fields.choice("hindsight", tuple(Hindsight))
    citation, body, note = _citation(fields, known), fields.text("body"), fields.text("note")
    if indicator is None or span is None or public is None or citation is None:
        return None
    if span.end > public:
        fields.report(fields.place_of("known"), Code.NOT_ALLOWED, f"public by {public}, but it is about {span}",
                      "an observation cannot be known before it happened")
    return Observation(indicator.id, span, public, Kind(kind) if kind else indicator.kind, citation, value,
                       Marker(marker) if marker else None, body or who_says(citation.source),
                       Hindsight(hindsight) if hindsight else None, note, known.authority, place)


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


def _citation(fields: Fields, known: _Known) -> Citation | None:
    id = fields.reference("source", known.sources, "source", required=True)
    page, passage = fields.text("page", NOT_RECORDED), fields.text("passage")
    return Citation(known.sources[id], page, passage) if id else None


def _notes(fields: Fields, known: _Known) -> Iterator[Note]:
    for tree in fields.mappings("notes"):
        inner = fields.inner(tree, "note")
        text, when = inner.text("text", required=True), inner.text("when", required=True)
        public, citation = inner.latest_day("known", required=True), _citation(inner, known)
        hindsight = inner.choice("hindsight", tuple(Hindsight))
        inner.finish()
        if text and when and public and citation:
            yield Note(text, when, public, citation, Hindsight(hindsight) if hindsight else None, tree.place)
