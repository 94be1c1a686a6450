"""Between columns of a frame and bit planes: a mark per row to one integer, bit i is row i, and back.

Eight planes at a time, a byte for each row: eight bytes are a square of eight rows by eight planes, and to turn every
square over, which few operations on one large integer do, leads from rows to planes and from planes to rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from operator import or_

import polars as pl

EIGHT = 8
MOST = 64
"""So many planes are put into one column of numbers at most."""
SWAPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))
"""What is swapped in a square, and by how many bits: single bits, then squares of four, then of sixteen."""
SIZES = {1: pl.UInt8, 2: pl.UInt16, 4: pl.UInt32, 8: pl.UInt64}


def packed(marks: pl.Series) -> int:
    """The plane of a series of booleans, a null as no mark."""
    return packed_all(marks.to_frame("marks"), [pl.col("marks")])[0]


def packed_all(frame: pl.DataFrame, marks: Sequence[pl.Expr]) -> list[int]:
    """The planes of booleans that are made of the columns of a frame."""
    return planes_of(frame.select(as_cells(marks)).row(0), len(marks)) if marks else []


def as_cells(marks: Sequence[pl.Expr]) -> list[pl.Expr]:
    """Booleans, a null as no mark, as cells for `planes_of`: a byte for each row of eight of them."""
    bits = [pl.when(one).then(pl.lit(1 << place % EIGHT, pl.UInt8)).otherwise(pl.lit(0, pl.UInt8))
            for place, one in enumerate(marks)]
    return [reduce(or_, bits[first:first + EIGHT]).implode().cast(pl.Binary).alias(f"{first}")
            for first in range(0, len(bits), EIGHT)]


def planes_of(cells: Iterable[bytes], many: int) -> list[int]:
    """So many planes, the marks of which are written in cells."""
    found: list[int] = []
    for cell in cells:
        turned = _turned(cell)
        found += [int.from_bytes(turned[place::EIGHT], "little") for place in range(min(EIGHT, many - len(found)))]
    return found


def numbers(digits: Sequence[int], rows: int) -> pl.Series:
    """The number in each row of which these planes are the binary digits, the last digit first; at most MOST."""
    eights = range(0, max(1, len(digits)), EIGHT)
    size = next(size for size in SIZES if size >= len(eights))
    cells, squares = bytearray(size * rows), -(-rows // EIGHT)
    for place, first in enumerate(eights):
        square = bytearray(squares * EIGHT)
        for at, digit in enumerate(digits[first:first + EIGHT]):
            square[at::EIGHT] = digit.to_bytes(squares, "little")
        cells[place::size] = _turned(square)[:rows]
    held = pl.Series([bytes(cells)], dtype=pl.Binary)
    if size == 1:
        return held.cast(pl.List(pl.UInt8)).explode().head(rows)
    return held.bin.reinterpret(dtype=pl.Array(SIZES[size], rows), endianness="little").explode()


def unpacked(plane: int, rows: int) -> pl.Series:
    """The booleans of the first rows of a plane."""
    return numbers([plane & (1 << rows) - 1], rows).cast(pl.Boolean)


def _turned(squares: bytes | bytearray) -> bytes:
    """Every square of eight bytes turned over; the last one is filled up."""
    many = -(-len(squares) // EIGHT)
    marks = int.from_bytes(squares, "little")
    for by, where in zip((by for by, _ in SWAPS), _wheres(many), strict=True):
        swapped = (marks ^ marks >> by) & where
        marks ^= swapped ^ swapped << by
    return marks.to_bytes(many * EIGHT, "little")


@lru_cache(maxsize=4)
def _wheres(many: int) -> tuple[int, ...]:
    """What is swapped in so many squares."""
    return tuple(int.from_bytes(where.to_bytes(EIGHT, "little") * many, "little") for _, where in SWAPS)
