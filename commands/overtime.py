"""Questions over time and between cases: since when and what tipped it, and where two assessments part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from commands.common import (
    USAGE,
    Day,
    assessor_of,
    case_argument,
    case_of,
    engine_answers,
    engine_option,
    format_option,
    kb_option,
    last_day,
    output_option,
    prepared,
    rules_option,
    show,
    something_known,
    stop,
)


@click.command(epilog="Examples:  sigrisk timeline examples/ashby.yaml   |   "
                      "sigrisk timeline examples/ashby.yaml --hindsight both --format markdown -o over-time.md")
@case_argument
@click.option("--as-at", "until", type=Day(), help="Tell it up to a date (default: the last on which something came).")
@click.option("--hindsight", type=click.Choice(("before", "all", "both")), multiple=True,
              help="Only what could be known before a judgement, or everything on record; given both, side by side.")
@rules_option
@kb_option
@engine_option
@format_option
@output_option
def timeline(case: Path, until: date | None, hindsight: tuple[str, ...], rules: Path, vocabulary: Path, engine: str,
             format: str, output: Path | None) -> None:
    """Since when each conclusion on CASE stands as it does: every day on which one changed, and what tipped it."""
    from explain.timeline import HINDSIGHT
    from explain.timeline import timeline as timeline_account

    ready = prepared(rules, vocabulary)
    found = case_of(case, ready.knowledge)
    asked = tuple(HINDSIGHT) if "both" in hindsight else hindsight or ("all",)
    day = until or last_day(case, found)
    something_known(found, day, found.observations)
    with engine_answers():
        account = timeline_account(assessor_of(ready, engine), found, day, asked)
    show(account, format, output)


@click.command(epilog="Examples:  sigrisk compare examples/ashby.yaml examples/carden.yaml   |   "
                      "sigrisk compare examples/ashby.yaml --as-at 2025-01-31 --as-at 2025-05-20")
@click.argument("cases", metavar="CASE [CASE]", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as-at", "days", type=Day(), multiple=True, help="A date for both sides, or given twice, one for each.")
@rules_option
@kb_option
@engine_option
@format_option
@output_option
def compare(cases: tuple[Path, ...], days: tuple[date, ...], rules: Path, vocabulary: Path, engine: str, format: str,
            output: Path | None) -> None:
    """Where two cases, or one case at two dates, first part in the same rules; then every other difference."""
    from engine.assess import Asked
    from explain.compare import compare as compare_account

    _two_sides(cases, days)
    ready = prepared(rules, vocabulary)
    found = [case_of(path, ready.knowledge) for path in cases]
    sides = found if len(found) > 1 else found * 2
    when = list(days) * (2 if len(days) == 1 else 1)
    dated = when or [last_day(path, case) for case, path in zip(found, cases, strict=True)]
    for side, day in zip(sides, dated, strict=True):
        something_known(side, day, side.observations)
    with engine_answers():
        asked = [Asked(case, day) for case, day in zip(sides, dated, strict=True)]
        left, right = assessor_of(ready, engine).assess_all(asked)
    show(compare_account(left, right), format, output)


def _two_sides(cases: Sequence[Path], days: Sequence[date]) -> None:
    """Two cases, or one case at two dates; anything else ends with one line."""
    if len(cases) > 2 or len(days) > 2:
        told = f"{len(cases)} cases" if len(cases) > 2 else f"{len(days)} dates"
        stop([f"sigrisk: compare holds two sides against one another, and was given {told}"], USAGE)
    if len(cases) == 1 and len(days) < 2:
        stop(["sigrisk: one case is compared at two dates: --as-at 2018-10-31 --as-at 2018-11-30; or name two cases"],
             USAGE)
