"""The local server in a real browser: narrow and wide, light and dark, the keyboard alone, nothing run from a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api as playwright

from tests.browser import browser, in_both_themes, needs_a_browser, too_wide, violations
from tests.served import Served, served

__all__ = ["browser"]
pytestmark = needs_a_browser

PAGES = ("/", "/cases/ashby", "/cases/ashby/why", "/cases/ashby/why-not?conclusion=B1", "/cases/ashby/what-if",
         "/cases/ashby/what-if?unset=director_changes", "/cases/ashby/levers", "/cases/ashby/enquire",
         "/cases/ashby/fragile", "/cases/ashby/timeline", "/cases/ashby/compare?other=carden", "/cases/ashby/trace",
         "/cases/ashby/report", "/cases/ashby/why?as_at=1990-01-01", "/nothing", "/rules", "/limits",
         "/edit/mechanisms.churn-under-cuts", "/edit/tests.overall", "/book/index.html", "/book/map.html",
         "/book/search.html", "/book/rules/churn-under-cuts.html", "/training", "/training/exercises/one-sign",
         "/training/exercises/missing-premise?question=3", "/training/exercises/missing-premise?question=1&do=show",
         "/training/exercises/false-alarm?do=check&answer=present", "/training/exercises/false-alarm?do=check",
         "/training/exercises/false-alarm?question=4&do=show", "/training/exercises/write-the-sentence",
         "/training/exercises/write-the-sentence?do=check&answer=Signs",
         "/training/exercises/what-fires-next?question=3", "/training/exercises/who-can-act?question=5&do=show",
         "/training/puzzles?case=carden&kind=acts")
"""Every kind of page, and what is said where something is wrong."""
WRONG = ("/cases/ashby/why?as_at=1990-01-01", "/nothing", "/training/exercises/false-alarm?do=check")
EDIT = "/edit/mechanisms.churn-under-cuts"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), edit=True) as made:
        yield made


@pytest.fixture
def page(browser: playwright.Browser, server: Served) -> Iterator[playwright.Page]:
    """A page of somebody who opened the printed address; it asks nothing of others, and says nothing on its console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened, said = context.new_page(), list[str]()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: said.append(request.url))
    opened.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    opened.goto(server.house.keys.address)
    yield opened
    context.close()
    expected = (server.top, "data:", "Failed to load resource: the server responded with a status of 40")
    assert [told for told in said if not told.startswith(expected)] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_every_screen_and_axe_finds_nothing(server: Served, page: playwright.Page, path: str) -> None:
    found = page.goto(server.top + path)
    assert found is not None
    assert found.ok is (path not in WRONG)
    assert too_wide(page) == []
    assert in_both_themes(page) == ""


def test_the_token_does_not_stay_in_the_address(server: Served, page: playwright.Page) -> None:
    assert page.url == f"{server.top}/"
    assert page.evaluate("document.cookie") == "", "no script sees the cookie"


