"""Between columns of a frame and bit planes: a mark per row to one integer, bit i is row i, and back."""

from __future__ import annotations

import polars as pl

_DIGITS, _NUMBERS = bytes.maketrans(b"\0\1", b"01"), bytes.maketrans(b"01", b"\0\1")


def packed(marks: pl.Series) -> int:
    """The plane of a series of booleans without nulls."""
    return plane_of(pl.select(as_bytes(pl.lit(marks))).item())


def as_bytes(marks: pl.Expr) -> pl.Expr:
    """Booleans, a null as no mark, as one cell for `plane_of`."""
    return marks.fill_null(False).cast(pl.UInt8).implode().cast(pl.Binary)


def plane_of(cell: bytes) -> int:
    """The plane of marks that are written in a cell."""
    return int(cell[::-1].translate(_DIGITS), 2) if cell else 0


def unpacked(plane: int, rows: int) -> pl.Series:
    """The booleans of the first rows of a plane."""
    first = 1 << rows  # a digit before the others, so that there are as many as rows
    as_bytes = format(plane & first - 1 | first, "b").encode().translate(_NUMBERS)[:0:-1]
    return pl.Series([as_bytes], dtype=pl.Binary).cast(pl.List(pl.UInt8)).explode().cast(pl.Boolean).head(rows)
