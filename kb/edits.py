"""What was edited between two versions of a knowledge base: the parsed rules are compared, never their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from kb.conditions import (
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    HeadIs,
    ProtectiveIs,
    Rule,
    TestIs,
    conditions_of,
    parts_of,
)
from kb.knowledge import Knowledge, Sign, Signs
from kb.model import NOWHERE, Place, Vocabulary

READ_BY = ("kind", "unit", "validity", "rounding", "small_base", "qualifiers", "values")
"""What of an indicator decides how its observations are read."""
SAID = ("title", "because", "rationale", "category", "citations", "statements", "basis", "version", "owner",
        "review_by", "who_can_act")
"""What of a rule is only told, and decides nothing."""


Known = tuple[str, str]
"""A signature or conclusion: its kind and id."""


class Edit(NamedTuple):
    """One difference of meaning.

    `what`: rule (a whole one), condition, exception, head, order, sign, strong, needs, grading, indicator, figures.
    `id`: of the rule, signature or indicator. `rules`: the ids of the rules in force that are not the same for it.
    `old`, `new`: the condition before and after; None where there was or is none. `was`, `now`: the same in a word,
    where it is no condition. `place`: where to look, in the new version or, where nothing is left (`gone`), the old.
    """

    what: str
    id: str
    rules: frozenset[str]
    place: Place
    old: Condition | None = None
    new: Condition | None = None
    was: str = ""
    now: str = ""
    gone: bool = False


class Edits(NamedTuple):
    """Everything that differs in meaning, and the rules (by id) of which only words do."""

    edits: tuple[Edit, ...]
    reworded: tuple[str, ...]

    @property
    def rules(self) -> frozenset[str]:
        """Every rule that is not the same in both versions."""
        return frozenset(id for edit in self.edits for id in edit.rules)

    @property
    def reading(self) -> bool:
        """Whether evidence itself is read in another way, so that the same test may say something else."""
        return any(edit.what in ("indicator", "figures") for edit in self.edits)


def edits(old: Knowledge, new: Knowledge) -> Edits:
    """What differs between two versions, in the order of places."""
    found = _by_sign([*_signatures(old, new), *_grading(old, new), *_written(old, new)])
    found += _reading(old.vocabulary, new.vocabulary)
    rules = {rule.id: rule for rule in old.rules}
    changed = {id for edit in found for id in edit.rules}
    reworded = (rule.id for rule in new.rules_in_order if rule.id in rules and rule.id not in changed
                and any(getattr(rule, word) != getattr(rules[rule.id], word) for word in SAID))
    return Edits(tuple(sorted(found, key=lambda e: (e.place, e.what, e.id, e.was, e.now))), tuple(reworded))


def asks_for(*versions: Knowledge) -> dict[Known, set[Known]]:
    """What the rules in force for each signature and conclusion ask for, in any of some versions."""
    asked: dict[Known, set[Known]] = {}
    for rule in (rule for knowledge in versions for rule in knowledge.in_force):
        asked.setdefault((rule.head.kind, rule.head.id), set()).update(
            (c.kind, c.id) for c in conditions_of(rule) if isinstance(c, HeadIs))
    return asked


def affected(old: Knowledge, new: Knowledge, rules: frozenset[str]) -> frozenset[Known]:
    """The signatures and conclusions of some rules, and all that rest on these, in either version."""
    asked = asks_for(old, new)
    found = {(r.head.kind, r.head.id) for kb in (old, new) for r in kb.in_force if r.id in rules}
    more = found
    while more:
        more = {head for head, below in asked.items() if head not in found and not below.isdisjoint(more)}
        found |= more
    return frozenset(found)


def _by_sign(found: Sequence[Edit]) -> list[Edit]:
    """The same, with what only follows from a sign's threshold told once, at the sign: rules may ask for a sign."""
    signs = {_tests(edit): edit for edit in reversed(found) if edit.what == "sign"}
    told: dict[object, Edit] = {}
    for edit in found:
        sign = signs.get(_tests(edit)) if edit.old and edit.new else None
        kept = sign or edit
        told[id(kept)] = kept._replace(rules=told.get(id(kept), kept).rules | edit.rules)
    return list(told.values())


def _tests(edit: Edit) -> tuple[object, object]:
    return getattr(edit.old, "test", edit.old), getattr(edit.new, "test", edit.new)


