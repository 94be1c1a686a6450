"""What became of published files, in words: what was read and kept, what was left aside and why, what is not known."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from explain.render.text import WIDTH, clean
from kb.dates import long_date

if TYPE_CHECKING:
    import polars as pl

    from kb.importing.gather import Gathered, Told

SHOWN = 8
"""So many names of what nothing asks for are listed, where not all of them are asked for."""


def imported(found: Gathered, everything: bool = False) -> str:
    """The account of an import as plain text: file by file, then all together."""
    lines = [line for told in found.told for line in _of_file(told, everything)]
    return told_as_text((*lines, *_in_all(found)))


def told_as_text(lines: Iterable[str]) -> str:
    """Lines indented by blanks as plain text, wrapped, with whatever stood in a file made safe for any terminal."""
    folded = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip(" ")))
        folded += textwrap.wrap(clean(line), WIDTH, initial_indent=indent, subsequent_indent=indent + "  ",
                                break_on_hyphens=False) or [""]
    return "".join(f"{line}\n" for line in folded)


def _of_file(told: Told, everything: bool) -> Iterator[str]:
    yield told.name
    yield f"  {told.title}"
    yield f"  rows read: {told.rows:,}; rows made of them: {told.kept:,}"
    if told.marked:
        yield f"    with a reason instead of a value: {', '.join(f'{marker} {n:,}' for marker, n in told.marked)}"
    if told.revised:
        yield (f"    otherwise than in an earlier edition, and so from the day on which this one was public: "
               f"{told.revised:,}")
    yield from _listed("left aside", [f"{why}: {rows:,}" for why, rows in told.left_out])
    yield from _listed("not a known authority", [f"{one.said} (rows: {one.rows:,})" for one in told.unmatched])
    if told.not_used:
        names = [name for name, _ in told.not_used]
        yield f"  no indicator asks for: {', '.join(_first(names, everything))}"
    yield ""


def _listed(what: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"  {what}:"
        yield from (f"    {item}" for item in items)


def _first(names: Sequence[str], everything: bool) -> Sequence[str]:
    if everything or len(names) <= SHOWN + 1:
        return names
    return [*names[:SHOWN], f"and {len(names) - SHOWN:,} more (--all lists them)"]


def _in_all(found: Gathered) -> Iterator[str]:
    for what, frame in (("judgements", found.outcomes), ("pairs of neighbours", found.neighbours)):
        if frame.height:
            yield f"In all: {frame.height:,} {what} of {frame['authority_code'].n_unique()} authorities."
    if found.observations.height:
        frame = found.observations
        yield (f"In all: {frame.height:,} observations under {frame['authority_code'].n_unique()} codes, of "
               f"{frame['indicator'].n_unique()} indicators, about {_days(frame['about'])}, public "
               f"{_days(frame['known'])}.")


def _days(days: pl.Series) -> str:
    each = sorted(days.unique())
    return " to ".join(long_date(day) for day in dict.fromkeys((each[0], each[-1])))
