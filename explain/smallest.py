"""The smallest routes, best first: sets of observations, fewest first, without enumerating the routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from engine.proofs import Choose, Mark, Part, Provenance, value

MOST = 2_000
"""The most partial routes that are looked at; a search that is cut short says so, and gives some route."""


class Least(NamedTuple):
    """What a proof needs at least: so many observations, all of them among `among` (as bits)."""

    size: int
    among: int


class Smallest(NamedTuple):
    """Sets of observations (as bits) that routes rest on, fewest first. `exact`: nothing smaller was left out."""

    routes: tuple[int, ...]
    exact: bool = True


class _Open(NamedTuple):
    """A partial route: what it rests on so far, and what is still to be chosen."""

    held: int
    choices: tuple[Choose, ...]


def smallest(provenance: Provenance, mark: Mark, leaves: Callable[[Mark], int], wanted: int = 10, most: int = MOST,
             ) -> Smallest:
    """The `wanted` smallest sets of observations that a route rests on; ties by rules' ids, then as a rule is written.

    `leaves`: the bits of the observations under an atom's mark. Best first, by a bound that no route undercuts, so
    the sets come in the order of their size; routes that rest on the same observations are told once.
    """
    if not provenance.holds(mark):
        return Smallest(())
    search = _Search(provenance, mark, leaves)
    found: dict[int, None] = {}
    for held in search.complete(most):
        found[held] = None
        if len(found) == wanted:
            break
    return Smallest(tuple(found), not search.cut)


class _Search:
    def __init__(self, provenance: Provenance, mark: Mark, leaves: Callable[[Mark], int]) -> None:
        self.provenance, self.leaves, self.start = provenance, leaves, mark
        self.least = provenance.fold(mark, lambda m: Least(leaves(m).bit_count(), leaves(m)), needed)
        self.of: dict[Choose, Least] = {}
        self.forced: dict[Mark, _Open] = {}
        for at in provenance.used(mark):  # what it is made of always before it
            self.following(at)
        self.cut = False

    def complete(self, most: int) -> Iterator[int]:
        """The observations of each complete route, fewest first, as far as `most` looks go."""
        first = self.settled(0, [self.start])
        heap, seen, pushed = [(self.bound(first), 0, first)], {first}, 0
        for _ in range(most):
            if not heap:
                return
            _, _, at = heappop(heap)
            if not at.choices:
                yield at.held
                continue
            for after in self.branches(at):
                if after not in seen:
                    seen.add(after)
                    pushed -= 1  # among equals the latest first: a route is gone through to its end
                    heappush(heap, (self.bound(after), pushed, after))
        self.cut = bool(heap)
        if heap:
            yield self.some(heappop(heap)[2])

    def some(self, at: _Open) -> int:
        """The observations of one way to complete a route, the least promising branch always left."""
        while at.choices:
            at = min(reversed([*self.branches(at)]), key=self.bound)
        return at.held

    def settled(self, held: int, parts: Iterable[Part]) -> _Open:
        """What follows without any choice, taken."""
        choices = list[Choose]()
        for part in parts:
            if isinstance(part, Mark):
                follows = self.following(part)
            elif part.k == len(part.parts):
                follows = self.settled(0, part.parts)
            else:
                follows = _Open(0, (part,) if part.k else ())
            held |= follows.held
            choices += follows.choices
        return _Open(held, tuple(choices))

    def following(self, mark: Mark) -> _Open:
        """What follows from one mark without any choice; worked out once."""
        if mark not in self.forced:
            made = self.provenance.below(mark)
            self.forced[mark] = _Open(self.leaves(mark), ()) if made is None else self.settled(0, [made])
        return self.forced[mark]

    def branches(self, at: _Open) -> Iterator[_Open]:
        """The first choice made both ways, the first part without and (to be looked at first) with it."""
        (k, (part, *others)), rest = at.choices[0], at.choices[1:]
        for parts in ([Choose(k, tuple(others))], [part, Choose(k - 1, tuple(others))]):
            held, choices = self.settled(at.held, parts)
            yield _Open(held, choices + rest)

    def bound(self, at: _Open) -> int:
        """So many observations any completion has at least."""
        least = [self.needs(choice) for choice in at.choices]
        apart, _ = _apart(least, at.held)
        return max([at.held.bit_count() + sum(one.size for one in apart), *(one.size for one in least)])

    def needs(self, choice: Choose) -> Least:
        """What a choice needs at least."""
        if choice not in self.of:
            self.of[choice] = value(choice, self.least, needed)
        return self.of[choice]


def needed(k: int, parts: list[Least]) -> Least:
    """What k of the parts need at least: parts that share no observation add up, any others may coincide."""
    apart, among = _apart(parts, 0)
    certain = k - (len(parts) - len(apart))
    together = sum(sorted(one.size for one in apart)[:max(certain, 0)])
    largest = sorted(one.size for one in parts)[k - 1] if k else 0
    return Least(max(together, largest), among)


def _apart(parts: list[Least], taken: int) -> tuple[list[Least], int]:
    """Parts of which no two share an observation (the largest first), and all observations there are."""
    found, among = list[Least](), taken
    for one in sorted(parts, key=lambda one: -one.size):
        if not one.among & taken:
            found.append(one)
            taken |= one.among
        among |= one.among
    return found, among
