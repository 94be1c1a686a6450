"""The change points of one case: every day on which anything about it may come to be known, or cease to count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from engine.assess import Asked, Assessment, Assessor
from engine.days import change_points, turns
from engine.program import NOW
from kb.conditions import LADDERS
from kb.dossier import Case, Observation
from kb.model import State

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
    turning = turns(assessor.knowledge.vocabulary, assessor.program)
    days = [change_points(turning, observations, until) for observations in holdings]
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
