"""The steps of an answer, and its receipt: what differs is named, and no order of files makes a difference."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.assess import Assessment, Assessor
from engine.canonical import digest, digest_of_all
from explain.account import walk
from explain.receipt import NoReceipt, differences, read, receipt, remarks
from explain.render.as_json import render as as_json
from explain.render.text import render
from explain.trace import memory, steps, trace
from kb.dossier import Case
from kb.knowledge import Knowledge
from kb.model import Place, State, Vocabulary
from tests.test_cli import ROOT, sigrisk

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


# the receipt


def shuffled(knowledge: Knowledge, seed: int) -> Knowledge:
    """The same knowledge base, as if its files had been read in another order and lay elsewhere."""
    rng, vocabulary = random.Random(seed), knowledge.vocabulary
    rules = [rule._replace(place=Place("elsewhere.yaml", 7, 7)) for rule in knowledge.rules]
    rng.shuffle(rules)
    tables = {field.name: mixed(getattr(vocabulary, field.name), rng) for field in fields(Vocabulary)
              if isinstance(getattr(vocabulary, field.name), Mapping)}
    return knowledge._replace(rules=tuple(rules), vocabulary=replace(vocabulary, **tables),
                              signs=mixed(knowledge.signs, rng))


def mixed(table: dict[Any, Any], rng: random.Random) -> dict[Any, Any]:
    items = list(table.items())
    rng.shuffle(items)
    return dict(items)


@pytest.mark.parametrize("seed", range(3))
def test_another_order_gives_the_same_bytes(seed: int, knowledge: Knowledge, ashby: Assessment) -> None:
    observations = [*ashby.case.observations]
    random.Random(seed).shuffle(observations)
    case = ashby.case._replace(observations=tuple(observations))
    again = Assessor(shuffled(knowledge, seed), "bits").assess(case, DAY)
    assert receipt(again) == receipt(ashby)


def test_the_same_is_said_to_be_the_same(ashby: Assessment) -> None:
    then = read(receipt(ashby))
    assert differences(then, then) == ()
    assert remarks(then, {**then, "engine": "rete", "tool": "9"}) == (
        f"tool: {then['tool']} then, 9 now", "engine: bits then, rete now")


def against(ashby: Assessment, other: Assessment) -> tuple[str, ...]:
    return differences(read(receipt(ashby)), read(receipt(other)))


def test_a_changed_rule_is_named(ashby: Assessment, knowledge: Knowledge) -> None:
    changed = [r._replace(rationale="another") if r.id == "watch" else r for r in knowledge.rules]
    other = Assessor(knowledge._replace(rules=tuple(changed)), "bits").assess(ashby.case, DAY)
    told = against(ashby, other)
    assert told[0].startswith("the rules are not the same: SHA-256 ")
    assert told[1:] == ("rule watch is not as it was",)


def test_a_rule_taken_away_is_named_with_what_goes(ashby: Assessment, knowledge: Knowledge) -> None:
    kept = tuple(r for r in knowledge.rules if r.id != "span-overload-layers-removed")
    other = Assessor(knowledge._replace(rules=kept), "bits").assess(ashby.case, DAY)
    told = against(ashby, other)
    assert "rule span-overload-layers-removed is gone" in told
    assert "rule span-overload-layers-removed: present (version 1) then, does not hold now" in told


def test_a_changed_observation_is_named(ashby: Assessment, alone: Assessor) -> None:
    first = next(o for o in ashby.case.observations if o.indicator == "agency_worker_rate")
    others = [o for o in ashby.case.observations if o != first]
    told = against(ashby, alone.assess(ashby.case, DAY, [*others, first._replace(value=30.4)]))
    assert told[0].startswith("the evidence is not the same: SHA-256 ")
    assert any(line.startswith("no longer held: agency_worker_rate: 29.4, about 2024-09-30") for line in told)
    assert any(line.startswith("now held: agency_worker_rate: 30.4") for line in told)
    assert "rule churn-under-cuts: rests on other observations" in told


def test_a_changed_date_is_named_with_what_it_changes(ashby: Assessment, alone: Assessor) -> None:
    told = against(ashby, alone.assess(ashby.case, date(2025, 5, 19)))
    assert told[:2] == ("as at: 2025-05-20 then, 2025-05-19 now", "result: watch then, not-enough-evidence now")
    assert "mechanism churn-under-cuts at high: present then, not known now" in told


def test_a_receipt_that_was_changed_by_hand_is_found_out(ashby: Assessment) -> None:
    then = read(receipt(ashby).replace('"result": "watch"', '"result": "no-combination-found"'))
    assert differences(then, read(receipt(ashby))) == (
        "the receipt itself was changed after it was written", "result: no-combination-found then, watch now")


def test_hashes_see_content_and_no_order(knowledge: Knowledge) -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 2, "b": 1})
    assert digest_of_all(knowledge.rules) == digest_of_all(knowledge.rules[::-1])
    assert digest_of_all(knowledge.rules) != digest_of_all(knowledge.rules[1:])


NO_RECEIPTS = {
    "nothing": "", "a list": "[]", "another form": '{"receipt": 2}', "no tables": '{"receipt": 1}',
    "brackets": "[" * 100_000, "deep": '{"receipt": 1, "model": ' + "[" * 5_000 + "]" * 5_000 + "}",
    "half a letter": '{"receipt": 1, "tool": "\\ud800"}',
}


@pytest.mark.parametrize("name", NO_RECEIPTS)
def test_what_is_no_receipt_is_said_to_be_none(name: str) -> None:
    with pytest.raises(NoReceipt):
        read(NO_RECEIPTS[name])


# the commands


def test_a_receipt_is_written_and_verified(tmp_path: Path) -> None:
    path = tmp_path / "ashby.json"
    done = sigrisk("receipt", "examples/ashby.yaml", "-o", str(path))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert json.loads(path.read_text(encoding="utf-8"))["result"] == "watch"
    assert str(ROOT) not in path.read_text(encoding="utf-8")
    same = sigrisk("verify", str(path), "examples/ashby.yaml", "--engine", "bits")
    assert same.returncode == 0, same.stdout
    assert same.stdout == "the same: every state, and every derivation with what it rests on\n"
    later = sigrisk("verify", str(path), "examples/ashby.yaml", "--as-at", "2025-05-19")
    assert later.returncode == 1
    assert later.stdout.startswith("as at: 2025-05-20 then, 2025-05-19 now\n")
    other = sigrisk("verify", str(path), "examples/carden.yaml")
    assert other.returncode == 1
    assert other.stdout.startswith("case: ashby then, carden now\n")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"[" * 100_000])
def test_a_broken_receipt_gets_one_clear_line(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_bytes(content)
    done = sigrisk("verify", str(path), "examples/ashby.yaml")
    assert done.returncode == 3
    assert done.stderr.startswith("sigrisk: broken.json ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_trace_as_a_command_in_each_form() -> None:
    text = sigrisk("trace", "examples/ashby.yaml")
    assert (text.returncode, "Step 1, stratum 1: rule " in text.stdout) == (0, True)
    page = sigrisk("trace", "examples/ashby.yaml", "--format", "markdown")
    assert (page.returncode, page.stdout[:2]) == (0, "# ")
    told = json.loads(sigrisk("trace", "examples/ashby.yaml", "--format", "json").stdout)
    assert told["chain"][1]["role"] == "step"
    bad = sigrisk("trace", "examples/ashby.yaml", "--as-at", "2025-13-01")
    assert (bad.returncode, "write it as" in bad.stderr) == (2, True)
