"""What in a case may tell of one person is noticed, at its place; what only looks like it is left alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from kb.evidencefiles import read_evidence
from kb.files import EXAMPLES, VOCABULARY
from kb.model import Vocabulary
from kb.privacy import Finding, Words, findings, read_privacy
from kb.sheets.casesheets import sheets_of
from kb.sheets.writeworkbooks import workbook_bytes
from kb.vocabularyfiles import read_vocabulary

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted(EXAMPLES.glob("*.yaml"))
CASE = """case: ashby
title: Ashby
invented: true
authority: {{code: X1, name: Ashby}}
sources:
  - {{id: minutes, title: Minutes, publisher: Ashby council}}
observations:
  - indicator: auditor_concern
    about: 2023-11-30
    known: 2023-12-14
    source: minutes
    note: {note}
  - indicator: {indicator}
    value: {value}
    about: 2023-11-30
    known: 2023-12-14
    source: minutes
"""


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_vocabulary(VOCABULARY)[0]


@pytest.fixture(scope="module")
def words() -> Words:
    found, problems = read_privacy()
    assert problems == ()
    return found


def found_in(path: Path, vocabulary: Vocabulary, words: Words) -> tuple[Finding, ...]:
    read = read_evidence(path, vocabulary, path.name)
    assert [str(problem) for problem in read.problems] == []
    assert read.case is not None
    assert read.tree is not None
    return findings(read.case, read.tree, vocabulary, words)


def written(folder: Path, note: str, indicator: str = "vacancy_rate", value: str = "10 per cent") -> Path:
    path = folder / "case.yaml"
    path.write_text(CASE.format(note=json.dumps(note, ensure_ascii=False), indicator=indicator, value=value),
                    encoding="utf-8")
    return path


NOTICED = {
    "Jane Smith left the post.": "name",
    "The director, John Field, left.": "name",
    "An interim, J. Okafor, took over.": "name",
    "The post went to Anne-Marie O’Neill in May.": "name",
    "Cllr Brown asked for a report.": "name",
    "Dr. Khan wrote the review.": "name",
    "It was put to Mr Lee.": "name",
    "The judge found that Child A was at risk.": "child",
    "A 9-year-old was missed.": "child",
    "The boy was seven years old.": "child",
    "A girl aged seven was not seen.": "child",
    "Her sibling was moved.": "child",
    "The record gave a date of birth.": "child",
    "See case number 12/345.": "child",
    "Pupil A123456789012 had no plan.": "record",
    "Three looked-after children were moved.": "small count",
    "4 of the 12 children had no plan.": "small count",
    "There were 3 young people without a worker.": "small count",
    "One child waited for a year.": "small count",
}
LEFT_ALONE = [
    "The Director of Children's Services wrote to Essex County Council and to the Department for Education.",
    "In Northfield the council's Munro Review was read.",
    "Ofsted and the Local Government Association came in September.",
    "Children aged 5 to 10 waited; those aged 16-17 did not, nor those 16 to 17 years old.",
    "Ten children in all, and fewer than ten families; 4 per cent of children; one in four children.",
    "Two directors left in 3 years; children were seen. A third of children, by 2 teams, on 5 days.",
    "A total of £1,400,000 and 12,345,678 pounds; E10000012 is Essex.",
    "Section 47 enquiries began within 15 days. Phase A began. The family of services grew.",
]


@pytest.mark.parametrize(("note", "mark"), NOTICED.items())
def test_what_may_tell_of_one_person(note: str, mark: str, tmp_path: Path, vocabulary: Vocabulary,
                                     words: Words) -> None:
    found = found_in(written(tmp_path, note), vocabulary, words)
    assert {finding.mark for finding in found} == {mark}, found
    assert {str(finding.place) for finding in found} == {"case.yaml:12:11"}


@pytest.mark.parametrize("note", LEFT_ALONE)
def test_what_only_looks_like_it(note: str, tmp_path: Path, vocabulary: Vocabulary, words: Words) -> None:
    assert found_in(written(tmp_path, note), vocabulary, words) == ()


@pytest.mark.parametrize(("value", "noticed"), [("3 children", True), ("9", True), ("10 children", False),
                                                ("0 children", False), ("267 children", False)])
def test_a_small_count_as_a_value(value: str, noticed: bool, tmp_path: Path, vocabulary: Vocabulary,
                                  words: Words) -> None:
    found = found_in(written(tmp_path, "x", "unallocated_children", value), vocabulary, words)
    assert [finding.mark for finding in found] == ["small count"] * noticed
    assert all(finding.place.line == 13 for finding in found)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_cases_tell_of_no_one(path: Path, vocabulary: Vocabulary, words: Words) -> None:
    assert [str(finding) for finding in found_in(path, vocabulary, words)] == []


def sigrisk(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "cli.py"), "case", "check", *arguments], cwd=cwd, text=True,
                          capture_output=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_the_command_prints_findings_and_ends_with_1(tmp_path: Path) -> None:
    written(tmp_path, "Jane Smith, aged 7.")
    done = sigrisk("case.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "2 findings to look at: words are noticed, a person decides\n")
    assert done.stdout.splitlines() == [
        'case.yaml:12:11: child: "aged 7" tells the age of one person (leave the age out)',
        'case.yaml:12:11: name: "Jane Smith" reads like the name of a person (write the role, not the name)']
    written(tmp_path, "The director left.")
    assert sigrisk("case.yaml", cwd=tmp_path).returncode == 0


def test_a_workbook_is_looked_at_cell_by_cell(tmp_path: Path, vocabulary: Vocabulary) -> None:
    read = read_evidence(EXAMPLES / "ashby.yaml", vocabulary)
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook_bytes(sheets_of(vocabulary, read.case, read.sources)))
    book = openpyxl.load_workbook(path)
    book["evidence"]["R3"], book["notes"]["A2"] = "Mrs Jones left.", "Child B was moved."
    book.save(path)
    done = sigrisk("a.xlsx", cwd=tmp_path)
    assert done.returncode == 1
    assert [line.split(" ")[0] for line in done.stdout.splitlines()] == ["a.xlsx[evidence]:3:18:", "a.xlsx[notes]:2:1:"]


def test_a_vocabulary_may_have_words_of_its_own_and_its_mistakes_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "words"
    shutil.copytree(VOCABULARY, folder)
    text = (VOCABULARY / "privacy.yaml").read_text(encoding="utf-8")
    (folder / "privacy.yaml").write_text(text.replace("when: before a capital", "when: before a capitol"), "utf-8")
    written(tmp_path, "x")
    done = sigrisk("case.yaml", "--kb", "words", cwd=tmp_path)
    assert done.returncode == 3
    assert 'did you mean "before a capital"?' in done.stderr
    (folder / "privacy.yaml").unlink()
    assert read_privacy(folder) == read_privacy()
