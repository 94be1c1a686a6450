"""How observations are read at a date: small dossiers that a policy officer could check by hand."""

from datetime import date

import pytest

from engine.assess import Assessment, Assessor
from explain.answer import why
from explain.nearest import waiting
from explain.render.text import render
from kb.dates import read_span
from kb.dossier import Case, Marker, Observation
from kb.model import Citation, Kind, Source, State

ROWS = tuple[str, ...]


def dossier(assessor: Assessor, *rows: str) -> list[Observation]:
    """Rows of `indicator | value or marker | about | known | source [| kind]` as observations."""
    found = []
    for row in rows:
        id, value, about, known, source, *kind = (cell.strip() for cell in row.split("|"))
        span, indicator = read_span(about), assessor.knowledge.vocabulary.indicators[id]
        assert span is not None
        marker = Marker(value) if value in tuple(Marker) else None
        found.append(Observation(id, span, date.fromisoformat(known), Kind(kind[0]) if kind else indicator.kind,
                                 Citation(Source(source)), None if marker else float(value), marker, source))
    return found


def asked(assessor: Assessor, day: str, *rows: str) -> Assessment:
    case = Case("brook", "Brook", "X9", "Brook", tuple(dossier(assessor, *rows)), invented=True)
    return assessor.assess(case, date.fromisoformat(day))


AGENCY = "agency_worker_rate | 40 | 2024-09-30 | 2025-02-28 | census"
WAITING = "unallocated_children | 150 | 2025-02-20 | 2025-02-28 | letter | finding"
HIGH, LOW = ("average_caseload | 20 | 2024-09-30 | 2025-02-28 | census",
             "average_caseload | 15 | 2024-09-30 | 2025-02-28 | council")


def test_a_dispute_leaves_a_conclusion_contested_and_not_refuted(assessor: Assessor) -> None:
    assert asked(assessor, "2025-03-01", AGENCY, WAITING, HIGH).result == "watch"
    assert asked(assessor, "2025-03-01", AGENCY, WAITING, LOW).result == "not-enough-evidence"
    both = asked(assessor, "2025-03-01", AGENCY, WAITING, HIGH, LOW)
    assert both.head_state("picture", "leading-the-service") is State.CONTESTED
    assert both.head_state("mechanism", "capacity-spiral") is State.CONTESTED
    assert both.contested_results == ("watch",)
    text = render(why(both))
    assert "In one reading of disputed evidence the result would be: Watch." in text
    assert "for: caseload: 20.0 cases" in text
    assert "against: caseload: 15.0 cases" in text


def test_england_s_figures_are_not_used_before_they_were_published(assessor: Assessor) -> None:
    rows = ("average_caseload | 19.6 | 2018-10-15 | 2018-10-31 | council",
            "unallocated_children | 150 | 2018-10-20 | 2018-10-31 | letter | finding")
    assert asked(assessor, "2018-10-31", *rows).head_state("mechanism", "unseen-children") is State.NOT_KNOWN


@pytest.mark.parametrize(("rows", "state"), [
    (("2023-03-01", "2024-05-01"), State.PRESENT),
    (("2023-03-01", "2024-05-01", "sometime in 2022-06 to 2024-12"), State.PRESENT),
    (("2024-05-01", "2024-05-01"), State.NOT_KNOWN),
    (("2024-05-01", "2024-05"), State.NOT_KNOWN),
    (("2024-05-01",), State.NOT_KNOWN),
])
def test_changes_of_director_are_counted_once_each(rows: ROWS, state: State, assessor: Assessor) -> None:
    found = asked(assessor, "2025-03-01", *(f"director_changes | 1 | {day} | 2025-01-31 | {n}"
                                            for n, day in enumerate(rows)))
    assert found.head_state("signature", "A2") is state


@pytest.mark.parametrize(("none", "denied"), [
    ("throughout 2022-03-01 to 2025-02-28", True), ("sometime in 2022-03-01 to 2025-02-28", False)])
def test_only_a_record_of_every_day_denies_what_happened(none: str, denied: bool, assessor: Assessor) -> None:
    """That there was none at some time in those years leaves open when."""
    found = asked(assessor, "2025-03-01", "director_changes | 2 | 2023-03-01 | 2025-01-31 | minutes",
                  f"director_changes | 0 | {none} | 2025-02-28 | letter")
    assert found.head_state("signature", "A2") is (State.CONTESTED if denied else State.PRESENT)


def test_a_later_finding_of_one_body_replaces_its_earlier_one_and_other_bodies_stand(assessor: Assessor) -> None:
    earlier = "workforce_finding | 3 | 2024-10-01 | 2024-11-01"
    later = "workforce_finding | 0 | 2024-12-01 | 2025-01-01"
    same = asked(assessor, "2025-03-01", f"{earlier} | Ofsted", f"{later} | Ofsted")
    assert same.head_state("signature", "B2") is not State.PRESENT
    other = asked(assessor, "2025-03-01", f"{earlier} | Ofsted", f"{later} | The commissioner")
    assert other.head_state("signature", "B2") is State.CONTESTED


def test_a_loose_date_replaces_nothing_that_may_be_later(assessor: Assessor) -> None:
    rows = ("vacancy_rate | 40 | 2024-09-30 | 2025-02-28 | census", "vacancy_rate | 1 | 2024 | 2025-02-28 | council")
    assert asked(assessor, "2025-03-01", *rows).head_state("signature", "B2") is State.CONTESTED


def test_a_low_value_is_below_any_threshold_and_not_nothing(assessor: Assessor) -> None:
    low = asked(assessor, "2025-03-01", "agency_worker_rate | low | 2024-09-30 | 2025-02-28 | census")
    tests = (t for atom, _ in low.program.atoms for t in atom.tests)
    test = next(t for t in tests if str(t) == "agency_worker_rate at least worst quarter")
    assert low.looking.verdict(test, 0).against_by


def test_expiry_is_to_the_day(assessor: Assessor) -> None:
    row = "agency_worker_rate | 40 | 2024-09-30 | 2025-02-28 | census"
    assert asked(assessor, "2026-09-30", row).head_state("signature", "C7") is State.PRESENT
    assert asked(assessor, "2026-10-01", row).head_state("signature", "C7") is State.NOT_KNOWN


def test_what_is_said_to_be_missing_would_complete_the_rule(assessor: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        day = case.latest_known
        assert day is not None
        for found in waiting(assessor.assess(case, day)):
            assert found.missing


def test_the_same_words_never_stand_for_other_evidence(assessor: Assessor) -> None:
    """The condition now, and six months earlier on other documents: both are told."""
    rows = ("interim_director_months | 13 | 2024-06-30 | 2024-07-01 | minutes",
            "interim_director_months | 18 | 2024-11-30 | 2024-12-01 | minutes",
            "vacancy_rate | 31 | 2023-09-30 | 2024-02-29 | census",
            "vacancy_rate | 30 | 2024-09-30 | 2025-02-28 | census",
            "open_priority_action | 1 | 2024-06-15 | 2024-07-01 | letter | finding",
            "open_priority_action | 1 | 2025-01-15 | 2025-02-01 | letter | finding")
    text = render(why(asked(assessor, "2025-03-01", *rows), ("mechanism", "reactive-authority")))
    assert "interim director: 18 months" in text
    assert "interim director: 13 months" in text
