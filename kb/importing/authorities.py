"""Which authority a row of a published file is about: by its number, or else by any code it ever had."""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import NamedTuple

import polars as pl

from kb.authorities import by_any_code
from kb.importing.kinds import Columns
from kb.model import Authority, Vocabulary


class Unmatched(NamedTuple):
    """What a file calls an authority that is not known, and on how many rows."""

    said: str
    rows: int


class Matching:
    """The authorities of a knowledge base as published files name them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.by_number = {one.number: one for one in vocabulary.authorities.values() if one.number}
        self.by_code: Table[str, Authority] = by_any_code(vocabulary.authorities)
        self.together = {frozenset(joint.codes) for joint in vocabulary.joint_returns}

    def codes(self, number: str, code: str, columns: Columns) -> tuple[str, ...]:
        """The code of the authority, or those of several that send in one return; none where it is not known.

        The number decides, because codes change; where both are known and speak of different ones, neither counts.
        """
        numbers, codes = _parts(number, columns.together), _parts(code, columns.together)
        size = max(len(numbers), len(codes))
        found = [self._one(numbers[at] if at < len(numbers) else "", codes[at] if at < len(codes) else "")
                 for at in range(size)]
        known = tuple(one.id for one in found if one is not None)
        if len(known) < size or (size > 1 and frozenset(known) not in self.together):
            return ()
        return known

    def _one(self, number: str, code: str) -> Authority | None:
        by_number, by_code = self.by_number.get(number.removesuffix(".0")), self.by_code.get(code)
        if by_number and by_code and by_number is not by_code:
            return None
        return by_number or by_code


def _parts(text: str, together: str) -> list[str]:
    return [part.strip() for part in (text.split(together.strip()) if together else [text]) if part.strip()]


def match(frame: pl.DataFrame, columns: Columns, vocabulary: Vocabulary,
          ) -> tuple[pl.DataFrame, tuple[Unmatched, ...]]:
    """The frame with `codes`, a list for each row, empty where the authority is not known; and those not known."""
    matching = Matching(vocabulary)
    frame = frame.with_columns(pl.col(columns.named).fill_null("").str.strip_chars())
    keys = frame.select(columns.named).unique(maintain_order=True)
    said = [dict(zip(columns.named, row, strict=True)) for row in keys.iter_rows()]
    codes = [matching.codes(one.get(columns.number, ""), one.get(columns.code, ""), columns) for one in said]
    found = frame.join(keys.with_columns(codes=pl.Series(codes, dtype=pl.List(pl.String))), on=columns.named,
                       how="left", maintain_order="left")
    lost = found.filter(pl.col("codes").list.len() == 0).group_by(columns.named, maintain_order=True).len()
    named = [Unmatched(", ".join(part for part in row[:-1] if part), row[-1]) for row in lost.iter_rows()]
    return found, tuple(sorted(named))
