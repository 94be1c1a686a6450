"""Families of smallest sets of changes: for each mark, what would bring it about or take it away, folded bottom up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.program import Op, Program
from engine.proofs import FOR, Mark, Part, made_of

Family = frozenset[int]
"""Sets of changes as bits, none of which holds another; empty: nothing does it; {0}: nothing need change."""
NOTHING_NEEDED: Family = frozenset({0})
LARGEST_FAMILY = 3_000
"""A larger family is not folded on: the search then says how far it came."""


class TooMany(Exception):
    """There are too many sets to tell them all."""


class Literal(NamedTuple):
    """A mark that is wanted, or (`there` false) wanted not to be there."""

    mark: Mark
    there: bool


def wanted(program: Program, goals: Iterable[Literal]) -> set[Literal]:
    """Everything that can matter to the goals, and which way."""
    stack, seen = list(goals), set[Literal]()
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack += rests_on(program, at)
    return seen


def rests_on(program: Program, literal: Literal) -> list[Literal]:
    """What bears on a literal one step below it; nothing at an atom."""
    return [*(Literal(mark, literal.there) for mark in _marks(made_of(program, literal.mark))),
            *exceptions(program, literal)]


def exceptions(program: Program, literal: Literal) -> list[Literal]:
    """How the exceptions of a rule must stand for its mark to be as wanted."""
    node = program.nodes[literal.mark.node]
    stops = node.args[1:] if node.op is Op.UNLESS and literal.mark.side == FOR else ()
    return [Literal(Mark(arg, FOR), not literal.there) for arg in stops]


def _marks(part: Part | None) -> Iterator[Mark]:
    if isinstance(part, Mark):
        yield part
    elif part is not None:
        for inner in part.parts:
            yield from _marks(inner)


class Families:
    """The family of each literal, of sets of up to `most` changes, none of more than `largest` sets.

    `model`: the marks of every node as things are, bit 0 in the first reading and bit 1 in the second. `leaves`: what
    alone (or at the least) brings about the literal of an atom, as bits. Each set that brings a literal about has a
    member of its family in it; whether a member does so itself must be tried, for it may also do what stops it.
    The same conditions come up in many contexts, so equal families are kept once, and what is made of them too.
    """

    def __init__(self, program: Program, model: Sequence[tuple[int, int]], reading: int,
                 leaves: Mapping[Literal, Iterable[int]], most: int, largest: int = LARGEST_FAMILY) -> None:
        self.program, self.model, self.reading, self.most, self.largest = program, model, reading, most, largest
        self.leaves, self.found = leaves, dict[Literal, Family]()
        self.kept, self.made = dict[Family, Family](), dict[object, Family]()
        self.wholes = dict[Family, bool]()

    def of(self, literal: Literal) -> Family:
        """What would make a mark as it is wanted. Raises TooMany."""
        if bool(self.model[literal.mark.node][literal.mark.side] >> self.reading & 1) is literal.there:
            return NOTHING_NEEDED
        if literal not in self.found:
            self.found[literal] = self.folded(literal)
        return self.found[literal]

    def folded(self, literal: Literal) -> Family:
        """The same, from what the mark is made of."""
        made = made_of(self.program, literal.mark)
        if made is None:
            return self.once(frozenset(self.leaves.get(literal, ())))
        ways = [self.part(made, literal.there), *(self.of(one) for one in exceptions(self.program, literal))]
        return self.every(ways) if literal.there else self.some(ways)

    def part(self, part: Part, there: bool) -> Family:
        """Of a choice: that so many of its parts are there, or that so many are not."""
        if isinstance(part, Mark):
            return self.of(Literal(part, there))
        needed = part.k if there else len(part.parts) - part.k + 1
        families = (self.part(inner, there) for inner in part.parts)
        if needed == len(part.parts):
            return self.every(families)
        given = list(families)
        left = [family for family in given if family and family != NOTHING_NEEDED]
        needed -= given.count(NOTHING_NEEDED)
        return NOTHING_NEEDED if needed <= 0 else self.some(left) if needed == 1 else self.several(needed, left)

    def some(self, families: Iterable[Family]) -> Family:
        """What does one of several things."""
        key = frozenset(families)
        if key not in self.made:
            self.made[key] = self.once(smallest(frozenset().union(*key), self.largest))
        return self.made[key]

    def several(self, needed: int, families: Sequence[Family]) -> Family:
        """What does so many of several things: nothing, where no few changes have a part in so many of them."""
        parts = Counter(change for family in families for change in _each(_joined(family)))
        if needed > sum(count for _, count in parts.most_common(self.most)):
            return frozenset()
        key = needed, *families
        if key not in self.made:
            reached = [NOTHING_NEEDED, *[frozenset[int]()] * needed]
            for family in families:
                for i in range(needed, 0, -1):
                    reached[i] = smallest(reached[i] | self.both(reached[i - 1], family), self.largest)
            self.made[key] = self.once(reached[-1])
        return self.made[key]

    def every(self, families: Iterable[Family]) -> Family:
        """What does all of several things. Once nothing can be added to a set, the rest shows when they are tried."""
        joined = NOTHING_NEEDED
        for family in families:
            joined = self.both(joined, family)
            if self.whole(joined):
                break
        return joined

    def whole(self, family: Family) -> bool:
        """Whether nothing can be added to any of its sets."""
        if family not in self.wholes:
            self.wholes[family] = all(one.bit_count() == self.most for one in family)
        return self.wholes[family]

    def both(self, some: Family, others: Family) -> Family:
        """What does two things: unions of a set of each, of up to `most` changes."""
        if some == NOTHING_NEEDED or others == NOTHING_NEEDED:
            return others if some == NOTHING_NEEDED else some
        if not some or not others or some is others:
            return some and others
        key = some, others
        if key not in self.made:
            self.made[key] = self.once(self.unions(some, others))
        return self.made[key]

    def unions(self, some: Family, others: Family) -> Family:
        """The smallest unions of a set of each."""
        found = {one for one in some if _covered(others, one)} | {one for one in others if _covered(some, one)}
        by_size = _by_size(others, self.most)
        for size, ones in _by_size(some, self.most).items():
            for other_size, twos in by_size.items():
                pairs = ((one, two) for one in ones for two in twos) if size + other_size <= self.most else _meeting(
                    ones, twos)
                found |= {union for one, two in pairs if (union := one | two).bit_count() <= self.most}
        return smallest(frozenset(found), self.largest)

    def once(self, family: Family) -> Family:
        """The same family, and not only an equal one: to find it again then takes no time."""
        return self.kept.setdefault(family, family)


def smallest(sets: Family, largest: int) -> Family:
    """Those that hold no other. Raises TooMany."""
    if 0 in sets:
        return NOTHING_NEEDED
    kept = set[int]()
    for one in sorted(sets, key=int.bit_count):
        if one.bit_count() == 1 or not _covered(kept, one):
            kept.add(one)
    if len(kept) > largest:
        raise TooMany
    return frozenset(kept)


def _covered(sets: Family | set[int], one: int) -> bool:
    """Whether the set, or a part of it, is among the sets."""
    part = one
    while part:
        if part in sets:
            return True
        part = part - 1 & one
    return False


def _by_size(sets: Iterable[int], most: int) -> dict[int, list[int]]:
    """Those that can be added to: beside `most` changes there is only what holds in them already."""
    found: dict[int, list[int]] = {}
    for one in sets:
        if (size := one.bit_count()) < most:
            found.setdefault(size, []).append(one)
    return found


def _joined(family: Family) -> int:
    """Every change that is in some set."""
    joined = 0
    for one in family:
        joined |= one
    return joined


def _meeting(ones: Iterable[int], twos: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The pairs that share a change; any others would be too large together."""
    sharing: dict[int, list[int]] = {}
    for two in twos:
        for change in _each(two):
            sharing.setdefault(change, []).append(two)
    for one in ones:
        for change in _each(one):
            for two in sharing.get(change, ()):
                yield one, two


def _each(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest
