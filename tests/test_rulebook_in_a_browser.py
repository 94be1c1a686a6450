"""The rulebook in a real browser, from file://: narrow and wide, light and dark, with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright import sync_api as playwright

from engine.compiling import compile_rules
from engine.prepared import Prepared
from kb.files import RULES
from kb.knowledge import Knowledge
from kb.ruletests import read_rule_tests
from tests.browser import browser, in_both_themes, needs_a_browser, page, too_wide, violations
from web.folder import write_site
from web.rulebook import leaves
from web.site import STATIC, site

__all__ = ["browser", "page"]
pytestmark = needs_a_browser

KINDS = ("index", "rules", "rules/churn-under-cuts", "signatures", "signatures/A3", "conclusions",
         "pictures/leading-the-service", "results/watch", "indicators", "indicators/agency_worker_rate", "protective",
         "protective/manageable-caseload", "statements", "map", "search", "reading", "glossary", "limits")
"""One page of each kind."""


@pytest.fixture(scope="module")
def book(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a rulebook on disk."""
    folder = tmp_path_factory.mktemp("rulebook")
    tests, _ = read_rule_tests(RULES, knowledge)
    write_site(folder, site(leaves(Prepared(knowledge, compile_rules(knowledge.rules)), tests)))
    return Path(folder).as_uri()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_every_screen_and_axe_finds_nothing(book: str, page: playwright.Page, kind: str) -> None:
    page.goto(f"{book}/{kind}.html")
    assert too_wide(page) == []
    if kind == "map":
        page.select_option("#pick", "1")
    assert in_both_themes(page) == ""


def test_axe_finds_what_is_there(book: str, page: playwright.Page) -> None:
    page.goto(f"{book}/limits.html")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert violations(page)
    page.evaluate("document.querySelector('main p').style.color = 'rgb(40, 40, 40)'")
    assert violations(page, "main p", colours=True) == ""
    page.emulate_media(color_scheme="dark")
    assert "color-contrast" in violations(page, "main p", colours=True), "what can be read in the light only"


def test_in_the_dark_nothing_but_colours_differs() -> None:
    """So that of a page in the dark axe need be asked about its colours only."""
    blocks = [block for file in STATIC.glob("*.css") for block in re.findall(
        r"@media \(prefers-color-scheme: \w+\) {(.*?\n?)}(?=\n)", file.read_text("utf-8"), re.DOTALL)]
    said = {name for block in blocks for name in re.findall(r"([\w-]+): [^;]+;", block)}
    assert len(blocks) >= 4
    assert {name for name in said if not name.startswith("--")} <= {"stroke", "stroke-dasharray"}
    assert not any("matchMedia" in file.read_text("utf-8") for file in STATIC.glob("*.js"))


def test_search_finds_with_the_keyboard_alone(book: str, page: playwright.Page) -> None:
    page.goto(f"{book}/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("agency rate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=agency+rate")
    assert page.input_value("#words") == "agency rate"
    assert page.evaluate("document.activeElement.id") == "words"
    shown = page.locator("#found li:visible")
    assert (shown.count(), page.text_content("#count")) == (1, "1 page found")
    page.fill("#words", "churn under cuts")
    assert page.text_content("#count") == f"{shown.count()} pages found"
    assert "Change of leaders" in (shown.first.text_content() or "")
    page.fill("#words", "nothing of the kind")
    assert page.text_content("#count") == "No pages found"
    page.fill("#words", "agency_worker_rate")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/indicators/agency_worker_rate.html")


def test_the_map_with_the_keyboard_alone(book: str, page: playwright.Page) -> None:
    page.goto(f"{book}/map.html")
    page.focus("#pick")
    page.keyboard.type("A2")
    said = page.text_content("#said") or ""
    assert said.startswith("A2 Turnover and change in senior leadership combines in a pair with: A3 ")
    assert "C7 Unstable staffing" in said
    assert ". It has a part in: " in said
    assert page.locator(".combines:visible").count() == 1
    assert page.locator("#map .arc.on").count() == 5
    page.select_option("#pick", label="Criticism that meets defence")
    assert "defence. Signatures that have a part in it: B3" in (page.text_content("#said") or "")
    page.select_option("#pick", "")
    assert page.locator(".combines:visible").count() == 17
    page.locator("#map [data-n='2'] .said").click()
    assert page.input_value("#pick") == "2"


def test_without_scripts_everything_is_there(book: str, browser: playwright.Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{book}/map.html")
    assert page.locator("#pick").is_hidden()
    assert page.locator(".combines:visible").count() == 17
    page.goto(f"{book}/search.html")
    assert page.locator("#found li:visible").count() > 200
    context.close()
