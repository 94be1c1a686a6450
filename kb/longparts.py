"""A long table some authorities at a time, so that one larger than memory can be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from kb.cells import BROKEN, not_whole
from kb.longtables import TEXT, TEXTS, LongTable, read_coded, said_of, type_problem, typed
from kb.model import Kind, Problem, Vocabulary
from kb.tables import header_problem

WHOLE_BYTES = 1_000
"""Of memory that one row takes at most while a whole table is read and its tests are decided (measured, rounded up)."""
ROW_BYTES = 200
"""The same of a part of a table, of which no text is held twice."""


ROW = "row in file"


class LongFile(NamedTuple):
    """A long table that can be read.

    `rows`: how many there are under each code. `whole`: all of it, if it was read; else `written`: each code as it is
    in the file, with the spaces around it.
    """

    path: Path
    name: str
    vocabulary: Vocabulary
    rows: Mapping[str, int]
    indicators: frozenset[str]
    kinds: frozenset[Kind]
    whole: pl.DataFrame | None = None
    written: Mapping[str, Sequence[str]] = MappingProxyType({})

    def part(self, codes: Collection[str]) -> LongTable:
        """The rows under some codes (the columns CODED), and every problem of them."""
        if self.whole is not None:
            return LongTable(self.whole.filter(pl.col("authority_code").is_in(list(codes))), ())
        code, some = pl.col("authority_code").cast(pl.String), {one for each in codes for one in self.written[each]}
        named = pl.scan_parquet(self.path, row_index_name=ROW, row_index_offset=1, glob=False)
        try:  # the parts of a file that is sorted by authority are told by their first and last
            near = named.filter(code.is_between(pl.lit(min(some)), pl.lit(max(some))))
            found = near.with_columns(pl.col(column).cast(pl.String).fill_null("").cast(TEXT)
                                      for column in TEXTS if column in near.collect_schema()).collect()
        except (OSError, *BROKEN) as error:
            return LongTable(None, (not_whole(error, self.name),))
        wanted = said_of(found["authority_code"], wanted=pl.col("word").is_in(some))["wanted"]
        found = found if wanted.all() else found.filter(wanted)
        return typed(found.drop(ROW), self.vocabulary, self.name, found[ROW])


def open_long(path: Path, vocabulary: Vocabulary, memory: int, name: str) -> LongFile | tuple[Problem, ...]:
    """The long table of a file, read whole where about so many bytes of memory allow it; or every problem of it."""
    if path.suffix.lower() == ".parquet" and path.is_file():
        try:
            lazy = pl.scan_parquet(path, glob=False)
            schema, height = lazy.collect_schema(), lazy.select(pl.len()).collect().item()
            if height * WHOLE_BYTES > memory:
                wrong = header_problem(schema.names(), name) or type_problem(pl.DataFrame(schema=schema), name)
                return (wrong,) if wrong else _unread(path, lazy, vocabulary, name)
        except (OSError, *BROKEN) as error:
            return (not_whole(error, name),)
    frame, problems = read_coded(path, vocabulary, name)
    if frame is None or problems:
        return problems
    rows = dict(frame.group_by("authority_code", maintain_order=True).len().iter_rows())
    return LongFile(path, name, vocabulary, rows, frozenset(frame["indicator"].unique().cast(pl.String)),
                    frozenset(map(Kind, frame["kind"].unique())), frame)


def _unread(path: Path, lazy: pl.LazyFrame, vocabulary: Vocabulary, name: str) -> LongFile:
    """What has to be known of a table before its rows are read."""
    code, indicator = (pl.col(column).cast(pl.String) for column in ("authority_code", "indicator"))
    many = lazy.group_by(code.fill_null("")).len().collect(engine="streaming").sort("authority_code")
    rows, written = dict[str, int](), dict[str, list[str]]()
    for one, number in many.iter_rows():
        rows[one.strip()] = rows.get(one.strip(), 0) + number
        written.setdefault(one.strip(), []).append(one)
    said = pl.col("kind").cast(pl.String) if "kind" in lazy.collect_schema() else pl.lit("")
    each = lazy.select(indicator=indicator, kind=said).unique().collect(engine="streaming")
    held = set(each["indicator"].drop_nulls().str.strip_chars())
    kinds = {one.kind for id in held if (one := vocabulary.indicators.get(id))}
    kinds |= {Kind(kind) for kind in each["kind"].drop_nulls().str.strip_chars().unique() if kind in tuple(Kind)}
    return LongFile(path, name, vocabulary, rows, frozenset(held), frozenset(kinds),
                    written=written)
