"""Questions over time and between cases: since when and what tipped it, and where two assessments part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    USAGE,
    Day,
    assessor_of,
    case_argument,
    case_of,
    engine_answers,
    engine_option,
    kb_option,
    last_day,
    prepared,
    rules_option,
    something_known,
    stop,
)
from commands.drawing import answer, drawable, table_flag, tabled, wants_table

if TYPE_CHECKING:
    from explain.account import Account
    from explain.compare import Pair
    from explain.grid import Grid
    from explain.render.drawing import Drawing
    from explain.timeline import Followed


@click.command(epilog="Examples:  sigrisk timeline examples/ashby.yaml   |   "
                      "sigrisk timeline examples/ashby.yaml --hindsight both --format markdown -o over-time.md")
@case_argument
@click.option("--as-at", "until", type=Day(), help="Tell it up to a date (default: the last on which something came).")
@click.option("--hindsight", type=click.Choice(("before", "all", "both")), multiple=True,
              help="Only what could be known before a judgement, or everything on record; given both, side by side.")
@rules_option
@kb_option
@engine_option
@drawable("csv")
@table_flag
def timeline(case: Path, until: date | None, hindsight: tuple[str, ...], rules: Path, vocabulary: Path, engine: str,
             format: str, picture: Path | None, output: Path | None, table: bool) -> None:
    """Since when each conclusion on CASE stands as it does: every day on which one changed, and what tipped it."""
    from explain.timeline import HINDSIGHT, follow
    from explain.timeline import timeline as timeline_account

    ready = prepared(rules, vocabulary)
    found = case_of(case, ready)
    asked = tuple(HINDSIGHT) if "both" in hindsight else hindsight or ("all",)
    day = until or last_day(case, found)
    something_known(found, day, found.observations)
    with engine_answers():
        followed = follow(assessor_of(ready, engine), found, day, asked)
    account = timeline_account(followed)
    draw = partial(_over_time, account, followed)
    if wants_table(table, format):
        return tabled(account, _days(followed), draw, format, picture, output)
    return answer(account, draw, format, picture, output)


def _over_time(account: Account, followed: Followed) -> Drawing:
    from explain.render.overtime import picture

    return picture(account, followed)


def _days(followed: Followed) -> tuple[Grid, ...]:
    from explain.grid import columns_of, of_days

    return of_days(followed, columns_of(followed))


@click.command(epilog="Examples:  sigrisk compare examples/ashby.yaml examples/carden.yaml   |   "
                      "sigrisk compare examples/ashby.yaml --as-at 2025-01-31 --as-at 2025-05-20")
@click.argument("cases", metavar="CASE [CASE]", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as-at", "days", type=Day(), multiple=True, help="A date for both sides, or given twice, one for each.")
@rules_option
@kb_option
@engine_option
@drawable("csv")
@table_flag
def compare(cases: tuple[Path, ...], days: tuple[date, ...], rules: Path, vocabulary: Path, engine: str, format: str,
            picture: Path | None, output: Path | None, table: bool) -> None:
    """Where two cases, or one case at two dates, first part in the same rules; then every other difference."""
    from engine.assess import Asked
    from explain.compare import Pair
    from explain.compare import compare as compare_account

    _two_sides(cases, days)
    ready = prepared(rules, vocabulary)
    found = [case_of(path, ready) for path in cases]
    sides = found if len(found) > 1 else found * 2
    when = list(days) * (2 if len(days) == 1 else 1)
    dated = when or [last_day(path, case) for case, path in zip(found, cases, strict=True)]
    for side, day in zip(sides, dated, strict=True):
        something_known(side, day, side.observations)
    with engine_answers():
        asked = [Asked(case, day) for case, day in zip(sides, dated, strict=True)]
        left, right = assessor_of(ready, engine).assess_all(asked)
    account, pair = compare_account(left, right), Pair(left, right)
    draw = partial(_side_by_side, account, pair)
    if wants_table(table, format):
        return tabled(account, _sides(pair), draw, format, picture, output)
    return answer(account, draw, format, picture, output)


def _side_by_side(account: Account, pair: Pair) -> Drawing:
    from explain.render.compared import picture

    return picture(account, pair)


def _sides(pair: Pair) -> tuple[Grid, ...]:
    from explain.grid import of_pair

    return (of_pair(pair),)


def _two_sides(cases: Sequence[Path], days: Sequence[date]) -> None:
    """Two cases, or one case at two dates; anything else ends with one line."""
    if len(cases) > 2 or len(days) > 2:
        told = f"{len(cases)} cases" if len(cases) > 2 else f"{len(days)} dates"
        stop([f"sigrisk: compare holds two sides against one another, and was given {told}"], USAGE)
    if len(cases) == 1 and len(days) < 2:
        stop(["sigrisk: one case is compared at two dates: --as-at 2018-10-31 --as-at 2018-11-30; or name two cases"],
             USAGE)
