"""Many suppositions at once: each set of alternatives is one column of a single wide evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from engine.assess import Assessment, Model
from engine.bits import Plane, evaluate
from engine.evidence import Evidence, Verdict, in_order
from engine.planes import READINGS, Column, Looking
from engine.program import Atom, Group, Node, Program
from kb.conditions import Test
from kb.dossier import Observation

Set = tuple[int, ...]
"""The places of some alternatives, ascending, no two of one indicator."""
Asked = tuple[Test, int]
"""A test, and how many months earlier it is looked at."""
Effect = dict[int, Plane]
"""By atom (its place among the cone's atoms): its marks, bit 0 in the first reading and bit 1 in the second."""


class Changed(Protocol):
    """One indicator on which something else would be held: all the `evidence` of it."""

    @property
    def indicator(self) -> str: ...

    @property
    def evidence(self) -> tuple[Observation, ...]: ...


class Cone(NamedTuple):
    """What some nodes rest on, as a program of its own; `nodes`: where each of its nodes stands in the whole."""

    program: Program
    nodes: tuple[int, ...]


def cone(program: Program, tops: Iterable[int]) -> Cone:
    """Everything below (and with) these nodes, in the same order."""
    stack, seen = list(tops), set[int]()
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack += program.nodes[at].args
    kept = sorted(seen)
    place = {old: new for new, old in enumerate(kept)}
    nodes = tuple(_moved(program.nodes[old], place) for old in kept)
    atoms = [at for at, (_, old) in enumerate(program.atoms) if old in place]
    rank = {at: new for new, at in enumerate(sorted(atoms, key=program.by_words.__getitem__))}
    return Cone(Program(nodes, tuple((program.atoms[at][0], place[program.atoms[at][1]]) for at in atoms),
                        {head: place[at] for head, at in program.heads.items() if at in place},
                        {rule: place[at] for rule, at in program.rules.items() if at in place},
                        tuple(_kept(program.groups, {at: new for new, at in enumerate(atoms)})),
                        tuple(rank[at] for at in atoms)), tuple(kept))


def _kept(groups: Iterable[Group], place: dict[int, int]) -> Iterator[Group]:
    """The groups of the atoms that are kept, each with its new place."""
    for group in groups:
        pairs = [(place[old], atom) for old, atom in zip(group.places, group.atoms, strict=True) if old in place]
        if pairs:
            yield group._replace(places=tuple(new for new, _ in pairs), atoms=tuple(atom for _, atom in pairs))


def _moved(node: Node, place: dict[int, int]) -> Node:
    return node._replace(args=tuple(place[arg] for arg in node.args))


class Columns(NamedTuple):
    """The marks of every node of a cone, a column for each set (and its twin in the second reading, where they differ).
    """

    planes: list[Plane]
    width: int
    readings: int

    def present(self, node: int) -> int:
        """The columns in which the node is present, as bits."""
        return self._both(self.planes[node][0] & ~self.planes[node][1])

    def not_found(self, node: int) -> int:
        """The columns in which the node is found not to be so."""
        return self._both(self.planes[node][1] & ~self.planes[node][0])

    def shown(self, node: int) -> int:
        """The columns in which the node is present or contested."""
        for_ = self.planes[node][0]
        return (for_ | for_ >> self.width) & (1 << self.width) - 1

    def model(self, column: int) -> Model:
        """One column, as an assessment's model."""
        return Model(self.planes, column, self.width if self.readings == 2 else 0)

    def _both(self, plane: int) -> int:
        full = (1 << self.width) - 1
        return plane & plane >> self.width & full if self.readings == 2 else plane & full


class Combinations:
    """One assessment's cone, and what each alternative would make of its atoms."""

    def __init__(self, assessment: Assessment, cone: Cone, alternatives: Sequence[Changed]) -> None:
        self.it, self.cone, self.alternatives = assessment, cone, alternatives
        self.base = [assessment.model[cone.nodes[at]] for _, at in cone.program.atoms]
        self.asking: dict[str, dict[Asked, list[int]]] = {}
        for place, (atom, _) in enumerate(cone.program.atoms):
            for test in atom.tests:
                asking = self.asking.setdefault(test.indicator, {})
                asking.setdefault((test, atom.context.shift), []).append(place)
        self.corroborating = {place: {test.indicator for test in atom.tests}
                              for place, (atom, _) in enumerate(cone.program.atoms) if atom.corroboration}
        self.together: dict[Set, Effect] = {}

    @cached_property
    def effects(self) -> list[Effect]:
        """What each alternative alone changes: the atoms whose marks are then others."""
        return [self.effect((place,)) for place in range(len(self.alternatives))]

    def effect(self, some: Set) -> Effect:
        """The atoms that look at what these alternatives change, where their marks are then others than now."""
        if some not in self.together:
            alone = len(some) == 1
            asked = set.intersection(*(self._asked(self.alternatives[at], alone) for at in some))
            looking = self.looking(some) if asked else self.it.looking
            marks = ((place, _marks(looking, self.cone.program.atoms[place][0])) for place in sorted(asked))
            self.together[some] = {place: now for place, now in marks if not alone or now != self.base[place]}
        return self.together[some]

    def _asked(self, one: Changed, moved: bool) -> set[int]:
        """The atoms that look at an indicator; `moved`: only where what is held then says something else of a test."""
        held = Evidence({one.indicator: in_order(one.evidence)}, self.it.looking.column.evidence.vocabulary)
        then, now = Looking(Column(held, self.it.as_at)), self.it.looking
        return {place for (test, shift), places in self.asking.get(one.indicator, {}).items()
                if not moved or _said(then.verdict(test, shift)) != _said(now.verdict(test, shift)) for place in places}

    def looking(self, some: Set) -> Looking:
        """The evidence as it would be with these alternatives, looked at on the same day."""
        chosen = [self.alternatives[place] for place in some]
        evidence = self.it.looking.column.evidence
        changed = {one.indicator: in_order(one.evidence) for one in chosen}
        column = Column(Evidence({**evidence.by_indicator, **changed}, evidence.vocabulary), self.it.as_at)
        return Looking(column, self.it.looking, changed)

    def evaluate(self, sets: Sequence[Set]) -> Columns:
        """Every node of the cone, a column for each set of alternatives."""
        width, chosen = len(sets), self._chosen(sets)
        atoms = self._planes(chosen, width, any(len(some) > 1 for some in sets))
        split = any((plane ^ plane >> width) & (1 << width) - 1 for marks in atoms for plane in marks)
        if not split:
            atoms = [(for_ & (1 << width) - 1, against & (1 << width) - 1) for for_, against in atoms]
        readings = 2 if split else 1
        return Columns(evaluate(self.cone.program, atoms, readings * width), width, readings)

    def _chosen(self, sets: Sequence[Set]) -> dict[int, int]:
        """The columns in which each alternative is, as bits."""
        rows: dict[int, bytearray] = {}
        for column, some in enumerate(sets):
            byte, bit = column >> 3, 1 << (column & 7)
            for place in some:
                if place not in rows:
                    rows[place] = bytearray(len(sets) // 8 + 1)
                rows[place][byte] |= bit
        return {place: int.from_bytes(row, "little") for place, row in sorted(rows.items())}

    def _planes(self, chosen: dict[int, int], width: int, joined: bool) -> list[Plane]:
        """Every atom's marks: as they are, and in its columns as each alternative has them."""
        full = (1 << width) - 1
        spread = {mark: (full if mark & 1 else 0) | (full << width if mark & 2 else 0) for mark in range(4)}
        planes = [(spread[for_], spread[against]) for for_, against in self.base]
        for place, columns in chosen.items():
            for at, marks in self.effect((place,)).items():
                planes[at] = _replaced(planes[at], marks, columns, width)
        for at in self.corroborating if joined else ():
            for some, columns in self._together(at, chosen):
                planes[at] = _replaced(planes[at], self.effect(some)[at], columns, width)
        return planes

    def _together(self, at: int, chosen: dict[int, int]) -> Iterator[tuple[Set, int]]:
        """The sets of two or more alternatives that one atom looks at together, the smallest first, with their columns.
        """
        alone = [(place,) for place in chosen if self.alternatives[place].indicator in self.corroborating[at]]
        found: dict[Set, int] = {some: chosen[some[0]] for some in alone}
        while found:
            grown = {(*some, place): columns & chosen[place] for some, columns in found.items()
                     for place, in alone if place > some[-1]}
            found = {some: columns for some, columns in grown.items() if columns}
            yield from found.items()


def _replaced(plane: Plane, marks: Plane, columns: int, width: int) -> Plane:
    """A plane with other marks in some columns, in both readings."""
    both = columns | columns << width
    for_, against = ((columns if mark & 1 else 0) | (columns << width if mark & 2 else 0) for mark in marks)
    return plane[0] & ~both | for_, plane[1] & ~both | against


def _said(verdict: Verdict) -> tuple[list[object], ...]:
    """All that marks can depend on: what stands on each side, from when, of what kind, and in which document."""
    return tuple([(o.about, o.kind, o.citation.source.id) for o in side]
                 for side in (verdict.for_by, verdict.against_by))


def _marks(looking: Looking, atom: Atom) -> Plane:
    """An atom's marks, bit 0 in the first reading and bit 1 in the second."""
    first = second = looking.marks(atom, READINGS[0])
    if any(looking.verdict(test, atom.context.shift).disputed for test in atom.tests):
        second = looking.marks(atom, READINGS[1])
    return first[0] | second[0] << 1, first[1] | second[1] << 1
