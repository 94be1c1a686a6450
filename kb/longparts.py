"""A long table some authorities at a time, so that one larger than memory can be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from kb.cells import BROKEN, not_whole
from kb.longtables import TEXTS, LongTable, read_coded, type_problem, typed
from kb.longtexts import TEXT, said_of
from kb.model import Kind, Problem, Vocabulary
from kb.tables import header_problem

WHOLE_BYTES = 1_000
"""Of memory that one row takes at most while a whole table is read and its tests are decided (measured, rounded up)."""
ROW_BYTES = 230
"""The same of a part of a table, of which no text is held twice."""


ROW = "row in file"


class LongFile(NamedTuple):
    """A long table that can be read.

    `rows`: how many there are under each code. `whole`: all of it, if it was read; else `written`: each code as it is
    in the file, with the spaces around it, and `between` the first row and the last under each.
    """

    path: Path
    name: str
    vocabulary: Vocabulary
    rows: Mapping[str, int]
    indicators: frozenset[str]
    kinds: frozenset[Kind]
    whole: pl.DataFrame | None = None
    written: Mapping[str, Sequence[str]] = MappingProxyType({})
    between: Mapping[str, tuple[int, int]] = MappingProxyType({})

    def only(self, codes: Collection[str]) -> LongFile:
        """The same, that knows of no more than some codes: what those need who read them alone."""
        if self.whole is not None:
            return self
        some = [code for code in codes if code in self.written]
        return self._replace(rows={code: self.rows[code] for code in some},
                             written={code: self.written[code] for code in some},
                             between={code: self.between[code] for code in some})

    def part(self, codes: Collection[str]) -> LongTable:
        """The rows under some codes (the columns CODED), and every problem of them."""
        if self.whole is not None:
            return LongTable(self.whole.filter(pl.col("authority_code").is_in(list(codes))), ())
        some = {one for each in codes for one in self.written[each]}
        first, last = (edge(self.between[code][at] for code in codes) for at, edge in enumerate((min, max)))
        together = last - first + 1 == sum(self.rows[code] for code in codes)  # as in a file sorted by authority
        code = pl.col("authority_code").cast(pl.String)
        try:
            named = pl.scan_parquet(self.path, row_index_name=ROW, row_index_offset=1, glob=False)
            near = named.slice(first, last - first + 1) if together else named.filter(
                code.is_between(pl.lit(min(some)), pl.lit(max(some))))
            found = near.with_columns(pl.col(column).cast(pl.String).cast(TEXT)
                                      for column in TEXTS if column in near.collect_schema()).collect()
        except (OSError, *BROKEN) as error:
            return LongTable(None, (not_whole(error, self.name),))
        if not together:
            found = found.filter(said_of(found["authority_code"], wanted=pl.col("word").is_in(some))["wanted"])
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
    each = lazy.with_row_index(ROW).group_by(code.fill_null("")).agg(
        pl.len(), first=pl.col(ROW).min(), last=pl.col(ROW).max())
    rows, written, between = dict[str, int](), dict[str, list[str]](), dict[str, tuple[int, int]]()
    for one, many, first, last in each.collect(engine="streaming").sort("authority_code").iter_rows():
        stripped = one.strip()
        before = between.get(stripped, (first, last))
        rows[stripped] = rows.get(stripped, 0) + many
        between[stripped] = min(first, before[0]), max(last, before[1])
        written.setdefault(stripped, []).append(one)
    said = pl.col("kind").cast(pl.String) if "kind" in lazy.collect_schema() else pl.lit("")
    told = lazy.select(indicator=indicator, kind=said).unique().collect(engine="streaming")
    held = set(told["indicator"].drop_nulls().str.strip_chars())
    kinds = {one.kind for id in held if (one := vocabulary.indicators.get(id))}
    kinds |= {Kind(kind) for kind in told["kind"].drop_nulls().str.strip_chars().unique() if kind in tuple(Kind)}
    return LongFile(path, name, vocabulary, rows, frozenset(held), frozenset(kinds),
                    written=written, between=between)
