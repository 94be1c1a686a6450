"""Screening: every authority of a table of observations, at one date or several."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.common import (
    UNREADABLE,
    USAGE,
    Day,
    assessor_of,
    engine_answers,
    kb_option,
    prepared,
    put,
    rules_option,
    say,
    show,
    shown_name,
    something_known,
    stop,
)
from commands.extent import Size, Where
from commands.lots import PROCESS_BYTES, batches, keep_freed_memory, processes, some_at_once

if TYPE_CHECKING:
    import polars as pl

    from engine.prepared import Prepared
    from explain.render.screened import Told
    from explain.screening import Answer
    from kb.longparts import LongFile

FORMATS = ("text", "json", "csv", "parquet", "xlsx")
IN_FILES, IN_WORDS = ("parquet", "xlsx"), ("text", "json")
NAMED = 5
"""The most codes that are named when their rows are left aside."""
LOTS = 3
"""So many lots of authorities are made for each that Spark works on at once."""


@click.command(epilog="Examples:  sigrisk screen --table obs.parquet --as-at 2025-12-31   |   "
                      "sigrisk screen --table obs.csv --from 2017 --to 2025 --out screen.xlsx   |   "
                      'sigrisk screen --table obs.csv --as-at 2025-12-31 --why "NAME"')
@click.option("--table", type=click.Path(path_type=Path), required=True, help="A long table: CSV or Parquet.")
@click.option("--as-at", "days", type=Day(), multiple=True,
              help="Ask for a date: only what was public by then counts. May be given several times.")
@click.option("--from", "first", type=click.IntRange(1900, 9000), help="Ask for the end of every year from this ...")
@click.option("--to", "last", type=click.IntRange(1900, 9000), help="... to this.")
@click.option("--why", "name", help="The account of one authority, by its name or code.")
@click.option("--format", type=click.Choice(FORMATS), help="How to write it (default: as the name of the file ends).")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Write to a file.")
@click.option("--memory", type=Size(), default="2GB", show_default=True, help="About so much memory may be used.")
@click.option("--on", "where", metavar="spark[://HOST:PORT]", type=Where(),
              help="Run on Spark: all processors of this machine, or a cluster.")
@rules_option
@kb_option
def screen(table: Path, days: tuple[date, ...], first: int | None, last: int | None, name: str | None,
           format: str | None, out: Path | None, memory: int, where: str | None, rules: Path,
           vocabulary: Path) -> None:
    """What signs every authority of a table of observations shows, at one date or several."""
    keep_freed_memory()
    written = _format(format, out, name is not None)
    asked = _days(days, first, last)
    ready = prepared(rules, vocabulary)
    held = opened(table, ready, memory)
    found = Asked(ready, held, asked or (_last(held),), memory, where)
    _something_public(found)
    if name is not None:
        return _why(found, name, written, out)
    return _screen(found, written, out)


class Asked(NamedTuple):
    """A table to be screened: on which knowledge, at which days, in about how much memory, and where."""

    ready: Prepared
    held: LongFile
    days: tuple[date, ...]
    memory: int
    where: str | None = None


def _format(format: str | None, out: Path | None, one: bool) -> str:
    """How the answer is written: as asked, or as the name of the file ends."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    written = format or ("text" if ending in ("", "txt") else ending)
    if written not in FORMATS:
        stop([f"sigrisk: {shown_name(out or Path())} does not end in .csv, .parquet, .xlsx or .json; "
              "say which it is to be with --format"], USAGE)
    if one and written not in IN_WORDS:
        stop([f"sigrisk: the account of one authority is written as {' or '.join(IN_WORDS)}, not as {written}"], USAGE)
    if written in IN_FILES and out is None:
        stop([f"sigrisk: {written} is written to a file: --out screen.{written}"], USAGE)
    return written


def _days(days: Sequence[date], first: int | None, last: int | None) -> tuple[date, ...]:
    """The days asked for, each once and in order."""
    if (first is None) != (last is None):
        stop(["sigrisk: the years go from one to another: --from 2017 --to 2025"], USAGE)
    if first is not None and last is not None and last < first:
        stop([f"sigrisk: no year goes from {first} to {last}; write the earlier one first"], USAGE)
    years = range(first, last + 1) if first is not None and last is not None else ()
    return tuple(sorted({*days, *(date(year, 12, 31) for year in years)}))


