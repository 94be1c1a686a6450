"""Two versions of a knowledge base over the same cases and days: what stands otherwise, and which rules did it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import and_
from typing import NamedTuple

from engine.assess import Assessment, Model
from engine.bits import NOTHING, Plane, evaluate, evaluate_further
from engine.days import Course, planes_of_days, said_alike
from engine.prepared import Prepared
from engine.program import Atom, Context, Program, Proposition
from engine.proofs import below
from kb.conditions import LADDERS, Rule

Head = tuple[str, str]
Look = tuple[str, Context]
"""A rule, by its id, as looked at in a context."""


class Day(NamedTuple):
    """One column: a case on a day, by its course and place there."""

    course: int
    place: int


class Twin(NamedTuple):
    """An atom of the old version, and its place, in the stead of a new one; the days on which both say the same."""

    atom: Atom
    place: int
    alike: int


@dataclass
class Version:
    """One version over the days of some courses, which its vocabulary reads: every node's planes, once worked out.

    `known`: the planes of atoms, by their places, that are worked out already, on every day. `planes`: where some are
    given to begin with, those of the program's first nodes, of every atom and day.
    """

    ready: Prepared
    courses: tuple[Course, ...]
    planes: Sequence[Plane] = ()
    known: Mapping[int, Plane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.given = self.planes

    @property
    def width(self) -> int:
        """How many days there are."""
        return sum(len(one.days) for one in self.courses)

    def look(self, only: Collection[int], wanted: int = -1) -> None:
        """Works the planes out, of these atoms and those that are known, as `planes_of_days` does.

        Where there is nothing left to be worked out, nothing is.
        """
        program = self.ready.program
        if len(self.planes) == len(program.nodes) and self.known.keys() >= set(only):
            return
        atoms = self.decide(only, wanted)
        self.planes = (evaluate_further(program, self.given, atoms, 2 * self.width) if self.given else
                       evaluate(program, atoms, 2 * self.width))

    def decide(self, only: Collection[int], wanted: int = -1) -> list[Plane]:
        """The planes of all atoms, of which these are decided now where they are not known; on all days, for good."""
        atoms = planes_of_days(self.ready.program, self.courses, self.known, only, wanted)
        if wanted == -1:
            self.known = {**self.known, **{place: atoms[place] for place in only}}
        return atoms

    def decide_by(self, twins: Mapping[int, Twin]) -> None:
        """Decides atoms each of which has a twin that is decided: anew only on the days on which they part."""
        for alike in dict.fromkeys(twin.alike for twin in twins.values()):
            some = {place: self.known[twin.place] for place, twin in twins.items() if twin.alike == alike}
            anew = planes_of_days(self.ready.program, self.courses, self.known, some, ~alike)
            both = alike | alike << self.width
            self.known = {**self.known, **{
                place: (anew[place][0] & ~both | one[0] & both, anew[place][1] & ~both | one[1] & both)
                for place, one in some.items()}}

    def assessment(self, day: Day, column: int, width: int) -> Assessment:
        """What it makes of one case on one day."""
        one = self.courses[day.course]
        return Assessment(self.ready.knowledge, self.ready.program, one.case, one.days[day.place],
                          Model(self.planes, column, width), one.looking(day.place), "bits")


@dataclass
class Versions:
    """The old version and the new one over the same cases and days; `rules`: those that are not the same in both.

    The new program is put on top of the old one. `alike`: both read evidence in the same way; what is worked out of the
    new program then holds of the old one, too.
    """

    old: Version
    new: Version
    rules: frozenset[str]
    alike: bool
    days: tuple[Day, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.days = tuple(Day(i, place) for i, one in enumerate(self.new.courses) for place in range(len(one.days)))
        self.twins = dict[Atom, Twin]()
        self.first = sum(1 << column for column, day in enumerate(self.days) if not day.place)
        self.looks = [looks(version.ready.program, self.rules) for version in (self.old, self.new)]
        self.direct = {(rule.head.kind, rule.head.id) for version in (self.old, self.new)
                       for rule in version.ready.knowledge.in_force if rule.id in self.rules}
        self.concluded = [head for head in dict.fromkeys(
            (*self.old.ready.program.heads, *self.new.ready.program.heads)) if (head.kind, head.id) in self.direct]

    def look(self) -> None:
        """Works out what the rules that are not the same conclude; nothing but what this rests on."""
        below = [_atoms_below(version.ready.program, self.direct) for version in (self.old, self.new)]
        if self.alike:
            self.new.decide(below[0])
            found, atoms = self._twins(*below), self.new.ready.program.atoms
            self.new.decide_by(found)
            self.twins = {atoms[place][0]: twin for place, twin in found.items()}
        self._look(below[0] | below[1])

    def _twins(self, old: Collection[int], new: Collection[int]) -> dict[int, Twin]:
        """The atoms of the new version that are as some of the old are, but for the threshold of a test."""
        atoms, courses = self.new.ready.program.atoms, self.new.courses
        places = {atoms[place][0]: place for place in old}
        tests = [{test for place in some for test in atoms[place][0].tests} for some in (old, new)]
        by_rest = {test._replace(threshold=0.0): test for test in sorted(tests[0] - tests[1], key=str)}
        like = {test: one for test in tests[1] - tests[0] if (one := by_rest.get(test._replace(threshold=0.0)))}
        said = cache(lambda test, shift: said_alike(courses, like[test], test, shift))
        found = dict[int, Twin]()
        for place in new:
            atom = atoms[place][0]
            edited = [test for test in atom.tests if test in like]
            twin = atom._replace(tests=tuple(like.get(test, test) for test in atom.tests)) if edited else atom
            if edited and twin in places:
                alike = reduce(and_, (said(test, atom.context.shift) for test in edited))
                found[place] = Twin(twin, places[twin], alike)
        return found

    def look_whole(self, wanted: int) -> None:
        """Works everything out on some days (bits), where `look` has been before."""
        self._look(range(len(self.new.ready.program.atoms)), wanted)

    def _look(self, only: Collection[int], wanted: int = -1) -> None:
        self.new.look(only, wanted)
        if self.alike:
            self.old.planes = self.new.planes
        else:
            many = len(self.old.ready.program.atoms)
            self.old.look([place for place in only if place < many], wanted)

    def pair(self, column: int) -> tuple[Assessment, Assessment]:
        """Old and new of one case on one day."""
        day, width = self.days[column], len(self.days)
        return self.old.assessment(day, column, width), self.new.assessment(day, column, width)

    def columns(self, bits: int) -> Iterator[int]:
        """The columns of a plane of days."""
        while bits:
            lowest = bits & -bits
            yield lowest.bit_length() - 1
            bits ^= lowest

    def stretches(self, days: int, heads: Collection[Head]) -> Iterator[tuple[int, int]]:
        """The first and the last of neighbouring days, among some, of one case, on which all these stand alike."""
        turned, left = self.first, days & (1 << len(self.days)) - 1
        for plane in (plane for kind, id in heads for level in LADDERS[kind]
                      for pair in self.planes(Proposition(kind, id, level)) for plane in pair if left):
            turned |= self.either(plane ^ plane << 1)
        while left:
            first = (left & -left).bit_length() - 1
            ends = (turned | ~left) >> first + 1
            last = first + (ends & -ends).bit_length() - 1
            yield first, last
            left &= -1 << last + 1

    def either(self, plane: int) -> int:
        """The days on which a plane of both readings has a mark in one."""
        return (plane | plane >> len(self.days)) & ((1 << len(self.days)) - 1)

    def twice(self, days: int) -> int:
        """The columns of both readings for some days."""
        kept = days & ((1 << len(self.days)) - 1)
        return kept | kept << len(self.days)

    def turned(self) -> int:
        """The days on which a rule that is not the same, or what it concludes, has other marks, however looked at.

        On every other day every signature and conclusion has the same marks in both versions.
        """
        rules = (self._both(look) for look in self.looks[0].keys() | self.looks[1].keys())
        return self.either(_differing(map(self.planes, self.concluded)) | _differing(rules))

    def planes(self, head: Proposition) -> list[Plane]:
        """The planes of a signature or conclusion in both versions."""
        nodes = [(version, version.ready.program.heads.get(head)) for version in (self.old, self.new)]
        return [NOTHING if node is None else version.planes[node] for version, node in nodes]

    def _both(self, look: Look) -> list[Plane]:
        """The planes of a rule as looked at, in both versions."""
        return [version.planes[known[look]] if look in known else NOTHING
                for version, known in zip((self.old, self.new), self.looks, strict=True)]

    def head(self, kind: str, id: str) -> int:
        """The days on which a signature or conclusion has other marks at some level, in either reading."""
        return self.either(_differing(self.planes(Proposition(kind, id, level)) for level in LADDERS[kind]))


def _differing(pairs: Iterable[Sequence[Plane]]) -> int:
    """Where two planes differ, on either side, in some pair."""
    found = 0
    for one, other in pairs:
        found |= one[0] ^ other[0] | one[1] ^ other[1]
    return found


def _atoms_below(program: Program, heads: Collection[Head]) -> set[int]:
    """The places of the atoms on which these rest."""
    nodes = below(program, [node for head, node in program.heads.items() if (head.kind, head.id) in heads])
    return {place for place, (_, node) in enumerate(program.atoms) if node in nodes}


def looks(program: Program, rules: Collection[str]) -> dict[Look, int]:
    """The node of each of these rules in each context in which something asks for it."""
    return {look: node for look, node in program.once(_looks).items() if look[0] in rules}


def _looks(program: Program) -> dict[Look, int]:
    nodes = dict.fromkeys(arg for head in program.heads.values() for arg in program.nodes[head].args)
    return {(origin.id, program.nodes[node].context): node for node in nodes
            if isinstance(origin := program.nodes[node].origin, Rule)}
