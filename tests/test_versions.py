"""Whether two versions of rules mean the same: against brute force over all marks, and for known pairs of versions."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import product

import pytest

from engine.bits import Plane, evaluate
from engine.compiling import compile_rules
from engine.meaning import solving
from engine.meaning.laws import Clause, laws, marks_of
from engine.meaning.same import Meant, meant, usual_laws
from engine.meaning.sidebyside import side_by_side
from engine.prepared import Prepared
from engine.program import NOW, Atom, Program
from kb import conditions
from kb.conditions import (
    All,
    AnyOf,
    AtLeast,
    Comparator,
    Condition,
    Head,
    Not,
    Rule,
    Within,
)
from kb.edits import edits
from kb.knowledge import Knowledge
from kb.model import Kind
from tests import strategies
from tests.strategies import Kit

MOST = 3 ** 6
FROM_SEEDS = 1_200
Combination = tuple[tuple[int, int], ...]
"""The marks of each point: for, against."""


def ready(*rules: Rule) -> Prepared:
    return Prepared(Knowledge(strategies.VOCABULARY, rules, {}), compile_rules(rules))


def asked(old: Prepared, new: Prepared) -> Meant:
    return meant(old, new, edits(old.knowledge, new.knowledge).rules)


# Against brute force.


def edited(rules: tuple[Rule, ...], rng: random.Random) -> tuple[Rule, ...]:
    """The same rules with one edit: another body, a level, a rule gone, one more exception, or only another order."""
    if not rules:
        return rules
    kit, at = Kit(rng.choice), rng.randrange(len(rules))
    rule, place = rules[at], next(i for i, head in enumerate(strategies.HEADS) if head[1] == rules[at].head.id)
    changed = rng.choice((
        rule._replace(when=strategies.condition(kit, 1, place)),
        rule._replace(when=All((rule.when, strategies.leaf(kit, place)))),
        rule._replace(when=AnyOf((rule.when, All((rule.when, strategies.leaf(kit, place)))))),
        rule._replace(when=AtLeast(1, (rule.when, rule.when))),
        rule._replace(unless=(*rule.unless, strategies.leaf(kit, place))),
        rule._replace(status="draft"), rule._replace(title="Another title"),
    ))
    return (*rules[at + 1:], changed, *rules[:at])


def combinations(old: Prepared, new: Prepared) -> tuple[tuple[Atom, ...], list[Combination], set[Combination]] | None:
    """Every combination of the marks of both versions' tests that breaks no law, and those of usual evidence.

    None where there are too many.
    """
    heads = [(rule.head.kind, rule.head.id) for it in (old, new) for rule in it.knowledge.in_force]
    rules = frozenset(rule.id for it in (old, new) for rule in it.knowledge.in_force)
    program, words = compile_rules(side_by_side(old.knowledge, new.knowledge, rules, heads)), strategies.VOCABULARY
    held = laws(program, words)
    if 3 ** len(held.points) > MOST:
        return None
    numbers = {id for id, indicator in words.indicators.items() if indicator.kind is Kind.STATISTIC}
    unusual = [mark for i, atom in enumerate(held.points) for mark in marks_of([i]) if atom.corroboration or (
        atom.context.plus is not None and atom.tests[0].indicator in numbers)]
    further = (*usual_laws(laws(program, words, one_voice=True), words).clauses, *((-mark,) for mark in unusual))
    every = list(product(((0, 0), (1, 0), (0, 1)), repeat=len(held.points)))
    kept = [states for states in every if obeys(states, held.clauses)]
    return held.points, kept, {states for states in kept if obeys(states, further)}


def obeys(states: Combination, clauses: Iterable[Clause]) -> bool:
    marks = {mark for mark, there in zip(marks_of(range(len(states))), sum(states, ()), strict=True) if there}
    return all(any((x > 0) == (abs(x) in marks) for x in clause) for clause in clauses)


def model(program: Program, points: Sequence[Atom], columns: Sequence[Combination]) -> dict[object, Plane]:
    """The marks of every signature and conclusion as asked now, over all columns."""
    place = {atom: i for i, atom in enumerate(points)}
    atoms = [tuple(sum(column[place[atom]][side] << i for i, column in enumerate(columns)) for side in (0, 1))
             for atom, _ in program.atoms]
    planes = evaluate(program, [(a[0], a[1]) for a in atoms], len(columns))
    asked = {head: planes[node] for head, node in program.heads.items() if head.context == NOW}
    return {head: plane for head, plane in asked.items() if plane != (0, 0)}


def size(states: Combination, points: Sequence[Atom]) -> int:
    """How many tests, each at a time, have a mark."""
    return len({(a.tests, a.corroboration, a.context.shift) for a, _ in marked(points, states)})


def differing(old: Prepared, new: Prepared, points: Sequence[Atom], columns: Sequence[Combination]) -> int:
    """The columns in which some conclusion stands otherwise; every one where no result can be told any more."""
    if old.knowledge.results() != new.knowledge.results():
        return (1 << len(columns)) - 1
    found, (one, other) = 0, (model(it.program, points, columns) for it in (old, new))
    for head in one.keys() | other.keys():
        for a, b in zip(one.get(head, (0, 0)), other.get(head, (0, 0)), strict=True):
            found |= a ^ b
    return found


def marked(points: Sequence[Atom], states: Combination) -> set[tuple[Atom, bool]]:
    return {(atom, bool(pair[0])) for atom, pair in zip(points, states, strict=True) if any(pair)}


def test_it_means_the_same_exactly_where_brute_force_finds_no_difference() -> None:
    """Where it does not, what is named is a difference in evidence there can be, and none of usual evidence is smaller.
    """
    seen = {True: 0, False: 0}
    for seed in range(FROM_SEEDS):
        rules = strategies.seeded(seed)[0][-3:]
        old, new = ready(*rules), ready(*edited(rules, random.Random(seed)))
        every = combinations(old, new)
        if every is None:
            continue
        points, columns, usual = every
        truly, found = differing(old, new, points, columns), asked(old, new)
        assert found.same is (not truly), seed
        seen[found.same] += 1
        if truly:
            shown = {(mark.atom, mark.for_) for mark in found.shown}
            alone = tuple((int((atom, True) in shown), int((atom, False) in shown)) for atom in points)
            others = [column for i, column in enumerate(columns) if truly >> i & 1]
            assert differing(old, new, points, [alone]), seed
            assert any(shown <= marked(points, column) for column in others), seed
            among = [column for column in others if column in usual] or others
            assert size(alone, points) <= min(size(column, points) for column in among), seed
    assert min(seen.values()) >= 200, seen


# Known pairs.


def sign(number: float, indicator: str = "caseload") -> conditions.TestIs:
    return conditions.TestIs(conditions.Test(indicator, Comparator.AT_LEAST, number))


def areas(count: int) -> tuple[Condition, ...]:
    """So many tests that have nothing to do with one another."""
    asked = (conditions.Test("oversight", Comparator.AT_LEAST, 2.0, of=(("area", str(i)),)) for i in range(count))
    return tuple(map(conditions.TestIs, asked))


def rule(when: Condition, *unless: Condition, id: str = "a", level: str = "elevated") -> Rule:
    return Rule(id, Head("mechanism", "churn", level), when, unless)


A, B = sign(1, "notice"), sign(2, "oversight")
PAIRS: list[tuple[str, Rule, Rule, bool]] = [
    ("parts in another order", rule(All((A, B))), rule(All((B, A))), True),
    ("at least 1 of 2 is any of them", rule(AnyOf((A, B))), rule(AtLeast(1, (A, B))), True),
    ("20 is 15 as well", rule(sign(20)), rule(All((sign(20), sign(15)))), True),
    ("20 is not 15", rule(sign(20)), rule(sign(15)), False),
    ("a period as long as the evidence lasts", rule(sign(20)), rule(Within(sign(20), 24)), True),
    ("a shorter period", rule(sign(20)), rule(Within(sign(20), 23)), False),
    ("an exception that is never shown beside the rule", rule(sign(20)), rule(sign(20), Not(sign(15))), True),
    ("an exception that may be", rule(A), rule(A, B), False),
    ("another level", rule(A), rule(A, level="high"), False),
    ("another name for the same rule", rule(A), rule(A, id="b"), True),
]


@pytest.mark.parametrize(("name", "old", "new", "same"), PAIRS, ids=[row[0] for row in PAIRS])
def test_a_known_pair(name: str, old: Rule, new: Rule, same: bool) -> None:
    assert asked(ready(old), ready(new)).same is same, name


def test_the_smallest_difference_is_named() -> None:
    """Of two ways in which they differ, the one of a single test; and how the conclusion stands there."""
    found = asked(ready(rule(AnyOf((All((A, B)), sign(20))))), ready(rule(All((A, B)))))
    assert (found.head, found.was, found.now) == (("mechanism", "churn"), ("watch", "elevated"), ())
    assert {(mark.atom.tests[0], mark.for_) for mark in found.shown} == {(sign(20).test, True)}


def test_the_age_of_evidence_is_named_where_it_decides() -> None:
    found = asked(ready(rule(sign(20))), ready(rule(Within(sign(20), 12))))
    assert found.older == ((sign(20).test, 12),)


def test_the_order_of_results_decides_which_is_told() -> None:
    """Each result stands as it did; where both hold, another is told."""
    def results(first: int, second: int) -> Prepared:
        return ready(*(Rule(id, Head("result", id, "held"), when, order=order)
                       for id, when, order in (("a", A, first), ("b", B, second), ("none", All(()), 3))))
    found = asked(results(1, 2), results(2, 1))
    assert (found.same, found.head, found.was, found.now) == (False, ("result", ""), ("a",), ("b",))
    assert {mark.atom.tests[0] for mark in found.shown} == {A.test, B.test}
    assert asked(results(1, 2), results(1, 2)).same is True


def test_rules_that_ask_for_very_much_are_left_to_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred thousand million combinations: proved by the solver, and without it left open."""
    pytest.importorskip("pysat")
    many = areas(24)
    old, same, other = ready(rule(AtLeast(6, many))), ready(rule(All((AtLeast(5, many), AtLeast(6, many))))), ready(
        rule(AtLeast(7, many)))
    assert asked(old, same).same is True
    found = asked(old, other)
    assert (found.same, len(found.shown)) == (False, 6)
    monkeypatch.setattr(solving, "available", lambda: False)
    left = asked(old, same)
    assert left.same is None
    assert "python-sat" in left.why
