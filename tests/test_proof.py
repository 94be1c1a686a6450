"""The steps of an answer, and its receipt: what differs is named, and no order of files makes a difference."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date

import pytest

from engine.assess import Assessment, Assessor
from engine.firing import steps
from explain.account import walk
from explain.render.as_json import render as as_json
from explain.render.text import render
from explain.trace import memory, trace
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
