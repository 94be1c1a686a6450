"""Texts of a frame as numbers: what is said of a text is worked out once, however many rows it stands in."""

from __future__ import annotations

import polars as pl

TEXT = pl.Categorical()
WORD = pl.col("word").str.strip_chars()
NUMBER = "number of the word"


def said_of(column: pl.Series, **said: pl.Expr) -> pl.DataFrame:
    """Columns of what is said of each text (WORD) of a column, worked out once for all that are alike."""
    numbered = column if column.dtype == TEXT else column.cast(pl.String).cast(TEXT)
    numbers = numbered.to_physical()
    as_it_is = numbered.filter(turning(numbers)).unique()
    last = numbers.max()
    nothing = (last if isinstance(last, int) else 0) + 1  # the number of what is not there
    words = pl.DataFrame({"word": as_it_is.cast(pl.String).fill_null("")})
    each = words.select(**said).cast({pl.String: TEXT})
    every = pl.DataFrame({NUMBER: pl.int_range(nothing + 1, dtype=pl.UInt32, eager=True)}).join(
        each.with_columns(as_it_is.to_physical().fill_null(nothing).alias(NUMBER)), on=NUMBER, how="left",
        maintain_order="left")

    def of_each_row(one: str) -> pl.Series:
        told = each[one]
        if told.dtype == TEXT and told.eq_missing(as_it_is).all():
            return numbered
        if told.n_unique() == 1:
            return told.new_from_index(0, column.len())
        return every[one].gather(numbers.fill_null(nothing) if numbers.null_count() else numbers)
    return pl.DataFrame([of_each_row(one).alias(one) for one in said])


def turning(column: pl.Series) -> pl.Series:
    """Where something else stands than in the row before; mostly in few rows, which are quicker to tell apart."""
    turns = column.ne_missing(column.shift())
    return turns.scatter(0, True) if column.len() else turns
