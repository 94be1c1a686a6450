"""Which signatures act together, from the rules alone: every set of signatures is one column of one evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.bits import NOTHING, Forced, Plane, evaluate
from engine.program import Atom, Program
from kb.conditions import DEFAULT_LEVEL, LADDERS, ProtectiveIs, Test, conditions_of
from kb.knowledge import Knowledge

KIND = "signature"
WIDEST = 20
"""The most signatures whose sets are all tried: the width of the evaluation doubles with each."""
LARGEST = 3
"""Sets of more signatures are counted and not named."""


class Together(NamedTuple):
    """A set of signatures that reaches a conclusion which no smaller part of the set reaches.

    `level`: the highest that it takes the whole set to reach. `themselves`: the signatures, present at the level that
    rules ask for by default, are enough; otherwise it takes evidence that is filed under them.
    """

    signatures: tuple[str, ...]
    kind: str
    id: str
    level: str
    themselves: bool


class Reached(NamedTuple):
    """One conclusion: how many smallest sets of signatures reach it at some level, as pairs of size and number."""

    kind: str
    id: str
    sizes: tuple[tuple[int, int], ...]


class Interactions(NamedTuple):
    """The smallest sets of up to LARGEST signatures, smallest first, and each conclusion with the sizes of its sets."""

    together: tuple[Together, ...]
    reached: tuple[Reached, ...]


def interactions(program: Program, knowledge: Knowledge) -> Interactions | None:
    """What every set of signatures reaches through the whole chain, or None where there are more than WIDEST.

    A signature in a set has all evidence shown that is filed under it; nothing else is known, no protective sign is
    shown, and no exception stops a rule. Exact: no set is left out.
    """
    codes = [signature.id for signature in knowledge.signatures_in_order]
    if len(codes) > WIDEST:
        return None
    sets = _Sets(codes)
    shown = evaluate(program, list(_filed(program, knowledge, sets)), sets.width)
    nothing = [NOTHING] * len(program.atoms)
    alone = evaluate(program, nothing, sets.width, forced=_present(program, sets))
    together, reached = list[Together](), list[Reached]()
    for kind, id in sorted(knowledge.conclusions(), key=lambda head: (list(LADDERS).index(head[0]), head[1])):
        if kind != KIND:
            found = _levels(program, kind, id, sets, shown)
            reached.append(Reached(kind, id, _sizes(found)))
            together += [Together(sets.members(some), kind, id, level, bool(_plane(program, kind, id, level, alone)
                                                                           >> some & 1))
                         for some, level in found.items() if 0 < some.bit_count() <= LARGEST]
    return Interactions(tuple(sorted(together, key=lambda one: sets.order(one.signatures))), tuple(reached))


class _Sets:
    """Every set of some signatures: column i of a plane is the set whose members are the bits of i."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes, self.width = codes, 1 << len(codes)
        self.having = {code: self._having(place) for place, code in enumerate(codes)}

    def _having(self, place: int) -> int:
        """The columns of the sets that have this member: runs of 2^place columns, every other one."""
        run = 1 << place
        plane, reach = ((1 << run) - 1) << run, 2 * run
        while reach < self.width:
            plane |= plane << reach
            reach *= 2
        return plane

    def members(self, some: int) -> tuple[str, ...]:
        """The signatures of one column."""
        return tuple(code for place, code in enumerate(self.codes) if some >> place & 1)

    def order(self, members: Sequence[str]) -> tuple[int, list[int]]:
        """Fewest first, then in the order of the signatures."""
        return len(members), [self.codes.index(code) for code in members]

    def smallest(self, plane: int) -> Iterator[int]:
        """The sets in a plane that have no smaller part in it."""
        for place, code in enumerate(self.codes):
            plane |= (plane & ~self.having[code]) << (1 << place)  # whatever has a part in it
        kept = plane
        for place, code in enumerate(self.codes):
            kept &= ~((plane & ~self.having[code]) << (1 << place))  # not where one member can be spared
        while kept:
            lowest = kept & -kept
            yield lowest.bit_length() - 1
            kept ^= lowest


def _filed(program: Program, knowledge: Knowledge, sets: _Sets) -> Iterator[Plane]:
    """Every atom: met in the sets that have the signature its tests are filed under."""
    stops = {c.test for rule in knowledge.in_force for c in conditions_of(rule) if isinstance(c, ProtectiveIs)}
    for atom, _ in program.atoms:
        code = _signature(atom, stops, knowledge)
        yield (sets.having[code], 0) if code in sets.having else NOTHING


def _signature(atom: Atom, stops: set[Test], knowledge: Knowledge) -> str:
    """The one signature that all tests of an atom are filed under; "" where there is none, or they protect."""
    filed = {knowledge.vocabulary.indicators[test.indicator].signature for test in atom.tests}
    return filed.pop() if len(filed) == 1 and stops.isdisjoint(atom.tests) else ""


def _present(program: Program, sets: _Sets) -> dict[int, Forced]:
    """Every signature present, at the level that rules ask for by default, in the sets that have it."""
    full, ladder = (1 << sets.width) - 1, LADDERS[KIND]
    reach = ladder.index(DEFAULT_LEVEL[KIND])
    return {node: Forced(full, sets.having[head.id] if ladder.index(head.level) <= reach else 0)
            for head, node in program.heads.items() if head.kind == KIND}


def _levels(program: Program, kind: str, id: str, sets: _Sets, planes: Sequence[Plane]) -> dict[int, str]:
    """Each smallest set that reaches a conclusion, with the highest level it takes the whole set to reach."""
    return {some: level for level in LADDERS[kind]
            for some in sets.smallest(_plane(program, kind, id, level, planes))}


def _plane(program: Program, kind: str, id: str, level: str, planes: Sequence[Plane]) -> int:
    """The columns in which a conclusion is present at a level."""
    node = program.head(kind, id, level)
    return 0 if node is None else planes[node][0] & ~planes[node][1]


def _sizes(found: dict[int, str]) -> tuple[tuple[int, int], ...]:
    counts: dict[int, int] = {}
    for some in found:
        counts[some.bit_count()] = counts.get(some.bit_count(), 0) + 1
    return tuple(sorted(counts.items()))
