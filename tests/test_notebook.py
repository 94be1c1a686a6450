"""Answers in a notebook show themselves, whatever stands in files; the notebook of docs is as it would run now.

Renew its outputs with pytest --update.
"""

from __future__ import annotations

import html
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

from engine.assess import Assessment
from explain.account import Account
from explain.answer import overview, why
from explain.asking import Unasked
from explain.compare import compare
from explain.enquire import enquire
from explain.fragile import fragile
from explain.levers import levers
from explain.notebook import open_case, over_time, suppose
from explain.render.drawing import Drawing
from explain.render.picture import picture
from explain.render.text import render
from explain.timeline import timeline
from explain.trace import trace
from explain.whatif import what_if
from explain.whynot import why_not
from kb.files import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
HOSTILE = """<script>alert(1)</script><img src=x onerror="alert(1)"></style></pre>&amp;'"""
HARMLESS = {"div", "style", "h1", "h2", "p", "ul", "li", "span", "strong", "pre"}


class Shown(HTMLParser):
    """What is shown: its tags, its style, and its text without the style."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.style, self.text = set[str](), set[str](), "", ""
        self.feed(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.text += " "

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style" and "{" in data:
            self.style += data
        else:
            self.text += data


@pytest.fixture(scope="module")
def ashby() -> Assessment:
    """The shipped invented case, by the evaluator alone: what is shown does not depend on which engine ran."""
    return open_case(EXAMPLES / "ashby.yaml", engine="bits")


def every_answer(asked: Assessment) -> dict[str, Account]:
    """An answer of each kind."""
    carden = open_case(EXAMPLES / "carden.yaml", engine="bits")
    return {
        "assess": overview(asked), "why": why(asked), "why-not": why_not(asked, ("mechanism", "capacity-spiral")),
        "what-if": what_if(*suppose(asked, ["director_changes=0"])), "levers": levers(asked, ("result", asked.result)),
        "timeline": timeline(over_time(asked, "before", "all")), "compare": compare(asked, carden),
        "enquire": enquire(asked), "fragile": fragile(asked), "trace": trace(asked),
    }


def test_every_answer_shows_itself_in_the_words_of_the_command_line(ashby: Assessment) -> None:
    for name, account in every_answer(ashby).items():
        shown = Shown(account._repr_html_())
        assert re.findall(r"\w+", shown.text) == re.findall(r"\w+", render(account)), name
        assert shown.tags <= HARMLESS, name
        assert shown.attributes <= {"class"}, name


def test_what_is_shown_has_its_own_style_and_asks_for_nothing(ashby: Assessment) -> None:
    style = Shown(why(ashby)._repr_html_()).style
    selectors = [one.strip() for rule in re.findall(r"([^{}]+)\{", style) for one in rule.split(",")]
    assert selectors
    assert all(one.startswith(".sigrisk") for one in selectors)
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"(?<!-)\bcolor:", style), "text has the colour of the notebook, light or dark"


def hostile(account: Account) -> Account:
    """The same with marks that mean something to HTML in its texts."""
    told = tuple(line._replace(title=HOSTILE, text=HOSTILE, small=(HOSTILE,), quoted=(HOSTILE,))
                 for line in account.chain)
    return account._replace(heading=HOSTILE, answer=HOSTILE, sentence=HOSTILE, facts=(HOSTILE,), chain=told)


def test_text_with_html_in_it_appears_as_text(ashby: Assessment) -> None:
    shown = Shown(hostile(why(ashby))._repr_html_())
    assert shown.tags <= HARMLESS - {"pre"}
    assert shown.attributes == {"class"}
    assert shown.text.count(HOSTILE) == 4 + 4 * len(why(ashby).chain)


def test_without_the_extra_for_pages_it_shows_its_text(ashby: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in ("web", "jinja2")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    account = hostile(why(ashby))
    assert account._repr_html_() == f"<pre>{html.escape(render(account))}</pre>"


def test_a_picture_shows_itself_and_one_page_may_hold_several(ashby: Assessment) -> None:
    first = picture(why(ashby), ashby)._repr_svg_()
    second = picture(why(ashby, ("signature", "A1")), ashby)._repr_svg_()
    assert first is not None
    assert second is not None
    names = [re.findall(r'<(?:title|desc) id="([^"]+)"', svg) for svg in (first, second)]
    assert [len(some) for some in names] == [2, 2]
    assert not set(names[0]) & set(names[1])
    assert f'aria-labelledby="{" ".join(names[0])}"' in first
    assert first.startswith("<svg ")


def test_where_no_picture_can_be_drawn_its_title_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    shown, _ = DisplayFormatter().format(Drawing("digraph {}", "What led to it", "said"))
    assert shown == {"text/plain": "What led to it"}


def test_ipython_shows_the_text_beside_the_page(ashby: Assessment) -> None:
    shown, _ = DisplayFormatter().format(why(ashby))
    assert set(shown) == {"text/plain", "text/html"}
    assert shown["text/plain"] + "\n" == render(why(ashby))


def test_a_case_is_opened_as_the_command_line_opens_it(ashby: Assessment) -> None:
    assert ashby.as_at.isoformat() == "2025-05-20"
    assert str(open_case(str(EXAMPLES / "ashby.yaml"), "2025-03-31", engine="bits").as_at) == "2025-03-31"


@pytest.mark.parametrize(("name", "day", "told"), [
    ("ashby.yaml", "20 May", "'20 May' is not a date; write it as 2018-11-30"),
    ("ashby.yaml", "1999-01-01", "nothing on Ashby was public by 1999-01-01: ask for 2023-12-14 or later"),
    ("nowhere.yaml", None, "examples/nowhere.yaml"),
])
def test_what_cannot_be_opened_is_told_in_one_line(name: str, day: str | None, told: str) -> None:
    with pytest.raises(Unasked) as wrong:
        open_case(EXAMPLES / name, day)
    assert told in str(wrong.value.args[0])


def test_a_word_that_nothing_is_called_by_is_told_in_one_line(ashby: Assessment) -> None:
    with pytest.raises(Unasked, match="director_changes"):
        suppose(ashby, unset=["director_chnges"])


# the notebook of docs


def executed() -> Any:
    """The notebook run from its first cell to its last, in a kernel of its own, with nothing of that run in it."""
    book = nbformat.read(NOTEBOOK, 4)
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3", record_timing=False,
                            resources={"metadata": {"path": str(ROOT)}}).execute()
    for cell in book.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
            for output in cell.outputs:
                output.execution_count = None
    book.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                     "language_info": {"name": "python"}}
    return book


def held_to(book: Any) -> list[Any]:
    """What a notebook is held to: its words; not the lines of pictures, nor which engine ran."""
    return [[_comparable(output) for output in cell.outputs] for cell in book.cells if cell.cell_type == "code"]


def _comparable(output: Any) -> Any:
    if output.output_type != "execute_result":
        return dict(output)
    told = dict(output.data)
    if "image/svg+xml" in told:
        told["image/svg+xml"] = re.findall(r"<(?:title|desc)[^>]*>([^<]*)<", "".join(told["image/svg+xml"]))[:2]
    for form, end in (("text/plain", "\n\n"), ("text/html", "<")):
        told[form] = re.sub(rf"(?s)Worked out by.*?{end}", end, "".join(told.get(form, "")))
    return told


def test_the_notebook_is_as_it_would_run_now(request: pytest.FixtureRequest) -> None:
    made = executed()
    if request.config.getoption("--update"):
        nbformat.write(made, NOTEBOOK)
    kept = nbformat.read(NOTEBOOK, 4)
    assert held_to(kept) == held_to(made), "stale: run pytest tests/test_notebook.py --update"
    outputs = [output for cell in kept.cells if cell.cell_type == "code" for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"execute_result"}, "nothing went wrong, nothing was warned of"
    assert sum("image/svg+xml" in output.data for output in outputs) == 2


def test_the_notebook_holds_nothing_of_the_run_that_made_it() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert not re.search(r'"execution_count": \d|/home/|/tmp/|/Users/|iopub', text)
