"""Looking back: past judgements beside what was public before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.common import (
    UNREADABLE,
    USAGE,
    kb_option,
    prepared,
    put,
    rules_option,
    say,
    shown_name,
    stop,
)
from commands.common import written as reported
from commands.drawing import PICTURES, picture_file
from commands.extent import Size
from commands.lots import batches
from commands.screening import Asked, left_aside, opened, progress, rows_under

if TYPE_CHECKING:
    import polars as pl

    from engine.backtest import Look, Seen
    from engine.judged import Judged
    from engine.prepared import Prepared
    from explain.backtest import Past
    from explain.pastrecords import Backtest
    from kb.judgements import Area, Judgements
    from kb.longparts import LongFile
    from kb.outcomes import Judgement

WRITTEN = ("text", "json", "markdown", "csv", "parquet")
ENDINGS = {"": "text", "txt": "text", "md": "markdown"}
SAID = 20
"""So many problems of a file are listed; more are counted."""


@click.command(epilog="Examples:  sigrisk backtest --table obs.parquet --outcomes outcomes.csv   |   "
                      "sigrisk backtest --table obs.parquet --outcomes outcomes.csv --area leaders --to 2024   |   "
                      "sigrisk backtest --table obs.parquet --outcomes outcomes.csv --out ladder.svg")
@click.option("--table", type=click.Path(path_type=Path), required=True, help="A long table: CSV or Parquet.")
@click.option("--outcomes", type=click.Path(path_type=Path), required=True,
              help="Past judgements, as import --outcomes writes them: CSV or Parquet.")
@click.option("--area", default="overall", show_default=True, help="Which area was judged.")
@click.option("--from", "first", type=click.IntRange(1900, 9000), help="Judgements published from this year ...")
@click.option("--to", "last", type=click.IntRange(1900, 9000), help="... to this.")
@click.option("--of", "ids", multiple=True, metavar="ID",
              help="In words, also list the judgements beside this conclusion or rule. May be given several times.")
@click.option("--leaky", "is_leaky", is_flag=True,
              help="The false picture of a cross-section, for teaching: judgements beside figures of today.")
@click.option("--format", type=click.Choice((*WRITTEN, *PICTURES)),
              help="How to write it (default: as the name of the file ends); csv, parquet: a row for each judgement.")
@click.option("--picture", type=click.Path(path_type=Path), callback=picture_file,
              help="Also draw it: FILE.svg, .png, .pdf or .dot.")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Write to a file.")
@click.option("--memory", type=Size(), default="2GB", show_default=True, help="About so much memory may be used.")
@rules_option
@kb_option
def backtest(table: Path, outcomes: Path, area: str, first: int | None, last: int | None, ids: tuple[str, ...],
             is_leaky: bool, format: str | None, picture: Path | None, out: Path | None, memory: int, rules: Path,
             vocabulary: Path) -> None:
    """What stood before past judgements, with only what was public by then: an association, never a forecast.

    \b
    Each judgement is looked at as at the day before it began. Areas and frameworks are kept
    apart, and fewer than ten judgements at the grade asked about are not made a share of.
    """
    written = _format(format, out)
    known = _known(vocabulary)
    chosen = _chosen(outcomes, area, (first, last), known)
    ready = prepared(rules, vocabulary)
    _things(ids, ready)
    looked = _looked_back(ready, opened(table, ready, memory), memory, chosen, known, is_leaky)
    _give(looked, chosen.area, known, is_leaky, ids, written, picture, out)


class _Chosen(NamedTuple):
    """The judgements asked for, and all of the area; `name`: of their file."""

    asked: list[Judgement]
    among: list[Judgement]
    area: Area
    without: frozenset[str]
    name: str


class _Looked(NamedTuple):
    """Judgements looked back on, and a row for each of them; `aside`: what is said of those that were not."""

    ready: Prepared
    past: Past
    rows: pl.DataFrame
    aside: tuple[str, ...]


def _format(format: str | None, out: Path | None) -> str:
    """How the answer is written: as asked, or as the name of the file ends."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    written = format or ENDINGS.get(ending, ending)
    if written not in (*WRITTEN, *PICTURES):
        stop([f"sigrisk: {shown_name(out or Path())} does not end in .txt, .md, .json, .csv, .parquet or .svg; "
              "say which it is to be with --format"], USAGE)
    if out is None and written in ("parquet", "svg", "png", "pdf"):
        stop([f"sigrisk: {written} is written to a file: --out backtest.{written}"], USAGE)
    return written


