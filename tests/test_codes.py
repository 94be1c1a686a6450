"""Every problem code: a change to some rules that raises it, one beside it that does not, and its page."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from commands.checking import everything_found
from kb.codepages import pages
from kb.files import CODE_PAGES, EXAMPLES
from kb.problems import CODES

ORCHARDS = EXAMPLES / "orchards"
CHANGES = yaml.safe_load((Path(__file__).parent / "codes.yaml").read_text(encoding="utf-8"))
NOT_OF_TEXT = ("K001", "K002", "K003", "K023", "K025", "K050")
"""Raised by what is no text (a folder that is not there, bytes, sizes, a solver that is missing): tested below."""
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def orchards(tmp_path: Path) -> Path:
    for folder in ("rules", "kb"):
        shutil.copytree(ORCHARDS / folder, tmp_path / folder)
    return tmp_path


def codes(folder: Path) -> set[str]:
    found, _ = everything_found(folder / "rules", folder / "kb", today=NEW_YEAR)
    return {str(told.problem.code) for told in found}


def change(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{before!r} is no longer in {file}"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize("code", CHANGES)
def test_a_change_that_raises_it(code: str, orchards: Path) -> None:
    one = CHANGES[code]
    change(orchards, one["in"], one["for"], one["raises"])
    assert code in codes(orchards)


@pytest.mark.parametrize("code", CHANGES)
def test_a_change_beside_it_that_does_not(code: str, orchards: Path) -> None:
    one = CHANGES[code]
    change(orchards, one["in"], one["for"], one["passes"])
    assert code not in codes(orchards)


def test_no_code_is_without_a_test() -> None:
    assert set(CODES) == {*CHANGES, *NOT_OF_TEXT}


def test_codes_that_no_text_raises(orchards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = orchards / "rules" / "mechanisms" / "crowded-and-seen-late.yaml"
    text = rule.read_text(encoding="utf-8")
    for code, data in (("K002", b"# " + b"x" * 1_100_000), ("K003", b"title: \xe9"), ("K025", b"")):
        rule.write_bytes(data)
        assert code in codes(orchards)
    rule.write_text(text.replace("title: Crowns close", f"title: {'Crowns close ' * 2_000}"), encoding="utf-8")
    assert "K023" in codes(orchards)
    rule.write_text(text, encoding="utf-8")
    monkeypatch.setattr("engine.meaning.solving.available", lambda: False)
    monkeypatch.setattr("engine.meaning.answers.WIDEST", 8)
    assert "K050" in codes(orchards)
    shutil.rmtree(orchards / "rules")
    assert "K001" in codes(orchards)


def test_every_code_has_its_page_in_the_order_of_codes() -> None:
    assert list(pages()) == list(CODES)
    for page in pages().values():
        assert all(len(part) > 10 for part in (page.what, page.why, page.example, page.mend)), page.code


def test_the_page_of_codes_is_current(request: pytest.FixtureRequest) -> None:
    """docs/codes.md is built from the same text that `sigrisk explain-code` prints."""
    built = HEAD + "".join(f"\n{page.markdown}" for page in pages().values())
    path = EXAMPLES.parent / "docs" / "codes.md"
    if request.config.getoption("--update"):
        path.write_text(built, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == built, "stale: run pytest tests/test_codes.py --update"


HEAD = """# Problem codes

What `sigrisk check` may say of rules, vocabulary, tests and cases, code by code; `sigrisk explain-code K034` prints one
of these. This page is built from `kb/codes.yaml`. A code is never reused.
"""


def test_no_code_is_used_twice_or_left_out() -> None:
    numbers = [int(code[1:]) for code in CODES]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(re.findall(r"^K\d{3}:", CODE_PAGES.read_text(encoding="utf-8"), re.MULTILINE)) == len(numbers)
