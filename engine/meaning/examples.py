"""Combinations of evidence that were come upon before: what one of them shows is so, and need not be sought again.

They are kept by the tests that they mark and not under a hash: each is held against the rules and laws of today, and
what it does not show is asked anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from engine.meaning.circuit import Circuit
from engine.meaning.cones import Answers, Cone, Ground, answers, cone
from engine.meaning.findings import Mark
from engine.meaning.laws import Laws, mark_against, mark_for, marks_of, point_of
from engine.meaning.tables import fill, lawful
from engine.program import Atom
from kb.keeping import Keep

MOST = 1_500
"""How many combinations are kept (shipped rules: some seven hundred)."""


class Kept(NamedTuple):
    """Combinations as columns: for each test that any of them marks, in which it is met, and in which it is not."""

    columns: int = 0
    marks: tuple[tuple[Atom, int, int], ...] = ()


class Examples:
    """What is known of a circuit: the columns of earlier combinations that are possible still, and new ones."""

    def __init__(self, circuit: Circuit, laws: Laws, kept: Kept) -> None:
        self.points, self.kept = laws.points, kept
        full = (1 << kept.columns) - 1
        self.planes = {circuit.true: full} | _marked(laws, kept)
        for law in (law for law in laws.clauses if full and len(law) == 2 and law[0] < 0 < law[1]):
            self.planes[law[1]] |= self.planes[-law[0]]  # what follows for tests that are new
        if full:
            fill(self.planes, ((gate, key) for key, gate in circuit.gates.items()), full)
        self.possible = lawful(self.planes, laws.clauses if full else (), full)
        self.new = dict[frozenset[int], None]()

    def show(self, wanted: Sequence[int]) -> bool:
        """Whether some earlier combination has all these literals."""
        found = self.possible
        for literal in wanted if found else ():
            found &= self.planes[literal] if literal > 0 else ~self.planes[-literal]
        return found != 0

    def left(self) -> Kept:
        """For the next run: the new ones before the others, of which the oldest go where there are too many."""
        marks = {mark: self.planes[mark] << len(self.new) for mark in marks_of(range(len(self.points)))}
        for column, example in enumerate(self.new):
            for mark in example:
                marks[mark] |= 1 << column
        columns = min(MOST, self.kept.columns + len(self.new))
        recent = (1 << columns) - 1
        planes = ((atom, marks[mark_for(point)] & recent, marks[mark_against(point)] & recent)
                  for point, atom in enumerate(self.points))
        return Kept(columns, tuple(some for some in planes if some[1] or some[2]))


def _marked(laws: Laws, kept: Kept) -> dict[int, int]:
    """The planes of all marks: as they were, or where a test is new as those of one that was like it."""
    known = {atom: planes for atom, *planes in kept.marks}
    like = {_like(atom): planes for atom, planes in known.items()}
    planes: dict[int, int] = {}
    for point, atom in enumerate(laws.points):
        planes[mark_for(point)], planes[mark_against(point)] = known.get(atom) or like.get(_like(atom)) or (0, 0)
    return planes


def _like(atom: Atom) -> object:
    """What a test shares with another that differs from it in its threshold."""
    return tuple((test.indicator, test.comparator, test.of) for test in atom.tests), atom.context, atom.corroboration


class Asking:
    """Answers about the cone of some literals: shown by an example, kept of the very same cone, or worked out."""

    def __init__(self, ground: Ground, literals: Iterable[int], examples: Examples, keep: Keep) -> None:
        self.ground, self.literals, self.examples, self.keep = ground, tuple(literals), examples, keep

    @cached_property
    def cone(self) -> Cone:
        """What the literals rest on."""
        return cone(self.ground, self.literals)

    @cached_property
    def answers(self) -> Answers:
        """Answers that are worked out. Raises solving.Undecided."""
        return answers(self.cone)

    def ever(self, wanted: Sequence[int]) -> bool:
        """Whether all these literals hold in some combination of evidence. Raises solving.Undecided."""
        return self.examples.show(wanted) or self.keep(self._name(b"ever", wanted), lambda: self._found(wanted))

    def smallest(self, wanted: Sequence[int]) -> tuple[Mark, ...]:
        """The smallest combination in which they hold, asked before all else. Raises solving.Undecided."""
        return self.keep(self._name(b"smallest", wanted), lambda: tuple(
            Mark(self.ground.laws.points[point_of(mark)], mark % 2 == 1)
            for mark in sorted(answers(self.cone).smallest(wanted), key=self._words)))

    def _words(self, mark: int) -> bytes:
        return self.ground.said[mark][1]

    def _name(self, question: bytes, wanted: Sequence[int]) -> Iterator[bytes]:
        yield from (question, self.ground.name(self.literals), self.ground.name(wanted))

    def _found(self, wanted: Sequence[int]) -> bool:
        found = self.answers.example(wanted)
        if found is not None:
            self.examples.new[found] = None
        return found is not None
