"""The loop of who edits rules: an edit checked, told, tested and weighed over all cases and a table, in one process.

    python bench/serving.py TABLE.csv [RUNS]

Each run writes another number for a threshold of a signature, as somebody who types would, with the server's own
functions and what it keeps: for one by which nothing moves, and for one by which much does. Prints a Markdown table of
wall and processor time for each; the first run is not counted.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from commands.serving import checked, kept_parts  # noqa: E402
from explain.impact import Impact, impact  # noqa: E402
from explain.render.moved import picture as moved  # noqa: E402
from kb.files import EXAMPLES, RULES, VOCABULARY  # noqa: E402
from web.server.app import at_rest  # noqa: E402
from web.server.files import Folders, RuleFile  # noqa: E402
from web.server.pages import picture  # noqa: E402
from web.server.shelf import Shelf, Snapshot  # noqa: E402
from web.server.trying import Tries  # noqa: E402

T = TypeVar("T")
EDITS = (("of A2, by which nothing moves", "signatures.A2", r"\d+ per cent", 51),
         ("of C7, by which much moves", "signatures.C7", r"worst quarter", 25))
"""What is edited: the file, the first threshold that looks so, and the least per cent that is written for it."""


def timed(times: list[tuple[float, float]], work: Callable[[], T]) -> T:
    """What some work gives; how long it took is added to a list, in milliseconds, by the wall and by the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    times.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
    return found


def weighed(found: Impact | None) -> Impact:
    """What an edit changes, once its words were told too."""
    assert found is not None
    impact(found)
    return found


def pictured(found: Impact) -> object:
    """The picture of what an edit changes, as a part of a page."""
    return picture(moved(found), "moved") if found.moves else None


def main() -> None:
    """Measures each part of the loop, for each edit."""
    table, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    snapshot = (shelf := Shelf(Folders(RULES, VOCABULARY, EXAMPLES, table))).now()
    at_rest()
    tries = Tries(shelf.memory, checked, kept_parts(RULES, VOCABULARY))
    print(f"{len(snapshot.dossiers)} cases and authorities, {runs} edits; milliseconds: median (least to most)")
    for name, id, pattern, least in EDITS:
        file, parts = snapshot.files[id], dict[str, list[tuple[float, float]]]()
        for run in range(runs + 1):
            edit(tries, snapshot, file, re.sub(pattern, f"{least + run} per cent", file.text, count=1), parts)
        print(f"\nA threshold {name}:\n\n| part | wall | processor |\n| --- | --- | --- |")
        for part, times in parts.items():
            told = [f"{statistics.median(some):.0f} ({min(some):.0f} to {max(some):.0f})"
                    for some in zip(*times[1:], strict=True)]
            print(f"| {part} | {' | '.join(told)} |")


def edit(tries: Tries, snapshot: Snapshot, file: RuleFile, text: str, parts: dict[str, list[tuple[float, float]]],
         ) -> None:
    """Does for one edit what a page of the desk asks for, and adds how long each part of it took."""
    def part(name: str, work: Callable[[], T]) -> T:
        return timed(parts.setdefault(name, []), work)

    looked = part("problems, sentences and pictures", lambda: tries.look(snapshot, file, text))
    found = part("what it would change", lambda: weighed(tries.impact(snapshot, looked)))
    part("the picture of that", lambda: pictured(found))
    part("all tests", lambda: tries.outcome(looked))
    part("what check finds beside", lambda: tries.meaning(snapshot, file, text))


if __name__ == "__main__":
    main()