def test_from_the_list_to_an_answer_with_the_keyboard_alone(page: playwright.Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    follow(page, "Ashby, where three signs combine", "**/cases/ashby")
    follow(page, "Why not", "**/cases/ashby/why-not*")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "conclusion":
            break
    page.keyboard.type("B1")
    follow(page, "Ask", "**conclusion=B1*")
    assert "B1 Weak commitment from partners: not known in Ashby." in page.inner_text("main")


def test_an_exercise_is_done_with_the_keyboard_alone(page: playwright.Page) -> None:
    follow(page, "Training", "**/training")
    follow(page, "False alarm", "**/false-alarm")
    follow(page, "Check my answer", "**do=check*")
    assert page.inner_text("[role=alert]") == "Choose an answer first, or show the answer."
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**answer=stopped*")
    assert "Right." in page.inner_text(".replied")
    page.reload()
    assert "Right." in page.inner_text(".replied"), "read again, and nobody is asked whether to send it once more"
    assert page.evaluate("document.querySelector('#answer').getBoundingClientRect().top < innerHeight"), "it is in view"
    follow(page, "Next question", "**question=2")
    assert page.locator("#answer").count() == 0
    assert "Question 2 of 4" in page.inner_text("main")
    page.go_back()
    assert "Right." in page.inner_text(".replied")
    while "do=check" in page.url:
        page.go_back()
    assert page.locator("#answer").count() == 0
    assert "answer=" not in page.url, "before it is answered nothing of it stands in the address"


def test_the_room_works_without_javascript(server: Served, browser: playwright.Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.house.keys.address)
    page.goto(f"{server.top}/training")
    page.select_option("#case", "carden")
    page.check("#kind-missing")
    page.click("text=Ask me")
    page.check("input[value=C7]")
    page.click("text=Check my answer")
    assert page.inner_text(".marked") == "Right."
    with page.expect_download() as taken:
        page.click("text=Page that works offline")
    assert taken.value.suggested_filename == "carden.html"
    context.close()


def tab_to(page: playwright.Page, text: str) -> None:
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == text:
            return
    raise AssertionError(f"Tab never comes to {text}")



def follow(page: playwright.Page, name: str, url: str) -> None:
    """To something by Tab alone, and with Enter to the page behind it."""
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.wait_for_url(url)

def test_a_rule_is_edited_with_the_keyboard_alone(server: Served, page: playwright.Page) -> None:
    page.goto(server.top + EDIT)
    before = page.input_value("#text")
    page.focus("#text")
    page.keyboard.press("Control+Home")
    for _ in range(7):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.type("Z")
    page.wait_for_selector("#look .problems li")
    problem = page.inner_text("#look .problems li")
    assert problem.startswith("Line 8, column ")
    assert "AZ" in problem
    assert page.inner_text("#gutter .at").strip().endswith("8")
    assert page.evaluate("document.activeElement.id") == "text", "whoever types is not disturbed"
    assert "1 problem" in page.inner_text("#status")
    tab_to(page, "Save")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").startswith("Line 8, column")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    line = page.evaluate("(() => { const t = document.activeElement; "
                         "return t.value.slice(0, t.selectionStart).split('\\n').length })()")
    assert line == 8
    page.keyboard.press("Control+z")
    playwright.expect(page.locator("#status")).to_have_text("No problem.", timeout=90_000)
    assert page.input_value("#text") == before


def test_what_an_edit_would_change_is_shown_as_one_types_and_then_saved(server: Served, page: playwright.Page) -> None:
    page.goto(f"{server.top}/edit/signatures.C7")
    before = page.input_value("#text")
    page.fill("#text", before.replace("agency_worker_rate, at_least: worst quarter",
                                      "agency_worker_rate, at_least: worst tenth"))
    page.wait_for_selector("#picture svg", timeout=90_000)
    assert "The versions differ; something moves in" in page.inner_text("#impact")
    assert page.locator("#meaning section").count() == 1, "the words do not wait for the picture"
    shown = page.get_by_role("img", name="What the edit of the rules would change")
    assert shown.evaluate("e => e.getBoundingClientRect().height") > 300
    assert too_wide(page) == [], "the picture scrolls in its own frame"
    assert in_both_themes(page) == ""
    page.fill("#message", "Only the worst tenth")
    page.click("button[value=save]")
    page.wait_for_selector(".done")
    assert "Saved." in page.inner_text(".done")
    assert violations(page) == ""
    page.goto(f"{server.top}/cases/ashby")
    assert "Not enough evidence" in page.inner_text(".answer")
    page.goto(f"{server.top}/edit/signatures.C7")
    page.fill("#text", before)
    page.click("button[value=save]")
    page.wait_for_selector(".done")


def test_it_works_without_javascript(server: Served, browser: playwright.Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.house.keys.address)
    page.goto(server.top + EDIT)
    page.fill("#text", page.input_value("#text").replace("category: A", "category: AZ", 1))
    page.click("button[value=look]")
    assert page.inner_text("#look .problems li").startswith("Line 8, column ")
    context.close()


def test_in_print_only_the_answer_is_there(server: Served, page: playwright.Page) -> None:
    page.goto(f"{server.top}/cases/ashby/report")
    page.emulate_media(media="print")
    assert not page.is_visible(".ask")
    assert not page.is_visible(".questions")
    assert page.is_visible(".account")
    page.goto(f"{server.top}/training/exercises/false-alarm?do=check&answer=present")
    assert page.locator("button:visible, .turn:visible, .files:visible").count() == 0
    assert page.is_visible("#answer")


def test_nothing_moves_for_whoever_asked_for_that(server: Served, page: playwright.Page) -> None:
    for path in ("/", "/cases/ashby/why", "/training/exercises/false-alarm?do=show", EDIT):
        page.goto(server.top + path)
        moving = page.evaluate("[...document.querySelectorAll('*')].filter(e => "
                               "!['0s', ''].includes(getComputedStyle(e).transitionDuration) || "
                               "getComputedStyle(e).animationName !== 'none').length")
        assert moving == 0


def test_script_in_a_rule_is_shown_and_is_not_run(tmp_path: Path, browser: playwright.Browser) -> None:
    run: list[str] = []
    with served(tmp_path, edit=True) as one:
        file = one.rules / "mechanisms" / "churn-under-cuts.yaml"
        nasty = "title: '<img src=x onerror=alert(1)><script>alert(2)</script>'"
        file.write_text(re.sub("title: .*", nasty, file.read_text("utf-8")), "utf-8")
        context = browser.new_context()
        page = context.new_page()
        page.on("dialog", lambda dialog: (run.append(dialog.message), dialog.accept()))
        page.goto(one.house.keys.address)
        for path in ("/rules", "/cases/ashby/why", EDIT):
            page.goto(one.top + path)
            assert "<script>alert(2)</script>" in page.inner_text("main"), path
        page.fill("#text", page.input_value("#text").replace("C7, grade: weak", "C7, grade: strong", 1))
        page.wait_for_selector("#picture svg", timeout=90_000)
        playwright.expect(page.locator("#status")).to_have_text("No problem.", timeout=90_000)
        assert "<script>alert(2)</script>" in page.locator("#picture svg").inner_html().replace("&lt;", "<").replace(
            "&gt;", ">")
        assert page.locator("#look img, #look script, #impact img, #impact script, #picture img, #picture script"
                            ).count() == 0
        context.close()
    assert run == []
