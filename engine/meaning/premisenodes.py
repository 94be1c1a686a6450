"""The premises of a rule, each with the node at which it stands in the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.program import Op, Program
from kb.conditions import All, Condition, Rule, Within


class Premise(NamedTuple):
    """A condition that has to hold, and its node."""

    condition: Condition
    node: int


def premises(program: Program, rule: Rule) -> tuple[Premise, ...]:
    """What has to hold for the rule's `when` to hold, as far as it is a list of things that all must."""
    body = program.nodes[program.rules[rule.id]].args[0]
    return tuple(_conjuncts(program, rule.when, body))


def exceptions(program: Program, rule: Rule) -> tuple[Premise, ...]:
    """The rule's exceptions."""
    nodes = program.nodes[program.rules[rule.id]].args[1:]
    return tuple(Premise(*pair) for pair in zip(rule.unless, nodes, strict=True))


def _conjuncts(program: Program, c: Condition, node: int) -> Iterator[Premise]:
    here = program.nodes[node]
    if isinstance(c, Within):
        yield from _conjuncts(program, c.part, node)
    elif isinstance(c, All) and here.op is Op.ALL and len(here.args) == len(c.parts):
        for part, arg in zip(c.parts, here.args, strict=True):
            yield from _conjuncts(program, part, arg)
    else:
        yield Premise(c, node)
