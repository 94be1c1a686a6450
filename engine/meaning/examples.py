"""Combinations of evidence that were come upon before: what one of them shows is so, and need not be sought again.

They are kept by the tests that they mark and not under a hash: each is held against the rules and laws of today, and
what it does not show is asked anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from engine.bits import NOTHING, Plane, evaluate, step
from engine.meaning.laws import PAIR, Laws, allowed, mark_against, mark_for, marks_of, point_of
from engine.meaning.tables import lawful
from engine.program import Atom, Op, Program

MOST = 1_500
"""How many combinations are kept, and of how many tests aside (shipped rules: some seven hundred of each)."""


class Kept(NamedTuple):
    """Combinations as columns: for each test that was looked at, in which it is met, and in which it is not.

    `lawful`: the columns that broke no law. `under`: what these laws rest on, where that is known. `aside`: the same
    marks of tests that were looked at by an earlier run only, so that laws of theirs may be broken since.
    """

    columns: int = 0
    marks: tuple[tuple[Atom, int, int], ...] = ()
    lawful: int = 0
    under: bytes = b""
    aside: tuple[tuple[Atom, int, int], ...] = ()


NONE = Kept()


class Examples:
    """What is known of a program: the columns of earlier combinations that are possible still, then `also` others.

    Under the same laws as before (`under`) earlier ones are only held against those of tests that are new.
    """

    def __init__(self, program: Program, laws: Laws, kept: Kept = NONE, also: Kept = NONE, under: bytes = b"") -> None:
        self.laws, self.kept, self.under = laws, kept, under
        width = kept.columns + also.columns
        self.full, self.earlier = (1 << width) - 1, (1 << kept.columns) - 1
        known = {atom: (for_, against) for atom, for_, against in kept.marks}
        fresh = [point for point, atom in enumerate(laws.points) if atom not in known]
        known |= {atom: (for_, against) for atom, for_, against in kept.aside}
        known |= _of_fresh([laws.points[point] for point in fresh if laws.points[point] not in known], known)
        self.planes = dict(zip(marks_of(range(len(laws.points))), chain.from_iterable(
            map(known.__getitem__, laws.points)), strict=True))
        for mark, plane in zip(self.planes, chain.from_iterable(sides for _, *sides in also.marks), strict=False):
            self.planes[mark] |= plane << kept.columns
        self.possible = self._lawful(fresh) if width else 0
        atoms = [(self.planes[mark_for(p)], self.planes[mark_against(p)]) for p in range(len(program.atoms))]
        self.nodes = evaluate(program, atoms, width) if self.possible else []
        self.new, self.used = dict[frozenset[int], None](), set[int]()

    def _lawful(self, fresh: Iterable[int]) -> int:
        """The columns that break no law, each with all that follows from its marks; where none is, no law is broken."""
        sure = self.under != b"" and self.under == self.kept.under
        possible, open_ = (self.kept.lawful | self.full ^ self.earlier, ~self.earlier) if sure else (self.full, -1)
        marked = (p for p in self.laws.groups if any(self.planes[mark] & open_ for mark in marks_of([p])))
        groups = dict.fromkeys(map(self.laws.groups.__getitem__, chain(fresh, marked)))
        laws = [law for group in groups for law in self.laws.of(group)]
        for law in laws:
            if len(law) == PAIR and law[0] < 0 < law[1]:
                self.planes[law[1]] |= self.planes[-law[0]]
        return lawful(self.planes, laws, possible)

    def reach(self, program: Program) -> None:
        """Looks also at what a program has more that was lengthened since; of tests that are new nothing is known."""
        for node in program.nodes[len(self.nodes):] if self.possible else ():
            args = [self.nodes[arg] for arg in node.args]
            self.nodes.append(step(node, args, self.full) if node.op is not Op.ATOM else NOTHING)

    def columns(self, one: int, other: int) -> Iterator[frozenset[int]]:
        """The marks of each earlier combination that gives two nodes different marks."""
        left = self._differing(one, other)
        while left:
            bit = (left & -left).bit_length() - 1
            yield frozenset(mark for mark, plane in self.planes.items() if plane >> bit & 1)
            left &= left - 1

    def add(self, marks: frozenset[int]) -> None:
        """Adds a combination, with all that follows from its marks, where that breaks no law."""
        groups = {self.laws.groups[point_of(mark)] for mark in marks}
        found = marks | {law[1] for group in groups for law in self.laws.of(group)
                         if len(law) == PAIR and law[1] > 0 and -law[0] in marks}
        if allowed(self.laws, found):
            self.new[found] = None

    def some(self, there: Iterable[int], absent: Iterable[int] = ()) -> bool:
        """Whether in some earlier combination each of some nodes has a mark for, and none of the others."""
        found = self.possible
        for node in there if found else ():
            found &= self.nodes[node][0]
        for node in absent if found else ():
            found &= ~self.nodes[node][0]
        return self._is_shown(found)

    def differ(self, one: int, other: int) -> bool:
        """Whether two nodes have different marks in some earlier combination."""
        return self._is_shown(self._differing(one, other))

    def _is_shown(self, columns: int) -> bool:
        if columns:
            self.used.add((columns & -columns).bit_length() - 1)
        return columns != 0

    def _differing(self, one: int, other: int) -> int:
        if not self.possible:
            return 0
        (for_, against), (other_for, other_against) = self.nodes[one], self.nodes[other]
        return self.possible & (for_ ^ other_for | against ^ other_against)

    def left(self) -> Kept:
        """For the next run: what is new and showed something, then the earlier ones, but for the oldest of too many."""
        for bit in sorted(self.used - set(range(self.kept.columns))):
            self.new[frozenset(mark for mark, plane in self.planes.items() if plane >> bit & 1)] = None
        points, new = self.laws.points, len(self.new)
        marks = {mark: (self.planes[mark] & self.earlier) << new for mark in marks_of(range(len(points)))}
        for column, example in enumerate(self.new):
            for mark in example:
                marks[mark] |= 1 << column
        columns = min(MOST, self.kept.columns + new)
        recent, looked_at = (1 << columns) - 1, set(points)
        planes = tuple((atom, marks[mark_for(point)] & recent, marks[mark_against(point)] & recent)
                       for point, atom in enumerate(points))
        possible = (self.possible & self.earlier) << new | (1 << new) - 1
        aside = tuple((atom, for_ << new & recent, against << new & recent)
                      for atom, for_, against in (*self.kept.marks, *self.kept.aside) if atom not in looked_at)
        return Kept(columns, planes, possible & recent, self.under, aside[:MOST])


def _of_fresh(atoms: Sequence[Atom], known: Mapping[Atom, Plane]) -> dict[Atom, Plane]:
    """The planes of tests that are new: as those of one that was like it."""
    like = {_like(atom): plane for atom, plane in known.items()} if atoms else {}
    return {atom: like.get(_like(atom), NOTHING) for atom in atoms}


def _like(atom: Atom) -> object:
    """What a test shares with another that differs from it in its threshold."""
    return tuple((test.indicator, test.comparator, test.of) for test in atom.tests), atom.context, atom.corroboration
