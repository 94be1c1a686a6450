"""Every answer of every puzzle, worked out again by another route: a naive reading of the rules, one set at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import pytest
from hypothesis import given, settings

from engine.assess import Assessment, Assessor
from engine.firing import steps
from engine.program import Atom, Context
from engine.puzzles import (
    KIND,
    OF_A_HEAD,
    STOPPED,
    Head,
    Puzzle,
    above,
    following,
    result,
    smallest,
    to_predict,
)
from kb.conditions import LADDERS, ProtectiveIs, Rule, conditions_of
from kb.conditions import Test as Asked
from kb.dossier import Case, Observation
from kb.knowledge import Knowledge, Signs
from kb.model import Category, Protective, Result, Signature, State
from tests.oracle import AGAINST, FOR, NOW, Marks, Oracle, View, marks
from tests.strategies import AS_AT, HEADS, VOCABULARY, evidence, rule_bases, seeded

INVENTED = ("ashby", "carden", "oakshire")
SOME = ("watch", "churn-under-cuts", "capacity-spiral", "corporate-climate", "lost-sight-of-frontline", "blind-spot",
        "concerns-not-joined-up", "leadership-discontinuity", "frontline-unseen")
"""Conclusions of the first subject that are one or two signatures short, hold, or are stopped."""


@dataclass
class Naive(Oracle):
    """The rules read one at a time, where some signatures are at their strongest and some rules have not fired."""

    strongest: Collection[str] = ()
    waiting: Collection[str] = ()

    def head(self, kind: str, id: str, level: str, view: View = NOW) -> Marks:
        return marks(True, False) if kind == KIND and id in self.strongest else super().head(kind, id, level, view)

    def rule(self, rule: Rule, view: View) -> Marks:
        return marks(False, False) if rule.id in self.waiting else super().rule(rule, view)


def naive(it: Assessment, reading: bool, protective: dict[Asked, Marks] | None = None, strongest: Collection[str] = (),
          waiting: Collection[str] = ()) -> Naive:
    """The rules over the evidence of one reading; `protective`: tests of protective signs that are supposed."""
    def look(tests: tuple[Asked, ...], corroborated: bool, view: View) -> Marks:
        if not corroborated and tests[0] in (protective or {}):
            return (protective or {})[tests[0]]
        return looked(it, tests, corroborated, view, reading)
    return Naive(it.knowledge.in_force, look, strongest=strongest, waiting=waiting)


SEEN: dict[object, Marks] = {}


def looked(it: Assessment, tests: tuple[Asked, ...], corroborated: bool, view: View, reading: bool) -> Marks:
    """What the evidence says, worked out once for each assessment."""
    key = it.looking, tests, corroborated, view, reading
    if key not in SEEN:
        SEEN[key] = seen(it, Atom(tests, Context(view.within, view.shift, view.plus), corroborated), reading)
    return SEEN[key]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No test reads what another one saw."""
    yield
    SEEN.clear()


def present(it: Assessment, head: Head, level: str, **supposed: object) -> bool:
    """Whether a conclusion holds, undisputed, in both readings."""
    found = [naive(it, reading, **supposed).head(*head, level) for reading in (True, False)]  # type: ignore[arg-type]
    return all(FOR in one and AGAINST not in one for one in found)


def state(it: Assessment, head: Head) -> State:
    """The state of a signature or conclusion at its lowest level."""
    found = [naive(it, reading).head(*head, LADDERS[head[0]][0]) for reading in (True, False)]
    named = [State.CONTESTED if len(one) == 2 else State.PRESENT if FOR in one else State.NOT_FOUND if one else
             State.NOT_KNOWN for one in found]
    if State.CONTESTED in named or (State.PRESENT in named and named[0] != named[1]):
        return State.CONTESTED
    return named[0] if named[0] == named[1] else State.NOT_KNOWN


def shown_by(it: Assessment) -> dict[str, Asked]:
    """The test of each protective sign that some rule names."""
    return {c.id: c.test for rule in it.knowledge.in_force for c in conditions_of(rule) if isinstance(c, ProtectiveIs)}


# What each kind of puzzle says, checked


def check_result(it: Assessment, puzzle: Puzzle) -> None:
    held = [id for id in it.knowledge.results() if present(it, ("result", id), "held")]
    assert puzzle.right == (((held or [it.knowledge.results()[-1]])[0],),)
    assert puzzle.choices == tuple(it.knowledge.results())


def check_state(it: Assessment, puzzle: Puzzle) -> None:
    assert puzzle.right == ((str(state(it, puzzle.about)),),)


