"""What to ask: what is not known of a case, as questions, and what their answers would settle."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from commands.common import about_a_case, assessment_of, format_option, output_option, show


@click.command()
@about_a_case
@click.option("--all", "every", is_flag=True, help="Tell every question in full, not only the first ten.")
@click.option("--ways", "counted", is_flag=True,
              help="Count, too, the ways in which the answers could turn out, and in how many each result would hold.")
@format_option
@output_option
def enquire(case: Path, every: bool, counted: bool, as_at: date | None, rules: Path, vocabulary: Path, engine: str,
            tables: tuple[Path, ...], format: str, output: Path | None) -> None:
    """What is not known of CASE, as questions: the most open results first, and what each answer would mean."""
    from explain.enquire import enquire as enquire_account

    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    show(enquire_account(assessment, every, counted), format, output)
