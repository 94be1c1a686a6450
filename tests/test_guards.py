"""The ten guards that hold for all rules (the domain's G1 to G10), each shown on evidence."""

import re
from datetime import date
from itertools import combinations

import pytest
from invented import DAY, everything, mildest, observed, strongest

from engine.assess import Asked, Assessment, Assessor
from explain.answer import overview, why
from explain.render.as_json import render as as_json
from explain.render.text import render
from kb.conditions import conditions_of
from kb.dossier import Case, Observation
from kb.knowledge import Knowledge
from kb.model import Citation, Kind, Source, State

SIGNATURES = [f"{c}{n}" for c, last in (("A", 5), ("B", 4), ("C", 8)) for n in range(1, last + 1)]
NOTHING_YET = ("not-enough-evidence", "no-combination-found")
PRIORITY = "priority-line-of-enquiry"


def assess(assessor: Assessor, case: Case, sets: list[list[Observation]], day: date = DAY) -> list[Assessment]:
    return assessor.assess_all([Asked(case, day, evidence) for evidence in sets])


# G1: one signature alone is never enough; two that share their evidence never reach the strongest result


def test_no_signature_alone_reaches_a_result(assessor: Assessor, cases: dict[str, Case]) -> None:
    sets = [everything(assessor.knowledge, [s]) for s in SIGNATURES]
    for signature, alone in zip(SIGNATURES, assess(assessor, cases["ashby"], sets), strict=True):
        assert alone.head_state("signature", signature) in (State.PRESENT, State.CONTESTED), "it would prove nothing"
        assert alone.result in NOTHING_YET, signature
        assert alone.contested_results == (), signature


def test_no_two_signatures_reach_the_strongest_result(assessor: Assessor, cases: dict[str, Case]) -> None:
    pairs = list(combinations(SIGNATURES, 2))
    sets = [everything(assessor.knowledge, pair) for pair in pairs]
    for pair, both in zip(pairs, assess(assessor, cases["ashby"], sets), strict=True):
        assert PRIORITY not in (both.result, *both.contested_results), pair


def test_all_signatures_together_do_reach_it(assessor: Assessor, cases: dict[str, Case]) -> None:
    (all_on,) = assess(assessor, cases["ashby"], [everything(assessor.knowledge, SIGNATURES)])
    assert all_on.result == PRIORITY


# G2: published numbers alone


def test_numbers_alone_never_reach_the_strongest_result(assessor: Assessor, cases: dict[str, Case]) -> None:
    numbers = everything(assessor.knowledge, SIGNATURES, [Kind.STATISTIC])
    (found,) = assess(assessor, cases["ashby"], [numbers])
    assert found.result == "watch"
    assert "Numbers only" in render(why(found))


def test_the_numbers_of_every_case_at_every_date(assessor: Assessor, cases: dict[str, Case]) -> None:
    asked = [Asked(case, day, [o for o in case.observations if o.kind is Kind.STATISTIC])
             for case in cases.values() for day in sorted({o.known for o in case.observations})]
    for one, found in zip(asked, assessor.assess_all(asked), strict=True):
        assert found.result != PRIORITY, (one.case.id, one.as_at)
        if found.result == "watch":
            assert found.on_numbers_alone


def test_a_notice_beside_numbers_is_not_enough(assessor: Assessor, cases: dict[str, Case]) -> None:
    """The published numbers of a service, and money trouble in its council: a question, not the first question."""
    indicators = assessor.knowledge.vocabulary.indicators
    numbers = everything(assessor.knowledge, SIGNATURES, [Kind.STATISTIC])
    notice = observed(indicators["section_114_notice"], date(2025, 2, 1), 1.0)
    (found,) = assess(assessor, cases["ashby"], [[*numbers, notice]])
    assert found.result == "watch"


# G3: figures that may be a consequence of a judgement


def judged(knowledge: Knowledge, day: date, grade: str) -> Observation:
    indicator = knowledge.vocabulary.indicators["judgement_outcome"]
    return observed(indicator, day, float(indicator.values.index(grade)))


def test_a_figure_after_a_judgement_is_a_possible_consequence_until_the_next(assessor: Assessor, cases: dict[str, Case],
                                                                            ) -> None:
    kb, rate = assessor.knowledge, assessor.knowledge.vocabulary.indicators["agency_worker_rate"]
    figure = observed(rate, date(2024, 9, 30), 40.0)
    worst, later = judged(kb, date(2023, 3, 1), "inadequate"), judged(kb, date(2024, 3, 1), "good")
    sets = [[figure], [figure, worst], [figure, worst, later], [figure, later]]
    told = [render(why(a, ("signature", "C7"))) for a in assess(assessor, cases["ashby"], sets)]
    assert ["possible consequence" in text for text in told] == [False, True, False, False]


# G4: validity


def test_every_indicator_says_how_long_it_speaks(knowledge: Knowledge) -> None:
    for indicator in knowledge.vocabulary.indicators.values():
        assert 1 <= indicator.validity <= 72, indicator.id
        if indicator.kind is Kind.STATISTIC:
            assert indicator.validity <= 24, indicator.id


# G5: small bases


