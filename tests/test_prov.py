"""PROV-JSON: another program reads it back, and it says what the model says, no more and no less."""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prov.model import ProvDocument

from engine.assess import Assessment, Assessor
from engine.program import NOW
from engine.support import support
from explain.receipt import short
from explain.render.prov import _slug, everything, prov
from kb.dossier import Case
from kb.model import State
from tests.test_cli import ROOT, sigrisk

DATES = ("northamptonshire", "2018-11-30"), ("croydon", "2020-02-03"), ("derbyshire", "2019-09-30")
Document = dict[str, Any]
Documents = list[tuple[Assessment, Document]]


@pytest.fixture(scope="module")
def assessments(knowledge: Any, cases: dict[str, Case]) -> list[Assessment]:
    """Every shipped case on all that is known of it, and some as at an earlier date."""
    alone = Assessor(knowledge, "bits")
    latest = [alone.assess(case, case.latest_known or date.max) for case in cases.values()]
    return [*latest, *(alone.assess(cases[name], date.fromisoformat(day)) for name, day in DATES)]


@pytest.fixture(scope="module")
def documents(assessments: list[Assessment]) -> Documents:
    """Each assessment with all of it as PROV-JSON."""
    return [(it, json.loads(prov(it, everything(it)))) for it in assessments]


def ends(document: Document, kind: str, one: str, other: str) -> list[tuple[str, str]]:
    return [(said[f"prov:{one}"], said[f"prov:{other}"]) for said in document.get(kind, {}).values()]


def of_type(document: Document, type: str) -> dict[str, Document]:
    return {id: said for sort in ("entity", "activity") for id, said in document.get(sort, {}).items()
            if said["prov:type"]["$"] == type}


def test_another_program_reads_it_back(documents: Documents) -> None:
    for _, document in documents:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a name that PROV's other notations could not write is a warning
            read = ProvDocument.deserialize(content=json.dumps(document), format="json")
            again = ProvDocument.deserialize(content=read.serialize(format="json"), format="json")
        assert again == read
        assert len(read.get_records()) == sum(len(records) for sort, records in document.items() if sort != "prefix")


def test_every_conclusion_that_is_present_was_generated_by_a_rule_that_fired(documents: Documents) -> None:
    for it, document in documents:
        fired = of_type(document, "sigrisk:fired")
        generated = {entity for entity, activity in ends(document, "wasGeneratedBy", "entity", "activity")
                     if activity in fired}
        present = [id for id, said in document["entity"].items() if said.get("sigrisk:state") == "present"]
        assert set(present) <= generated
        held = sum(p.context == NOW and it.state(node) is State.PRESENT for p, node in it.program.heads.items())
        asked_now = [id for id in present if "sigrisk:looked_at" not in document["entity"][id]]
        assert len(asked_now) == held > 0


def test_what_nothing_speaks_of_was_generated_by_nothing(documents: Documents) -> None:
    unknown = 0
    for it, document in documents:
        generated = {entity for entity, _ in ends(document, "wasGeneratedBy", "entity", "activity")}
        for proposition, node in it.program.heads.items():
            if proposition.context == NOW and not any(it.model[node]):
                name = f"/{proposition.kind}/{proposition.id}/{proposition.level}"
                assert not any(id.endswith(name) for id in generated)
                unknown += 1
    assert unknown > 100


def test_every_observation_that_is_used_was_known_by_the_date_and_came_from_a_document(
        documents: Documents) -> None:
    for it, document in documents:
        observations, documents = of_type(document, "sigrisk:observation"), of_type(document, "sigrisk:document")
        used = {entity for _, entity in ends(document, "used", "activity", "entity")}
        assert set(observations) <= used
        assert all(date.fromisoformat(o["sigrisk:known"]["$"]) <= it.as_at for o in observations.values())
        sources = [said for said in document["wasDerivedFrom"].values()
                   if said.get("prov:type", {}).get("$") == "prov:PrimarySource"]
        assert {said["prov:generatedEntity"] for said in sources} == set(observations)
        assert {said["prov:usedEntity"] for said in sources} <= set(documents)


