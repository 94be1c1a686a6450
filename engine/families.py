"""Families of smallest sets of changes: for each mark, what would bring it about or take it away, folded bottom up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from engine.bearing import Literal, shape, stops
from engine.program import Op, Program
from engine.proofs import FOR, Mark, Part

Family = frozenset[int]
"""Sets of changes as bits, none of which holds another; empty: nothing does it; {0}: nothing need change."""
NOTHING_NEEDED: Family = frozenset({0})
THREE = 3
LARGEST_FAMILY = 3_000
"""A larger family is not folded on: the search then says how far it came."""


class TooMany(Exception):
    """There are too many sets to tell them all."""


class Families:
    """The family of each literal, of sets of up to `most` changes, none of more than `largest` sets.

    `model`: the marks of every node as things are, bit 0 in the first reading and bit 1 in the second. `leaves`: what
    alone (or at the least) brings about the literal of an atom, as bits. Each set that brings a literal about has a
    member of its family in it; whether a member does so itself must be tried, for it may also do what stops it.
    The same conditions come up in many contexts, so what comes up again is folded once, and equal families are kept
    once, with what is made of them.
    """

    def __init__(self, program: Program, model: Sequence[tuple[int, int]], reading: int,
                 leaves: Mapping[Literal, Iterable[int]], most: int, largest: int = LARGEST_FAMILY) -> None:
        self.program, self.model, self.reading, self.most, self.largest = program, model, reading, most, largest
        self.leaves, self.found = leaves, dict[tuple[int, int, bool], Family]()
        self.alike = alike(program, model, reading, leaves)
        self.kept, self.made = dict[Family, Family](), dict[object, Family]()
        self.wholes = dict[Family, bool]()

    def of(self, literal: Literal) -> Family:
        """What would make a mark as it is wanted. Raises TooMany."""
        return self.at(literal.mark.node, literal.mark.side, literal.there)

    def at(self, node: int, side: int, there: bool) -> Family:
        """The same of a node's mark on one side, wanted there or away."""
        if bool(self.model[node][side] >> self.reading & 1) is there:
            return NOTHING_NEEDED
        first = self.alike[node], side, there
        if first not in self.found:
            self.found[first] = self.folded(*first)
        return self.found[first]

    def folded(self, place: int, side: int, there: bool) -> Family:
        """The same, from what the mark is made of."""
        node = self.program.nodes[place]
        parts = shape(node.op, node.k, len(node.args), side)
        if parts is None:
            return self.once(frozenset(self.leaves.get(Literal(Mark(place, side), there), ())))
        ways = [self.part(parts, node.args, there)]
        ways += [self.at(arg, FOR, not there) for arg in stops(node.op, node.args, side)]
        return self.every(ways) if there else self.some(ways)

    def part(self, part: Part, args: Sequence[int], there: bool) -> Family:
        """Of a choice among a node's arguments: that so many of its parts are there, or that so many are not."""
        if isinstance(part, Mark):
            return self.at(args[part.node], part.side, there)
        needed = part.k if there else len(part.parts) - part.k + 1
        families = (self.part(inner, args, there) for inner in part.parts)
        if needed == len(part.parts):
            return self.every(families)
        given = list(families)
        left = [family for family in given if family and family != NOTHING_NEEDED]
        needed -= given.count(NOTHING_NEEDED)
        return NOTHING_NEEDED if needed <= 0 else self.some(left) if needed == 1 else self.several(needed, left)

    def some(self, families: Iterable[Family]) -> Family:
        """What does one of several things."""
        key = frozenset(families)
        if len(key) == 1:
            return next(iter(key))
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
        found = some & others | _holding(others, some) | _holding(some, others)
        by_size = _by_size(others)
        for (size, ones), (other_size, twos) in product(_by_size(some).items(), by_size.items()):
            if size + other_size <= self.most:
                found |= {one | two for one in ones for two in twos}
            elif max(size, other_size) < self.most:  # beside so many there is only what holds in them already
                found |= {union for one, two in _meeting(ones, twos) if (union := one | two).bit_count() <= self.most}
        return smallest(found, self.largest)

    def once(self, family: Family) -> Family:
        """The same family, and not only an equal one: to find it again then takes no time."""
        return self.kept.setdefault(family, family)


def alike(program: Program, model: Sequence[tuple[int, int]], reading: int,
          leaves: Mapping[Literal, Iterable[int]]) -> list[int]:
    """Of each node the first that has the same marks and is made in the same way: they share their families."""
    own = dict[int, set[object]]()
    for literal, sets in leaves.items():
        own.setdefault(literal.mark.node, set()).add((literal.mark.side, literal.there, frozenset(sets)))
    bare, made = frozenset[object](), {place: frozenset(some) for place, some in own.items()}
    firsts, found, atom, bit = dict[object, int](), list[int](), Op.ATOM, 1 << reading
    for place, ((op, args, k, *_), (for_, against)) in enumerate(zip(program.nodes, model, strict=True)):
        below = made.get(place, bare) if op is atom else tuple([found[arg] for arg in args])
        found.append(firsts.setdefault((op, k, for_ & bit, against & bit, below), place))
    return found


def smallest(sets: Family, largest: int) -> Family:
    """Those that hold no other. Raises TooMany."""
    if 0 in sets:
        return NOTHING_NEEDED
    alike = len({*map(int.bit_count, sets)}) == 1
    kept = sets if alike else sets - _holding(sets, sets)
    if len(kept) > largest:
        raise TooMany
    return kept


def _holding(sets: Family, some: Iterable[int]) -> set[int]:
    """Those of some sets that hold one of the family, and more."""
    alone = _joined([one for one in sets if not one & one - 1])
    least = min(filter((1).__lt__, map(int.bit_count, sets)), default=0)
    found = {one for one in some if one & alone and one & one - 1}
    if least:
        found.update([one for one in some if not one & alone and one.bit_count() > least and _part(one, sets)])
    return found


def _part(one: int, sets: Family) -> bool:
    """Whether a part of it, and not all, is among the sets, of which none is a single change of it."""
    if one.bit_count() == THREE:  # most of them: what is left of three is a pair
        last, first = one & one - 1, one & -one
        return last in sets or (last & last - 1 | first) in sets or (last & -last | first) in sets
    part = one - 1 & one
    while part and part not in sets:
        part = part - 1 & one
    return bool(part)


def _by_size(sets: Iterable[int]) -> dict[int, list[int]]:
    """The sets by how many changes they hold."""
    found: dict[int, list[int]] = {}
    for one in sets:
        found.setdefault(one.bit_count(), []).append(one)
    return found


def _joined(sets: Iterable[int]) -> int:
    """Every change that is in some set."""
    joined = 0
    for one in sets:
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
