"""Tests of rules, run all at once: each test is one column of a single evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.assess import Model, state_of
from engine.bits import Forced, Plane, evaluate
from engine.evidence import Evidence
from engine.planes import READINGS, Column, Marks, planes
from engine.program import Program
from kb.conditions import HELD, LADDERS, ProtectiveIs, Rule, conditions_of
from kb.knowledge import Knowledge
from kb.model import State
from kb.ruletests import PROTECTIVE, RuleTest, Standing

Stood = tuple[tuple[str, int], ...]
"""The nodes of something that can be given, each with its level."""


class Came(NamedTuple):
    """One expectation: what was expected, what came of it, and the rules for it that hold in some reading."""

    expected: Standing
    state: State
    level: str
    by: tuple[str, ...] = ()

    @property
    def as_expected(self) -> bool:
        """Whether it came as expected; a level that was expected is the highest that came."""
        return self.state is self.expected.state and self.expected.level in ("", self.level)


class Ran(NamedTuple):
    """One test after it ran: what came of each expectation, and which named rules did not do as the test says."""

    test: RuleTest
    came: tuple[Came, ...]
    not_holding: tuple[str, ...]
    holding: tuple[str, ...]

    @property
    def as_expected(self) -> bool:
        """Whether everything came as the test says."""
        return all(came.as_expected for came in self.came) and not self.not_holding and not self.holding


def run(tests: Sequence[RuleTest], knowledge: Knowledge, program: Program) -> tuple[Ran, ...]:
    """What came of each test: all of them in one evaluation, bit i test i, in both readings of disputed evidence."""
    forced = forced_by(tests, nodes_of(program, knowledge.in_force))
    model = evaluate(program, seen(tests, knowledge, program), 2 * len(tests), forced=forced)
    many, rules = len(tests), _Rules(knowledge)
    in_some = [(id, model[node][0] | model[node][0] >> many) for id, node in program.rules.items()]
    return tuple(_ran(test, rules, program, Model(model, bit, many), {id for id, plane in in_some if plane >> bit & 1})
                 for bit, test in enumerate(tests))


class _Rules:
    """The rules in force by what they conclude."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.signatures = knowledge.vocabulary.signatures
        self.for_head: dict[tuple[str, str], list[Rule]] = {}
        for rule in knowledge.in_force:
            self.for_head.setdefault((rule.head.kind, rule.head.id), []).append(rule)


def seen(tests: Sequence[RuleTest], knowledge: Knowledge, program: Program) -> list[Plane]:
    """What the observations that each test gives say of every atom: bit i test i, in both readings."""
    return planes(program, [Column(Evidence.of(test.observations, knowledge.vocabulary), test.as_at) for test in tests])


def nodes_of(program: Program, rules: Iterable[Rule]) -> dict[tuple[str, str], Stood]:
    """Where everything that can be given stands in the program of some rules, however it is looked at there."""
    found: dict[tuple[str, str], Stood] = {}
    for head, node in program.heads.items():
        found[head.kind, head.id] = (*found.get((head.kind, head.id), ()), (head.level, node))
    conditions = (condition for rule in rules for condition in conditions_of(rule))
    shown_by = {condition.id: condition.test for condition in conditions if isinstance(condition, ProtectiveIs)}
    for id, test in shown_by.items():
        found[PROTECTIVE, id] = tuple((HELD[0], node) for atom, node in program.atoms if atom.tests == (test,))
    return found


def forced_by(tests: Sequence[RuleTest], nodes: dict[tuple[str, str], Stood]) -> dict[int, Forced]:
    """The marks that every test gives to the nodes of what it speaks of, in both readings."""
    found: dict[int, Forced] = {}
    for bit, test in enumerate(tests):
        for given in test.given:
            for level, node in _stands(given, test, nodes.get((given.kind, given.id), ())):
                before = found.get(node, Forced(0))
                found[node] = _joined(before, given, level, (bit, bit + len(tests)))
    return found


def _stands(given: Standing, test: RuleTest, nodes: Stood) -> Iterator[tuple[str, int]]:
    """The nodes that are given marks. Where the test also expects something of it, rules may still raise it."""
    ladder = LADDERS.get(given.kind, HELD)
    asked = given.state is State.PRESENT and (given.kind, given.id) in {(e.kind, e.id) for e in test.expect}
    for level, node in nodes:
        if not asked or ladder.index(level) <= ladder.index(given.level):
            yield level, node


def _joined(before: Forced, given: Standing, level: str, bits: tuple[int, int]) -> Forced:
    """The marks of a node with those of one more test, a bit for each reading."""
    columns, for_, against = before
    for bit, reading in zip(bits, READINGS, strict=True):
        marks = _marks(given, level, reading)
        columns, for_, against = columns | 1 << bit, for_ | marks[0] << bit, against | marks[1] << bit
    return Forced(columns, for_, against)


def _marks(given: Standing, level: str, reading: bool) -> Marks:
    """What is given of one level in one reading: contested is present in the first, and not found in the second."""
    present = given.state is State.PRESENT or (given.state is State.CONTESTED and reading)
    refuted = given.state is State.NOT_FOUND or (given.state is State.CONTESTED and not reading)
    ladder = LADDERS.get(given.kind, HELD)
    return present and ladder.index(level) <= ladder.index(given.level), refuted


def _ran(test: RuleTest, rules: _Rules, program: Program, model: Model, held: set[str]) -> Ran:
    """What came of a test; `held`: the rules that hold in some reading."""
    came = tuple(_came(expected, rules, program, model, held) for expected in test.expect)
    return Ran(test, came, tuple(id for id in test.because if not _holds(id, rules, held)),
               tuple(id for id in test.not_because if _holds(id, rules, held)))


def _holds(id: str, rules: _Rules, held: set[str]) -> bool:
    """Whether a rule holds in some reading; of a signature, whether some line of its grading does."""
    if id in held or id not in rules.signatures:
        return id in held
    return any(rule.id in held for rule in rules.for_head.get(("signature", id), ()) if rule.head.found)


def _came(expected: Standing, rules: _Rules, program: Program, model: Model, held: set[str]) -> Came:
    """How a signature or conclusion stands: the state of its lowest level, and the highest that is present."""
    kind, id = expected.kind, expected.id
    nodes = ((level, program.head(kind, id, level)) for level in LADDERS[kind])
    states = {level: State.NOT_KNOWN if node is None else state_of(model[node]) for level, node in nodes}
    highest = [level for level, state in states.items() if state is State.PRESENT]
    by = tuple(rule.id for rule in rules.for_head.get((kind, id), ()) if rule.id in held)
    level = highest[-1] if highest and LADDERS[kind] != HELD else ""
    return Came(expected, states[LADDERS[kind][0]], level, by)
