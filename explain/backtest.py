"""The answer of `backtest`: what stood before past judgements, counted, with what may not be concluded from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from itertools import groupby
from operator import or_
from statistics import median
from typing import NamedTuple

from engine.backtest import KINDS, LOOKED_BACK, Seen, signatures_present, steps
from engine.judged import Judged
from engine.lifts import DRAWS, LEAST, SEED, Draws, Interval, Shares, counted
from explain.account import closing
from explain.nation import authorities_word
from explain.pastrecords import Backtest, Lead, Part, Row, Rung, Share, Told
from explain.words import count_of, first_of
from kb.dates import long_date
from kb.judgements import Area, Judgements
from kb.knowledge import Knowledge
from kb.outcomes import Judgement

PLACES = 6
"""Decimals of a share in files for other programs."""
NAMED = 5
"""The most codes that are named when their judgements are left aside."""
ORDER = (*KINDS, "rule")


class Past(NamedTuple):
    """What was found of the judgements of one area: in order, with the names of their authorities.

    `after`, `after_lowest`: how many figures date from after each judgement, and from after one at the lowest grade
    that stood; by the number of the judgement.
    """

    judged: Sequence[Judged]
    seen: Sequence[Seen]
    names: Mapping[str, str]
    after: Mapping[int, int]
    after_lowest: Mapping[int, int]


def answer(past: Past, area: Area, known: Judgements, knowledge: Knowledge, leaky: bool, facts: Iterable[str] = (),
           ) -> Backtest:
    """What stood before the judgements of one area, framework by framework. `facts`: more to be said first."""
    frameworks = sorted({one.judgement.framework for one in past.judged})
    parts = tuple(_Part(past, name, area, known, knowledge, leaky).told() for name in frameworks)
    heading = (f"A false picture: past judgements beside figures of today: {area.title}" if leaky
               else f"Past judgements beside what was public before them: {area.title}")
    return Backtest(heading, known.association, known.leaky if leaky else "", known.lowest,
                    (*facts, *_how(leaky)), parts, closing(knowledge.vocabulary))


def _how(leaky: bool) -> Iterator[str]:
    """How the numbers were made, and what they are not."""
    if not leaky:
        yield ("Each judgement is looked at as at the day before it began, with only what was public by then, by the "
               "same evaluation as screen.")
    yield ("Looked at: some test of it was met or not met; in brackets, how many of these were at the grade asked "
           "about. Hits: present, and at that grade. Precision: hits of all present; beside it, the share at that "
           "grade of all looked at. Recall: hits of all at that grade. Lift: precision by that share; 1 is no "
           "difference.")
    if not leaky:
        yield (f"Stood: for how many months it had been present at the end of every month when the judgement began, in "
               f"the middle one of the hits; looked for {LOOKED_BACK} months back.")
    yield (f"Intervals: authorities drawn anew {DRAWS:,} times, each with all its judgements (seed {SEED}); 95 of 100 "
           f"draws lie within. Fewer than {LEAST} judgements at that grade, or with the thing present: no share is "
           "claimed.")
    yield ("Rules and thresholds were written by people who knew many of these judgements, so this is no test of them "
           "on others. Where many rows are looked at, some stand out by chance.")


def without(frameworks: Iterable[str], known: Judgements) -> tuple[str, ...]:
    """What is said of frameworks under which the area was not judged."""
    some = sorted(frameworks)
    notes = [one.note for name in some if (one := known.frameworks.get(name)) and one.note]
    return (f"No judgement of this area is in the table under {', '.join(some)}.", *notes) if some else ()


def left_out(asked: Sequence[Judgement], looked: Iterable[Judged], unknown: Sequence[str], leaky: bool,
             ) -> tuple[str, ...]:
    """What is said of judgements that are not looked back on."""
    said = []
    if unknown:
        said.append(f"Left aside: the judgements of {authorities_word(len(unknown))} whose code is not in the list of "
                    f"authorities: {first_of(unknown, NAMED)}.")
    gone = [] if leaky else sorted({*asked} - {one.judgement for one in looked})
    if gone:
        said.append(f"Left aside: {count_of(len(gone), 'judgement')} under "
                    f"{' and '.join(sorted({one.framework for one in gone}))}, of which neither the day on which it "
                    "began nor an estimate is held.")
    return tuple(said)


class _Part:
    """The judgements of one framework."""

    def __init__(self, past: Past, framework: str, area: Area, known: Judgements, knowledge: Knowledge, leaky: bool,
                 ) -> None:
        self.past, self.framework, self.area, self.leaky, self.known = past, framework, area, leaky, known
        self.mine = {n: one for n, one in enumerate(past.judged) if one.judgement.framework == framework}
        self.all = sum(1 << n for n in self.mine)
        self.lowest = sum(1 << n for n, one in self.mine.items() if one.lowest)
        self.groups = [sum(1 << n for n, _ in some) for _, some in groupby(
            sorted(self.mine.items(), key=lambda pair: (pair[1].judgement.authority, pair[0])),
            key=lambda pair: pair[1].judgement.authority)]
        self.draws = Draws(self.groups)
        self.looked_at = self.all & reduce(or_, (one.evaluable for one in past.seen), 0)
        self.marked = self.looked_at & sum(1 << n for n in self.mine if past.after_lowest.get(n))
        self.titles = _titles(knowledge)

    def told(self) -> Part:
        """Everything that is said of them."""
        seen = steps([_only(one, self.all) for one in self.past.seen])
        few = (self.looked_at & self.lowest).bit_count() < LEAST
        known = self.known.frameworks.get(self.framework)
        present = sorted((one for one in seen if one.present), key=self.order)
        absent = [one for one in seen if not one.present]
        return Part(
            self.framework, known.title if known else "", self.area.title, self.all.bit_count(), len(self.groups),
            self.lowest.bit_count(), self.looked_at.bit_count(), tuple(self.facts(known.note if known else "")),
            self.too_few() if few else "", tuple(self.ladder(seen)) if self.looked_at else (),
            tuple(map(self.row, present)),
            tuple((_named(one), one.known.bit_count()) for one in sorted(absent, key=self.order) if one.known),
            sum(not one.known for one in absent), None if few else round(self.base, PLACES))

    @property
    def base(self) -> float:
        """The share at the grade asked about, of all that are looked at."""
        return (self.looked_at & self.lowest).bit_count() / self.looked_at.bit_count()

    def too_few(self) -> str:
        """Why nothing is claimed."""
        if not self.looked_at:
            return "None of them can be looked at."
        return (f"Of the {self.looked_at.bit_count()} looked at, {(self.looked_at & self.lowest).bit_count()} were at "
                f"that grade: fewer than {LEAST}, so nothing is claimed.")

    def order(self, one: Seen) -> tuple[object, ...]:
        """By kind, then by title as the alphabet has it; levels of one thing stay in their order."""
        kind, id = one.thing[:2]
        return ORDER.index(kind), self.titles[kind, id].casefold() if kind != "signature" else id, id

    def facts(self, note: str) -> Iterator[str]:
        """Which judgements these are, and what has to be known of them."""
        grade, one = self.known.lowest, self.mine.values()
        days = [each.judgement.published for each in one]
        base = f" ({_percent(self.lowest.bit_count() / len(days))})" if self.lowest.bit_count() >= LEAST else ""
        yield (f"{count_of(len(days), 'judgement')} of {authorities_word(len(self.groups))}, published from "
               f"{long_date(min(days))} to {long_date(max(days))}; {self.lowest.bit_count()} of them "
               f'"{grade}"{base}.')
        yield from [note] if note else []
        estimated, unseen = sum(each.estimated for each in one), (self.all & ~self.looked_at).bit_count()
        if estimated and not self.leaky:
            yield f"When it began is an estimate for {estimated} of them: the day was not published."
        if unseen:
            yield f"Before {unseen} of them no figure of the table was public and in date; they are not looked at."
        yield from self.consequences()

    def consequences(self) -> Iterator[str]:
        """Figures that postdate the judgement, or one at the lowest grade that stood."""
        after = sum(self.past.after.get(n, 0) > 0 for n in self.mine if self.looked_at >> n & 1)
        if self.looked_at:
            yield f"Figures dated after the judgement itself were used for {after or 'none'} of them."
        if self.marked and self.leaky:
            yield ("A star marks where such figures date from after a judgement at that grade, this one or an earlier: "
                   "they may be its consequence.")
        elif self.marked:
            yield (f"Before {self.marked.bit_count()} of them an earlier judgement at that grade stood, and figures "
                   "date from after it: they may be its consequence, and are marked *. "
                   f"{(self.marked & self.lowest).bit_count()} of these ended at that grade again.")

    def ladder(self, seen: Sequence[Seen]) -> Iterator[Rung]:
        """How many signatures were present, against the share at the grade asked about."""
        many = signatures_present(seen, self.all.bit_length())
        for rung in range(max((many[n] for n in self.mine), default=-1) + 1):
            plane = sum(1 << n for n in self.mine if many[n] == rung) & self.looked_at
            counts = counted(self.looked_at, self.lowest, plane)
            share = None if counts.few else self.draws.shares(self.looked_at, self.lowest, plane)
            yield Rung(rung, counts.present, counts.hits,
                       _share(share.precision, share.precision_within) if share else None)

    def row(self, one: Seen) -> Row:
        """One thing beside them."""
        counts, hits = counted(one.evaluable, self.lowest, one.present), one.present & self.lowest
        kind, id, level, _ = one.thing
        told = Row(
            kind, id, self.titles[kind, id], level if level != "held" else "", self.all.bit_count(),
            counts.judgements, one.known.bit_count(), one.contested.bit_count(), counts.events, counts.present,
            counts.hits, (one.present & self.marked).bit_count(), (hits & self.marked).bit_count(),
            f"fewer than {LEAST}" if counts.few else "", hit=self.listed(hits, one),
            missed=self.listed(one.evaluable & self.lowest & ~one.present, one),
            false_alarms=self.listed(one.present & ~self.lowest, one))
        shares = None if counts.few else self.draws.shares(one.evaluable, self.lowest, one.present)
        return _with(told, shares)._replace(lead=self.lead(one, hits)) if shares else told

    def lead(self, one: Seen, hits: int) -> Lead | None:
        """For how long it had stood before the judgements at the grade asked about."""
        months = sorted(_months(one.since[n], self.mine[n].began) for n in self.mine if hits >> n & 1)
        return Lead(months[0], median(months), months[-1]) if months and not self.leaky else None

    def listed(self, plane: int, one: Seen) -> tuple[Told, ...]:
        """The judgements of a plane, by the names of the authorities."""
        return tuple(sorted(self.one(n, one.since.get(n)) for n in self.mine if plane >> n & 1))

    def one(self, number: int, since: date | None) -> Told:
        looked = self.mine[number]
        judgement = looked.judgement
        stood = since is not None and not self.leaky
        return Told(self.past.names[judgement.authority], judgement.authority, judgement.published.isoformat(),
                    judgement.grade, since.isoformat() if since and stood else "",
                    _months(since, looked.began) if since and stood else None, bool(self.marked >> number & 1))


def _only(one: Seen, plane: int) -> Seen:
    """What was seen at the looks of a plane, where it could be looked at."""
    mine = plane & one.evaluable
    return Seen(one.thing, mine, one.known & mine, one.present & mine, one.contested & mine, one.since)


def _named(one: Seen) -> str:
    return f"{one.thing.id} {one.thing.level}".removesuffix("held").strip()


def _titles(knowledge: Knowledge) -> dict[tuple[str, str], str]:
    """What each thing is called."""
    return {**{head: one.title for head, one in knowledge.conclusions().items()},
            **{("signature", s.id): s.label for s in knowledge.signatures_in_order},
            **{("rule", rule.id): rule.title or rule.id for rule in knowledge.in_force}}


def _with(row: Row, shares: Shares) -> Row:
    return row._replace(base_rate=round(shares.base, PLACES), recall=round(shares.recall, PLACES),
                        precision=_share(shares.precision, shares.precision_within),
                        lift=_share(shares.lift, shares.lift_within))


def _share(value: float, between: Interval | None) -> Share:
    low, high = between or (None, None)
    return Share(round(value, PLACES), None if low is None else round(low, PLACES),
                 None if high is None else round(high, PLACES))


def _months(since: date, until: date) -> int:
    """Whole months from one day to another."""
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
