"""Conditions from YAML: the words a rule may use, turned into the closed set of conditions."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Table
from typing import NamedTuple

from kb.amounts import AmountError, read_amount
from kb.conditions import (
    DEFAULT_LEVEL,
    LADDERS,
    NATIONAL,
    All,
    AnyOf,
    AtLeast,
    Comparator,
    Condition,
    Corroborated,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    ProtectiveIs,
    Test,
    TestIs,
    Within,
)
from kb.fields import Fields
from kb.knowledge import Sign, Signs
from kb.model import Indicator, Place, Problem, Reading, Vocabulary
from kb.problems import Code, did_you_mean, shown
from kb.yamltree import Mapping, Scalar, Tree

BASES = ("authoritative", "derived from statistics", "local judgement")
COMPARATORS = {
    "at_least": Comparator.AT_LEAST, "above": Comparator.ABOVE, "at_most": Comparator.AT_MOST,
    "below": Comparator.BELOW, "is": Comparator.AT_LEAST, "rises_by": Comparator.AT_LEAST,
}
HEADS = ("all", "any", "at_least", "not", "judged", "more_than_numbers", "signature", "conclusion", "protective",
         "indicator", "signs")
SIGN_WORDS = ("shown", "at strong value", "two kinds from two documents", "half refuted", "some refuted", "any shown")


class Scope(NamedTuple):
    """What a condition may refer to, and where its problems go."""

    vocabulary: Vocabulary
    conclusions: Table[str, str]
    protective: Table[str, Test]
    problems: list[Problem]
    repaired: bool = False
    signs: Signs | None = None
    basis: str = ""

    def say(self, place: Place, code: Code, message: str, hint: str = "") -> None:
        """Adds a problem."""
        self.problems.append(Problem(place, code, message, hint))


ReadOne = Callable[[Fields, Mapping, Scope], Condition | None]


def read_condition(tree: Tree, scope: Scope) -> Condition | None:
    """The condition that a tree states, or None where it has problems (which go to the scope)."""
    if isinstance(tree, Scalar) and tree.text == "always" and not tree.quoted:
        return All((), tree.place, "always")
    if not isinstance(tree, Mapping):
        scope.say(tree.place, Code.WRONG_SHAPE, "a condition is due here, such as `signature: A2`",
                  f"start with one of {', '.join(HEADS)}")
        return None
    fields = Fields(tree, scope.problems, repaired=scope.repaired, what="condition")
    word = next((w for w in HEADS if w in fields and not (w == "at_least" and "indicator" in fields)), None)
    if word is None:
        _unknown_condition(tree, scope)
        return None
    found = READERS[word](fields, tree, scope)
    found = _modified(found, fields, tree.place)
    fields.finish()
    return found


def _unknown_condition(tree: Mapping, scope: Scope) -> None:
    first = tree.entries[0].key if tree.entries else Scalar(tree.place, "")
    hint = did_you_mean(first.text, HEADS) or f"start with one of {', '.join(HEADS)}"
    scope.say(first.place, Code.UNKNOWN_KEY, f"{shown(first.text)} does not begin a condition", hint)


def _modified(found: Condition | None, fields: Fields, place: Place) -> Condition | None:
    """The condition with its `within` and `held_for` around it."""
    within, held = fields.months("within"), fields.months("held_for")
    if found is not None and held is not None:
        found = HeldFor(found, held, place)
    return Within(found, within, place) if found is not None and within is not None else found


def _list(fields: Fields, key: str, scope: Scope) -> tuple[Condition, ...] | None:
    items = fields.sequence(key, required=True)
    parts = [read_condition(item, scope) for item in items]
    return None if not parts or None in parts else tuple(p for p in parts if p is not None)


def _all(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    parts = _list(fields, "all", scope)
    return All(parts, tree.place) if parts else None


def _any(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    parts = _list(fields, "any", scope)
    return AnyOf(parts, tree.place) if parts else None


def _at_least(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    count = fields.integer("at_least", required=True)
    parts = _list(fields, "of", scope)
    if count is None or parts is None:
        return None
    if not 1 <= count <= len(parts):
        scope.say(fields.place_of("at_least"), Code.NOT_ALLOWED,
                  f"at least {count} of a list of {len(parts)} can never be told",
                  f"write a number from 1 to {len(parts)}")
        return None
    return AtLeast(count, parts, tree.place)


def _wrapped(word: str, make: Callable[[Condition, Place], Condition]) -> ReadOne:
    def read(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
        inside = fields.tree(word)
        part = None if inside is None else read_condition(inside, scope)
        return None if part is None else make(part, tree.place)
    return read


def _more_than_numbers(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    months = fields.months("not_older_than")
    inside = fields.tree("more_than_numbers")
    part = None if inside is None else read_condition(inside, scope)
    return None if part is None else MoreThanNumbers(part, months, tree.place)


def _signature(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    id = fields.reference("signature", scope.vocabulary.signatures, "signature")
    grade = fields.choice("grade", LADDERS["signature"]) or DEFAULT_LEVEL["signature"]
    return HeadIs("signature", id, grade, tree.place) if id else None


def _conclusion(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    id = fields.reference("conclusion", scope.conclusions, "conclusion")
    if not id:
        fields.choice("level", LADDERS["mechanism"])
        return None
    kind = scope.conclusions[id]
    level = fields.choice("level", LADDERS[kind]) or DEFAULT_LEVEL[kind]
    return HeadIs(kind, id, level, tree.place)


def _protective(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    id = fields.reference("protective", scope.protective, "protective sign")
    return ProtectiveIs(id, scope.protective[id], tree.place) if id else None


def _indicator(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    id = fields.reference("indicator", scope.vocabulary.indicators, "indicator")
    if not id:
        for key in (*COMPARATORS, "in", "over", "basis"):
            fields.tree(key)
        return None
    return read_test(fields, scope.vocabulary.indicators[id], tree.place, scope)


def read_test(fields: Fields, indicator: Indicator, place: Place, scope: Scope) -> TestIs | None:
    """The test that a mapping states of an indicator: comparator, threshold, window, basis."""
    window, over = fields.months("in"), fields.months("over")
    said_basis = fields.choice("basis", BASES)
    said = [word for word in COMPARATORS if word in fields]
    if indicator.reading is Reading.OCCURRENCES and said and said != ["at_least"]:
        scope.say(fields.place_of(said[0]), Code.NOT_ALLOWED, f"{said[0]} cannot be asked of a count of events",
                  "write at_least: with a number of times")
    if not said and fields.repaired:
        return None
    if len(said) != 1:
        message = f"the test of {indicator.id} needs one comparison" + (f", not {len(said)}" if said else "")
        scope.say(place, Code.MISSING_KEY, message, f"write one of {', '.join(COMPARATORS)}")
        for word in said:
            fields.tree(word)
        return None
    scalar = fields.scalar(said[0])
    threshold = None if scalar is None else _threshold(scalar, said[0], indicator, scope)
    if threshold is None:
        return None
    if window is None and indicator.reading is Reading.OCCURRENCES:
        window = indicator.validity
    basis = said_basis or ("derived from statistics" if isinstance(threshold, str) else scope.basis)
    return TestIs(Test(indicator.id, COMPARATORS[said[0]], threshold, window, over), basis, place)


def _threshold(scalar: Scalar, word: str, indicator: Indicator, scope: Scope) -> float | str | None:
    if scalar.text in NATIONAL:
        if any(key[0] == indicator.id for key in scope.vocabulary.years):
            return scalar.text
        scope.say(scalar.place, Code.UNKNOWN_ID, f"no national figures are held for {indicator.id}", "write a number")
        return None
    try:
        return read_amount(scalar.text, indicator, "points" if word == "rises_by" else None)
    except AmountError as error:
        near = did_you_mean(scalar.text, NATIONAL)
        scope.say(scalar.place, error.code, error.message, near or error.hint)
        return None


def _signs(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    """A word of the grading, spelt out for the signature whose signs the scope holds."""
    word = fields.choice("signs", SIGN_WORDS)
    if not word or scope.signs is None:
        return None
    return spelt_out(word, scope.signs, tree.place)


def spelt_out(word: str, signs: Signs, place: Place) -> Condition:
    """What a word of the grading means for one signature's signs."""
    tests = [sign.test for sign in signs.all]
    match word:
        case "shown":
            facets = tuple(AnyOf(tuple(s.test for s in members), place) for _, members in signs.facets)
            return facets[0] if len(facets) == 1 else All(facets, place)
        case "at strong value":
            strong = tuple(sign.strong for sign in signs.all if sign.strong is not None)
            return AnyOf(strong, place)
        case "two kinds from two documents":
            return Corroborated(tuple(t.test for t in tests), place)
        case "half refuted":
            return AtLeast((len(tests) + 1) // 2, tuple(Not(t, place) for t in tests), place)
        case "some refuted":
            return AnyOf(tuple(Not(t, place) for t in tests), place)
        case _:
            return AnyOf(tuple(tests), place)


READERS: dict[str, ReadOne] = {
    "all": _all, "any": _any, "at_least": _at_least, "not": _wrapped("not", Not),
    "judged": _wrapped("judged", Judged), "more_than_numbers": _more_than_numbers, "signature": _signature,
    "conclusion": _conclusion, "protective": _protective, "indicator": _indicator, "signs": _signs,
}


def read_sign(tree: Tree, scope: Scope) -> Sign | None:
    """One sign of a signature file: a test of an indicator, and its strong value where it has one."""
    if not isinstance(tree, Mapping):
        scope.say(tree.place, Code.WRONG_SHAPE, "a sign is due here, such as `{indicator: ..., at_least: ...}`")
        return None
    fields = Fields(tree, scope.problems, repaired=scope.repaired, what="sign")
    strong_tree = fields.mapping("strong")
    fields.tree("indicator", required=True)
    found = _indicator(fields, tree, scope) if "indicator" in fields else None
    fields.finish()
    if not isinstance(found, TestIs):
        return None
    strong = None
    if strong_tree is not None:
        inner = fields.inner(strong_tree, "strong value")
        strong = read_test(inner, scope.vocabulary.indicators[found.test.indicator], strong_tree.place,
                           scope._replace(basis=found.basis))
        inner.finish()
        if strong is not None and strong.test.window is not None:
            strong = strong._replace(test=strong.test._replace(window=found.test.window))
    return Sign(found, strong)
