"""Between columns of a frame and bit planes: a mark per row to one integer, bit i is row i, and back."""

from __future__ import annotations

import polars as pl

BYTE = 8
_BITS = pl.Series([[bool(byte >> bit & 1) for bit in range(BYTE)] for byte in range(1 << BYTE)])
"""The eight rows that each byte stands for."""


def packed(marks: pl.Series) -> int:
    """The plane of a series of booleans without nulls."""
    frame = pl.select(marks.cast(pl.UInt8).extend_constant(0, -len(marks) % BYTE).alias("row"))
    bits = (pl.col("row").gather_every(BYTE, bit) * (1 << bit) for bit in range(BYTE))
    together = frame.select(pl.sum_horizontal(*bits).cast(pl.UInt8))
    return int.from_bytes(_bytes(together.to_series()), "little")


def _bytes(series: pl.Series) -> bytes:
    found = series.implode().cast(pl.Binary).item()
    assert isinstance(found, bytes)
    return found


def unpacked(plane: int, rows: int) -> pl.Series:
    """The booleans of the first rows of a plane."""
    size = -(-rows // BYTE)
    whole = plane & (1 << rows) - 1
    as_bytes = pl.Series([whole.to_bytes(size, "little")], dtype=pl.Binary).cast(pl.List(pl.UInt8)).explode()
    return _BITS.gather(as_bytes).explode().head(rows)
