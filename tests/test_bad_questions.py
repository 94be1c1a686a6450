"""Questions that cannot be asked, of every command: one clear line, with the nearest right word, and no more."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import COMMANDS, sigrisk
from kb.files import RULES
from tests.test_cli import ROOT

ASHBY = "examples/ashby.yaml"
OF_A_CASE = {
    "assess": ("assess", ASHBY), "why": ("why", ASHBY), "why-not": ("why-not", ASHBY, "B1"),
    "what-if": ("what-if", ASHBY, "--unset", "director_changes"), "timeline": ("timeline", ASHBY),
    "enquire": ("enquire", ASHBY), "levers": ("levers", ASHBY), "fragile": ("fragile", ASHBY),
    "trace": ("trace", ASHBY),
    "compare": ("compare", ASHBY, "examples/carden.yaml"),
    "verify": ("verify", "RECEIPT", ASHBY),
}
WITH_TABLES = [name for name in OF_A_CASE if name not in ("timeline", "compare")]
Row = tuple[tuple[str, ...], int, str]


def bad_cases() -> list[Row]:
    """What may be wrong with any question about a case."""
    rows: list[Row] = []
    for asked in OF_A_CASE.values():
        def another(file: str, asked: tuple[str, ...] = asked) -> tuple[str, ...]:
            return tuple(file if word == ASHBY else word for word in asked)
        rows += [
            (another("examples/ashbey.yaml"), 3, 'there is no such file (did you mean "ashby.yaml"?)'),
            (another("examples/nothing-of-the-kind.yaml"), 3, "there is no such file (check its name and folder)"),
            (another("examples"), 3, "this is a folder, not a file"),
            ((*asked, "--as-at", "2018-13-01"), 2, "'2018-13-01' is not a date; write it as 2018-11-30"),
            ((*asked, "--as-at", "1990-01-01"), 2, "public by 1990-01-01: ask for 2023-12-14 or later"),
            ((*asked, "--engine", "drools"), 2, "'drools' is not one of 'auto', 'rete', 'bits'"),
            ((*asked, "--rules", "nowhere"), 3, "the rules folder is not there (name a folder with --rules)"),
            ((*asked, "--kb", "nowhere"), 3, "the vocabulary folder is not there (name a folder with --kb)"),
            ((*asked, "--as-att", "2018-11-30"), 2, "'--as-att'"),
        ]
    rows += [((*OF_A_CASE[name], "--table", "nothing.csv"), 3, "nothing.csv:1:1: K001 there is no such file")
             for name in WITH_TABLES]
    rows += [((*OF_A_CASE[name], "--table", "examples"), 3, "this is a folder, not a file") for name in WITH_TABLES]
    return rows


def bad_forms() -> list[Row]:
    """What may be wrong with how an answer is to be given."""
    answers = [words for name, words in OF_A_CASE.items() if name != "verify"]
    return [
        *(((*words, "--format", "jsn"), 2, "'jsn' is not one of 'text', 'json'") for words in answers),
        *(((*words, "-o", "examples"), 3, "examples cannot be written: is a directory") for words in answers),
        (("assess", ASHBY, "--receipt", "nowhere/a.json"), 3, "nowhere/a.json cannot be written"),
        (("assess", ASHBY, "--receipt", "a.json", "-o", "a.json"), 2, "cannot both be a.json"),
        (("why", ASHBY, "--picture", "a.gif"), 2, "a.gif does not end in .svg, .png, .pdf or .dot"),
        (("why", ASHBY, "--picture", "nowhere/a.dot"), 3, "nowhere/a.dot cannot be written"),
        (("rule", "A2", "--format", "xml"), 2, "'xml' is not one of 'text', 'json'"),
        (("seed", "S1", "--format", "xml"), 2, "'xml' is not one of 'text', 'json'"),
    ]


OTHERS: list[Row] = [
    (("report", ASHBY, "-o", "a.docx"), 2, "a.docx does not end in .md, .json or .html"),
    (("why", ASHBY, "churn-under-cut"), 2, 'did you mean "churn-under-cuts"?'),
    (("why", ASHBY, "Z9"), 2, "no signature or conclusion is called 'Z9'; sigrisk assess CASE lists them all"),
    (("why-not", ASHBY, "churn-under-cut"), 2, 'did you mean "churn-under-cuts"?'),
    (("why-not", ASHBY), 2, "missing argument 'CONCLUSION' (sigrisk why-not --help says more)"),
    (("what-if", ASHBY, "--set", "agency_worker_rat=3"), 2, 'did you mean "agency_worker_rate"?'),
    (("what-if", ASHBY, "--unset", "agency_worker_rat"), 2, 'did you mean "agency_worker_rate"?'),
    (("what-if", ASHBY, "--set", "agency_worker_rate=three"), 2, '"three" is not a number of per cent'),
    (("what-if", ASHBY, "--set", "agency_worker_rate"), 2, "write --set NAME=VALUE"),
    (("what-if", ASHBY, "--set", "churn-under-cuts=maybe"), 2, 'cannot be "maybe" (use one of: contested'),
    (("what-if", ASHBY, "--unset", "vacancy_rate"), 2, "nothing is known of vacancy_rate in Ashby"),
    (("what-if", ASHBY, "--add", "nothing.yaml"), 3, "there is no such file"),
    (("what-if", ASHBY), 2, "nothing is supposed"),
    (("screen",), 2, "missing option '--table'"),
    (("screen", "--table", "nothing.csv", "--as-at", "2018-11-30"), 3, "nothing.csv:1:1: K001 there is no such file"),
    (("screen", "--table", "nothing.parquet"), 3, "nothing.parquet:1:1: K001 there is no such file"),
    (("screen", "--table", "examples", "--as-at", "2018-11-30"), 3, "this is a folder, not a file"),
    (("screen", "--table", ASHBY, "--as-at", "2018-11-30"), 3, "a long table ends in .csv or .parquet"),
    (("screen", "--table", "obs.csv", "--as-at", "2018-13-01"), 2, "'2018-13-01' is not a date"),
    (("screen", "--table", "obs.csv", "--from", "2017"), 2, "--from 2017 --to 2025"),
    (("screen", "--table", "obs.csv", "--from", "2018", "--to", "2017"), 2, "no year goes from 2018 to 2017"),
    (("screen", "--table", "obs.csv", "--format", "parquet"), 2, "parquet is written to a file: --out screen.parquet"),
    (("screen", "--table", "obs.csv", "--out", "a.docx"), 2, "a.docx does not end in .csv, .parquet, .xlsx or .json"),
    (("screen", "--table", "obs.csv", "--why", "Ashby", "--format", "csv"), 2, "as text or json, not as csv"),
    (("screen", "--table", "obs.csv", "--memory", "lots"), 2, "'lots' is no amount of memory; write it as 2GB"),
    (("screen", "--table", "obs.csv", "--rules", "nowhere"), 3, "the rules folder is not there"),
    (("timeline", ASHBY, "--hindsight", "sometimes"), 2, "'sometimes' is not one of 'before', 'all', 'both'"),
    (("compare", ASHBY), 2, "one case is compared at two dates"),
    (("compare", ASHBY, ASHBY, ASHBY), 2, "was given 3 cases"),
    (("verify", "nothing.json"), 3, "nothing.json cannot be read: there is no such file"),
    (("verify", "examples"), 3, "examples cannot be read: this is a folder, not a file"),
    (("verify", ASHBY), 3, "ashby.yaml is no receipt: it is not JSON"),
    (("test", "churn-under-cut"), 2, 'did you mean "churn-under-cuts"?'),
    (("test", "--rules", "nowhere"), 3, "the rules folder is not there"),
    (("impact", "--against", "last-year"), 2, "there is no folder 'last-year', and git knows no version of that name"),
    (("impact", "--against", "examples", "--cases", "nothing*.yaml"), 2, "no file matches --cases nothing*.yaml"),
    (("impact", "--rules", "nowhere"), 3, "the rules folder is not there (name a folder with --rules)"),
    (("impact", "--against", str(RULES), "--table", "nothing.csv"), 3, "nothing.csv:1:1: K001 there is no such file"),
    (("impact", "--against", str(RULES), "--cases", ASHBY, "--as-at", "2018-13-01"), 2, "is not a date"),
    (("impact", "--against", str(RULES), "--cases", ASHBY, "--picture", "a.gif"), 2, "a.gif does not end in .svg"),
    (("impact", "--against", str(RULES), "--cases", ASHBY, "-o", "examples"), 3, "examples cannot be written"),
    (("rule", "churn-under-cut"), 2, 'did you mean "churn-under-cuts"?'),
    (("rule", "A2", "--kb", "nowhere"), 3, "the vocabulary folder is not there"),
    (("rule",), 2, "missing argument 'ID'"),
    (("seed", "S99"), 2, "did you mean"),
    (("schema", "nothing.yaml"), 3, "nothing.yaml:1:1: K001 there is no such file (check its name and folder)"),
    (("schema", "examples"), 3, "this is a folder, not a file"),
    (("schema", "--kb", "nowhere"), 3, "the vocabulary folder is not there"),
    (("schema", "--write", "--to", f"{ASHBY}/a"), 3, f"{ASHBY}/a/rule.json cannot be written: not a directory"),
    (("fmt", "examples/ashbey.yaml"), 3, 'there is no such file (did you mean "ashby.yaml"?)'),
    (("fmt", "--chek"), 2, "'--chek'"),
    (("init",), 2, "missing argument 'FOLDER'"),
    (("init", "examples"), 2, "examples is not empty; name a folder that is new or empty"),
    (("init", ASHBY), 2, "ashby.yaml is a file; name a folder that is new or empty"),
    (("init", "nowhere/a"), 3, "nowhere/a cannot be made: no such file or directory"),
    (("init", "a", "--rules", "nowhere"), 3, "the rules folder is not there"),
    (("new", "ruel", "a"), 2, "'rule'"),
    (("new", "rule", "churn-under-cuts"), 2, "'churn-under-cuts' is taken; sigrisk rule churn-under-cuts shows what"),
    (("new", "rule", "a"), 2, "so say --title, --category, --when, --because, --rationale, --owner, --review-by"),
    (("new", "signature", "Z1"), 2, "so say --label, --category, --for, --added, --sign, --rationale"),
    (("new", "indicator", "a", "--kind", "statistics"), 2, "'statistics' is not one of 'statistic', 'event'"),
    (("new", "test", "churn-under-cut", "a", "--expect", "A3=present"), 2, 'did you mean "churn-under-cuts"?'),
    (("new", "test", "churn-under-cuts", "a"), 2, "missing option '--expect'"),
    (("new", "case", "a", "--kb", "nowhere"), 3, "the vocabulary folder is not there"),
    (("exercise", "one-sgin"), 2, "there is no exercise 'one-sgin'; did you mean \"one-sign\"?"),
    (("exercise", "zzzz"), 2, "there is no exercise 'zzzz'; sigrisk exercise lists them"),
    (("exercise", "one-sign", "--case", ASHBY), 2, "name an exercise, or --case, and not both"),
    (("exercise", "--kind", "missing"), 2, "--kind is for puzzles made of a case; add --case FILE"),
    (("exercise", "one-sign", "--as-at", "2025-01-01"), 2, "--as-at is for puzzles made of a case"),
    (("exercise", "one-sign", "-o", "a.docx"), 2, "a.docx does not end in .html, .md or .json"),
    (("exercise", "-o", "a.md"), 2, "the list is not written to a file; name an exercise"),
    (("exercise", "one-sign", "-o", "nowhere/a.md"), 3, "nowhere/a.md cannot be written"),
    (("exercise", "one-sign", "--format", "xml"), 2, "'xml' is not one of 'text', 'json'"),
    (("exercise", "one-sign", "--cases", "nowhere"), 3, "nowhere is no folder; name the folder of the cases"),
    (("exercise", "--kb", "nowhere"), 3, "the vocabulary folder is not there"),
    (("exercise", "--case", "examples/ashbey.yaml"), 3, 'there is no such file (did you mean "ashby.yaml"?)'),
    (("exercise", "--case", ASHBY, "--kind", "mising"), 2, "'mising' is not one of"),
    (("exercise", "--case", ASHBY, "--kind", "defeater", "--as-at", "2023-12-31"), 2, "try another --kind or date"),
    (("exercise", "--case", ASHBY, "--as-at", "1990-01-01"), 2, "public by 1990-01-01: ask for 2023-12-14 or later"),
    (("rulebook",), 2, "missing option '-o' / '--output'"),
    (("rulebook", "-o", "examples"), 2, "examples holds other files; name a new folder"),
    (("rulebook", "-o", ASHBY), 2, "ashby.yaml is a file; name a folder"),
    (("rulebook", "-o", "book", "--rules", "nowhere"), 3, "the rules folder is not there"),
    (("serve", "--cases", "nowhere"), 2, "nowhere is not a folder; name a folder of cases"),
    (("serve", "--cases", ASHBY), 2, "ashby.yaml is not a folder; name a folder of cases"),
    (("serve", "--port", "99999"), 2, "99999 is not in the range"),
    (("serve", "--port", "0"), 2, "0 is not in the range"),
    (("serve", "--port", "59871", "--rules", "nowhere"), 3, "the rules folder is not there (name a folder with"),
    (("serve", "--port", "59872", "--kb", "nowhere"), 3, "the vocabulary folder is not there (name a folder with"),
    (("serve", "--port", "59873", "--table", "nothing.csv"), 3, "nothing.csv:1:1: K001 there is no such file"),
    (("serve", "--port", "59874", "--table", "examples"), 3, "this is a folder, not a file"),
    (("serve", "--engine", "drools"), 2, "'drools' is not one of"),
    (("case", "template", "-o", "a.txt"), 2, "a.txt does not end in .csv or .xlsx"),
    (("case", "template", "-o", "nowhere/a.csv"), 3, "nowhere/a.csv cannot be written"),
    (("case", "template", "-o", "a.csv", "--of", "nothing.yaml"), 3, "there is no such file"),
    (("case", "from", "a.txt"), 2, "a.txt does not end in .csv or .xlsx"),
    (("case", "from", "nothing.csv"), 2, "say --case ID --authority-code CODE --name NAME"),
    (("case", "from", "nothing.xlsx"), 3, "nothing.xlsx:1:1: K001 there is no such file"),
    (("case", "check", "nothing.yaml"), 3, "there is no such file"),
    (("case", "check", "examples"), 3, "this is a folder, not a file"),
    (("case", "chek", "a.yaml"), 2, "'chek'"),
    (("demo", "--engine", "drools"), 2, "'drools' is not one of"),
    (("check", "--table"), 2, "--table"),
    (("import",), 2, "missing argument 'FILES...'"),
    (("import", "nothing.csv"), 3, "nothing.csv:1:1: K001 there is no such file"),
    (("import", "nothing.ods"), 3, "nothing.ods:1:1: K001 there is no such file"),
    (("import", "nothing.parquet"), 3, "nothing.parquet:1:1: K001 there is no such file"),
    (("import", "examples"), 3, "this is a folder, not a file"),
    (("import", ASHBY), 3, "a published table ends in .csv, .parquet, .ods"),
    (("import", "nothing.csv", "-o", "a.xlsx"), 2, "a.xlsx does not end in .csv or .parquet"),
    (("import", "nothing.csv", "-o", "nothing.csv"), 2, "nothing.csv is named twice, and would be written over"),
    (("import", "nothing.csv", "-o", "a.csv", "--outcomes", "a.csv"), 2, "a.csv is named twice"),
    (("import", "nothing.csv", "--calendar", "nothing.yaml"), 3, "nothing.yaml:1:1: K001 there is no such file"),
    (("import", "nothing.csv", "--kb", "nowhere"), 3, "the vocabulary folder is not there"),
    (("backtest", "--table", "obs.csv"), 2, "missing option '--outcomes'"),
    (("backtest", "--outcomes", "out.csv"), 2, "missing option '--table'"),
    (("backtest", "--table", "obs.csv", "--outcomes", "out.csv"), 3, "out.csv:1:1: K001 there is no such file"),
    (("backtest", "--table", "obs.csv", "--outcomes", ASHBY), 3, "a table of outcomes ends in .csv or .parquet"),
    (("backtest", "--table", "obs.csv", "--outcomes", "examples"), 3, "this is a folder, not a file"),
    (("backtest", "--table", "obs.csv", "--outcomes", "a", "--format", "parquet"), 2, "--out backtest.parquet"),
    (("backtest", "--table", "obs.csv", "--outcomes", "a", "--out", "a.docx"), 2, "a.docx does not end in .txt, .md"),
    (("backtest", "--table", "obs.csv", "--outcomes", "a", "--picture", "a.gif"), 2, "a.gif does not end in .svg"),
    (("backtest", "--table", "obs.csv", "--outcomes", "a", "--from", "2020", "--to", "2019"), 2, "no year goes from"),
    (("thresholds",), 2, "missing option '--from'"),
    (("thresholds", "--from", "nothing.csv"), 3, "nothing.csv:1:1: K001 there is no such file"),
    (("thresholds", "--from", "examples"), 3, "this is a folder, not a file"),
    (("thresholds", "--from", ASHBY), 3, "a long table ends in .csv or .parquet"),
    (("check", "--today", "tomorrow"), 2, "'tomorrow' is not a date; write it as 2018-11-30"),
    (("check", "--format", "xml"), 2, "'xml' is not one of 'text', 'json', 'github', 'sarif'"),
    (("explain-code", "K999"), 2, "there is no code 'K999'"),
    (("explain-code", "blind-spot"), 2, "there is no code 'blind-spot'; sigrisk explain-code lists them"),
    (("whyy", ASHBY), 2, "there is no command 'whyy'; did you mean \"why\"?"),
]
ROWS = [*bad_cases(), *bad_forms(), *OTHERS]


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("receipt") / "ashby.json"
    done = CliRunner().invoke(sigrisk, ["assess", str(ROOT / ASHBY), "--receipt", str(path), "--engine", "bits"])
    assert done.exit_code == 0, done.stderr
    return path


@pytest.mark.parametrize(("words", "code", "said"), ROWS, ids=[" ".join(words) for words, _, _ in ROWS])
def test_a_bad_question_gets_one_clear_line(words: tuple[str, ...], code: int, said: str, receipt: Path,
                                            tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").mkdir()
    for file in (ASHBY, "examples/carden.yaml"):
        shutil.copy(ROOT / file, tmp_path / file)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(sigrisk, [str(receipt) if word == "RECEIPT" else word for word in words])
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert (done.exit_code, done.stdout) == (code, "")
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert str(ROOT) not in done.stderr
    assert str(receipt.parent) not in done.stderr
    assert os.listdir() == ["examples"], "nothing half-written is left behind"


def test_every_command_is_asked_something_wrong() -> None:
    assert {words[0] for words, _, _ in ROWS} >= set(COMMANDS)


def test_what_cannot_be_checked_is_a_finding_of_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(sigrisk, ["check", "examples/ashbey.yaml"])
    assert (done.exit_code, done.stderr[:11]) == (1, "1 problem, ")
    first = done.stdout.splitlines()[0]
    assert first == 'examples/ashbey.yaml:1:1: K001 there is no such file (did you mean "ashby.yaml"?)'


def test_an_absolute_path_is_never_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(sigrisk, ["why", str(tmp_path / "a.yaml")])
    assert (done.exit_code, done.stderr) == (3, "a.yaml:1:1: K001 there is no such file (check its name and folder)\n")


def test_help_is_no_mistake() -> None:
    for words in (["--help"], ["why", "--help"], ["case", "--help"]):
        done = CliRunner().invoke(sigrisk, words)
        assert (done.exit_code, done.stderr, done.stdout[:6]) == (0, "", "Usage:")
