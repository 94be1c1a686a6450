"""The vocabulary's files: statements, signatures, indicators, protective signs, national figures, sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from kb.conditions import NATIONAL, Comparator, Test
from kb.fields import Fields
from kb.model import (
    NOT_RECORDED,
    Category,
    Indicator,
    Kind,
    Problem,
    Protective,
    Signature,
    Source,
    State,
    Statement,
    Vocabulary,
    YearFigures,
)
from kb.problems import Code, did_you_mean, shown
from kb.sources import citations, read_source
from kb.yamltree import Mapping, Sequence, Tree, read_tree

T = TypeVar("T", Source, Statement, Category, Signature, Indicator)
UNITS = ("per cent", "points", "cases", "children", "months", "times", "grades", "scale", "yes/no")
FILES = ("sources", "statements", "signatures", "indicators", "protective", "thresholds", "language")


def read_vocabulary(folder: Path) -> tuple[Vocabulary, dict[str, Test], tuple[Problem, ...]]:
    """The vocabulary of a folder, the test that shows each protective sign, and every problem in it."""
    problems: list[Problem] = []
    trees = {name: _top(folder, name, problems) for name in FILES}
    sources = _by_id((read_source(f) for f in _listed(trees["sources"], "sources", problems)), problems)
    results = ((f.text("id", required=True), f.text("title", required=True))
               for f in _listed(trees["language"], "results", problems))
    vocabulary = Vocabulary(
        sources=sources, attributions=_texts(trees["sources"], "attributions", problems),
        results=tuple(results), never_said=_texts(trees["language"], "never_said", problems))
    vocabulary = replace(
        vocabulary,
        statements=_by_id((_statement(f) for f in _listed(trees["statements"], "statements", problems)), problems),
        categories=_by_id((_category(f) for f in _listed(trees["signatures"], "categories", problems)), problems))
    signatures = [_signature(f, vocabulary, problems) for f in _listed(trees["signatures"], "signatures", problems)]
    vocabulary = replace(vocabulary, signatures=_by_id(signatures, problems))
    indicators = [_indicator(f, vocabulary) for f in _listed(trees["indicators"], "indicators", problems)]
    years = _years(trees["thresholds"], _by_id(indicators, []), problems)
    vocabulary = replace(vocabulary, indicators=_by_id(indicators, problems), years=years)
    vocabulary, tests = _protective(vocabulary, trees["protective"], problems)
    return vocabulary, tests, tuple(problems)


def _top(folder: Path, name: str, problems: list[Problem]) -> Tree | None:
    tree, found, _ = read_tree(folder / f"{name}.yaml", f"{folder.name}/{name}.yaml")
    problems.extend(found)
    return tree


def _value(tree: Tree | None, key: str) -> Tree | None:
    entries = tree.entries if isinstance(tree, Mapping) else ()
    return next((entry.value for entry in entries if entry.key.text == key), None)


def _listed(tree: Tree | None, key: str, problems: list[Problem]) -> Iterator[Fields]:
    value = _value(tree, key)
    if not isinstance(value, Sequence):
        if tree is not None:
            problems.append(Problem(tree.place, Code.MISSING_KEY, f"a list under `{key}:` is due in this file"))
        return
    for item in value.items:
        if isinstance(item, Mapping):
            fields = Fields(item, problems, what=f"entry of {key}")
            yield fields
            fields.finish()
        else:
            problems.append(Problem(item.place, Code.WRONG_SHAPE, f"an entry of `{key}` begins with `id:`"))


def _texts(tree: Tree | None, key: str, problems: list[Problem]) -> tuple[str, ...]:
    return Fields(tree, problems).texts(key) if isinstance(tree, Mapping) else ()


def _by_id(entries: Iterable[T | None], problems: list[Problem]) -> dict[str, T]:
    found: dict[str, T] = {}
    for entry in entries:
        if entry is None:
            continue
        first = found.setdefault(entry.id, entry)
        if first is not entry:
            problems.append(Problem(entry.place, Code.DUPLICATE_ID, f"the id {shown(entry.id)} is already used",
                                    f"the first is at {first.place}"))
    return found


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


def _indicator(fields: Fields, vocabulary: Vocabulary) -> Indicator | None:
    id, title = fields.text("id", required=True), fields.text("title", required=True)
    kind = fields.choice("kind", tuple(Kind), required=True)
    unit = fields.choice("unit", UNITS, required=True)
    validity = fields.months("validity", 0, required=True)
    adverse = fields.choice("adverse", ("high", "low"), "high")
    told = {"short": fields.text("short", required=True), "code": fields.text("code"),
            "collection": fields.text("collection", NOT_RECORDED),
            "signature": fields.reference("signature", vocabulary.signatures, "signature")}
    rounding = fields.number("rounding", 0.0)
    cited = citations(fields, vocabulary.sources)
    if not (id and kind and unit):
        return None
    return Indicator(id, title, kind=Kind(kind), unit=unit, validity=validity, adverse=adverse,
                     citations=cited, rounding=rounding, place=fields.place_of("id"), **told)


def _protective(vocabulary: Vocabulary, tree: Tree | None, problems: list[Problem],
                ) -> tuple[Vocabulary, dict[str, Test]]:
    """Protective signs: an indicator of their own that says yes, or a test of another indicator."""
    indicators, signs, tests = dict(vocabulary.indicators), dict[str, Protective](), dict[str, Test]()
    for fields in _listed(tree, "protective", problems):
        id = fields.text("id", required=True)
        shown_by = fields.mapping("shown_by")
        if shown_by is not None:
            test = _shown_by(Fields(shown_by, problems), vocabulary)
            title, short = fields.text("title", required=True), fields.text("short", required=True)
            code, cited = fields.text("code"), citations(fields, vocabulary.sources)
        else:
            own = _indicator(fields, vocabulary)
            if own is None:
                continue
            indicators[id] = own
            test = Test(id, Comparator.AT_LEAST, 1.0)
            title, short, code, cited = own.title, own.short, own.code, own.citations
        if test is not None:
            tests[id] = test
            signs[id] = Protective(id, title, short, test.indicator, code, cited, fields.place_of("id"))
    return replace(vocabulary, indicators=indicators, protective=signs), tests


def _shown_by(fields: Fields, vocabulary: Vocabulary) -> Test | None:
    id = fields.reference("indicator", vocabulary.indicators, "indicator", required=True)
    at_most = fields.choice("at_most", NATIONAL, required=True)
    fields.finish()
    return Test(id, Comparator.AT_MOST, at_most) if id and at_most else None


def _years(tree: Tree | None, indicators: Table[str, object], problems: list[Problem],
           ) -> dict[tuple[str, int], YearFigures]:
    found: dict[tuple[str, int], YearFigures] = {}
    for fields in _listed(tree, "years", problems):
        year = fields.integer("year", required=True)
        fields.day("day", required=True)
        known = fields.day("known", required=True)
        figures = fields.mapping("figures", required=True)
        for entry in figures.entries if figures and year else ():
            if entry.key.text not in indicators:
                fields.report(entry.key.place, Code.UNKNOWN_ID, f"there is no indicator {shown(entry.key.text)}",
                              did_you_mean(entry.key.text, indicators))
            elif (entry.key.text, year) in found:
                fields.report(entry.key.place, Code.DUPLICATE_ID, f"the figures of {year} are already there")
            elif isinstance(entry.value, Mapping) and year:
                inner = Fields(entry.value, problems)
                named = tuple((name, inner.number(name, 0.0, required=True)) for name in (*NATIONAL, "england"))
                inner.integer("authorities")
                inner.finish()
                found[(entry.key.text, year)] = YearFigures(entry.key.text, year, named, known or date.max)
    return found
