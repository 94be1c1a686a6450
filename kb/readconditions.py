"""Conditions from YAML: the words a rule may use, turned into the closed set of conditions."""

from __future__ import annotations

from collections.abc import Callable

from kb.conditions import (
    DEFAULT_LEVEL,
    LADDERS,
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    ProtectiveIs,
    TestIs,
    Within,
)
from kb.fields import Fields
from kb.knowledge import Signs
from kb.model import Place
from kb.problems import Code, did_you_mean, shown
from kb.readtests import read_indicator
from kb.scope import Scope
from kb.yamltree import Mapping, Scalar, Tree

HEADS = ("all", "any", "at_least", "not", "judged", "more_than_numbers", "signature", "conclusion", "protective",
         "indicator", "sign", "signs")
MEANT = {"and": "all", "both": "all", "or": "any", "either": "any", "none": "not", "neither": "not"}
SIGN_WORDS = ("shown", "at strong value", "two kinds from two documents", "half refuted", "some refuted", "any shown")


ReadOne = Callable[[Fields, Mapping, Scope], Condition | None]


def read_condition(tree: Tree, scope: Scope) -> Condition | None:
    """The condition that a tree states, or None where it has problems (which go to the scope)."""
    if isinstance(tree, Scalar) and tree.text == "always" and not tree.quoted:
        return All((), tree.place, "always")
    if not isinstance(tree, Mapping):
        scope.say(tree.place, Code.WRONG_SHAPE, "a condition is due here, such as `signature:` with its code",
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
    meant = MEANT.get(first.text.lower())
    near = f'did you mean "{meant}"?' if meant else did_you_mean(first.text, HEADS)
    hint = near or f"start with one of {', '.join(h for h in HEADS if h != 'signs')}, or write always"
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
    named: set[str] = set()
    for part in parts:
        name = "" if part is None else _name_of(part)
        if part is not None and name and name in named:
            scope.say(part.place, Code.TWICE, f"{name} stands twice in one list", "what is listed twice counts once")
        named.add(name)
    return None if not parts or None in parts else tuple(p for p in parts if p is not None)


def _name_of(condition: Condition) -> str:
    """What a single premise is about; "" for anything made of several."""
    match condition:
        case HeadIs() | ProtectiveIs():
            return condition.id
        case TestIs():
            return str(condition.test)
        case _:
            return ""


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


def _sign(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    """The test by which an indicator is a sign of its signature, so that a threshold is written once."""
    id = fields.reference("sign", scope.vocabulary.indicators, "indicator")
    found = scope.signs_of.get(id, ())
    if len(found) == 1:
        return found[0].test._replace(place=tree.place)
    if id and id not in scope.unread:
        what = "no signature's file lists it" if not found else "it is a sign in more than one way"
        scope.say(fields.place_of("sign"), Code.POINTS_AT_NOTHING, f"{shown(id)} cannot be asked for as a sign: {what}",
                  f"write indicator: {id} with a comparison")
    return None


def _signs(fields: Fields, tree: Mapping, scope: Scope) -> Condition | None:
    """A word of the grading, spelt out for the signature whose signs the scope holds."""
    word = fields.choice("signs", SIGN_WORDS)
    if scope.signs is None:
        scope.say(tree.place, Code.NOT_ALLOWED, "signs can be spoken of only in the grading", "name a signature")
    if not word or scope.signs is None:
        return None
    return spelt_out(word, scope.signs, tree.place)


def spelt_out(word: str, signs: Signs, place: Place) -> Condition:
    """What a word of the grading means for one signature's signs."""
    tests = [sign.test for sign in signs.all]
    match word:
        case "shown":
            facets = tuple(AnyOf(tuple(s.test for s in members), place) for _, members in signs.facets)
            if len(facets) == 1:
                return facets[0]
            return All(facets, place) if signs.needs == "both" else AnyOf(facets, place)
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
    "conclusion": _conclusion, "protective": _protective, "indicator": read_indicator, "sign": _sign, "signs": _signs,
}
