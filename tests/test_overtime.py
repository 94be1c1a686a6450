"""Over time and side by side: every change told is re-assessed, nothing changes on other days, and both read well."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from click.testing import CliRunner

from cli import sigrisk
from engine.assess import Asked, Assessor
from explain.account import Account, Line, walk
from explain.compare import ALIKE, compare
from explain.moments import Course, Moment, Standing, courses, standings
from explain.render.as_json import render as as_json
from explain.render.markdown import escaped
from explain.render.markdown import render as as_markdown
from explain.render.text import render
from explain.timeline import HINDSIGHT, follow, kept, timeline
from explain.tipping import Tipping
from kb.dossier import Case, Hindsight, Observation
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from tests.test_words import never, sentences

Hold = Callable[[str, str], None]
DAY = timedelta(days=1)
BOTH = tuple(HINDSIGHT)
THEN, LATER = date(2018, 10, 31), date(2018, 11, 30)
BEYOND = timedelta(days=800)


@pytest.fixture(scope="module")
def alone(knowledge: Knowledge) -> Assessor:
    """The evaluator alone, for thousands of days."""
    return Assessor(knowledge, "bits")


@pytest.fixture(scope="module")
def told(alone: Assessor, cases: dict[str, Case]) -> list[tuple[Case, tuple[Observation, ...], Course]]:
    """Every case on both holdings, until most of what is held has gone out of date."""
    found = []
    for case in cases.values():
        held = [kept(case.observations, name) for name in BOTH]
        found += [(case, some, course) for some, course in zip(
            held, courses(alone, case, held, last(case) + BEYOND), strict=True)]
    return found


def last(case: Case) -> date:
    assert case.latest_known is not None
    return case.latest_known


def assessed(alone: Assessor, case: Case, days: Sequence[date], held: Sequence[Observation],
             ) -> list[dict[tuple[str, str], Standing]]:
    """How everything stands on each of some days."""
    return [standings(found) for found in alone.assess_all([Asked(case, day, held) for day in days])]


def lines_of(account: Account) -> list[Line]:
    return [line for top in account.chain for line in walk(top)]


# Every change told is one, and nothing else is


def test_every_change_is_one_when_the_day_before_and_the_day_itself_are_assessed(
        told: list[tuple[Case, tuple[Observation, ...], Course]], alone: Assessor) -> None:
    assert sum(len(course.moments) for _, _, course in told) > 200
    for case, held, course in told:
        days = [day for moment in course.moments for day in (moment.day - DAY, moment.day)]
        found = assessed(alone, case, days, held)
        for moment, before, now in zip(course.moments, found[::2], found[1::2], strict=True):
            assert tuple(thing for thing in now if now[thing] != before[thing]) == moment.changed, moment.day


def test_on_no_other_day_does_anything_change(alone: Assessor, cases: dict[str, Case]) -> None:
    """Every single day of one case from the first document on; the test below looks at days of all of them."""
    case = cases["ashby"]
    (course,) = courses(alone, case, [case.observations], last(case) + BEYOND)
    first = min(o.known for o in case.observations)
    days = [first + timedelta(days=i) for i in range(-1, (last(case) + BEYOND - first).days + 1)]
    found = assessed(alone, case, days, case.observations)
    changed = [day for day, (before, now) in zip(days[1:], pairwise(found), strict=True) if before != now]
    assert changed == [moment.day for moment in course.moments]


def test_between_two_moments_everything_stands_as_the_first_left_it(
        told: list[tuple[Case, tuple[Observation, ...], Course]], alone: Assessor) -> None:
    for case, held, course in told:
        for moment, following in pairwise(course.moments[::4]):
            middle = moment.day + (following.day - moment.day) / 2
            latest = [m for m in course.moments if m.day <= middle][-1]
            (found,) = assessed(alone, case, [middle], held)
            assert found == standings(latest.now), middle


# What tipped it


def test_every_change_says_what_tipped_it(told: list[tuple[Case, tuple[Observation, ...], Course]]) -> None:
    for case, _, course in told:
        for moment in course.moments[::3]:
            tipping = Tipping(moment)
            assert all(tipping.tips(thing) for thing in moment.changed), f"{case.id} {moment.day}"


def test_without_what_tipped_it_there_is_no_such_change(
        told: list[tuple[Case, tuple[Observation, ...], Course]], alone: Assessor) -> None:
    """Where only what became public that day is named, leaving that out leaves the day without the change."""
    checked = 0
    for case, held, course in told:
        asked = [(moment, thing, left_out) for moment in course.moments[::3] for thing, left_out in named(moment)]
        found = alone.assess_all([Asked(case, moment.day, [o for o in held if o not in left_out])
                                  for moment, _, left_out in asked])
        for (moment, thing, _), without in zip(asked, found, strict=True):
            checked += 1
            assert standings(without)[thing] != standings(moment.now)[thing], f"{case.id} {moment.day} {thing}"
    assert checked > 50


def named(moment: Moment) -> list[tuple[tuple[str, str], list[Observation]]]:
    """Each thing that only new evidence tipped, with that evidence."""
    tipping = Tipping(moment)
    tips = [(thing, tipping.tips(thing)) for thing in moment.changed]
    return [(thing, [tip.observation for tip in some]) for thing, some in tips
            if {tip.how for tip in some} == {"became public"}]


def test_what_expired_is_said(alone: Assessor, cases: dict[str, Case]) -> None:
    text = render(timeline(follow(alone, cases["northamptonshire"], last(cases["northamptonshire"]))))
    section = text[text.index("- 19 January 2019"):]
    assert "Watch [overall result]\n    before: Priority line of enquiry\n    - went out of date:" in section


# Hindsight


def test_before_a_judgement_nothing_said_later_is_told(alone: Assessor, cases: dict[str, Case]) -> None:
    for case in [cases[name] for name in ("bradford-2022", "derbyshire", "northamptonshire")]:
        held = kept(case.observations, "before")
        assert all(o.hindsight in (None, Hindsight.BEFORE, Hindsight.NUMBER) for o in held)
        account = timeline(follow(alone, case, last(case), ("before",), case.observations))
        places = {line.place for line in lines_of(account) if line.role == "observation"}
        assert places <= {o.place for o in held}


def test_both_holdings_stand_side_by_side(alone: Assessor, cases: dict[str, Case]) -> None:
    case = cases["northamptonshire"]
    both = timeline(follow(alone, case, last(case), BOTH))
    titles = {line.title for line in lines_of(both)}
    assert set(HINDSIGHT.values()) <= titles
    days = {line.title for name in BOTH for line in timeline(follow(alone, case, last(case), (name,))).chain[1:]}
    assert {line.title for line in both.chain[1:]} == days


# Compare


def test_a_case_beside_itself_has_no_difference(alone: Assessor, cases: dict[str, Case]) -> None:
    for case in cases.values():
        found = alone.assess(case, last(case))
        assert [line.title for line in compare(found, found).chain] == [ALIKE]


def test_what_is_said_to_differ_is_all_that_differs(alone: Assessor, cases: dict[str, Case]) -> None:
    found = alone.assess_all([Asked(case, last(case)) for case in cases.values()])
    for left, right in pairwise(found):
        account = compare(left, right)
        one, other = standings(left), standings(right)
        ids = {line.id for line in lines_of(account) if line.role == "difference" and line.id}
        assert ids == {thing[1] for thing in one if one[thing] != other[thing] and thing[1]}


def test_the_two_sides_may_be_given_in_either_order(alone: Assessor, cases: dict[str, Case]) -> None:
    left, right = alone.assess_all([Asked(cases[name], last(cases[name])) for name in ("ashby", "carden")])
    titles = [[(line.role, line.title) for line in lines_of(account) if line.role in ("period", "difference")]
              for account in (compare(left, right), compare(right, left))]
    assert titles[0] == titles[1]


def test_within_a_level_the_order_is_that_of_names(alone: Assessor, cases: dict[str, Case]) -> None:
    left, right = alone.assess_all([Asked(cases[name], last(cases[name])) for name in ("croydon", "essex")])
    for period in compare(left, right).chain:
        titles = [line.title.casefold() for line in period.children]
        assert titles == sorted(titles)


def test_the_first_divergence_leads_to_the_result(alone: Assessor, cases: dict[str, Case]) -> None:
    """With the observations of the tests named there taken away, the later result is the earlier one's."""
    case = cases["northamptonshire"]
    left, right = alone.assess_all([Asked(case, THEN), Asked(case, LATER)])
    first = compare(left, right).chain[0]
    places = {line.place for line in walk(first) if line.role == "observation"}
    without = alone.assess(case, LATER, [o for o in case.observations if o.place not in places])
    assert (left.result, without.result) == (left.result, left.result) != (right.result, right.result)


