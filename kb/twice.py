"""Rows of a table about the same thing that disagree: which they are, and what is wrong with each."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kb.problems import shown
from kb.sheets.spreadsheets import number_text

KEEP_ONE = "keep the row that is right"


def differing(frame: pl.DataFrame, column: str, same: Sequence[str]) -> pl.DataFrame:
    """The rows whose value (or else marker) or base is not that of the first row that is the same in some columns.

    `said` is what each says, and `first_said`, `first_row` (and `first_file`) what the first one says, and where.
    """
    said = pl.coalesce(pl.col(column).cast(pl.String), *(["marker"] if column == "value" else []))
    there = frame.with_columns(said=said).drop_nulls("said")
    first = {f"first_{one}": pl.col(one).first().over(same) for one in ("said", "row", "file") if one in there.columns}
    return there.with_columns(**first).filter(pl.col("said") != pl.col("first_said"))


def disagreement(row: dict[str, str], column: str, elsewhere: str) -> str:
    """What is wrong with a row of `differing`: what it says in that column, and what the first row says, elsewhere."""
    whose = "the base of " if column == "base" else ""
    return (f"{whose}{shown(row['indicator'])} of {shown(row['authority_code'])} is {_said(row['said'])} here, and "
            f"{_said(row['first_said'])} in {elsewhere}, of the same day and source")


def _said(said: str) -> str:
    """A value or a marker, which a frame of text has, as people write it."""
    try:
        return number_text(float(said))
    except ValueError:
        return said
