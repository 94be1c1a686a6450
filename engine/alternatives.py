"""What else the evidence on one indicator could say: one alternative for each stretch that tests tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.evidence import Gap, limit_for, times
from kb.amounts import step
from kb.conditions import Comparator, Test
from kb.dates import Precision, Span, add_months, months_apart, within
from kb.dossier import Observation
from kb.figures import latest_day
from kb.model import NOT_RECORDED, Citation, Indicator, Reading, Source
from kb.suppositions import SUPPOSED

Of = tuple[tuple[str, str], ...]
UNDECIDED = (Gap.EXPIRED, Gap.LOOSE, Gap.NO_EVIDENCE, Gap.SILENCE)
"""Gaps in which nothing held decides: what is supposed then comes new, and replaces nothing."""


class Cut(NamedTuple):
    """Where a test changes sides: at the value, or (`beyond`) just above it."""

    value: float
    beyond: bool
    test: Test


class Alternative(NamedTuple):
    """One indicator with another value: `evidence` is all that would be held of it, `held` what decides now.

    `crossed`: the tests that change sides on the way; `rises`: upwards. `far`: how many stretches away, 1 the nearest
    (of what is not known: from the favourable end). `short`: the last value that does not get so far (None where there
    is none), with `evidence_short`.
    """

    indicator: str
    of: Of
    value: float
    crossed: tuple[Test, ...]
    held: tuple[Observation, ...]
    evidence: tuple[Observation, ...]
    far: int
    rises: bool
    short: float | None = None
    evidence_short: tuple[Observation, ...] = ()

    @property
    def subject(self) -> tuple[str, Of]:
        """What it is a value of; only one alternative of an indicator is supposed at a time, whatever its subject."""
        return self.indicator, self.of

    def no_further(self, other: Alternative) -> bool:
        """Whether it lies between what is held and another one of the same subject, or is that other one."""
        alike = self.subject == other.subject and (self.rises == other.rises or not self.held)
        return alike and self.far <= other.far


def alternatives(assessment: Assessment, tests: Iterable[Test]) -> tuple[Alternative, ...]:
    """Every alternative to what is held, of the indicators that these tests look at; the nearest of each first."""
    subjects: dict[tuple[str, Of], list[Test]] = {}
    for test in sorted(set(tests), key=str):
        subjects.setdefault((test.indicator, test.of), []).append(test)
    return tuple(found for (indicator, of), asked in subjects.items() for found in _of_subject(
        assessment, assessment.knowledge.vocabulary.indicators[indicator], of, asked))


def _of_subject(assessment: Assessment, indicator: Indicator, of: Of, tests: Sequence[Test]) -> Iterator[Alternative]:
    if indicator.reading is Reading.OCCURRENCES:
        return _counts(_Held(assessment, indicator, of), tests)
    return _values(_Held(assessment, indicator, of), tests)


class _Held:
    """The evidence on one subject, as an assessment holds it, and as it would be."""

    def __init__(self, assessment: Assessment, indicator: Indicator, of: Of) -> None:
        self.it, self.indicator, self.of = assessment, indicator, of
        self.all = assessment.looking.column.evidence.by_indicator.get(indicator.id, ())

    def deciding(self, tests: Sequence[Test]) -> tuple[Observation, ...]:
        """What decides now, whichever way; nothing where nothing held is in date."""
        verdicts = [self.it.looking.verdict(test, 0) for test in tests]
        return tuple(dict.fromkeys(o for v in verdicts if v.gap not in UNDECIDED for o in v.looked_at))

    def with_value(self, value: float, deciding: Sequence[Observation]) -> tuple[Observation, ...]:
        """All that would be held if what decides had this value; a new observation where nothing decides."""
        if not deciding:
            return (*self.all, self.supposed(value))
        gone = set(deciding)
        return tuple(o._replace(value=value, marker=None) if o in gone else o for o in self.all)

    def supposed(self, value: float, about: Span | None = None) -> Observation:
        """An observation that is only supposed, known on the day asked for."""
        as_at = self.it.as_at
        day = latest_day(self.it.knowledge.vocabulary.years, self.indicator.id, as_at) or as_at
        source = Source(f"supposition on {self.indicator.id}", SUPPOSED)
        return Observation(self.indicator.id, about or Span(day, day), as_at, self.indicator.kind,
                           Citation(source, "no page"), value, body=NOT_RECORDED, of=self.of)


def _values(held: _Held, tests: Sequence[Test]) -> Iterator[Alternative]:
    """One value in each stretch between the cuts, as near to what is held as it can be."""
    deciding = held.deciding(tests)
    shown = deciding[0] if deciding else held.supposed(0.0)
    cuts = sorted(_cuts(held, tests, shown))
    now = sum(_passed(cut, shown.value) for cut in cuts) if deciding and shown.value is not None else None
    start = now if now is not None else 0 if held.indicator.adverse == "high" else len(cuts)
    for place in range(len(cuts) + 1) if cuts else ():
        rises = place > start or (place == start == len(cuts))
        value = _inside(cuts, place, rises, held.indicator)
        if value is None or place == now:
            continue
        crossed = cuts[min(place, start):max(place, start)] or cuts[-1 if rises else 0:][:1]
        short = None if now is None else _inside(cuts, place + (-1 if rises else 1), not rises, held.indicator)
        yield Alternative(held.indicator.id, held.of, value, tuple(cut.test for cut in crossed), deciding,
                          held.with_value(value, deciding), abs(place - start) + (now is None), rises, short,
                          held.with_value(short, deciding) if short is not None else ())


def _cuts(held: _Held, tests: Sequence[Test], shown: Observation) -> Iterator[Cut]:
    """Where each test changes sides, in the year that the value is about."""
    for test in tests:
        beyond = test.comparator in (Comparator.ABOVE, Comparator.AT_MOST)
        if test.rise_over is None:
            limit = limit_for(test, shown, held.it.knowledge.vocabulary, held.it.as_at)
            if limit is not None:
                yield Cut(round(limit, 6), beyond, test)
        elif isinstance(test.threshold, float):
            for earlier in held.all:
                if earlier.value is not None and months_apart(earlier.about.end, shown.about.end) == test.rise_over:
                    yield Cut(round(earlier.value + test.threshold, 6), beyond, test)


def _passed(cut: Cut, value: float | None) -> bool:
    """Whether a value lies above a cut."""
    return value is not None and (value > cut.value if cut.beyond else value >= cut.value)


def _inside(cuts: Sequence[Cut], place: int, lowest: bool, indicator: Indicator) -> float | None:
    """The lowest value of one stretch, or the highest, in steps of the unit; None where the unit has none there."""
    below, above = cuts[place - 1] if place else None, cuts[place] if place < len(cuts) else None
    edge, size = below if lowest else above, step(indicator)
    assert edge is not None
    value = round(edge.value + size * (edge.beyond if lowest else edge.beyond - 1), 6)
    if below is not None and above is not None and not (_passed(below, value) and not _passed(above, value)):
        value = round((below.value + above.value) / 2, 6)  # narrower than a step
    fits = (below is None or _passed(below, value)) and (above is None or not _passed(above, value))
    least, most = least_and_most(indicator)
    return value if fits and least <= value <= most else None


def least_and_most(indicator: Indicator) -> tuple[float, float]:
    """The least and the largest value that the unit allows."""
    match indicator.unit.id:
        case "yes/no":
            return 0.0, 1.0
        case "scale":
            return 0.0, 3.0
        case "grade":
            return 0.0, float(len(indicator.values) - 1)
        case "points":
            return -100.0, 100.0
        case _:
            return 0.0, 100.0 if indicator.unit.share else float("inf")


def _counts(held: _Held, tests: Sequence[Test]) -> Iterator[Alternative]:
    """So many events as each test asks for, and one fewer: the oldest leave first, and a new one is of the day."""
    as_at = held.it.as_at
    found: dict[float, Alternative] = {}
    for test in tests:
        months = test.window or held.indicator.validity
        wanted = 1.0 if isinstance(test.threshold, str) else float(test.threshold)
        counted = [o for o in held.all if o.known <= as_at and (o.value or 0) > 0 and within(o.about, months, as_at)]
        often = times(counted)
        left = _left(counted, wanted) if often >= wanted else None
        value = times(left) if left is not None else wanted
        evidence = _without(held, counted, left) if left is not None else _further(held, wanted - often)
        short = _without(held, counted, _left(counted, wanted + 1)) if left is not None else ()
        if value not in found:
            found[value] = Alternative(held.indicator.id, held.of, value, (test,), tuple(counted), evidence,
                                       max(int(abs(value - often)), 1), left is None,
                                       wanted if left is not None else None, short)
    verdicts = [held.it.looking.verdict(test, 0) for test in tests]
    if not any(verdict.for_by or verdict.against_by for verdict in verdicts):
        none = held.supposed(0.0, Span(add_months(as_at, -1200), as_at, Precision.THROUGHOUT))
        found[0.0] = Alternative(held.indicator.id, held.of, 0.0, tuple(tests), (), (*held.all, none), 1, False)
    yield from (found[value] for value in sorted(found))


def _left(counted: Sequence[Observation], wanted: float) -> list[Observation]:
    """The latest events, fewer than a test asks for."""
    left = sorted(counted, key=lambda o: (o.about.end, o.sort_key))
    while left and times(left) >= wanted:
        left.pop(0)
    return left


def _without(held: _Held, counted: Sequence[Observation], left: Sequence[Observation]) -> tuple[Observation, ...]:
    gone = set(counted) - set(left)
    return tuple(o for o in held.all if o not in gone)


def _further(held: _Held, more: float) -> tuple[Observation, ...]:
    """With so many more events, on the day asked for."""
    return (*held.all, held.supposed(more, Span(held.it.as_at, held.it.as_at)))
