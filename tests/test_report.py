"""The page for a meeting: whole, true to the questions it is put together from, and safe to hand round."""

import json
import re
from collections.abc import Callable
from datetime import date

import pytest
from click.testing import CliRunner

from cli import sigrisk
from engine.assess import Asked, Assessor
from explain.account import walk
from explain.casebook import casebook
from explain.render.markdown import render as as_markdown
from explain.report import report
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from tests.test_supposing import told_by_us
from tests.test_words import never

Hold = Callable[[str, str], None]


@pytest.fixture(scope="session")
def bits(knowledge: Knowledge) -> Assessor:
    return Assessor(knowledge, "bits")


@pytest.mark.parametrize("name", [path.stem for path in sorted(EXAMPLES.glob("*.yaml"))])
def test_every_case_on_a_page_at_three_dates(bits: Assessor, cases: dict[str, Case], name: str) -> None:
    """Each has its parts, its words are restrained, and its table holds what was public by the date and no more."""
    days = sorted({o.known for o in cases[name].observations})
    asked = [Asked(cases[name], day) for day in (days[0], days[len(days) // 2], days[-1])]
    for assessment in bits.assess_all(asked):
        page = report(assessment)
        public = [o for o in assessment.case.observations if o.known <= assessment.as_at]
        assert page.table is not None
        assert len(page.table.rows) == len(public)
        assert [part.title for part in page.parts if part.lines] == [part.title for part in page.parts]
        lines = [line for part in page.parts for top in part.lines for line in walk(top)]
        lines += [line for top in page.chain for line in walk(top)]
        for line in lines:
            assert not never(assessment.knowledge).search(told_by_us(line, assessment.knowledge)), line
        assert all(line.role not in ("test", "observation") for top in page.chain for line in walk(top))


def test_what_the_result_rests_on_is_what_the_table_says(bits: Assessor, cases: dict[str, Case]) -> None:
    """With only the rows that say yes, the result still stands."""
    for id, day in (("northamptonshire", "2018-11-30"), ("ashby", "2025-05-20"), ("herefordshire", "2022-09-21")):
        assessment = bits.assess(cases[id], date.fromisoformat(day))
        table = report(assessment).table
        assert table is not None
        used = [row for row in table.rows if row[-1] == "yes"]
        assert 0 < len(used) < len(table.rows)
        assert used == list(table.rows[:len(used)])


def test_the_record_is_that_of_the_casebook(bits: Assessor, cases: dict[str, Case]) -> None:
    entries = casebook(cases.values(), bits)
    page = report(bits.assess(cases["ashby"], date(2025, 5, 20)), entries)
    told = "\n".join(line.title for line in page.parts[-1].lines)
    readings = [entry.reading(bits.knowledge.questions()) for entry in entries]
    numbers = [int(number) for number in re.findall(r"\d+", told)]
    adverse = sum(entry.outcome.adverse for entry in entries)
    assert numbers == [len(entries), adverse, readings.count("seen before"), readings.count("missed"),
                       len(entries) - adverse, readings.count("false alarm")]


@pytest.mark.parametrize(("case", "day"), [("ashby", "2025-05-20"), ("herefordshire", "2022-07-17")])
def test_the_page(bits: Assessor, cases: dict[str, Case], golden: Hold, case: str, day: str) -> None:
    golden(f"report-{case}-{day}.md", as_markdown(report(bits.assess(cases[case], date.fromisoformat(day)))))


def test_the_command_writes_markdown_and_json(tmp_path: pytest.TempPathFactory) -> None:
    for name in ("page.md", "page.json"):
        file = f"{tmp_path}/{name}"
        done = CliRunner().invoke(sigrisk, ["report", str(EXAMPLES / "ashby.yaml"), "--engine", "bits", "-o", file])
        assert (done.exit_code, done.stdout) == (0, "")
        with open(file, encoding="utf-8") as written:
            text = written.read()
        assert json.loads(text)["table"]["rows"] if name.endswith("json") else text.startswith("# Ashby")