def opened(table: Path, ready: Prepared, memory: int) -> LongFile:
    """The table, or an end with every problem of it."""
    from kb.longparts import LongFile, open_long

    held = open_long(table, ready.knowledge.vocabulary, memory, shown_name(table))
    if not isinstance(held, LongFile):
        stop(sorted(held), UNREADABLE)
    return held


def _last(held: LongFile) -> date:
    """The last day on which something in the table became public."""
    if held.whole is None:
        stop([f"sigrisk: {held.name} is larger than the memory allowed, so a date is needed: --as-at 2018-11-30"],
             USAGE)
    found = held.whole["known"].max()
    assert isinstance(found, date)
    return found


def _something_public(found: Asked) -> None:
    """Ends with the first date on which something was public where all the dates asked for lie before it."""
    if found.held.whole is not None:
        first = found.held.whole["known"].min()
        assert isinstance(first, date)
        if first > found.days[-1]:
            stop([f"sigrisk: nothing in {found.held.name} was public by {found.days[-1]}: ask for {first} or later"],
                 USAGE)


def rows_under(found: Asked, codes: Sequence[str], today: Mapping[str, str]) -> pl.DataFrame:
    """The rows under some codes, with those that their authorities have today; or an end with every problem of them."""
    from explain.screening import rows_today

    frame, problems = rows_today(found.held, codes, today)
    if frame is None or problems:
        stop(sorted(problems), UNREADABLE)
    return frame


def _why(found: Asked, name: str, written: str, out: Path | None) -> None:
    """The account of one authority, as `why` gives it, on what the table holds of it."""
    from explain.answer import why
    from explain.screening import case_of, names, placed
    from kb.problems import did_you_mean

    vocabulary, day = found.ready.knowledge.vocabulary, found.days[-1]
    today, _ = placed(found.held.rows, vocabulary)
    called = names(set(today.values()), vocabulary)
    wanted = [code for code, told in called.items() if name.casefold() in (code.casefold(), told.casefold())]
    if not wanted:
        nearest = did_you_mean(name, called.values()) or did_you_mean(name, called)
        stop([f"sigrisk: {found.held.name} has nothing on {name!r}{'; ' if nearest else ''}{nearest}"], USAGE)
    if len(wanted) > 1:
        stop([f"sigrisk: {name!r} is the name of {len(wanted)} authorities; say which by its code: "
              f"{', '.join(wanted)}"], USAGE)
    if len(found.days) > 1:
        stop([f"sigrisk: the account of one authority is of one date, and was given {len(found.days)}"], USAGE)
    codes = [code for code, one in today.items() if one == wanted[0]]
    case = case_of(wanted[0], rows_under(found, codes, today), vocabulary)
    something_known(case, day, case.observations)
    with engine_answers():
        show(why(assessor_of(found.ready, "auto").assess(case, day)), written, out)


def _screen(found: Asked, written: str, out: Path | None) -> None:
    """Every authority, piece by piece, in the form asked for."""
    import polars as pl

    from explain.render import screened

    pieces = _pieces(found)
    if written in ("csv", "parquet") and out is not None:
        return _written(pieces, out, written)
    rows = pl.concat(pieces)
    if written == "csv":
        return say(screened.as_csv(rows), None)
    told = _told(found, rows)
    if written == "xlsx" and out is not None:
        return _workbook(told, rows, out)
    return say(screened.as_json(told, rows) if written == "json" else screened.as_text(told, rows), out)


def _pieces(found: Asked) -> Iterator[pl.DataFrame]:
    """The rows of the answer, for as many authorities at a time as memory allows, in the order of the alphabet."""
    from explain.screening import names, placed

    today, unknown = placed(found.held.rows, found.ready.knowledge.vocabulary)
    left_aside(found.held, unknown)
    called = list(names(set(today.values()), found.ready.knowledge.vocabulary))
    with progress(len(called)) as done:
        for piece in _answers(found, today, called):
            if isinstance(piece, tuple):
                stop(sorted(piece), UNREADABLE)
            yield piece
            done(piece["authority_code"].n_unique())


