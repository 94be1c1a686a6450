"""Observations at a date: what each test says of them, which of them say so, and why not where it is unknown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from kb.conditions import Comparator, Test
from kb.dates import Precision, add_months, may_be_within, months_apart, within
from kb.dossier import Marker, Observation
from kb.model import Indicator, Reading, Vocabulary

YEAR = 12
SILENCE_HOLDS = 3
"""Months for which a record that nothing happened still speaks after its period ends (local judgement)."""


class Gap(StrEnum):
    """Why a test has no mark."""

    NO_EVIDENCE = "no evidence"
    EXPIRED = "out of date"
    MARKER = "no value published"
    NO_FIGURES = "nothing to compare with in that year"
    LOOSE = "dated too loosely"
    NO_EARLIER = "no earlier value to compare with"
    SILENCE = "no record either way"
    SMALL_BASE = "a rate on a small base, without two years that agree"


class Verdict(NamedTuple):
    """What the evidence says of one test at one date: the observations for and against, or the gap."""

    for_by: tuple[Observation, ...] = ()
    against_by: tuple[Observation, ...] = ()
    gap: Gap | None = None
    looked_at: tuple[Observation, ...] = ()
    limit: float | None = None

    @property
    def disputed(self) -> bool:
        """Whether sources disagree about the test."""
        return bool(self.for_by and self.against_by)


NOTHING_HELD = Verdict(gap=Gap.NO_EVIDENCE)


class Evidence(NamedTuple):
    """The observations of one authority, by indicator, in an order that no file decides."""

    by_indicator: dict[str, tuple[Observation, ...]]
    vocabulary: Vocabulary

    @staticmethod
    def of(observations: Iterable[Observation], vocabulary: Vocabulary) -> Evidence:
        """Gathers observations by indicator, sorted."""
        grouped: dict[str, list[Observation]] = {}
        for observation in observations:
            grouped.setdefault(observation.indicator, []).append(observation)
        return Evidence({k: in_order(v) for k, v in grouped.items()}, vocabulary)

    def without(self, gone: Collection[Observation]) -> Evidence:
        """The same without some observations."""
        keys, touched = {o.sort_key for o in gone}, {o.indicator for o in gone}
        left = {id: tuple(o for o in held if o.sort_key not in keys) if id in touched else held
                for id, held in self.by_indicator.items()}
        return Evidence({id: held for id, held in left.items() if held}, self.vocabulary)

    def decide(self, test: Test, as_at: date) -> Verdict:
        """What was known by `as_at`, and still in date, says of the test. Raises KeyError on an unknown indicator."""
        indicator = self.vocabulary.indicators[test.indicator]
        known = tuple(o for o in self.by_indicator.get(test.indicator, ())
                      if o.known <= as_at and (not test.of or set(test.of) <= set(o.of)))
        if not known:
            return NOTHING_HELD
        return READINGS[indicator.reading](test, indicator, known, as_at, self.vocabulary)


def in_order(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """The observations in an order that no file decides."""
    return tuple(sorted(observations, key=lambda o: o.sort_key))


def instead(held: Sequence[Observation], evidence: Sequence[Observation], now: Sequence[Observation],
            ) -> Sequence[Observation]:
    """What is held `now` with the same taken away and added as makes `evidence` of what was held."""
    if now is held:
        return evidence
    gone, new = set(held) - set(evidence), set(evidence) - set(held)
    return [*(o for o in now if o not in gone), *(o for o in evidence if o in new)]


def spoken_for(observation: Observation) -> tuple[object, ...]:
    """Who says of what, and of which day, in which document: of those alike in it, the one known last is the word."""
    return observation.of, observation.about, observation.body, observation.citation.source.id


def as_revised(figures: Sequence[Observation]) -> Sequence[Observation]:
    """The figures of one indicator without those that their own source has revised since."""
    last: dict[tuple[object, ...], date] = {}
    for o in figures:
        last[spoken_for(o)] = max(o.known, last.get(spoken_for(o), o.known))
    return figures if len(last) == len(figures) else [o for o in figures if o.known == last[spoken_for(o)]]


def in_date(observation: Observation, indicator: Indicator, as_at: date) -> bool:
    """Whether the observation still speaks at that date."""
    return within(observation.about, indicator.validity, as_at)


def _latest(test: Test, indicator: Indicator, known: Sequence[Observation], as_at: date, vocabulary: Vocabulary,
            ) -> Verdict:
    """Numbers: the value about the latest time decides, and two about the same time may contradict one another.

    What a source has revised counts no more, neither by itself nor as the value of a year before.
    """
    known = as_revised(known)
    current = [o for o in known if in_date(o, indicator, as_at)]
    if not current:
        loose = any(may_be_within(o.about, indicator.validity, as_at) for o in known)
        return Verdict(gap=Gap.LOOSE if loose else Gap.EXPIRED, looked_at=tuple(known))
    deciding = [o for o in current if not any(_after(p, o) for p in current)]
    small = [o for o in deciding if small_base(o, indicator)]
    if test.rise_over is not None:
        firm = [o for o in deciding if o not in small]
        risen = _risen(test, firm, known)
        return risen if firm else risen._replace(gap=Gap.SMALL_BASE, looked_at=tuple(deciding))
    found = _sorted_out(deciding, test, vocabulary, as_at)
    return found if not small else _two_years(found, small, test, known, vocabulary, as_at)


def small_base(observation: Observation, indicator: Indicator) -> bool:
    """Whether so few stand behind a rate that one more or fewer would move it too far to be read alone."""
    return observation.base is not None and observation.base < indicator.small_base


def _two_years(found: Verdict, small: Sequence[Observation], test: Test, known: Sequence[Observation],
               vocabulary: Vocabulary, as_at: date) -> Verdict:
    """A rate on a small base decides only where the value of a year earlier falls on the same side."""
    agreeing: dict[bool, list[Observation]] = {True: [], False: []}
    for side, observations in ((True, found.for_by), (False, found.against_by)):
        for o in observations:
            earlier = [e for e in known if months_apart(e.about.end, o.about.end) == YEAR]
            before = _sorted_out(earlier, test, vocabulary, as_at) if earlier else Verdict()
            alike = before.for_by if side else before.against_by
            if o not in small or alike:
                agreeing[side] += [o, *(alike if o in small else ())]
    gap = None if agreeing[True] or agreeing[False] else found.gap or Gap.SMALL_BASE
    return found._replace(for_by=tuple(agreeing[True]), against_by=tuple(agreeing[False]), gap=gap)


def _after(later: Observation, earlier: Observation) -> bool:
    """Whether one is certainly about a later time: a loose date that may be the earlier one replaces nothing."""
    return later.about.start > earlier.about.end


def _by_body(test: Test, indicator: Indicator, known: Sequence[Observation], as_at: date, vocabulary: Vocabulary,
             ) -> Verdict:
    """Findings: the latest of each body stands; bodies that disagree leave the test disputed."""
    current = [o for o in known if in_date(o, indicator, as_at)]
    standing = [o for o in current if not any(p.body == o.body and _replaces(p, o) for p in current)]
    if not standing:
        loose = any(may_be_within(o.about, indicator.validity, as_at) for o in known)
        return Verdict(gap=Gap.LOOSE if loose else Gap.EXPIRED, looked_at=tuple(known))
    return _sorted_out(standing, test, vocabulary, as_at)


def _replaces(later: Observation, earlier: Observation) -> bool:
    """Whether a body's finding stands in for its earlier one: about a later time, or a later word on the same."""
    return _after(later, earlier) or (later.about == earlier.about and later.known > earlier.known)


