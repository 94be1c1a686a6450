"""The evaluator: the flat program on bit planes, one pair of integers per node, bit i is case i."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from engine.program import Node, Op, Program

Plane = tuple[int, int]
NOTHING: Plane = (0, 0)
"""The marks of a node of which nothing is known in any column: most of them, where few facts are given."""


class Forced(NamedTuple):
    """In some columns of a node, the marks it is to have whatever is worked out: none, unless they are said."""

    columns: int
    for_: int = 0
    against: int = 0


def evaluate(program: Program, atoms: Sequence[Plane], width: int, without: Mapping[int, int] | None = None,
             forced: Mapping[int, Forced] | None = None) -> list[Plane]:
    """The (for, against) planes of every node, in program order.

    `atoms`: one pair of `width`-bit integers per `program.atoms`, in that order. `without`: for some nodes, the columns
    in which they are left without marks (what would be, if this were not known?). `forced`: for some nodes, the marks
    given them (what would be, if this were so?). Nothing is mutated.
    Kleene's strong three-valued logic on pairs of marks; exceptions by negation as failure, stratified.
    """
    full = (1 << width) - 1
    planes = [NOTHING] * len(program.nodes)
    for (_, index), plane in zip(program.atoms, atoms, strict=True):
        planes[index] = plane
    given = {node: Forced(columns) for node, columns in (without or {}).items()} | dict(forced or {})
    live = {index for _, index in program.atoms if any(planes[index])} | given.keys()
    count, atom = Op.COUNT, Op.ATOM
    for index, node in enumerate(program.nodes):
        args = node.args
        if not live.isdisjoint(args) or node.op is count or not (args or node.op is atom):
            planes[index] = for_, against = STEPS[node.op]([planes[a] for a in args], node.k, full)
            if for_ or against:  # nothing follows from nothing: what no fact reaches is passed over
                live.add(index)
        if index in given:
            planes[index] = settled(planes[index], given[index])
    return planes


def settled(plane: Plane, forced: Forced) -> Plane:
    """The marks of a node with those that it is given."""
    columns, for_, against = forced
    return plane[0] & ~columns | for_, plane[1] & ~columns | against


def step(node: Node, args: list[Plane], full: int) -> Plane:
    """The marks of one node, no atom, from those of its arguments."""
    return STEPS[node.op](args, node.k, full)


def _all(args: list[Plane], _k: int, full: int) -> Plane:
    holds, fails = full, 0
    for for_, against in args:
        holds &= for_
        fails |= against
    return holds, fails


def _any(args: list[Plane], _k: int, full: int) -> Plane:
    holds, fails = 0, full
    for for_, against in args:
        holds |= for_
        fails &= against
    return holds, fails


def _count(args: list[Plane], k: int, full: int) -> Plane:
    return at_least(k, [f for f, _ in args], full), at_least(len(args) - k + 1, [a for _, a in args], full)


def _not(args: list[Plane], _k: int, _full: int) -> Plane:
    for_, against = args[0]
    return against, for_


def _judged(args: list[Plane], _k: int, _full: int) -> Plane:
    for_, against = args[0]
    return for_ | against, 0


def _unless(args: list[Plane], _k: int, _full: int) -> Plane:
    shown = 0
    for for_, _ in args[1:]:
        shown |= for_
    for_, against = args[0]
    return for_ & ~shown, against | (for_ & shown)


def _head(args: list[Plane], k: int, full: int) -> Plane:
    holds, fails = _any(args[:k], k, full) if k else NOTHING
    for for_, _ in args[k:]:
        fails |= for_
    return holds, fails


STEPS: dict[Op, Callable[[list[Plane], int, int], Plane]] = {
    Op.ALL: _all, Op.ANY: _any, Op.COUNT: _count, Op.NOT: _not, Op.JUDGED: _judged, Op.UNLESS: _unless, Op.HEAD: _head,
}


def at_least(k: int, planes: list[int], full: int) -> int:
    """Where at least k of the planes are set: a fold that keeps one plane per count reached so far."""
    if k <= 0:
        return full
    if k > len(planes):
        return 0
    reached = [0] * k
    for plane in planes:
        for i in range(k - 1, 0, -1):
            reached[i] |= reached[i - 1] & plane
        reached[0] |= plane
    return reached[k - 1]
