"""How conclusions rest on their evidence, on every shipped case at three dates: told, tried, and counted anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date

import pytest

from engine.assess import Asked, Assessment, Assessor
from engine.proofs import FOR
from engine.support import support
from explain import routewords
from explain.account import walk
from explain.answer import why
from explain.footing import footing
from explain.names import Names
from explain.render.as_json import render as as_json
from explain.render.markdown import render as as_markdown
from explain.render.text import render
from explain.restson import Ground, Rests, necessary, rests
from explain.why import Teller
from kb.dossier import Case, Observation
from kb.knowledge import Knowledge
from kb.model import State
from tests.enumerated import ENOUGH, Enumerated, TooMany

WEST_SUSSEX = ("mechanism", "frontline-unseen")


class Standing:
    """A conclusion that is present or contested in some case at some date, and how it rests on its evidence."""

    def __init__(self, it: Assessment, kind: str, id: str, node: int, found: Rests) -> None:
        self.it, self.kind, self.id, self.node, self.found = it, kind, id, node, found
        self.name = f"{it.case.id} {it.as_at} {id}"


@pytest.fixture(scope="module")
def alone(knowledge: Knowledge) -> Assessor:
    """The evaluator by itself: what is told depends on no engine."""
    return Assessor(knowledge, "bits")


@pytest.fixture(scope="module")
def standings(alone: Assessor, cases: dict[str, Case]) -> list[Standing]:
    """Every conclusion that stands, in every case at three of the dates on which something became known."""
    asked = [Asked(case, day) for case in cases.values() for day in three(case)]
    found = list[Standing]()
    for it in alone.assess_all(asked):
        heads = {node: head for head in alone.knowledge.conclusions() for node in it.standing_at(*head)}
        found += [Standing(it, *head, node, one) for (node, head), one in zip(
            heads.items(), rests(it, list(heads)), strict=True)]
    return found


def three(case: Case) -> list[date]:
    days = sorted({o.known for o in case.observations})
    return [days[len(days) // 3], days[2 * len(days) // 3], days[-1]]


def left(standing: Standing, alone: Assessor, kept: Sequence[list[Observation]]) -> list[bool]:
    """Whether the conclusion still stands as it did on other evidence: each assessed anew, from its observations."""
    again = alone.assess_all([Asked(standing.it.case, standing.it.as_at, some) for some in kept])
    state = standing.it.state(standing.node)
    return [it.state(standing.node) is state for it in again]


def without(standing: Standing, grounds: Sequence[Ground]) -> list[list[Observation]]:
    return [[o for o in standing.it.case.observations if o not in one.observations] for one in grounds]


def test_routes_are_counted_as_an_enumerating_oracle_counts_them(standings: list[Standing]) -> None:
    compared = many = 0
    for s in standings:
        for reading, ways in enumerate(s.found.ways):
            model = [(f >> reading & 1, a >> reading & 1) for f, a in s.it.model]
            try:
                assert ways.routes == len(Enumerated(s.it.program, model).routes(s.node, FOR)), s.name
                compared += 1
            except TooMany:
                assert ways.routes > ENOUGH
                many += 1
    assert compared > 100
    assert many, "some count must be beyond telling them one by one"


def test_without_what_is_necessary_it_does_not_stand_and_without_the_rest_it_does(
        standings: list[Standing], alone: Assessor) -> None:
    tried = {"necessary": 0, "replaced": 0, "alternative": 0}
    for s in standings:
        for kind, some in (("necessary", s.found.necessary), ("replaced", s.found.replaced),
                           ("alternative", s.found.alternative)):
            stands = left(s, alone, without(s, some))
            assert stands == [kind != "necessary"] * len(some), (s.name, kind)
            tried[kind] += len(some)
    assert min(tried.values()) > 3, tried


def test_the_smallest_routes_are_support_and_stand_alone(standings: list[Standing], alone: Assessor) -> None:
    """With its observations as the whole evidence each smallest route gives the conclusion again.

    What is contested may stay so: one set of observations may hold what speaks for a test and what speaks against it.
    """
    for s in standings:
        under = support(s.it.proofs, s.it.looking, s.node)
        for ways in s.found.ways:
            assert all(set(some) <= set(under) for some in ways.smallest), s.name
            assert [len(some) for some in ways.smallest] == sorted(len(some) for some in ways.smallest)
            again = alone.assess_all([Asked(s.it.case, s.it.as_at, list(some)) for some in ways.smallest])
            assert all(it.state(s.node) in (State.PRESENT, s.it.state(s.node)) for it in again), s.name


def test_the_account_tells_all_of_it(standings: list[Standing]) -> None:
    """Every ground and every exception by its name, each route's size, and both sides of what is disputed."""
    wide = [s for s in standings if s.kind != "mechanism" or s.it.state(s.node) is State.CONTESTED]
    assert len(wide) > 10
    for s in wide:
        place = s.it.standing_at(s.kind, s.id).index(s.node)
        levels = footing(s.it, Teller(s.it), [(s.kind, s.id)])
        told = levels[place]
        lines = {role: [line for line in walk(told) if line.role == role] for role in (
            "necessary", "replaced", "alternative", "route", "exceptions", "disputed", "observation")}
        for role in ("necessary", "replaced", "alternative"):
            grounds: tuple[Ground, ...] = getattr(s.found, role)
            assert [all(str(one) in line.title for one in grounds) for line in lines[role]] == [True] * bool(grounds)
        names = Names(s.it.knowledge)
        assert all(names.name_of(c) in line.title for c, _ in s.found.exceptions for line in lines["exceptions"])
        assert bool(lines["exceptions"]) == bool(s.found.exceptions)
        sides = [s.it.looking.verdict(*pair) for pair in s.found.disputed]
        assert len(lines["disputed"]) == len(sides)
        under = lines["observation"] or [line for line in walk(levels[0]) if line.role == "observation"]  # shown above
        assert len(under) == sum(len((*verdict.for_by, *verdict.against_by)) for verdict in sides)


