"""A long table some authorities at a time, so that one larger than memory can be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kb.longtables import LongTable, read_long, type_problem, typed
from kb.model import Kind, Place, Problem, Vocabulary
from kb.problems import Code, not_opened
from kb.tables import header_problem

ROW_BYTES = 1_000
"""Of memory that one row takes while it is read and its tests are decided (measured, rounded up)."""


class LongFile(NamedTuple):
    """A long table that can be read. `rows`: how many there are under each code; `whole`: all of it, if it was read."""

    path: Path
    name: str
    vocabulary: Vocabulary
    rows: Mapping[str, int]
    indicators: frozenset[str]
    kinds: frozenset[Kind]
    whole: pl.DataFrame | None = None

    def part(self, codes: Collection[str]) -> LongTable:
        """The rows under some codes, and every problem of them."""
        if self.whole is not None:
            return LongTable(self.whole.filter(pl.col("authority_code").is_in(list(codes))), ())
        code = pl.col("authority_code").cast(pl.String).str.strip_chars()
        named = pl.scan_parquet(self.path).with_row_index("row in file", 1)
        try:
            found = named.filter(code.is_in(list(codes))).collect()
        except pl.exceptions.PolarsError as error:
            return LongTable(None, (_broken(error, self.name),))
        return typed(found.drop("row in file"), self.vocabulary, self.name, found["row in file"])


def open_long(path: Path, vocabulary: Vocabulary, memory: int, name: str) -> LongFile | tuple[Problem, ...]:
    """The long table of a file, read whole where about so many bytes of memory allow it; or every problem of it."""
    if path.suffix.lower() == ".parquet" and path.is_file():
        try:
            lazy = pl.scan_parquet(path)
            schema, height = lazy.collect_schema(), lazy.select(pl.len()).collect().item()
            if height * ROW_BYTES > memory:
                wrong = header_problem(schema.names(), name) or type_problem(pl.DataFrame(schema=schema), name)
                return (wrong,) if wrong else _unread(path, lazy, vocabulary, name)
        except pl.exceptions.PolarsError as error:
            return (_broken(error, name),)
    frame, problems = read_long(path, vocabulary, name)
    if frame is None or problems:
        return problems
    rows = dict(frame.group_by("authority_code", maintain_order=True).len().iter_rows())
    return LongFile(path, name, vocabulary, rows, frozenset(frame["indicator"].unique()),
                    frozenset(map(Kind, frame["kind"].unique())), frame)


def _unread(path: Path, lazy: pl.LazyFrame, vocabulary: Vocabulary, name: str) -> LongFile:
    """What has to be known of a table before its rows are read."""
    code, indicator = (pl.col(column).cast(pl.String).str.strip_chars() for column in ("authority_code", "indicator"))
    rows = dict(lazy.group_by(code).len().collect(engine="streaming").iter_rows())
    held = lazy.select(indicator.unique()).collect(engine="streaming")["indicator"].to_list()
    kinds = {one.kind for id in held if (one := vocabulary.indicators.get(id))}
    if "kind" in lazy.collect_schema():
        said = lazy.select(pl.col("kind").cast(pl.String).unique()).collect(engine="streaming")["kind"].to_list()
        kinds |= {Kind(kind) for kind in said if kind in tuple(Kind)}
    return LongFile(path, name, vocabulary, {code or "": many for code, many in rows.items()}, frozenset(held),
                    frozenset(kinds))


def _broken(error: Exception, name: str) -> Problem:
    if isinstance(error, OSError):
        return Problem(Place(name), Code.CANNOT_READ, *not_opened(error))
    said = str(error).strip().splitlines()[0]
    return Problem(Place(name), Code.CANNOT_READ, f"this is no whole Parquet file: {said}", "write it again")
