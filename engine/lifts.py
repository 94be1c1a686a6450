"""What went with a judgement how often: counts, shares, and how far they may be chance, by drawing authorities anew."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

LEAST = 10
"""Fewer than so many judgements at the grade that is asked about, or with the thing present: no share is claimed."""
DRAWS, SEED = 2000, 2013
"""So many times authorities are drawn anew, from this start, so that the same table gives the same interval."""
TAIL = 0.025
"""The share of draws that lies below the interval, and above it."""

Interval = tuple[float, float]


class Counts(NamedTuple):
    """Judgements that could be looked at, those of them at the grade asked about, with the thing present, with both."""

    judgements: int
    events: int
    present: int
    hits: int

    @property
    def few(self) -> bool:
        """Whether there are too few of either to claim a share."""
        return self.events < LEAST or self.present < LEAST


class Shares(NamedTuple):
    """`base`: events of all; `precision`: events where present; `recall`: present at events; `lift`: precision by base.

    `precision_within`, `lift_within`: 95 of 100 draws gave no less and no more; None where the thing went with the
    grade never or always, of which draws from the same judgements can show no other.
    """

    base: float
    precision: float
    recall: float
    lift: float
    precision_within: Interval | None
    lift_within: Interval | None


def counted(evaluable: int, events: int, present: int) -> Counts:
    """The counts of planes over judgements, of those that could be looked at."""
    return Counts(evaluable.bit_count(), (evaluable & events).bit_count(), (evaluable & present).bit_count(),
                  (evaluable & events & present).bit_count())


class Draws:
    """Authorities drawn anew, as many as there are, with their judgements; `groups`: a plane of those of each."""

    def __init__(self, groups: Sequence[int], draws: int = DRAWS, seed: int = SEED) -> None:
        self.groups = groups
        drawn = random.Random(seed).choices(range(len(groups)), k=len(groups) * draws)
        self.drawn = pl.Series(drawn, dtype=pl.UInt32)
        self.draw = pl.select(pl.int_range(len(drawn)) // max(1, len(groups))).to_series()

    def shares(self, evaluable: int, events: int, present: int) -> Shares:
        """The shares of planes that have enough of both, and within what they lie."""
        whole = counted(evaluable, events, present)
        between = self.within(evaluable, events, present) if 0 < whole.hits < whole.present else (None, None)
        return Shares(whole.events / whole.judgements, whole.hits / whole.present, whole.hits / whole.events,
                      lift(whole), *between)

    def within(self, evaluable: int, events: int, present: int) -> tuple[Interval, Interval]:
        """Within what precision and lift lie, over the draws that have some of both."""
        rows = [counted(evaluable & group, events, present) for group in self.groups]
        held = pl.DataFrame(rows, schema=dict.fromkeys(Counts._fields, pl.Int64), orient="row")[self.drawn]
        summed = held.group_by(self.draw.alias("draw")).agg(pl.all().sum()).select(Counts._fields)
        found = [one for one in map(Counts._make, summed.iter_rows()) if one.events and one.present]
        return middle(one.hits / one.present for one in found), middle(map(lift, found))


def lift(counts: Counts) -> float:
    """How many times as common the grade was where the thing was present, against all that could be looked at."""
    return counts.hits * counts.judgements / (counts.present * counts.events)


def middle(values: Iterable[float]) -> Interval:
    """The values that leave the share TAIL below and above them, by rank."""
    ordered = sorted(values)
    beyond = int(len(ordered) * TAIL)
    return ordered[beyond], ordered[-1 - beyond]
