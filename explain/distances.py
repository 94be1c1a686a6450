"""How far a test is from its threshold, in the indicator's own unit, and since when its evidence is too old."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from engine.evidence import Verdict, limit_for, times
from explain import changewords, words
from kb.amounts import POINTS
from kb.conditions import Test
from kb.dates import first_day_beyond, long_date
from kb.dossier import Observation
from kb.knowledge import Knowledge
from kb.model import Indicator, Reading


def distance(test: Test, verdict: Verdict, knowledge: Knowledge, as_at: date) -> str:
    """The distance of what decides a test from its threshold, as `1.3 cases below the median of 2018, 17.4 cases`.

    "" where there is no distance to tell: a yes or no, or nothing that decides.
    """
    indicator = knowledge.vocabulary.indicators[test.indicator]
    deciding = (*verdict.for_by, *verdict.against_by)
    if not deciding or indicator.unit.id == "yes/no":
        return ""
    if indicator.reading is Reading.OCCURRENCES:
        return _counted(test, indicator, deciding)
    told = _rises(test, verdict) if test.rise_over is not None else _values(test, indicator, deciding, knowledge, as_at)
    return "; ".join(dict.fromkeys(told))


def short_by(test: Test, verdict: Verdict, knowledge: Knowledge, as_at: date) -> float:
    """How far what decides a test is from its threshold, as a share of the threshold: to put the nearest first, only.

    1.0 where there is no distance: a yes or no, or nothing that decides.
    """
    indicator = knowledge.vocabulary.indicators[test.indicator]
    deciding = (*verdict.for_by, *verdict.against_by)
    if not deciding or indicator.unit.id == "yes/no":
        return 1.0
    if indicator.reading is Reading.OCCURRENCES:
        return _share(_often(deciding) - _wanted(test), _wanted(test))
    if test.rise_over is not None:
        return min((_share(change - _wanted(test), _wanted(test)) for change in _changes(verdict)), default=1.0)
    apart = ((o, limit_for(test, o, knowledge.vocabulary, as_at)) for o in deciding)
    return min((_share(o.value - limit, limit) for o, limit in apart if limit is not None and o.value is not None),
               default=1.0)


def _share(apart: float, threshold: float) -> float:
    return round(abs(apart) / (abs(threshold) or 1.0), 6)


def _often(deciding: Sequence[Observation]) -> float:
    return times([o for o in deciding if o.value])


def _wanted(test: Test) -> float:
    """The number that a count or a change is held to."""
    return 1.0 if isinstance(test.threshold, str) else test.threshold


def _counted(test: Test, indicator: Indicator, deciding: Sequence[Observation]) -> str:
    months = test.window or indicator.validity
    return f"{_often(deciding):g} of the {_wanted(test):g} that the test asks for in {months} months"


def _changes(verdict: Verdict) -> Iterator[float]:
    """Each change that decides; a side holds each value with its earlier one behind it."""
    for side in (verdict.for_by, verdict.against_by):
        numbers = [o for o in side if o.value is not None]
        for later, earlier in zip(numbers[::2], numbers[1::2], strict=True):
            yield round((later.value or 0.0) - (earlier.value or 0.0), 6)


def _rises(test: Test, verdict: Verdict) -> Iterator[str]:
    """How far each change is from the change asked for."""
    wanted = _wanted(test)
    for change in _changes(verdict):
        moved = f"a {'rise' if change >= 0 else 'fall'} of {abs(change):g} points"
        yield f"{moved}, {_apart(change - wanted, f'{abs(change - wanted):.10g} points')} the {wanted:g} asked for"


def _values(test: Test, indicator: Indicator, deciding: Sequence[Observation], knowledge: Knowledge, as_at: date,
            ) -> Iterator[str]:
    for observation in deciding:
        limit = limit_for(test, observation, knowledge.vocabulary, as_at)
        if limit is None or observation.value is None:
            continue
        apart = round(observation.value - limit, 6)
        yield f"{_apart(apart, _size(abs(apart), indicator))} {named_limit(test, observation, indicator, limit)}"


def _apart(difference: float, size: str) -> str:
    if not round(difference, 6):
        return "exactly at"
    return f"{size} {'above' if difference > 0 else 'below'}"


def _size(apart: float, indicator: Indicator) -> str:
    """A difference in the indicator's unit: between shares it is points, on a scale of words it is steps."""
    if indicator.unit.id in ("scale", "grade"):
        return words.count_of(int(apart), "step")
    return words.amount(apart, indicator._replace(unit=POINTS) if indicator.unit.share else indicator)


def named_limit(test: Test, observation: Observation, indicator: Indicator, limit: float) -> str:
    """The threshold by its name, with its figure."""
    if isinstance(test.threshold, float):
        return f"the threshold, {words.amount(limit, indicator)}"
    name = test.threshold if test.threshold == "median" else f"start of the {test.threshold}"
    return f"the {name} of {observation.about.end.year}, {words.amount(limit, indicator)}"


def too_old(observations: Sequence[Observation], months: int) -> str:
    """When the last of some observations left the period that a rule asks for."""
    left = max(first_day_beyond(o.about, months) for o in observations)
    return f"{changewords.only_older(months)}; the last of it left that period on {long_date(left)}"
