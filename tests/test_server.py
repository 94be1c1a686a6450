"""The local server for those who look: the words of the command line, files to take away, one state of the rules."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from click.testing import CliRunner

from cli import sigrisk
from kb.files import write_whole
from tests.served import Page, Served, served
from web.server.questions import KINDS

ROOT = Path(__file__).resolve().parents[1]
THRESHOLD, INSTEAD = "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth"
ASKED: list[tuple[str, tuple[str, ...], str, dict[str, str | list[str]]]] = [
    ("assess", (), "ashby", {}),
    ("assess", ("--as-at", "2018-11-30"), "northamptonshire", {"as_at": "2018-11-30"}),
    ("why", (), "ashby", {}),
    ("why", ("capacity-spiral", "--as-at", "2020-02-03"), "croydon", {"conclusion": "capacity-spiral",
                                                                     "as_at": "2020-02-03"}),
    ("why-not", ("B1",), "ashby", {"conclusion": "B1"}),
    ("why-not", ("churn-under-cuts", "--as-at", "2019-09-30"), "derbyshire", {"conclusion": "churn-under-cuts",
                                                                              "as_at": "2019-09-30"}),
    ("what-if", ("--unset", "director_changes", "--set", "agency_worker_rate=12"), "ashby",
     {"unset": "director_changes", "set": "agency_worker_rate=12"}),
    ("what-if", ("--set", "churn-under-cuts=present"), "carden", {"set": "churn-under-cuts=present"}),
    ("levers", (), "ashby", {}),
    ("enquire", ("--all", "--ways"), "ashby", {"every": "yes", "ways": "yes"}),
    ("fragile", (), "ashby", {}),
    ("timeline", ("--hindsight", "both"), "northamptonshire", {"hindsight": "both"}),
    ("compare", ("examples/carden.yaml",), "ashby", {"other": "carden"}),
    ("compare", ("--as-at", "2025-01-31", "--as-at", "2025-05-20"), "ashby",
     {"as_at": "2025-01-31", "other_as_at": "2025-05-20"}),
    ("trace", (), "ashby", {}),
    ("report", (), "ashby", {}),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as made:
        yield made


def answer(server: Served, id: str, name: str, **asked: str | list[str]) -> str:
    found = server.client.get(f"/cases/{id}/{name}?{urlencode(asked, doseq=True)}")
    assert found.status_code == 200, found.text
    return found.text


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize(("name", "options", "id", "asked"), ASKED,
                         ids=[f"{n} {i} {' '.join(o)}" for n, o, i, _ in ASKED])
def test_the_same_question_has_the_same_words_as_on_the_command_line(
        name: str, options: tuple[str, ...], id: str, asked: dict[str, str | list[str]], server: Served,
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(sigrisk, [name, f"examples/{id}.yaml", *options])
    assert done.exit_code == 0, done.stderr
    told = html.unescape(done.stdout.replace("\\", "")) if name == "report" else done.stdout
    heading, _, body = told.partition("\n")
    page = answer(server, id, name, **asked)
    assert words(Page(page).text) == words(body)
    assert heading.removeprefix("# ") in html.unescape(page)


def test_every_question_of_the_command_line_can_be_asked() -> None:
    assert {name for name, *_ in ASKED} == set(KINDS)


def test_authorities_stand_in_the_order_of_the_alphabet(server: Served) -> None:
    page = server.client.get("/").text
    told = re.findall(r'class="authority">([^<]+)', page)
    assert told == sorted(told, key=str.casefold)
    assert len(told) > 10
    assert 'href="/cases/northamptonshire"' in page


# As a command


def test_the_command_prints_an_address_and_serves_until_it_is_stopped() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--port", str(port), "--engine", "bits"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        address = running.stderr.readline().removeprefix("open ").strip()
        assert address.startswith(f"http://127.0.0.1:{port}/?token=")
        assert "The address is a key" in running.stderr.readline()
        assert patiently(address).status_code == 303
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 401
        second = CliRunner().invoke(sigrisk, ["serve", "--port", str(port)])
        assert (second.exit_code, second.stderr.split(":")[1]) == (2, f" port {port} cannot be had")
        running.send_signal(signal.SIGINT)
        running.wait(60)
        assert "Traceback" not in running.stderr.read()


def patiently(address: str) -> httpx.Response:
    """The answer of a server that is about to listen."""
    for _ in range(600):
        try:
            return httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it never listened")


def test_without_the_extra_it_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "web.server.app", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = CliRunner().invoke(sigrisk, ["serve"])
    said = "sigrisk: the server needs uvicorn; install the extra web: python3 run.py setup web\n"
    assert (done.exit_code, done.stderr) == (2, said)


# Files to take away


@pytest.mark.parametrize("form", ["md", "txt", "json"])
@pytest.mark.parametrize("name", ["why", "report"])
def test_an_answer_is_taken_away_as_the_command_writes_it(server: Served, name: str, form: str,
                                                          monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    file = server.client.get(f"/files/ashby/{name}/{form}")
    assert file.headers["content-disposition"] == f'attachment; filename="ashby-{name}.{form}"'
    out = tmp_path / f"a.{form}"
    given = ["-o", str(out)] if name == "report" else [
        "-o", str(out), "--format", {"md": "markdown", "txt": "text"}.get(form, form)]
    if (name, form) != ("report", "txt"):
        assert CliRunner().invoke(sigrisk, [name, "examples/ashby.yaml", *given]).exit_code == 0
        assert file.text == out.read_text("utf-8")


def test_evidence_tables_pictures_and_provenance(server: Served) -> None:
    def get(path: str) -> bytes:
        found = server.client.get(f"/files/ashby/{path}")
        assert found.status_code == 200, path
        return found.content
    rows = list(csv.reader(io.StringIO(get("evidence/csv").decode("utf-8-sig"))))
    assert rows[0][0] == "what"
    assert ["changes of director", "once"] in [row[:2] for row in rows]
    assert get("timeline/csv").startswith(b"\xef\xbb\xbf")
    assert get("why/png").startswith(b"\x89PNG")
    assert get("why/svg").startswith(b"<?xml")
    assert "prefix" in json.loads(get("why/prov"))
    assert server.client.get("/files/ashby/levers/png").status_code == 404


# What cannot be asked


@pytest.mark.parametrize(("path", "status", "said"), [
    ("/cases/ashby/why?as_at=2018-13-01", 400, "is not a date; write it as 2018-11-30"),
    ("/cases/ashby/why?as_at=1990-01-01", 400, "ask for 2023-12-14 or later"),
    ("/cases/ashby/why?conclusion=churn-under-cut", 400, "did you mean"),
    ("/cases/ashby/why-not", 200, "choose one of the list"),
    ("/cases/ashby/what-if", 200, "nothing is supposed yet"),
    ("/cases/ashby/what-if?set=agency_worker_rat=3", 400, "did you mean"),
    ("/cases/ashby/compare?other=nobody", 400, "no case is called"),
    ("/cases/ashby/timeline?hindsight=sometimes", 400, "is none of before, all, both"),
    ("/cases/ashbey", 404, "no case of that name"),
    ("/cases/ashby/whyy", 404, "no question of that name"),
    ("/files/ashby/why/exe", 404, "there is no such page"),
    ("/edit/mechanisms.churn-under-cuts", 404, "there is no such page"),
    ("/nothing", 404, "there is no such page"),
])
def test_what_cannot_be_asked_is_said_on_a_page(server: Served, path: str, status: int, said: str) -> None:
    found = server.client.get(path)
    assert found.status_code == status
    assert said.casefold() in html.unescape(found.text).casefold()
    assert "?." not in found.text, "a question is a whole sentence"


# A table of many authorities


def test_what_a_table_holds_of_an_authority_is_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    asked = ["screen", "--table", "examples/observations.csv", "--as-at", "2021-12-31", "--why", "Derbyshire"]
    done = CliRunner().invoke(sigrisk, asked)
    assert done.exit_code == 0, done.stderr
    with served(tmp_path, table=ROOT / "examples" / "observations.csv") as one:
        listed = one.client.get("/").text
        (id,) = set(re.findall(r'/cases/(table-[^"]+)">What the table holds of Derbyshire', listed))
        page = Page(answer(one, id, "why", as_at="2021-12-31")).text
    assert words(page)[:40] == words(done.stdout.partition("\n")[2])[:40]


# Rules that change on disk


def test_an_edit_on_disk_is_seen_at_once_and_a_mistake_leaves_the_last_good_rules(tmp_path: Path) -> None:
    with served(tmp_path) as one:
        file = one.rules / "signatures" / "C7.yaml"
        text = file.read_text("utf-8")
        before = answer(one, "ashby", "why")
        file.write_text(text.replace(THRESHOLD, INSTEAD), "utf-8")
        after = answer(one, "ashby", "why")
        assert "Not enough evidence" in Page(after).text
        file.write_text(text.replace("at_least", "at_lest", 1), "utf-8")
        behind = answer(one, "ashby", "why")
        assert words(Page(behind).text) == words(Page(after).text)
        assert "The files on disk cannot be used as they are" in behind
        assert "rules/signatures/C7.yaml" in behind
        file.write_text(text, "utf-8")
        assert answer(one, "ashby", "why") == before


def test_a_case_that_changes_on_disk_is_read_anew(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    text = (ROOT / "examples" / "ashby.yaml").read_text("utf-8")
    (cases / "ashby.yaml").write_text(text, "utf-8")
    with served(tmp_path, cases=cases) as one:
        assert "Ashby, where three signs combine" in one.client.get("/").text
        (cases / "ashby.yaml").write_text(text.replace("Ashby, where", "Ashby, in which"), "utf-8")
        assert "Ashby, in which three signs combine" in one.client.get("/").text
        (cases / "other.yaml").write_text("case: [", "utf-8")
        listed = one.client.get("/").text
        assert "Left aside" in listed
        assert "other.yaml" in listed


def test_fifty_readers_see_old_rules_or_new_and_never_both(tmp_path: Path) -> None:
    with served(tmp_path, engine="bits") as one:
        file = one.rules / "signatures" / "C7.yaml"
        texts = [file.read_text("utf-8")]
        texts.append(texts[0].replace(THRESHOLD, INSTEAD))
        pages = []
        for text in texts:
            write_whole(file, text.encode())
            pages.append(answer(one, "ashby", "assess"))
        assert pages[0] != pages[1]
        stop = threading.Event()

        def edit() -> None:
            turn = 0
            while not stop.is_set():
                write_whole(file, texts[turn % 2].encode())
                turn += 1
                stop.wait(0.3)
        editor = threading.Thread(target=edit)
        editor.start()
        with ThreadPoolExecutor(50) as readers:
            found = list(readers.map(lambda _: answer(one, "ashby", "assess"), range(250)))
        stop.set()
        editor.join()
        assert set(found) == set(pages)
