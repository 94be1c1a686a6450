"""Who is let in, and what is refused: other names, other sites, no token, paths, large, slow and malicious bodies."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
import yaml

from tests.served import Page, Served, served

ROOT = Path(__file__).resolve().parents[1]
FILE = "mechanisms.churn-under-cuts"
SCRIPT = "<script>alert('mine')</script>"
NASTY = f"{SCRIPT} {{{{{{{{ 7 * 7 }}}}}}}} ' ]]>"
OF_A_CASE = ("title", "publisher", "note", "words", "page", "passage", "summary", "body", "text")
OF_A_RULE = ("title", "rationale", "owner")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), edit=True) as made:
        yield made


def ask(server: Served, path: str = "/", method: str = "GET", **headers: str) -> httpx.Response:
    """A request without the cookie."""
    return httpx.request(method, f"{server.top}{path}", headers=headers, timeout=30)


# Who asks


@pytest.mark.parametrize("host", ["example.org", "example.org:{port}", "127.0.0.1", "127.0.0.1:1",
                                  "localhost.evil:{port}", "169.254.169.254:{port}", ""])
def test_another_name_is_refused(server: Served, host: str) -> None:
    found = server.client.get("/", headers={"host": host.format(port=server.house.keys.port)})
    assert found.status_code in (400, 421)
    assert "Authorities" not in found.text


@pytest.mark.parametrize("origin", ["http://example.org", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}",
                                    "http://localhost:{port}"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_page_of_another_site_is_refused(server: Served, origin: str, method: str) -> None:
    headers = {"origin": origin.format(port=server.house.keys.port)}
    found = server.client.request(method, f"/edit/{FILE}", headers=headers)
    assert (found.status_code, found.text) == (403, "asked by a page of another site\n")
    assert "access-control-allow-origin" not in found.headers


def test_a_change_says_where_it_comes_from(server: Served) -> None:
    assert server.client.post(f"/edit/{FILE}", data={"key": server.house.keys.form}).status_code == 403
    crossed = {"origin": server.top, "sec-fetch-site": "cross-site"}
    assert server.client.post(f"/edit/{FILE}", data={}, headers=crossed).status_code == 403


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", "/cases/ashby", "/files/ashby/why/md", "/rules",
                                  "/book/index.html", "/assets/server.css", "/api/cases", "/api/openapi.json",
                                  f"/edit/{FILE}", "/nothing"])
def test_nobody_is_answered_without_the_token(server: Served, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic dTpw"},
                    {"cookie": f"{server.house.keys.cookie}=wrong"},
                    {"cookie": f"{server.house.keys.cookie}={server.house.keys.token}"}):
        found = ask(server, path, **headers)
        assert (found.status_code, found.text) == (
            401, "open the address that was printed when the server was started\n")


def test_the_token_is_given_for_a_cookie_that_scripts_and_other_sites_do_not_see(server: Served) -> None:
    found = ask(server, f"/?token={server.house.keys.token}")
    assert (found.status_code, found.headers["location"]) == (303, "/")
    cookie = found.headers["set-cookie"]
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Path=/")
    assert server.house.keys.token not in cookie
    assert len(server.house.keys.token) > 40
    for path in ("/", "/cases/ashby/why", f"/edit/{FILE}"):
        assert server.house.keys.token not in server.client.get(path).text


def test_a_program_brings_the_token_as_a_bearer(server: Served) -> None:
    assert ask(server, "/api/cases", authorization=f"Bearer {server.house.keys.token}").status_code == 200


def test_every_answer_keeps_others_out(server: Served) -> None:
    for found in (server.client.get("/"), server.client.get("/nothing"), ask(server), server.client.get("/api/cases")):
        policy = found.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["cache-control"] == "no-store"


def test_no_page_has_a_handler_or_a_style_in_it(server: Served) -> None:
    for path in ("/", "/cases/ashby/why", "/cases/ashby/timeline", "/cases/ashby/what-if?unset=director_changes",
                 "/rules", f"/edit/{FILE}", "/limits", "/cases/ashby/compare?other=carden"):
        for tag, told in Page(server.client.get(path).text).tags:
            assert not [name for name in told if name.startswith("on") or name == "style"], (path, tag)
            assert tag != "style"
            assert tag != "script" or set(told) == {"src", "defer"}
            assert not told.get("href", "").lower().startswith("javascript")


def test_every_form_that_changes_anything_has_a_key(server: Served) -> None:
    tags = Page(server.client.get(f"/edit/{FILE}").text).tags
    posts = [told for tag, told in tags if tag == "form" and told.get("method") == "post"]
    keys = [told["value"] for tag, told in tags if tag == "input" and told.get("name") == "key"]
    assert len(posts) == len(keys) == 1
    for key in ("", "wrong", server.house.keys.session, server.house.keys.token):
        assert server.post(f"/edit/{FILE}", key=key, text="rules: []\n", do="save",
                           opened=server.hash(FILE)).status_code == 403


# What is asked for


@pytest.mark.parametrize("path", [
    "/cases/../../etc/passwd", "/cases/..%2f..%2fetc%2fpasswd", "/cases/%2e%2e/%2e%2e/etc/passwd", "/cases//etc/passwd",
    "/files/..%2f..%2fexamples%2fashby.yaml/why/md", "/files/ashby/why/..%2fmd", "/files/ashby/evidence/..%2f..%2fetc",
    "/edit/..%2f..%2f..%2fetc%2fpasswd", "/edit/mechanisms%2fchurn-under-cuts.yaml", "/edit/%2fetc%2fpasswd",
    "/edit/....%2f%2f....%2f%2fetc", "/assets/..%2fpages.css", "/assets/../../server/guard.py", "/assets/pages.css",
    "/book/../../../etc/passwd", "/book/..%2f..%2fetc%2fpasswd", "/book//etc/passwd", "/cases/ashby%00",
    "/cases/ashby.yaml", "/edit/mechanisms.churn-under-cuts.yaml", "/edit/.before",
])
def test_no_path_is_ever_taken_from_a_request(server: Served, path: str) -> None:
    with socket.create_connection(("127.0.0.1", server.house.keys.port)) as line:  # httpx would tidy the path up
        cookie = f"{server.house.keys.cookie}={server.house.keys.session}"
        line.sendall(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{server.house.keys.port}\r\ncookie: {cookie}\r\n"
                     "connection: close\r\n\r\n".encode())
        told = b""
        while part := line.recv(65536):
            told += part
    assert told.split(b" ")[1] in (b"404", b"405"), told[:200]
    assert b"root:" not in told
    assert b"def " not in told


# How much is sent


def test_a_large_body_is_refused_by_what_it_says_and_by_what_it_is(server: Served) -> None:
    said = server.client.post(f"/edit/{FILE}", content=b"x" * 1_200_000, headers={"origin": server.top})
    assert said.status_code == 413

    def parts() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 50_000
    try:
        told = server.client.post(f"/edit/{FILE}", content=parts(), headers={"origin": server.top}).status_code
    except httpx.TransportError:  # the line is closed while more is being sent
        told = 413
    assert told == 413
    assert server.client.get("/").status_code == 200


def test_a_slow_body_is_not_waited_for(server: Served) -> None:
    server.door.longest = 0.3
    try:
        with socket.create_connection(("127.0.0.1", server.house.keys.port)) as line:
            cookie = f"{server.house.keys.cookie}={server.house.keys.session}"
            host = f"127.0.0.1:{server.house.keys.port}"
            line.sendall(f"POST /edit/{FILE} HTTP/1.1\r\nhost: {host}\r\norigin: {server.top}\r\ncookie: {cookie}\r\n"
                         "content-length: 1000\r\n\r\nkey=".encode())
            time.sleep(0.1)
            line.sendall(b"a")
            line.settimeout(20)
            assert line.recv(65536).startswith(b"HTTP/1.1 408")
    finally:
        server.door.longest = 10.0
    assert server.client.get("/").status_code == 200


def test_a_question_that_is_too_long_is_refused(server: Served) -> None:
    assert server.client.get("/cases/ashby/what-if?set=" + "x" * 9000).status_code == 414


BOMBS = {
    "aliases": "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n",
    "nesting": "rules: " + "[" * 100_000 + "\n",
    "maps": "rules: " + "{a: " * 50_000 + "\n",
    "tags": "rules: !!python/object/apply:os.system ['touch mine']\n",
    "many": "rules:\n" + "  - a\n" * 100_000,
    "long": "rules: " + "x" * 900_000 + "\n",
    "letters": "rules: \x00\ufeff\u202e\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_malicious_rule_file_is_a_list_of_problems(server: Served, name: str) -> None:
    before = server.text(FILE)
    for path in (f"/edit/{FILE}/look", f"/edit/{FILE}/impact"):
        found = server.post(path, text=BOMBS[name], opened=server.hash(FILE))
        assert found.status_code in (200, 413), found.text[:300]
    saved = server.post(f"/edit/{FILE}", text=BOMBS[name], opened=server.hash(FILE), do="save")
    assert saved.status_code in (400, 413)
    assert server.text(FILE) == before
    assert not Path("mine").exists()


@pytest.mark.parametrize(("data", "kind", "status"), [
    (b"{}", "application/json", 415), (b"--x", "multipart/form-data; boundary=x", 415), (b"", "", 415),
    (b"&".join(b"a%d=1" % n for n in range(50)), "application/x-www-form-urlencoded", 400),
    (b"text=%ff%fe", "application/x-www-form-urlencoded", 400), (b"\xff", "application/x-www-form-urlencoded", 400),
])
def test_what_is_no_form_is_refused(server: Served, data: bytes, kind: str, status: int) -> None:
    headers = {"origin": server.top, **({"content-type": kind} if kind else {})}
    assert server.client.post(f"/edit/{FILE}", content=data, headers=headers).status_code == status


# Script in what is served


class Plain(yaml.SafeDumper):
    """Writes every text without quotes where it can."""

    yaml_implicit_resolvers: ClassVar[dict[str, object]] = {}


def nasty(text: str, keys: tuple[str, ...]) -> str:
    """The same YAML with a script in every text under some keys."""
    def again(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: again(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [again(inner) for inner in value]
        return NASTY if key in keys else value
    return yaml.dump(again(yaml.load(text, yaml.BaseLoader)), Dumper=Plain, sort_keys=False, width=110)


def test_script_in_every_text_of_a_case_a_rule_and_a_table_is_text(tmp_path: Path) -> None:
    cases, table = tmp_path / "cases", tmp_path / "table.csv"
    cases.mkdir()
    text = (ROOT / "examples" / "northamptonshire.yaml").read_text("utf-8")
    (cases / "north.yaml").write_text(nasty(text, OF_A_CASE), "utf-8")
    table.write_text("authority_code,indicator,about,known,value,marker,source\n"
                     f"\"{SCRIPT}\",agency_worker_rate,2024-09-30,2025-02-28,29.4,,\"{SCRIPT}\"\n", "utf-8")
    with served(tmp_path, edit=True, cases=cases) as one:
        assert one.client.get("/cases/north").status_code == 200, one.client.get("/").text
        rule = one.rules / "mechanisms" / "churn-under-cuts.yaml"
        rule.write_text(nasty(rule.read_text("utf-8"), OF_A_RULE), "utf-8")
        asked = [f"/cases/north/{name}" for name in ("assess", "why", "why-not?conclusion=B1", "timeline", "report",
                                                     "what-if?unset=director_changes", "fragile", "enquire")]
        seen = 0
        for path in ("/", *asked, "/rules", "/edit/mechanisms.churn-under-cuts"):
            page = one.client.get(path).text
            assert "<script>alert" not in page, path
            assert not any(tag == "script" and "src" not in told for tag, told in Page(page).tags), path
            seen += "&lt;script&gt;alert" in page
        assert seen > 6
        sent = one.post("/edit/mechanisms.churn-under-cuts/look", text=one.text("mechanisms.churn-under-cuts").replace(
            "when:", f"{SCRIPT}:", 1))
        assert SCRIPT not in sent.text
        assert "&lt;script&gt;" in sent.text


def test_script_in_a_question_is_text(server: Served) -> None:
    for path in ("/cases/ashby/why?as_at={}", "/cases/ashby/why?conclusion={}", "/cases/ashby/what-if?set={}=1",
                 "/cases/ashby/compare?other={}", "/cases/{}", "/cases/ashby/{}"):
        page = server.client.get(path.format(SCRIPT)).text
        assert SCRIPT not in page
