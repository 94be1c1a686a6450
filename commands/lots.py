"""A large table in lots of authorities: as many at a time as memory allows, and some lots at once."""

from __future__ import annotations

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from gc import freeze
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from commands.common import UNREADABLE, stop

if TYPE_CHECKING:
    from concurrent.futures import Future

S = TypeVar("S")
T = TypeVar("T")
COLUMN_BYTES = 1_500
"""Of memory that one authority at one date takes in the evaluation and the answer (measured, rounded up)."""
PROCESS_BYTES = 150_000_000
"""Of memory that a process takes which has not read a row (measured, rounded up)."""
THREADS = "POLARS_MAX_THREADS"


KEPT_FREE = "narenas:4,dirty_decay_ms:10000"
"""How jemalloc, in polars, treats memory that is free again: a sixth of the time of a large table went into giving it
back to the system after half a second and asking for it anew, page by page."""


def keep_freed_memory() -> None:
    """Has memory that one lot no longer needs kept for the next; of use only before polars is loaded."""
    os.environ.setdefault("_RJEM_MALLOC_CONF", KEPT_FREE)


def processes(memory: int) -> int:
    """How many may work at once: one for each processor, as long as two thirds of the memory are left for rows."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return max(1, min(len(allowed), memory // (3 * PROCESS_BYTES)))


def batches(codes: Sequence[str], rows: int, days: int, memory: int, at_once: int = 1, lots: int = 1,
            ) -> Iterator[Sequence[str]]:
    """So many authorities at a time as memory allows, at so many days, by how many rows there are of each on average;
    as many `lots` for each of those that are worked on `at_once`, and at least so many. All are of one size."""
    from kb.longparts import ROW_BYTES

    bytes_each = -(-rows // max(1, len(codes))) * ROW_BYTES + days * COLUMN_BYTES
    most = max(1, memory // at_once // bytes_each)
    each = max(1, -(-len(codes) // (at_once * max(lots, -(-len(codes) // (most * at_once))))))
    for start in range(0, len(codes), each):
        yield codes[start:start + each]


def some_at_once(work: Callable[[S], T], parts: Iterable[S], at_once: int) -> Iterator[T]:
    """What the work gives of each part, in their order; several at once in so many processes of one thread each, since
    threads of one process wait for each other. An end in one line where the system ends a process."""
    if at_once == 1:
        yield from map(work, parts)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with _one_thread_each(), ProcessPoolExecutor(at_once, get_context("spawn"), _begin, (pickle.dumps(work),)) as pool:
        begun: deque[Future[T]] = deque()
        try:
            for part in parts:
                begun.append(pool.submit(_done, part))
                if len(begun) > 2 * at_once:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        except BrokenProcessPool:
            stop(["sigrisk: the system ended a process of this run, most likely for want of memory; allow it less, as "
                  "with --memory 500MB"], UNREADABLE)
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes that begin meanwhile use one thread for their frames."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        os.environ.pop(THREADS) if before is None else os.environ.update({THREADS: before})


_WORK: list[Callable[[Any], Any]] = []
"""What this process does with each part."""


def _begin(work: bytes) -> None:
    """A process begins: it is told once what to do, leaves interruptions to the one that began it, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _WORK[:] = [pickle.loads(work)]
    freeze()  # what is kept from lot to lot holds no garbage


def _end_with_parent() -> None:
    """However the parent ends: its processes would else wait for it for ever."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _done(part: object) -> Any:
    return _WORK[0](part)
