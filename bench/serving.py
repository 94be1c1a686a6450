"""The loop of who edits rules: an edit checked, told, tested and weighed over all cases and a table, in one process.

    python bench/serving.py TABLE.csv [RUNS]

Each run writes another number for one threshold of a signature, as somebody who types would, with the server's own
functions and what it keeps. Prints a Markdown table of wall and processor time; the first run is not counted.
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
from web.server.files import Folders  # noqa: E402
from web.server.pages import picture  # noqa: E402
from web.server.shelf import Shelf  # noqa: E402
from web.server.trying import Tries  # noqa: E402

T = TypeVar("T")
FILE = "signatures.A2"


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
    """Measures each part of the loop."""
    table, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    snapshot = (shelf := Shelf(Folders(RULES, VOCABULARY, EXAMPLES, table))).now()
    at_rest()
    tries, file = Tries(shelf.memory, checked, kept_parts(RULES, VOCABULARY)), snapshot.files[FILE]
    before, number, after = re.split(r"(?<=at_least: )(\d+)(?= per cent)", file.text, maxsplit=1)
    parts: dict[str, list[tuple[float, float]]] = {}
    for run in range(runs + 1):
        text = f"{before}{int(number) + run + 1}{after}"
        looked = timed(parts.setdefault("problems, sentences and pictures", []),
                       lambda text=text: tries.look(snapshot, file, text))  # type: ignore[misc]
        found = timed(parts.setdefault("what it would change", []), lambda looked=looked: weighed(
            tries.impact(snapshot, looked)))  # type: ignore[misc]
        timed(parts.setdefault("the picture of that", []), lambda found=found: pictured(found))
        timed(parts.setdefault("all tests", []), lambda looked=looked: tries.outcome(looked))
        timed(parts.setdefault("what check finds beside", []),
              lambda text=text: tries.meaning(snapshot, file, text))  # type: ignore[misc]
    print(f"{len(snapshot.dossiers)} cases and authorities, {runs} edits; milliseconds: median (least to most)\n")
    print("| part | wall | processor |\n| --- | --- | --- |")
    for name, times in parts.items():
        told = [f"{statistics.median(some):.0f} ({min(some):.0f} to {max(some):.0f})"
                for some in zip(*times[1:], strict=True)]
        print(f"| {name} | {' | '.join(told)} |")


if __name__ == "__main__":
    main()
