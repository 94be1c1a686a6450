"""Each observation in doubt: left out, or saying something else; all of it in one wide evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import ceil, floor
from typing import NamedTuple

from engine.alternatives import least_and_most
from engine.assess import Assessment
from engine.combinations import Columns, Combinations
from engine.cones import whole
from engine.evidence import Evidence, Verdict, limit_for
from engine.program import NOW
from kb.amounts import step
from kb.conditions import Test
from kb.dates import Span, months_apart
from kb.dossier import Observation
from kb.model import Indicator, Reading

WORDED = ("scale", "grade", "yes/no")
"""Units with so few values that each is tried."""


class Doubt(NamedTuple):
    """One observation left out, or (`instead`) saying something else; `evidence`: all then held of its indicator."""

    observation: Observation
    instead: Observation | None
    evidence: tuple[Observation, ...]

    @property
    def indicator(self) -> str:
        """The indicator that the observation is of."""
        return self.observation.indicator


class Outcome(NamedTuple):
    """What would stand, were one observation otherwise; `moved`: the kind and id of all that has other marks then."""

    doubt: Doubt
    then: Assessment
    moved: frozenset[tuple[str, str]]


def items(assessment: Assessment) -> list[Observation]:
    """Every observation that was known by the date, in an order that no file decides."""
    held = assessment.looking.column.evidence.by_indicator
    return list(dict.fromkeys(o for id in sorted(held) for o in held[id] if o.known <= assessment.as_at))


def outcomes(assessment: Assessment) -> list[Outcome]:
    """Every doubt about one observation by which some signature or conclusion has other marks, and what then stands.

    Exact: of a number every stretch of values is tried that some test tells apart, in the steps in which it is told,
    and of a scale of words every word. By the evaluator alone.
    """
    doubts = list(_doubts(assessment))
    trying = Combinations(assessment, whole(assessment.program), doubts)
    columns = trying.evaluate([(place,) for place in range(len(doubts))])
    differing = _differing(assessment, columns)
    found = list[Outcome]()
    for place, doubt in enumerate(doubts):
        moved = frozenset(thing for thing, bits in differing.items() if bits >> place & 1)
        if moved:
            then = replace(assessment, model=columns.model(place), looking=trying.looking(place), engine="bits")
            found.append(Outcome(doubt, then, moved))
    return found


def _differing(assessment: Assessment, columns: Columns) -> dict[tuple[str, str], int]:
    """Of each signature and conclusion the columns in which it has other marks than now, as bits."""
    found, full = dict[tuple[str, str], int](), (1 << columns.width) - 1
    for head, node in assessment.program.heads.items():
        for now, then in zip(assessment.model[node], columns.planes[node], strict=True) if head.context == NOW else ():
            for reading in range(2):
                told = then >> columns.width * min(reading, columns.readings - 1)
                differing = (told ^ (full if now >> reading & 1 else 0)) & full
                found[head.kind, head.id] = found.get((head.kind, head.id), 0) | differing
    return {thing: bits for thing, bits in found.items() if bits}


def _doubts(assessment: Assessment) -> Iterator[Doubt]:
    """Every item without which, or with whose other values, some test might say something else."""
    asked = _asked(assessment)
    for item in items(assessment):
        if item.indicator in asked:
            held = assessment.looking.column.evidence.by_indicator[item.indicator]
            others = tuple(o for o in held if o != item)
            yield Doubt(item, None, others)
            for instead in otherwise(assessment, item, asked[item.indicator]):
                yield Doubt(item, instead, (*others, instead))


def _asked(assessment: Assessment) -> dict[str, list[Test]]:
    """The tests that rules in force ask for, of each indicator."""
    tests = {test for atom, _ in assessment.program.atoms for test in atom.tests}
    found: dict[str, list[Test]] = {}
    for test in sorted(tests, key=str):
        found.setdefault(test.indicator, []).append(test)
    return found


def otherwise(assessment: Assessment, item: Observation, tests: Iterable[Test]) -> Iterator[Observation]:
    """The observation with each other value that it might have; none where it has no value.

    Of an event that is recorded, only how often; one that is recorded not to have happened may have, on the last day.
    """
    indicator = assessment.knowledge.vocabulary.indicators[item.indicator]
    if item.value is None:
        return
    if indicator.reading is Reading.OCCURRENCES:
        yield from _counted(item, item.value)
        return
    least, most = least_and_most(indicator)
    if indicator.unit.id in WORDED:
        values = {float(value) for value in range(int(least), int(most) + 1)}
    else:
        cuts = {cut for test in tests for cut in _cuts(assessment, item, test)}
        values = {value for cut in cuts for value in _beside(cut, item.value, step(indicator))}
    yield from (item._replace(value=value) for value in sorted(values - {item.value}) if least <= value <= most)


def _counted(item: Observation, often: float) -> Iterator[Observation]:
    if not often:
        yield item._replace(value=1.0, about=Span(item.about.end, item.about.end))
    if often > 1:
        yield item._replace(value=often - 1)
        yield item._replace(value=often + 1)


def _cuts(assessment: Assessment, item: Observation, test: Test) -> Iterator[float]:
    """Where a test changes sides as the value of one observation changes, as the later or the earlier of a rise."""
    if test.rise_over is None:
        limit = limit_for(test, item, assessment.knowledge.vocabulary, assessment.as_at)
        yield from () if limit is None else (limit,)
        return
    for other in assessment.looking.column.evidence.by_indicator[item.indicator]:
        if other.value is not None and isinstance(test.threshold, float):
            if months_apart(other.about.end, item.about.end) == test.rise_over:
                yield other.value + test.threshold
            if months_apart(item.about.end, other.about.end) == test.rise_over:
                yield other.value - test.threshold


def _beside(cut: float, now: float, size: float) -> set[float]:
    """The last value below a cut, the first above it, and the cut itself where values are told so finely.

    And what is one step away across the cut, for a value that is told more finely.
    """
    place = round(cut / size, 6)
    across = {now + move for move in (size, -size) if min(now, now + move) <= cut <= max(now, now + move)}
    told = {at * size for at in (ceil(place) - 1, ceil(place), floor(place) + 1)}
    return {round(value, 6) for value in across | told}


class Near(NamedTuple):
    """A number within one step of where a test changes sides: the value on the other side, as an observation."""

    observation: Observation
    test: Test
    instead: Observation


def near(assessment: Assessment) -> Iterator[Near]:
    """Each measured number that decides a test today, and would decide it otherwise one step up or down."""
    vocabulary, asked = assessment.knowledge.vocabulary, _asked(assessment)
    for item in items(assessment):
        indicator = vocabulary.indicators[item.indicator]
        held = assessment.looking.column.evidence.by_indicator[item.indicator]
        tests = [test for test in asked.get(item.indicator, ()) if item in _deciding(assessment, test)]
        for instead in otherwise(assessment, item, tests) if tests and _measured(indicator) else ():
            if abs(round((instead.value or 0.0) - (item.value or 0.0), 6)) <= step(indicator):
                then = Evidence({item.indicator: (*(o for o in held if o != item), instead)}, vocabulary)
                yield from (Near(item, test, instead) for test in tests if _sides(
                    then.decide(test, assessment.as_at)) != _sides(assessment.looking.verdict(test, 0)))


def _deciding(assessment: Assessment, test: Test) -> tuple[Observation, ...]:
    verdict = assessment.looking.verdict(test, 0)
    return (*verdict.for_by, *verdict.against_by)


def _sides(verdict: Verdict) -> tuple[bool, bool]:
    return bool(verdict.for_by), bool(verdict.against_by)


def _measured(indicator: Indicator) -> bool:
    """Whether it is a number on a scale of its own, and neither a word nor a count of events."""
    return indicator.unit.id not in WORDED and indicator.reading is not Reading.OCCURRENCES
