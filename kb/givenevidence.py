"""What a test of a rule gives of an indicator: an observation as in a case file, with what goes unsaid filled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from kb.dates import read_latest_day
from kb.dossier import Marker, Observation
from kb.fields import Fields
from kb.figures import latest_day
from kb.model import Place, Source, State, Vocabulary
from kb.problems import Code
from kb.readobservations import SPANS, Known, read_observations
from kb.yamltree import Entry, Mapping, Scalar, Sequence, Tree

ALWAYS = "1900-01-01"
"""From when a test that gives `none`, and no period, says that there was none."""


class Evidence(NamedTuple):
    """What the observations of one test may refer to, and the date that the test is as at."""

    vocabulary: Vocabulary
    as_at: date


def observed(entry: Entry, fields: Fields, evidence: Evidence) -> Iterator[Observation]:
    """The observations that a line such as `changes: 2 times` gives; none where it says that it is not known."""
    tree = fields.tree(entry.key.text, required=True)
    items = () if tree is None else tree.items if isinstance(tree, Sequence) else (tree,)
    for item in items:
        spelt = _spelt_out(item, fields)
        if spelt is not None:
            yield from _read(_filled(spelt, entry.key.text, evidence), item.place, fields, evidence.vocabulary)


def _read(tree: Mapping, place: Place, fields: Fields, vocabulary: Vocabulary) -> Iterator[Observation]:
    """The observation by the reader of case files, so that the two can never differ."""
    own = _document(place)
    listed = Mapping(place, (Entry(Scalar(place, "observations"), Sequence(place, (tree,))),))
    known = Known(vocabulary, {**vocabulary.sources, own.id: own}, "")
    yield from read_observations(fields.inner(listed, "given"), known)


def _document(place: Place) -> Source:
    """A document for each thing given that names none: what is given apart was written down apart."""
    return Source(f"the test at {place.line}:{place.col}")


def _spelt_out(item: Tree, fields: Fields) -> Mapping | None:
    """A single word or amount as the group of keys that it stands for."""
    if isinstance(item, Sequence):
        fields.report(item.place, Code.WRONG_SHAPE, "a list inside a list is given", "write one list of amounts")
        return None
    if isinstance(item, Mapping):
        for named in (entry.key for entry in item.entries if entry.key.text == "indicator"):
            fields.report(named.place, Code.UNKNOWN_KEY, "the indicator is already named on the left", "take this out")
        return item
    if item.text == State.NOT_KNOWN:
        return None
    key = "marker" if item.text in tuple(Marker) else "value"
    return Mapping(item.place, (Entry(Scalar(item.place, key), item),))


def _filled(tree: Mapping, id: str, evidence: Evidence) -> Mapping:
    """The group of keys with the indicator, and with dates and document where it says none."""
    said = {entry.key.text: entry.value for entry in tree.entries}
    written = said.get("known")
    known = read_latest_day(written.text) if isinstance(written, Scalar) else None
    unsaid = {"known": (known or evidence.as_at).isoformat(), "source": _document(tree.place).id}
    if not said.keys() & set(SPANS):
        unsaid |= _period(said.get("value"), id, known or evidence.as_at, evidence.vocabulary)
    added = {"indicator": id} | {key: text for key, text in unsaid.items() if key not in said}
    return Mapping(tree.place, (*tree.entries, *(_entry(tree.place, key, text) for key, text in added.items())))


def _period(value: Tree | None, id: str, known: date, vocabulary: Vocabulary) -> dict[str, str]:
    """What it is about: the day it became public, or the latest day of the yearly figures known by then."""
    if isinstance(value, Scalar) and value.text == "none":
        return {"throughout": f"{ALWAYS} to {known.isoformat()}"}
    return {"about": (latest_day(vocabulary.years, id, known) or known).isoformat()}


def _entry(place: Place, key: str, text: str) -> Entry:
    return Entry(Scalar(place, key), Scalar(place, text, quoted=True))
