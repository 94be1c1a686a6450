"""The page that travels: the words of every answer, one file of a bounded size, the same bytes, and any subject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import sigrisk
from engine.assess import Asked, Assessment, Assessor
from explain.account import Account, Line, walk
from explain.answer import overview, why
from explain.render.text import clean
from explain.report import report
from explain.timeline import follow, timeline
from explain.trace import trace
from explain.whynot import every_why_not, why_not
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.model import State
from tests.test_words import never
from web.report import SCRIPTS, report_page
from web.site import HERE, STATIC

MOST = 400_000
"""Bytes: what may still be sent as an attachment anywhere."""
CASES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
TEMPLATE = HERE / "templates" / "report.html"
ORCHARDS = EXAMPLES / "orchards"


class Read(HTMLParser):
    """The text of a page outside its script and style, and its tags in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.told: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] not in ("script", "style"):
            self.told.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.told).split())


@pytest.fixture(scope="module")
def bits(knowledge: Knowledge) -> Assessor:
    return Assessor(knowledge, "bits")


def page_of(it: Assessment, bits: Assessor) -> bytes:
    return report_page(it, report(it), follow(bits, it.case, it.as_at))


def sentences(account: Account) -> Iterator[str]:
    """Everything that an account says, text by text."""
    yield from (account.heading, account.subheading, account.answer, account.sentence, *account.facts, *account.closing)
    for part in (account.chain, account.footing, account.missing, account.held, account.responses, account.notes):
        yield from (told for top in part for line in walk(top) for told in said(line))


def said(line: Line) -> Iterator[str]:
    yield line.title
    if not line.shown_above:
        yield from (line.text, *line.small, *line.quoted)


@pytest.mark.parametrize("id", CASES)
def test_the_page_says_what_the_command_line_says(bits: Assessor, cases: dict[str, Case], id: str) -> None:
    """Every sentence of `why`, `assess`, `timeline` and `report`, and of `trace` all but what a step begins with."""
    case = cases[id]
    assert case.latest_known is not None
    middle = sorted(o.known for o in case.observations)[len(case.observations) // 2]
    for it in bits.assess_all([Asked(case, case.latest_known), Asked(case, middle)]):
        page = page_of(it, bits)
        read, meeting, steps = Read(page.decode("utf-8")), report(it), trace(it)
        wanted = {*sentences(why(it)), *(line.title for line in overview(it).chain)}
        wanted |= {told for top in timeline(follow(bits, case, it.as_at)).chain for line in walk(top)
                   for told in said(line)}
        wanted |= {told for part in meeting.parts for top in part.lines for line in walk(top) for told in said(line)}
        wanted |= {told for top in steps.chain for line in walk(top) for told in said(line)
                   if not told.startswith("working memory before")}
        wanted |= {cell for row in meeting.table.rows for cell in row} if meeting.table else set()
        missing = [told for told in wanted if told and clean(told) not in read.text]
        assert missing == []
        assert len(page) < MOST


def test_the_page_s_own_words_are_restrained(knowledge: Knowledge) -> None:
    """Those of its template and of its script: all others are the answers' own."""
    for file in (TEMPLATE, *(STATIC / name for name in SCRIPTS)):
        assert not never(knowledge).search(file.read_text(encoding="utf-8")), file.name


def test_why_not_is_told_in_the_words_of_the_command(bits: Assessor, cases: dict[str, Case]) -> None:
    """Each rule that could give a conclusion, with the same count of what it lacks; what was told is pointed at."""
    it = bits.assess(cases["derbyshire"], date(2019, 9, 30))
    told = {(line.role, line.id): line for line in every_why_not(it)}
    for (kind, id), line in told.items():
        assert it.head_state(kind, id) is not State.PRESENT
        if kind != "signature":
            alone = why_not(it, (kind, id)).chain
            assert [(way.title, way.text, way.tally) for way in line.children] == [
                (way.title, way.text, way.tally) for way in alone]
    names = [below.title for line in told.values() for below in walk(line) if below.shown_above]
    opened = [below.title for line in told.values() for below in walk(line) if below.role == "test"
              and not below.shown_above]
    assert names
    assert set(names) <= set(opened)


def test_nothing_in_the_file_leads_out_of_it(bits: Assessor, cases: dict[str, Case]) -> None:
    it = bits.assess(cases["northamptonshire"], date(2018, 11, 30))
    tags = Read(page_of(it, bits).decode("utf-8")).tags
    links = [told.get(name) or "" for _, told in tags for name in ("href", "src", "action", "data", "srcset")]
    assert {link[:1] for link in links if link} <= {"#", "d"}
    assert [link for link in links if link.startswith("d")] == ["data:,"]
    assert [told.get("style") for _, told in tags if "style" in told] == []


def test_the_same_case_gives_the_same_bytes(knowledge: Knowledge, cases: dict[str, Case]) -> None:
    """Whatever the order of observations and rules."""
    case = cases["ashby"]
    turned = case._replace(observations=case.observations[::-1])
    other = knowledge._replace(rules=knowledge.rules[::-1])
    assert case.latest_known is not None
    pages = []
    for known, held in ((knowledge, case), (other, turned)):
        bits = Assessor(known, "bits")
        pages.append(page_of(bits.assess(held, case.latest_known), bits))
    assert pages[0] == pages[1]


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    asked = ["report", str(EXAMPLES / "ashby.yaml"), "--engine", "bits", "-o", str(file)]
    done = CliRunner().invoke(sigrisk, asked)
    assert (done.exit_code, done.stdout) == (0, "")
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "The same rules were asked on the eve of" in page
    assert CliRunner().invoke(sigrisk, [*asked[:-1], str(tmp_path / "page.htm")]).exit_code == 2


def test_a_table_beside_the_case_is_in_the_page(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    table = EXAMPLES / "observations.csv"
    done = CliRunner().invoke(sigrisk, ["report", str(EXAMPLES / "ashby.yaml"), "--engine", "bits", "--table",
                                        str(table), "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert file.is_file()


def test_another_subject_has_its_page_too(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    done = CliRunner().invoke(sigrisk, [
        "report", str(ORCHARDS / "quince-hill.yaml"), "--kb", str(ORCHARDS / "kb"), "--rules", str(ORCHARDS / "rules"),
        "--engine", "bits", "-o", str(file)])
    assert done.exit_code == 0, done.output
    read = Read(file.read_text(encoding="utf-8"))
    assert re.search(r"Quince Hill", read.text)
    assert [told.get("id") for tag, told in read.tags if tag == "script"] == ["data", None]
