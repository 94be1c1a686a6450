"""Whole-process times of the commands people wait for, as they come and as ratios to an empty Python, with spread.

    python3 run.py bench [RUNS]

Each command is run in turn with an empty Python process, so that a slow moment of the machine falls on both. The first
run of each is not counted. Prints a Markdown table; nothing here is a test, and no figure decides anything.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASE = str(ROOT / "examples" / "northamptonshire.yaml")
WHY = ("why", CASE, "--as-at", "2018-11-30")
EDITED, FILE = "edited", "rules/signatures/C7.yaml"
THRESHOLD, INSTEAD = "agency_worker_rate, at_least: worst quarter", "agency_worker_rate, at_least: worst tenth"
"""A copy of the rules, in the folder for what is kept, with one threshold otherwise."""
QUESTIONS = (
    ("why, both engines", WHY, True),
    ("why, evaluator alone", (*WHY, "--engine", "bits"), True),
    ("why, both engines, nothing kept from earlier", WHY, False),
    ("assess, both engines", ("assess", CASE, "--as-at", "2018-11-30"), True),
    ("check, all rules and cases, and what they mean", ("check",), True),
    ("check, nothing kept from earlier", ("check",), False),
    ("impact of a threshold, all cases at all change points, all combinations", ("impact", "--against", EDITED), True),
    ("impact, nothing kept from earlier", ("impact", "--against", EDITED), False),
)


def seconds(words: list[str], environment: dict[str, str]) -> float:
    """How long one process takes, from start to end. Raises where it fails; to find something is no failure."""
    start = time.perf_counter()
    done = subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    taken = time.perf_counter() - start
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        done.check_returncode()
    return taken


def edited(folder: Path) -> None:
    """Writes the copy of the rules with one threshold otherwise."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    file = folder / FILE
    file.write_text(file.read_text(encoding="utf-8").replace(THRESHOLD, INSTEAD), encoding="utf-8")


def measured(words: tuple[str, ...], runs: int, environment: dict[str, str],
             before: Callable[[int], object] = abs) -> tuple[list[float], list[float]]:
    """Seconds of the command, and its ratios to an empty process run just before, once a run, each after `before`."""
    empty, command = [sys.executable, "-c", "pass"], [sys.executable, str(ROOT / "cli.py"), *words]
    times, ratios = [], []
    for run in range(runs + 1):
        before(run)
        base, taken = seconds(empty, environment), seconds(command, environment)
        if run:
            times.append(taken)
            ratios.append(taken / base)
    return times, ratios


def edit_a_rule(folder: Path) -> Callable[[int], None]:
    """A copy of the rules in the folder, and what writes another value for one threshold of a signature each time."""
    shutil.copytree(ROOT / "rules", folder)
    path = folder / "signatures" / "A2.yaml"
    before, number, after = re.split(r"(?<=at_least: )(\d+)(?= per cent)", path.read_text(encoding="utf-8"), maxsplit=1)

    def edit(run: int) -> None:
        path.write_text(f"{before}{int(number) + run + 1}{after}", encoding="utf-8")

    return edit


