"""`sigrisk check` as it is used: planted faults all found, every format right, exit codes that a machine can use."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from pickle import UnpicklingError
from random import Random
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from commands.checking import check, everything_found, explain_code
from engine.kept import fetch, keep
from explain.render.problems import FORMATS
from kb.codepages import pages
from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.model import Place, Problem
from kb.problems import Code
from kb.told import Told, Verdict

ORCHARDS = EXAMPLES / "orchards"
@pytest.fixture
def orchards(tmp_path: Path) -> Path:
    shutil.copytree(ORCHARDS / "rules", tmp_path / "rules")
    return tmp_path / "rules"


def ask(*words: object) -> Result:
    folders = ("--kb", str(ORCHARDS / "kb"))
    return CliRunner().invoke(check, [*map(str, words), *folders])


def planted(folder: Path) -> None:
    """One error (a rule that can never hold) and one warning (a rule without a source)."""
    path = folder / "mechanisms" / "watering-falls-behind.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("    - signature: T1\n", "    - signature: T1\n    - {indicator: dry_weeks, below: 3 weeks}\n")
    path.write_text(text.replace("sources: [tired-orchards, county-tree-count]\n", ""), encoding="utf-8")


# Exit codes.


def test_right_rules_are_0_errors_are_1_and_warnings_are_1_where_asked(orchards: Path) -> None:
    assert ask("--rules", orchards, "--strict").exit_code == 0
    path = orchards / "mechanisms" / "crowded-and-seen-late.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("sources: [tired-orchards, pruning-handbook]\n", ""),
                    encoding="utf-8")
    assert [ask("--rules", orchards, *more).exit_code for more in ((), ("--strict",))] == [0, 1]
    planted(orchards)
    assert ask("--rules", orchards).exit_code == 1


def test_review_dates_are_looked_at_only_on_a_day_that_is_given(orchards: Path) -> None:
    assert "K045" not in ask("--rules", orchards).stdout
    assert "K045" not in ask("--rules", orchards, "--today", "2027-03-01").stdout
    assert "K045" in ask("--rules", orchards, "--today", "2027-03-02").stdout
    assert ask("--rules", orchards, "--today", "tomorrow").exit_code == 2


def test_rules_that_cannot_be_read_are_not_said_to_mean_anything(orchards: Path) -> None:
    planted(orchards)
    (orchards / "signatures" / "T1.yaml").write_text("signature: T1\n", encoding="utf-8")
    done = ask("--rules", orchards)
    assert "K031" not in done.stdout, "this rule rests on the signature whose file cannot be read"
    assert "K048" in done.stdout
    assert "not analysed, because they rest on what could not be read" in done.stderr


def test_a_file_that_cannot_be_read_hides_nothing_elsewhere(orchards: Path) -> None:
    planted(orchards)
    (orchards / "mechanisms" / "new.yaml").write_text("rule: new\n", encoding="utf-8")
    done = ask("--rules", orchards)
    assert "K031" in done.stdout
    assert done.stderr.endswith("; 1 file is left aside until mended\n")


def test_nothing_is_called_unused_while_something_cannot_be_read(orchards: Path) -> None:
    """The rule that cannot be read may be the one that uses it."""
    path = orchards / "pictures" / "care-may-not-last.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("because:", "becuase:"), encoding="utf-8")
    said = ask("--rules", orchards).stdout
    assert "K013" in said
    assert not {"K042", "K043", "K044"} & set(said.split())


def test_the_same_files_are_answered_from_what_was_kept(orchards: Path, tmp_path: Path,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGRISK_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    planted(orchards)
    first = ask("--rules", orchards)
    (kept,) = tmp_path.glob("cache/sigrisk/*.checked")
    with monkeypatch.context() as again:
        again.setattr("commands.checking.everything_found", lambda *_: pytest.fail("worked out again"))
        second = ask("--rules", orchards)
    assert (second.stdout, second.stderr, second.exit_code) == (first.stdout, first.stderr, 1)
    path = orchards / "mechanisms" / "watering-falls-behind.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# a note\n", encoding="utf-8")
    assert ask("--rules", orchards).stdout == first.stdout
    assert len(list(tmp_path.glob("cache/sigrisk/*.checked"))) == 2, "another byte is another question"
    kept.write_bytes(b"damaged")


class Written:
    """What is kept in its place is a call."""

    def __init__(self, call: object, *given: object) -> None:
        self.made = call, given

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.made


def test_members_of_our_enumerations_are_read_however_python_writes_them(tmp_path: Path) -> None:
    """Some versions write a member as its class and its name, to be looked up; nothing else is looked up."""
    path = tmp_path / "it.checked"
    keep(path, [Written(getattr, Code, "UNKNOWN_ID"), Code.CANNOT_READ])
    assert fetch(path) == [Code.UNKNOWN_ID, Code.CANNOT_READ]
    for call in (Written(getattr, Problem, "__init__"), Written(getattr, "text", "join"), Written(print, "run")):
        keep(path, call)
        with pytest.raises((UnpicklingError, KeyError)):
            fetch(path)


def edited(text: str, random: Random) -> str:
    """A file with a note at its end, without one line, with a line twice, with other words or with other thresholds."""
    lines = text.splitlines(keepends=True)
    at = random.randrange(len(lines))
    moved = re.sub(r"(?<=: )\d+(?= )", lambda number: str(int(number[0]) + random.choice((-1, 1))), text)
    return random.choice([text + "# a note\n", "".join(lines[:at] + lines[at + 1:]),
                          "".join(lines[:at + 1] + lines[at:]), moved, moved,
                          re.sub(r"(?<=title: )\w+", "Another", text, count=1)])


@pytest.mark.parametrize("shipped", [False, True])
def test_whatever_was_kept_the_answer_is_that_of_a_run_with_nothing_kept(
        shipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    home, words = (EXAMPLES.parent, VOCABULARY) if shipped else (ORCHARDS, tmp_path / "kb")
    shutil.copytree(home / "rules", tmp_path / "rules")
    shutil.copytree(ORCHARDS / "kb", tmp_path / "kb")
    given = [tmp_path / name for name in ("ashby.yaml", "bradford-2018.yaml") if shipped]
    for path in given:
        shutil.copy(EXAMPLES / path.name, path)
    folders = (tmp_path / "rules", *([] if shipped else [words]))
    files, random = [*sorted(path for folder in folders for path in folder.rglob("*.yaml")), *given], Random(3)
    for _ in range(5 if shipped else 40):
        path = random.choice(files)
        before = path.read_text(encoding="utf-8")
        path.write_text(edited(before, random), encoding="utf-8")
        for format in ("json", "text"):
            said = []
            for cache in ("", "off"):
                monkeypatch.setenv("SIGRISK_CACHE", cache)
                asked = (*given, "--rules", tmp_path / "rules", "--kb", words, "--format", format)
                done = CliRunner().invoke(check, list(map(str, asked)))
                said.append((done.stdout, done.stderr, done.exit_code))
            assert said[0] == said[1], path.name
        if random.random() < 0.7:
            path.write_text(before, encoding="utf-8")


def test_notes_are_told_where_asked_for_and_fail_nothing(orchards: Path) -> None:
    """The picture rests on a conclusion that the same exception stops already, so here it decides nothing."""
    path = orchards / "pictures" / "trees-under-strain.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("because:", "unless: [{protective: advice-followed}]\nbecause:"), encoding="utf-8")
    quiet, loud = (ask("--rules", orchards, "--strict", *more) for more in ((), ("--notes",)))
    assert (quiet.exit_code, quiet.stdout, loud.exit_code) == (0, "", 0)
    assert "(--notes shows what needs no mending)" in quiet.stderr
    assert " K033 note: " in loud.stdout
    assert json.loads(ask("--rules", orchards, "--format", "json").stdout)["notes"] == 1


def test_notes_that_are_only_counted_are_found_all_the_same(orchards: Path) -> None:
    """What shows them is not sought; all else is told as it is beside notes in full."""
    path = orchards / "pictures" / "trees-under-strain.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("because:", "unless: [{protective: advice-followed}]\nbecause:"), encoding="utf-8")
    planted(orchards)
    full, brief = (everything_found(orchards, ORCHARDS / "kb", brief=only) for only in (False, True))
    apart = [[one for one in found.told if one.note] for found in (full, brief)]
    assert [one for one in full.told if not one.note] == [one for one in brief.told if not one.note]
    assert [one.problem.code for one in apart[0]] == [one.problem.code for one in apart[1]] == [Code.NEVER_DEFEATS]
    assert (bool(apart[0][0].shown_by), apart[1][0].shown_by) == (True, ())


# Formats.


def test_text_shows_the_evidence_below_the_line(orchards: Path) -> None:
    path = orchards / "pictures" / "care-may-not-last.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    - {signature: H1, grade: weak}  # the signing-in sheets are enough here\n", ""),
                    encoding="utf-8")
    lines = ask("--rules", orchards).stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if "K037" in line)
    assert lines[at].startswith("rules/pictures/care-may-not-last.yaml:4:")
    assert "H2" in lines[at]
    assert lines[at + 1].startswith("    why       The signatures by themselves may not amount to a serious problem.")
    shown = next(line for line in lines[at:] if line.startswith("    shown by  "))
    assert shown.endswith(": met")


def test_json_says_the_same(orchards: Path) -> None:
    planted(orchards)
    said = json.loads(ask("--rules", orchards, "--format", "json").stdout)
    assert (said["errors"], said["warnings"], said["notes"]) == (1, 1, 0)
    assert {(one["code"], one["level"], one["verdict"]) for one in said["problems"]} == {
        ("K031", "error", "proved"), ("K048", "warning", "read")}
    assert all(one["why"] and one["hint"] for one in said["problems"])
    assert all(one["line"] >= 1 and one["file"].startswith("rules/") for one in said["problems"])


ODD = Told(Problem(Place("rules/a, b: c%.yaml", 3, 7), "K034", "50 % of\r\nall: this, that", "mend\nit"), ("a: met",),
           "Ashby, as at 1 May 2024", Verdict.PROVED, "It\nmatters.")


def test_github_commands_are_escaped() -> None:
    command = FORMATS["github"]([ODD], {})
    assert command == (
        "::warning file=rules/a%2C b%3A c%25.yaml,line=3,col=7,title=K034 a condition that never decides::"
        "50 %25 of%0D%0Aall: this, that (mend%0Ait)%0Awhy: It%0Amatters.%0A"
        "verdict: proved, over every combination of evidence there can be%0A"
        "shown by: a: met%0Aseen in: Ashby, as at 1 May 2024\n")
    assert command.count("\n") == 1


def test_text_from_a_file_stays_on_its_line() -> None:
    assert FORMATS["text"]([ODD], {}).splitlines()[1:] == [
        "    why       It matters.",
        "    verdict   proved, over every combination of evidence there can be",
        "    shown by  a: met",
        "    seen in   Ashby, as at 1 May 2024"]
    steering = ODD._replace(problem=ODD.problem._replace(message="a\x1b[2Jb"), shown_by=("c\x07d\ne",))
    assert not set(FORMATS["text"]([steering], {})) & {"\x1b", "\x07"}


def test_sarif_has_what_its_standard_asks_for(orchards: Path) -> None:
    """The parts of SARIF 2.1.0 that readers of it rely on (its sections 3.13, 3.14, 3.19, 3.27, 3.30 and 3.49)."""
    planted(orchards)
    log: dict[str, Any] = json.loads(ask("--rules", orchards, "--format", "sarif").stdout)
    assert (log["version"], log["$schema"].rsplit("/", 1)[1]) == ("2.1.0", "sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "sigrisk"
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1


def test_sarif_names_files_as_addresses() -> None:
    (run,) = json.loads(FORMATS["sarif"]([ODD], pages()))["runs"]
    where = run["results"][0]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "rules/a%2C%20b%3A%20c%25.yaml"


def test_the_same_files_give_the_same_bytes(orchards: Path) -> None:
    planted(orchards)
    assert ask("--rules", orchards).stdout == ask("--rules", orchards).stdout


# Pages.


def test_a_page_is_printed_and_an_unknown_code_is_one_line() -> None:
    run = CliRunner()
    assert run.invoke(explain_code, ["k031"]).output == pages()["K031"].markdown
    assert run.invoke(explain_code, ["K999"]).exit_code == 2
    assert run.invoke(explain_code).output.count("\n") == len(pages())


# The shipped rules, and faults planted in a copy of them.


def test_the_shipped_rules_are_clean_and_nothing_is_left_open() -> None:
    """Nothing has to be mended. Three notes: what is kept on purpose, though what rules below rest on makes it idle."""
    pytest.importorskip("pysat")
    told, _ = everything_found(RULES, VOCABULARY)
    assert [(one.level, str(one.problem.code), one.verdict) for one in told] == [
        ("note", "K033", Verdict.PROVED), ("note", "K034", Verdict.PROVED), ("note", "K033", Verdict.PROVED)]


PLANTED = yaml.safe_load((Path(__file__).parent / "planted.yaml").read_text(encoding="utf-8"))
FILLED_IN = {
    "title": "Planted", "order": 9, "because": "Signs appear together in {authority}.", "rationale": "For a test.",
    "sources": ["seed"], "basis": "local judgement", "status": "in force", "version": 1, "owner": "rules editor",
    "review_by": "2027-03-01"}
SHOWN = ("K032", "K033", "K034", "K035", "K036", "K037", "K038", "K039")
"""Codes of which every one is shown by a combination of evidence."""


def plant(folder: Path) -> dict[str, str]:
    """Every planted fault in a copy of the shipped rules: the file of each, and its code."""
    wanted = {}
    for number, said in enumerate(PLANTED["unreadable"]):
        path = folder / f"unreadable-{number}.yaml"
        path.write_text(said["text"], encoding="utf-8")
        wanted[f"rules/{path.name}"] = said["finds"]
    for number, said in enumerate(PLANTED["rules"]):
        rule = {"rule": f"planted-{number:02}", **FILLED_IN, **said}
        if "result" not in rule["concludes"]:
            rule["category"] = "A"
        code, _ = rule.pop("finds", ""), rule.pop("as", "")
        path = folder / f"planted-{number:02}.yaml"
        path.write_text(yaml.safe_dump(rule, sort_keys=False).replace("'2027-03-01'", "2027-03-01"), encoding="utf-8")
        wanted |= {f"rules/{path.name}": code} if code else {}
    for said in PLANTED["signs"]:
        path = folder / said["in"]
        sign = yaml.safe_dump(said["sign"], default_flow_style=True, width=200)
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("signs:\n", f"signs:\n  - {sign}", 1), encoding="utf-8")
        wanted[f"rules/{said['in']}"] = said["finds"]
    return wanted


def test_planted_faults_are_all_found_each_in_its_file(tmp_path: Path) -> None:
    pytest.importorskip("pysat")
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    wanted = plant(folder)
    told, _ = everything_found(folder, VOCABULARY)
    at = {(one.problem.place.file, str(one.problem.code)) for one in told}
    assert set(wanted.items()) <= at
    assert all(one.shown_by for one in told if one.problem.code in SHOWN)
    lines = {(one.problem.place.file, str(one.problem.code), one.problem.place.line) for one in told}
    assert {(f"rules/unreadable-{number}.yaml", said["finds"], said["line"])
            for number, said in enumerate(PLANTED["unreadable"])} <= lines
    counted = Counter(said["as"] for said in (*PLANTED["rules"], *PLANTED["signs"]) if "as" in said)
    assert (len(PLANTED["unreadable"]), counted["dead"], counted["guard"], counted["lacking"]) == (5, 10, 5, 5)