def check_alarm(it: Assessment, puzzle: Puzzle) -> None:
    ((found,),) = puzzle.right
    stopped = any(all(naive(it, reading).condition(c, NOW) == {FOR} for reading in (True, False))
                  for rule in met_and_not_held(it, puzzle.about) for c in rule.unless)
    held = any(present(it, puzzle.about, level) for level in LADDERS[puzzle.about[0]])
    assert (found == STOPPED) is (stopped and not held)
    assert found in (STOPPED, state(it, puzzle.about))


def met_and_not_held(it: Assessment, head: Head) -> Iterator[Rule]:
    """The rules of which every condition is met, and whose level is not present all the same."""
    for rule in (r for r in it.knowledge.in_force if (r.head.kind, r.head.id) == head and r.head.found):
        met = all(naive(it, reading).condition(rule.when, NOW) == {FOR} for reading in (True, False))
        if met and not present(it, head, rule.head.level):
            yield rule


def check_defeater(it: Assessment, puzzle: Puzzle) -> None:
    """The protective signs that are shown of a rule whose conditions are all met are the answer, and no others."""
    tests = shown_by(it)
    stopping = {c.id for rule in met_and_not_held(it, puzzle.about) for c in rule.unless
                if isinstance(c, ProtectiveIs)
                and all(look(it, reading, tests[c.id]) == {FOR} for reading in (True, False))}
    assert {id for (id,) in puzzle.right} == stopping
    assert stopping <= set(puzzle.choices)


def look(it: Assessment, reading: bool, test: Asked) -> Marks:
    return seen(it, Atom((test,), Context()), reading)


def seen(it: Assessment, atom: Atom, reading: bool) -> Marks:
    """What the evidence says in the adverse reading (true) or the favourable one."""
    for_, against = it.looking.mark(atom)
    bit = 0 if reading else 1
    return marks(bool(for_ >> bit & 1), bool(against >> bit & 1))


def check_protects(it: Assessment, puzzle: Puzzle) -> None:
    tests = shown_by(it)
    assert present(it, puzzle.about, puzzle.level)
    for id in puzzle.choices:
        supposed = {tests[id]: marks(True, False)}
        assert ((id,) in puzzle.right) is not present(it, puzzle.about, puzzle.level, protective=supposed), id


def check_smallest(it: Assessment, puzzle: Puzzle) -> None:
    """Sets of the size, and every smaller one, tried by themselves: those that do it are the answers."""
    size = len(puzzle.right[0])
    for number in range(size + 1):
        sets = list(combinations(puzzle.choices, number))
        if number > 2:  # so many that only the answers are tried, and the first of the others
            sets = [*puzzle.right, *(some for some in sets if some not in puzzle.right)][:len(puzzle.right) + 40]
        doing = {some for some in sets if present(it, puzzle.about, puzzle.level, strongest=some)}
        assert doing == (set(puzzle.right) if number == size else set()), number


def check_missing(it: Assessment, puzzle: Puzzle) -> None:
    assert not present(it, puzzle.about, puzzle.level)
    for id in puzzle.choices:
        assert ((id,) in puzzle.right) is present(it, puzzle.about, puzzle.level, strongest=(id,)), id


def check_acts(it: Assessment, puzzle: Puzzle) -> None:
    signature = it.knowledge.vocabulary.signatures.get(puzzle.about[1])
    rules = [r for r in it.knowledge.in_force if (r.head.kind, r.head.id) == puzzle.about]
    own = {signature.category} if signature else {one for rule in rules for one in rule.category}
    assert {id for (id,) in puzzle.right} <= own
    assert puzzle.right


def check_next(it: Assessment, puzzle: Puzzle) -> None:
    """Of the choices, the rules that hold on what has been concluded: no other rule has fired."""
    fired = {step.rule.id for step in to_predict(it)[:puzzle.taken]}
    every, holds = {step.rule.id: step.rule for step in steps(it)}, dict[str, bool]()
    rules = {rule.id: rule for rule in it.knowledge.in_force}
    for id in puzzle.choices:
        waiting = every.keys() - fired - {id}
        holds[id] = any(FOR in naive(it, reading, waiting=waiting).rule(rules[id], NOW) for reading in (True, False))
    assert {id for id, held in holds.items() if held} == {id for (id,) in puzzle.right}
    assert not fired & set(puzzle.choices)


CHECKS: dict[str, Callable[[Assessment, Puzzle], None]] = {
    "result": check_result, "state": check_state, "alarm": check_alarm, "defeater": check_defeater,
    "protects": check_protects, "smallest": check_smallest, "missing": check_missing, "acts": check_acts,
    "next": check_next,
}