def _known(vocabulary: Path) -> Judgements:
    """What the vocabulary says of judgements, or an end where it says nothing or cannot be read."""
    from kb.judgements import FILE, read_judgements

    known, problems = read_judgements(vocabulary)
    if problems:
        stop(sorted(problems), UNREADABLE)
    if not known.grades:
        stop([f"sigrisk: this vocabulary knows no judgements: {FILE}.yaml is not in it"], USAGE)
    return known


def _chosen(outcomes: Path, area: str, years: tuple[int | None, int | None], known: Judgements) -> _Chosen:
    """The judgements of one area and some years, or an end with what is wrong."""
    from kb.judgements import Area
    from kb.outcomes import read_judged
    from kb.problems import did_you_mean

    first, last = years[0] or date.min.year, years[1] or date.max.year
    if last < first:
        stop([f"sigrisk: no year goes from {first} to {last}; write the earlier one first"], USAGE)
    found, problems = read_judged(outcomes, known, shown_name(outcomes))
    if problems:
        more = len(problems) - SAID
        stop([*sorted(problems)[:SAID], *([f"and {more:,} more problems"] if more > 0 else [])], UNREADABLE)
    named = {one.area for one in found}
    which = known.areas.get(area) or Area(area, area.replace("_", " "), (area,))
    mine = [one for one in found if one.area in which.names]
    if not mine:
        hint = did_you_mean(area, [*known.areas, *named]) or f"it has {', '.join(sorted(named))}"
        stop([f"sigrisk: {shown_name(outcomes)} has no judgement of the area {area!r}; {hint}"], USAGE)
    some = [one for one in mine if first <= one.published.year <= last]
    if not some:
        stop([f"sigrisk: {shown_name(outcomes)} has no judgement of the area {area!r} published in those years; they "
              f"go from {min(one.published.year for one in mine)} to {max(one.published.year for one in mine)}"], USAGE)
    without = frozenset(one.framework for one in found) - {one.framework for one in mine}
    return _Chosen(some, mine, which, without, shown_name(outcomes))


def _things(ids: Sequence[str], ready: Prepared) -> None:
    """Ends where something asked for is neither concluded nor a rule."""
    from kb.problems import did_you_mean

    known = sorted({*ready.knowledge.names(), *ready.program.rules})
    for id in ids:
        if id not in known:
            stop([f"sigrisk: nothing is called {id!r}; {did_you_mean(id, known) or 'sigrisk rule lists what is'}"],
                 USAGE)


def _looked_back(ready: Prepared, held: LongFile, memory: int, chosen: _Chosen, known: Judgements, is_leaky: bool,
                 ) -> _Looked:
    """What was seen of each judgement, some authorities at a time."""
    import polars as pl

    from engine.backtest import Look, together
    from engine.judged import judged, leaky
    from explain.backtest import Past, left_out, without
    from explain.screening import names, placed

    today, unknown = placed({one.authority for one in chosen.among}, ready.knowledge.vocabulary)
    among, asked = ([one._replace(authority=today[one.authority]) for one in some if one.authority in today]
                    for some in (chosen.among, chosen.asked))
    looked = list(leaky(asked, among, known, _last(held)) if is_leaky else judged(asked, among, known))
    if not looked:
        stop([f"sigrisk: {chosen.name} has no judgement that can be looked back on: of none is it known when it began "
              "or whose it is"], USAGE)
    looks = {n: Look(one.judgement.authority, one.as_at) for n, one in enumerate(looked)}
    parts = list(_parts(ready, held, memory, looked, looks, is_leaky))
    seen, rows, after, stood = zip(*parts, strict=True)
    past = Past(looked, together(seen), names({one.authority for one in asked}, ready.knowledge.vocabulary),
                {n: many for some in after for n, many in some.items()},
                {n: many for some in stood for n, many in some.items()})
    return _Looked(ready, past, pl.concat(rows), (*without(chosen.without, known),
                                                     *left_out(asked, looked, unknown, is_leaky)))


