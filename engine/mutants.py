"""Single changes of rules held against their tests: which tests notice each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.variants import Trial, Version, View, compile_versions, rules_called
from kb.conditions import HELD, LADDERS
from kb.knowledge import Knowledge
from kb.model import NOWHERE, State
from kb.ruletests import RuleTest, Standing

Demands = dict[tuple[Standing | None, str, bool], int]
"""What tests ask for, each with the tests (bits) that do: how something stands, or a rule that holds, or never does."""


def noticed(tests: Sequence[RuleTest], knowledge: Knowledge, versions: Sequence[Version]) -> Iterator[int]:
    """For each version, the tests (bits) in which something comes otherwise than they say.

    All tests stand side by side in one evaluation; of each version only what it makes otherwise is worked out again.
    """
    trial = Trial.of(tests, knowledge, compile_versions(knowledge.in_force, versions))
    demands = _demands(tests)
    touched_by = _touched_by(demands, trial)
    for number in range(len(versions)):
        view = trial.version(number)
        asked = {demand for node in view.otherwise for demand in touched_by.get(node, ())}
        asked |= {demand for id in view.rules for demand in touched_by.get(id, ())}
        wrong = 0
        for demand in asked:
            wrong |= demands[demand] & ~_met(demand, view)
        yield wrong


def _demands(tests: Sequence[RuleTest]) -> Demands:
    found: Demands = {}
    for at, test in enumerate(tests):
        for key in (*((e._replace(place=NOWHERE), "", False) for e in test.expect),
                    *((None, id, False) for id in test.because), *((None, id, True) for id in test.not_because)):
            found[key] = found.get(key, 0) | 1 << at
    return found


def _touched_by(demands: Demands, trial: Trial) -> dict[int | str, list[tuple[Standing | None, str, bool]]]:
    """By node, and by the id of a rule: the demands that may be met no longer where it is otherwise."""
    found: dict[int | str, list[tuple[Standing | None, str, bool]]] = {}
    program = trial.versions.program
    for demand in demands:
        expected, id, _ = demand
        if expected is not None:
            at: list[int | str | None] = [program.head(expected.kind, expected.id, level)
                                          for level in LADDERS[expected.kind]]
        else:
            called = rules_called(id, trial.knowledge)
            at = [*called, *(program.rules.get(one) for one in called)]
        for place in at:
            if place is not None:
                found.setdefault(place, []).append(demand)
    return found


def _met(demand: tuple[Standing | None, str, bool], view: View) -> int:
    """The tests in which what is asked for comes about."""
    expected, id, never = demand
    if expected is None:
        return ~view.holds(id) if never else view.holds(id)
    return as_expected(expected, view)


def as_expected(expected: Standing, view: View) -> int:
    """The tests in which something stands as expected: in that state, and at that level if one is named, not above."""
    stands = view.stands(expected.kind, expected.id)
    right = stands[list(State).index(expected.state)]
    if expected.level and LADDERS[expected.kind] != HELD:
        at = LADDERS[expected.kind].index(expected.level)
        levels = (right, *stands[len(State):])
        right &= levels[at]
        for above in levels[at + 1:]:
            right &= ~above
    return right
