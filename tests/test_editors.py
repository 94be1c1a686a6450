"""What somebody sees who writes rules in an editor: a real YAML language server completes ids and underlines slips."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.knowledge import Knowledge
from tests.languageserver import LanguageServer

VERSION = "1.25.0"
PROGRAM = Path("node_modules/yaml-language-server/bin/yaml-language-server")
RULE = RULES / "mechanisms" / "churn-under-cuts.yaml"
TESTS = RULES / "tests" / "mechanisms-a.yaml"
SIGNS = RULES / "signatures" / "A3.yaml"
CASE = EXAMPLES / "ashby.yaml"


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[LanguageServer]:
    """A server that knows nothing but the files; it is fetched once, by npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("the YAML language server needs node and npm, which are not here")
    assert request.config.cache is not None
    program = fetched(npm, Path(request.config.cache.mkdir(f"yaml-language-server-{VERSION}")))
    with LanguageServer(node, program, RULES.parent) as started:
        yield started


def fetched(npm: str, kept: Path) -> Path:
    """The server's program, whole: several workers may fetch it at once, and the first one's stays."""
    home = kept / "whole"
    if not home.is_dir():
        with TemporaryDirectory(dir=kept) as name:
            whole = Path(name) / "whole"
            whole.mkdir()
            done = subprocess.run(
                [npm, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1",
                 "--fetch-timeout=20000", "--prefix", str(whole), f"yaml-language-server@{VERSION}"],
                capture_output=True, text=True, env={"NODE_USE_SYSTEM_CA": "1", **os.environ})
            if done.returncode and os.environ.get("CI") != "true":
                pytest.skip("npm could not fetch the YAML language server")
            assert done.returncode == 0, done.stderr
            with suppress(OSError):
                whole.rename(home)
    return home / PROGRAM


def offered(server: LanguageServer, path: Path, marked: str) -> dict[str, str]:
    """What is offered where `|` stands in a changed text of a file."""
    before, _, after = marked.partition("|")
    draft = server.draft(path)
    server.open(draft, before + after)
    return server.offered(draft, before.count("\n") + 1, len(before) - before.rfind("\n"))


def changed(path: Path, right: str, wrong: str) -> str:
    """The text of a shipped file with one thing changed."""
    text = path.read_text("utf-8")
    assert right in text
    return text.replace(right, wrong, 1)


def test_signature_ids_are_offered_with_their_words(server: LanguageServer, knowledge: Knowledge) -> None:
    found = offered(server, RULE, changed(RULE, "- signature: A2", "- signature: |"))
    assert found == {id: one.label for id, one in knowledge.vocabulary.signatures.items()}


def test_the_keys_of_a_condition_are_offered(server: LanguageServer) -> None:
    found = offered(server, RULE, changed(RULE, "- signature: A2", "- |"))
    assert {"all", "any", "not", "signature", "conclusion", "indicator", "sign", "protective", "within"} <= set(found)
    assert found["sign"] == "Holds where the indicator is met as its signature's file states it, threshold and all."


def test_places_among_all_authorities_are_offered_as_thresholds(server: LanguageServer) -> None:
    found = offered(server, RULE, changed(RULE, "at_least: worst quarter}", "at_least: |}"))
    assert list(found) == ["median", "worst quarter", "worst tenth"]


def test_indicators_and_conclusions_are_offered_in_tests(server: LanguageServer, knowledge: Knowledge) -> None:
    given = "given:\n      |\n"
    found = offered(server, TESTS, changed(TESTS, "given: {director_changes: 2 times}\n", given))
    assert set(knowledge.vocabulary.indicators) <= set(found)
    assert set(knowledge.vocabulary.signatures) <= set(found)


@pytest.mark.parametrize("path", [
    *RULES.rglob("*.yaml"), *VOCABULARY.glob("*.yaml"), *EXAMPLES.glob("*.yaml")], ids=lambda path: path.name)
def test_nothing_is_underlined_in_a_shipped_file(server: LanguageServer, path: Path) -> None:
    assert server.open(path, path.read_text("utf-8")) == []


@pytest.mark.parametrize(("path", "right", "wrong", "told"), [
    (RULE, "signature: A2", "signature: Z9", "Not one of the known ids: let the editor list them."),
    (RULE, "signature: A2", "signatur: A2", "Property signatur is not allowed."),
    (RULE, "at_least: worst quarter", "att_least: worst quarter", "Property att_least is not allowed."),
    (RULE, "grade: weak", "grade: week", 'Value is not accepted. Valid values: "weak", "moderate", "strong".'),
    (RULE, "within: 24 months", "within: 24", "Write the months as 24 months."),
    (RULE, "version: 1", "version: one", "Write a whole number, without quotes."),
    (RULE, "review_by: 2027-03-01", "review_by: next year", "Write the day as 2018-10-17."),
    (RULE, "    owner: rules editor\n", "", 'Missing property "owner".'),
    (TESTS, "leadership-discontinuity: elevated", "leadership-discontinuity: raised", "Value is not accepted. Valid "
     'values: "present", "not found", "not known", "contested", "watch", "elevated", "high", "critical".'),
    (SIGNS, "management_restructure", "management_restructur", "Not one of the known ids: let the editor list them."),
    (CASE, "invented: true", "invented: yes", "Write true or false."),
])
def test_one_slip_is_one_message(server: LanguageServer, path: Path, right: str, wrong: str, told: str) -> None:
    found = server.open(server.draft(path), changed(path, right, wrong))
    line, _, message = found[0].partition(": ")
    assert (len(found), message) == (1, told)
    if wrong:  # what is missing has no line of its own
        assert int(line) == path.read_text("utf-8").partition(right)[0].count("\n") + 1


def test_a_required_key_that_is_mistyped_is_not_known_and_missing(server: LanguageServer) -> None:
    text = changed(CASE, "known: 2023-12-14", "knwon: 2023-12-14")
    found = server.open(server.draft(CASE), text)
    assert [message.partition(": ")[2] for message in found] == [
        'Missing property "known".', "Property knwon is not allowed."]
