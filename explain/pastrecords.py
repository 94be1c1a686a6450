"""The answer of `backtest` as records: what every form of it is made of."""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """One judgement in a list. `since`, `months`: since when the thing stood before it, where it did.

    `after_lowest`: a judgement at the lowest grade stood, and figures date from after it.
    """

    authority: str
    authority_code: str
    published: str
    judgement: str
    since: str = ""
    months: int | None = None
    after_lowest: bool = False


class Share(NamedTuple):
    """A share or a ratio, and within what it lies in 95 of 100 draws; None where draws cannot tell: none, or all."""

    value: float
    low: float | None
    high: float | None


class Lead(NamedTuple):
    """Months for which the thing had stood when a judgement at the grade asked about began."""

    shortest: int
    median: float
    longest: int


class Rung(NamedTuple):
    """The judgements before which so many signatures were present; no share where there are too few."""

    signatures: int
    judgements: int
    lowest: int
    share: Share | None = None


class Row(NamedTuple):
    """One conclusion at a level, or one rule, beside the judgements of a part.

    Of `judgements` it could be looked at in `evaluable`, `lowest` of them at the grade asked about; it was `present` in
    some and not in others, `known` either way or contested in so many, and `hits` times present before that grade.
    """

    kind: str
    id: str
    title: str
    level: str
    judgements: int
    evaluable: int
    known: int
    contested: int
    lowest: int
    present: int
    hits: int
    present_after_lowest: int
    hits_after_lowest: int
    refused: str = ""
    base_rate: float | None = None
    precision: Share | None = None
    recall: float | None = None
    lift: Share | None = None
    lead: Lead | None = None
    hit: tuple[Told, ...] = ()
    missed: tuple[Told, ...] = ()
    false_alarms: tuple[Told, ...] = ()


class Part(NamedTuple):
    """One area under one framework. `never`: what was known and never present, and in how many judgements."""

    framework: str
    title: str
    area: str
    judgements: int
    authorities: int
    lowest: int
    looked_at: int
    facts: tuple[str, ...]
    refused: str
    ladder: tuple[Rung, ...]
    rows: tuple[Row, ...]
    never: tuple[tuple[str, int], ...]
    nothing_known: int
    base_rate: float | None = None


class Backtest(NamedTuple):
    """The whole answer. `leaky`: what is said of it where it is the false picture."""

    heading: str
    association: str
    leaky: str
    grade: str
    facts: tuple[str, ...]
    parts: tuple[Part, ...]
    closing: tuple[str, ...]
