"""The rows of a screen as text for a terminal, as JSON, as a workbook, and as CSV or Parquet piece by piece."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polars as pl

from explain.render.as_json import dump
from explain.render.text import WIDTH, clean
from explain.routewords import many
from explain.words import SMALL_BASE
from kb.files import whole
from kb.sheets.casecolumns import Column
from kb.sheets.casesheets import Layout
from kb.sheets.spreadsheets import FORMULA, Value
from kb.sheets.writeworkbooks import workbook_bytes

ONE_DAY = {"authority": 24, "result": 20, "signatures": 18, "conclusions": 24, "settled": 8, "judged": 6}
MORE_DAYS = {"authority": 20, "as_at": 11, "result": 20, "signatures": 15, "conclusions": 20, "settled": 8, "judged": 6}
"""What stands on a terminal, and how wide; files have every column."""
SHEET_ROWS = 100_000
"""The most rows that are written as a workbook."""
ROW_GROUP = 1 << 17
"""So many rows stand together in Parquet, in however many pieces they were made."""
_BEGINS = f"^[{re.escape(''.join(FORMULA))}]"
WIDE = ("authority", "signatures", "conclusions", "routes", "small_bases")


class Told(NamedTuple):
    """What is said beside the rows of a screen; `titles`: of the results, by id."""

    heading: str
    facts: tuple[str, ...]
    closing: tuple[str, ...]
    titles: Mapping[str, str]


def as_text(told: Told, rows: pl.DataFrame) -> str:
    """The rows as a table folded to a terminal, under what must be said of them; ends in a newline."""
    widths = MORE_DAYS if rows["as_at"].n_unique() > 1 else ONE_DAY
    head = [told.heading, *(textwrap.fill(fact, WIDTH) for fact in told.facts)]
    lines = [_line({name: name.replace("_", " ") for name in widths}, widths), "-" * WIDTH]
    lines += (_line(_cells(row, told.titles), widths) for row in rows.iter_rows(named=True))
    return "\n\n".join([*head, "\n".join(lines), *(textwrap.fill(line, WIDTH) for line in told.closing)]) + "\n"


def _cells(row: Mapping[str, object], titles: Mapping[str, str]) -> dict[str, object]:
    """One row as it is read: the title of the result, signatures by level, the routes to each conclusion, cautions."""
    routes = dict(pair.rsplit(" ", 1) for pair in _split(row["routes"]))
    by_level: dict[str, list[str]] = {}
    for id, level in (pair.rsplit(" ", 1) for pair in _split(row["signatures"])):
        by_level.setdefault(level, []).append(id)
    conclusions = [f"{one} ({many(int(routes[id]))})" if (id := one.rsplit(" ", 1)[0]) in routes else one
                   for one in _split(row["conclusions"])]
    authority = f"{row['authority']} ({SMALL_BASE})" if row["small_bases"] else row["authority"]
    return {**row, "authority": authority, "result": titles[str(row["result"])], "conclusions": "; ".join(conclusions),
            "signatures": "; ".join(f"{level}: {', '.join(ids)}" for level, ids in by_level.items())}


def _split(cell: object) -> list[str]:
    return [one for one in str(cell).split("; ") if one]


def _line(cells: Mapping[str, object], widths: Mapping[str, int]) -> str:
    folded = [textwrap.wrap(clean(str(cells[name])), width - (name != "judged")) for name, width in widths.items()]
    return "\n".join("".join(part.ljust(width) for part, width in zip(level, widths.values(), strict=True)).rstrip()
                     for level in zip_longest(*folded, fillvalue=""))


def as_json(told: Told, rows: pl.DataFrame) -> str:
    """The rows and what is said beside them as one JSON object."""
    plain = rows.with_columns(pl.col("as_at").dt.to_string("%Y-%m-%d"))
    return dump({"heading": told.heading, "facts": told.facts, "rows": plain.to_dicts(), "closing": told.closing})


def as_workbook(told: Told, rows: pl.DataFrame) -> bytes:
    """A workbook with a sheet of rows, and before it a sheet that says how to read them. Raises Unavailable."""
    plain = rows.with_columns(pl.col("as_at").dt.to_string("%Y-%m-%d"))
    columns = tuple(Column(name, "", 36 if name in WIDE else 16, shown=True) for name in plain.columns)
    said = tuple((line,) for line in (told.heading, *told.facts, *told.closing))
    values: Iterator[tuple[Value, ...]] = plain.iter_rows()
    return workbook_bytes((Layout("read this first", (Column("how to read it", "", 100, shown=True),), said),
                           Layout("screen", columns, tuple(values))))


def as_csv(rows: pl.DataFrame) -> str:
    """The rows as CSV; what a spreadsheet would take for a formula is marked as text."""
    return rows.select(marked_as_text(rows.schema)).write_csv()


def write(pieces: Iterable[pl.DataFrame], path: Path, format: str) -> None:
    """CSV or Parquet in so many pieces, none of them kept: whole in its place, or not at all. Raises OSError."""
    with whole(path) as beside, TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        for place, piece in enumerate(pieces):
            piece.write_parquet(Path(folder) / f"{place:08}.parquet")
        found = pl.scan_parquet(Path(folder) / "*.parquet")
        if format == "parquet":
            found.sink_parquet(beside, row_group_size=ROW_GROUP)
        else:
            found.select(marked_as_text(found.collect_schema())).sink_csv(beside, include_bom=True)


def marked_as_text(schema: pl.Schema) -> list[pl.Expr]:
    """Every column, a text that looks like a formula with an apostrophe before it."""
    looks = {name: pl.col(name).str.strip_chars_start("'").str.contains(_BEGINS) for name, kind in schema.items()
             if kind == pl.String}
    return [pl.when(looks[name]).then(pl.concat_str(pl.lit("'"), name)).otherwise(name).alias(name) if name in looks
            else pl.col(name) for name in schema]