def _last(held: LongFile) -> date:
    """The last day on which something in the table became public."""
    if held.whole is None:
        stop([f"sigrisk: --leaky reads {held.name} whole: allow it more --memory"], USAGE)
    found = held.whole["known"].max()
    assert isinstance(found, date)
    return found


def _parts(ready: Prepared, held: LongFile, memory: int, looked: Sequence[Judged], looks: Mapping[int, Look],
           is_leaky: bool) -> Iterator[tuple[list[Seen], pl.DataFrame, dict[int, int], dict[int, int]]]:
    """What is seen of as many authorities at a time as memory allows, and the figures that date from after."""
    from engine.backtest import COLUMN, days_of, frame_of, seen, things
    from engine.judged import dated_after
    from engine.roll import Roll
    from engine.screen import rows_of, screen
    from explain.screening import placed

    words = ready.knowledge.vocabulary
    today, unknown = placed(held.rows, words)
    left_aside(held, unknown)
    days = tuple(sorted({look.day for look in looks.values()})) if is_leaky else days_of(looks.values())
    found, asked = Asked(ready, held, days, memory), things(ready.knowledge, ready.program)
    authorities = sorted({look.authority for look in looks.values()} & set(today.values()))
    if not authorities:
        stop([f"sigrisk: {held.name} has nothing on any authority that was judged"], USAGE)
    with progress(len(authorities)) as done:
        for some in batches(authorities, sum(found.held.rows.values()), len(found.days), found.memory):
            frame = rows_under(found, [code for code, one in today.items() if one in some], today)
            wide = screen(ready.knowledge, ready.program, frame, Roll(tuple(some), days))
            mine = {n: look for n, look in looks.items() if look.authority in some}
            yield (list(seen(wide, asked, mine)), rows_of(wide).join(frame_of(mine.values()), COLUMN, how="semi"),
                   dated_after(frame, words, [(n, *look, looked[n].judgement.published) for n, look in mine.items()]),
                   dated_after(frame, words, [(n, *look, day) for n, look in mine.items() if (day := looked[n].stood)]))
            done(len(some))


def _give(looked: _Looked, area: Area, known: Judgements, is_leaky: bool, ids: Sequence[str], written: str,
          picture: Path | None, out: Path | None) -> None:
    """The answer in the form asked for, and before it the picture where one is asked for."""
    from explain.backtest import answer
    from explain.render import backtested

    found = answer(looked.past, area, known, looked.ready.knowledge, is_leaky, looked.aside)
    if picture is not None:
        _draw(found, picture.suffix.removeprefix("."), picture)
    if written in PICTURES:
        return _draw(found, written, out)
    if written in ("csv", "parquet"):
        return _table(backtested.judgements(looked.past, looked.rows, known, is_leaky), written, out)
    if written == "json":
        return say(backtested.as_json(found), out)
    return say(backtested.as_markdown(found) if written == "markdown" else backtested.as_text(found, ids), out)


def _draw(found: Backtest, format: str, out: Path | None) -> None:
    """The picture: DOT text to stdout, anything else into a file."""
    from explain.render.drawing import Undrawn, drawn
    from explain.render.plotted import plotted

    try:
        data = drawn(plotted(found), format)
    except Undrawn as missing:
        stop([f"sigrisk: {missing}"], UNREADABLE)
    if out is None:
        return say(data.decode("utf-8"), None)
    return put(out, data)


def _table(rows: pl.DataFrame, written: str, out: Path | None) -> None:
    """Each judgement with the day as at which it was looked at, and what stood then."""
    from explain.render.screened import as_csv, write

    if out is None:
        say(as_csv(rows), None)
    else:
        with reported(out):
            write(iter([rows]), out, written)