def spread(values: list[float], unit: float, digits: int) -> str:
    """`median (least to most)` in the unit."""
    least, middle, most = (f"{v * unit:.{digits}f}" for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({least} to {most})"


def every_case(runs: int) -> None:
    """Every shipped case at every date on which something became known, in one process, after one uncounted run."""
    sys.path.insert(0, str(ROOT))
    from engine.assess import Asked, Assessor
    from kb.casefiles import read_case
    from kb.load import load

    knowledge, _ = load()
    cases = [case for path in sorted((ROOT / "examples").glob("*.yaml"))
             if (case := read_case(path, knowledge.vocabulary)[0]) is not None]
    asked = [Asked(case, day) for case in cases for day in sorted({o.known for o in case.observations})]
    both, alone = Assessor(knowledge), Assessor(knowledge, "bits")
    times = []
    for _ in range(runs + 1):
        pair = []
        for assessor in (alone, both):
            start = time.perf_counter()
            _ = [found.result for found in assessor.assess_all(asked)]
            pair.append(time.perf_counter() - start)
        times.append(pair)
    print(f"\n{len(cases)} cases, {len(asked)} case-dates in one process: "
          f"evaluator alone {spread([a for a, _ in times[1:]], 1000, 0)} milliseconds, "
          f"both engines {spread([b for _, b in times[1:]], 1000, 0)}, "
          f"{spread([b / a for a, b in times[1:]], 1, 1)} times as long")


def warm(runs: int) -> None:
    """The questions that look for sets of answers or changes, on the largest case, in a process that has done so once.

    Each from the evidence to the text: assessed by the evaluator alone, asked and rendered anew every time.
    """
    from engine.assess import Assessor
    from explain.enquire import enquire
    from explain.fragile import fragile
    from explain.levers import levers
    from explain.render.text import render
    from kb.casefiles import read_case
    from kb.load import load

    assessor = Assessor(load()[0], "bits")
    cases = [case for path in sorted((ROOT / "examples").glob("*.yaml"))
             if (case := read_case(path, assessor.knowledge.vocabulary)[0]) is not None]
    largest = max(cases, key=lambda case: len(case.observations))
    asked = (("levers", lambda it: levers(it, ("result", it.result))), ("enquire", enquire), ("fragile", fragile))
    for name, question in asked:
        times = []
        for _ in range(runs + 1):
            start = time.perf_counter()
            render(question(assessor.assess(largest, largest.latest_known)))
            times.append(time.perf_counter() - start)
        print(f"\n{name}, the largest case ({largest.id}, {len(largest.observations)} observations), warm: "
              f"{spread(times[1:], 1000, 0)} milliseconds")


def many_routes(runs: int) -> None:
    """A conclusion with 2^200 routes (200 pairs of tests, one of each pair enough), counted exactly."""
    from engine.bits import evaluate
    from engine.program import Proposition, compile_rules
    from engine.proofs import Mark, Provenance
    from explain.routes import count
    from kb.conditions import All, AnyOf, Comparator, Head, Rule, Test, TestIs

    pairs = [AnyOf(tuple(TestIs(Test(f"{side}_{i}", Comparator.AT_LEAST, 1.0)) for side in "lr")) for i in range(200)]
    program = compile_rules([Rule("top", Head("mechanism", "top", "watch"), All(tuple(pairs)))])
    model = evaluate(program, [(1, 0)] * len(program.atoms), 1)
    top = Mark(program.heads[Proposition("mechanism", "top", "watch")])
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        assert count(Provenance(program, model), top) == 2**200
        times.append(time.perf_counter() - start)
    print(f"\n2^200 routes counted exactly: {spread(times[1:], 1000, 1)} milliseconds")


def in_a_browser(runs: int) -> None:
    """The page that travels, where there is a browser to open it in."""
    try:
        from page import page
    except ModuleNotFoundError as missing:
        print(f"\nthe page that travels: not measured, {missing.name} is not here")
        return
    page(runs, spread)


def main() -> None:
    """Measures every question and prints the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
          f"{runs} runs each\n")
    print("| command, whole process | milliseconds: median (least to most) | times an empty Python |")
    print("| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        edited(Path(folder, EDITED))
        for name, asked, kept in QUESTIONS:
            words = tuple(str(Path(folder, EDITED)) if word == EDITED else word for word in asked)
            base = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
            environment = {**base, "XDG_CACHE_HOME": folder, "SIGRISK_CACHE": "" if kept else "off"}
            times, ratios = measured(words, runs, environment)
            print(f"| {name} | {spread(times, 1000, 0)} | {spread(ratios, 1, 1)} |", flush=True)
        rules = Path(folder) / "rules"
        times, ratios = measured(("check", "--rules", str(rules)), runs, {**environment, "SIGRISK_CACHE": ""},
                                 edit_a_rule(rules))
        print(f"| check, one rule edited (a threshold of a signature) | {spread(times, 1000, 0)} | "
              f"{spread(ratios, 1, 1)} |", flush=True)
    every_case(runs)
    many_routes(runs)
    warm(runs)
    in_a_browser(runs)


if __name__ == "__main__":
    main()
