"""The vocabulary's files: statements, signatures, indicators, protective signs, yearly figures, sources."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kb.authorities import read_authorities, read_joint_returns, read_whole
from kb.conditions import Test
from kb.entries import by_id, listed, texts, top
from kb.fields import Fields
from kb.figures import read_figures
from kb.language import asking, cautions, results, units
from kb.model import Category, Place, Problem, Signature, State, Statement, Vocabulary
from kb.problems import Code
from kb.readindicators import read_indicator, read_protective
from kb.sources import read_source
from kb.yamltree import Mapping, Tree

FILES = {
    "sources": ("attributions", "sources"), "statements": ("statements",), "signatures": ("categories", "signatures"),
    "indicators": ("indicators",), "protective": ("protective",),
    "language": ("results", "never_said", "limits", "compared_with", "units", "cautions", "asking"),
}
OPTIONAL = {"thresholds": ("method", "basis", "left_out", "years"),
            "authorities": ("source", "whole", "authorities", "joint_returns")}


def read_vocabulary(folder: Path) -> tuple[Vocabulary, dict[str, Test], tuple[Problem, ...]]:
    """The vocabulary of a folder, the test that shows each protective sign, and every problem in it."""
    if not folder.is_dir():
        return Vocabulary(), {}, (Problem(Place(folder.name), Code.CANNOT_READ, "the vocabulary folder is not there",
                                          "name a folder with --kb"),)
    problems: list[Problem] = []
    trees = {name: top(folder, name, problems, keys) for name, keys in FILES.items()}
    trees |= {name: top(folder, name, problems, keys, optional=True) for name, keys in OPTIONAL.items()}
    vocabulary = _signatures(_words(trees, problems), trees, problems)
    indicators = by_id((read_indicator(f, vocabulary) for f in listed(trees["indicators"], "indicators", problems)),
                       problems)
    authorities = read_authorities(trees["authorities"], vocabulary.sources, problems)
    vocabulary = replace(
        vocabulary, indicators=indicators, authorities=authorities,
        joint_returns=tuple(read_joint_returns(trees["authorities"], authorities, vocabulary.sources, problems)),
        whole=read_whole(trees["authorities"], problems), left_out=texts(trees["thresholds"], "left_out", problems),
        years=read_figures(trees["thresholds"], indicators, vocabulary.sources, problems),
        cautions=cautions(trees["language"], indicators, problems))
    vocabulary, tests = read_protective(vocabulary, trees["protective"], problems)
    return vocabulary, tests, tuple(problems)


def _words(trees: dict[str, Tree | None], problems: list[Problem]) -> Vocabulary:
    """Sources, results and units: what everything else refers to."""
    language = trees["language"]
    compared = Fields(language, problems).text("compared_with") if isinstance(language, Mapping) else ""
    return Vocabulary(
        sources=by_id((read_source(f) for f in listed(trees["sources"], "sources", problems)), problems),
        attributions=texts(trees["sources"], "attributions", problems), results=tuple(results(language, problems)),
        never_said=texts(language, "never_said", problems),
        limits=texts(language, "limits", problems), units=units(language, problems),
        asking=asking(language, problems),
        compared_with=compared or Vocabulary().compared_with)


def _signatures(vocabulary: Vocabulary, trees: dict[str, Tree | None], problems: list[Problem]) -> Vocabulary:
    vocabulary = replace(
        vocabulary,
        statements=by_id((_statement(f) for f in listed(trees["statements"], "statements", problems)), problems),
        categories=by_id((_category(f) for f in listed(trees["signatures"], "categories", problems)), problems))
    found = [_signature(f, vocabulary, problems) for f in listed(trees["signatures"], "signatures", problems)]
    return replace(vocabulary, signatures=by_id(found, problems))


def _statement(fields: Fields) -> Statement | None:
    id, quote = fields.text("id", required=True), fields.text("quote", required=True)
    kind, use = fields.text("kind", required=True), fields.text("use", required=True)
    carried = fields.texts("carries")
    return Statement(id, quote, kind, use, carried, fields.place_of("id")) if id else None


def _category(fields: Fields) -> Category | None:
    said = {key: fields.text(key, required=True)
            for key in ("id", "title", "label", "control", "who_can_act", "statement")}
    return Category(**said, place=fields.place_of("id")) if said["id"] else None


def _signature(fields: Fields, vocabulary: Vocabulary, problems: list[Problem]) -> Signature | None:
    said = {key: fields.text(key, required=True) for key in ("id", "title", "label")}
    category = fields.reference("category", vocabulary.categories, "category", required=True)
    order, added = fields.integer("order", required=True), fields.integer("added", required=True)
    statement = fields.reference("statement", vocabulary.statements, "statement", required=True)
    phrases_tree = fields.mapping("phrases", required=True)
    phrases = [] if phrases_tree is None else _phrases(Fields(phrases_tree, problems))
    if not said["id"] or not category:
        return None
    return Signature(**said, category=category, order=order or 0, added=added or 0, statement=statement,
                     phrases=tuple(phrases), place=fields.place_of("id"))


def _phrases(fields: Fields) -> list[tuple[str, str]]:
    found = [(state.value, fields.text(state.value, required=True)) for state in State]
    fields.finish()
    return found
