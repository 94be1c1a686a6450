"""Exercises in a real browser, from file://: asked first, marked in the page, and printed with answers apart."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from playwright import sync_api as playwright

from engine.assess import Assessor
from explain.exercises import Question, Room, Sheet, sheet
from explain.marking import marked
from kb.dossier import Case
from kb.exercises import read_exercises
from kb.files import VOCABULARY
from kb.knowledge import Knowledge
from tests.browser import browser, in_both_themes, needs_a_browser, page, too_wide, violations
from web.exercise import page as written

__all__ = ["browser", "page"]
pytestmark = needs_a_browser
SOME = ("one-sign", "false-alarm", "write-the-sentence", "two-imbalances", "what-fires-next")


@pytest.fixture(scope="module")
def sheets(knowledge: Knowledge, cases: dict[str, Case]) -> dict[str, Sheet]:
    found, _ = read_exercises(VOCABULARY, knowledge)
    room = Room(Assessor(knowledge, "bits"), lambda task: cases[task.case], lambda case: case.outcomes)
    return {id: sheet(one, room)[0] for id, one in found.items() if id in SOME}


@pytest.fixture(scope="module")
def pages(sheets: dict[str, Sheet], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each exercise on disk."""
    folder = tmp_path_factory.mktemp("exercises")
    for id, made in sheets.items():
        (folder / f"{id}.html").write_bytes(written(made))
    return {id: Path(folder / f"{id}.html").as_uri() for id in sheets}


def test_no_page_scrolls_sideways(pages: dict[str, str], page: playwright.Page) -> None:
    for id, address in pages.items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert too_wide(page) == [], id


@pytest.mark.parametrize("width", [320, 1280, 1920])
def test_axe_finds_nothing(pages: dict[str, str], page: playwright.Page, width: int) -> None:
    """Asked and answered: on a telephone, and on a desk in both themes (a projector shows it as wide as a desk)."""
    page.set_viewport_size({"width": width, "height": 900})
    for id in ("false-alarm", "write-the-sentence", "two-imbalances"):
        page.goto(pages[id])
        for answered in (False, True):
            if answered:
                page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
                page.evaluate("document.querySelectorAll('form button').forEach(one => one.click())")
            assert (in_both_themes(page) if width == 1280 else violations(page)) == "", (id, answered)


def test_a_question_is_answered_with_the_keyboard_alone(pages: dict[str, str], page: playwright.Page) -> None:
    page.goto(pages["false-alarm"])
    first, said = page.locator(".question").first, page.locator(".said").first
    assert not first.locator("details > :not(summary)").first.is_visible(), "asked before it is told"
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.value") == "present"
    page.keyboard.press("Enter")
    assert (said.text_content() or "").startswith("Not so.")
    page.keyboard.press("ArrowDown")
    assert (page.evaluate("document.activeElement.value"), said.text_content()) == ("stopped", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert said.text_content() == "Right. The answer below says why."
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert first.locator("details > :not(summary)").first.is_visible()
    assert "Would have held, but: manageable caseload" in (first.text_content() or "")


def test_without_a_choice_it_asks_for_one(pages: dict[str, str], page: playwright.Page) -> None:
    page.goto(pages["false-alarm"])
    page.locator("form.marked button").first.click()
    assert page.locator(".said").first.text_content() == "Choose an answer first."


def answers(question: Question) -> list[tuple[str, ...]]:
    """Every single choice; of several, the right sets, some others and some with one more."""
    ids = [choice.id for choice in question.choices]
    if not question.several:
        return [(id,) for id in ids]
    more = [tuple(id for id in ids if id in {*right, other}) for right in question.right for other in ids[:3]]
    return list(dict.fromkeys([*question.right, *more, *[(id,) for id in ids], *list(combinations(ids, 2))[:10]]))


def test_the_page_marks_as_the_terminal_does(pages: dict[str, str], sheets: dict[str, Sheet],
                                             page: playwright.Page) -> None:
    tried = 0
    for id, made in sheets.items():
        page.goto(pages[id])
        for form, question in zip(page.locator("form.marked").all(),
                                  [q for q in made.questions if q.marked], strict=True):
            for answer in answers(question):
                said = form.evaluate("""(form, ids) => {
                    form.querySelectorAll("input").forEach(one => { one.checked = ids.includes(one.value); });
                    form.requestSubmit();
                    return form.querySelector(".said").textContent;
                }""", list(answer))
                assert said.startswith(marked(answer, question)), (id, question.asks, answer, said)
                tried += 1
    assert tried > 100


def test_a_sentence_is_looked_at_for_its_words(pages: dict[str, str], page: playwright.Page) -> None:
    page.goto(pages["write-the-sentence"])
    said = page.locator("form.free .said").first
    page.locator("textarea").first.fill("It is a failing council, and they are to blame.")
    page.locator("form.free button").first.click()
    assert (said.text_content() or "").startswith("Never used of an authority: failing, blame, to blame.")
    page.locator("textarea").first.fill("Signs appear together that are worth a question.")
    page.locator("form.free button").first.click()
    assert (said.text_content() or "").startswith("It uses none of the words")


def test_without_scripts_everything_is_there(pages: dict[str, str], browser: playwright.Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(pages["write-the-sentence"])
    assert opened.locator("form.free:visible").count() == 0
    opened.goto(pages["false-alarm"])
    assert opened.locator("form.marked button:visible").count() == 0
    assert opened.locator("input[type=radio]:visible").count() > 10
    opened.locator("summary").last.click()
    assert opened.get_by_text("What was judged").first.is_visible()
    context.close()


def test_in_print_questions_come_first_and_answers_on_a_sheet_of_their_own(
        pages: dict[str, str], page: playwright.Page) -> None:
    page.goto(pages["false-alarm"])
    assert not page.locator(".sheet").is_visible()
    page.emulate_media(media="print")
    assert page.locator("details:visible, button:visible").count() == 0
    assert page.locator(".sheet").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).breakBefore") == "page"
    last = page.locator(".question").last.bounding_box()
    answers_ = page.locator(".sheet").bounding_box()
    assert last is not None
    assert answers_ is not None
    assert answers_["y"] >= last["y"] + last["height"]
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