def sensible(puzzle: Puzzle) -> None:
    """Every right answer can be given, each once, and something else can be answered too."""
    assert puzzle.right
    assert len(set(puzzle.right)) == len(puzzle.right)
    assert all(set(answer) <= set(puzzle.choices) for answer in puzzle.right)
    assert list(puzzle.choices) == list(dict.fromkeys(puzzle.choices))


def puzzles(it: Assessment, heads: Collection[Head]) -> Iterator[Puzzle]:
    """Every puzzle of an assessment, about some signatures and conclusions."""
    if it.knowledge.results():
        yield result(it)
    yield from following(it)
    for head in sorted(heads):
        for make in OF_A_HEAD.values():
            found = make(it, head)
            if found is not None:
                yield found


@pytest.fixture(scope="module")
def alone(knowledge: Knowledge) -> Assessor:
    return Assessor(knowledge, "bits")


@pytest.mark.parametrize("name", [*INVENTED, "croydon"])
def test_every_answer_is_right_by_another_route(name: str, alone: Assessor, cases: dict[str, Case]) -> None:
    it = alone.assess(cases[name], cases[name].latest_known)  # type: ignore[arg-type]
    heads = [head for head in it.knowledge.conclusions() if head[1] in SOME]
    heads += [(KIND, id) for id in it.knowledge.signs]
    kinds = set[str]()
    for puzzle in puzzles(it, heads):
        sensible(puzzle)
        CHECKS[puzzle.kind](it, puzzle)
        kinds.add(puzzle.kind)
    assert kinds >= {"result", "state", "alarm", "acts", "next", "smallest"}


def test_the_invented_cases_hold_a_puzzle_of_every_kind(alone: Assessor, cases: dict[str, Case]) -> None:
    kinds = {puzzle.kind for name in INVENTED for it in [alone.assess(cases[name], cases[name].latest_known)]
             for puzzle in puzzles(it, [head for head in it.knowledge.conclusions() if head[1] in SOME])}
    assert kinds == set(CHECKS)


def test_where_no_small_set_raises_it_there_is_no_puzzle(alone: Assessor, cases: dict[str, Case]) -> None:
    it = alone.assess(cases["ashby"], cases["ashby"].latest_known)
    assert smallest(it, ("mechanism", "capacity-spiral")) is None
    assert smallest(it, ("mechanism", "churn-under-cuts")) is None, "it holds at the highest level that a rule gives"


# Random rules and evidence

CODES = tuple(id for kind, id in HEADS if kind == KIND)
WORDS = replace(
    VOCABULARY, results=(Result("priority", "Priority", True),), categories={"a": Category("a", "", "", "", "", "")},
    signatures={id: Signature(id, id, id, "a", at, 2020, "") for at, id in enumerate(CODES)},
    protective={"stable_director": Protective("stable_director", "Stable", "stable", "stable_director")})


def assessed(rules: tuple[Rule, ...], observations: tuple[Observation, ...]) -> Assessment:
    knowledge = Knowledge(WORDS, rules, {id: Signs(id, "any", ()) for id in CODES})
    return Assessor(knowledge, "bits").assess(Case("c", "C", "X", "Somewhere", observations, invented=True), AS_AT)


def test_every_answer_is_right_over_random_rules() -> None:
    kinds = set[str]()
    for seed in range(120):
        it = assessed(*seeded(seed))
        for puzzle in puzzles(it, it.knowledge.conclusions().keys()):
            sensible(puzzle)
            CHECKS[puzzle.kind](it, puzzle)
            kinds.add(puzzle.kind)
    assert kinds == set(CHECKS)


@settings(max_examples=20)
@given(rule_bases(), evidence())
def test_the_same_puzzles_whatever_the_order(rules: tuple[Rule, ...], observations: tuple[Observation, ...]) -> None:
    some, again = (assessed(one, two) for one, two in ((rules, observations), (rules[::-1], observations[::-1])))
    heads = some.knowledge.conclusions().keys()
    assert list(puzzles(some, heads)) == list(puzzles(again, heads))


def test_the_level_above_is_one_that_some_rule_gives() -> None:
    for it in (assessed(*seeded(seed)) for seed in range(60)):
        for head in it.knowledge.conclusions():
            level = above(it, head)
            levels = {rule.head.level for rule in it.knowledge.in_force if (rule.head.kind, rule.head.id) == head}
            assert level is None or (level in levels and not present(it, head, level))
