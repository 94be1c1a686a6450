"""Runs a Python process and prints what it took, with all that it began: seconds, seconds of processor time, megabytes.

    python bench/launched.py SCRIPT [WORD ...]

The megabytes are the most at one time, each page counted once however many processes share it; they are looked at
every tenth of a second, and where the system does not tell them (it is not Linux) they are those of one process. It is
a small process between: Linux tells of a process at least the memory of the one that started it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

EVERY = 0.1
SHARED_OUT = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)


def family(process: int) -> Iterator[int]:
    """A process and all that it began, and those began."""
    yield process
    for told in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, told.read_text().split()):
            yield from family(child)


def megabytes(process: int) -> float:
    """What a process and those below it hold now; 0 where that cannot be told."""
    try:
        told = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in family(process)]
    except OSError:  # one of them has just ended
        return 0
    return sum(int(found[1]) for one in told if (found := SHARED_OUT.search(one))) * 1024 / 1e6


def main() -> int:
    """Runs it to its end."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *sys.argv[1:]], stderr=subprocess.DEVNULL)
    seen, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            seen.append(megabytes(process.pid))
    looking = threading.Thread(target=look)
    looking.start()
    _, status, told = os.wait4(process.pid, 0)
    passed, worked = time.perf_counter() - start, told.ru_utime + told.ru_stime
    over.set()
    looking.join()
    print(json.dumps((passed, worked, max(seen) or told.ru_maxrss / 1000)))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
