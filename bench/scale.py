"""Many cases: the rules alone beside other engines, growth with cases and rules, and whole screens."""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from bench.chain import Chain, Readings, at_random, chain_of, disputed, repeated
from bench.load import days, write
from bench.tests_by_hand import ROOT, beside, screened
from engine.compiling import compile_rules
from engine.prepared import Prepared, prepare
from engine.program import Program
from engine.roll import Roll
from engine.tableplanes import Looked, readings_of
from kb.conditions import All, AtLeast, Comparator, Head, HeadIs, Rule, Test, TestIs
from kb.files import RULES, VOCABULARY
from kb.longtables import read_long

Tell = Callable[[str], None]
BASE, MILLION = 10_000, 1_000_000
"""So many invented authority-dates are drawn; wider ones are the same over and over."""
ROUNDS = 3
"""Every engine is run in turn so often, each time in a process of its own."""
ENGINES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("sigrisk, one core", "sigrisk", {}),
    ("polars expressions, one core", "polars", {"POLARS_MAX_THREADS": "1"}),
    ("polars expressions, all cores", "polars", {}),
    ("DuckDB SQL, one core", "duckdb", {"THREADS": "1"}),
    ("DuckDB SQL, all cores", "duckdb", {}),
    ("durable-rules, case by case", "durable-rules", {}),
    ("zen-engine, case by case", "zen", {}),
    ("CLIPS (clipspy), case by case", "clips", {}),
)
CASE_BY_CASE = {"durable-rules": 100, "zen": 25, "clips": 25}
"""The most cases that these are run on; more are reckoned from so many."""
RUNS = {"sigrisk": 7, "polars": 5, "duckdb": 2}
"""How often each is timed in one process, after a run that is not; the others once."""
GROWING = (10, 30, 100, 300, 1_000)
"""So many rules."""


def measured(engine: str, chain: Path, cases: int, environment: dict[str, str]) -> dict[str, Any]:
    """What one engine took, in a process of its own: seconds (reckoned for all cases), and megabytes."""
    most = CASE_BY_CASE.get(engine, cases)
    words = [sys.executable, str(ROOT / "bench" / "peers.py"), engine, str(chain), str(min(cases, most)),
             str(RUNS.get(engine, 1))]
    done = subprocess.run(words, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the run is void: {engine} over {cases} cases: {done.stderr.strip().splitlines()[-1]}")
    line = next(line for line in done.stdout.splitlines() if line.startswith("{"))  # CLIPS has more to say at its end
    found: dict[str, Any] = json.loads(line)
    return {**found, "seconds": statistics.median(found["seconds"]) * max(1.0, cases / most), "reckoned": cases > most}


def spread(values: Sequence[float], form: Callable[[float], str]) -> str:
    """`median (least to most)`."""
    return f"{form(statistics.median(values))} ({form(min(values))} to {form(max(values))})"


def duration(seconds: float) -> str:
    """Seconds, as people read them."""
    for limit, unit, factor in ((1e-3, "µs", 1e6), (1, "ms", 1e3), (120, "s", 1), (7200, "min", 1 / 60)):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds / 3600:.3g} h"


def side_by_side(tell: Tell, chain: Path, cases: int, engines: Sequence[tuple[str, str, dict[str, str]]]) -> None:
    """A table of the engines over so many cases, each in turn with ours, as ratios to ours of the same round."""
    rounds = [[measured(engine, chain, cases, environment) for _, engine, environment in engines]
              for _ in range(ROUNDS)]
    tell(f"\n{cases:,} case{'s' if cases > 1 else ''}, both readings:\n")
    tell("| engine | time: median (least to most) | times ours | memory at most, MB |")
    tell("| --- | --- | --- | --- |")
    for place, (name, _, _) in enumerate(engines):
        own = [one[place] for one in rounds]
        ratios = [one[place]["seconds"] / one[0]["seconds"] for one in rounds]
        reckoned = f", reckoned from {own[0]['cases']:,}" if own[0]["reckoned"] else ""
        tell(f"| {name}{reckoned} | {spread([one['seconds'] for one in own], duration)} | "
             f"{spread(ratios, '{:.3g}'.format)} | {max(one['megabytes'] for one in own):.0f} |")


