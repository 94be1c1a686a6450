"""Proof of an answer: its steps one by one, and whether what a receipt says of it still holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    FINDINGS,
    UNREADABLE,
    USAGE,
    about_a_case,
    assessment_of,
    format_option,
    output_option,
    show,
    stop,
    worked_out,
)
from kb.files import RULES, VOCABULARY

if TYPE_CHECKING:
    from explain.receipt import Files, Receipt

LARGEST = 20_000_000
"""The largest receipt that is read, in bytes."""
NAMED_BY = {"case": ("case", "CASE"), "tables": ("table", "--table FILE"),
            "rules": ("folder of rules", "--rules FOLDER"), "vocabulary": ("vocabulary", "--kb FOLDER")}


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
@click.argument("receipt", type=click.Path(path_type=Path))
@click.argument("case", required=False, type=click.Path(path_type=Path))
@worked_out
def verify(receipt: Path, case: Path | None, as_at: date | None, rules: Path, vocabulary: Path, engine: str,
           tables: tuple[Path, ...]) -> None:
    """Works out again what RECEIPT is of, at its date (or another), and says line by line what differs.

    CASE, its tables and folders are those that the receipt names, from the folder in which it was written, unless
    others are named here.

    \b
    sigrisk assess examples/ashby.yaml --receipt ashby.receipt.json
    sigrisk verify ashby.receipt.json
    """
    from explain.receipt import differences, read, remarks
    from explain.receipt import receipt as written
    from explain.render.text import clean

    then = _read(receipt)
    files = _files(then, case, tables, rules, vocabulary)
    when = as_at or _date_of(then, receipt)
    again = assessment_of(files.case, when, files.rules, files.vocabulary, engine, files.tables)
    now = read(written(again, files))
    for remark in remarks(then, now):
        click.echo(clean(remark), err=True)
    found = differences(then, now)
    for line in found or ("the same: every state, and every derivation with what it rests on",):
        click.echo(clean(line))
    if found:
        raise SystemExit(FINDINGS)


def _files(then: Receipt, case: Path | None, tables: tuple[Path, ...], rules: Path, vocabulary: Path) -> Files:
    """The files to work from: those named now, else those that the receipt names."""
    from explain.receipt import Files

    (found,) = _named(then, "case", () if case is None else (case,))
    return Files(found, _named(then, "tables", tables), *(
        next(iter(_named(then, key, () if folder == shipped else (folder,))), shipped)
        for key, folder, shipped in (("rules", rules, RULES), ("vocabulary", vocabulary, VOCABULARY))))


def _named(then: Receipt, key: str, now: tuple[Path, ...]) -> tuple[Path, ...]:
    """What is named now, else in the receipt; or an end where that could not be written into it, or is not here."""
    from explain.render.text import clean

    kept: list[str] = then["files"][key]
    if not now and ("" in kept or (key == "case" and not kept)):
        stop([f"sigrisk: the receipt does not say where its {NAMED_BY[key][0]} is, for it was named by a path from "
              f"the root: name it here as {NAMED_BY[key][1]}"], USAGE)
    gone = [name for name in kept if not now and not Path(name).exists()]
    if gone:
        stop([f"sigrisk: the receipt is of {clean(gone[0])}, which is not here: verify it in the folder in which it "
              f"was written, or name {NAMED_BY[key][1]}"], UNREADABLE)
    return now or tuple(Path(name) for name in kept)


def _read(path: Path) -> Receipt:
    """The receipt of a file, or an end with one line."""
    from explain.receipt import NoReceipt, read
    from kb.problems import not_opened

    try:
        if path.stat().st_size > LARGEST:
            stop([f"sigrisk: {path.name} is larger than {LARGEST:,} bytes, and no receipt"], UNREADABLE)
        return read(path.read_bytes().decode("utf-8"))
    except OSError as error:
        message, hint = not_opened(error)
        stop([f"sigrisk: {path.name} cannot be read: {message} ({hint})"], UNREADABLE)
    except UnicodeDecodeError:
        stop([f"sigrisk: {path.name} is no receipt: it is not UTF-8 text"], UNREADABLE)
    except NoReceipt as wrong:
        stop([f"sigrisk: {path.name} is no receipt: {wrong}"], UNREADABLE)


def _date_of(told: Receipt, path: Path) -> date:
    """The date that a receipt's question was asked for."""
    from kb.dates import read_day

    found = read_day(str(told["as_at"]))
    return found or stop([f"sigrisk: {path.name} is no receipt: {told['as_at']!r} is not a date"], UNREADABLE)