def test_the_picture_s_heavy_lines_are_what_the_text_calls_needed(standings: list[Standing]) -> None:
    for s in standings[::4]:
        assert necessary(s.it, s.node) == {test for one in s.found.necessary for test in one.tests}, s.name


def test_a_result_that_puts_no_question_is_not_told_to_rest_on_anything(alone: Assessor, cases: dict[str, Case],
                                                                         ) -> None:
    oakshire = alone.assess(cases["oakshire"], cases["oakshire"].latest_known or date.min)
    assert oakshire.result == "no-combination-found"
    assert why(oakshire).footing == ()


def test_a_search_that_was_cut_short_is_told() -> None:
    assert "cut short" in routewords.smallest(3, 10, exact=False)
    assert "cut short" not in routewords.smallest(3, 10, exact=True)


@pytest.mark.parametrize(("number", "read"), [
    (1, "1"), (4_512, "4,512"), (999_999, "999,999"), (10**6, "1 million"), (10**6 + 1, "more than 1 million"),
    (777_424_592_000, "more than 777 billion"), (2 * 10**9, "2 billion"), (10**15 - 1, "more than 999 trillion"),
    (10**15, "1,000 trillion"), (2**200, "more than 1,000 trillion"),
])
def test_a_number_of_routes_is_told_to_the_last_digit_only_where_that_helps(number: int, read: str) -> None:
    assert routewords.many(number) == read


def test_where_there_are_very_many_routes_the_exact_number_is_in_the_value(alone: Assessor, cases: dict[str, Case],
                                                                          ) -> None:
    line = why(alone.assess(cases["northamptonshire"], date(2018, 11, 30))).footing[0]
    assert line.title == "Priority line of enquiry: more than 777 billion routes"
    assert line.value == "777424592000"


def test_contested_evidence_is_told_from_both_sides(alone: Assessor, cases: dict[str, Case],
                                                    golden: Callable[[str, str], None]) -> None:
    """Who says so and who says otherwise, with source and date; and what either reading would give."""
    it = alone.assess(cases["west-sussex"], date(2019, 12, 31))
    assert it.head_state(*WEST_SUSSEX) is State.CONTESTED
    account = why(it, WEST_SUSSEX)
    golden("why-west-sussex-frontline-unseen-2019-12-31.txt", render(account))
    for told in (as_json(account), as_markdown(account)):
        assert all(side in told for side in routewords.SIDES)
        assert all(reading in told for reading in routewords.READINGS)


def test_the_number_of_routes_is_a_number_for_other_programs(alone: Assessor, cases: dict[str, Case]) -> None:
    told = json.loads(as_json(why(alone.assess(cases["northamptonshire"], date(2018, 11, 30)))))
    assert [line["value"] for line in told["footing"]] == ["777424592000", "2"]


def test_one_reading_is_told_where_what_is_disputed_makes_no_difference(standings: list[Standing]) -> None:
    for s in standings:
        assert len(s.found.ways) <= 2
        assert len(s.found.ways) == 1 or s.found.disputed, s.name
