"""Planes by sign: what an evaluation makes of which planes, before any of them is worked out.

The evaluator (`engine.bits`) asks nothing of planes but and, or, exclusive or, and whether one is empty. Given signs in
place of planes it writes down what it would do. What is empty, full, or made just like something else is then known
without a look at any case, and of a wide table little is left to be worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from operator import and_, or_, xor

NONE, EVERY = 0, 1
"""The places on every sheet of the empty plane and of the full one."""
LOOKED_AT = 64
"""So many bits of two planes are compared before they are compared whole."""
Making = tuple[Callable[[int, int], int], int, int]


class Sign:
    """A plane of a sheet, by its place there."""

    __slots__ = ("place", "sheet")

    def __init__(self, sheet: Sheet, place: int) -> None:
        self.sheet, self.place = sheet, place

    def __bool__(self) -> bool:
        return self.place != NONE

    def __and__(self, other: Sign) -> Sign:
        if self is other or other.place == EVERY or self.place == NONE:
            return self
        if self.place == EVERY or other.place == NONE:
            return other
        return self.sheet.made(and_, self.place, other.place)

    def __or__(self, other: Sign) -> Sign:
        if self is other or other.place == NONE or self.place == EVERY:
            return self
        if self.place == NONE or other.place == EVERY:
            return other
        return self.sheet.made(or_, self.place, other.place)

    def __xor__(self, other: Sign) -> Sign:
        if self is other:
            return self.sheet.none
        if self.place == NONE:
            return other
        return self if other.place == NONE else self.sheet.made(xor, self.place, other.place)


class Sheet:
    """Planes that are given, then planes that are each made of two before it."""

    def __init__(self, given: Iterable[int], width: int) -> None:
        """`given`: every plane that there will be a sign for; equal ones get the same."""
        self.given = [0, (1 << width) - 1]
        self.none, self.every = Sign(self, NONE), Sign(self, EVERY)
        self.by_id: dict[int, Sign] = {}
        self.kept = [plane for plane in given if plane]  # so that no two of them can have had the same id
        alike: dict[tuple[int, int], list[Sign]] = {(width, (1 << min(width, LOOKED_AT)) - 1): [self.every]}
        for plane in self.kept:
            if id(plane) not in self.by_id:
                self.by_id[id(plane)] = self._given(plane, alike)
        self.made_of: dict[Making, Sign] = {}

    def _given(self, plane: int, alike: dict[tuple[int, int], list[Sign]]) -> Sign:
        """Its sign; planes are compared whole only with those of the same length that begin alike."""
        length = plane.bit_length()
        others = alike.setdefault((length, plane >> max(0, length - LOOKED_AT)), [])
        for sign in others:
            if self.given[sign.place] == plane:
                return sign
        others.append(Sign(self, len(self.given)))
        self.given.append(plane)
        return others[-1]

    def sign(self, plane: int) -> Sign:
        """The sign of a plane that was given."""
        return self.by_id[id(plane)] if plane else self.none

    def made(self, how: Callable[[int, int], int], one: int, other: int) -> Sign:
        """The sign of what is made of two planes, one and the same whichever comes first."""
        making = (how, one, other) if one < other else (how, other, one)
        found = self.made_of.get(making)
        if found is None:
            found = self.made_of[making] = Sign(self, len(self.given) + len(self.made_of))
        return found

    def worked_out(self, wanted: Collection[Sign]) -> dict[int, int]:
        """The planes of some signs, by place; of what is made on the way nothing is kept longer than it is used."""
        keep = {sign.place for sign in wanted}
        steps = self._steps(keep)
        held = dict(enumerate(self.given))
        for place, (how, one, other), done_with in steps:
            held[place] = how(held[one], held[other])
            for spent in done_with:
                del held[spent]
        return held

    def _steps(self, keep: set[int]) -> list[tuple[int, Making, tuple[int, ...]]]:
        """What has to be made, in order, each with the places that nothing made later is made of."""
        needed, steps, first = set(keep), list[tuple[int, Making, tuple[int, ...]]](), len(self.given)
        for place, making in zip(range(first + len(self.made_of) - 1, first - 1, -1), reversed(self.made_of),
                                 strict=True):
            if place in needed:
                spent = {at for at in making[1:] if at not in needed and at >= first}
                needed.update(making[1:])
                steps.append((place, making, tuple(spent)))
        return steps[::-1]