def _occurrences(test: Test, indicator: Indicator, known: Sequence[Observation], as_at: date,
                 _vocabulary: Vocabulary) -> Verdict:
    """Events: any in the window counts; silence is not known, unless a record says that there was none."""
    months = indicator.validity if test.window is None else test.window
    happened = [o for o in known if o.value is not None and o.value > 0]
    definite = [o for o in happened if within(o.about, months, as_at)]
    possible = [o for o in happened if o not in definite and may_be_within(o.about, months, as_at)]
    none = [o for o in known if o.value == 0]
    wanted = 1.0 if isinstance(test.threshold, str) else float(test.threshold)
    if times(definite) >= wanted:
        denying = [n for n in none if times([o for o in definite if not _covers(n, o)]) < wanted]
        return Verdict(tuple(definite), tuple(denying), limit=wanted)
    silent = [n for n in none if _window_covered(n, months, as_at)]
    if silent and times(definite) + times(possible) < wanted:
        return Verdict((), (*silent, *definite), limit=wanted)
    marked = [o for o in known if o.marker is not None and in_date(o, indicator, as_at)]
    unfit = tuple(o for o in marked if o.marker is Marker.NOT_APPLICABLE)
    gap = Gap.LOOSE if possible else Gap.MARKER if marked else Gap.SILENCE if definite or none else Gap.EXPIRED
    return Verdict((), unfit, None if unfit else gap, tuple(marked or known), wanted)


