"""What is measured: the commands people wait for, the rules alone beside other engines, and whole screens.

    python3 run.py bench [RUNS] [--full]

writes docs/benchmarks.md. It takes about ten minutes on a machine with nothing else to do, and some hours and 20 GB of
disk with --full, which goes on to 10,000,000 cases.

Of the commands whole-process times are told, as they come and as ratios to an empty Python, with spread.
Each command is run in turn with an empty Python process, so that a slow moment of the machine falls on both. The first
run of each is not counted. Beside the time that passes, the time of the processor is told, which hardly depends on what
else the machine does. Prints a Markdown table; nothing here is a test, and no figure decides anything.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

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


PAGE = ROOT / "docs" / "benchmarks.md"
LINES: list[str] = []
"""What the page will say."""


def tell(line: str) -> None:
    """A line of the page, and shown at once."""
    LINES.append(line)
    print(line, flush=True)


def counted(found: str, run: int) -> str:
    """A number one higher than the time before, or words with a number."""
    return str(int(found) + run + 1) if found.isdigit() else f"{found} {run + 1}"


def with_a_condition(found: str, run: int) -> str:
    """A part of a list, and after it two signatures that the rule did not ask for, other ones each time."""
    pairs = list(combinations((f"{letter}{number}" for letter, last in (("A", 5), ("B", 4), ("C", 8))
                               for number in range(1, last + 1)), 2))
    one, other = pairs[(7 * run + 5) % len(pairs)]
    return f"{found}\n        - all: [{{signature: {one}}}, {{signature: {other}}}]"


RULE = "mechanisms/unseen-children.yaml"
EDITS: tuple[tuple[str, str, str, Callable[[str, int], str]], ...] = (
    ("one file of tests edited", "tests/overall.yaml", r"(?<=test: )(.+)", counted),
    ("the words of a rule edited", RULE, r"(?<=title: )(.+)", counted),
    ("a condition added to a rule, another one each time", RULE, r"(- {sign: average_caseload})", with_a_condition),
    ("the period of a picture edited", "pictures/leading-with-others.yaml", r"(?<=watch, within: )(\d+)", counted),
    ("the period of a sign edited, on which much rests", "signatures/A2.yaml", r"(?<=in: )(\d+)(?= months)", counted),
    ("a threshold of a sign edited, on which much rests", "signatures/A2.yaml", r"(?<=at_least: )(\d+)(?= per cent)",
     counted),
)
"""What is written otherwise before each run, and how."""
NOTED = EDITS[2], EDITS[-1]
"""Those that are measured with notes too."""


class Taken(NamedTuple):
    """Seconds of one process: from start to end, and of the processor (0 where the system does not tell)."""

    passed: float
    worked: float


def taken(words: list[str], environment: dict[str, str]) -> Taken:
    """What one process takes. Raises where it fails; to find something is no failure."""
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    passed, after = time.perf_counter() - start, os.times()
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        done.check_returncode()
    return Taken(passed, after.children_user + after.children_system - before.children_user - before.children_system)


def edited(folder: Path) -> None:
    """Writes the copy of the rules with one threshold otherwise."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    file = folder / FILE
    file.write_text(file.read_text(encoding="utf-8").replace(THRESHOLD, INSTEAD), encoding="utf-8")


def measured(words: tuple[str, ...], runs: int, environment: dict[str, str],
             before: Callable[[int], object] = abs) -> str:
    """The command's figures as cells, and its ratio to an empty process run just before, once a run after `before`."""
    empty, command = [sys.executable, "-c", "pass"], [sys.executable, str(ROOT / "cli.py"), *words]
    found = []
    for run in range(runs + 1):
        before(run)
        found.append((taken(empty, environment).passed, *taken(command, environment)))
    bases, passed, worked = zip(*found[1:], strict=True)
    ratios = [one / base for one, base in zip(passed, bases, strict=True)]
    return f"{spread(passed, 1000, 0)} | {spread(worked, 1000, 0)} | {spread(ratios, 1, 1)}"


def editing(path: Path, pattern: str, instead: Callable[[str, int], str]) -> Callable[[int], None]:
    """What writes the first place of a pattern otherwise each time."""
    before, found, after = re.split(pattern, path.read_text(encoding="utf-8"), maxsplit=1)

    def edit(run: int) -> None:
        path.write_text(f"{before}{instead(found, run)}{after}", encoding="utf-8")

    return edit


