"""Pictures: everything told is drawn or counted, suppositions never look like evidence, hostile text stays text."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.assess import Asked, Assessment, Assessor
from engine.supposing import before_and_after
from explain import words
from explain.account import Account, walk
from explain.answer import why
from explain.compare import Pair, compare
from explain.grid import columns_of, of_days, of_pair
from explain.opened import CARDS, RULES, opened
from explain.render import compared, missed, overtime, picture, supposed
from explain.render.cards import Row, card
from explain.render.drawing import Drawing, described, drawn
from explain.timeline import HINDSIGHT, follow, timeline
from explain.whatif import Supposed, changes, heads, what_if
from explain.whynot import why_not
from kb.dossier import Case
from kb.knowledge import Knowledge
from kb.model import State
from kb.suppositions import read_supposition, suppose

Hold = Callable[[str, str], None]
HOSTILE = '<script>alert("x")</script> ]]> \\N \\l & \'\x00\n<!-- --> =1+1'
SVG = "{http://www.w3.org/2000/svg}"
SUPPOSITIONS = (
    ("ashby", "2025-05-20", (), ("director_changes",)),
    ("northamptonshire", "2018-10-31", ("A2=present",), ()),
    ("herefordshire", "2022-09-21", (), ("A2",)),
    ("oakshire", "2025-06-19", ("director_changes=2", "A3=strong"), ()),
    ("croydon", "2020-02-03", ("average_caseload=25",), ()),
)
SIDES = (
    ("ashby", "2025-05-20", "carden", "2025-05-20"),
    ("northamptonshire", "2018-10-31", "northamptonshire", "2018-11-30"),
    ("herefordshire", "2022-09-21", "derbyshire", "2019-09-30"),
    ("croydon", "2020-02-03", "oakshire", "2025-06-19"),
)


@pytest.fixture(scope="module")
def bits(knowledge: Knowledge) -> Assessor:
    """The evaluator alone: pictures do not depend on which engine ran."""
    return Assessor(knowledge, "bits")


def of_what_if(bits: Assessor, case: Case, day: str, sets: Sequence[str], unsets: Sequence[str],
               ) -> tuple[Assessment, Assessment, Supposed, Account]:
    read, problems = read_supposition(sets, unsets, bits.knowledge, date.fromisoformat(day))
    assert problems == ()
    held = list(case.observations)
    after, gone = suppose(held, read, bits.knowledge.vocabulary)
    asked = Asked(case, date.fromisoformat(day), held)
    before, then = before_and_after(bits, asked, after, read.given)
    what = Supposed(read.given, [o for o in after if o not in set(held)],
                    [o for o in gone if o.known <= asked.as_at])
    return before, then, what, what_if(before, then, what)


def drawn_what_if(bits: Assessor, case: Case, day: str, sets: Sequence[str], unsets: Sequence[str]) -> Drawing:
    before, after, what, account = of_what_if(bits, case, day, sets, unsets)
    return supposed.picture(account, before, after, what)


def drawn_timeline(bits: Assessor, case: Case, until: str, hindsight: Sequence[str] = ("all",)) -> Drawing:
    followed = follow(bits, case, date.fromisoformat(until), hindsight)
    return overtime.picture(timeline(followed), followed)


def drawn_why_not(bits: Assessor, case: Case, day: str, target: tuple[str, str]) -> Drawing:
    it = bits.assess(case, date.fromisoformat(day))
    return missed.picture(why_not(it, target), it, target)


def pair_of(bits: Assessor, left: Case, first: str, right: Case, second: str) -> Pair:
    return Pair(*bits.assess_all([Asked(left, date.fromisoformat(first)), Asked(right, date.fromisoformat(second))]))


def drawn_compare(pair: Pair) -> Drawing:
    return compared.picture(compare(*pair), pair)


def all_of(bits: Assessor, case: Case) -> Iterator[Drawing]:
    """One case in every picture there is."""
    day = max(o.known for o in case.observations).isoformat()
    it = bits.assess(case, date.fromisoformat(day))
    yield picture.picture(why(it), it)
    yield drawn_why_not(bits, case, day, ("signature", "A3"))
    yield drawn_why_not(bits, case, day, ("mechanism", "churn-under-cuts"))
    yield drawn_what_if(bits, case, day, ("A2=present",), ())
    yield drawn_timeline(bits, case, day, tuple(HINDSIGHT))
    yield drawn_compare(pair_of(bits, case, "2018-10-31", case, day))


def text_of(drawing: Drawing) -> str:
    """The words of a drawing as they are read: without markup, and with its lines joined."""
    plain = re.sub(r"</TR>|</TD>", "\n", re.sub(r'<BR(?: ALIGN="LEFT")?/>', " ", drawing.source))
    return html.unescape(re.sub(r"<[^<>]*>", "", plain))


# everything told is drawn or counted


@pytest.mark.parametrize(("name", "day", "sets", "unsets"), SUPPOSITIONS)
def test_every_change_has_a_card_or_is_counted(name: str, day: str, sets: tuple[str, ...], unsets: tuple[str, ...],
                                               bits: Assessor, cases: dict[str, Case]) -> None:
    before, after, what, account = of_what_if(bits, cases[name], day, sets, unsets)
    drawing = supposed.picture(account, before, after, what)
    text, found = text_of(drawing), changes(before, after)
    counted = re.search(r"present on neither side \((\d+)\)", drawing.description)
    told = re.findall(r"(?:appears|goes|changes): ", text)
    given = {(one.kind, one.id) for one in what.given}
    marked = [change for change in found if (change.kind, change.id) not in given]
    assert len(told) + (int(counted[1]) if counted else 0) == len(marked)
    for line in (inner for top in account.chain[1:] for inner in top.children if not counted):
        assert line.title in text, line.title


@pytest.mark.parametrize(("name", "first", "other", "second"), SIDES)
def test_every_difference_has_a_card_or_is_counted(name: str, first: str, other: str, second: str, bits: Assessor,
                                                   cases: dict[str, Case]) -> None:
    pair = pair_of(bits, cases[name], first, cases[other], second)
    account, drawing = compare(*pair), drawn_compare(pair)
    text = text_of(drawing)
    lines = [line for top in account.chain for line in top.children if line.role == "difference"]
    tests = [line for line in lines if line.about]
    concluded = [line for line in lines if line.id]
    drawn_first = text.count(compared.MARK + "\n")
    named = re.search(r"Also in the first divergence \((\d+)\)", text)
    assert drawn_first == min(len(tests), compared.FIRST_DRAWN)
    assert named or len({line.title for line in tests}) <= drawn_first
    undrawn = [line.title for line in concluded if f"{line.title}\n" not in text]
    counted = re.search(r"present on neither side \((\d+)\)", text)
    assert len(undrawn) == (int(counted[1]) if counted else 0)


@pytest.mark.parametrize("name", ["derbyshire", "ashby", "northamptonshire", "croydon", "oakshire"])
def test_every_rule_that_could_give_it_is_drawn_or_counted(name: str, bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases[name]
    assert case.latest_known
    it = bits.assess(case, case.latest_known)
    for target in (*heads(it), *(("result", id) for id in it.knowledge.results())):
        account = why_not(it, target)
        found, text = opened(account), text_of(missed.picture(account, it, target))
        assert len(found.cards) <= CARDS or len(found.ends) == 1
        assert 1 <= len(found.ends) <= RULES
        assert len(found.ends) + found.left_out == len(account.chain)
        assert (words.count_of(found.left_out, "more rule") in text) is bool(found.left_out)
        for line in account.chain[:len(found.ends)]:
            assert all(word in text for word in line.title.split())


def test_what_is_below_the_edge_of_the_page_is_counted(bits: Assessor, cases: dict[str, Case]) -> None:
    drawing = drawn_why_not(bits, cases["northamptonshire"], "2018-10-31", ("result", "priority-line-of-enquiry"))
    assert re.search(r"Told in the text: .*with \d+ more below", text_of(drawing))


@pytest.mark.parametrize("name", ["ashby", "croydon", "herefordshire"])
def test_every_conclusion_has_a_row_or_is_counted(name: str, bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases[name]
    assert case.latest_known
    followed = follow(bits, case, case.latest_known, tuple(HINDSIGHT))
    things = 1 + sum(kind != "result" for kind, _ in bits.knowledge.conclusions())
    text = text_of(overtime.picture(timeline(followed), followed))
    for grid in of_days(followed, columns_of(followed)):
        counted = [int(number) for line in grid.below for number in re.findall(r"\((\d+)\):|column: (\d+) of", line)
                   for number in number if number]
        assert len(grid.rows) + sum(counted) == things
        for row in grid.rows:
            assert row.title.split(" (")[0].split()[0] in text


# suppositions never look like evidence


def test_what_is_supposed_is_marked_in_words_and_in_its_frame(bits: Assessor, cases: dict[str, Case]) -> None:
    source = drawn_what_if(bits, cases["oakshire"], "2025-06-19", ("director_changes=2", "A3=strong"), ()).source
    cards = [line for line in source.splitlines() if re.match(r"\s+n\d+ \[label", line)]
    dotted = [line for line in cards if 'STYLE="ROUNDED,DOTTED"' in line]
    assert len(dotted) == 2
    assert all("supposed, " in line for line in dotted)
    assert all("a supposition, not" not in line for line in cards if line not in dotted)


def test_what_is_supposed_rests_on_no_evidence(bits: Assessor, cases: dict[str, Case]) -> None:
    """A signature that is supposed stands as supposed, and no whole line leads to it."""
    drawing = drawn_what_if(bits, cases["herefordshire"], "2022-09-21", (), ("A2",))
    (name,) = re.findall(r"(n\d+) \[label=<<TABLE[^\n]*whatever the evidence says", drawing.source)
    into = re.findall(rf"n[1-9]\d* -> {name} \[([^\]]*)\]", drawing.source)
    assert into
    assert all("style=dashed" in edge for edge in into)
    assert "signature: not known" in text_of(drawing)


# over time


def test_a_judgement_is_marked_only_once_it_is_known(bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases["herefordshire"]
    published = min(outcome.published for outcome in case.outcomes)
    before = drawn_timeline(bits, case, (published.replace(day=published.day - 1)).isoformat())
    on_the_day = drawn_timeline(bits, case, published.isoformat())
    assert "udged" not in before.source
    assert overtime.JUDGED.split(":")[0] in text_of(on_the_day)
    assert "Judged, published 21 September 2022" in text_of(on_the_day)


def test_a_long_course_is_drawn_in_blocks_of_days(bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases["croydon"]
    assert case.latest_known
    followed = follow(bits, case, case.latest_known)
    assert len(columns_of(followed)) > overtime.COLUMNS
    source = overtime.picture(timeline(followed), followed).source
    assert source.count("Overall result") == 2


def test_what_is_contested_has_a_dashed_frame_and_says_so(bits: Assessor, cases: dict[str, Case]) -> None:
    case, day = cases["oakshire"], date(2025, 6, 19)
    read, _ = read_supposition(("director_changes=2",), (), bits.knowledge, day)
    held, _ = suppose(list(case.observations), read, bits.knowledge.vocabulary)
    followed = follow(bits, case, day, ("all",), held)
    source = overtime.picture(timeline(followed), followed).source
    (row,) = re.findall(r"<TR>(?:(?!<TR>).)*A2 Turnover(?:(?!</TR>).)*</TR>", source)
    assert re.search(r'<TD BORDER="2" STYLE="DASHED"[^>]*>(?:(?!</TD>).)*contested', row)


# hostile text


def hostile(case: Case) -> Case:
    """The same case with marks that mean something to every format in each of its texts."""
    return case._replace(
        id="evil", authority=HOSTILE, title=HOSTILE,
        observations=tuple(o._replace(note=HOSTILE, body=HOSTILE, citation=o.citation._replace(
            page=HOSTILE, source=o.citation.source._replace(title=HOSTILE, publisher=HOSTILE)))
            for o in case.observations),
        outcomes=tuple(o._replace(words=HOSTILE) for o in case.outcomes))


def test_hostile_text_stays_text_in_every_picture(bits: Assessor, cases: dict[str, Case]) -> None:
    for drawing in all_of(bits, hostile(cases["northamptonshire"])):
        svg = drawn(drawing, "svg")
        assert b"<script" not in svg
        root = ET.fromstring(svg)
        assert not [node for node in root.iter() if "script" in str(node.tag)]
        assert "<script>" in "".join(root.itertext()), "the text itself is shown"


@given(st.text(), st.text())
def test_no_text_breaks_a_card(title: str, said: str) -> None:
    told = card([Row(title, bold=True), Row(said, 9, struck=True)], (said,), {})
    assert "".join(ET.fromstring(told).itertext()).count("<") <= (title + said * 2).count("<")


@given(st.text(), st.text())
def test_no_text_breaks_the_description(title: str, said: str) -> None:
    root = ET.fromstring(described('<svg width="1pt"><title>n1</title>\n<g/></svg>', Drawing("", title, said)))
    assert [node.tag for node in root.iter()] == ["svg", "title", "desc", "g"]


# for those who cannot see it; and the same every time


def test_every_picture_has_a_name_and_a_description(bits: Assessor, cases: dict[str, Case]) -> None:
    for drawing in all_of(bits, cases["ashby"]):
        root = ET.fromstring(drawn(drawing, "svg"))
        assert root.get("role") == "img"
        title, described_by = (root.find(f"{SVG}{tag}") for tag in ("title", "desc"))
        assert title is not None
        assert "Ashby" in str(title.text)
        assert described_by is not None
        assert len(str(described_by.text)) > 200
        assert len(list(root.iter(f"{SVG}title"))) == 1


def test_the_order_of_observations_does_not_show(bits: Assessor, cases: dict[str, Case]) -> None:
    case = cases["northamptonshire"]
    turned = case._replace(observations=case.observations[::-1])
    assert [d.source for d in all_of(bits, case)] == [d.source for d in all_of(bits, turned)]


# as they are


@pytest.mark.parametrize(("name", "day", "id"), [("derbyshire", "2019-09-30", "churn-under-cuts"),
                                                 ("croydon", "2020-02-03", "capacity-spiral")])
def test_why_not_as_drawn(name: str, day: str, id: str, bits: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    golden(f"why-not-{name}-{day}.dot", drawn_why_not(bits, cases[name], day, ("mechanism", id)).source)


@pytest.mark.parametrize(("name", "day", "sets", "unsets"), [SUPPOSITIONS[0], SUPPOSITIONS[2]])
def test_what_if_as_drawn(name: str, day: str, sets: tuple[str, ...], unsets: tuple[str, ...], bits: Assessor,
                          cases: dict[str, Case], golden: Hold) -> None:
    golden(f"what-if-{name}-{day}.dot", drawn_what_if(bits, cases[name], day, sets, unsets).source)


@pytest.mark.parametrize(("name", "until", "hindsight"), [("northamptonshire", "2020-02-29", ("all",)),
                                                          ("herefordshire", "2023-10-31", tuple(HINDSIGHT))])
def test_timeline_as_drawn(name: str, until: str, hindsight: tuple[str, ...], bits: Assessor, cases: dict[str, Case],
                           golden: Hold) -> None:
    golden(f"timeline-{name}.dot", drawn_timeline(bits, cases[name], until, hindsight).source)


@pytest.mark.parametrize(("name", "first", "other", "second"), SIDES[:2])
def test_compare_as_drawn(name: str, first: str, other: str, second: str, bits: Assessor, cases: dict[str, Case],
                          golden: Hold) -> None:
    golden(f"compare-{name}-{other}.dot", drawn_compare(pair_of(bits, cases[name], first, cases[other], second)).source)


def test_a_table_says_of_each_side_what_the_assessments_say(bits: Assessor, cases: dict[str, Case]) -> None:
    pair = pair_of(bits, cases["ashby"], "2025-05-20", cases["carden"], "2025-05-20")
    for row in of_pair(pair).rows[1:]:
        for side, cell in zip(pair, row.cells, strict=True):
            state, level = side.head_state(*row.thing), side.level(*row.thing)
            assert cell.startswith(words.in_short(state, level or ""))
            assert (state is State.NOT_KNOWN) == (cell == "not known")


def test_an_account_of_a_picture_has_what_the_picture_has(bits: Assessor, cases: dict[str, Case]) -> None:
    """The description of the chain names every card that is drawn, and no other thing."""
    it = bits.assess(cases["ashby"], date(2025, 5, 20))
    drawing = picture.picture(why(it), it)
    titles = {line.title for top in why(it).chain for line in walk(top) if line.role == "signature"}
    assert any(title in drawing.description for title in titles)
    assert drawing.source.count("tooltip=") - 1 == drawing.description.split("Cards: ")[1].count("; ") + 1
