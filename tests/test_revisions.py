"""Figures that their own source revises: the earlier counts until the later is public, and decides nothing after.

The invented evidence has findings and events too, of which nothing is revised in this way.
"""

import random
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.assess import Assessment, Assessor
from engine.evidence import Evidence, Verdict
from engine.unknowns import questions
from explain.answer import why
from explain.render.text import render
from kb.dossier import Observation
from kb.model import Reading, State
from tests.strategies import AS_AT, INDICATORS, TESTS, Kit, observation, observations
from tests.tabled import TABLED, revision
from tests.test_evidence import asked

FIGURES = frozenset(id for id, one in INDICATORS.items() if one.reading is Reading.LATEST)
DAYS = tuple(AS_AT + timedelta(days=days) for days in range(-900, 600, 50))


@st.composite
def revised(draw: st.DrawFn) -> tuple[tuple[Observation, ...], Observation, Observation]:
    """Some evidence; a figure that is not among it; and what its source says of the same later."""
    kit = Kit(lambda options: draw(st.sampled_from(options)))
    first = observation(kit)._replace(indicator=kit.pick(sorted(FIGURES)))
    second = revision(kit, first)
    others = (o for o in observations(kit) if (o.indicator, o.about, o.body, o.citation) != (
        first.indicator, first.about, first.body, first.citation))
    return tuple(others), first, second._replace(known=max(second.known, first.known + timedelta(days=1)))


def verdicts(held: Iterable[Observation], day: date) -> list[Verdict]:
    """What the evidence says of every test on a day."""
    evidence = Evidence.of(held, TABLED)
    return [evidence.decide(test, day) for test in TESTS]


@given(revised(), st.sampled_from(DAYS))
def test_before_the_revision_nothing_is_otherwise_and_after_it_the_earlier_figure_decides_nothing(
        some: tuple[tuple[Observation, ...], Observation, Observation], day: date) -> None:
    others, first, second = some
    stands = first if day < second.known else second
    assert verdicts((*others, first, second), day) == verdicts((*others, stands), day)
    assert verdicts((*others, first, second), second.known) == verdicts((*others, second), second.known)


@pytest.mark.parametrize("seed", range(40))
def test_the_order_of_the_rows_never_matters(seed: int) -> None:
    chance = random.Random(seed)
    kit = Kit(chance.choice)
    first = [observation(kit) for _ in range(20)]
    held = [*first, *(revision(kit, kit.pick(first)) for _ in range(15))]
    for day in DAYS[::6]:
        before = verdicts(held, day)
        assert verdicts(chance.sample(held, len(held)), day) == before


CASELOAD = "average_caseload | {} | 2024-09-30 | {} | {}"
SPIRAL = ("agency_worker_rate | 40 | 2024-09-30 | 2025-02-28 | census",
          "unallocated_children | 150 | 2025-02-20 | 2025-02-28 | letter | finding")


def spiral(assessor: Assessor, day: str, *caseloads: str) -> Assessment:
    return asked(assessor, day, *SPIRAL, *caseloads)


def caseload(value: object, known: str, source: str = "census") -> str:
    return CASELOAD.format(value, known, source)


@pytest.mark.parametrize(("day", "later", "state"), [
    ("2025-05-31", caseload(15, "2025-06-01"), State.PRESENT),
    ("2025-06-01", caseload(15, "2025-06-01"), State.NOT_FOUND),
    ("2025-06-01", caseload("unreliable", "2025-06-01"), State.NOT_KNOWN),
    ("2025-06-01", caseload(15, "2025-06-01", "council"), State.CONTESTED),
])
def test_a_source_revises_its_own_figure_and_no_other_s(day: str, later: str, state: State,
                                                        assessor: Assessor) -> None:
    found = spiral(assessor, day, caseload(20, "2025-02-28"), later)
    test = next(t for atom, _ in found.program.atoms for t in atom.tests
                if str(t) == "average_caseload at least worst quarter")
    verdict = found.looking.verdict(test, 0)
    told = (State.CONTESTED if verdict.disputed else State.PRESENT if verdict.for_by
            else State.NOT_FOUND if verdict.against_by else State.NOT_KNOWN)
    assert told is state


def test_the_account_tells_the_figure_that_stands_alone(assessor: Assessor) -> None:
    text = render(why(spiral(assessor, "2025-06-01", caseload(20, "2025-02-28"), caseload(21, "2025-06-01"))))
    assert "21.0 cases" in text
    assert "20.0 cases" not in text


def test_a_source_held_to_be_wrong_is_wrong_about_what_it_revised_too(assessor: Assessor) -> None:
    """Were the council right, the census's first figure would not come back in the place of its second."""
    held = spiral(assessor, "2025-06-01", caseload(20, "2025-02-28"), caseload(21, "2025-06-01"),
                  caseload(15, "2025-02-28", "council"))
    asked_of, answers = questions(held)
    [question] = [one for one in asked_of if one.indicator == "average_caseload"]
    sides = [answers[place].evidence for place in question.answers]
    assert sorted(sorted(str(o.value) for o in side) for side in sides) == [["15.0"], ["20.0", "21.0"]]
