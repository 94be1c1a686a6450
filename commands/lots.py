"""A large table in lots of authorities: as many at a time as memory allows, and some lots at once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")
AT_ONCE = 3
"""So many lots of authorities of a large table are worked on at once on one machine."""
COLUMN_BYTES = 1_500
"""Of memory that one authority at one date takes in the evaluation and the answer (measured, rounded up)."""


KEPT_FREE = "narenas:4,dirty_decay_ms:10000"
"""How jemalloc, in polars, treats memory that is free again: a sixth of the time of a large table went into giving it
back to the system after half a second and asking for it anew, page by page."""


def keep_freed_memory() -> None:
    """Has memory that one lot no longer needs kept for the next; of use only before polars is loaded."""
    os.environ.setdefault("_RJEM_MALLOC_CONF", KEPT_FREE)


def batches(codes: Sequence[str], rows: int, days: int, memory: int, at_once: int = 1, lots: int = 1,
            ) -> Iterator[Sequence[str]]:
    """So many authorities at a time as memory allows, at so many days, by how many rows there are of each on average;
    at least so many `lots` for each of those that are worked on `at_once`."""
    from kb.longparts import ROW_BYTES

    bytes_each = -(-rows // max(1, len(codes))) * ROW_BYTES + days * COLUMN_BYTES
    each = max(1, min(memory // at_once // bytes_each, -(-len(codes) // (lots * at_once))))
    for start in range(0, len(codes), each):
        yield codes[start:start + each]


def some_at_once(work: Callable[[S], T], parts: Iterable[S], at_once: int) -> Iterator[T]:
    """What the work gives of each part, in their order; most of it leaves Python, so that threads are enough."""
    with ThreadPoolExecutor(at_once) as pool:
        begun = deque[Future[T]]()
        for part in parts:
            begun.append(pool.submit(work, part))
            if len(begun) == at_once:
                yield begun.popleft().result()
        yield from (one.result() for one in begun)