def _answers(found: Asked, today: Mapping[str, str], codes: Sequence[str]) -> Iterable[Answer]:
    """The answer for some authorities after the other, here or wherever it was asked for."""
    from engine.roll import Roll
    from explain.screening import Lot, screened, standing_under

    held, under = found.held, standing_under(today)
    rows, days = sum(held.rows.values()), len(found.days)

    def parts(held: LongFile, memory: int, at_once: int, lots: int = 1) -> Iterator[Lot]:
        for some in batches(codes, rows, days, memory, at_once, lots):
            mine = {code: under[code] for code in some}
            yield Lot(held.only([one for each in mine.values() for one in each]), mine, Roll(tuple(some), found.days))
    if found.where is None:
        at_once = 1 if held.whole is not None else processes(found.memory)
        empty = (at_once + 1) * PROCESS_BYTES if at_once > 1 else 0
        return some_at_once(partial(screened, found.ready), parts(held, found.memory - empty, at_once), at_once)
    from commands.onspark import on_spark

    # not even a small table goes from here to every machine
    there = opened(held.path.absolute(), found.ready, 0)._replace(name=held.name)
    if there.whole is not None:
        stop([f"sigrisk: --on spark reads Parquet: sigrisk import {held.name} -o obs.parquet"], USAGE)
    return on_spark(found.where, partial(screened, found.ready), lambda at_once: list(
        parts(there, found.memory, at_once, LOTS)))


def left_aside(held: LongFile, unknown: Sequence[str]) -> None:
    """Says which codes the list of authorities does not have; an end where it has none of those in the table."""
    if len(unknown) == len(held.rows):
        stop([f"sigrisk: {held.name} has no row under a code of the list of authorities"], USAGE)
    if unknown:
        rows, more = sum(held.rows[code] for code in unknown), len(unknown) - NAMED
        click.echo(f"{held.name}: {rows} rows are left aside, the list of authorities does not have their codes: "
                   f"{', '.join(unknown[:NAMED])}{f' and {more} more' if more > 0 else ''}", err=True)


@contextmanager
def progress(many: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, as so many authorities are done; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=many, label="authorities", file=sys.stderr) as bar:
        yield bar.update


def _told(found: Asked, rows: pl.DataFrame) -> Told:
    """What is said beside the rows."""
    from explain.account import closing
    from explain.render.screened import Told
    from explain.screening import facts, heading, holds

    knowledge, program = found.ready.knowledge, found.ready.program
    looked_at = {test.indicator for atom, _ in program.atoms for test in atom.tests}
    titles = {id: one.title for (kind, id), one in knowledge.conclusions().items() if kind == "result"}
    said = facts(holds(found.held.kinds), len(looked_at & found.held.indicators), len(knowledge.vocabulary.signatures),
                 bool((rows["small_bases"] != "").any()))
    return Told(heading(found.days, rows["authority_code"].n_unique()), said, closing(knowledge.vocabulary), titles)


def _workbook(told: Told, rows: pl.DataFrame, out: Path) -> None:
    from explain.render.screened import SHEET_ROWS, as_workbook
    from kb.sheets.spreadsheets import Unavailable

    if rows.height > SHEET_ROWS:
        stop([f"sigrisk: {rows.height} rows are too many for a workbook (at most {SHEET_ROWS}); "
              f"write them as {out.stem}.csv or {out.stem}.parquet"], USAGE)
    try:
        put(out, as_workbook(told, rows))
    except Unavailable as missing:
        stop([f"sigrisk: {missing}"], USAGE)


def _written(pieces: Iterator[pl.DataFrame], out: Path, written: str) -> None:
    """CSV or Parquet, written piece by piece and put in its place whole."""
    from explain.render.screened import write

    try:
        write(pieces, out, written)
    except OSError as error:
        stop([f"sigrisk: {shown_name(out)} cannot be written: {(error.strerror or str(error)).lower()}"], UNREADABLE)
    click.echo(f"written to {out}", err=True)
