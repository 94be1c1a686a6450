"""The page that travels, in the system's Chromium: how large it is, its first view, and every what-if toggle."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright import sync_api as playwright

ROOT = Path(__file__).resolve().parents[1]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FIRST = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
LARGEST = """() => new Promise((told) => new PerformanceObserver((seen) => told(seen.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""
"""When the largest thing in the first view was painted: never before the first."""
WHOLE = "html.whole"
"""What the page is when its controls work and all of it is laid out."""
TOGGLES = """() => Array.from(document.querySelectorAll("#switches select")).flatMap((select) =>
  Array.from(select.options).slice(1).map((option) => {
    select.value = option.value;
    const start = performance.now();
    select.dispatchEvent(new Event("change"));
    document.body.getBoundingClientRect();
    const taken = performance.now() - start;
    select.value = "";
    select.dispatchEvent(new Event("change"));
    return taken;
  }))"""
"""Every option of every switch by itself: from the change to the page laid out again."""
ROUNDS = 3
"""So often every option is tried: what the browser does beside falls on one of them here and there."""


def pages(folder: Path) -> list[Path]:
    """The page of every shipped case at its last day, the largest last."""
    sys.path.insert(0, str(ROOT))
    from bench.cases import cases
    from engine.assess import Assessor
    from explain.report import report
    from explain.timeline import follow
    from kb.load import load
    from web.report import report_page

    bits = Assessor(load()[0], "bits")
    for case in cases(bits.knowledge.vocabulary):
        if case.latest_known is not None:
            it = bits.assess(case, case.latest_known)
            page = report_page(it, report(it), follow(bits, case, it.as_at))
            (folder / f"{case.id}.html").write_bytes(page)
    return sorted(folder.glob("*.html"), key=lambda file: file.stat().st_size)


def page(runs: int, spread: Callable[[list[float], float, int], str], tell: Callable[[str], None] = print) -> None:
    """Tells the sizes of all pages, and what the largest takes."""
    if BROWSER is None:
        tell("\nthe page that travels: not measured, no chromium is here")
        return
    with tempfile.TemporaryDirectory() as name, playwright.sync_playwright() as started:
        files = pages(Path(name))
        tell(f"\n{len(files)} pages of {spread([f.stat().st_size for f in files], 1 / 1000, 0)} kB; "
              f"the largest: {files[-1].stem}")
        browser = started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        first, ready, toggles, longest = list[float](), list[float](), list[float](), 0.0
        for run in range(runs + 1):
            opened = browser.new_page(viewport={"width": 1280, "height": 900})
            opened.goto(files[-1].as_uri())
            while opened.evaluate(FIRST) is None:  # the policy of the page lets nothing else ask
                opened.wait_for_timeout(10)
            opened.locator(WHOLE).wait_for()
            taken = opened.evaluate("() => { document.body.getBoundingClientRect(); return performance.now(); }")
            if run:
                first.append(opened.evaluate(LARGEST))
                ready.append(taken)
            if run == 1:
                rounds = [opened.evaluate(TOGGLES) for _ in range(ROUNDS)]
                toggles = [statistics.median(taken) for taken in zip(*rounds, strict=True)]
                longest = max(max(taken) for taken in rounds)
            opened.close()
        browser.close()
    tell(f"first view from file:// {spread(first, 1, 0)} milliseconds, all of it ready {spread(ready, 1, 0)}; "
          f"{len(toggles)} what-if toggles {spread(toggles, 1, 0)} each, the median of {ROUNDS}; "
          f"the longest of all {longest:.0f}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from bench.run import spread

    page(int(sys.argv[1]) if len(sys.argv) > 1 else 15, spread)
