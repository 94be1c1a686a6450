"""New rules, signatures, indicators, tests and cases: right from the start, never over a file, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import sigrisk
from kb.files import RULES, VOCABULARY

WORDS = ("--rationale", "Seen together: in several places.", "--owner", "rules editor", "--review-by", "2027-03-01")
RULE = ("new", "rule", "short-and-cut", "--title", "Cuts and unsettled teams", "--category", "A", "--when", "A3",
        "--when", "C7", "--unless", "funding-protected", "--because", "There are signs in {authority} of both.", *WORDS)
INDICATOR = ("new", "indicator", "rota_gaps_finding", "--title", "Finding on gaps in the rota", "--short",
             "finding on rota gaps", "--kind", "finding", "--unit", "scale", "--validity", "24 months")
SIGNATURE = ("new", "signature", "D9", "--label", "Gaps in the rota", "--category", "C", "--for", "S26", "--added",
             "2026", *WORDS)
CASE = ("new", "case", "somewhere", "--title", "Somewhere", "--authority-code", "X1", "--name", "Somewhere",
        "--invented")
Run = Callable[..., Result]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rules of somebody's own, with schemas for the editor."""
    shutil.copytree(RULES, tmp_path / "rules")
    shutil.copytree(VOCABULARY, tmp_path / "vocabulary")
    monkeypatch.chdir(tmp_path)
    assert sigrisk_("schema", "--write").exit_code == 0
    return tmp_path


def sigrisk_(*arguments: str) -> Result:
    """A command on the rules in the folder where one stands."""
    where = ("--kb", "vocabulary") if arguments[:2] == ("new", "case") else ("--rules", "rules", "--kb", "vocabulary")
    return CliRunner().invoke(sigrisk, [*arguments, *(() if arguments[0] == "fmt" else where)])


