"""Tables of how things stand as plain text folded to the terminal, as Markdown, and as CSV for a spreadsheet."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from explain import words
from explain.account import Account
from explain.grid import Grid, Row
from explain.render.markdown import escaped, table
from explain.render.text import WIDTH, clean
from kb.sheets.spreadsheets import csv_bytes

LABEL, GAP, NARROWEST = 30, 2, 11
"""Letters of the first column, between columns, and of the others where there are many."""
NAMES = ("", "kind")


def text(account: Account, grids: Sequence[Grid]) -> str:
    """The tables for a terminal, wide ones in blocks that each begin with the first column; ends in a newline."""
    blocks = [account.heading, account.subheading, *(part for grid in grids for part in _text(grid)), *account.closing]
    folded = (part if "\n" in part else "\n".join(textwrap.wrap(clean(part), WIDTH)) for part in blocks)
    return "\n\n".join(folded) + "\n"


def _text(grid: Grid) -> Iterator[str]:
    yield grid.heading
    width = _width(grid)
    step = max(1, (WIDTH - LABEL) // (width + GAP))
    for start in range(0, len(grid.columns), step):
        part = slice(start, start + step)
        lines = [_line("", grid.columns[part], width), "-" * (LABEL + len(grid.columns[part]) * (width + GAP))]
        lines += [_line(_label(row), row.cells[part], width) for row in grid.rows]
        yield "\n".join(lines)
    yield from grid.below


def _width(grid: Grid) -> int:
    """As wide as the longest words need, as far as all columns then stand side by side."""
    longest = max(len(clean(told)) for told in (*grid.columns, *(cell for row in grid.rows for cell in row.cells)))
    room = (WIDTH - LABEL) // max(1, len(grid.columns)) - GAP
    return max(NARROWEST, min(longest, room))


def _line(label: str, cells: Sequence[str], width: int) -> str:
    """One row of a block; what is too long for its column goes on below."""
    told = [textwrap.wrap(clean(label), LABEL - GAP), *(textwrap.wrap(clean(cell), width) for cell in cells)]
    widths = [LABEL, *(width + GAP for _ in cells)]
    levels = zip_longest(*told, fillvalue="")
    return "\n".join("".join(part.ljust(wide) for part, wide in zip(level, widths, strict=True)).rstrip()
                     for level in levels)


def markdown(account: Account, grids: Sequence[Grid]) -> str:
    """The tables as Markdown, each whole; ends in a newline."""
    blocks = [f"# {escaped(account.heading)}", f"*{escaped(account.subheading)}*"]
    for grid in grids:
        told = table((*NAMES, *grid.columns), [(row.title, _kind(row), *row.cells) for row in grid.rows])
        blocks += [f"## {escaped(grid.heading)}", told, *map(escaped, grid.below)]
    return "\n\n".join([*blocks, "---", *map(escaped, account.closing)]) + "\n"


def csv(account: Account, grids: Sequence[Grid]) -> str:
    """The tables as one CSV for a spreadsheet, under each other with their heading in the first column."""
    rows = [(account.heading, *NAMES[1:], "table", *grids[0].columns)]
    rows += [(row.title, _kind(row), grid.heading, *row.cells) for grid in grids for row in grid.rows]
    return csv_bytes([clean(cell) for cell in row] for row in rows).decode("utf-8-sig")


def _label(row: Row) -> str:
    return f"{row.title} [{_kind(row)}]" if row.thing[1] else row.title


def _kind(row: Row) -> str:
    return words.FOUND[row.thing[0]]


TABLES: dict[str, Callable[[Account, Sequence[Grid]], str]] = {"text": text, "markdown": markdown, "csv": csv}
"""The forms that a table can be written in."""
