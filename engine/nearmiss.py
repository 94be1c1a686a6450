"""Near misses, in every column at once: rules that are one condition short of holding."""

from __future__ import annotations

from collections.abc import Sequence

from engine.bits import Plane, at_least
from engine.meaning.premisenodes import Premise, premises
from engine.program import Op, Program
from kb.conditions import AtLeast, Rule, Within


def asked_of(program: Program, rule: Rule) -> tuple[tuple[Premise, ...], int]:
    """The conditions that a rule gathers, and how many of them have to hold."""
    found = premises(program, rule)
    inside = found[0].condition if len(found) == 1 else None
    while isinstance(inside, Within):
        inside = inside.part
    node = program.nodes[found[0].node] if found else None
    if isinstance(inside, AtLeast) and node is not None and node.op is Op.COUNT and len(node.args) == len(inside.parts):
        return tuple(map(Premise, inside.parts, node.args)), inside.count
    return found, len(found)


def one_short(program: Program, planes: Sequence[Plane], rule: Rule, width: int) -> int:
    """The columns in which one more condition would make the rule hold; none of a rule that asks for one alone."""
    conditions, needed = asked_of(program, rule)
    if needed <= 1:
        return 0
    holding, full = [planes[c.node][0] for c in conditions], (1 << width) - 1
    short = at_least(needed - 1, holding, full) & ~at_least(needed, holding, full)
    for exception in program.nodes[program.rules[rule.id]].args[1:]:
        short &= ~planes[exception][0]
    return short


def wanting(program: Program, model: Sequence[Plane], rule: Rule) -> tuple[Premise, ...]:
    """The conditions of a rule that do not hold in a model of both readings."""
    return tuple(c for c in asked_of(program, rule)[0] if model[c.node][0] != 0b11)
