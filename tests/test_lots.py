"""Lots of a large table: how large they are, and several worked on at once by processes that end with the one that
began them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.lots import COLUMN_BYTES, PROCESS_BYTES, THREADS, batches, processes, some_at_once
from kb.longparts import ROW_BYTES

ROOT = Path(__file__).resolve().parents[1]
MANY = 3_000
ENDLESS = """
import sys, time
from commands.lots import some_at_once
from tests.test_lots import told_and_slow
if __name__ == "__main__":
    list(some_at_once(told_and_slow, [1, 2, 3], 2))
"""


def square(number: int) -> int:
    return number * number


def threads_and_process(_: int) -> tuple[str | None, int]:
    return os.environ.get(THREADS), os.getpid()


def told_and_slow(_: int) -> None:
    print(os.getpid(), flush=True)
    time.sleep(60)


def ended(number: int) -> int:
    """A process that the system ends."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wrong(number: int) -> int:
    raise ValueError(number)


@given(st.integers(0, MANY), st.integers(1, 500), st.integers(1, 30), st.integers(0, 4_000_000_000), st.integers(1, 9),
       st.integers(1, 4))
def test_every_authority_is_in_one_lot_and_lots_fit(many: int, rows: int, days: int, memory: int, at_once: int,
                                                    lots: int) -> None:
    codes = [f"X{place}" for place in range(many)]
    found = list(batches(codes, many * rows, days, memory, at_once, lots))
    assert list(chain(*found)) == codes
    sizes = {len(some) for some in found[:-1]}
    assert len(sizes) < 2, "all but the last are of one size"
    most = max(map(len, found), default=0)
    assert most <= 1 or most * (rows * ROW_BYTES + days * COLUMN_BYTES) * at_once <= memory
    assert most <= max(1, -(-many // (at_once * lots))), "each of those who work at once has so many"


def test_lots_are_shared_out_evenly() -> None:
    """Else the last lots leave processes with nothing to do."""
    sizes = [len(some) for some in batches(range(10_000), 10_000, 1, 2_000 * (ROW_BYTES + COLUMN_BYTES) * 4, 4)]  # type: ignore[arg-type]
    assert sizes == [1_250] * 8


def test_a_process_each_as_long_as_there_is_memory() -> None:
    assert [processes(memory) for memory in (1, PROCESS_BYTES, 3 * PROCESS_BYTES)] == [1, 1, 1]
    assert 1 <= processes(6 * PROCESS_BYTES) <= 2
    assert processes(1 << 50) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("at_once", [1, 2])
def test_answers_come_in_the_order_of_the_parts(at_once: int) -> None:
    assert list(some_at_once(square, range(20), at_once)) == [number * number for number in range(20)]


def test_each_process_has_one_thread_and_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS, "3")
    found = list(some_at_once(threads_and_process, range(20), 2))
    assert {threads for threads, _ in found} == {"1"}
    assert os.getpid() not in {process for _, process in found}
    assert os.environ[THREADS] == "3"
    monkeypatch.delenv(THREADS)
    list(some_at_once(square, [1], 2))
    assert THREADS not in os.environ


def test_a_process_that_the_system_ends_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        list(some_at_once(ended, range(20), 2))
    assert end.value.code == 3
    assert capsys.readouterr().err == (
        "sigrisk: the system ended a process of this run, most likely for want of memory; allow it less, as with "
        "--memory 500MB\n")


def test_what_goes_wrong_in_a_process_goes_wrong_here() -> None:
    with pytest.raises(ValueError, match="7"):
        list(some_at_once(wrong, [7, 8], 2))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux tells which processes there are")
def test_processes_end_with_the_one_that_began_them() -> None:
    """Even where it is ended by force and can tell them nothing."""
    parent = subprocess.Popen([sys.executable, "-c", ENDLESS], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    began = [int(parent.stdout.readline()) for _ in range(2)]
    assert all(Path(f"/proc/{one}").exists() for one in began)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 30
    while time.monotonic() < until and any(Path(f"/proc/{one}").exists() for one in began):
        time.sleep(0.05)
    assert not any(Path(f"/proc/{one}").exists() for one in began)
