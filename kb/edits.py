"""What was edited between two versions of a knowledge base: the parsed rules are compared, never their text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kb.alike import differing, matched, same
from kb.conditions import Condition, Corroborated, ProtectiveIs, Rule, Test, TestIs, conditions_of
from kb.knowledge import Knowledge, Sign, Signs
from kb.model import NOWHERE, Place

READ_BY = ("kind", "unit", "validity", "rounding", "small_base", "qualifiers", "values", "adverse")
"""What of an indicator decides how its observations are read."""
SAID = ("title", "because", "rationale", "category", "citations", "statements", "basis", "version", "owner",
        "review_by", "who_can_act")
"""What of a rule is only told, and decides nothing."""


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
    """Everything that differs in meaning, the rules (by id) of which only words do, and those not the same in both."""

    edits: tuple[Edit, ...]
    reworded: tuple[str, ...]
    rules: frozenset[str]

    @property
    def reading(self) -> tuple[str, ...]:
        """The indicators of which evidence itself is read in another way: the same test may say something else."""
        return tuple(dict.fromkeys(edit.id for edit in self.edits if edit.what in ("indicator", "figures")))


def edits(old: Knowledge, new: Knowledge) -> Edits:
    """What differs between two versions, in the order of places."""
    before, after = ({rule.id: rule for rule in kb.in_force} for kb in (old, new))
    changed = frozenset(id for id in before.keys() | after.keys() if not same(before.get(id), after.get(id)))
    found = _by_sign([*_signatures(old, new), *_grading(old, new), *_written(old, new)])
    told = {id for edit in found for id in edit.rules}
    found += [edit for id in sorted(changed - told) for edit in _either(id, before.get(id), after.get(id), old, new)]
    found += _reading(old, new)
    rules = {rule.id: rule for rule in old.rules}
    reworded = (rule.id for rule in new.rules_in_order if rule.id in rules and rule.id not in changed
                and any(getattr(rule, word) != getattr(rules[rule.id], word) for word in SAID))
    read = frozenset(id for edit in found if edit.what in ("indicator", "figures") for id in edit.rules)
    return Edits(tuple(sorted(found, key=lambda e: (e.place, e.what, e.id, e.was, e.now))), tuple(reworded),
                 changed | read)


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


def _written(old: Knowledge, new: Knowledge) -> Iterator[Edit]:
    """Rules that came, went, or ask or conclude something else; the grading is told by signature."""
    before, after = ({r.id: r for r in kb.in_force if r.head.kind != "signature"} for kb in (old, new))
    for id in sorted(before.keys() | after.keys()):
        yield from _either(id, before.get(id), after.get(id), old, new)


def _either(id: str, one: Rule | None, other: Rule | None, old: Knowledge, new: Knowledge) -> Iterator[Edit]:
    """What differs in a rule, or that it came or went; a rule no longer in force is told where it still stands."""
    if one is not None and other is not None:
        yield from _rule(one, other)
        return
    here = other or next((rule for rule in new.rules if rule.id == id), one)
    assert here is not None
    yield Edit("rule", id, frozenset((id,)), here.place, was=_status(id, old), now=_status(id, new), gone=here is one)


def _status(id: str, knowledge: Knowledge) -> str:
    return next((rule.status for rule in knowledge.rules if rule.id == id), "")


def _rule(old: Rule, new: Rule) -> Iterator[Edit]:
    """What differs in a rule that is in force in both versions."""
    rules = frozenset((old.id,))
    if old.head != new.head:
        yield Edit("head", old.id, rules, new.place, was=_head(old), now=_head(new))
    if old.order != new.order:
        yield Edit("order", old.id, rules, new.place, was=str(old.order), now=str(new.order))
    for one, other in differing(old.when, new.when):
        yield _edit("condition", old.id, rules, one, other, new.place)
    for one, other in matched(old.unless, new.unless):
        yield _edit("exception", old.id, rules, one, other, new.place)


def _head(rule: Rule) -> str:
    found = "" if rule.head.found else " found not to be so"
    raised = f" from {rule.head.raised_from}" if rule.head.raised_from else ""
    return f"{rule.head.id} {rule.head.level}{raised}{found}"


def _edit(what: str, id: str, rules: frozenset[str], old: Condition | None, new: Condition | None, at: Place) -> Edit:
    here = new or old
    place = here.place if here is not None and not isinstance(here, Corroborated) and here.place.file else at
    return Edit(what, id, rules, place, old, new, gone=new is None)


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
        for was, now in matched([s.test for s in one], [s.test for s in other]):
            yield _edit("sign", id, rules, was, now, new.place)
        for was, now in matched(_strong(one), _strong(other)):
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


def _reading(old: Knowledge, new: Knowledge) -> Iterator[Edit]:
    """Indicators of which the same observation is read in another way, and yearly figures that differ."""
    one, other = old.vocabulary, new.vocabulary
    for id in sorted(one.indicators.keys() & other.indicators.keys()):
        for name in READ_BY:
            was, now = (str(getattr(it.indicators[id], name)) for it in (one, other))
            if was != now:
                yield Edit("indicator", id, _asking(id, new), other.indicators[id].place, was=f"{name} {was}",
                           now=f"{name} {now}")
    for id, year in sorted(one.years.keys() | other.years.keys()):
        pair = [None if (f := it.years.get((id, year))) is None else (f.figures, f.known) for it in (one, other)]
        if pair[0] != pair[1]:
            place = other.indicators[id].place if id in other.indicators else NOWHERE
            said = [str(year) if figures else "" for figures in pair]
            yield Edit("figures", id, _asking(id, new), place, was=said[0], now=said[1])


def _asking(indicator: str, knowledge: Knowledge) -> frozenset[str]:
    """The rules in force with a test of an indicator."""
    return frozenset(rule.id for rule in knowledge.in_force for c in conditions_of(rule)
                     for test in _tests_in(c) if test.indicator == indicator)


def _tests_in(c: Condition) -> tuple[Test, ...]:
    return c.tests if isinstance(c, Corroborated) else (c.test,) if isinstance(c, TestIs | ProtectiveIs) else ()
