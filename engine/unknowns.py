"""What is not known, as questions: each indicator of which nothing held decides, or of which sources disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.alternatives import Alternative, Of, alternatives
from engine.assess import Assessment
from engine.evidence import Verdict, instead, spoken_for
from engine.program import Program
from kb.conditions import Test
from kb.dossier import Observation

Subject = tuple[str, Of]


class Question(NamedTuple):
    """One indicator (and what it is asked of): `answers` are places among all answers, and exclude one another.

    `tests`: the tests of the rules in force that look at it. `disputed`: sources disagree, and the question is which of
    them is right; otherwise no test of it has a mark.
    """

    indicator: str
    of: Of
    tests: tuple[Test, ...]
    answers: tuple[int, ...]
    disputed: bool


def questions(assessment: Assessment) -> tuple[tuple[Question, ...], tuple[Alternative, ...]]:
    """Every question that is open on the date, and the answers to all of them, one for each stretch of values.

    Context is no question: it decides nothing by itself. An indicator of which no answer can be told (no figures to
    hold it against) is none either.
    """
    found, answers = list[Question](), list[Alternative]()
    for (indicator, of), tests in by_subject(assessment).items():
        verdicts = [assessment.looking.verdict(test, 0) for test in tests]
        disputed = any(verdict.disputed for verdict in verdicts)
        if disputed or not any(verdict.for_by or verdict.against_by for verdict in verdicts):
            own = _sides(assessment, tests, verdicts) if disputed else alternatives(assessment, tests)
            places = range(len(answers), len(answers) + len(own))
            if own:
                found.append(Question(indicator, of, tuple(tests), tuple(places), disputed))
                answers += own
    return tuple(found), tuple(answers)


def answered(held: Iterable[Observation], answers: Iterable[Alternative]) -> list[Observation]:
    """The observations as they would be if these answers were given."""
    before = list(held)
    now = list(before)
    for one in answers:
        own = [o for o in before if o.indicator == one.indicator]
        of_it = [o for o in now if o.indicator == one.indicator]
        now = [*(o for o in now if o.indicator != one.indicator), *instead(own, one.evidence, of_it)]
    return now


def _tests_in_order(program: Program) -> list[Test]:
    """The tests that a program looks at: the widest first, then by their words."""
    tests = {test for atom, _ in program.atoms for test in atom.tests}
    return sorted(tests, key=lambda test: (len(test.of), str(test)))


def by_subject(assessment: Assessment, context: bool = False) -> dict[Subject, list[Test]]:
    """The tests of rules in force by what they look at; what is asked more narrowly joins what is asked of the same.

    `context`: also those of indicators that are context.
    """
    indicators = assessment.knowledge.vocabulary.indicators
    asked = assessment.program.once(_tests_in_order)
    tests = [test for test in asked if context or not indicators[test.indicator].context]
    found: dict[Subject, list[Test]] = {}
    for test in tests:
        wider = (of for indicator, of in found if indicator == test.indicator and set(of) <= set(test.of))
        found.setdefault((test.indicator, next(wider, test.of)), []).append(test)
    return dict(sorted(found.items()))


def _sides(assessment: Assessment, tests: Sequence[Test], verdicts: Sequence[Verdict]) -> tuple[Alternative, ...]:
    """Each side of each disputed test, with what the other side rests on left out."""
    found: dict[tuple[Observation, ...], Alternative] = {}
    for test, verdict in zip(tests, verdicts, strict=True):
        for side in _each_side(assessment, test, verdict) if verdict.disputed else ():
            found.setdefault(side.evidence, side)
    return tuple(found.values())


def _each_side(assessment: Assessment, test: Test, verdict: Verdict) -> Iterator[Alternative]:
    held = assessment.looking.column.evidence.by_indicator[test.indicator]
    both = tuple(dict.fromkeys((*verdict.for_by, *verdict.against_by)))
    sides = verdict.for_by, verdict.against_by
    for other, (right, wrong) in enumerate((sides, sides[::-1])):
        gone = {spoken_for(o) for o in set(wrong) - set(right)}  # what it revised does not come back
        kept = tuple(o for o in held if o in right or spoken_for(o) not in gone)
        yield Alternative(test.indicator, test.of, right[0].value or 0.0, (test,), both, kept, 1, not other)
