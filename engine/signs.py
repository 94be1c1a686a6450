"""Planes by sign: what an evaluation makes of which planes, before any of them is worked out.

The evaluator (`engine.bits`) asks nothing of planes but and, or, exclusive or, and whether one is empty. Given signs in
place of planes it writes down what it would do. What is empty, full, or made just like something else is then known
without a look at any case, and of a wide table little is left to be worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import and_, or_, xor

NONE, EVERY = 0, 1
"""The places on every sheet of the empty plane and of the full one."""
LOOKED_AT = 64
"""So many bits of two planes are compared before they are compared whole."""
Making = tuple[Callable[[int, int], int], int, int]
Step = tuple[int, Making, tuple[int, ...]]
"""The place of a plane, what it is made of, and the places that no later step needs."""


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
    """So many planes that are given (the empty one and the full one first), then others, each made of two before it."""

    def __init__(self, given: int) -> None:
        self.signs = [Sign(self, place) for place in range(given)]
        self.none, self.every = self.signs[NONE], self.signs[EVERY]
        self.made_of: dict[Making, Sign] = {}

    def made(self, how: Callable[[int, int], int], one: int, other: int) -> Sign:
        """The sign of what is made of two planes, one and the same whichever comes first."""
        making = (how, one, other) if one < other else (how, other, one)
        found = self.made_of.get(making)
        if found is None:
            found = self.made_of[making] = Sign(self, len(self.signs) + len(self.made_of))
        return found

    def steps(self, wanted: Iterable[int]) -> tuple[Step, ...]:
        """How to make the planes of some places: nothing that none of them needs, nothing kept longer than needed."""
        needed, found, first = set(wanted), list[Step](), len(self.signs)
        for place, making in zip(range(first + len(self.made_of) - 1, first - 1, -1), reversed(self.made_of),
                                 strict=True):
            if place in needed:
                spent = tuple({at for at in making[1:] if at not in needed and at >= first})
                needed.update(making[1:])
                found.append((place, making, spent))
        return tuple(reversed(found))


def worked_out(given: Sequence[int], steps: Iterable[Step]) -> dict[int, int]:
    """The planes by their places on a sheet, made of those given."""
    held = dict(enumerate(given))
    for place, (how, one, other), spent in steps:
        held[place] = how(held[one], held[other])
        for done_with in spent:
            del held[done_with]
    return held


def told_apart(planes: Iterable[int], width: int) -> tuple[list[int], tuple[int, ...]]:
    """The different ones among some planes, the empty and the full one before them; and the place of each plane.

    Planes are compared whole only where they are as long as one another and begin alike.
    """
    different, places, by_id = [0, (1 << width) - 1], list[int](), dict[int, int]()
    alike: dict[tuple[int, int], list[int]] = {_beginning(plane): [place] for place, plane in enumerate(different)}
    kept = list(planes)  # so that no two of them can have had the same id
    for plane in kept:
        place = by_id.get(id(plane))
        if place is None:
            others = alike.setdefault(_beginning(plane), [])
            place = next((one for one in others if different[one] == plane), len(different))
            if place == len(different):
                different.append(plane)
                others.append(place)
            by_id[id(plane)] = place
        places.append(place)
    return different, tuple(places)


def _beginning(plane: int) -> tuple[int, int]:
    length = plane.bit_length()
    return length, plane >> max(0, length - LOOKED_AT)
