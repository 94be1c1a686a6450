"""The shipped cases at their dates: what is concluded, from what, and what is not."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.assess import Asked, Assessment, Assessor
from explain.account import Line, depth, walk
from explain.answer import overview, why
from explain.render.text import render
from explain.why import Teller
from kb.casefiles import read_case
from kb.dates import Precision, Span, first_day_beyond
from kb.dossier import Case, Marker, Observation
from kb.model import Citation, Kind, Source, State

CHURN = ("mechanism", "churn-under-cuts")
SPIRAL = ("mechanism", "capacity-spiral")


def at(assessor: Assessor, case: Case, day: str) -> Assessment:
    return assessor.assess(case, date.fromisoformat(day))


def change_points(case: Case, assessor: Assessor) -> list[date]:
    """Every date on which something became public, and every date on which something went out of date."""
    indicators = assessor.knowledge.vocabulary.indicators
    points = {o.known for o in case.observations}
    points |= {first_day_beyond(o.about, indicators[o.indicator].validity) for o in case.observations}
    return sorted(points)


def observations_under(line: Line) -> Iterator[Line]:
    return (below for below in walk(line) if below.role == "observation")


RESULTS = """
northamptonshire  2012-01-01  not-enough-evidence
northamptonshire  2018-10-31  watch
northamptonshire  2018-11-12  watch
northamptonshire  2018-11-30  priority-line-of-enquiry
derbyshire        2019-09-30  not-enough-evidence
croydon           2018-03-15  watch
croydon           2020-02-03  not-enough-evidence
croydon           2020-03-16  not-enough-evidence
essex             2019-01-31  not-enough-evidence
ashby             2025-05-20  watch
carden            2025-05-20  not-enough-evidence
"""


@pytest.mark.parametrize("row", RESULTS.strip().splitlines())
def test_the_result_of_a_case_at_a_date(row: str, assessor: Assessor, cases: dict[str, Case]) -> None:
    name, day, result = row.split()
    assert at(assessor, cases[name], day).result == result


def test_three_signs_of_ashby_combine(assessor: Assessor, cases: dict[str, Case]) -> None:
    ashby = at(assessor, cases["ashby"], "2025-05-20")
    assert [ashby.level("signature", s) for s in ("A2", "A3", "C7")] == ["strong", "strong", "weak"]
    assert ashby.level(*CHURN) == "high"
    assert ashby.level("picture", "corporate-climate") == "high"


@pytest.mark.parametrize("taken", [("director_changes",), ("management_restructure",), ("planned_savings_one_year",),
                                   ("agency_worker_rate",)])
def test_without_any_one_of_them_nothing_follows(taken: tuple[str, ...], assessor: Assessor, cases: dict[str, Case],
                                                 ) -> None:
    case = cases["ashby"]
    left = [o for o in case.observations if o.indicator not in taken]
    without = assessor.assess(case, date(2025, 5, 20), left)
    assert without.head_state(*CHURN, "elevated") is State.NOT_KNOWN
    assert without.level(*CHURN) in (None, "watch"), "two of the three are worth watching, no more"
    assert without.result == "not-enough-evidence"


def test_each_sign_of_ashby_alone_gives_no_result(assessor: Assessor, cases: dict[str, Case]) -> None:
    case = cases["ashby"]
    for indicator in {o.indicator for o in case.observations}:
        alone = assessor.assess(case, date(2025, 5, 20), [o for o in case.observations if o.indicator == indicator])
        assert alone.result == "not-enough-evidence", indicator


def test_carden_is_one_premise_short(assessor: Assessor, cases: dict[str, Case]) -> None:
    carden = at(assessor, cases["carden"], "2025-05-20")
    assert [carden.head_state("signature", s) for s in ("A2", "A3")] == [State.PRESENT, State.PRESENT]
    assert carden.head_state("signature", "C7") is not State.PRESENT
    assert carden.level(*CHURN) == "watch"


def test_northamptonshire_reaches_its_result_through_five_levels_each_cited(assessor: Assessor, cases: dict[str, Case],
                                                                            ) -> None:
    (chain, *_) = why(at(assessor, cases["northamptonshire"], "2018-11-30")).chain
    assert depth(chain) >= 5
    steps = [line for line in walk(chain) if line.role in ("result", "picture", "mechanism", "signature", "test")]
    assert all(step.place and step.place.line for step in steps)
    seen = list(observations_under(chain))
    assert {"result", "picture", "mechanism", "test"} <= {line.role for line in steps}
    assert seen
    assert all("source: " in line.quoted[0] and "public by" in line.quoted[0] for line in seen)


def test_before_the_letter_was_published_the_visit_is_not_known(assessor: Assessor, cases: dict[str, Case]) -> None:
    before = at(assessor, cases["northamptonshire"], "2018-11-12")
    assert before.head_state("mechanism", "unseen-children") is State.NOT_KNOWN
    assert before.channels == ()
    after = at(assessor, cases["northamptonshire"], "2018-11-13")
    assert after.channels == ("children-may-be-unseen",)


def test_croydon_would_have_held_but_for_its_caseload(assessor: Assessor, cases: dict[str, Case]) -> None:
    croydon = at(assessor, cases["croydon"], "2020-02-03")
    assert croydon.head_state(*SPIRAL) is State.NOT_FOUND
    text = render(why(croydon))
    assert "Would have held, but: manageable caseload" in text
    assert "agency rate: 46.6 per cent" in text
    assert "caseload: 16.6 cases" in text
    assert "17.4 cases in 2018" in text
    assert "38.5" not in text, "the census of September 2019 was not yet public"


def test_the_card_s_rule_in_derbyshire_condition_by_condition(assessor: Assessor, cases: dict[str, Case]) -> None:
    derbyshire = at(assessor, cases["derbyshire"], "2019-09-30")
    (chain,) = why(derbyshire, CHURN).chain
    states = {line.id: line.state for line in walk(chain) if line.role == "signature"}
    assert chain.state is not State.PRESENT
    assert states["A2"] is not State.PRESENT
    assert states["A3"] is not State.PRESENT
    vacancy = next(line for line in walk(chain) if line.title == "vacancy rate")
    assert vacancy.state is State.PRESENT, "24.7 per cent is where the worst quarter of 2018 begins: it is included"


def test_both_engines_on_every_case_at_every_change_point(assessor: Assessor, cases: dict[str, Case]) -> None:
    """The assessor raises where they disagree; here all dates of all cases are chained in one network."""
    asked = [Asked(case, day) for case in cases.values() for day in change_points(case, assessor)]
    found = assessor.assess_all(asked)
    assert len(found) > 500
    assert {a.engine for a in found} == {"bits" if assessor.missing else "rete"}
    assert {a.result for a in found} <= set(assessor.knowledge.results())


def test_one_case_by_itself_is_what_it_is_among_all(assessor: Assessor, cases: dict[str, Case]) -> None:
    asked = [Asked(case, case.latest_known or date(2020, 1, 1)) for case in cases.values()]
    for one, among in zip(asked, assessor.assess_all(asked), strict=True):
        assert assessor.assess(one.case, one.as_at).model == among.model


def test_nothing_known_later_ever_changes_an_answer(assessor: Assessor, cases: dict[str, Case]) -> None:
    """Every case at every date: as it stands, and as it stood without all that became public later."""
    asked = [Asked(case, day) for case in cases.values() for day in change_points(case, assessor)]
    then = [a._replace(observations=[o for o in a.case.observations if o.known <= a.as_at]) for a in asked]
    evaluator = Assessor(assessor.knowledge, "bits", assessor.program)
    for one, now, before in zip(asked, evaluator.assess_all(asked), evaluator.assess_all(then), strict=True):
        assert now.model == before.model, (one.case.id, one.as_at)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_invented_later_fact_changes_an_answer(data: st.DataObject, assessor: Assessor, cases: dict[str, Case],
                                                  ) -> None:
    case = cases[data.draw(st.sampled_from(sorted(cases)))]
    day = data.draw(st.dates(date(2015, 1, 1), date(2025, 12, 31)))
    indicator = data.draw(st.sampled_from(sorted(assessor.knowledge.vocabulary.indicators)))
    about = day - timedelta(days=data.draw(st.integers(0, 400)))
    later = Observation(indicator, Span(about, about), day + timedelta(days=data.draw(st.integers(1, 400))),
                        data.draw(st.sampled_from(list(Kind))), Citation(Source("later")),
                        float(data.draw(st.integers(0, 100))), body="A later body")
    evaluator = Assessor(assessor.knowledge, "bits", assessor.program)
    both = evaluator.assess_all([Asked(case, day), Asked(case, day, [*case.observations, later])])
    assert both[0].model == both[1].model


def test_nothing_known_is_not_known_and_never_absent(assessor: Assessor, cases: dict[str, Case]) -> None:
    empty = assessor.assess(cases["ashby"], date(2025, 5, 20), [])
    states = {empty.head_state(kind, id) for kind, id in assessor.knowledge.conclusions() if kind != "result"}
    assert states == {State.NOT_KNOWN}
    assert empty.judged == ()
    assert empty.result == "not-enough-evidence"


@pytest.mark.parametrize("marker", [Marker.SUPPRESSED, Marker.UNAVAILABLE, Marker.UNRELIABLE, Marker.BLANK])
def test_a_suppressed_value_is_never_zero(marker: Marker, assessor: Assessor, cases: dict[str, Case]) -> None:
    case = cases["croydon"]
    hidden = [o._replace(value=None, marker=marker) if o.indicator == "average_caseload" else o
              for o in case.observations]
    croydon = assessor.assess(case, date(2020, 2, 3), hidden)
    assert croydon.head_state(*SPIRAL) is State.NOT_KNOWN, "neither held nor defeated"


def test_the_order_of_observations_is_irrelevant(assessor: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        day = case.latest_known
        assert day is not None
        turned = render(why(assessor.assess(case, day, tuple(reversed(case.observations)))))
        assert turned == render(why(assessor.assess(case, day)))


def test_published_figures_are_those_of_the_tables(shared: Path, cases: dict[str, Case]) -> None:
    """Every census figure in a real case equals the published table's."""
    import csv

    published = {}
    with (shared / "data" / "observations.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            published[row["authority_code"], row["indicator"], row["period_end"]] = float(row["value"])
    checked = 0
    for case in cases.values():
        for o in case.observations:
            key = (case.authority_code, o.indicator, o.about.end.isoformat())
            if key in published:
                assert o.value == published[key], key
                checked += 1
    assert checked >= 70


REACTIVE = """
case: deepdale
title: Deepdale, the seed's own chain
invented: true
authority: {code: X00000003, name: Deepdale}
sources:
  - {id: minutes, title: Minutes (invented), publisher: Deepdale council}
  - {id: letter, title: Letter (invented), publisher: Ofsted (invented)}
observations:
  - {indicator: interim_director_months, value: 13 months, about: 2024-06-30, known: 2024-07-01, source: minutes}
  - {indicator: interim_director_months, value: 18 months, about: 2024-11-30, known: 2024-12-01, source: minutes}
  - {indicator: vacancy_rate, value: 31 per cent, about: 2023-09-30, known: 2024-02-29, source: minutes}
  - {indicator: vacancy_rate, value: 30 per cent, about: 2024-09-30, known: 2025-02-28, source: minutes}
  - {indicator: open_priority_action, about: 2024-06-15, known: 2024-07-01, kind: finding, source: letter}
  - {indicator: open_priority_action, about: 2025-01-15, known: 2025-02-01, kind: finding, source: letter}
  - {indicator: agency_worker_rate, value: 31 per cent, about: 2024-09-30, known: 2025-02-28, source: minutes}
  - {indicator: average_caseload, value: 16 cases, about: 2024-09-30, known: 2025-02-28, source: minutes}
"""


def test_the_deepest_chain_has_at_least_five_rules(assessor: Assessor, tmp_path: Path) -> None:
    """Temporary arrangements, lost anticipation, reactive, leading the service, watch: each resting on the last."""
    path = tmp_path / "deepdale.yaml"
    path.write_text(REACTIVE, encoding="utf-8")
    case, problems = read_case(path, assessor.knowledge.vocabulary)
    assert problems == ()
    assert case is not None
    deepdale = assessor.assess(case, date(2025, 3, 1))
    chain = ("temporary-arrangements", "lost-anticipation", "reactive-authority")
    assert [deepdale.head_state("mechanism", name) for name in chain] == [State.PRESENT] * 3
    assert deepdale.head_state("picture", "leading-the-service") is State.PRESENT
    assert deepdale.result == "watch"
    (told, *_) = why(deepdale).chain
    names = [line.id for line in walk(told) if line.role in ("mechanism", "picture", "result")]
    assert names[:4] == ["watch", "leading-the-service", "lost-anticipation", "temporary-arrangements"]
    assert "reactive-authority" in names


def test_one_side_of_a_signature_that_needs_both_is_said_to_be_one_side(assessor: Assessor, cases: dict[str, Case],
                                                                       ) -> None:
    text = render(overview(at(assessor, cases["northamptonshire"], "2018-11-30")))
    assert "One of its two sides is shown: reorganisation. It needs both." in text


def test_the_grade_and_its_sentence_agree(assessor: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        asked = assessor.assess(case, case.latest_known or date(2020, 1, 1))
        for id in assessor.knowledge.signs:
            told = Teller(asked).head("signature", id)
            if told.state is State.PRESENT and told.level != "weak":
                assert "Published numbers alone" not in told.text, f"{case.id} {id} {told.level}"


def test_one_event_in_two_documents_counts_once(assessor: Assessor, cases: dict[str, Case]) -> None:
    ashby = [o for o in cases["ashby"].observations if o.indicator != "director_changes"]
    left = Observation("director_changes", Span(date(2025, 5, 9), date(2025, 5, 9)), date(2025, 5, 20), Kind.EVENT,
                       Citation(Source("minutes")), 1.0)
    again = left._replace(about=Span(date(2025, 5, 1), date(2025, 5, 31), Precision.SOMETIME), known=date(2025, 5, 31),
                          citation=Citation(Source("letter")))
    twice = assessor.assess(cases["ashby"], date(2025, 6, 1), [*ashby, left, again])
    assert twice.head_state("signature", "A2") is State.NOT_KNOWN
