"""The questions that look for sets of answers or changes, on the largest case, in a process that serves.

    python bench/warm.py [RUNS]

Each from the evidence to the text: assessed by the evaluator alone, asked and rendered anew every time, in a process
that has read the knowledge base and the case, and looks for cycles as seldom as the server does. Prints the times in
milliseconds as JSON; the first run of each is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.cases import cases  # noqa: E402
from engine.assess import Assessor  # noqa: E402
from explain.enquire import enquire  # noqa: E402
from explain.fragile import fragile  # noqa: E402
from explain.levers import levers  # noqa: E402
from explain.render.text import render  # noqa: E402
from kb.load import load  # noqa: E402
from web.server.app import at_rest  # noqa: E402

ASKED = (("levers", lambda it: levers(it, ("result", it.result))), ("enquire", enquire), ("fragile", fragile))


def main() -> None:
    """Measures each question."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    assessor = Assessor(load()[0], "bits")
    largest = max(cases(assessor.knowledge.vocabulary), key=lambda case: len(case.observations))
    assert largest.latest_known is not None
    at_rest()
    found: dict[str, list[float]] = {}
    for name, question in ASKED:
        for _ in range(runs + 1):
            start = time.perf_counter()
            render(question(assessor.assess(largest, largest.latest_known)))
            found.setdefault(name, []).append(1000 * (time.perf_counter() - start))
    print(json.dumps({"case": f"{largest.id}, {len(largest.observations)} observations",
                      "times": {name: times[1:] for name, times in found.items()}}))


if __name__ == "__main__":
    main()
