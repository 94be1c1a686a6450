"""Past judgements made ready to be looked back at: as at which day, and which figures may be their consequence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from kb.judgements import Judgements
from kb.model import Kind, Vocabulary
from kb.outcomes import Judgement


class Judged(NamedTuple):
    """One judgement, and the day as at which it is looked at.

    `estimated`: the day on which it began was not published. `stood`: the day of publication of a judgement at the
    lowest grade, if one stood on that day: figures dated later may be its consequence. In a false picture the
    judgement itself may be that one.
    """

    judgement: Judgement
    as_at: date
    began: date
    estimated: bool
    lowest: bool
    stood: date | None


def judged(asked: Iterable[Judgement], among: Sequence[Judgement], known: Judgements) -> Iterator[Judged]:
    """Each judgement as at the day before it began; those of which nobody says or estimates that day are left out.

    `among`: all judgements of the area, of which an earlier one may stand.
    """
    for one in asked:
        framework = known.frameworks.get(one.framework)
        began = one.began
        if began is None and framework is not None and framework.begun_before is not None:
            began = one.published - timedelta(days=framework.begun_before)
        if began is not None:
            yield _as_at(one, began - timedelta(days=1), began, among, known)


def leaky(asked: Iterable[Judgement], among: Sequence[Judgement], known: Judgements, today: date) -> Iterator[Judged]:
    """The false picture: the last judgement of each authority, as at a day on which all is known."""
    last = {one.authority: one for one in sorted(asked, key=_when)}
    for _, one in sorted(last.items()):
        yield _as_at(one, max(today, one.published), one.began or one.published, among, known)


def _when(one: Judgement) -> tuple[date, str, str]:
    return one.published, one.framework, one.area


def _as_at(one: Judgement, day: date, began: date, among: Sequence[Judgement], known: Judgements) -> Judged:
    before = [other for other in among if other.authority == one.authority and other.published <= day]
    last = max(before, key=_when, default=None)
    stood = last.published if last is not None and last.grade == known.lowest else None
    return Judged(one, day, began, one.began is None, one.grade == known.lowest, stood)


def dated_after(table: pl.DataFrame, vocabulary: Vocabulary, of: Iterable[tuple[int, str, date, date]],
                ) -> dict[int, int]:
    """How many figures of an authority were public by one day, and are about a later time than another.

    Of figures, those count that the vocabulary's cautions are about; all of them where it has none.
    `of`: a number, an authority, the day by which they were public, and the day after which they are dated.
    """
    marked = {id for caution in vocabulary.cautions.values() for id in caution.marks} or set(vocabulary.indicators)
    figures = table.filter(pl.col("kind") == Kind.STATISTIC.value, pl.col("indicator").is_in(sorted(marked)))
    days: Mapping[str, list[tuple[date, date]]] = defaultdict(list)
    for code, about, known in figures.select("authority_code", "about", "known").iter_rows():
        days[code].append((about, known))
    return {number: sum(about > after and known <= by for about, known in days[code]) for number, code, by, after in of}
