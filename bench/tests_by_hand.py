"""Our whole screen beside a hand-written script in polars that only makes the tests: answers compared, ratios."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from bench.load import days
from engine.packing import packed
from engine.prepared import Prepared
from engine.program import Program
from engine.roll import Roll
from engine.tableplanes import Looked
from kb.conditions import Test
from kb.dates import add_months
from kb.knowledge import Knowledge
from kb.longtables import read_long
from kb.model import Reading

ROOT = Path(__file__).resolve().parents[1]
LAUNCHER = ROOT / "bench" / "launched.py"


class Used(NamedTuple):
    """What a process took, with those it began: seconds to its end, seconds of processor time, megabytes at most."""

    seconds: float
    processor: float
    megabytes: float


def used(words: Sequence[object]) -> Used:
    """Runs a Python process to its end. Raises where it fails."""
    done = subprocess.run([sys.executable, LAUNCHER, *map(str, words)], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    if done.returncode:
        raise RuntimeError(f"{words} ended with {done.returncode}")
    return Used(*json.loads(done.stdout))


def asked(program: Program, held: set[str]) -> list[tuple[Test, int]]:
    """The tests of some indicators, each with how many months earlier it is looked at."""
    return sorted({(t, group.shift) for group in program.groups for t in group.tests if t.indicator in held}, key=str)


def specification(knowledge: Knowledge, program: Program, held: set[str], file: Path) -> None:
    """Writes what the hand-written script has to decide."""
    told, vocabulary = [], knowledge.vocabulary
    tests = asked(program, held)
    for place, (test, shift) in enumerate(tests):
        indicator = vocabulary.indicators[test.indicator]
        years = {year: (figures.get(str(test.threshold)), figures.known.isoformat())
                 for (id, year), figures in vocabulary.years.items() if id == test.indicator}
        named = isinstance(test.threshold, str)
        told.append({
            "name": f"t{place}", "indicator": test.indicator, "shift": shift, "comparator": test.comparator.value,
            "limit": None if named else test.threshold, "years": years if named else {}, "rise": test.rise_over,
            "validity": indicator.validity, "counted": indicator.reading is Reading.OCCURRENCES,
            "window": test.window if test.window is not None else indicator.validity})
    shifts = {shift: [add_months(day, -shift).isoformat() for day in days()] for shift in sorted({s for _, s in tests})}
    file.write_text(json.dumps({"tests": told, "days": shifts}), encoding="utf-8")


def differing(ready: Prepared, table: Path, made: Path) -> list[str]:
    """The tests on which the hand-written script does not say what the product says."""
    frame, found = read_long(table, ready.knowledge.vocabulary).frame, pl.read_parquet(made)
    assert frame is not None
    roll = Roll(tuple(frame["authority_code"].unique().sort()), tuple(days()))
    looked = Looked(ready.program, frame, roll, ready.knowledge.vocabulary)
    wrong = []
    for place, (test, shift) in enumerate(asked(ready.program, set(frame["indicator"].unique()))):
        for side, name in ((True, f"t{place} for"), (False, f"t{place} against")):
            plane = packed(found[name]) if name in found.columns else 0
            if plane != looked.since((test, shift, side), 0, None):
                wrong.append(f"{name}: {test} {shift} months earlier")
    return wrong


def screened(vocabulary: Path, table: Path) -> Used:
    """What our screen of a table takes, at every day of the load."""
    return used([ROOT / "cli.py", "screen", "--table", table, "--kb", vocabulary, "--from", days()[0].year, "--to",
                 days()[-1].year, "--out", table.with_suffix(".out.parquet")])


def beside(ready: Prepared, vocabulary: Path, table: Path, runs: int) -> list[tuple[Used, Used]]:
    """Our screen and the hand-written script, in turn. Raises where their tests are not the same."""
    spec, out = table.with_suffix(".json"), table.with_suffix(".hand.parquet")
    held = set(pl.scan_parquet(table).select(pl.col("indicator").unique()).collect()["indicator"])
    specification(ready.knowledge, ready.program, held, spec)
    script = [ROOT / "bench" / "handwritten.py", table, spec, out]
    found = [(screened(vocabulary, table), used(script)) for _ in range(runs)]
    if table.stat().st_size < 20e6 and (wrong := differing(ready, table, out)):
        raise RuntimeError("the hand-written script differs: " + "; ".join(wrong[:5]))
    return found


