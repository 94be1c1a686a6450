"""The smallest sets of changes that turn a conclusion: what must be in one, folded; what does it, tried."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from engine.alternatives import alternatives
from engine.assess import Assessment
from engine.combinations import Columns, Combinations, Set, cone
from engine.families import Families, Family, Literal, TooMany, rests_on, wanted
from engine.program import Atom
from engine.proofs import AGAINST, FOR, Mark

CHUNK = 1 << 14
"""Columns of one evaluation, so that memory stays small."""
LARGEST = 6
"""Sets of more changes are not looked for: nobody could act on them."""
MOST_TRIED = 1 << 18
"""The most sets that are tried of one size."""
Move = tuple[Literal, int]
"""A mark of an atom that comes to be as it is wanted, in one reading."""


class Turn(NamedTuple):
    """The smallest sets of changes that do it, as places of alternatives; none where none was found.

    `ruled_out`: no set of up to so many changes does it. `whole`: no set of the size found is left out; where nothing
    is found, nothing of what is looked at can do it, however much of it were changed.
    """

    sets: tuple[Set, ...]
    ruled_out: int
    whole: bool


class Turning:
    """One conclusion of one assessment, and everything that could turn it.

    `clears`: the goal is that it is neither present nor contested; otherwise, that it is present.
    """

    def __init__(self, assessment: Assessment, node: int, clears: bool) -> None:
        below = cone(assessment.program, [node])
        tests = [test for atom, _ in below.program.atoms for test in atom.tests]
        self.clears, self.top = clears, below.nodes.index(node)
        self.program, self.alternatives = below.program, alternatives(assessment, tests)
        self.combinations = Combinations(assessment, below, self.alternatives)
        self.model = [assessment.model[at] for at in below.nodes]
        self.goals = [Literal(Mark(self.top, FOR), not clears)]
        self.goals += [] if clears else [Literal(Mark(self.top, AGAINST), False)]
        self.matters = wanted(self.program, self.goals)
        self._moves: dict[int, tuple[frozenset[Move], frozenset[Move]]] = {}

    def within_reach(self) -> list[int]:
        """The alternatives of what the goals wait for: every other only mends what these do beside."""
        stack = [(goal, reading) for goal in self.goals for reading in (0, 1)]
        seen, indicators = set[Move](), set[str]()
        while stack:
            at = stack.pop()
            literal, reading = at
            if at in seen or bool(self.model[literal.mark.node][literal.mark.side] >> reading & 1) is literal.there:
                continue
            seen.add(at)
            origin = self.program.nodes[literal.mark.node].origin
            if isinstance(origin, Atom):
                indicators |= {test.indicator for test in origin.tests}
            stack += [(below, reading) for below in rests_on(self.program, literal)]
        return [place for place, one in enumerate(self.alternatives) if one.indicator in indicators]

    def moves(self, place: int) -> tuple[frozenset[Move], frozenset[Move]]:
        """The marks of atoms that an alternative makes as they are wanted, and those it makes otherwise."""
        if place not in self._moves:
            right, wrong = set[Move](), set[Move]()
            for at, after in self.combinations.effect((place,)).items():
                node, before = self.program.atoms[at][1], self.combinations.base[at]
                for side, reading in ((FOR, 0), (FOR, 1), (AGAINST, 0), (AGAINST, 1)):
                    there = bool(after[side] >> reading & 1)
                    if there != bool(before[side] >> reading & 1):
                        right |= {(one, reading) for one in [Literal(Mark(node, side), there)] if one in self.matters}
                        wrong |= {(one, reading) for one in [Literal(Mark(node, side), not there)]
                                  if one in self.matters}
            self._moves[place] = frozenset(right), frozenset(wrong)
        return self._moves[place]

    def helpful(self, among: Sequence[int]) -> list[int]:
        """Those that can be in a smallest set: not what helps nowhere, nor what goes further than need be."""
        helping = [place for place in among if self.moves(place)[0] or self._joins(place)]
        alike: dict[object, list[int]] = {}
        for place in helping:
            alike.setdefault(self.alternatives[place].subject, []).append(place)
        return [place for place in helping if not any(
            self._as_good(other, place) for other in alike[self.alternatives[place].subject] if other != place)]

    def _as_good(self, nearer: int, further: int) -> bool:
        (right, wrong), (more, worse) = self.moves(nearer), self.moves(further)
        return self.alternatives[nearer].no_further(self.alternatives[further]) and right >= more and wrong <= worse

    def _joins(self, place: int) -> bool:
        """Whether it may count together with others: where several tests are looked at as one."""
        indicator = self.alternatives[place].indicator
        return any(indicator in asked for asked in self.combinations.corroborating.values())

    def reached(self, columns: Columns) -> int:
        """The columns in which the goal is reached, as bits."""
        if self.clears:
            return ~columns.shown(self.top) & (1 << columns.width) - 1
        return columns.present(self.top)

    def working(self, sets: Sequence[Set]) -> list[Set]:
        """Those of the sets that reach the goal: each is tried."""
        found = list[Set]()
        for start in range(0, len(sets), CHUNK):
            some = sets[start:start + CHUNK]
            reached = self.reached(self.combinations.evaluate(some))
            found += [one for bit, one in enumerate(some) if reached >> bit & 1]
        return found

    def fails_short(self, sets: Sequence[Set]) -> set[tuple[Set, int]]:
        """The sets with each change that does not do where it stays one step short: all of them tried."""
        asked = [(one, place) for one in sets for place in one if self.alternatives[place].short is not None]
        places = sorted({place for _, place in asked})
        short = [self.alternatives[place] for place in places]
        stopped = [one._replace(evidence=one.evidence_short) for one in short]
        tried = Combinations(self.combinations.it, self.combinations.cone, [*self.alternatives, *stopped])
        instead = {place: len(self.alternatives) + new for new, place in enumerate(places)}
        columns = tried.evaluate([tuple(sorted({*one, instead[place]} - {place})) for one, place in asked])
        reached = self.reached(columns)
        return {pair for column, pair in enumerate(asked) if not reached >> column & 1}

    def smallest(self, among: Sequence[int], largest: int = LARGEST) -> Turn:
        """The smallest sets of these alternatives that reach the goal, of up to `largest` changes."""
        reach = set(self.within_reach())
        pool = self.helpful([place for place in among if place in reach])
        for size in range(1, largest + 1):
            try:
                candidates = self.candidates(pool, size)
                found = self.working(candidates)
                if found:
                    return Turn(self._nearest(found), size - 1, True)
                found = self.working(self.extended(set(candidates), among, size))
            except TooMany:
                return Turn((), size - 1, False)
            if found:
                return Turn(self._nearest(found), size - 1, True)
        return Turn((), largest, False)

    def candidates(self, pool: Sequence[int], size: int) -> list[Set]:
        """Sets of up to `size` changes of which every set that reaches the goal holds one. Raises TooMany."""
        found: Family | None = None
        for reading in (0, 1) if self._disputed() else (0,):
            families = Families(self.program, self.model, reading, self.leaves(pool, reading), size)
            own = families.every(families.of(goal) for goal in self.goals)
            found = own if found is None else families.both(found, own)
        return sorted(some for bits in found or () if (some := places(bits)) and self._apart(some))

    def extended(self, failed: set[Set], among: Sequence[int], size: int) -> list[Set]:
        """What does not reach the goal, with changes added up to `size`: they may mend what it does beside.

        Raises TooMany.
        """
        pool = self.helpful(among) if any(len(one) < size for one in failed) else ()
        grown = {one for one in failed if len(one) == size}
        short = {one for one in failed if len(one) < size}
        while short:
            more = {tuple(sorted({*one, place})) for one in short for place in pool if place not in one}
            if len(more) > MOST_TRIED:
                raise TooMany
            more = {one for one in more if self._apart(one)} - failed
            grown, short = grown | more, {one for one in more if len(one) < size}
        return sorted(one for one in grown - failed if len(one) == size)

    def leaves(self, pool: Sequence[int], reading: int) -> dict[Literal, set[int]]:
        """What alone makes an atom's mark as it is wanted, or might together with others."""
        found: dict[Literal, set[int]] = {}
        for place in pool:
            for literal, own in self.moves(place)[0]:
                if own == reading:
                    found.setdefault(literal, set()).add(1 << place)
            for at, asked in self.combinations.corroborating.items():
                for side in (FOR, AGAINST) if self.alternatives[place].indicator in asked else ():
                    for there in (True, False):
                        mark = Mark(self.program.atoms[at][1], side)
                        found.setdefault(Literal(mark, there), set()).add(1 << place)
        return found

    def _disputed(self) -> bool:
        """Whether the two readings of disputed evidence can differ."""
        marks = [*self.combinations.base, *(marks for effect in self.combinations.effects for marks in effect.values())]
        return any(mark in (1, 2) for plane in marks for mark in plane)

    def _apart(self, some: Set) -> bool:
        """Whether no two are of one indicator: one thing has one value."""
        return len({self.alternatives[place].indicator for place in some}) == len(some)

    def _nearest(self, sets: Sequence[Set]) -> tuple[Set, ...]:
        """The sets of which no other goes as far or less far in everything."""
        found = set(sets)
        return tuple(one for one in sets if not any(
            other != one and tuple(sorted(other)) in found for other in product(*map(self._no_further, one))))

    def _no_further(self, place: int) -> list[int]:
        """The alternatives that go as far or less far in the same thing."""
        return [other for other, one in enumerate(self.alternatives) if one.no_further(self.alternatives[place])]


def places(bits: int) -> Set:
    """The bits that are set, ascending."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return tuple(found)
