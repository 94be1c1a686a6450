"""Combinations of evidence that were come upon before: what one of them shows is so, and need not be sought again.

They are kept by the tests that they mark and not under a hash: each is held against the rules and laws of today, and
what it does not show is asked anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from engine.bits import NOTHING, Plane, evaluate, step
from engine.meaning import solving
from engine.meaning.answers import Answers, Ground, answers, cone
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.findings import Mark
from engine.meaning.laws import PAIR, Laws, allowed, mark_against, mark_for, marks_of, point_of
from engine.meaning.solving import Whole
from engine.meaning.tables import lawful
from engine.program import Atom, Op, Program
from kb.keeping import Keep

MOST = 1_500
"""How many combinations are kept (shipped rules: some seven hundred)."""

AT_ONCE = 6
"""So many questions are put to the solver beside one, in the hope that one combination shows them all."""


class Kept(NamedTuple):
    """Combinations as columns: for each test that was looked at, in which it is met, and in which it is not.

    `lawful`: the columns that broke no law. `under`: what these laws rest on, where that is known.
    """

    columns: int = 0
    marks: tuple[tuple[Atom, int, int], ...] = ()
    lawful: int = 0
    under: bytes = b""


class Examples:
    """What is known of a program: the columns of earlier combinations that are possible still, and new ones.

    Under the same laws as before (`under`) only those of tests that are new are looked at.
    """

    def __init__(self, program: Program, laws: Laws, kept: Kept, under: bytes = b"") -> None:
        self.laws, self.kept, self.under = laws, kept, under
        self.full = (1 << kept.columns) - 1
        known = {atom: (for_, against) for atom, for_, against in kept.marks}
        fresh = [point for point, atom in enumerate(laws.points) if atom not in known]
        known |= _of_fresh([laws.points[point] for point in fresh], known)
        self.planes = dict(zip(marks_of(range(len(laws.points))), chain.from_iterable(
            map(known.__getitem__, laws.points)), strict=True))
        self.possible = self._lawful(fresh) if kept.columns else 0
        atoms = [known[atom] if not fresh else (self.planes[mark_for(p)], self.planes[mark_against(p)])
                 for p, (atom, _) in enumerate(program.atoms)]
        self.nodes = evaluate(program, atoms, kept.columns) if self.possible else []
        self.new = dict[frozenset[int], None]()

    def _lawful(self, fresh: Iterable[int]) -> int:
        sure = self.under != b"" and self.under == self.kept.under
        possible = self.kept.lawful if sure else self.full
        groups = {self.laws.groups[point] for point in fresh} if sure else range(len(self.laws.members))
        for group in groups:
            for law in (law for law in self.laws.of(group) if len(law) == PAIR and law[0] < 0 < law[1]):
                self.planes[law[1]] |= self.planes[-law[0]]  # what follows for tests that are new
            possible = lawful(self.planes, self.laws.of(group), possible)
        return possible

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
        return found != 0

    def differ(self, one: int, other: int) -> bool:
        """Whether two nodes have different marks in some earlier combination."""
        return self._differing(one, other) != 0

    def _differing(self, one: int, other: int) -> int:
        if not self.possible:
            return 0
        (for_, against), (other_for, other_against) = self.nodes[one], self.nodes[other]
        return self.possible & (for_ ^ other_for | against ^ other_against)

    def left(self) -> Kept:
        """For the next run: the new ones before the others, of which the oldest go where there are too many."""
        points = self.laws.points
        marks = {mark: self.planes[mark] << len(self.new) for mark in marks_of(range(len(points)))}
        for column, example in enumerate(self.new):
            for mark in example:
                marks[mark] |= 1 << column
        columns = min(MOST, self.kept.columns + len(self.new))
        recent = (1 << columns) - 1
        planes = tuple((atom, marks[mark_for(point)] & recent, marks[mark_against(point)] & recent)
                       for point, atom in enumerate(points))
        possible = self.possible << len(self.new) | (1 << len(self.new)) - 1
        return Kept(columns, planes, possible & recent, self.under)


def _of_fresh(atoms: Sequence[Atom], known: Mapping[Atom, Plane]) -> dict[Atom, Plane]:
    """The planes of tests that are new: as those of one that was like it."""
    like = {_like(atom): plane for atom, plane in known.items()} if atoms else {}
    return {atom: like.get(_like(atom), NOTHING) for atom in atoms}


def _like(atom: Atom) -> object:
    """What a test shares with another that differs from it in its threshold."""
    return tuple((test.indicator, test.comparator, test.of) for test in atom.tests), atom.context, atom.corroboration


class Outline:
    """The program as if a signature could say anything: what is never so there is never so whatever its signs are."""

    def __init__(self, program: Program, ground: Ground, keep: Keep) -> None:
        circuit = Circuit(ground.circuit.points)
        self.wires, self.keep = Wires(program, circuit, free=("signature",)), keep
        self.ground = Ground(circuit, ground.laws, ground.vocabulary)

    @cached_property
    def whole(self) -> Whole:
        """A solver of what is asked there."""
        return Whole(self.ground.circuit, self.ground.laws)

    def alike(self, one: int, other: int) -> bool:
        """Whether two nodes have the same marks there, which is soon found out."""
        literal = self.ground.circuit.changed(self.wires[one], self.wires[other])

        def never() -> bool:
            try:
                return self.whole.example([literal]) is None
            except solving.Undecided:
                return False
        return literal == -self.ground.circuit.true or self.keep((b"never", self.ground.name([literal])), never)


class Asking:
    """Answers about nodes of a program and literals of its circuit: shown by an example, kept, or worked out.

    `expected`: literals that are to be asked one by one, in groups. All of them are put to one solver, which asks no
    more than once what a combination shows on the way; where there is none, those of a group share a table.
    """

    def __init__(self, wires: Wires, ground: Ground, examples: Examples, keep: Keep) -> None:
        self.wires, self.ground, self.examples, self.keep = wires, ground, examples, keep
        self.expected: Iterable[Sequence[int]] = ()
        self.shown = set[int]()
        self.tables: dict[tuple[int, ...], Answers] = {}

    @cached_property
    def group_of(self) -> dict[int, tuple[int, ...]]:
        """Each literal that is expected, with its group."""
        return {literal: tuple(group) for group in self.expected for literal in group}

    @cached_property
    def open(self) -> dict[int, None]:
        """What is asked beside something else; nothing, where earlier combinations show nearly all."""
        return {} if self.examples.possible else dict.fromkeys(self.group_of)

    @cached_property
    def whole(self) -> Whole:
        """A solver of everything that is asked."""
        whole = Whole(self.ground.circuit, self.ground.laws)
        whole.add(self.open)
        return whole

    @cached_property
    def outline(self) -> Outline:
        """What is so whatever the signatures say."""
        return Outline(self.wires.program, self.ground, self.keep)

    def some(self, there: Sequence[int], absent: Sequence[int] = ()) -> bool:
        """Whether some combination gives each of some nodes a mark for, and none of the others. Raises Undecided."""
        return self.examples.some(there, absent) or self.ever(
            [*(self.wires[node].for_ for node in there), *(-self.wires[node].for_ for node in absent)])

    def differ(self, one: int, other: int) -> bool:
        """Whether some combination gives two nodes different marks. Raises Undecided."""
        if self.examples.differ(one, other):
            return True
        if self.examples.possible and solving.available() and self.outline.alike(one, other):
            return False
        return self.ever([self.changed(one, other)])

    def changed(self, one: int, other: int) -> int:
        """The literal that holds where two nodes have different marks."""
        return self.ground.circuit.changed(self.wires[one], self.wires[other])

    def ever(self, wanted: Sequence[int], about: Sequence[int] = ()) -> bool:
        """Whether all these literals hold in some combination of evidence; `about`: what has to be looked at for that.

        Raises Undecided.
        """
        if -self.ground.circuit.true in wanted:
            return False
        if len(wanted) == 1 and wanted[0] in self.shown:
            return True
        return self.keep((b"ever", self.ground.name(wanted)), lambda: self._found(wanted, about))

    def smallest(self, wanted: Sequence[int], about: Sequence[int] = ()) -> tuple[Mark, ...]:
        """The smallest combination in which they hold, asked before all else. Raises Undecided."""
        around = self.ground.name(about or wanted)
        return self.keep((b"smallest", around, self.ground.name(wanted)), lambda: tuple(
            Mark(self.ground.laws.points[point_of(mark)], mark % 2 == 1)
            for mark in sorted(answers(cone(self.ground, about or wanted)).smallest(wanted), key=self._words)))

    def _words(self, mark: int) -> bytes:
        return self.ground.said[mark][1]

    def _found(self, wanted: Sequence[int], about: Sequence[int]) -> bool:
        if solving.available():
            found = self._solved(wanted)
        else:
            found = self._table(wanted, about).example(wanted)
            if found is not None:
                self.examples.add(found)
        return found is not None

    def _solved(self, wanted: Sequence[int]) -> frozenset[int] | None:
        """A combination in which they hold, and what it shows of all that is still to be asked."""
        found = self.whole.example(wanted, list(self.open)[::1 + len(self.open) // AT_ONCE])
        if found is not None:
            self.examples.new[found] = None  # it breaks no law: the solver has all of what it marks
            self.shown |= self.open.keys() & self.whole.model
            self.open = {literal: None for literal in self.open if literal not in self.shown}
        return found

    def _table(self, wanted: Sequence[int], about: Sequence[int]) -> Answers:
        group = tuple(about) or self.group_of.get(wanted[0], tuple(wanted))
        if group not in self.tables:
            self.tables[group] = answers(cone(self.ground, group))
        return self.tables[group]
