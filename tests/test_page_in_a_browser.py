"""The page that travels, in a real browser, from file://: every interaction, by keyboard too, and without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright import sync_api as playwright

from engine.assess import Assessor
from explain.report import report
from explain.timeline import follow
from kb.dossier import Case
from kb.knowledge import Knowledge
from kb.model import NOT_RECORDED
from tests.browser import browser, in_both_themes, needs_a_browser, page, violations
from web.report import report_page

__all__ = ["browser", "page"]
pytestmark = needs_a_browser
Written = Callable[[str, str], str]
CASES = (("northamptonshire", "2018-11-30"), ("ashby", "2025-05-20"), ("croydon", "2020-02-03"))
CARD = "#picture [data-key]"
CHANGES = "section:has(> #chain)"
"""The part of the page that its script changes: picture, what is said of a card, switches, and how each stands."""


@pytest.fixture(scope="module")
def written(knowledge: Knowledge, cases: dict[str, Case], tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The address of the page of a case as at a day; each is written once."""
    folder, bits = tmp_path_factory.mktemp("pages"), Assessor(knowledge, "bits")

    def write(id: str, day: str) -> str:
        file: Path = folder / f"{id}-{day}.html"
        if not file.is_file():
            it = bits.assess(cases[id], date.fromisoformat(day))
            file.write_bytes(report_page(it, report(it), follow(bits, cases[id], it.as_at)))
        return file.as_uri()

    return write


@pytest.fixture
def opened(page: playwright.Page, written: Written) -> playwright.Page:
    """The page of a case whose result puts a question."""
    whole(page, written(*CASES[0]))
    return page


def whole(page: playwright.Page, address: str) -> None:
    """Opens a page, and waits until its controls work and all of it is laid out."""
    page.goto(address)
    page.locator("html.whole").wait_for()


def text(page: playwright.Page, where: str) -> str:
    return " ".join(page.locator(where).inner_text().split())


def supposed(page: playwright.Page, title: str, option: str) -> None:
    """Chooses the first option that begins so, of the switch with that title."""
    select = page.locator("#switches").get_by_label(title, exact=True)
    words = select.locator("option").all_text_contents()
    select.select_option(next(told for told in words if told.startswith(option)))


@pytest.mark.parametrize("width", [320, 1280, 1920])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_the_page_does_not_scroll_sideways(
        page: playwright.Page, written: Written, case: tuple[str, str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    whole(page, written(*case))
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits)
    assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('#standing').parentNode)")
    page.locator(CARD).first.click()
    page.locator("#detail select").first.select_option(index=1)
    page.click("#step")
    assert page.evaluate(fits)
    page.goto(f"{written(*case)}#blind")
    assert page.evaluate(fits)


@pytest.mark.parametrize("case", CASES[:2], ids=lambda case: case[0])
def test_axe_finds_nothing_in_any_state(page: playwright.Page, written: Written, case: tuple[str, str]) -> None:
    """In both themes: the whole page as it opens and without its conclusions, and the part that the script changes."""
    whole(page, written(*case))
    assert in_both_themes(page) == ""
    page.locator(CARD).last.click()
    assert in_both_themes(page, CHANGES) == "", "a conclusion is kept"
    page.keyboard.press("Escape")
    page.locator(CARD).first.click()
    page.locator("#detail select").first.select_option(index=1)
    page.click("#switches summary")
    assert in_both_themes(page, CHANGES) == "", "something is supposed"
    page.click("#back")
    page.fill("#day", "0")
    assert in_both_themes(page, CHANGES) == "", "the day is another"
    page.click("#step")
    page.click("#step-on")
    assert in_both_themes(page, CHANGES) == "", "step by step"
    page.evaluate("document.querySelector('#stepping').append(document.createElement('img'))")
    assert violations(page, CHANGES), "it finds what is there"
    page.goto(f"{written(*case)}#blind")
    assert violations(page) == "", "blind"
    page.emulate_media(color_scheme="dark")
    assert violations(page, "#blind", colours=True) == "", "all else that is shown was there before"
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert violations(page), "it finds what is there"


