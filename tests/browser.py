"""What the tests that open pages in a real browser share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright import sync_api as playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
IN_CI = os.environ.get("CI") == "true"
"""Where these tests are never skipped: .ci/run installs a browser."""
needs_a_browser = pytest.mark.skipif(not CHROMIUM and not IN_CI, reason="no chromium is here")
VIOLATIONS = {"preload": False, "resultTypes": ["violations"]}
"""What axe is asked for: nothing fetched, and no list of all that is well."""
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules of axe that look at colours. In the dark nothing else differs: tests/test_rulebook_in_a_browser.py."""
WIDTHS = (320, 1920, 1280)
"""Of a telephone, a projector, and a desk, which comes last and stays."""


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    assert CHROMIUM, "no chromium is here"
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: playwright.Browser) -> Iterator[playwright.Page]:
    """A page that may ask for nothing but files, and says nothing on its console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened, said = context.new_page(), list[str]()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: said.append(request.url))
    yield opened
    context.close()
    assert [told for told in said if not told.startswith(("file:", "data:"))] == []


def violations(page: playwright.Page, within: str | None = None, colours: bool = False) -> str:
    """What axe finds wrong with a page as it stands, or with a part of it; "" where it finds nothing."""
    told = Axe().run(page, within, {**VIOLATIONS, **({"runOnly": OF_COLOUR} if colours else {})})
    return str(told.generate_report()) if told.violations_count else ""


def in_both_themes(page: playwright.Page, within: str | None = None) -> str:
    """The same in the light by every rule, and in the dark by those about colours: of the rest nothing differs."""
    page.emulate_media(color_scheme="light")
    found = violations(page, within)
    page.emulate_media(color_scheme="dark")
    found += violations(page, within, colours=True)
    page.emulate_media(color_scheme="light")
    return found


def too_wide(page: playwright.Page) -> list[int]:
    """At which widths a page as it stands scrolls sideways; it is left as wide as on a desk."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(width)
    return found
