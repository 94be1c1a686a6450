"""The evaluator: the flat program on bit planes, one pair of integers per node, bit i is case i."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from engine.program import Node, Op, Program
from engine.signs import Sheet, Sign, Step, told_apart, worked_out

Plane = tuple[int, int]
Marks = TypeVar("Marks", int, Sign)
"""What stands for the columns in which a mark is: an integer, or its sign."""
Pair = tuple[Marks, Marks]
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


def evaluate_further(program: Program, known: Sequence[Plane], atoms: Sequence[Plane], width: int) -> list[Plane]:
    """The same, where the planes of the first nodes are `known`."""
    return _marked(program, atoms, (1 << width) - 1, {}, known)


def evaluate_all(program: Program, readings: Sequence[Sequence[Plane]], width: int,
                 wanted: Sequence[int] | None = None) -> list[list[Plane]]:
    """The same in each of several readings of the atoms, by way of signs: what is the same is worked out once.

    Planes that are the same in every column, in one reading or in two, are one object; so are the planes of readings
    that do not differ. `wanted`: the planes of these nodes alone, in this order; nothing else is then kept.
    """
    given, places = told_apart((plane for atoms in readings for pair in atoms for plane in pair), width)
    asked = range(len(program.nodes)) if wanted is None else wanted
    size = len(places) // len(readings)
    alike = tuple(places[size * turn:size * (turn + 1)] for turn in range(len(readings)))
    plan = _planned(program, alike, len(given), asked)
    planes = worked_out(given, plan.steps)
    made: dict[int, list[Plane]] = {}
    for marks in plan.marks:
        if id(marks) not in made:
            made[id(marks)] = [(planes[for_], planes[against]) for for_, against in marks]
    return [made[id(marks)] for marks in plan.marks]


class Plan(NamedTuple):
    """What is to be done where planes are alike in a certain way: the steps, and where the marks asked for then are."""

    program: Program
    alike: tuple[tuple[int, ...], ...]
    wanted: Sequence[int]
    steps: tuple[Step, ...]
    marks: list[list[tuple[int, int]]]


_plans: list[Plan] = []
"""The last plan: the parts of a large table are mostly alike."""


def _planned(program: Program, alike: tuple[tuple[int, ...], ...], different: int, wanted: Sequence[int]) -> Plan:
    for last in _plans[:]:
        if last.program is program and (last.alike, last.wanted) == (alike, wanted):
            return last
    sheet = Sheet(different)
    found: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for places in alike:
        if places not in found:
            signs = [sheet.signs[place] for place in places]
            nodes = _marked(program, list(zip(signs[::2], signs[1::2], strict=True)), sheet.every, {})
            found[places] = [(for_.place, against.place) for for_, against in (nodes[node] for node in wanted)]
    marks = [found[places] for places in alike]
    steps = sheet.steps(place for some in found.values() for pair in some for place in pair)
    plan = Plan(program, alike, wanted, steps, marks)
    _plans[:] = [plan]
    return plan


def _marked(program: Program, atoms: Sequence[Pair[Marks]], full: Marks,
            given: Mapping[int, Callable[[Pair[Marks]], Pair[Marks]]],
            known: Sequence[Pair[Marks]] = ()) -> list[Pair[Marks]]:
    """The marks of every node from those of the atoms, and from what is `given` to some in their place.

    `known`: those of the first nodes.
    """
    none = full ^ full
    planes = list(known)
    planes += [(none, none)] * (len(program.nodes) - len(known))
    for (_, index), plane in zip(program.atoms, atoms, strict=True):
        planes[index] = plane
    live = {index for _, index in program.atoms if any(planes[index])} | given.keys()
    live |= {index for index, plane in enumerate(known) if any(plane)}
    count, atom = Op.COUNT, Op.ATOM
    for index, node in enumerate(program.nodes[len(known):], len(known)):
        args = node.args
        if not live.isdisjoint(args) or node.op is count or not (args or node.op is atom):
            planes[index] = for_, against = STEPS[node.op]([planes[a] for a in args], node.k, full)
            if for_ or against:  # nothing follows from nothing: what no fact reaches is passed over
                live.add(index)
        if index in given:
            planes[index] = given[index](planes[index])
    return planes


def stretched(mark: int, starts: Sequence[int]) -> int:
    """A mark on wider columns: where each begins, and where the last of them ends."""
    edges, found, sign = mark ^ mark << 1, 0, -1
    while edges:
        lowest = edges & -edges
        found += sign << starts[lowest.bit_length() - 1]
        edges, sign = edges ^ lowest, -sign
    return found


def settled(plane: Plane, forced: Forced) -> Plane:
    """The marks of a node with those that it is given."""
    columns, for_, against = forced
    return plane[0] & ~columns | for_, plane[1] & ~columns | against


def step(node: Node, args: list[Pair[Marks]], full: Marks) -> Pair[Marks]:
    """The marks of one node, no atom, from those of its arguments."""
    return STEPS[node.op](args, node.k, full)


def _all(args: list[Pair[Marks]], _k: int, full: Marks) -> Pair[Marks]:
    holds, fails = full, full ^ full
    for for_, against in args:
        holds = holds & for_
        fails = fails | against
    return holds, fails


def _any(args: list[Pair[Marks]], _k: int, full: Marks) -> Pair[Marks]:
    holds, fails = full ^ full, full
    for for_, against in args:
        holds = holds | for_
        fails = fails & against
    return holds, fails


def _count(args: list[Pair[Marks]], k: int, full: Marks) -> Pair[Marks]:
    return at_least(k, [f for f, _ in args], full), at_least(len(args) - k + 1, [a for _, a in args], full)


def _not(args: list[Pair[Marks]], _k: int, _full: Marks) -> Pair[Marks]:
    for_, against = args[0]
    return against, for_


def _judged(args: list[Pair[Marks]], _k: int, full: Marks) -> Pair[Marks]:
    for_, against = args[0]
    return for_ | against, full ^ full


def _unless(args: list[Pair[Marks]], _k: int, full: Marks) -> Pair[Marks]:
    shown = full ^ full
    for for_, _ in args[1:]:
        shown = shown | for_
    for_, against = args[0]
    defeated = for_ & shown
    return for_ ^ defeated, against | defeated


def _head(args: list[Pair[Marks]], k: int, full: Marks) -> Pair[Marks]:
    none = full ^ full
    holds, fails = _any(args[:k], k, full) if k else (none, none)
    for for_, _ in args[k:]:
        fails = fails | for_
    return holds, fails


STEPS: dict[Op, Callable[..., tuple[Any, Any]]] = {
    Op.ALL: _all, Op.ANY: _any, Op.COUNT: _count, Op.NOT: _not, Op.JUDGED: _judged, Op.UNLESS: _unless, Op.HEAD: _head,
}


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
