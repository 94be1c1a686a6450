"""Routes to a conclusion: counted exactly by a fold, and what every one of them needs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import TypeVar

from engine.proofs import Mark, Provenance

T = TypeVar("T")


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
