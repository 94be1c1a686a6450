"""The order in which rules fire, and which rules could fire next once some of them have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.bits import Forced, evaluate
from engine.program import Program
from engine.spread import spread
from kb.conditions import Rule
from kb.model import State


class Step(NamedTuple):
    """One firing: a rule, its node and stratum, and in which readings it holds undisputed (as bits)."""

    rule: Rule
    node: int
    stratum: int
    readings: int


def steps(assessment: Assessment) -> tuple[Step, ...]:
    """Every rule that fires (in both readings of disputed evidence, or in one), by stratum, then id.

    A rule's stratum is one more than the highest among the rules that its premises and exceptions rest on: whatever
    it needs was concluded, or could no longer be, in a stratum before. Which engine ran makes no difference.
    """
    strata = _strata(assessment.program)
    rules = {rule.id: rule for rule in assessment.knowledge.in_force}
    fired = sorted((strata[node], id, node) for id, node in assessment.program.rules.items()
                   if assessment.state(node) in (State.PRESENT, State.CONTESTED))
    marks = assessment.model
    return tuple(Step(rules[id], node, stratum, marks[node][0] & ~marks[node][1]) for stratum, id, node in fired)


def _strata(program: Program) -> list[int]:
    """Of every node, how many rules stand one above another up to it."""
    found: list[int] = []
    for node in program.nodes:
        below = max((found[arg] for arg in node.args), default=0)
        found.append(below + isinstance(node.origin, Rule))
    return found


def ready(assessment: Assessment, fired: Collection[str], among: Sequence[Step]) -> frozenset[str]:
    """Of these steps, the rules that hold on the evidence and on what the `fired` rules concluded, and on no more.

    Each is tried by itself: every other rule that has not fired is left without marks, however it is looked at.
    """
    waiting = [step.rule.id for step in among if step.rule.id not in fired]
    columns = {id: 1 << at | 1 << at + len(waiting) for at, id in enumerate(waiting)}
    program, whole = assessment.program, (1 << 2 * len(waiting)) - 1
    unfired = {node: Forced(whole & ~columns[one.origin.id]) for node, one in enumerate(program.nodes)
               if isinstance(one.origin, Rule) and one.origin.id in columns}
    planes = evaluate(program, spread(assessment, len(waiting)), 2 * len(waiting), forced=unfired)
    return frozenset(id for id in waiting if planes[program.rules[id]][0] & columns[id])
