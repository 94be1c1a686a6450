"""What tests show of each condition of a rule: seen present, found not to be so, not known, and whether it decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from engine.bits import NOTHING, Plane, step
from engine.program import Atom, Op, Program, Proposition
from engine.variants import Trial, compile_versions, states_of
from kb.conditions import LADDERS, HeadIs, ProtectiveIs, Rule, TestIs, conditions_of
from kb.knowledge import Knowledge
from kb.model import State
from kb.ruletests import RuleTest

Premise = HeadIs | ProtectiveIs | TestIs
SHOWN = (State.PRESENT, State.NOT_FOUND, State.NOT_KNOWN)
"""The outcomes of a condition that tests are to show."""


class Unit(NamedTuple):
    """What tests are of: a written rule, or a signature with its grading; and what it asks for, once each."""

    id: str
    rules: tuple[Rule, ...]
    asks: tuple[Premise, ...]


class Shown(NamedTuple):
    """What some tests show of one condition: those (bits) in which it is in each state, and those that it decides.

    It decides a test where the rule would hold, or hold no longer, were this condition alone otherwise.
    """

    unit: Unit
    premise: Premise
    states: Mapping[State, int]
    decides: int

    @property
    def missing(self) -> tuple[State, ...]:
        """The outcomes that no test shows."""
        return tuple(state for state in SHOWN if not self.states[state])


def units_of(knowledge: Knowledge) -> tuple[Unit, ...]:
    """Every written rule in force, and every signature that has signs, in the order of their files."""
    graded: dict[str, list[Rule]] = {}
    for rule in (r for r in knowledge.in_force if r.head.kind == "signature"):
        graded.setdefault(rule.head.id, []).append(rule)
    written = [Unit(r.id, (r,), _asked((r,))) for r in knowledge.in_force if r.head.kind != "signature"]
    found = [*written, *(Unit(id, tuple(rules), _asked(rules)) for id, rules in graded.items())]
    return tuple(sorted((unit for unit in found if unit.asks), key=lambda unit: (unit.asks[0].place, unit.id)))


def _asked(rules: Sequence[Rule]) -> tuple[Premise, ...]:
    """The conditions of some rules that ask for one thing, each once, where it is first asked for."""
    found: dict[object, Premise] = {}
    for condition in (c for rule in rules for c in conditions_of(rule)):
        if isinstance(condition, HeadIs | ProtectiveIs | TestIs):
            found.setdefault(_subject(condition), condition)
    return tuple(found.values())


def _subject(c: Premise) -> object:
    return (c.kind, c.id, c.level) if isinstance(c, HeadIs) else c.test


def of_unit(tests: Sequence[RuleTest], unit: Unit) -> int:
    """The tests (bits) of a rule or signature, or that name it under because or not_because."""
    return sum(1 << at for at, test in enumerate(tests)
               if unit.id == test.rule or unit.id in (*test.because, *test.not_because))


def coverage(tests: Sequence[RuleTest], knowledge: Knowledge, units: Sequence[Unit]) -> Iterator[Shown]:
    """What the tests of each unit show of its conditions: all tests in one evaluation."""
    trial = Trial.of(tests, knowledge, compile_versions(knowledge.in_force, ()))
    for unit in units:
        own = of_unit(tests, unit)
        for shown in shown_by(trial, unit):
            yield shown._replace(states={state: plane & own for state, plane in shown.states.items()},
                                 decides=shown.decides & own)


def shown_by(trial: Trial, unit: Unit) -> Iterator[Shown]:
    """What every column of a trial shows of each condition of a unit."""
    roots = _roots(unit, trial.versions.program)
    for premise in unit.asks:
        places = _places(trial.versions.program, roots, premise)
        plain = next((place for place in places if not _context(trial, place)), places[0] if places else None)
        marks = trial.planes[plain] if plain is not None else NOTHING
        decides = [_otherwise(trial, roots, places, given) for given in (
            (trial.full, 0), (0, trial.full), NOTHING)]
        either = reduce(or_, decides)
        yield Shown(unit, premise, states_of(marks, trial.tests),
                    (either | either >> trial.tests) & (1 << trial.tests) - 1)


def _context(trial: Trial, place: int) -> bool:
    context = trial.versions.program.nodes[place].context
    return context.plus is not None or context.shift != 0


def _roots(unit: Unit, program: Program) -> list[int]:
    """The node of a rule; of a signature, its grades."""
    rule = unit.rules[0]
    if rule.head.kind != "signature":
        return [program.rules[rule.id]]
    nodes = (program.head("signature", unit.id, level) for level in LADDERS["signature"])
    return [node for node in nodes if node is not None]


def _places(program: Program, roots: Sequence[int], premise: Premise) -> list[int]:
    """Where a condition stands below some nodes, however it is looked at there."""
    found, passed, agenda = list[int](), set[int](), list(roots)
    while agenda:
        index = agenda.pop()
        node = program.nodes[index]
        if index in passed:
            continue
        passed.add(index)
        if _is(node.origin, premise) and index not in roots:
            found.append(index)
        elif node.op is not Op.HEAD or index in roots:
            agenda += node.args
    return sorted(found)


def _is(origin: object, premise: Premise) -> bool:
    match origin:
        case Proposition():
            return isinstance(premise, HeadIs) and (origin.kind, origin.id, origin.level) == _subject(premise)
        case Atom():
            return not isinstance(premise, HeadIs) and not origin.corroboration and origin.tests == (premise.test,)
        case _:
            return False


def _otherwise(trial: Trial, roots: Sequence[int], places: Sequence[int], given: Plane) -> int:
    """The columns in which a rule would hold, or hold no longer, were one condition of it so."""
    found: dict[int, Plane] = dict.fromkeys(places, given)
    differ = 0
    for root in roots:
        differ |= _marks(trial, root, found, root)[0] ^ trial.planes[root][0]
    return differ


def _marks(trial: Trial, index: int, found: dict[int, Plane], root: int) -> Plane:
    node = trial.versions.program.nodes[index]
    if index not in found:
        if node.op is Op.ATOM or (node.op is Op.HEAD and index != root):
            found[index] = trial.planes[index]
        else:
            found[index] = step(node, [_marks(trial, arg, found, root) for arg in node.args], trial.full)
    return found[index]
