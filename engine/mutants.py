"""Single changes of rules held against their tests: which of them no test notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.variants import Outcome, evaluate_versions
from kb.conditions import HELD, LADDERS
from kb.knowledge import Knowledge
from kb.model import NOWHERE, State
from kb.rereading import Changed
from kb.ruletests import RuleTest, Standing

AT_ONCE = 60
"""So many versions stand side by side in one evaluation."""


def survivors(tests: Sequence[RuleTest], knowledge: Knowledge, changed: Sequence[Changed]) -> Iterator[list[Changed]]:
    """The changes that leave every test as it is, as many at a time as are evaluated side by side."""
    for start in range(0, len(changed), AT_ONCE):
        some = changed[start:start + AT_ONCE]
        outcome = evaluate_versions(tests, knowledge, [one.rules for one in some])
        failed = differing(tests, outcome)
        yield [one for number, one in enumerate(some) if not outcome.blocks.block(failed, number)]


def differing(tests: Sequence[RuleTest], outcome: Outcome) -> int:
    """The tests of every block in which something comes otherwise than the test says."""
    expected, because, never = dict[Standing, int](), dict[str, int](), dict[str, int]()
    for at, test in enumerate(tests):
        for told, asked in ((expected, [e._replace(place=NOWHERE) for e in test.expect]),
                            (because, test.because), (never, test.not_because)):
            for one in asked:
                told[one] = told.get(one, 0) | 1 << at  # type: ignore[index]
    each, wrong = outcome.blocks.each, 0
    for standing, bits in expected.items():
        wrong |= bits * each & ~as_expected(standing, outcome)
    for id, bits in because.items():
        wrong |= bits * each & ~outcome.holds(id)
    for id, bits in never.items():
        wrong |= bits * each & outcome.holds(id)
    return wrong


def as_expected(expected: Standing, outcome: Outcome) -> int:
    """The tests of every block in which something stands as expected: in that state, and no level is above it."""
    nodes = [outcome.versions.program.head(expected.kind, expected.id, level) for level in LADDERS[expected.kind]]
    states = [outcome.states(node) for node in nodes]
    right = states[0][expected.state]
    if expected.level and LADDERS[expected.kind] != HELD:
        at = LADDERS[expected.kind].index(expected.level)
        right &= states[at][State.PRESENT]
        for above in states[at + 1:]:
            right &= ~above[State.PRESENT]
    return right
