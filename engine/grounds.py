"""What a conclusion rests on, in every column at once: the tests and rules of all its routes, folded from above."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from heapq import heappop, heappush
from operator import and_, or_
from typing import NamedTuple

from engine.bits import Plane
from engine.program import Atom, Node, Op, Program
from engine.proofs import AGAINST, FOR, Mark
from kb.conditions import Rule


class Used(NamedTuple):
    """For each test, with its side, and for each rule, the columns in which some route uses it."""

    tests: dict[tuple[Atom, int], int]
    rules: dict[str, int]


def used(program: Program, planes: Sequence[Plane], node: int, columns: int) -> Used:
    """What the routes to a node's mark for use, in some columns: of `Provenance.used` the tests and rules, all at once.
    """
    masks, agenda = {(node, FOR): planes[node][FOR] & columns}, [(-node, FOR)]
    used = Used({}, {})
    while agenda:  # what a node rests on stands before it, so the last is looked at first
        last, side = heappop(agenda)
        at, here = program.nodes[-last], masks[-last, side]
        if isinstance(at.origin, Atom):
            used.tests[at.origin, side] = used.tests.get((at.origin, side), 0) | here
        elif isinstance(at.origin, Rule) and at.op is Op.UNLESS:
            used.rules[at.origin.id] = used.rules.get(at.origin.id, 0) | here
        for (below, of), plane in _below(at, side, here, planes):
            known = masks.get((below, of), 0)
            if plane and not known:
                heappush(agenda, (-below, of))
            masks[below, of] = known | plane
    return used


def _below(node: Node, side: int, here: int, planes: Sequence[Plane]) -> Iterator[tuple[Mark, int]]:
    """Which marks of its arguments a node's mark rests on, each with the columns: the same table as `made_of`."""
    match node.op:
        case Op.ATOM:
            return
        case Op.NOT:
            yield Mark(node.args[0], 1 - side), here
        case Op.JUDGED:
            yield from ((Mark(node.args[0], either), here & planes[node.args[0]][either]) for either in (FOR, AGAINST))
        case Op.UNLESS:
            yield from _rule(node, side, here, planes)
        case Op.HEAD if side == AGAINST:
            every = reduce(and_, (planes[arg][AGAINST] for arg in node.args[:node.k]), here if node.k else 0)
            yield from ((Mark(arg, AGAINST), every) for arg in node.args[:node.k])
            yield from ((Mark(arg), here & planes[arg][FOR]) for arg in node.args[node.k:])
        case Op.HEAD:
            yield from ((Mark(arg), here & planes[arg][FOR]) for arg in node.args[:node.k])
        case _:
            yield from ((Mark(arg, side), here & planes[arg][side]) for arg in node.args)


def _rule(node: Node, side: int, here: int, planes: Sequence[Plane]) -> Iterator[tuple[Mark, int]]:
    """A rule rests on its body; against, also on the exceptions that are shown where its body holds."""
    body, *exceptions = node.args
    stopped = here & planes[body][FOR] & reduce(or_, (planes[arg][FOR] for arg in exceptions), 0)
    yield Mark(body, side), here & planes[body][side]
    if side == AGAINST:
        yield Mark(body), stopped
        yield from ((Mark(arg), stopped & planes[arg][FOR]) for arg in exceptions)
