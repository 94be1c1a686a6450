"""The smallest sets of changes that turn a conclusion: what must be in one, folded; what does it, tried."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple

from engine.alternatives import alternatives
from engine.assess import Assessment
from engine.bearing import Literal, bearing, unmet, want
from engine.combinations import Columns, Combinations, Set, places
from engine.cones import cone
from engine.families import Families, Family, TooMany
from engine.proofs import AGAINST, FOR, Mark

CHUNK = 1 << 14
"""Columns of one evaluation, so that memory stays small."""
LARGEST = 6
"""Sets of more changes are not looked for: nobody could act on them."""
MOST_TRIED = 1 << 18
"""The most sets that are tried of one size."""


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
        below = assessment.program.once(cone, (node,))
        tests = [test for atom, _ in below.program.atoms for test in atom.tests]
        self.clears, self.top = clears, below.nodes.index(node)
        self.program, self.alternatives = below.program, alternatives(assessment, tests)
        self.short = {place: at for at, place in enumerate(
            (place for place, one in enumerate(self.alternatives) if one.short is not None), len(self.alternatives))}
        stopped = [one._replace(evidence=one.evidence_short) for one in map(self.alternatives.__getitem__, self.short)]
        self.combinations = Combinations(assessment, below, [*self.alternatives, *stopped])
        self.model = [assessment.model[at] for at in below.nodes]
        self.goals = [Literal(Mark(self.top, FOR), not clears)]
        self.goals += [] if clears else [Literal(Mark(self.top, AGAINST), False)]
        self.wants = bearing(self.program, self.goals)
        self.alone = self.combinations.alone(len(self.alternatives))
        self.joining = frozenset[str]().union(*(group.indicators for group in self.combinations.joined))

    def within_reach(self) -> list[int]:
        """The alternatives of what the goals wait for: every other only mends what these do beside."""
        indicators = set[str]()
        for reading in (0, 1):
            waiting = bearing(self.program, self.goals, [unmet(marks, reading) for marks in self.model])
            indicators |= {test.indicator for atom, node in self.program.atoms if waiting[node] for test in atom.tests}
        return [place for place, one in enumerate(self.alternatives) if one.indicator in indicators]

    def wanted(self, literal: Literal) -> bool:
        """Whether the goals want it so."""
        return bool(self.wants[literal.mark.node] & want(literal.mark.side, literal.there))

    @cached_property
    def moves(self) -> list[tuple[int, int]]:
        """As bits, the marks that each alternative alone makes as they are wanted, and those it makes otherwise."""
        found = [[0, 0] for _ in self.alternatives]
        for at, ((literal, _), does) in enumerate(self.alone.items()):
            for way, one in enumerate((literal, literal._replace(there=not literal.there))):
                for place in places(does) if self.wanted(one) else ():
                    found[place][way] |= 1 << at
        return [(right, wrong) for right, wrong in found]

    def helpful(self, among: Sequence[int]) -> list[int]:
        """Those that can be in a smallest set: not what helps nowhere, nor what goes further than need be."""
        helping = [place for place in among
                   if self.moves[place][0] or self.alternatives[place].indicator in self.joining]
        alike: dict[object, list[int]] = {}
        for place in helping:
            alike.setdefault(self.alternatives[place].subject, []).append(place)
        return [place for place in helping if not any(
            self._as_good(other, place) for other in alike[self.alternatives[place].subject] if other != place)]

    def _as_good(self, nearer: int, further: int) -> bool:
        (right, wrong), (more, worse) = self.moves[nearer], self.moves[further]
        return not more & ~right and not wrong & ~worse and (
            self.alternatives[nearer].no_further(self.alternatives[further]))

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
        asked = [(one, place) for one in sets for place in one if place in self.short]
        tried = [tuple(sorted({*one, self.short[place]} - {place})) for one, place in asked]
        reached = self.reached(self.combinations.evaluate(tried))
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
        for reading in (0, 1) if self._disputed(pool) else (0,):
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
        bits = sum(1 << place for place in pool)
        for (literal, own), does in self.alone.items():
            if own == reading and does & bits and self.wanted(literal):
                found[literal] = {1 << place for place in places(does & bits)}
        for group in self.combinations.joined:
            asked = {1 << place for place in pool if self.alternatives[place].indicator in group.indicators}
            for at in group.places if asked else ():
                for side, there in product((FOR, AGAINST), (True, False)):
                    found.setdefault(Literal(Mark(self.program.atoms[at][1], side), there), set()).update(asked)
        return found

    def _disputed(self, pool: Sequence[int]) -> bool:
        """Whether the two readings of disputed evidence can differ."""
        bits = sum(1 << place for place in pool)
        return self.combinations.disputed or any((does ^ self.alone.get((literal, 1 - reading), 0)) & bits
                                                 for (literal, reading), does in self.alone.items())

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