def test_a_card_says_its_sentence_source_and_rule(opened: playwright.Page) -> None:
    conclusion = opened.locator(CARD).filter(has_text="Leading the service")
    conclusion.hover()
    told = text(opened, "#detail")
    assert told.startswith("Leading the service picture: present (high)")
    assert "By the rule: " in told
    assert "rules/pictures/leading-the-service.yaml:" in told
    assert "Who can act: " in told
    opened.locator(CARD).filter(has_text="vacancy rate").hover()
    told = text(opened, "#detail")
    assert told.startswith("vacancy rate: 52.8 per cent met; the test: ")
    assert "source: Children's social work workforce (figures for each authority, 2017 to 2025)" in told
    assert "public by 28 February 2018" in told


def test_a_card_that_is_kept_shows_its_routes(opened: playwright.Page) -> None:
    card = opened.locator(CARD).filter(has_text="Leading the service")
    card.click()
    assert card.get_attribute("aria-pressed") == "true"
    on = opened.locator(f"{CARD}.on").all_text_contents()
    assert 3 < len(on) < opened.locator(CARD).count()
    opened.locator(CARD).filter(has_text="vacancy rate").hover()
    assert text(opened, "#detail").startswith("Leading the service")
    opened.get_by_role("button", name="Show only what leads to this").click()
    assert opened.evaluate("document.activeElement.id") == "pick"
    assert sorted(opened.locator(CARD).all_text_contents()) == sorted(on)


def test_lines_are_heavy_where_the_conclusion_would_not_stand_without(opened: playwright.Page) -> None:
    heavy = opened.locator("#cards .heavy")
    assert 0 < heavy.count() < opened.locator("#cards .line").count()
    supposed(opened, "section 114 notice", "not known")
    assert heavy.count() == 0


def test_evidence_is_switched_and_everything_worked_out_again(opened: playwright.Page) -> None:
    supposed(opened, "vacancy rate", "not known")
    assert "as it is; Watch as supposed" in text(opened, "#live-told")
    told = text(opened, "#supposed")
    assert "taken away: vacancy rate: 52.8 per cent" in told
    assert "What goes" in told
    row = opened.locator("#standing tr").filter(has_text="Children without a worker")
    assert "as it is" in (row.text_content() or "")
    card = opened.locator(CARD).filter(has_text="vacancy rate")
    assert "supposed to be taken away" in (card.text_content() or "")
    opened.click("#back")
    assert opened.locator("#live").is_hidden()
    assert opened.locator("#supposed").is_hidden()
    assert "supposed" not in (card.text_content() or "")


def test_what_nothing_decides_can_be_supposed(opened: playwright.Page) -> None:
    opened.click("#switches summary")
    supposed(opened, "changes of director", "2 times")
    assert "added: changes of director" in text(opened, "#supposed")
    card = opened.locator(CARD).filter(has_text="changes of director").first
    assert "supposed, not evidence" in (card.text_content() or "")


def test_the_slider_shows_each_day(opened: playwright.Page) -> None:
    titles = []
    for day in range(int(opened.get_attribute("#day", "max") or "0") + 1):
        opened.fill("#day", str(day))
        titles.append((text(opened, "#day-told"), opened.get_attribute("#day", "aria-valuetext")))
    assert titles[-1] == ("30 November 2018", "30 November 2018: Priority line of enquiry")
    assert titles[1] == ("2 February 2018", "2 February 2018: Not enough evidence")
    assert len(set(titles)) == len(titles)


def test_rules_fire_one_by_one(opened: playwright.Page) -> None:
    opened.click("#step")
    assert text(opened, "#step-count") == "At the start"
    assert opened.locator(f"{CARD}:not(.later)").count() == 0
    seen, steps = [], opened.locator("#trace > li").count()
    while opened.locator("#step-on").is_enabled():
        opened.click("#step-on")
        seen.append(opened.locator(f"{CARD}:not(.later)").count())
        assert f"Step {len(seen)}, stratum" in text(opened, "#step-told")
    assert seen == sorted(seen)
    assert opened.locator(f"{CARD}.later").count() == 0
    assert len(seen) <= steps - 1
    opened.click("#step-end")
    assert opened.locator("#stepping").is_hidden()


