"""Indicators and protective signs from YAML."""

from __future__ import annotations

from dataclasses import replace

from kb.conditions import SPREAD, Comparator, Test
from kb.entries import listed
from kb.fields import Fields
from kb.model import NOT_RECORDED, Indicator, Kind, Problem, Protective, Vocabulary
from kb.problems import Code
from kb.sources import citations
from kb.yamltree import Tree


def read_indicator(fields: Fields, vocabulary: Vocabulary) -> Indicator | None:
    """The indicator of one entry, or None where it has problems."""
    id, title = fields.text("id", required=True), fields.text("title", required=True)
    kind = fields.choice("kind", tuple(Kind), required=True)
    unit = vocabulary.units.get(fields.choice("unit", tuple(vocabulary.units), required=True))
    validity = fields.months("validity", 0, required=True)
    adverse = fields.choice("adverse", ("high", "low"), "high")
    told = {"short": fields.text("short", required=True), "code": fields.text("code"),
            "collection": fields.text("collection", NOT_RECORDED), "context": fields.text("context"),
            "signature": fields.reference("signature", vocabulary.signatures, "signature"),
            "note": fields.text("note")}
    rounding, small_base = fields.number("rounding", 0.0), fields.number("small_base", 0.0)
    cited = citations(fields, vocabulary.sources)
    qualifiers, values = _qualifiers(fields), fields.texts("values")
    if unit is not None and (unit.id == "grade") != bool(values):
        fields.report(fields.place_of("unit"), Code.MISSING_KEY, "a graded scale and its `values:` go together",
                      "list the words under values:, mildest first")
    if not (id and kind and unit):
        return None
    return Indicator(id, title, kind=Kind(kind), unit=unit, validity=validity, adverse=adverse, citations=cited,
                     qualifiers=qualifiers, values=values, rounding=rounding, small_base=small_base,
                     place=fields.place_of("id"), **told)


def _qualifiers(fields: Fields) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What one value may be of, such as the area judged: each qualifier with its words."""
    tree = fields.mapping("qualifiers")
    if tree is None:
        return ()
    inner = fields.inner(tree, "qualifiers")
    found = tuple((entry.key.text, inner.texts(entry.key.text)) for entry in tree.entries)
    inner.finish()
    return found


def read_protective(vocabulary: Vocabulary, tree: Tree | None, problems: list[Problem],
                    ) -> tuple[Vocabulary, dict[str, Test]]:
    """Protective signs: an indicator of their own that says yes, or a test of another indicator."""
    indicators, signs, tests = dict(vocabulary.indicators), dict[str, Protective](), dict[str, Test]()
    for fields in listed(tree, "protective", problems):
        id = fields.text("id", required=True)
        shown_by = fields.mapping("shown_by")
        if shown_by is not None:
            test = _shown_by(Fields(shown_by, problems), vocabulary)
            title, short = fields.text("title", required=True), fields.text("short", required=True)
            code, cited = fields.text("code"), citations(fields, vocabulary.sources)
        else:
            own = read_indicator(fields, vocabulary)
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
    at_most = fields.choice("at_most", SPREAD, required=True)
    fields.finish()
    return Test(id, Comparator.AT_MOST, at_most) if id and at_most else None
