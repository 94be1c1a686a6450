"""Proof of an answer: its steps one by one, a receipt of what it was worked out from, and whether that still holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from commands.common import (
    FINDINGS,
    UNREADABLE,
    about_a_case,
    assessment_of,
    format_option,
    output_option,
    say,
    show,
    stop,
)

LARGEST = 20_000_000
"""The largest receipt that is read, in bytes."""


@click.command()
@about_a_case
@format_option
@output_option
def trace(case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...],
          format: str, output: Path | None) -> None:
    """Forward chaining on CASE step by step, with the working memory before and after each step."""
    from explain.trace import trace as traced

    show(traced(assessment_of(case, as_at, rules, vocabulary, engine, tables)), format, output)


@click.command()
@about_a_case
@output_option
def receipt(case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...],
            output: Path | None) -> None:
    """The answer on CASE as canonical JSON: hashes of rules, vocabulary and evidence, the model, the derivations.

    \b
    sigrisk receipt examples/ashby.yaml -o ashby.receipt.json
    sigrisk verify ashby.receipt.json examples/ashby.yaml
    """
    from explain.receipt import receipt as written

    say(written(assessment_of(case, as_at, rules, vocabulary, engine, tables)), output)


@click.command()
@click.argument("receipt", type=click.Path(path_type=Path))
@about_a_case
def verify(receipt: Path, case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str,
           tables: tuple[Path, ...]) -> None:
    """Works CASE out again, at the date of RECEIPT (or another), and says line by line what differs."""
    from explain.receipt import differences, read, remarks
    from explain.receipt import receipt as written
    from explain.render.text import clean

    then = _read(receipt)
    now = read(written(assessment_of(case, as_at or _date_of(then, receipt), rules, vocabulary, engine, tables)))
    for remark in remarks(then, now):
        click.echo(clean(remark), err=True)
    found = differences(then, now)
    for line in found or ("the same: every state, and every derivation with what it rests on",):
        click.echo(clean(line))
    if found:
        raise SystemExit(FINDINGS)


def _read(path: Path) -> dict[str, object]:
    """The receipt of a file, or an end with one line."""
    from explain.receipt import NoReceipt, read

    try:
        if path.stat().st_size > LARGEST:
            stop([f"sigrisk: {path.name} is larger than {LARGEST:,} bytes, and no receipt"], UNREADABLE)
        return read(path.read_bytes().decode("utf-8"))
    except OSError as error:
        stop([f"sigrisk: {path.name} cannot be read: {(error.strerror or str(error)).lower()}"], UNREADABLE)
    except UnicodeDecodeError:
        stop([f"sigrisk: {path.name} is no receipt: it is not UTF-8 text"], UNREADABLE)
    except NoReceipt as wrong:
        stop([f"sigrisk: {path.name} is no receipt: {wrong}"], UNREADABLE)


def _date_of(told: dict[str, object], path: Path) -> date:
    """The date that a receipt's question was asked for."""
    from kb.dates import read_day

    found = read_day(str(told["as_at"]))
    return found or stop([f"sigrisk: {path.name} is no receipt: {told['as_at']!r} is not a date"], UNREADABLE)