def test_a_small_base_asks_for_two_years(assessor: Assessor, cases: dict[str, Case]) -> None:
    rate = assessor.knowledge.vocabulary.indicators["agency_worker_rate"]
    now, before = observed(rate, date(2024, 9, 30), 40.0), observed(rate, date(2023, 9, 30), 41.0)
    calm = before._replace(value=3.0)
    small = now._replace(base=48.0)
    sets = [[now], [small], [small, before], [small, calm], [small._replace(base=60.0)]]
    found = [a.head_state("signature", "C7", "weak") for a in assess(assessor, cases["ashby"], sets)]
    known, unknown = State.PRESENT, State.NOT_KNOWN
    assert found == [known, unknown, known, unknown, known]
    text = render(why(assess(assessor, cases["ashby"], [[small, before]])[0], ("signature", "C7")))
    assert "small base" in text


# G6: evidence that disagrees


def test_bodies_that_disagree_leave_it_contested_and_both_are_shown(assessor: Assessor, cases: dict[str, Case]) -> None:
    finding = assessor.knowledge.vocabulary.indicators["political_oversight_finding"]
    serious = observed(finding, date(2024, 9, 30), 3.0)._replace(body="Inspectors")
    strength = observed(finding, date(2024, 10, 30), 0.0)._replace(body="Peers")
    (found,) = assess(assessor, cases["ashby"], [[serious, strength]])
    text = " ".join(render(why(found, ("signature", "A1"))).split())
    assert found.head_state("signature", "A1") is State.CONTESTED
    assert "as found by Inspectors" in text
    assert "as found by Peers" in text


# G7: context, and nothing twice


def test_context_is_never_a_sign_and_no_indicator_is_a_sign_of_two_signatures(knowledge: Knowledge) -> None:
    owners: dict[str, set[str]] = {}
    for id, signs in knowledge.signs.items():
        for sign in signs.all:
            assert not knowledge.vocabulary.indicators[sign.test.test.indicator].context
            owners.setdefault(str(sign.test.test), set()).add(id)
    assert all(len(found) == 1 for found in owners.values())
    assert sum(bool(i.context) for i in knowledge.vocabulary.indicators.values()) >= 5


def test_context_alone_shows_nothing(assessor: Assessor, cases: dict[str, Case]) -> None:
    context = [i for i in assessor.knowledge.vocabulary.indicators.values() if i.context]
    evidence = [observed(i, date(2024, 9, 30), strongest(i)) for i in context]
    (found,) = assess(assessor, cases["ashby"], [evidence])
    assert found.result == "not-enough-evidence"
    asked = {"signature": "weak", "mechanism": "elevated", "picture": "watch"}
    assert not any(found.head_state(kind, id, asked[kind]) is State.PRESENT
                   for kind, id in assessor.knowledge.conclusions() if kind in asked)


# G8: what rests on one document says so


def test_a_result_from_one_document_says_so(assessor: Assessor, cases: dict[str, Case]) -> None:
    one = Citation(Source("letter", title="One letter"))
    evidence = [o._replace(citation=one) for o in everything(assessor.knowledge, SIGNATURES)]
    in_one, in_many = assess(assessor, cases["ashby"], [evidence, everything(assessor.knowledge, SIGNATURES)])
    assert 'One document alone supports this result: "One letter".' in render(why(in_one))
    assert "One document alone" not in render(why(in_many))


# G9: the thresholds of its own year


def test_a_figure_is_held_against_its_own_year(assessor: Assessor, cases: dict[str, Case]) -> None:
    rate = assessor.knowledge.vocabulary.indicators["agency_worker_rate"]
    states = []
    for year in (2017, 2022, 2025):
        figure = observed(rate, date(year, 9, 30), 24.0)
        (found,) = assess(assessor, cases["ashby"], [[figure]], date(year + 1, 3, 1))
        states.append(found.head_state("signature", "C7", "weak"))
    assert states[:2] == [State.PRESENT, State.NOT_KNOWN]
    assert states[2] is State.PRESENT


def test_every_test_against_the_country_has_the_figures_of_nine_years_or_says_why_not(knowledge: Knowledge) -> None:
    asked = {c.test.indicator for rule in knowledge.in_force for c in conditions_of(rule)
             if hasattr(c, "test") and isinstance(c.test.threshold, str)}
    years = {id: sorted(year for other, year in knowledge.vocabulary.years if other == id) for id in asked}
    assert years.pop("three_or_more_social_workers") == [2024]
    assert all(found == list(range(2017, 2026)) for found in years.values())


# G10: nothing is added up


def test_no_answer_holds_a_score_or_an_order_of_authorities(assessor: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        found = assessor.assess(case, case.latest_known or DAY)
        for account in (why(found), overview(found)):
            keys = set(re.findall(r'"(\w+)":', as_json(account)))
            assert not keys & {"score", "rank", "weight", "probability", "likelihood", "points", "total"}


@pytest.mark.parametrize("id", SIGNATURES)
def test_every_signature_can_be_shown_and_can_be_refuted(id: str, assessor: Assessor, cases: dict[str, Case]) -> None:
    """With everything at its strongest it is present; with everything at its mildest it is found not to be so."""
    shown = everything(assessor.knowledge, [id])
    mild = [o._replace(value=mildest(assessor.knowledge.vocabulary.indicators[o.indicator])) for o in shown]
    high, low = assess(assessor, cases["ashby"], [shown, mild])
    assert high.head_state("signature", id) in (State.PRESENT, State.CONTESTED)
    assert low.head_state("signature", id, "weak") in (State.NOT_FOUND, State.NOT_KNOWN)
