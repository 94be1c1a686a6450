"""The evaluator: the flat program on bit planes, one pair of integers per node, bit i is case i."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, assert_never

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
        if not live.isdisjoint(node.args) or node.op is count or not (node.args or node.op is atom):
            planes[index] = step(node, [planes[a] for a in node.args], full)
            if any(planes[index]):  # nothing follows from nothing: what no fact reaches is passed over
                live.add(index)
        if index in given:
            planes[index] = settled(planes[index], given[index])
    return planes


def settled(plane: Plane, forced: Forced) -> Plane:
    """The marks of a node with those that it is given."""
    columns, for_, against = forced
    return plane[0] & ~columns | for_, plane[1] & ~columns | against


def step(node: Node, args: list[Plane], full: int) -> Plane:
    """The marks of one node from those of its arguments."""
    match node.op:
        case Op.ALL:
            return _conjunction(args, full)
        case Op.ANY:
            return _swap(_conjunction([_swap(a) for a in args], full))
        case Op.COUNT:
            return (at_least(node.k, [f for f, _ in args], full),
                    at_least(len(args) - node.k + 1, [a for _, a in args], full))
        case Op.NOT:
            return _swap(args[0])
        case Op.JUDGED:
            return args[0][0] | args[0][1], 0
        case Op.UNLESS:
            return _unless(args[0], args[1:])
        case Op.HEAD:
            return _head(args[:node.k], args[node.k:], full)
        case Op.ATOM:
            raise ValueError("an atom has no arguments to compute from")
        case _:
            assert_never(node.op)


def _swap(plane: Plane) -> Plane:
    return plane[1], plane[0]


def _conjunction(args: list[Plane], full: int) -> Plane:
    holds, fails = full, 0
    for for_, against in args:
        holds &= for_
        fails |= against
    return holds, fails


def _unless(body: Plane, exceptions: list[Plane]) -> Plane:
    shown = 0
    for for_, _ in exceptions:
        shown |= for_
    return body[0] & ~shown, body[1] | (body[0] & shown)


def _head(for_it: list[Plane], against_it: list[Plane], full: int) -> Plane:
    holds, fails = 0, full if for_it else 0
    for for_, against in for_it:
        holds |= for_
        fails &= against
    for for_, _ in against_it:
        fails |= for_
    return holds, fails


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
