"""Between columns of a frame and bit planes: a mark per row to one integer, bit i is row i, and back."""

from __future__ import annotations

import polars as pl

BYTE = 8
_DIGITS = bytes.maketrans(b"\0\1", b"01")
_BITS = pl.Series([[bool(byte >> bit & 1) for bit in range(BYTE)] for byte in range(1 << BYTE)])
"""The eight rows that each byte stands for."""


def packed(marks: pl.Series) -> int:
    """The plane of a series of booleans without nulls."""
    rows = marks.cast(pl.UInt8).implode().cast(pl.Binary).item()
    assert isinstance(rows, bytes)
    return int(rows[::-1].translate(_DIGITS), 2) if rows else 0


def unpacked(plane: int, rows: int) -> pl.Series:
    """The booleans of the first rows of a plane."""
    size = -(-rows // BYTE)
    whole = plane & (1 << rows) - 1
    as_bytes = pl.Series([whole.to_bytes(size, "little")], dtype=pl.Binary).cast(pl.List(pl.UInt8)).explode()
    return _BITS.gather(as_bytes).explode().head(rows)
