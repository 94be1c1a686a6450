"""Answers about a program: shown by an earlier combination or by one that is built, kept, or worked out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from engine.meaning import solving
from engine.meaning.answers import Answers, Ground, answers, cone
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.examples import Examples
from engine.meaning.findings import Mark
from engine.meaning.laws import point_of
from engine.meaning.solving import Whole
from engine.program import Program
from kb.keeping import Keep

AT_ONCE = 6
"""So many questions are put to the solver beside one, in the hope that one combination shows them all."""
SOON = 500
"""So many conflicts may the solver meet where it may be quicker to look at less than the whole."""


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
        return {} if self.examples.kept.columns else dict.fromkeys(self.group_of)

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
        if solving.available():
            if not self.examples.kept.columns and (soon := self._soon(self.changed(one, other))) is not None:
                return soon
            if self.outline.alike(one, other):
                return False
        return self.ever([self.changed(one, other)])

    def _soon(self, literal: int) -> bool | None:
        """Whether a literal ever holds, where the solver soon finds out."""
        try:
            return literal in self.shown or (literal != -self.ground.circuit.true
                                             and self._solved([literal], SOON) is not None)
        except solving.Undecided:
            return None

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
        def found() -> tuple[Mark, ...]:
            part = cone(self.ground, about or wanted)
            marks = answers(part).smallest(wanted)
            return tuple(Mark(self.ground.laws.points[point_of(mark)], mark % 2 == 1)
                         for mark in reversed(part.last_first) if mark in marks)
        return self.keep((b"smallest", self.ground.name(about or wanted), self.ground.name(wanted)), found)

    def _found(self, wanted: Sequence[int], about: Sequence[int]) -> bool:
        if solving.available():
            found = self._solved(wanted)
        else:
            found = self._table(wanted, about).example(wanted)
            if found is not None:
                self.examples.add(found)
        return found is not None

    def _solved(self, wanted: Sequence[int], effort: int = solving.EFFORT) -> frozenset[int] | None:
        """A combination in which they hold, and what it shows of all that is still to be asked. Raises Undecided."""
        found = self.whole.example(wanted, list(self.open)[::1 + len(self.open) // AT_ONCE], effort)
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