def alike(one: Condition | None, other: Condition | None) -> bool:
    """Whether two conditions ask for the same: places, titles and the order of parts aside."""
    return one is not None and other is not None and _plain(one) == _plain(other)


def _plain(c: Condition) -> Condition:
    match c:
        case TestIs():
            return TestIs(c.test)
        case All() | AnyOf():
            return c._replace(parts=_sorted(c.parts), place=NOWHERE, title="")
        case AtLeast():
            return replace(c, parts=_sorted(c.parts), place=NOWHERE, title="")
        case ProtectiveIs() | HeadIs():
            return c._replace(place=NOWHERE)
        case Corroborated():
            return Corroborated(tuple(sorted(c.tests, key=str)))
        case _:
            return c._replace(part=_plain(c.part), place=NOWHERE)


def _sorted(parts: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(sorted(map(_plain, parts), key=repr))


def _written(old: Knowledge, new: Knowledge) -> Iterator[Edit]:
    """Rules that came, went, or ask or conclude something else; the grading is told by signature."""
    before, after = ({r.id: r for r in kb.in_force if r.head.kind != "signature"} for kb in (old, new))
    written = {rule.id: rule for rule in new.rules}
    for id in sorted(before.keys() | after.keys()):
        one, other = before.get(id), after.get(id)
        if one is not None and other is not None:
            yield from _rule(one, other)
            continue
        here = other or written.get(id) or one
        assert here is not None
        yield Edit("rule", id, frozenset((id,)), here.place, was=_status(id, old), now=_status(id, new),
                   gone=here is one)


def _status(id: str, knowledge: Knowledge) -> str:
    return next((rule.status for rule in knowledge.rules if rule.id == id), "")


def _rule(old: Rule, new: Rule) -> Iterator[Edit]:
    """What differs in a rule that is in force in both versions."""
    rules = frozenset((old.id,))
    if old.head != new.head:
        yield Edit("head", old.id, rules, new.place, was=_head(old), now=_head(new))
    if old.order != new.order:
        yield Edit("order", old.id, rules, new.place, was=str(old.order), now=str(new.order))
    for one, other in _differing(old.when, new.when):
        yield _edit("condition", old.id, rules, one, other, new.place)
    for one, other in _matched(old.unless, new.unless):
        yield _edit("exception", old.id, rules, one, other, new.place)


def _head(rule: Rule) -> str:
    found = "" if rule.head.found else " found not to be so"
    raised = f" from {rule.head.raised_from}" if rule.head.raised_from else ""
    return f"{rule.head.id} {rule.head.level}{raised}{found}"


def _edit(what: str, id: str, rules: frozenset[str], old: Condition | None, new: Condition | None, at: Place) -> Edit:
    here = new or old
    place = here.place if here is not None and not isinstance(here, Corroborated) and here.place.file else at
    return Edit(what, id, rules, place, old, new, gone=new is None)


def _differing(old: Condition, new: Condition) -> Iterator[tuple[Condition | None, Condition | None]]:
    """The innermost conditions that differ, each with its counterpart where it has one."""
    if alike(old, new):
        return
    own = isinstance(old, AtLeast) and isinstance(new, AtLeast) and old.count != new.count
    if type(old) is not type(new) or own or not parts_of(old) or not _same_wrapping(old, new):
        yield old, new
        return
    yield from _matched(parts_of(old), parts_of(new))


def _same_wrapping(old: Condition, new: Condition) -> bool:
    return getattr(old, "months", None) == getattr(new, "months", None)


def _matched(old: Sequence[Condition], new: Sequence[Condition],
             ) -> Iterator[tuple[Condition | None, Condition | None]]:
    """Parts of which only one side has them; of those that speak of the same thing, what differs in them."""
    left, right = list(old), list(new)
    for part in old:
        twin = next((other for other in right if alike(part, other)), None)
        if twin is not None:
            left.remove(part)
            right = [other for other in right if other is not twin]
    for part in list(left):
        twin = next((other for other in right if _subject(other) == _subject(part)), None)
        if twin is not None:
            left = [other for other in left if other is not part]
            right = [other for other in right if other is not twin]
            yield from _differing(part, twin)
    yield from ((part, None) for part in left)
    yield from ((None, part) for part in right)


def _subject(c: Condition) -> object:
    """What a condition speaks of, whatever it asks of it."""
    match c:
        case TestIs():
            return c.test.indicator, c.test.of
        case ProtectiveIs() | HeadIs():
            return c.id
        case _:
            return type(c).__name__


def _signatures(old: Knowledge, new: Knowledge) -> Iterator[Edit]:
    """Signs that came, went or have another threshold; signatures whose sides are needed otherwise."""
    for id in sorted(old.signs.keys() | new.signs.keys()):
        one, other = old.signs.get(id), new.signs.get(id)
        rules = frozenset(r.id for kb in (old, new) for r in kb.in_force
                          if (r.head.kind, r.head.id) == ("signature", id))
        here = other or one
        assert here is not None
        if one is None or other is None or _sides(one) != _sides(other):
            yield Edit("needs", id, rules, here.place, was=_needs(one), now=_needs(other), gone=other is None)
        if one is not None and other is not None:
            yield from _signs(id, rules, one, other)


def _sides(signs: Signs) -> tuple[str, tuple[str, ...]]:
    return signs.needs, tuple(sorted(name for name, _ in signs.facets))


def _needs(signs: Signs | None) -> str:
    return "" if signs is None else " ".join((signs.needs, *(name for name, _ in signs.facets))).strip()


def _signs(id: str, rules: frozenset[str], old: Signs, new: Signs) -> Iterator[Edit]:
    sides = dict.fromkeys((*(name for name, _ in old.facets), *(name for name, _ in new.facets)))
    for side in sides:
        one, other = (dict(signs.facets).get(side, ()) for signs in (old, new))
        for was, now in _matched([s.test for s in one], [s.test for s in other]):
            yield _edit("sign", id, rules, was, now, new.place)
        for was, now in _matched(_strong(one), _strong(other)):
            yield _edit("strong", id, rules, was, now, new.place)


def _strong(signs: Sequence[Sign]) -> list[Condition]:
    return [sign.strong for sign in signs if sign.strong is not None]


def _grading(old: Knowledge, new: Knowledge) -> Iterator[Edit]:
    """What differs in the grading, seen in a signature whose signs are the same; told once for all signatures."""
    before, after = ({r.id: r for r in kb.in_force if r.head.kind == "signature"} for kb in (old, new))
    same = [id for id in sorted(old.signs.keys() & new.signs.keys()) if not list(
        _signs(id, frozenset(), old.signs[id], new.signs[id])) and _sides(old.signs[id]) == _sides(new.signs[id])]
    for grade in sorted({_grade(rule) for rule in (*before.values(), *after.values())}):
        rules = frozenset(id for some in (before, after) for id, rule in some.items() if _grade(rule) == grade)
        for signature in same:
            pair = [next((r for r in some.values() if r.head.id == signature and _grade(r) == grade), None)
                    for some in (before, after)]
            told = list(_graded(grade, rules, *pair))
            if told:
                yield from told
                break


def _grade(rule: Rule) -> str:
    return rule.head.level if rule.head.found else "not found"


def _graded(grade: str, rules: frozenset[str], old: Rule | None, new: Rule | None) -> Iterator[Edit]:
    here = new or old
    if old is not None and new is not None:
        yield from (edit._replace(what="grading", id=grade, rules=rules) for edit in _rule(old, new))
    elif here is not None:
        yield Edit("grading", grade, rules, here.place, was="in force" if old else "", now="in force" if new else "",
                   gone=new is None)


def _reading(old: Vocabulary, new: Vocabulary) -> Iterator[Edit]:
    """Indicators of which the same observation is read in another way, and yearly figures that differ."""
    for id in sorted(old.indicators.keys() & new.indicators.keys()):
        one, other = old.indicators[id], new.indicators[id]
        for name in READ_BY:
            was, now = str(getattr(one, name)), str(getattr(other, name))
            if getattr(one, name) != getattr(other, name):
                yield Edit("indicator", id, frozenset(), other.place, was=f"{name} {was}", now=f"{name} {now}")
    for id, year in sorted(old.years.keys() | new.years.keys()):
        pair = [kb.years.get((id, year)) for kb in (old, new)]
        was, now = (None if f is None else (f.figures, f.known) for f in pair)
        if was != now:
            place = new.indicators[id].place if id in new.indicators else NOWHERE
            yield Edit("figures", id, frozenset(), place, was=f"{year}" if was else "", now=f"{year}" if now else "")
