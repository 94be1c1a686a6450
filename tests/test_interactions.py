"""Which signatures act together: held against trying the sets one at a time, on both knowledge bases."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import interactions as subject
from engine.bits import evaluate
from engine.compiling import compile_rules
from engine.interactions import Interactions, interactions
from engine.prepared import Prepared
from explain.combining import combinations, having
from explain.names import Names
from kb.conditions import LADDERS, ProtectiveIs, conditions_of
from kb.files import RULES, VOCABULARY
from kb.knowledge import Knowledge
from kb.load import load

ORCHARDS = Path(__file__).resolve().parents[1] / "examples" / "orchards"


@pytest.fixture(scope="module", params=["shipped", "orchards"])
def ready(request: pytest.FixtureRequest) -> Prepared:
    """Each of the two knowledge bases, compiled."""
    rules, vocabulary = (RULES, VOCABULARY) if request.param == "shipped" else (ORCHARDS / "rules", ORCHARDS / "kb")
    knowledge, problems = load(rules, vocabulary)
    assert problems == ()
    return Prepared(knowledge, compile_rules(knowledge.rules))


@pytest.fixture(scope="module")
def found(ready: Prepared) -> Interactions:
    told = interactions(ready.program, ready.knowledge)
    assert told is not None
    return told


def reached(ready: Prepared, members: Iterable[str]) -> set[tuple[str, str, str]]:
    """What one set of signatures reaches, worked out by itself: kind, id and level."""
    kb, program = ready.knowledge, ready.program
    stops = {c.test for rule in kb.in_force for c in conditions_of(rule) if isinstance(c, ProtectiveIs)}
    wanted, filed = set(members), kb.vocabulary.indicators
    atoms = [(int(len({filed[t.indicator].signature for t in atom.tests}) == 1
                  and filed[atom.tests[0].indicator].signature in wanted and stops.isdisjoint(atom.tests)), 0)
             for atom, _ in program.atoms]
    planes = evaluate(program, atoms, 1)
    heads = ((kind, id, level) for kind, id in kb.conclusions() if kind != "signature" for level in LADDERS[kind])
    return {head for head in heads if (node := program.head(*head)) is not None and planes[node] == (1, 0)}


def signatures(knowledge: Knowledge) -> list[str]:
    return [s.id for s in knowledge.signatures_in_order]


def test_every_set_that_is_named_reaches_what_no_part_of_it_does(ready: Prepared, found: Interactions) -> None:
    assert found.together
    by_itself = functools.cache(lambda members: reached(ready, members))
    for one in found.together:
        what, whole = (one.kind, one.id, one.level), frozenset(one.signatures)
        assert what in by_itself(whole), one
        for left_out in whole:
            assert what not in by_itself(whole - {left_out}), one


def test_no_pair_is_left_out(ready: Prepared, found: Interactions) -> None:
    named = {(one.signatures, one.kind, one.id) for one in found.together}
    alone = {code: reached(ready, [code]) for code in signatures(ready.knowledge)}
    nothing = reached(ready, [])
    for pair in itertools.combinations(signatures(ready.knowledge), 2):
        new = reached(ready, pair) - alone[pair[0]] - alone[pair[1]] - nothing
        assert {(kind, id) for kind, id, _ in new} == {(kind, id) for some, kind, id in named if some == pair}, pair


def test_no_set_of_three_is_left_out(ready: Prepared, found: Interactions) -> None:
    named = {(one.signatures, one.kind, one.id) for one in found.together}
    threes = list(itertools.combinations(signatures(ready.knowledge), 3))
    for three in random.Random(3).sample(threes, min(len(threes), 60)):
        parts = set().union(*(reached(ready, pair) for pair in itertools.combinations(three, 2)))
        new = reached(ready, three) - parts
        assert {(kind, id) for kind, id, _ in new} == {(kind, id) for some, kind, id in named if some == three}, three


def test_no_signature_by_itself_reaches_a_result_that_puts_a_question(ready: Prepared, found: Interactions) -> None:
    questions = ready.knowledge.questions()
    assert [one for one in found.together if len(one.signatures) == 1 and one.id in questions] == []
    assert all(min((size for size, _ in one.sizes), default=2) >= 2 for one in found.reached if one.id in questions)


def test_where_the_signatures_themselves_are_enough_it_is_said(ready: Prepared, found: Interactions) -> None:
    """An `all` of two signatures and nothing else asks for no more; a rule about two figures does."""
    themselves = {(one.signatures, one.id) for one in found.together if one.themselves}
    told = {(one.signatures, one.id) for one in found.together}
    assert themselves <= told
    if "A4" in ready.knowledge.vocabulary.signatures:
        assert (("A4", "C1"), "blind-spot") in themselves
        assert (("B2", "C7"), "capacity-spiral") in told - themselves


def test_in_words_a_set_stands_once_with_all_that_it_gives(ready: Prepared, found: Interactions) -> None:
    told = combinations(found.together, Names(ready.knowledge))
    assert len({one.signatures for one in told}) == len(told)
    assert sum(len(one.gives) for one in told) == len(found.together)
    first = next(one for one in told if len(one.signatures) == 2)
    assert first in having(told, first.signatures[0], 2)
    assert first not in having(told, first.signatures[0], 3)


def test_too_many_signatures_are_not_tried(ready: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "WIDEST", 2)
    assert interactions(ready.program, ready.knowledge) is None


@given(st.integers(0, 2**16 - 1))
def test_the_smallest_sets_of_a_plane(plane: int) -> None:
    sets = subject._Sets(["a", "b", "c", "d"])
    inside = [some for some in range(16) if plane >> some & 1]
    expected = [some for some in inside if not any(part != some and part & some == part for part in inside)]
    assert list(sets.smallest(plane)) == expected
