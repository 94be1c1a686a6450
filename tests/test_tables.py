"""Tables over time and side by side: folded to the terminal, safe in a spreadsheet, and the same words in each form."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import sigrisk
from engine.assess import Asked, Assessor
from explain.account import Account
from explain.compare import Pair, compare
from explain.grid import Grid, Row, columns_of, of_days, of_pair
from explain.moments import Standing
from explain.render import table
from explain.render.text import WIDTH
from explain.timeline import HINDSIGHT, follow, timeline
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.model import State

Hold = Callable[[str, str], None]
HOSTILE = ('=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "<script>", "a | b\n| c", "`x`", ' "q", ')


@pytest.fixture(scope="module")
def bits(knowledge: Knowledge) -> Assessor:
    """The evaluator alone: tables do not depend on which engine ran."""
    return Assessor(knowledge, "bits")


def over_time(bits: Assessor, case: Case, hindsight: Sequence[str] = ("all",)) -> tuple[Account, tuple[Grid, ...]]:
    assert case.latest_known
    followed = follow(bits, case, case.latest_known, hindsight)
    return timeline(followed), of_days(followed, columns_of(followed))


def two_sides(bits: Assessor, left: Case, right: Case) -> tuple[Account, tuple[Grid, ...]]:
    asked = [Asked(case, case.latest_known or date(2025, 1, 1)) for case in (left, right)]
    pair = Pair(*bits.assess_all(asked))
    return compare(*pair), (of_pair(pair),)


def hostile() -> tuple[Grid, ...]:
    """A table in which every text means something to some format."""
    standing = Standing(State.PRESENT, "strong")
    rows = tuple(Row(("signature", f"S{i}"), text, (standing, standing), (text, text))
                 for i, text in enumerate(HOSTILE))
    return (Grid(HOSTILE[0], (HOSTILE[1], HOSTILE[6]), rows, HOSTILE),)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("name", ["croydon", "herefordshire", "ashby", "northamptonshire"])
def test_no_line_is_wider_than_the_terminal(name: str, bits: Assessor, cases: dict[str, Case]) -> None:
    for hindsight in (("all",), tuple(HINDSIGHT)):
        account, grids = over_time(bits, cases[name], hindsight)
        lines = table.text(account, grids).splitlines()
        assert max(map(len, lines)) <= WIDTH
        assert not [line for line in lines if line != line.rstrip()]


def test_a_wide_table_is_folded_into_blocks_that_repeat_the_first_column(bits: Assessor, cases: dict[str, Case],
                                                                         ) -> None:
    account, (grid,) = over_time(bits, cases["croydon"])
    told = table.text(account, (grid,))
    blocks = told.count("\nOverall result")
    assert blocks > 1
    for row in grid.rows[1:]:
        assert told.count(f"\n{row.title.split(' ')[0]} ") >= blocks
    for day in grid.columns:
        assert told.count(day) == 1


def test_every_form_says_the_same(bits: Assessor, cases: dict[str, Case]) -> None:
    account, grids = over_time(bits, cases["herefordshire"], tuple(HINDSIGHT))
    header, *rows = rows_of(table.csv(account, grids))
    assert header[3:] == list(grids[0].columns)
    assert [row[3:] for row in rows] == [list(row.cells) for grid in grids for row in grid.rows]
    marked = [line for line in table.markdown(account, grids).splitlines() if line.startswith("| ")]
    assert len(marked) == sum(len(grid.rows) + 2 for grid in grids)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in marked} == {len(grids[0].columns) + 3}


def test_a_spreadsheet_takes_nothing_for_a_formula(bits: Assessor, cases: dict[str, Case]) -> None:
    account, _ = over_time(bits, cases["ashby"])
    told = rows_of(table.csv(account._replace(heading="=1+1"), hostile()))
    assert told[0][0] == "'=1+1"
    assert not [cell for row in told for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {row[0] for row in told[1:]} >= {"'+1", "'-1", "'@SUM(A1)", "'=1", "<script>"}


def test_hostile_text_stays_in_its_cell(bits: Assessor, cases: dict[str, Case]) -> None:
    account, _ = over_time(bits, cases["ashby"])
    marked = table.markdown(account, hostile())
    rows = [line for line in marked.splitlines() if line.startswith("| ")]
    assert len(rows) == len(HOSTILE) + 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {5}
    assert "<script>" not in marked.replace("\\<", "")
    assert "\t" not in table.text(account, hostile())


def test_what_has_no_row_is_named_or_counted(bits: Assessor, cases: dict[str, Case]) -> None:
    things = 1 + sum(kind != "result" for kind, _ in bits.knowledge.conclusions())
    _, (grid,) = two_sides(bits, cases["ashby"], cases["oakshire"])
    counted = [int(number) for line in grid.below for pair in re.findall(r"\((\d+)\):|column: (\d+) of", line)
               for number in pair if number]
    assert len(grid.rows) + sum(counted) == things


def test_the_order_of_observations_does_not_show(bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases["northamptonshire"]
    told = [over_time(bits, one) for one in (case, case._replace(observations=case.observations[::-1]))]
    for write in table.TABLES.values():
        assert write(*told[0]) == write(*told[1])


def test_tables_as_they_are(bits: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    golden("timeline-northamptonshire-table.txt", table.text(*over_time(bits, cases["northamptonshire"])))
    golden("timeline-ashby-table.csv", table.csv(*over_time(bits, cases["ashby"])).replace("\r\n", "\n"))
    golden("compare-ashby-carden-table.md", table.markdown(*two_sides(bits, cases["ashby"], cases["carden"])))


# as commands


def ask(*said: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(sigrisk, said)
    return done.exit_code, done.stdout, done.stderr


ASHBY, CARDEN = str(EXAMPLES / "ashby.yaml"), str(EXAMPLES / "carden.yaml")
QUESTIONS = {
    "why": ("why", ASHBY), "why-not": ("why-not", ASHBY, "capacity-spiral"),
    "what-if": ("what-if", ASHBY, "--unset", "A2"), "timeline": ("timeline", ASHBY),
    "compare": ("compare", ASHBY, CARDEN),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_is_drawn_instead_or_beside(question: str, tmp_path: Path) -> None:
    for format, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")):
        file = tmp_path / f"{question}.{format}"
        assert ask(*QUESTIONS[question], "--format", format, "-o", str(file))[:2] == (0, "")
        assert file.read_bytes().startswith(start)
    beside = tmp_path / "beside.dot"
    code, told, _ = ask(*QUESTIONS[question], "--picture", str(beside))
    assert code == 0
    assert "Ashby" in told
    assert beside.read_bytes() == (tmp_path / f"{question}.dot").read_bytes()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_picture_of_an_unknown_kind_is_refused(question: str, tmp_path: Path) -> None:
    code, told, said = ask(*QUESTIONS[question], "--picture", str(tmp_path / "a.gif"))
    assert (code, told) == (2, "")
    assert ".svg, .png, .pdf or .dot" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("question", ["timeline", "compare"])
def test_tables_as_commands(question: str, tmp_path: Path) -> None:
    code, told, _ = ask(*QUESTIONS[question], "--table")
    assert code == 0
    assert "Overall result" in told
    assert ask(*QUESTIONS[question], "--table", "--format", "markdown")[1].count("| --- |") >= 1
    code, plain, _ = ask(*QUESTIONS[question], "--format", "csv")
    assert code == 0
    assert rows_of(plain)[0][1:3] == ["kind", "table"]
    file = tmp_path / "table.csv"
    assert ask(*QUESTIONS[question], "--table", "--format", "csv", "-o", str(file))[0] == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by its mark"
    code, told, said = ask(*QUESTIONS[question], "--table", "--format", "json")
    assert (code, told) == (2, "")
    assert "text, markdown, csv" in said