READINGS: dict[Reading, Callable[[Test, Indicator, Sequence[Observation], date, Vocabulary], Verdict]] = {
    Reading.LATEST: _latest, Reading.BY_BODY: _by_body, Reading.OCCURRENCES: _occurrences,
}


def times(observations: Iterable[Observation]) -> float:
    """How often it certainly happened: records whose dates overlap may be of one event.

    The most that records with dates apart from one another come to, so a further record never lowers the count.
    """
    best: list[tuple[date, float]] = [(date.min, 0.0)]
    for o in sorted(observations, key=lambda o: (o.about.end, o.about.start)):
        before = max(count for end, count in best if end < o.about.start or end == date.min)
        best.append((o.about.end, max(before + (o.value or 0.0), best[-1][1])))
    return best[-1][1]


def _covers(none: Observation, event: Observation) -> bool:
    """Whether a record that there was none speaks of every day on which the event may have been."""
    whole = none.about.precision is not Precision.SOMETIME
    return whole and none.about.start <= event.about.start and event.about.end <= none.about.end


def _window_covered(none: Observation, months: int, as_at: date) -> bool:
    reaches_back = add_months(none.about.start, months) <= as_at
    return reaches_back and none.about.precision is not Precision.SOMETIME and within(
        none.about, SILENCE_HOLDS, as_at)


def _sorted_out(deciding: Sequence[Observation], test: Test, vocabulary: Vocabulary, as_at: date) -> Verdict:
    """Each deciding observation on its side of the threshold; a gap where none takes a side."""
    limits = [limit_for(test, o, vocabulary, as_at) for o in deciding]
    sides = [_side(o, test.comparator, limit, vocabulary) for o, limit in zip(deciding, limits, strict=True)]
    for_by = tuple(o for o, side in zip(deciding, sides, strict=True) if side is True)
    against_by = tuple(o for o, side in zip(deciding, sides, strict=True) if side is False)
    gap = None
    if not for_by and not against_by:
        gap = Gap.MARKER if all(o.marker for o in deciding) else Gap.NO_FIGURES
    return Verdict(for_by, against_by, gap, tuple(deciding), limits[-1])


def limit_for(test: Test, observation: Observation, vocabulary: Vocabulary, as_at: date) -> float | None:
    """The threshold in the indicator's unit: a number, or where others stood in the observation's own year.

    None where that figure is not held, or was not yet public.
    """
    if isinstance(test.threshold, float):
        return test.threshold
    year = vocabulary.years.get((test.indicator, observation.about.end.year))
    return year.get(test.threshold) if year and year.known <= as_at else None


def _side(observation: Observation, comparator: Comparator, limit: float | None, vocabulary: Vocabulary,
          ) -> bool | None:
    if observation.marker is Marker.NOT_APPLICABLE:
        return False
    if limit is None:
        return None
    if observation.marker is Marker.LOW:
        step = vocabulary.indicators[observation.indicator].rounding
        return comparator in (Comparator.AT_MOST, Comparator.BELOW) if 0 < step < limit else None
    return None if observation.value is None else compare(observation.value, comparator, limit)


def compare(value: float, comparator: Comparator, limit: float) -> bool:
    """Whether the value meets the threshold; both rounded to 6 decimals, so that engines cannot differ."""
    left, right = round(value, 6), round(limit, 6)
    return {
        Comparator.AT_LEAST: left >= right, Comparator.ABOVE: left > right,
        Comparator.AT_MOST: left <= right, Comparator.BELOW: left < right,
    }[comparator]


def _risen(test: Test, deciding: Sequence[Observation], known: Sequence[Observation]) -> Verdict:
    """The change from the value of exactly so many months earlier."""
    sides: dict[bool, list[Observation]] = {True: [], False: []}
    sides[False] += [o for o in deciding if o.marker is Marker.NOT_APPLICABLE]
    for observation in (o for o in deciding if o.about.precision is not Precision.SOMETIME):
        for earlier in (o for o in known if o.value is not None and o.about.precision is not Precision.SOMETIME):
            apart = months_apart(earlier.about.end, observation.about.end) == test.rise_over
            if apart and observation.value is not None and isinstance(test.threshold, float):
                met = compare(observation.value - (earlier.value or 0.0), test.comparator, test.threshold)
                sides[met] += [observation, earlier]
    limit = test.threshold if isinstance(test.threshold, float) else None
    if not sides[True] and not sides[False]:
        gap = Gap.MARKER if all(o.marker for o in deciding) else Gap.NO_EARLIER
        return Verdict(gap=gap, looked_at=tuple(deciding), limit=limit)
    return Verdict(tuple(sides[True]), tuple(sides[False]), None, tuple(deciding), limit)
