"""The evaluator: the flat program on bit planes, one pair of integers per node, bit i is case i."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar, assert_never

from engine.program import Node, Op, Program
from engine.signs import Sheet, Sign

Plane = tuple[int, int]
Marks = TypeVar("Marks", int, Sign)
"""What stands for the columns in which a mark is: an integer, or its sign."""
NOTHING: Plane = (0, 0)
"""The marks of a node of which nothing is known in any column: most of them, where few facts are given."""


class Forced(NamedTuple):
    """In some columns of a node, the marks it is to have whatever is worked out: none, unless they are said."""

    columns: int
    for_: int = 0
    against: int = 0


WIDE = 1 << 14
"""From so many columns on it is worth while to find out first what need not be worked out (about 5 ms)."""


def evaluate(program: Program, atoms: Sequence[Plane], width: int, without: Mapping[int, int] | None = None,
             forced: Mapping[int, Forced] | None = None) -> list[Plane]:
    """The (for, against) planes of every node, in program order.

    `atoms`: one pair of `width`-bit integers per `program.atoms`, in that order. `without`: for some nodes, the columns
    in which they are left without marks (what would be, if this were not known?). `forced`: for some nodes, the marks
    given them (what would be, if this were so?). Nothing is mutated.
    Kleene's strong three-valued logic on pairs of marks; exceptions by negation as failure, stratified.
    """
    asked = {node: Forced(columns) for node, columns in (without or {}).items()} | dict(forced or {})
    if width < WIDE or asked:
        given = {node: partial(settled, forced=one) for node, one in asked.items()}
        return _marked(program, atoms, (1 << width) - 1, given)
    return evaluate_all(program, [atoms], width)[0]


def evaluate_all(program: Program, readings: Sequence[Sequence[Plane]], width: int,
                 wanted: Sequence[int] | None = None) -> list[list[Plane]]:
    """The same in each of several readings of the atoms, by way of signs: what is the same is worked out once.

    Planes that are the same in every column, in one reading or in two, are one object. `wanted`: the planes of these
    nodes alone, in this order; what none of them needs is not worked out, and nothing is kept longer than needed.
    """
    sheet = Sheet((plane for atoms in readings for pair in atoms for plane in pair), width)
    found: list[list[tuple[Sign, Sign]]] = []
    for place, atoms in enumerate(readings):
        signs = [(sheet.sign(for_), sheet.sign(against)) for for_, against in atoms]
        found.append(found[-1] if place and atoms == readings[place - 1] else _marked(program, signs, sheet.every, {}))
    asked = found if wanted is None else [[signs[node] for node in wanted] for signs in found]
    planes = sheet.worked_out({sign for signs in asked for pair in signs for sign in pair})
    made = [[(planes[for_.place], planes[against.place]) for for_, against in signs] for signs in asked]
    return [made[found.index(signs)] for signs in found]


def _marked(program: Program, atoms: Sequence[tuple[Marks, Marks]], full: Marks,
            given: Mapping[int, Callable[[tuple[Marks, Marks]], tuple[Marks, Marks]]]) -> list[tuple[Marks, Marks]]:
    """The marks of every node from those of the atoms, and from what is `given` to some in their place."""
    none = full ^ full
    planes = [(none, none)] * len(program.nodes)
    for (_, index), plane in zip(program.atoms, atoms, strict=True):
        planes[index] = plane
    live = {index for _, index in program.atoms if any(planes[index])} | given.keys()
    count, atom = Op.COUNT, Op.ATOM
    for index, node in enumerate(program.nodes):
        if not live.isdisjoint(node.args) or node.op is count or not (node.args or node.op is atom):
            planes[index] = step(node, [planes[a] for a in node.args], full)
            if any(planes[index]):  # nothing follows from nothing: what no fact reaches is passed over
                live.add(index)
        if index in given:
            planes[index] = given[index](planes[index])
    return planes


def settled(plane: Plane, forced: Forced) -> Plane:
    """The marks of a node with those that it is given."""
    columns, for_, against = forced
    return plane[0] & ~columns | for_, plane[1] & ~columns | against


def step(node: Node, args: list[tuple[Marks, Marks]], full: Marks) -> tuple[Marks, Marks]:
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
            return args[0][0] | args[0][1], full ^ full
        case Op.UNLESS:
            return _unless(args[0], args[1:], full)
        case Op.HEAD:
            return _head(args[:node.k], args[node.k:], full)
        case Op.ATOM:
            raise ValueError("an atom has no arguments to compute from")
        case _:
            assert_never(node.op)


def _swap(plane: tuple[Marks, Marks]) -> tuple[Marks, Marks]:
    return plane[1], plane[0]


def _conjunction(args: list[tuple[Marks, Marks]], full: Marks) -> tuple[Marks, Marks]:
    holds, fails = full, full ^ full
    for for_, against in args:
        holds = holds & for_
        fails = fails | against
    return holds, fails


def _unless(body: tuple[Marks, Marks], exceptions: list[tuple[Marks, Marks]], full: Marks) -> tuple[Marks, Marks]:
    shown = full ^ full
    for for_, _ in exceptions:
        shown = shown | for_
    defeated = body[0] & shown
    return body[0] ^ defeated, body[1] | defeated


def _head(for_it: list[tuple[Marks, Marks]], against_it: list[tuple[Marks, Marks]], full: Marks,
          ) -> tuple[Marks, Marks]:
    holds = full ^ full
    fails = full if for_it else holds
    for for_, against in for_it:
        holds = holds | for_
        fails = fails & against
    for for_, _ in against_it:
        fails = fails | for_
    return holds, fails


def at_least(k: int, planes: list[Marks], full: Marks) -> Marks:
    """Where at least k of the planes are set: a fold that keeps one plane per count reached so far."""
    if k <= 0:
        return full
    none = full ^ full
    if k > len(planes):
        return none
    reached = [none] * k
    for plane in planes:
        for i in range(k - 1, 0, -1):
            reached[i] = reached[i] | reached[i - 1] & plane
        reached[0] = reached[0] | plane
    return reached[k - 1]
