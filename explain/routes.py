"""Routes to a conclusion: counted exactly by a fold, and what every one of them needs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import TypeVar

from engine.bits import Plane
from engine.program import Program
from engine.proofs import Choose, Mark, Provenance, made_of, value

T = TypeVar("T")
Numbers = tuple[int, ...]
"""A number in every column: its binary digits as planes, the last digit first; none of them is a nought in front."""


def elementary(k: int, values: Iterable[T], zero: T, one: T, plus: Callable[[T, T], T], times: Callable[[T, T], T],
               ) -> T:
    """The elementary symmetric polynomial of degree k: the sum, over every k of the values, of their product."""
    reached = [one, *[zero] * k]
    for found in values:
        for i in range(k, 0, -1):
            reached[i] = plus(reached[i], times(reached[i - 1], found))
    return reached[k]


def count(provenance: Provenance, mark: Mark) -> int:
    """How many routes there are, exactly: proof trees whose choices are independent; 0 where the mark is not there."""
    def choose(k: int, parts: list[int]) -> int:
        return elementary(k, parts, 0, 1, operator.add, operator.mul)
    return provenance.fold(mark, lambda _: 1, choose).get(mark, 0)


def in_every(provenance: Provenance, mark: Mark, leaves: Callable[[Mark], int]) -> int:
    """What is in every route, as bits; `leaves`: the bits that stand for what is under an atom's mark.

    Without it none of these routes is left; another may open where it was also what showed an exception.
    """
    def choose(k: int, parts: list[int]) -> int:  # in every choice of k: in so many parts that no k are without it
        return elementary(len(parts) - k + 1, parts, 0, -1, operator.or_, operator.and_)
    return provenance.fold(mark, leaves, choose).get(mark, 0)


def count_everywhere(program: Program, planes: Sequence[Plane], marks: Iterable[Mark], full: int,
                     ) -> dict[Mark, Numbers]:
    """How many routes there are to some marks in every column at once, exactly: what `count` gives in each.

    `planes`: of every node, equal ones best as one object; `full`: a plane of every column.
    """
    one, chosen, there = (full,), dict[tuple[int, ...], Numbers](), dict[tuple[int, int], Numbers]()
    found: dict[Mark, Numbers] = {}

    def choose(k: int, parts: list[Numbers]) -> Numbers:  # of the same parts once
        asked = (k, *map(id, parts))
        if asked not in chosen:
            chosen[asked] = elementary(k, parts, (), one, plus, times)
        return chosen[asked]
    for at in _below(program, planes, marks):
        made, plane = made_of(program, at), planes[at.node][at.side]
        ways = one if made is None or not plane else value(made, found, choose)
        if (id(plane), id(ways)) not in there:
            there[id(plane), id(ways)] = times((plane,), ways)  # none where the mark is not there
        found[at] = there[id(plane), id(ways)]
    return found


def _below(program: Program, planes: Sequence[Plane], marks: Iterable[Mark]) -> list[Mark]:
    """Every mark that routes to some marks are made of, what one is made of always before it."""
    stack, seen = [*marks], set[Mark]()
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack += _parts(made_of(program, at)) if planes[at.node][at.side] else ()
    return sorted(seen)


def _parts(made: Choose | None) -> list[Mark]:
    return [] if made is None else [mark for part in made.parts
                                    for mark in ([part] if isinstance(part, Mark) else _parts(part))]


def plus(one: Numbers, other: Numbers) -> Numbers:
    """The sums, column by column."""
    digits, carried = [], 0
    for left, right in zip_longest(one, other, fillvalue=0):
        if not carried and not (left and right):
            digits.append(left or right)
            continue
        either = left ^ right
        digits.append(either ^ carried)
        carried = left & right | carried & either
    return _trimmed([*digits, carried])


def times(one: Numbers, other: Numbers) -> Numbers:
    """The products, column by column."""
    found: Numbers = ()
    short, long = sorted((one, other), key=len)
    for place, digit in enumerate(short):
        if digit:
            product = (*[0] * place, *(digit & each for each in long))
            found = plus(found, product) if found else product
    return _trimmed([*found])


def _trimmed(digits: list[int]) -> Numbers:
    while digits and not digits[-1]:
        digits.pop()
    return tuple(digits)
