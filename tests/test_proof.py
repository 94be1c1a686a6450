"""The steps of an answer, and its receipt: what differs is named, and no order of files makes a difference."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date

import pytest

from engine.assess import Assessment, Assessor
from engine.program import NOW
from explain.account import walk
from explain.render.as_json import render as as_json
from explain.render.text import render
from explain.restson import rests, routes_to
from explain.trace import memory, steps, trace
from kb.dossier import Case
from kb.knowledge import Knowledge
from kb.model import State
from tests.test_cli import sigrisk

ASKED = [("ashby", "2025-05-20"), ("northamptonshire", "2018-11-30")]
DAY = date(2025, 5, 20)


@pytest.fixture(scope="module")
def alone(knowledge: Knowledge) -> Assessor:
    """The evaluator by itself, so that receipts do not depend on where the tests run."""
    return Assessor(knowledge, "bits")


@pytest.fixture(scope="module")
def ashby(alone: Assessor, cases: dict[str, Case]) -> Assessment:
    return alone.assess(cases["ashby"], DAY)


# the trace


@pytest.mark.parametrize(("name", "day"), ASKED)
def test_trace_in_text(name: str, day: str, alone: Assessor, cases: dict[str, Case],
                       golden: Callable[[str, str], None]) -> None:
    golden(f"trace-{name}-{day}.txt", render(trace(alone.assess(cases[name], date.fromisoformat(day)))))


def test_every_step_is_of_a_rule_that_holds_and_none_is_left_out(alone: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        it = alone.assess(case, case.latest_known or DAY)
        taken = steps(it)
        held = {id for id, node in it.program.rules.items() if it.state(node) in (State.PRESENT, State.CONTESTED)}
        assert {step.rule.id for step in taken} == held
        assert [(s.stratum, s.rule.id) for s in taken] == sorted((s.stratum, s.rule.id) for s in taken)


def test_a_premise_was_concluded_before_it_is_used(alone: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        it = alone.assess(case, case.latest_known or DAY)
        told = trace(it).chain
        for number, (step, line) in enumerate(zip(steps(it), told[1:], strict=False)):
            before = {id for s in steps(it)[:number] for id in [s.rule.head.id]}
            needed = {p.id for p in line.children if p.id and p.state is State.PRESENT}
            assert needed <= before, step.rule.id


def test_the_memory_at_the_end_is_what_the_model_says(alone: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        it = alone.assess(case, case.latest_known or DAY)
        told = memory(steps(it))
        for kind, id in sorted({(p.kind, p.id) for p in it.program.heads}):
            level = it.level(kind, id)
            if level is not None:
                wanted = id if level == "held" else f"{id} ({level}"
                assert any(one.startswith(wanted) for one in told), (case.id, id)


def test_no_word_is_used_that_is_never_said(alone: Assessor, cases: dict[str, Case]) -> None:
    """Outside the names that signatures have, which are not our own words."""
    names = re.compile("|".join(re.escape(s.label) for s in alone.knowledge.vocabulary.signatures.values()))
    never = re.compile(rf"\b({'|'.join(alone.knowledge.vocabulary.never_said)})\b", re.IGNORECASE)
    for case in cases.values():
        for line in (line for top in trace(alone.assess(case, case.latest_known or DAY)).chain for line in walk(top)):
            told = names.sub("", re.sub(r'"[^"]*"', "", " ".join((line.title, line.text, *line.small))))
            assert not never.search(told), told


def test_the_trace_does_not_depend_on_the_engine(assessor: Assessor, alone: Assessor, cases: dict[str, Case]) -> None:
    one, other = (a.assess(cases["croydon"], date(2020, 2, 3)) for a in (assessor, alone))
    assert as_json(trace(one)) == as_json(trace(other))


# how a conclusion rests on its evidence


def test_necessary_evidence_removed_removes_the_conclusion(alone: Assessor, cases: dict[str, Case]) -> None:
    tried = 0
    for case in cases.values():
        it = alone.assess(case, case.latest_known or DAY)
        for proposition, node in it.program.heads.items():
            shown = proposition.context == NOW and it.state(node) is State.PRESENT
            if proposition.kind == "signature" or not shown:
                continue
            found = rests(it, node, wanted=1)
            assert found.routes == routes_to(it, node) > 0
            for one in found.necessary[:2]:
                kept = [o for o in case.observations if o not in one.observations]
                assert alone.assess(case, it.as_at, kept).state(node) is not State.PRESENT, (case.id, proposition)
                tried += 1
            for one in found.alternative[:1]:
                kept = [o for o in case.observations if o not in one.observations]
                assert alone.assess(case, it.as_at, kept).state(node) is State.PRESENT, (case.id, proposition)
    assert tried > 20


def test_ashby_rests_on_what_its_page_says(ashby: Assessment) -> None:
    node = ashby.program.head("result", ashby.result, "held")
    assert node is not None
    found = rests(ashby, node)
    assert (found.routes, found.exact, [len(one) for one in found.smallest]) == (4, True, [6])
    assert found.corroborated == (), "two departures are what the test asks for: neither stands beside the other"
    assert "agency_worker_rate" in {one.test.indicator for one in found.necessary}


def test_what_stands_side_by_side_is_met_without_any_one(alone: Assessor, cases: dict[str, Case]) -> None:
    it = alone.assess(cases["herefordshire"], cases["herefordshire"].latest_known or DAY)
    node = it.program.head("result", it.result, "held")
    assert node is not None
    found = rests(it, node)
    assert found.corroborated
    for one in found.corroborated:
        for gone in one.observations:
            kept = [o for o in it.case.observations if o != gone]
            assert alone.assess(it.case, it.as_at, kept).looking.verdict(one.test, 0).for_by


# the command


def test_trace_as_a_command_in_each_form() -> None:
    text = sigrisk("trace", "examples/ashby.yaml")
    assert (text.returncode, "Step 1, stratum 1: rule " in text.stdout) == (0, True)
    page = sigrisk("trace", "examples/ashby.yaml", "--format", "markdown")
    assert (page.returncode, page.stdout[:2]) == (0, "# ")
    told = json.loads(sigrisk("trace", "examples/ashby.yaml", "--format", "json").stdout)
    assert told["chain"][1]["role"] == "step"
    bad = sigrisk("trace", "examples/ashby.yaml", "--as-at", "2025-13-01")
    assert (bad.returncode, "write it as" in bad.stderr) == (2, True)
