"""Questions of how firm an answer is: what one item, document or step over a threshold would change."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from commands.common import about_a_case, assessment_of, format_option, output_option, show


@click.command(epilog="Examples:  sigrisk fragile examples/ashby.yaml   |   "
                      "sigrisk fragile examples/northamptonshire.yaml --as-at 2018-11-30 --format markdown")
@about_a_case
@format_option
@output_option
def fragile(case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...],
            format: str, output: Path | None) -> None:
    """Which one item of CASE would change the result, were it left out or otherwise; and how near thresholds are."""
    from explain.fragile import fragile as fragile_account

    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    show(fragile_account(assessment), format, output)
