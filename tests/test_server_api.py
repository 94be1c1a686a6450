"""The interface for programs: what its description says is so, whatever is sent, short and from a fixed seed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings

from cli import sigrisk
from tests.served import Served, served

READ = (("GET", "/api/cases"), ("GET", "/api/cases/{id}/{name}"), ("GET", "/api/exercises"),
        ("GET", "/api/exercises/{id}"), ("GET", "/api/puzzles/{id}"), ("GET", "/api/questions"))
EDIT = (("GET", "/api/rules"), ("GET", "/api/rules/{id}"), ("PUT", "/api/rules/{id}"), ("POST", "/api/rules/{id}/look"))
FILE, ANOTHER = "mechanisms.churn-under-cuts", ("within: 24 months", "within: 12 months")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), engine="bits", edit=True) as made:
        yield made


@pytest.fixture(scope="module")
def described(server: Served) -> Any:
    """The description, as a program reads it."""
    return schemathesis.openapi.from_url(f"{server.top}/api/openapi.json", headers=bearer(server))


def bearer(server: Served) -> dict[str, str]:
    return {"authorization": f"Bearer {server.house.keys.token}"}


@pytest.mark.parametrize(("method", "path"), [*READ, *EDIT])
def test_whatever_is_sent_the_description_is_kept(method: str, path: str, server: Served, described: Any) -> None:
    before = {one.path: one.data for one in server.house.shelf.now().files.values()}

    @given(described[path][method].as_strategy())
    @settings(max_examples=25, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def sent(case: Any) -> None:
        case.call_and_validate(headers=bearer(server), timeout=60)
    sent()
    assert {one.path: one.data for one in server.house.shelf.now().files.values()} == before


def test_an_answer_is_the_one_of_the_command_line(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(sigrisk, ["why", "examples/ashby.yaml", "C7", "--format", "json", "--engine", "bits"])
    found = server.client.get("/api/cases/ashby/why?conclusion=C7")
    assert found.json() == json.loads(done.stdout)
    assert found.headers["x-knowledge"] == server.house.shelf.now().key


def test_an_exercise_and_puzzles_are_those_of_the_command_line(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for path, options in (("exercises", ()), ("exercises/one-sign", ("one-sign",)),
                          ("puzzles/carden?kind=missing&kind=acts&as_at=2025-05-20",
                           ("--case", "examples/carden.yaml", "--kind", "missing", "--kind", "acts"))):
        done = CliRunner().invoke(sigrisk, ["exercise", *options, "--format", "json"])
        assert server.client.get(f"/api/{path}").json() == json.loads(done.stdout)


def test_what_can_be_asked_and_of_what(server: Served) -> None:
    assert {"name", "tells", "takes"} == set(server.client.get("/api/questions").json()[0])
    assert "ashby" in [one["id"] for one in server.client.get("/api/cases").json()]


@pytest.mark.parametrize(("path", "status", "said"), [
    ("/api/cases/nobody/why", 404, "no case of that name is served here"),
    ("/api/cases/ashby/why?conclusion=churn-under-cut", 400, "did you mean"),
    ("/api/cases/ashby/why-not", 400, "choose one of the list"),
    ("/api/exercises/one-sing", 404, "did you mean"),
    ("/api/puzzles/carden?kind=defeater", 400, "the rules make no puzzle of the kind defeater"),
    ("/api/nothing", 404, "there is no such page here"),
])
def test_what_is_wrong_is_said_in_lines(server: Served, path: str, status: int, said: str) -> None:
    found = server.client.get(path)
    assert (found.status_code, list(found.json())) == (status, ["wrong"])
    assert said in found.json()["wrong"][0]


def test_the_description_names_every_page_for_programs_and_no_other(server: Served, tmp_path: Path) -> None:
    def told(one: Served) -> list[tuple[str, str]]:
        paths = one.client.get("/api/openapi.json").json()["paths"]
        return sorted((method.upper(), path) for path, methods in paths.items() for method in methods)
    assert told(server) == sorted((*READ, *EDIT))
    with served(tmp_path) as other:
        assert told(other) == sorted(READ)


def test_a_program_tries_an_edit_and_saves_it(tmp_path: Path) -> None:
    with served(tmp_path, edit=True, engine="bits") as one:
        file = one.client.get(f"/api/rules/{FILE}").json()
        text, ways = file["text"].replace(*ANOTHER), "parts=tests&parts=impact&parts=meaning"
        looked = one.client.post(f"/api/rules/{FILE}/look?{ways}", json={"text": text}, headers=bearer(one)).json()
        assert "the versions differ" in looked["impact"]["answer"]
        assert looked["tests"]["many"] > 100
        wrong = one.client.post(f"/api/rules/{FILE}/look", json={"text": "rules: ["}, headers=bearer(one)).json()
        assert wrong["problems"][0]["place"].startswith("rules/mechanisms/churn-under-cuts.yaml:")
        given = {"text": text, "opened": file["hash"], "message": "Heavier"}
        program = httpx.Client(base_url=one.top, headers=bearer(one), timeout=60)
        done = program.put(f"/api/rules/{FILE}", json=given)
        assert (done.status_code, one.text(FILE)) == (200, text)
        assert program.put(f"/api/rules/{FILE}", json=given).status_code == 409
        broken = program.put(f"/api/rules/{FILE}", json={**given, "text": "rules: [", "opened": done.json()["hash"]})
        assert (broken.status_code, broken.json()["wrong"]) == (400, ["it has problems: mend them first, then save"])


def test_a_page_needs_the_key_of_a_form_for_a_change(server: Served) -> None:
    headers = {"origin": server.top}
    for method, path in (("PUT", f"/api/rules/{FILE}"), ("POST", f"/api/rules/{FILE}/look")):
        given = {"text": "rules: []", "opened": ""}
        assert server.client.request(method, path, json=given, headers=headers).status_code == 403
