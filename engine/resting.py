"""What conclusions rest on in two versions: by which rules, on which observations, and on which days these differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from engine.grounds import Used, used
from engine.planes import READINGS, Looking
from engine.program import Atom, Context, Proposition
from engine.versions import Twin, Versions
from kb.dossier import Observation

Observations = dict[object, Observation]
"""Observations by what orders them."""
Looked = tuple[int, int, bool]
"""The number of a side of a test, the place of the day from which on it says what it says, and the reading."""


class Resting:
    """What conclusions rest on in both versions, which have been worked out."""

    def __init__(self, versions: Versions) -> None:
        self.versions = versions
        self.numbers, self.keys = dict[tuple[Atom, int], tuple[int, frozenset[str]]](), list[tuple[Atom, int]]()
        self.counted, self.differing = dict[object, Observations](), dict[object, bool]()

    def rests_otherwise(self, heads: Iterable[Proposition], among: int = -1) -> int:
        """The days, among some, on which one of these holds in both versions, by other rules or on other observations.
        """
        found = 0
        for head in heads:
            one, other = (plane[0] for plane in self.versions.planes(head))
            both = one & other & self.versions.twice(among)
            if both:
                grounds = self.grounds(head, both)
                rules, tests = (self.versions.either(_parted(*some)) for some in (
                    [it.rules for it in grounds], [it.tests for it in grounds]))
                found |= rules | self._on_others(grounds, tests & ~(rules | found))
        return found

    def grounds(self, head: Proposition, columns: int) -> tuple[Used, Used]:
        """What it rests on in both versions, in some columns of both readings in which it holds in both.

        Where a test of the new version says what its twin says, its twin is named.
        """
        one, other = (used(version.ready.program, version.planes, version.ready.program.heads[head], columns)
                      for version in (self.versions.old, self.versions.new))
        tests: dict[tuple[Atom, int], int] = {}
        for (atom, side), plane in other.tests.items():
            twin, _, alike = self.versions.twins.get(atom, Twin(atom, 0, 0))
            both = self.versions.twice(alike)
            for key, part in (((twin, side), plane & both), ((atom, side), plane & ~both)):
                if part:
                    tests[key] = tests.get(key, 0) | part
        return one, Used(tests, other.rules)

    def _on_others(self, grounds: tuple[Used, Used], days: int) -> int:
        """The days among some on which other observations are used; tests may differ and rest on the same."""
        one, other = (it.tests for it in grounds)
        apart = Used({key: plane & ~other.get(key, 0) for key, plane in one.items()}, {}), Used(
            {key: plane & ~one.get(key, 0) for key, plane in other.items()}, {})
        parted, whole = [_plain(it) for it in apart], [_plain(it) for it in grounds]
        indicators = frozenset(test.indicator for it in whole for atom, _ in it.tests for test in atom.tests)
        found = first = 0
        for course in self.versions.new.courses:
            for bits in course.stretches_of(days >> first & (1 << len(course.days)) - 1, indicators):
                column = first + (bits & -bits).bit_length() - 1
                if self._differ(parted, column) and self._differ(whole, column):
                    found |= bits << first
            first += len(course.days)
        return found

    def _differ(self, grounds: Sequence[Used], column: int) -> bool:
        """Whether other observations are used: where those of tests that one version alone uses are the same, none."""
        sides = [self._looked_up(it, column) for it in grounds]
        asked = self.versions.days[column].course, tuple(map(frozenset, sides))
        if asked not in self.differing:
            one, other = (self._observations(side, looked, column) for side, looked in enumerate(sides))
            self.differing[asked] = one.keys() != other.keys()
        return self.differing[asked]

    def observations(self, grounds: Sequence[Used], column: int) -> tuple[Observations, Observations]:
        """The observations used on one day by both versions."""
        one, other = (self._observations(side, self._looked_up(it, column), column) for side, it in enumerate(grounds))
        return one, other

    def _looked_up(self, grounds: Used, column: int) -> list[Looked]:
        """The tests that one version uses on a day, in either reading, each as on the day when its stretch begins."""
        day, width = self.versions.days[column], len(self.versions.days)
        course, found = self.versions.new.courses[day.course], []
        for key, plane in grounds.tests.items():
            both = plane >> column
            if both & 1 or both >> width & 1:
                number, indicators = self._numbered(key)
                place = course.since(day.place, indicators)
                found += [(number, place, reading) for reading, there in zip(
                    READINGS, (both, both >> width), strict=True) if there & 1]
        return found

    def _numbered(self, key: tuple[Atom, int]) -> tuple[int, frozenset[str]]:
        """A number for a side of an atom, in the place of its long name, and the indicators of the atom's tests."""
        if key not in self.numbers:
            self.numbers[key] = len(self.keys), frozenset(test.indicator for test in key[0].tests)
            self.keys.append(key)
        return self.numbers[key]

    def _observations(self, side: int, looked: Iterable[Looked], column: int) -> Observations:
        """The observations under some tests that a version uses in the course of a day."""
        at, found = self.versions.days[column].course, Observations()
        course = (self.versions.old, self.versions.new)[side].courses[at]
        for number, place, reading in looked:
            known = (0 if self.versions.alike else side, at, number, place, reading)
            if known not in self.counted:
                self.counted[known] = _counted(course.looking(place), *self.keys[number], reading)
            found |= self.counted[known]
        return found


def _parted(one: Mapping[Any, int], other: Mapping[Any, int]) -> int:
    """The columns in which something is used by one version alone."""
    return reduce(or_, (one.get(key, 0) ^ other.get(key, 0) for key in one.keys() | other.keys()), 0)


def _plain(grounds: Used) -> Used:
    """The same, however a test is looked at: where its mark is used, its observations count there."""
    tests: dict[tuple[Atom, int], int] = {}
    for (atom, side), plane in grounds.tests.items():
        key = atom if atom.corroboration else atom._replace(context=Context(shift=atom.context.shift)), side
        tests[key] = tests.get(key, 0) | plane
    return Used(tests, grounds.rules)


def _counted(looking: Looking, atom: Atom, side: int, reading: bool) -> Observations:
    """The observations that count for a test, or against it."""
    return {o.sort_key: o for test in atom.tests for o in looking.sides(test, atom.context, reading)[side]}