def test_with_the_keyboard_alone(opened: playwright.Page) -> None:
    keys = opened.keyboard
    keys.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Skip to main content"
    while opened.evaluate("document.activeElement.id") != "pick":
        keys.press("Tab")
    keys.press("Tab")
    keys.press("ArrowLeft")
    assert opened.locator("#live").is_visible()
    keys.press("End")
    assert opened.locator("#live").is_hidden()
    while not opened.evaluate("document.activeElement.dataset.key || ''"):
        keys.press("Tab")
    first = opened.evaluate("document.activeElement.dataset.key")
    keys.press("ArrowLeft")
    keys.press("ArrowDown")
    key = opened.evaluate("document.activeElement.dataset.key")
    assert key != first
    keys.press("Enter")
    assert opened.locator(f"[data-key='{key}']").get_attribute("aria-pressed") == "true"
    while opened.locator("#detail select").count() == 0:
        keys.press("ArrowLeft")
    keys.press("Tab")
    while opened.evaluate("document.activeElement.tagName") != "SELECT":
        keys.press("Tab")
    keys.press("ArrowDown")
    assert opened.locator("#live").is_visible()
    assert opened.evaluate("document.activeElement.id").startswith("detail-")


def test_blind_there_is_evidence_and_no_conclusion_until_it_is_asked_for(opened: playwright.Page) -> None:
    opened.get_by_role("link", name="Show the evidence first").click()
    assert opened.locator("table.evidence").is_visible()
    shown = opened.locator("body").inner_text()
    assert "52.8 per cent" in shown
    for told in ("Priority", "enquiry", "Watch", "present (", "rests on"):
        assert told not in shown.partition("Limits of use")[0]
    assert opened.locator("a:visible").all_text_contents() == ["Show the conclusions"], "nothing else leads to them"
    opened.get_by_role("link", name="Show the conclusions").click()
    assert opened.get_by_role("heading", name="Priority line of enquiry").is_visible()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_without_scripts_everything_is_there(browser: playwright.Browser, written: Written, case: tuple[str, str],
                                             ) -> None:
    """The same picture as with them, every answer in words, and no control that would do nothing."""
    drawings = []
    for scripts in (False, True):
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        (whole if scripts else playwright.Page.goto)(page, written(*case))
        drawn = re.sub(r"(</?\w+)[^>]*>", r"\1>", page.locator("#cards").inner_html())
        drawings.append([told for told in re.split(r"<[^>]*>|\n", drawn) if told.strip()])
        places = [page.locator("#cards .frame").nth(at).bounding_box() for at in (0, -1)]
        drawings[-1].append(json.dumps(places))
        if not scripts:
            assert page.locator("button:visible, select:visible, input:visible").count() == 0
            for heading in ("Why", "Why not", "Over time", "Forward chaining, step by step", "Lines of enquiry",
                            "Limits of use"):
                assert page.get_by_role("heading", name=heading, exact=True).count() == 1
        context.close()
    assert drawings[0][:-1] == drawings[1][:-1]


TEXTS = {"title", "short", "label", "because", "note", "text", "authority", "body", "publisher", "page", "words",
         "summary", "who_can_act", "limits", "attributions", "when", "basis", "rationale", "collection", "context"}
"""The fields in which people write."""
HOSTILE = "</script><script>hit=1</script><img src=x onerror=hit=1>\"'&lt;{{ 7 }}"


def poisoned(value: Any, name: str = "") -> Any:
    """The same with a script in every text that people write, wherever it is."""
    if isinstance(value, str) and type(value) is str:
        return f"{value} {HOSTILE}" if name in TEXTS and value != NOT_RECORDED else value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(poisoned(part, field) for part, field in zip(value, value._fields, strict=True)))
    if isinstance(value, tuple):
        return tuple(poisoned(part, name) for part in value)
    if isinstance(value, dict):
        return {key: poisoned(part, name) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: poisoned(getattr(value, f.name), f.name) for f in fields(value)}
        return replace(value, **changed)
    return value


