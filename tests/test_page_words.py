"""What the page says of a supposition is what the command line says; what it draws is what the pages' writer draws."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.assess import Asked, Assessment, Assessor
from engine.supposing import before_and_after
from explain.account import Account, Line
from explain.moments import courses
from explain.switches import Option
from explain.whatif import Supposed, heads, what_if
from explain.words import stood
from kb.dossier import Case
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from tests.test_page_evaluator import NODE
from web.chain import graph, layout, standing
from web.pagedata import Page

SCRIPT = Path(__file__).with_name("supposing_in_node.js")
CASES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
WHOLE = ("ashby", "herefordshire")
"""The cases of which every option of every switch is supposed; of the others some, always the same ones."""
SOME, TOGETHER = 30, 15
pytestmark = pytest.mark.skipif(NODE is None, reason="no node is here")


@pytest.fixture(scope="module")
def bits(knowledge: Knowledge) -> Assessor:
    return Assessor(knowledge, "bits")


def in_javascript(sent: dict[str, Any]) -> dict[str, Any]:
    assert NODE is not None
    done = subprocess.run([NODE, str(SCRIPT)], input=json.dumps(sent) + "\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def page_of(bits: Assessor, case: Case) -> Page:
    """The page of a case as at its last day, with the days on which something changed."""
    assert case.latest_known is not None
    (course,) = courses(bits, case, [case.observations], case.latest_known)
    return Page(bits.assess(case, case.latest_known), course.moments)


def on_the_command_line(page: Page, bits: Assessor, options: list[Option]) -> Account:
    """What `what-if` answers where all of these are supposed."""
    it = page.it
    added = [o for option in options for o in option.supposed.added]
    gone = [o for option in options for o in option.supposed.gone]
    then = [*(o for o in it.case.observations if o not in gone), *added]
    before, after = before_and_after(bits, Asked(it.case, it.as_at), then)
    return what_if(before, after, Supposed(added=added, gone=gone))


def line(told: Line) -> dict[str, Any]:
    return {"title": told.title, "text": told.text, "small": list(told.small), "quoted": "".join(told.quoted),
            "lines": [line(below) for below in told.children]}


def without_head(told: dict[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in told.items() if key != "head"},
            "lines": [without_head(below) for below in told["lines"]]}


def chosen(page: Page) -> list[dict[int, int]]:
    """Options of switches by themselves, and some of two switches together."""
    alone = [{at: n} for at, switch in enumerate(page.switches) for n in range(len(switch.options))]
    rng = random.Random(page.it.case.id)
    pairs = [{**rng.choice(alone), **rng.choice(alone)} for _ in range(TOGETHER)]
    return [*(alone if page.it.case.id in WHOLE else rng.sample(alone, SOME)), *pairs]


@pytest.mark.parametrize("id", CASES)
def test_the_same_question_gives_the_same_words_and_the_same_picture(
        bits: Assessor, cases: dict[str, Case], id: str) -> None:
    page = page_of(bits, cases[id])
    asked, roots = chosen(page), every_root(page.it)
    rows = {f"{sort}{at}": 2 + at % 4 for sort, many in (("h", page.on.heads), ("t", page.on.tests))
            for at in range(len(many))}
    found = in_javascript({"data": page.data(), "chosen": asked, "rows": rows, "roots": [
        [page.heads[head] for head in some] for some in roots]})
    for some, told in zip(asked, found["told"], strict=True):
        options = [page.switches[at].options[n] for at, n in some.items()]
        account = on_the_command_line(page, bits, options)
        assert told["answer"] == account.answer
        assert told["facts"] == list(account.facts[:-1])  # the last says which engine ran
        groups = [{"title": group.title, "lines": [line(one) for one in group.children]} for group in account.chain]
        assert [{**group, "lines": [*map(without_head, group["lines"])]} for group in told["groups"]] == groups
    ordinal = {key: (0 if key[0] == "h" else 1000) + int(key[1:]) for key in rows}
    for some, drawn in zip(roots, found["drawn"], strict=True):
        ours = layout(graph(page.it, page.on, some), rows, ordinal)
        assert [[c["key"], c["x"], c["y"], c["height"]] for c in drawn["cards"]] == [list(c) for c in ours.cards]
        assert [[tuple(o["ends"]), o["path"], o["looks"]] for o in drawn["lines"]] == [list(o) for o in ours.lines]


def every_root(it: Assessment) -> list[list[tuple[str, str]]]:
    """The picture with which the page opens, then that of every signature and conclusion."""
    return [standing(it), *([head] for head in heads(it)), *([("result", id)] for id in it.knowledge.results())]


@pytest.mark.parametrize("id", CASES)
def test_every_day_of_the_slider_is_what_the_engine_says(bits: Assessor, cases: dict[str, Case], id: str) -> None:
    page = page_of(bits, cases[id])
    found = in_javascript({"data": page.data(), "chosen": [], "rows": {}, "roots": []})
    assessments = [*(moment.now for moment in page.moments), page.it]
    for it, told in zip(assessments, found["days"], strict=True):
        assert told["results"] == [page.heads["result", id] for id in (it.result, *it.contested_results)]
        assert told["stood"] == [stood(kind, it.head_state(kind, id), it.level(kind, id) or "")
                                 for kind, id in heads(page.it)]
        assert told["values"] == page.values(it.looking, range(len(page.on.tests))) | {
            at: "" for at in told["values"] if told["values"][at] == ""}