def test_nothing_dangles_and_nothing_rests_on_itself(documents: Documents) -> None:
    for _, document in documents:
        known = {id for sort in ("entity", "activity", "agent") for id in document[sort]}
        for relation in ("used", "wasGeneratedBy", "wasDerivedFrom", "wasAssociatedWith"):
            for said in document.get(relation, {}).values():
                named = {end for key, end in said.items() if key not in ("prov:type", "prov:role")}
                assert named <= known
        graph = nx.DiGraph([*ends(document, "used", "activity", "entity"),
                            *ends(document, "wasGeneratedBy", "entity", "activity"),
                            *ends(document, "wasDerivedFrom", "generatedEntity", "usedEntity")])
        assert nx.is_directed_acyclic_graph(graph)


def test_every_rule_at_work_has_its_plan_and_the_tool(documents: Documents) -> None:
    for _, document in documents:
        plans = of_type(document, "prov:Plan")
        associated = {said["prov:activity"]: said for said in document["wasAssociatedWith"].values()}
        assert set(associated) == set(document["activity"])
        for said in associated.values():
            plan = plans[said["prov:plan"]]
            assert (plan["sigrisk:version"], plan["prov:location"].split("/")[0]) == (1, "rules")
            assert list(document["agent"]) == [said["prov:agent"]]


def test_a_conclusion_was_derived_from_what_the_model_says_it_rests_on(assessments: list[Assessment]) -> None:
    tried = 0
    for it in assessments[-len(DATES):]:
        for kind, id in everything(it):
            held = it.level(kind, id)
            if held is None:
                continue
            document = json.loads(prov(it, [(kind, id)]))
            below = defaultdict(set)
            for upper, lower in ends(document, "wasDerivedFrom", "generatedEntity", "usedEntity"):
                below[upper].add(lower)
            name = f"/{kind}/{id}" + ("" if held == "held" else f"/{held}")
            (start,) = [entity for entity in document["entity"] if entity.endswith(name)]
            reached, agenda = set[str](), [start]
            while agenda:
                at = agenda.pop()
                reached.add(at)
                agenda += [one for one in below[at] if one not in reached]
            node = it.program.head(kind, id, held)
            assert node is not None
            rests_on = support(it.proofs, it.looking, node)
            assert {one for one in reached if ":observation/" in one} == {
                f"sigrisk:observation/{short(o)}" for o in rests_on}, (it.case.id, kind, id)
            tried += 1
    assert tried > 20


def test_the_limits_of_use_go_with_every_result(documents: Documents) -> None:
    for it, document in documents:
        results = of_type(document, "sigrisk:result").values()
        limits = list(it.knowledge.vocabulary.limits)
        assert results
        assert all(said["sigrisk:limits"] in (limits, *limits) for said in results)


@given(st.text(min_size=1))
def test_whatever_a_file_calls_its_things_can_be_named(id: str) -> None:
    name = f"sigrisk:rule/{_slug(id)}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (record,) = ProvDocument.deserialize(
            content=json.dumps({"prefix": {"sigrisk": "urn:sigrisk:"}, "entity": {name: {}}}), format="json").records
    assert str(record.identifier) == name


def test_prov_as_a_command(tmp_path: Path) -> None:
    target = tmp_path / "ashby.provn.json"
    done = sigrisk("assess", "examples/ashby.yaml", "--format", "prov", "-o", str(target))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    text = target.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert sigrisk("assess", str(ROOT / "examples" / "ashby.yaml"), "--format", "prov", cwd=tmp_path).stdout == text
    one = sigrisk("why", "examples/ashby.yaml", "A2", "--format", "prov")
    assert one.returncode == 0, one.stderr
    assert set(of_type(json.loads(one.stdout), "sigrisk:result")) == set()


def test_words_of_a_file_stay_words(tmp_path: Path) -> None:
    path, text = tmp_path / "evil.yaml", (ROOT / "examples" / "ashby.yaml").read_text(encoding="utf-8")
    evil = 'Ash", "prov:type": {"$": "x'
    path.write_text(text.replace("name: Ashby}", f"name: '{evil}'}}"), encoding="utf-8")
    done = sigrisk("assess", str(path), "--format", "prov")
    assert done.returncode == 0, done.stderr
    said = [one["sigrisk:authority"] for one in json.loads(done.stdout)["entity"].values() if "sigrisk:case" in one]
    assert set(said) == {evil}
