"""Two versions of a knowledge base over the same cases and days: what stands otherwise, and which rules did it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from engine.assess import Assessment, Model
from engine.bits import NOTHING, Plane, evaluate
from engine.days import Course, planes_of_days
from engine.grounds import Used, used
from engine.planes import READINGS, Looking
from engine.prepared import Prepared
from engine.program import Atom, Context, Op, Program, Proposition
from engine.proofs import below
from kb.conditions import LADDERS, Rule
from kb.dossier import Observation

Head = tuple[str, str]
Look = tuple[str, Context]
"""A rule, by its id, as looked at in a context."""
Observations = dict[object, Observation]
"""Observations by what orders them."""


class Day(NamedTuple):
    """One column: a case on a day, by its course and place there."""

    course: int
    place: int


@dataclass
class Version:
    """One version over the days of some courses, which its vocabulary reads: every node's planes, once worked out.

    `whole`: they are worked out of every test and day.
    """

    ready: Prepared
    courses: tuple[Course, ...]
    planes: Sequence[Plane] = ()
    whole: bool = False

    def look(self, known: Mapping[Atom, Plane], only: Collection[Atom] | None = None, wanted: int = -1,
             ) -> dict[Atom, Plane]:
        """Works the planes out, as `planes_of_days` does; returns those of the atoms that were looked at.

        Where there is nothing left to be worked out, nothing is.
        """
        if self.whole:
            return {}
        width = sum(len(one.days) for one in self.courses)
        program = self.ready.program
        atoms = planes_of_days(program, self.courses, known, only, wanted)
        self.planes = evaluate(program, atoms, 2 * width)
        self.whole = wanted == -1 and only is not None and all(
            atom in known or atom in only for atom, _ in program.atoms)
        pairs = zip(program.atoms, atoms, strict=True)
        return {atom: plane for (atom, _), plane in pairs if only is None or atom in only}

    def assessment(self, day: Day, column: int, width: int) -> Assessment:
        """What it makes of one case on one day."""
        one = self.courses[day.course]
        return Assessment(self.ready.knowledge, self.ready.program, one.case, one.days[day.place],
                          Model(self.planes, column, width), one.looking(day.place), "bits")


@dataclass
class Versions:
    """The old version and the new one over the same cases and days; `rules`: those that are not the same in both.

    `alike`: both read evidence in the same way. `known`: the planes of atoms that are worked out already, over the same
    days and for both.
    """

    old: Version
    new: Version
    rules: frozenset[str]
    alike: bool
    known: Mapping[Atom, Plane] = field(default_factory=dict)
    days: tuple[Day, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.days = tuple(Day(i, place) for i, one in enumerate(self.new.courses) for place in range(len(one.days)))
        self.counted, self.indicators = dict[object, Observations](), dict[Atom, frozenset[str]]()
        self.looks = [looks(version.ready.program, self.rules) for version in (self.old, self.new)]
        self.direct = {(rule.head.kind, rule.head.id) for version in (self.old, self.new)
                       for rule in version.ready.knowledge.in_force if rule.id in self.rules}
        self.concluded = [head for head in dict.fromkeys(
            (*self.old.ready.program.heads, *self.new.ready.program.heads)) if (head.kind, head.id) in self.direct]

    def look(self, heads: Collection[Head]) -> None:
        """Works out what the rules that are not the same conclude, and some more; nothing but what these rest on."""
        only = [_atoms_below(version.ready.program, self.direct | {*heads}) for version in (self.old, self.new)]
        self.found = [{}, self.new.look(self.known, only[1])]
        self.found[0] = self.old.look({**self.known, **self.found[1]} if self.alike else {}, only[0])

    def look_whole(self, wanted: int) -> None:
        """Works everything out on some days (bits), where `look` has been before."""
        found = self.new.look({**self.known, **self.found[1]}, wanted=wanted)
        self.old.look(found | self.found[0] if self.alike else self.found[0], wanted=wanted)

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
        return self.either(_differing(map(self._planes, self.concluded)) | _differing(rules))

    def _planes(self, head: Proposition) -> list[Plane]:
        """The planes of a signature or conclusion in both versions."""
        nodes = [(version, version.ready.program.heads.get(head)) for version in (self.old, self.new)]
        return [NOTHING if node is None else version.planes[node] for version, node in nodes]

    def rests_otherwise(self, heads: Iterable[Proposition], among: int = -1) -> int:
        """The days, among some, on which one of these holds in both versions, by other rules or on other observations.
        """
        found = 0
        for head in heads:
            one, other = (plane[0] for plane in self._planes(head))
            both = one & other & self.twice(among)
            if both:
                grounds = self.grounds(head, both)
                rules, tests = (self.either(_parted(*some)) for some in (
                    [it.rules for it in grounds], [it.tests for it in grounds]))
                found |= rules | self._on_others(grounds, tests & ~(rules | found))
        return found

    def grounds(self, head: Proposition, columns: int) -> tuple[Used, Used]:
        """What it rests on in both versions, in some columns of both readings in which it holds in both."""
        one, other = (used(version.ready.program, version.planes, version.ready.program.heads[head], columns)
                      for version in (self.old, self.new))
        return one, other

    def _on_others(self, grounds: tuple[Used, Used], days: int) -> int:
        """The days among some on which other observations are used; tests may differ and rest on the same."""
        one, other = (it.tests for it in grounds)
        parted = Used({key: plane & ~other.get(key, 0) for key, plane in one.items()}, {}), Used(
            {key: plane & ~one.get(key, 0) for key, plane in other.items()}, {})
        parted, grounds = (_plain(parted[0]), _plain(parted[1])), (_plain(grounds[0]), _plain(grounds[1]))
        indicators = frozenset(test.indicator for it in grounds for atom, _ in it.tests for test in atom.tests)
        found = first = 0
        for course in self.new.courses:
            for bits in course.stretches_of(days >> first & (1 << len(course.days)) - 1, indicators):
                column = first + (bits & -bits).bit_length() - 1
                if self._differ(parted, column) and self._differ(grounds, column):
                    found |= bits << first
            first += len(course.days)
        return found

    def _differ(self, grounds: tuple[Used, Used], column: int) -> bool:
        """Whether other observations are used: where those of tests that one version alone uses are the same, none."""
        one, other = self.observations(grounds, column)
        return one.keys() != other.keys()

    def observations(self, grounds: tuple[Used, Used], column: int) -> tuple[Observations, Observations]:
        """The observations used on one day by both versions."""
        return self._observations(0, grounds[0], column), self._observations(1, grounds[1], column)

    def _observations(self, side: int, grounds: Used, column: int) -> Observations:
        """The observations under the tests that one version uses on a day, in either reading."""
        day, found = self.days[column], Observations()
        course = (self.old, self.new)[side].courses[day.course]
        for key, plane in grounds.tests.items():
            both = plane >> column
            for reading, there in zip(READINGS, (both, both >> len(self.days)), strict=True):
                if there & 1:
                    place = course.since(day.place, self._looked_at(key[0]))
                    known = (id(course), place, reading, key)
                    if known not in self.counted:
                        self.counted[known] = _counted(course.looking(place), *key, reading)
                    found |= self.counted[known]
        return found

    def _looked_at(self, atom: Atom) -> frozenset[str]:
        """The indicators of an atom's tests."""
        if atom not in self.indicators:
            self.indicators[atom] = frozenset(test.indicator for test in atom.tests)
        return self.indicators[atom]

    def _both(self, look: Look) -> list[Plane]:
        """The planes of a rule as looked at, in both versions."""
        return [version.planes[known[look]] if look in known else NOTHING
                for version, known in zip((self.old, self.new), self.looks, strict=True)]

    def head(self, kind: str, id: str) -> int:
        """The days on which a signature or conclusion has other marks at some level, in either reading."""
        return self.either(_differing(self._planes(Proposition(kind, id, level)) for level in LADDERS[kind]))


def _differing(pairs: Iterable[Sequence[Plane]]) -> int:
    """Where two planes differ, on either side, in some pair."""
    found = 0
    for one, other in pairs:
        found |= one[0] ^ other[0] | one[1] ^ other[1]
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


def _atoms_below(program: Program, heads: Collection[Head]) -> set[Atom]:
    nodes = below(program, [node for head, node in program.heads.items() if (head.kind, head.id) in heads])
    return {atom for atom, node in program.atoms if node in nodes}


def looks(program: Program, rules: Iterable[str]) -> dict[Look, int]:
    """The node of each of these rules in each context in which something asks for it."""
    wanted = set(rules)
    return {(node.origin.id, node.context): i for i, node in enumerate(program.nodes)
            if node.op is Op.UNLESS and isinstance(node.origin, Rule) and node.origin.id in wanted}
