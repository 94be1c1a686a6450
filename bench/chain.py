"""The rules of a program over given marks, as every engine of the comparison gets them.

Boolean inputs, one per mark of a test that some case has; definitions, each mark from others; and the marks asked for.
The definitions are those that `engine.clauses` makes for durable-rules: equal marks are one, and what no case can reach
is left out. It is the shortest form of the rules that there is here, and it is given to all.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from engine.bits import NOTHING, Plane, evaluate_all
from engine.clauses import FALSE, TRUE, Body, Mark, translate
from engine.program import NOW, Program
from engine.signs import told_apart

Readings = tuple[list[Plane], list[Plane]]


class Chain(NamedTuple):
    """A program over so many cases in two readings: case i of the second reading is row `cases` + i.

    `possible`: the marks of the atoms in all cases that the definitions are made for. `given`: planes by mark;
    `definitions`: in order, some body of each has to hold; an assumption is that another mark does not. `wanted`: the
    marks asked for, with the node and side of each.
    """

    program: Program
    possible: list[Plane]
    cases: int
    readings: Readings
    given: dict[Mark, int]
    definitions: dict[Mark, tuple[Body, ...]]
    assumptions: dict[Mark, Mark]
    wanted: dict[Mark, tuple[int, int]]

    @property
    def rows(self) -> int:
        """Cases in both readings."""
        return 2 * self.cases

    @property
    def both(self) -> list[Plane]:
        """The marks of the atoms, one reading above the other."""
        return above(self.readings, self.cases)

    @property
    def heads(self) -> list[int]:
        """The nodes of the signatures and conclusions at every level, as asked now."""
        return sorted(node for head, node in self.program.heads.items() if head.context == NOW)

    def ours(self) -> list[list[Plane]]:
        """What the evaluator gives of the heads."""
        return evaluate_all(self.program, self.readings, self.cases, self.heads)

    def answers(self) -> dict[Mark, int]:
        """The planes of the marks asked for, as the evaluator gives them."""
        first, second = (dict(zip(self.heads, planes, strict=True)) for planes in self.ours())
        return {mark: first[node][side] | second[node][side] << self.cases
                for mark, (node, side) in self.wanted.items()}

    def row(self, row: int) -> list[Mark]:
        """The marks given in one row."""
        return [mark for mark, plane in self.given.items() if plane >> row & 1]

    def only(self, cases: int) -> Chain:
        """The first cases of it."""
        low = (1 << cases) - 1
        cut: list[list[Plane]] = [[(f & low, a & low) for f, a in atoms] for atoms in self.readings]
        return chain_of(self.program, (cut[0], cut[1]), cases, self.possible)


def above(readings: Readings, cases: int) -> list[Plane]:
    """Two readings as one of twice the width."""
    return [(f | f2 << cases, a | a2 << cases) for (f, a), (f2, a2) in zip(*readings, strict=True)]


def chain_of(program: Program, readings: Readings, cases: int, possible: list[Plane] | None = None) -> Chain:
    """The program over these marks, ready for every engine; `possible`: other marks that it must be ready for."""
    both = above(readings, cases)
    made = translate(program, possible or both)
    given = {made.root[2 * node + side]: plane[side] for (_, node), plane in zip(program.atoms, both, strict=True)
             for side in (0, 1) if made.root[2 * node + side] not in (TRUE, FALSE)}
    bodies: dict[Mark, list[Body]] = {}
    for clause in made.clauses:
        for head in clause.heads:
            bodies.setdefault(head, []).append(clause.body)
    assumed = {fact: exception for pairs in made.assumptions for exception, fact in pairs}
    heads = sorted(node for head, node in program.heads.items() if head.context == NOW)
    wanted = {made.root[2 * node + side]: (node, side) for node in heads for side in (0, 1)
              if made.root[2 * node + side] not in (TRUE, FALSE)}
    order = ordered(wanted, bodies, assumed)
    return Chain(program, possible or both, cases, readings, given, {m: tuple(bodies[m]) for m in order if m in bodies},
                 {m: assumed[m] for m in order if m in assumed}, wanted)


def shared(readings: Readings, cases: int) -> Readings:
    """The same, equal planes as one object, as a screen makes them: what is read from a file has lost that."""
    different, places = told_apart((plane for atoms in readings for pair in atoms for plane in pair), cases)
    place = iter(places)
    first, second = ([(different[next(place)], different[next(place)]) for _ in atoms] for atoms in readings)
    return first, second


def ordered(wanted: Mapping[Mark, object], bodies: Mapping[Mark, Sequence[Body]], assumed: Mapping[Mark, Mark],
            ) -> list[Mark]:
    """Every mark that those wanted are made of, each after those that it is made of itself."""
    found: dict[Mark, None] = {}

    def visit(mark: Mark) -> None:
        if mark not in found:
            below = [assumed[mark]] if mark in assumed else [one for body in bodies.get(mark, ()) for one in body]
            for one in below:
                visit(one)
            found[mark] = None
    for mark in wanted:
        visit(mark)
    return list(found)


def repeated(readings: Readings, cases: int, times: int) -> Readings:
    """The same cases over and over."""
    comb = reduce(or_, (1 << cases * turn for turn in range(times)))
    made: dict[int, int] = {}

    def again(plane: int) -> int:
        if plane not in made:
            made[plane] = plane * comb
        return made[plane]
    first, second = ([(again(f), again(a)) for f, a in atoms] for atoms in readings)
    return first, second


def disputed(program: Program, atoms: Sequence[Plane], cases: int, seed: int = 1) -> Readings:
    """Two readings of marks in which sources disagree about some tests in one case of 128: there the marks swap."""
    rng, second = random.Random(seed), list(atoms)
    for group in program.groups:
        mask = reduce(and_, (rng.getrandbits(cases) for _ in range(7)))
        for place in group.places:
            for_, against = atoms[place]
            swap = (for_ ^ against) & mask
            second[place] = for_ ^ swap, against ^ swap
    return list(atoms), second


def at_random(program: Program, cases: int, live: int, seed: int = 1) -> Readings:
    """Marks at random, other ones in either reading, for so many looks at a test; none for the rest."""
    rng, found = random.Random(seed), []
    for _ in range(2):
        atoms = [NOTHING] * len(program.atoms)
        for place in random.Random(seed).sample(range(len(atoms)), live):
            for_ = rng.getrandbits(cases) & rng.getrandbits(cases)
            against = rng.getrandbits(cases)
            atoms[place] = for_, against ^ against & for_
        found.append(atoms)
    return found[0], found[1]
