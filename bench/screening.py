"""Screening invented authorities in great number: whole process, from Parquet to Parquet, and where the time goes.

    python bench/screening.py [AUTHORITY_DATES ...]        (10000 and 100000, where none is said)

The load is that of bench/load.py. Each size is screened once by the command, in a process of its own, without the list
of authorities (they are not on it), and then step by step in this process. Nothing here is a test.
"""

from __future__ import annotations

import os
import platform
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.load import days, write  # noqa: E402
from engine.bits import evaluate  # noqa: E402
from engine.prepared import Prepared, prepare  # noqa: E402
from engine.roll import Roll  # noqa: E402
from kb.files import RULES, VOCABULARY  # noqa: E402

T = TypeVar("T")
STEP_BY_STEP = 100_000
"""The most authority-dates that are held in this process at once."""


def whole(table: Path, vocabulary: Path) -> tuple[float, float]:
    """Seconds and peak memory, in megabytes, of the command that screens a table."""
    words = ("screen", "--table", table, "--kb", vocabulary, "--from", 2016, "--to", 2025,
             "--out", table.with_suffix(".out.parquet"))
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(ROOT / "cli.py"), *map(str, words)], stderr=subprocess.DEVNULL)
    _, code, used = os.wait4(process.pid, 0)
    if code:
        raise RuntimeError(f"the screen ended with {code}")
    return time.perf_counter() - start, used.ru_maxrss / 1000


def steps(table: Path, ready: Prepared) -> None:
    """Where the time goes, in this process."""
    from engine.screen import Screen
    from engine.tableplanes import Looked, planes_of
    from explain.screening import answer
    from kb.longtables import read_long

    knowledge, program = ready
    frame = timed("read and checked", lambda: read_long(table, knowledge.vocabulary).frame)
    assert frame is not None
    roll = Roll(tuple(frame["authority_code"].unique().sort()), tuple(days()))
    looked = timed("sides of tests", lambda: Looked(program, frame, roll, knowledge.vocabulary))
    atoms = timed("planes", lambda: planes_of(program, looked))
    planes = timed("rules, both readings", lambda: evaluate(program, atoms, 2 * roll.columns))
    found = Screen(knowledge, program, roll, planes, {})
    timed("rows, with routes", lambda: answer(found, ""))


def timed(name: str, work: Callable[[], T]) -> T:
    """What the work gives; prints how long it took."""
    start = time.perf_counter()
    found = work()
    print(f"    {name}: {1000 * (time.perf_counter() - start):.0f} ms", flush=True)
    return found


def chain(ready: Prepared, width: int, live: int) -> float:
    """Seconds for the shipped rules over so many cases in both readings, so many tests of them with random marks."""
    rng, atoms = random.Random(1), [(0, 0)] * len(ready.program.atoms)
    for place in rng.sample(range(len(atoms)), live):
        for_ = rng.getrandbits(2 * width) & rng.getrandbits(2 * width)
        atoms[place] = for_, rng.getrandbits(2 * width) & ~for_
    start = time.perf_counter()
    evaluate(ready.program, atoms, 2 * width)
    return time.perf_counter() - start


def main() -> None:
    """Measures every size asked for, and prints."""
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 100_000]
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
          f"load {os.getloadavg()[0]:.1f}")
    with TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "kb"
        shutil.copytree(VOCABULARY, vocabulary)
        (vocabulary / "authorities.yaml").unlink()
        ready, problems = prepare(RULES, vocabulary)
        assert ready is not None, problems
        for size in sizes:
            table = Path(folder) / f"{size}.parquet"
            rows = write(size, table)
            seconds, megabytes = whole(table, vocabulary)
            print(f"{size} authority-dates, {rows} rows: {seconds:.1f} s, {megabytes:.0f} MB at most", flush=True)
            if size <= STEP_BY_STEP:
                steps(table, ready)
    for live in (250, len(ready.program.atoms)):
        print(f"the rules alone, 1,000,000 cases, {live} of {len(ready.program.atoms)} looks at a test with marks: "
              f"{1000 * min(chain(ready, 1_000_000, live) for _ in range(3)):.0f} ms")


if __name__ == "__main__":
    main()