# How it reads


@pytest.fixture(scope="module")
def accounts(alone: Assessor, cases: dict[str, Case]) -> list[Account]:
    """Every case over time, and beside the next one."""
    found = alone.assess_all([Asked(case, last(case)) for case in cases.values()])
    return [*(timeline(follow(alone, case, last(case))) for case in cases.values()),
            *(compare(left, right) for left, right in pairwise(found))]


def test_no_word_that_is_never_said_is_used(accounts: list[Account], knowledge: Knowledge) -> None:
    pattern = never(knowledge)
    seed = re.compile("|".join(re.escape(s.label) for s in knowledge.vocabulary.signatures.values()))
    for account in accounts:
        for text in sentences(account):
            assert not pattern.search(seed.sub("", text)), text


def test_the_order_of_observations_changes_no_byte(alone: Assessor, cases: dict[str, Case]) -> None:
    case = cases["herefordshire"]
    turned = case._replace(observations=case.observations[::-1])
    pairs = [alone.assess_all([Asked(one, date(2018, 3, 1)), Asked(one, last(case))]) for one in (case, turned)]
    told = [(timeline(follow(alone, one, last(case))), compare(*pair))
            for one, pair in zip((case, turned), pairs, strict=True)]
    for write in (render, as_json, as_markdown):
        assert [write(account) for account in told[0]] == [write(account) for account in told[1]]