def spread(values: Sequence[float], unit: float, digits: int) -> str:
    """`median (least to most)` in the unit."""
    least, middle, most = (f"{v * unit:.{digits}f}" for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({least} to {most})"


def national(folder: str) -> tuple[str, tuple[str, ...], bool]:
    """The question of a screen: the authorities of the list at nine ends of year, on invented figures from a seed."""
    sys.path.insert(0, str(ROOT))
    from bench.load import write_of
    from kb.load import load

    table, out = Path(folder) / "obs.parquet", Path(folder) / "out.parquet"
    write_of(sorted(load()[0].vocabulary.authorities), table)
    words = ("screen", "--table", str(table), "--from", "2017", "--to", "2025", "--out", str(out))
    return "screen, every authority at nine ends of year", words, True


def every_case(runs: int) -> None:
    """Every shipped case at every date on which something became known, in one process, after one uncounted run."""
    sys.path.insert(0, str(ROOT))
    from bench.cases import cases
    from engine.assess import Asked, Assessor
    from kb.load import load

    knowledge, _ = load()
    held = cases(knowledge.vocabulary)
    asked = [Asked(case, day) for case in held for day in sorted({o.known for o in case.observations})]
    both, alone = Assessor(knowledge), Assessor(knowledge, "bits")
    times = []
    for _ in range(runs + 1):
        pair = []
        for assessor in (alone, both):
            start = time.perf_counter()
            _ = [found.result for found in assessor.assess_all(asked)]
            pair.append(time.perf_counter() - start)
        times.append(pair)
    tell(f"\n{len(held)} cases, {len(asked)} case-dates in one process: "
         f"evaluator alone {spread([a for a, _ in times[1:]], 1000, 0)} milliseconds, "
         f"both engines {spread([b for _, b in times[1:]], 1000, 0)}, "
         f"{spread([b / a for a, b in times[1:]], 1, 1)} times as long")


def warm(runs: int) -> None:
    """The questions that look for sets of answers or changes, in a process of their own that is already warm."""
    done = subprocess.run([sys.executable, str(ROOT / "bench" / "warm.py"), str(runs)], capture_output=True, check=True)
    found = json.loads(done.stdout)
    for name, times in found["times"].items():
        tell(f"\n{name}, the largest case ({found['case']}), in a process that serves: "
             f"{spread(times, 1, 0)} milliseconds")


def edit_loop(folder: str, runs: int) -> None:
    """The loop of who edits rules, over all cases and the figures as published, in a process that serves."""
    shared, table = ROOT.parent / "shared", Path(folder) / "published.parquet"
    if not shared.exists():
        tell("\n## After an edit\n\nNot measured: the published figures are not here.")
        return
    from kb.load import load
    from tests.tabled import published

    published(shared, load()[0].vocabulary).write_parquet(table)
    words = [sys.executable, str(ROOT / "bench" / "serving.py"), str(table), str(runs)]
    tell(f"\n## After an edit\n\n{subprocess.run(words, capture_output=True, check=True, text=True).stdout.strip()}")


def many_routes(runs: int) -> None:
    """A conclusion with 2^200 routes (200 pairs of tests, one of each pair enough), counted exactly."""
    from engine.bits import evaluate
    from engine.compiling import compile_rules
    from engine.program import Proposition
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
    tell(f"\n2^200 routes counted exactly: {spread(times[1:], 1000, 1)} milliseconds")


def machine() -> str:
    """What is measured on."""
    cpu = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    return (f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} processors, "
            f"{int(memory.group(1)) / 1e6 if memory else 0:.0f} GB, {platform.system()}, "
            f"Python {platform.python_version()}; at the start {load()}")


def load() -> str:
    """How busy the machine is, with this or with anything else."""
    return f"{os.getloadavg()[0]:.1f} processes were running or waiting"


def read(path: str) -> str:
    """A file of the system, or nothing where there is none."""
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""


def in_a_browser(runs: int) -> None:
    """The page that travels, where there is a browser to open it in."""
    try:
        from bench.page import page
    except ModuleNotFoundError as missing:
        tell(f"\nthe page that travels: not measured, {missing.name} is not here")
        return
    page(runs, spread, tell)


def main() -> None:
    """Measures every question and prints the table."""
    sys.path.insert(0, str(ROOT))
    from bench.scale import measure

    given = [word for word in sys.argv[1:] if word != "--full"]
    runs, full = int(*given) if given else 15, "--full" in sys.argv
    tell(f"# Benchmarks\n\nMade by `python3 run.py bench {' '.join(sys.argv[1:])}`".rstrip(" `") + "`"
         f" on this machine: {machine()}. Times are not comparable from one machine to another; ratios nearly are.\n")
    with tempfile.TemporaryDirectory() as folder:
        measure(tell, Path(folder), full)
    tell(f"\n## Commands\n\n{runs} runs of each, in turn with an empty Python.\n")
    tell("| command, whole process | milliseconds: median (least to most) | of the processor | to an empty Python |")
    tell("| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        edited(Path(folder, EDITED))
        for name, asked, kept in (*QUESTIONS, national(folder)):
            words = tuple(str(Path(folder, EDITED)) if word == EDITED else word for word in asked)
            base = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
            environment = {**base, "XDG_CACHE_HOME": folder, "SIGRISK_CACHE": "" if kept else "off"}
            tell(f"| {name} | {measured(words, runs, environment)} |")
        environment = {**environment, "SIGRISK_CACHE": ""}
        rules = Path(folder) / "rules"
        shutil.copytree(ROOT / "rules", rules)
        for more, some in (((), EDITS), (("--notes",), NOTED)):
            for name, file, pattern, instead in some:
                words = ("check", "--rules", str(rules), *more)
                edit, whole = editing(rules / file, pattern, instead), (rules / file).read_text(encoding="utf-8")
                tell(f"| check, {name}{', with notes' if more else ''} | {measured(words, runs, environment, edit)} |")
                (rules / file).write_text(whole, encoding="utf-8")
        edit_loop(folder, runs)
    tell("\n## Questions, and a page\n")
    every_case(runs)
    many_routes(runs)
    warm(runs)
    in_a_browser(runs)
    tell(f"\nAt the end {load()}.")
    PAGE.write_text("\n".join(LINES) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
