"""A receipt: what an answer was worked out from, and what differs when it is worked out again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.assess import Assessment, Assessor
from engine.canonical import digest, digest_of_all
from explain.receipt import Files, NoReceipt, differences, read, receipt, remarks
from kb.dossier import Case
from kb.files import RULES
from kb.knowledge import Knowledge
from tests.test_cli import ROOT, sigrisk

DAY = date(2025, 5, 20)


@pytest.fixture(scope="module")
def alone(knowledge: Knowledge) -> Assessor:
    """The evaluator by itself, so that receipts do not depend on where the tests run."""
    return Assessor(knowledge, "bits")


@pytest.fixture(scope="module")
def ashby(alone: Assessor, cases: dict[str, Case]) -> Assessment:
    return alone.assess(cases["ashby"], DAY)


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


def test_a_changed_vocabulary_is_named(ashby: Assessment, knowledge: Knowledge) -> None:
    known = knowledge.vocabulary.indicators
    changed = {**known, "agency_worker_rate": known["agency_worker_rate"]._replace(validity=120)}
    vocabulary = replace(knowledge.vocabulary, indicators=changed)
    told = against(ashby, Assessor(knowledge._replace(vocabulary=vocabulary), "bits").assess(ashby.case, DAY))
    assert told[0].startswith("the vocabulary is not the same: SHA-256 ")
    assert told[1:] == ("table of the vocabulary indicators is not as it was",)


def test_what_becomes_known_later_changes_no_earlier_answer(alone: Assessor, cases: dict[str, Case]) -> None:
    case, day = cases["northamptonshire"], date(2018, 11, 30)
    by_then = [o for o in case.observations if o.known <= day]
    assert 0 < len(by_then) < len(case.observations)
    assert receipt(alone.assess(case, day)) == receipt(alone.assess(case, day, by_then))


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


def test_files_are_named_as_they_were_and_never_from_the_root() -> None:
    files = Files(Path("cases/a.yaml"), (Path("b.csv"), Path("/home/b.csv")), RULES, Path("/home/kb"))
    assert files.told() == {"case": ["cases/a.yaml"], "tables": ["b.csv", ""], "rules": [], "vocabulary": [""]}


@pytest.mark.parametrize("path", ["/etc/passwd", "a\x00b", 7])
def test_a_receipt_that_names_files_otherwise_is_none(path: object, ashby: Assessment) -> None:
    told = json.loads(receipt(ashby))
    told["files"]["case"] = [path]
    with pytest.raises(NoReceipt, match="what it says under files"):
        read(json.dumps(told))


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
    done = sigrisk("assess", "examples/ashby.yaml", "--receipt", str(path))
    assert (done.returncode, done.stdout[:5]) == (0, "Ashby"), done.stderr
    assert json.loads(path.read_text(encoding="utf-8"))["result"] == "watch"
    assert str(ROOT) not in path.read_text(encoding="utf-8")
    same = sigrisk("verify", str(path), "--engine", "bits")
    assert same.returncode == 0, same.stdout
    assert same.stdout == "the same: every state, and every derivation with what it rests on\n"
    later = sigrisk("verify", str(path), "examples/ashby.yaml", "--as-at", "2025-05-19")
    assert later.returncode == 1
    assert later.stdout.startswith("as at: 2025-05-20 then, 2025-05-19 now\n")
    other = sigrisk("verify", str(path), "examples/carden.yaml")
    assert other.returncode == 1
    assert other.stdout.startswith("case: ashby then, carden now\n")


def test_a_receipt_knows_what_it_was_asked_of(tmp_path: Path) -> None:
    for name in ("ashby.yaml", "observations.csv"):
        (tmp_path / name).write_bytes((ROOT / "examples" / name).read_bytes())
    kept = ("assess", "ashby.yaml", "--table", "observations.csv", "--receipt", "kept.json", "--engine", "bits")
    assert sigrisk(*kept, cwd=tmp_path).returncode == 0
    assert sigrisk("verify", "kept.json", cwd=tmp_path).returncode == 0
    (tmp_path / "observations.csv").unlink()
    gone = sigrisk("verify", "kept.json", cwd=tmp_path)
    assert (gone.returncode, gone.stderr) == (3, "sigrisk: the receipt is of observations.csv, which is not here: "
                                              "verify it in the folder in which it was written, or name --table FILE\n")
    absolute = ("assess", str(tmp_path / "ashby.yaml"), "--receipt", "kept.json", "--engine", "bits")
    assert sigrisk(*absolute, cwd=tmp_path).returncode == 0
    assert str(tmp_path) not in (tmp_path / "kept.json").read_text(encoding="utf-8")
    unnamed = sigrisk("verify", "kept.json", cwd=tmp_path)
    assert (unnamed.returncode, unnamed.stderr) == (2, "sigrisk: the receipt does not say where its case is, for it "
                                                    "was named by a path from the root: name it here as CASE\n")
    assert sigrisk("verify", "kept.json", "ashby.yaml", cwd=tmp_path).returncode == 0


def test_an_answer_and_its_receipt_are_two_files(tmp_path: Path) -> None:
    done = sigrisk("assess", str(ROOT / "examples" / "ashby.yaml"), "-o", "a.json", "--receipt", "a.json", cwd=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert done.stderr == "sigrisk: the answer and its receipt cannot both be a.json: name two files\n"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"[" * 100_000])
def test_a_broken_receipt_gets_one_clear_line(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_bytes(content)
    done = sigrisk("verify", str(path), "examples/ashby.yaml")
    assert done.returncode == 3
    assert done.stderr.startswith("sigrisk: broken.json ")
    assert len(done.stderr.strip().splitlines()) == 1