@pytest.mark.parametrize("text", [
    "# not a heading", "- not an item", "1. not a list", "<script>alert(1)</script>", "[a](http://x.y) ![b](c)",
    "`code` *bold* _it_ ~~gone~~", "a | b", "&amp; &lt;", "line\nbreak\r\n# heading", "\\", "===", "$x$", "www.a.b"])
def test_text_from_files_is_data_in_markdown(text: str, accounts: list[Account]) -> None:
    hostile = Line("note", text, text=text, quoted=(text,), small=(text,), children=(Line("note", text),))
    page = as_markdown(accounts[0]._replace(heading=text, facts=(text,), chain=(hostile,)))
    assert not re.search(r"(?<!\\)[<\[|$~]|(?<!\\)!\[", page)
    assert len(re.findall(r"^#", page, re.MULTILINE)) == 3
    assert not re.search(r"^\s*(?:- )?(?:\d+\.|=+|- -)", page, re.MULTILINE)
    assert re.sub(r"&#(\d+);", lambda c: chr(int(c[1])), re.sub(r"\\([\W_])", r"\1", escaped(text))).replace(
        "\u200b", "") == " ".join(text.split())


def test_markdown_says_every_line(accounts: list[Account]) -> None:
    for account in accounts:
        page = as_markdown(account)
        assert page.endswith("\n")
        assert all(escaped(line.title) in page for line in lines_of(account) if not line.shown_above)


@pytest.mark.parametrize("name", ["ashby", "northamptonshire"])
def test_a_timeline_in_text(name: str, assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    golden(f"timeline-{name}.txt", render(timeline(follow(assessor, cases[name], last(cases[name])))))


def test_both_holdings_in_markdown(assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    case = cases["herefordshire"]
    golden("timeline-herefordshire-both.md", as_markdown(timeline(follow(assessor, case, last(case), BOTH))))


def test_one_case_at_two_dates_in_text(assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    case = cases["northamptonshire"]
    left, right = assessor.assess_all([Asked(case, THEN), Asked(case, LATER)])
    golden("compare-northamptonshire-2018-10-31-2018-11-30.txt", render(compare(left, right)))


def test_two_cases_in_markdown(assessor: Assessor, cases: dict[str, Case], golden: Hold) -> None:
    left, right = assessor.assess_all([Asked(cases[name], last(cases[name])) for name in ("ashby", "carden")])
    golden("compare-ashby-carden.md", as_markdown(compare(left, right)))


# The commands


def ran(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(sigrisk, words)
    return done.exit_code, done.output


def test_the_commands_answer_in_every_format() -> None:
    ashby, carden = str(EXAMPLES / "ashby.yaml"), str(EXAMPLES / "carden.yaml")
    for words in (("timeline", ashby, "--hindsight", "both"), ("compare", ashby, carden)):
        code, text = ran(*words)
        assert (code, text[:5]) == (0, "Ashby")
        assert ran(*words, "--format", "markdown")[1].startswith("# Ashby")
        assert json.loads(ran(*words, "--format", "json")[1])["chain"]
    twice = ran("timeline", ashby, "--hindsight", "before", "--hindsight", "all")
    assert twice == ran("timeline", ashby, "--hindsight", "both")


@pytest.mark.parametrize(("words", "said"), [
    (("compare", "ashby"), "one case is compared at two dates"),
    (("compare", "ashby", "--as-at", "2025-01-31"), "one case is compared at two dates"),
    (("compare", "ashby", "carden", "essex"), "was given 3 cases"),
    (("compare", "ashby", "--as-at", "2025-01-31", "--as-at", "2025-02-28", "--as-at", "2025-03-31"), "given 3 dates"),
    (("timeline", "ashby", "--as-at", "soon"), "'soon' is not a date"),
    (("timeline", "ashby", "--hindsight", "later"), "'later' is not one of"),
])
def test_a_bad_question_gets_one_clear_line(words: tuple[str, ...], said: str) -> None:
    files = [str(EXAMPLES / f"{word}.yaml") if (EXAMPLES / f"{word}.yaml").is_file() else word for word in words]
    code, text = ran(*files)
    assert code == 2
    assert said in text
    assert "Traceback" not in text
