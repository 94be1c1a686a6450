"""Answers in words: the stretch of values that a supposed answer stands for, between the thresholds that part them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.alternatives import Alternative
from engine.assess import Assessment
from engine.evidence import limit_for
from engine.unknowns import Question
from explain import words
from explain.distances import named_limit
from kb.conditions import Comparator, Test
from kb.dates import months_apart
from kb.dossier import Observation
from kb.model import Indicator, Reading

Cut = tuple[float, bool, str]
"""A threshold, whether the value must lie beyond it, and its words."""


def title(question: Question, assessment: Assessment) -> str:
    """What a question is about, in a few words."""
    indicator = assessment.knowledge.vocabulary.indicators[question.indicator]
    return words.measured(question.tests[0]._replace(rise_over=None, of=question.of), indicator)


def stretch(answer: Alternative, question: Question, assessment: Assessment) -> str:
    """An answer in words: `below 12 months`, `a clear weakness or worse`, `twice in 36 months`, `none`."""
    indicator = assessment.knowledge.vocabulary.indicators[answer.indicator]
    if question.disputed:
        return "; ".join(words.observed(o, indicator) for o in kept(answer))
    narrower = words.several([word for _, word in answer.of if _ not in dict(question.of)])
    told = _value(answer, question, assessment, indicator)
    return f"{told} ({narrower})" if narrower else told


def _value(answer: Alternative, question: Question, assessment: Assessment, indicator: Indicator) -> str:
    if indicator.reading is Reading.OCCURRENCES:
        return _counted(answer, indicator)
    if indicator.unit.id == "yes/no":
        return words.amount(answer.value, indicator)
    cuts = sorted(_cuts(answer, question, assessment, indicator))
    passed = [cut for cut in cuts if _beyond(cut, answer.value)]
    ahead = [cut for cut in cuts if not _beyond(cut, answer.value)]
    if indicator.unit.id in ("scale", "grade"):
        return _worded(passed, ahead, indicator)
    told = [f"{'above' if beyond else 'at or above'} {name}" for _, beyond, name in passed[-1:]]
    told += [f"{'at or below' if beyond else 'below'} {name}" for _, beyond, name in ahead[:1]]
    return words.several(told) or words.amount(answer.value, indicator)


def kept(answer: Alternative) -> list[Observation]:
    """Where sources disagree: the observations of the side that this answer takes to be right."""
    return [o for o in answer.held if o in answer.evidence]


def _counted(answer: Alternative, indicator: Indicator) -> str:
    months = answer.crossed[0].window or indicator.validity
    if answer.value:
        return f"{words.often(answer.value)} in {months} months"
    recorded = any(o.value for o in answer.held)
    return "none beyond what is on record" if recorded else f"none in {months} months"


def _cuts(answer: Alternative, question: Question, assessment: Assessment, indicator: Indicator) -> Iterator[Cut]:
    """The thresholds of the tests that look at this answer, in the year that it is about."""
    seen = next(o for o in answer.evidence if o not in answer.held and o.value == answer.value)
    for test in question.tests:
        beyond = test.comparator in (Comparator.ABOVE, Comparator.AT_MOST)
        if set(test.of) <= set(answer.of):
            for limit in _limits(test, seen, answer, assessment):
                named = named_limit(test, seen, indicator, limit) if isinstance(test.threshold, str) else (
                    words.amount(limit, indicator))
                yield round(limit, 6), beyond, named


def _limits(test: Test, seen: Observation, answer: Alternative, assessment: Assessment) -> Iterator[float]:
    """A test's threshold as a value; of a rise, so much above the value that it is held against."""
    if test.rise_over is None:
        limit = limit_for(test, seen, assessment.knowledge.vocabulary, assessment.as_at)
        yield from () if limit is None else (limit,)
        return
    for earlier in answer.evidence:
        if earlier.value is not None and months_apart(earlier.about.end, seen.about.end) == test.rise_over:
            yield earlier.value + float(test.threshold)


def _beyond(cut: Cut, value: float) -> bool:
    limit, beyond, _ = cut
    return value > limit if beyond else value >= limit


def _worded(passed: Sequence[Cut], ahead: Sequence[Cut], indicator: Indicator) -> str:
    """A stretch of a scale of words, by the mildest and the gravest word in it."""
    most = 3 if indicator.unit.id == "scale" else len(indicator.values) - 1
    first = max([int(limit) + beyond for limit, beyond, _ in passed], default=0)
    last = min([int(limit) + beyond - 1 for limit, beyond, _ in ahead], default=most)
    low, high = words.amount(first, indicator), words.amount(last, indicator)
    if first == last:
        return low
    better, worse = ("better", "worse") if indicator.adverse == "high" else ("worse", "better")
    return f"{high} or {better}" if first == 0 else f"{low} or {worse}" if last == most else f"{low} to {high}"
