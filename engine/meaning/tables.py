"""Every combination of the marks of some points as bit planes: column i is one of all there can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from engine.meaning.laws import PAIR, Clause, mark_against, mark_for, marks_of, point_of

if TYPE_CHECKING:
    from engine.meaning.answers import Cone

FEWEST = 3
"""A test has three states at least: met, not met, not known."""
State = tuple[int, ...]
"""The marks of one combination of a few points."""


class States(NamedTuple):
    """Points that laws bind to one another, each group with its possible states; laws that bind more than two marks."""

    groups: tuple[tuple[State, ...], ...]
    width: int
    across: tuple[Clause, ...]


class Table(NamedTuple):
    """A plane for every literal of a cone, over every combination; `possible`: those that break no law."""

    planes: dict[int, int]
    cone: Cone
    possible: int

    def where(self, wanted: Iterable[int]) -> int:
        """The columns in which all these literals hold; a mark of which the cone knows nothing is not there."""
        found = self.possible
        for literal in wanted:
            plane = self.planes.get(abs(literal), 0)
            found &= plane if literal > 0 else ~plane
        return found

    def ever(self, wanted: Sequence[int]) -> bool:
        """Whether all these literals hold in some combination."""
        return self.where(wanted) != 0

    def example(self, wanted: Sequence[int]) -> frozenset[int] | None:
        """The marks of the first combination in which all these literals hold."""
        column = self.where(wanted)
        return self._marks(column) if column else None

    def smallest(self, wanted: Sequence[int]) -> frozenset[int]:
        """The marks of a combination in which they hold with as few tests marked as can be, the first of several."""
        usual = self.where([*wanted, *(-mark for mark in self.cone.unusual)])
        fewest = [usual or self.where(wanted)]
        if not fewest[0]:
            raise ValueError("there is no such combination")
        for subject in self.cone.subjects:
            marked = reduce(or_, (self.planes[mark] for mark in marks_of(subject)))
            one_more = zip([*fewest, 0], [0, *fewest], strict=True)
            fewest = [plane & ~marked | before & marked for plane, before in one_more]
        found = next(plane for plane in fewest if plane)
        for mark in self.cone.last_first:
            found = found & ~self.planes[mark] or found
        return self._marks(found)

    def _marks(self, column: int) -> frozenset[int]:
        """The marks of the first of some columns."""
        bit = (column & -column).bit_length() - 1
        return frozenset(mark for mark in marks_of(self.cone.points) if self.planes[mark] >> bit & 1)


def states_of(cone: Cone, widest: int) -> States | None:
    """The states of each group of points; None where there are more than `widest` combinations in all."""
    if FEWEST ** len(cone.groups) > widest:
        return None
    binary: dict[int, list[Clause]] = {}
    for law in (law for law in cone.laws if len(law) == PAIR):
        for point in {point_of(literal) for literal in law}:
            binary.setdefault(point, []).append(law)
    groups, width = [], 1
    for place, members in enumerate(cone.groups, 1):
        at_least = width * FEWEST ** (len(cone.groups) - place)  # whatever the states of the groups that come after
        states = _states(members, binary, widest // at_least)
        if states is None:
            return None
        groups.append(states)
        width *= len(states)
    return States(tuple(groups), width, tuple(law for law in cone.laws if len(law) > PAIR))


def _states(members: Sequence[int], binary: dict[int, list[Clause]], most: int) -> tuple[State, ...] | None:
    """Every combination of the members' marks that breaks no law between two of them."""
    states: list[State] = [()]
    settled: set[int] = set()
    for point in members:
        settled.add(point)
        laws = [law for law in binary.get(point, ()) if settled.issuperset(map(point_of, law))]
        states = [(*state, *marks) for state in states for marks in ((), (mark_for(point),), (mark_against(point),))
                  if all(_kept(law, (*state, *marks)) for law in laws)]
        if len(states) > most:
            return None
    return tuple(states)


def _kept(law: Clause, state: State) -> bool:
    return any((literal > 0) == (abs(literal) in state) for literal in law)


def table_of(states: States, cone: Cone) -> Table:
    """The planes of a cone's marks and gates over every combination of its points' states."""
    full = (1 << states.width) - 1
    planes = {cone.true: full, **dict.fromkeys(marks_of(cone.points), 0)}
    stride = 1
    for group in states.groups:
        often = states.width // (stride * len(group))
        repeated = full // ((1 << stride * len(group)) - 1) if often > 1 else 1
        for place, state in enumerate(group):
            block = ((1 << stride) - 1) << (stride * place)
            for mark in state:
                planes[mark] |= block * repeated
        stride *= len(group)
    fill(planes, cone.gates, full)
    return Table(planes, cone, lawful(planes, states.across, full))


def fill(planes: dict[int, int], gates: Iterable[tuple[int, Clause]], full: int) -> None:
    """Adds the plane of each gate, of which each stands after those that it rests on."""
    for gate, key in gates:
        plane = full
        for literal in key:
            plane &= planes[literal] if literal > 0 else ~planes[-literal]
        planes[gate] = plane


def lawful(planes: dict[int, int], laws: Iterable[Clause], full: int) -> int:
    """The columns that break no law."""
    possible = full
    for law in laws:
        kept = 0
        for literal in law:
            kept |= planes[literal] if literal > 0 else ~planes[-literal]
        possible &= kept
    return possible
