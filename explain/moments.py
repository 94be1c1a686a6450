"""The change points of one case: every day on which anything about it may come to be known, or cease to count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from engine.assess import Asked, Assessment, Assessor
from engine.evidence import SILENCE_HOLDS
from engine.program import NOW, Program
from kb.conditions import LADDERS
from kb.dates import add_months, first_day_beyond
from kb.dossier import Case, Observation
from kb.model import State, Vocabulary

DAY = timedelta(days=1)
CLAMPED = 3
"""Days by which the ends of two months may differ: `months earlier` may reach a day so much later."""
Thing = tuple[str, str]


class Standing(NamedTuple):
    """How a conclusion stands: its state, the level at which it is present, and the levels that are contested.

    Of the overall result (id ""): its own id as the level, and the results of other readings as contested.
    """

    state: State
    level: str = ""
    contested: tuple[str, ...] = ()


class Moment(NamedTuple):
    """A day on which something changed: what, and the assessments before and on it."""

    day: date
    before: Assessment
    now: Assessment
    changed: tuple[Thing, ...]


class Course(NamedTuple):
    """The course of one case over time: its last assessment, and every moment up to it."""

    last: Assessment
    moments: tuple[Moment, ...]


def courses(assessor: Assessor, case: Case, held: Iterable[Iterable[Observation]], until: date) -> list[Course]:
    """The course of the case on each of several holdings of observations, by one evaluation of all their days."""
    holdings = [tuple(observations) for observations in held]
    days = [change_points(assessor, observations, until) for observations in holdings]
    asked = [Asked(case, day, observations) for observations, some in zip(holdings, days, strict=True) for day in some]
    found = iter(assessor.assess_all(asked))
    return [_course([next(found) for _ in some]) for some in days]


def _course(assessments: list[Assessment]) -> Course:
    """The moments among neighbouring columns of one wide evaluation; only where a mark differs is more asked."""
    differing = _differing(assessments[-1])
    moments = [_moment(before, now) for before, now in pairwise(assessments)
               if differing >> before.model.first & 1 or differing >> before.model.second & 1]
    return Course(assessments[-1], tuple(moment for moment in moments if moment.changed))


def _differing(assessment: Assessment) -> int:
    """The columns, in either reading, whose next column has other marks for some signature or conclusion."""
    found = 0
    for head, node in assessment.program.heads.items():
        if head.context == NOW:
            for plane in assessment.model.planes[node]:
                found |= plane ^ plane >> 1
    return found


def _moment(before: Assessment, now: Assessment) -> Moment:
    earlier, after = standings(before), standings(now)
    return Moment(now.as_at, before, now, tuple(thing for thing in after if after[thing] != earlier[thing]))


def standings(assessment: Assessment) -> dict[Thing, Standing]:
    """How everything stands that rules conclude: the overall result, then kind by kind in the order of ids."""
    stood = {("result", ""): Standing(State.PRESENT, assessment.result, assessment.contested_results)}
    for kind, id in sorted(assessment.knowledge.conclusions()):
        if kind != "result":
            stood[kind, id] = standing_of(assessment, kind, id)
    return stood


def standing_of(assessment: Assessment, kind: str, id: str) -> Standing:
    """How one signature or conclusion stands."""
    states = [(level, assessment.head_state(kind, id, level)) for level in LADDERS[kind]]
    contested = tuple(level for level, state in states if state is State.CONTESTED)
    present = [level for level, state in states if state is State.PRESENT]
    return Standing(states[0][1], present[-1] if present else "", contested)


def change_points(assessor: Assessor, observations: Iterable[Observation], until: date) -> list[date]:
    """The days on which anything may change, in order, after one on which nothing was known yet.

    A superset of the days on which something does: what is told of them is decided by assessing each.
    """
    held = list(observations)
    asked = _asked(assessor.program, assessor.knowledge.vocabulary)
    found = {day for o in held if o.indicator in asked
             for day in _days(o, asked[o.indicator], assessor.knowledge.vocabulary)}
    first = min((o.known for o in held), default=until)
    return sorted({min(first, until) - DAY, until} | {day for day in found if first <= day <= until})


class Periods(NamedTuple):
    """What is asked about one indicator: how far back (months), and how many months earlier it is looked at."""

    months: set[int]
    shifts: set[int]


def _asked(program: Program, vocabulary: Vocabulary) -> dict[str, Periods]:
    found: dict[str, Periods] = {}
    for atom, _ in program.atoms:
        for test in atom.tests:
            validity = vocabulary.indicators[test.indicator].validity
            periods = found.setdefault(test.indicator, Periods({validity, SILENCE_HOLDS}, {0}))
            wanted = (test.window, atom.context.within, atom.context.plus)
            periods.months.update(months for months in wanted if months is not None and months >= 0)
            periods.shifts.add(atom.context.shift)
    return found


def _days(observation: Observation, periods: Periods, vocabulary: Vocabulary) -> Iterator[date]:
    """When it becomes known, when each period beyond it starts or ends, and when the figures of its year came out."""
    year = vocabulary.years.get((observation.indicator, observation.about.end.year))
    turns = {observation.known} | ({year.known} if year else set())
    for months in periods.months:
        turns |= {add_months(observation.about.start, months), first_day_beyond(observation.about, months),
                  add_months(observation.about.start, months) + DAY, add_months(observation.about.end, months) + DAY}
    for shift in periods.shifts:
        later = range(CLAMPED + 1 if shift else 1)
        yield from (add_months(turn, shift) + days * DAY for turn in turns for days in later)