def test_a_script_in_any_text_is_only_text(
        knowledge: Knowledge, cases: dict[str, Case], page: playwright.Page, tmp_path: Path) -> None:
    """In every text of case, rules and vocabulary: it is read as it stands, also in what the page's script says."""
    bits, case = Assessor(poisoned(knowledge), "bits"), poisoned(cases["northamptonshire"])
    it = bits.assess(case, date(2018, 11, 30))
    file = tmp_path / "page.html"
    file.write_bytes(report_page(it, report(it), follow(bits, case, it.as_at)))
    whole(page, file.as_uri())
    for card in range(0, page.locator(CARD).count(), 4):
        page.locator(CARD).nth(card).focus()
        page.keyboard.press("Enter")
    page.locator("#switches select").first.select_option(index=1)
    page.click("#step")
    page.click("#step-on")
    page.fill("#day", "2")
    assert page.evaluate("typeof hit") == "undefined"
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert page.locator("body").inner_text().count("<script>hit=1</script>") > 100
    assert "<script>hit=1" in text(page, "h1")


def test_nothing_may_be_asked_of_anybody(opened: playwright.Page) -> None:
    """The page's own policy stops requests and scripts that are not its own."""
    policy = opened.get_attribute("meta[http-equiv='Content-Security-Policy']", "content") or ""
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for wanted in ("unsafe", "http", "*", "self"):
        assert wanted not in policy
    source = opened.content()
    assert not re.search(r"\son\w+=|\sstyle=|\ssrc=", source)


@pytest.mark.parametrize("width", [320, 1280])
def test_what_is_seen_first_stands_still_when_the_controls_begin_to_work(
        page: playwright.Page, written: Written, width: int) -> None:
    """They have their place before the script runs, and nothing is moved while the rest of the page is laid out."""
    page.set_viewport_size({"width": width, "height": 900})
    whole(page, written(*CASES[0]))
    assert moved(page) == []
    page.evaluate("document.querySelector('main').before(document.createElement('hr'))")
    assert moved(page) == ["main"], "it sees what moves"


def moved(page: playwright.Page) -> list[str]:
    """The ids of all that was seen in one place and then in another, since the page was opened."""
    found = page.evaluate("""() => new Promise((told) => {
      new PerformanceObserver((seen) => told(seen.getEntries().flatMap((one) => one.sources.map((it) => it.node.id))))
        .observe({type: "layout-shift", buffered: true});
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => told([]), 300)));
    })""")
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_part_that_is_asked_for_is_where_it_was_asked_for(
        browser: playwright.Browser, written: Written, scripts: bool) -> None:
    """Opened at a part, or led to it by a link; what is above it has its true height by then."""
    context = browser.new_context(java_script_enabled=scripts, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{written(*CASES[0])}#enquiry")
    if scripts:
        page.locator("html.whole").wait_for()
    assert top_of(page, "#enquiry") == 20
    for part in ("#why", "#evidence"):
        page.locator(f"nav a[href='{part}']").click()
        assert top_of(page, part) == 20
    page.goto(written(*CASES[2]))
    page.locator("nav a[href='#evidence']").click()
    assert top_of(page, "#evidence") == 20
    context.close()


def top_of(page: playwright.Page, part: str) -> int:
    box = page.locator(part).bounding_box()
    assert box is not None
    return round(box["y"])


def test_without_scripts_what_is_below_waits_for_its_reader_and_prints_whole(
        browser: playwright.Browser, written: Written) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(written(*CASES[0]))
    shown = "Array.from(document.querySelectorAll('.below'), (e) => getComputedStyle(e).contentVisibility)"
    assert set(page.evaluate(shown)) == {"auto"}
    page.emulate_media(media="print")
    assert set(page.evaluate(shown)) == {"visible"}
    context.close()


def test_the_page_prints(opened: playwright.Page) -> None:
    opened.emulate_media(media="print")
    for hidden in ("#controls", "#switches", "header nav"):
        assert opened.locator(hidden).is_hidden()
    assert opened.locator("#picture").is_visible()
    opened.set_viewport_size({"width": 1000, "height": 700})
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no column is wider than the paper"
    assert opened.evaluate("getComputedStyle(document.querySelector('.sheets')).page") == "sheets", "on its side"
    closed = opened.locator("#why-not ~ details").first
    inside = closed.locator(":not(summary)").first
    assert not inside.is_visible()
    assert opened.get_by_text("Parts that were closed on the screen are not printed.").is_visible()
    closed.evaluate("one => one.open = true")
    assert inside.is_visible()
    opened.emulate_media(media="screen")
    assert opened.get_by_text("Parts that were closed on the screen are not printed.").is_hidden()