def undisputed(ready: Prepared, table: Path) -> tuple[Readings, int]:
    """The marks of the tests in an invented table, and how many cases it has."""
    frame = read_long(table, ready.knowledge.vocabulary).frame
    assert frame is not None
    roll = Roll(tuple(frame["authority_code"].unique().sort()), tuple(days()))
    first, second = readings_of(ready.program, Looked(ready.program, frame, roll, ready.knowledge.vocabulary))
    return (list(first), list(second)), roll.columns


def kept(chain: Chain, file: Path) -> Path:
    """Writes it for the processes that measure."""
    file.write_bytes(pickle.dumps(chain))
    return file


def chains(tell: Tell, ready: Prepared, folder: Path, table: Path, full: bool) -> None:
    """The shipped rules by every engine at several widths, and by ours on marks of every kind."""
    readings, cases = undisputed(ready, table)
    with_disputes = disputed(ready.program, readings[0], cases)
    tell("\n## The rules alone\n\n" + RULES_ALONE.format(nodes=len(ready.program.nodes), rules=len(ready.program.rules),
                                                         looks=len(ready.program.atoms)))
    small = chain_of(ready.program, with_disputes, cases)
    base = kept(small, folder / "base.pickle")
    for width in (1, 1_000):
        side_by_side(tell, base, width, ENGINES)
    times = MILLION // cases
    wide = kept(chain_of(ready.program, repeated(with_disputes, cases, times), cases * times, small.possible),
                folder / "wide.pickle")
    side_by_side(tell, wide, cases * times, ENGINES)
    tell("\n### By what is marked\n\nThe evaluator on one core, both readings:\n")
    tell("| marks | cases | time: median (least to most) | memory at most, MB |\n| --- | --- | --- | --- |")
    kinds: list[tuple[str, Readings, int]] = [
        ("of the invented table, nothing disputed", repeated(readings, cases, times), cases * times),
        ("the same, every test disputed in one case of 128", repeated(with_disputes, cases, times), cases * times)]
    kinds += [(f"at random for {live:,} looks at a test, other ones in each reading",
               at_random(ready.program, MILLION, live), MILLION) for live in (120, 250, len(ready.program.atoms))]
    kinds += [("as in the second row", repeated(with_disputes, cases, width // cases), width)
              for width in (BASE, 100_000, *((10_000_000,) if full else ()))]
    for name, marks, width in kinds:
        file = kept(chain_of(ready.program, marks, width), folder / "kind.pickle")
        own = [measured("sigrisk", file, width, {}) for _ in range(ROUNDS)]
        tell(f"| {name} | {width:,} | {spread([one['seconds'] for one in own], duration)} | "
             f"{max(one['megabytes'] for one in own):.0f} |")


def invented(many: int, seed: int = 1) -> Program:
    """So many rules over 60 tests, each with an exception, each third one on two conclusions of earlier ones."""
    rng = random.Random(seed)
    tests = [TestIs(Test(f"t{place}", Comparator.AT_LEAST, 1.0)) for place in range(60)]
    rules: list[Rule] = []
    for place in range(many):
        some = rng.sample(tests, 5)
        when: All | AtLeast = AtLeast(2, tuple(some[:4]))
        if place % 3 == 2:
            earlier = [HeadIs("mechanism", rules[at].head.id, "watch") for at in rng.sample(range(place), 2)]
            when = All((*earlier, some[0]))
        rules.append(Rule(f"r{place:04}", Head("mechanism", f"m{place:04}", "watch"), when, unless=(some[4],)))
    return compile_rules(rules)


def growth(tell: Tell, folder: Path) -> None:
    """Ours and polars as the rules become more."""
    tell("\n## Growth with rules\n\nInvented rules over 60 tests with marks at random, other ones in each reading, "
         "100,000 cases:\n")
    tell("| rules | sigrisk, one core | polars, one core, times ours |\n| --- | --- | --- |")
    for many in GROWING:
        program = invented(many)
        chain = chain_of(program, at_random(program, 100_000, len(program.atoms)), 100_000)
        file = kept(chain, folder / "growth.pickle")
        pairs = [(measured("sigrisk", file, 100_000, {})["seconds"],
                  measured("polars", file, 100_000, {"POLARS_MAX_THREADS": "1"})["seconds"]) for _ in range(ROUNDS)]
        tell(f"| {many:,} | {spread([ours for ours, _ in pairs], duration)} | "
             f"{spread([theirs / ours for ours, theirs in pairs], '{:.3g}'.format)} |")


def screens(tell: Tell, ready: Prepared, vocabulary: Path, folder: Path, full: bool) -> None:
    """Whole screens from Parquet to Parquet, beside the script that only makes the tests."""
    tell("\n## Whole screens\n\n" + WHOLE)
    tell("\n| authority-dates | rows | ours: seconds (of processor time), MB | by hand | times as long | "
         "times the processor time |\n| --- | --- | --- | --- | --- | --- |")
    for size in (BASE, 100_000, MILLION):
        table = folder / f"{size}.parquet"
        rows = write(size, table) if not table.exists() else pl.scan_parquet(table).select(pl.len()).collect().item()
        pairs = beside(ready, vocabulary, table, ROUNDS)
        told = (in_figures(*(min(one) for one in zip(*side, strict=True))) for side in zip(*pairs, strict=True))
        ratios, work = ([a[at] / b[at] for a, b in pairs] for at in (0, 1))
        tell(f"| {size:,} | {rows:,} | {' | '.join(told)} | {spread(ratios, '{:.2f}'.format)} | "
             f"{spread(work, '{:.2f}'.format)} |")
        table.unlink()
    if full:  # the script by hand takes all rows at once, which is ten times the memory of a million
        table = folder / "most.parquet"
        rows = write(10 * MILLION, table)
        ours = in_figures(*screened(vocabulary, table))
        tell(f"| {10 * MILLION:,} | {rows:,} | {ours} | not run: it would need some 40 GB | - | - |")


def in_figures(seconds: float, processor: float, megabytes: float) -> str:
    """What a process took, as the table says it."""
    return f"{seconds:.1f} ({processor:.1f}), {megabytes:.0f}"


def without_authorities(folder: Path) -> Path:
    """The shipped knowledge base without its list of authorities, on which invented ones are not."""
    copied = Path(shutil.copytree(VOCABULARY, folder / "kb"))
    (copied / "authorities.yaml").unlink()
    return copied


def measure(tell: Tell, folder: Path, full: bool) -> None:
    """Every table of this module."""
    vocabulary = without_authorities(folder)
    ready, problems = prepare(RULES, vocabulary)
    assert ready is not None, problems
    table = folder / f"{BASE}.parquet"
    write(BASE, table)
    chains(tell, ready, folder, table, full)
    growth(tell, folder)
    screens(tell, ready, vocabulary, folder, full)


RULES_ALONE = """The shipped rules ({rules} of them, {nodes:,} operations, {looks:,} looks at a test) over the marks of
invented authority-dates, in which sources disagree about every test in one case of 128. Every engine gets the same
boolean inputs and the same rules in their shortest form, in which equal marks are one and what no case can reach is
left out, and gives both marks of every signature and conclusion at every level in both readings. What it takes to build
a network, a query or a decision of the rules is not counted; the plan of the evaluator is kept in the same way. An
answer that differs from another engine's voids the run."""
WHOLE = """The command, in a process of its own: it reads and checks every row, makes the tests, applies the rules in
both readings, counts the routes and writes the answer. Beside it a script in polars (bench/handwritten.py) written for
speed without our code, which only makes the tests, for and against, and writes them; its tests are held against ours.
"""