def state(folder: Path) -> dict[str, bytes]:
    """Every file with what is in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_right_after_something_new(room: Path) -> None:
    before = state(room)
    for made in (RULE, INDICATOR, (*SIGNATURE, "--sign", "rota_gaps_finding at_least 2"), CASE,
                 ("new", "test", "D9", "serious", "--given", "rota_gaps_finding=3", "--expect", "D9=moderate"),
                 ("new", "test", "short-and-cut", "weak", "--given", "A3=weak", "--expect", "short-and-cut=not known")):
        done = sigrisk_(*made)
        assert done.exit_code == 0, done.output
    after = state(room)
    assert after.keys() - before.keys() == {
        "rules/mechanisms/short-and-cut.yaml", "rules/tests/short-and-cut.yaml", "rules/signatures/D9.yaml",
        "rules/tests/D9.yaml", "somewhere.yaml"}
    for asked in (("check", "somewhere.yaml"), ("test",), ("fmt", "--check", "."), ("schema", "somewhere.yaml")):
        done = sigrisk_(*asked)
        assert done.exit_code == 0, done.output
    assert {name for name in before if before[name] != after[name] and name.endswith(".yaml")} == {
        "vocabulary/indicators.yaml", "vocabulary/signatures.yaml"}


def test_a_draft_is_read_and_not_used_and_its_tests_hold_once_it_is_in_force(room: Path) -> None:
    assert sigrisk_(*RULE).exit_code == 0
    assert "4 tests of rules not in force left aside" in sigrisk_("test").output
    file = room / "rules/mechanisms/short-and-cut.yaml"
    file.write_text(file.read_text("utf-8").replace("status: draft", "status: in force"), "utf-8")
    done = sigrisk_("test", "short-and-cut")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("4 tests, all as expected")


@pytest.mark.parametrize(("sign", "expected"), [
    ("vacancy_rate at_least worst quarter", ["weak", "not found", "not known"]),
    ("spend_share_fall at_least 2 points", ["weak", "not found", "not known"]),
    ("lead_member_changes at_least 2 times", ["moderate", "not found", "not known"]),
    ("leaders_did_not_know is yes", ["moderate", "not found", "not known"]),
])
def test_the_tests_of_a_signature_say_what_comes_out(room: Path, sign: str, expected: list[str]) -> None:
    done = sigrisk_(*SIGNATURE, "--sign", sign)
    assert done.exit_code == 0, done.output
    text = (room / "rules/tests/D9.yaml").read_text("utf-8")
    assert [line.split(": ")[2].rstrip("}") for line in text.splitlines() if "expect" in line] == expected
    assert sigrisk_("test", "D9").exit_code == 0


@pytest.mark.parametrize(("made", "says"), [
    ((*RULE[:-1], "soon"), "'soon' is not a date"),
    ((*RULE[:6], "Q", *RULE[7:]), 'no category "Q"'),
    ((*RULE, "--when", "C77"), 'there is no conclusion "C77"'),
    ((*RULE, "--source", "nowhere"), 'there is no source "nowhere"'),
    (("new", "rule", "../up", *RULE[3:]), "cannot be the name of a file"),
    (("new", "rule", "blind-spot", *RULE[3:]), "'blind-spot' is taken"),
    (("new", "rule", "alone", "--when", "A3", *RULE[3:7], *RULE[13:]), "one thing alone is no combination"),
    (("new", "rule", "unsaid"), "so say --title, --category, --when, --because"),
    ((*SIGNATURE, "--sign", "rota_gaps at_least 2"), "there is no indicator 'rota_gaps'"),
    ((*SIGNATURE, "--sign", "vacancy_rate below 2"), "a first sign is written as vacancy_rate at_least"),
    ((*SIGNATURE, "--sign", "vacancy_rate at_least 2 cases"), "cases"),
    ((*INDICATOR[:-1], "two years"), "must be in months"),
    (("new", "indicator", "vacancy_rate", *INDICATOR[3:]), "'vacancy_rate' is taken; it is"),
    (("new", "test", "no-rule", "x", "--expect", "A1=weak"), "no rule and no signature is called 'no-rule'"),
    (("new", "test", "blind-spot", "x", "--expect", "A1"), "write it as WHAT=HOW"),
    ((*CASE[:-1],), 'no authority has the code "X1"'),
])
def test_nothing_is_written_where_something_is_wrong(room: Path, made: tuple[str, ...], says: str) -> None:
    before = state(room)
    done = sigrisk_(*made)
    assert done.exit_code == 2
    assert says in done.output
    assert state(room) == before


@pytest.mark.parametrize("made", [RULE, CASE, (*SIGNATURE, "--sign", "vacancy_rate at_least 30 per cent")],
                         ids=lambda made: made[1])
def test_nothing_is_overwritten(room: Path, made: tuple[str, ...]) -> None:
    for file in ("rules/mechanisms/short-and-cut.yaml", "somewhere.yaml", "rules/signatures/D9.yaml"):
        (room / file).write_text("# mine\n", "utf-8")
    before = state(room)
    assert sigrisk_(*made).exit_code != 0
    assert state(room) == before


def test_a_file_that_cannot_be_written_leaves_no_other_behind(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kb import trying

    whole = trying.write_whole

    def full(path: Path, data: bytes) -> None:
        if path.parent.name == "tests":
            raise OSError(28, "No space left on device", str(path))
        whole(path, data)

    before = state(room)
    monkeypatch.setattr(trying, "write_whole", full)
    done = sigrisk_(*RULE)
    assert (done.exit_code, state(room)) == (3, before)
    assert "cannot be written: no space left on device" in done.output


def test_what_is_not_said_is_asked_for_at_a_terminal(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.new.at_a_terminal", lambda: True)
    answers = ("Cuts and teams", "B9", "A", "A3 C7", "There are signs of both.", "Seen together.", "rules editor",
               "next spring", "2027-03-01", "")
    done = CliRunner().invoke(sigrisk, ["new", "rule", "asked-for", "--rules", "rules", "--kb", "vocabulary"],
                              input="\n".join(answers))
    assert done.exit_code == 0, done.output
    assert "Which category? (A, B, C)" in done.output
    assert "'next spring' is not a date; write it as 2018-11-30" in done.output
    assert "title: Cuts and teams\n" in (room / "rules/mechanisms/asked-for.yaml").read_text("utf-8")
