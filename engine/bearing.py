"""What bears on some goals, and which way: for each node, the marks that are wanted there, or wanted away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from engine.bits import Plane
from engine.program import Op, Program
from engine.proofs import AGAINST, FOR, Choose, Mark, made, marks_in

Wants = int
"""Of one node, a bit for each: FOR wanted there, AGAINST there, FOR wanted away, AGAINST away."""
AWAY = 2
ALL = 0b1111


class Literal(NamedTuple):
    """A mark that is wanted, or (`there` false) wanted not to be there."""

    mark: Mark
    there: bool


def want(side: int, there: bool) -> Wants:
    """The bit of one mark that is wanted there, or away."""
    return 1 << side + (0 if there else AWAY)


def unmet(marks: Plane, reading: int) -> Wants:
    """Everything that could be wanted of a node's marks, and is not so in this reading."""
    there = (marks[FOR] >> reading & 1) | (marks[AGAINST] >> reading & 1) << 1
    return there << AWAY | ~there & 0b11


def bearing(program: Program, goals: Iterable[Literal], still: Sequence[Wants] | None = None) -> list[Wants]:
    """Of each node what the goals want of it, itself or for what rests on it.

    `still`: what can be wanted of each node; nothing else is followed.
    """
    found = [0] * len(program.nodes)
    for goal in goals:
        found[goal.mark.node] |= want(goal.mark.side, goal.there)
    for place in range(len(found) - 1, -1, -1):
        if still is not None:
            found[place] &= still[place]
        if found[place]:
            node = program.nodes[place]
            for arg, wants in zip(node.args, _below(node.op, node.k, len(node.args), found[place]), strict=True):
                found[arg] |= wants
    return found


@cache
def _below(op: Op, k: int, many: int, wants: Wants) -> tuple[Wants, ...]:
    """What is wanted of each argument, where so much is wanted of a node of this kind."""
    found = [0] * many
    for side in (FOR, AGAINST):
        for there in (True, False):
            if wants & want(side, there):
                for mark in marks_in(shape(op, k, many, side)):
                    found[mark.node] |= want(mark.side, there)
                for place in stops(op, range(many), side):
                    found[place] |= want(FOR, not there)
    return tuple(found)


@cache
def shape(op: Op, k: int, many: int, side: int) -> Choose | None:
    """What a mark of a node of this kind is made of, its arguments by their places; None at an atom."""
    return made(op, range(many), k, side)


def stops(op: Op, args: Sequence[int], side: int) -> Sequence[int]:
    """The exceptions to a rule, which must stand the other way for its mark to be as wanted."""
    return args[1:] if op is Op.UNLESS and side == FOR else ()
