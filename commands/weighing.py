"""What an edit of the rules changes: two versions over cases, over a table, and over all combinations."""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    FINDINGS,
    UNREADABLE,
    USAGE,
    as_at_option,
    case_read,
    kb_option,
    prepared,
    rules_option,
    shown_name,
    stop,
)
from commands.drawing import answer, drawable
from kb.files import EXAMPLES, VOCABULARY

if TYPE_CHECKING:
    from engine.prepared import Prepared
    from explain.impact import Impact
    from explain.render.drawing import Drawing
    from explain.weighing import Table
    from kb.dossier import Case
    from kb.knowledge import Knowledge


@click.command(epilog="Examples:  sigrisk impact   |   sigrisk impact --against HEAD~3 --picture moved.svg   |   "
                      "sigrisk impact --against ../rules-of-last-year --table table.csv --format markdown")
@click.option("--against", default="HEAD", metavar="DIR|GIT-REF",
              help="The old version: a folder, or what git knows by a name (default: HEAD, what was last committed).")
@click.option("--cases", "patterns", multiple=True, metavar="GLOB", help="The cases (default: the shipped ones).")
@click.option("--table", "tables", type=click.Path(path_type=Path), multiple=True,
              help="A table of observations of many authorities (CSV or Parquet), told by its columns region, size, "
                   "deprivation.")
@as_at_option
@rules_option
@kb_option
@drawable()
@click.option("--exit-code", is_flag=True, help="End with 1 where anything comes out otherwise, as git diff does.")
def impact(against: str, patterns: tuple[str, ...], tables: tuple[Path, ...], as_at: date | None, rules: Path,
           vocabulary: Path, exit_code: bool, format: str, picture: Path | None, output: Path | None) -> None:
    """What changes if the rules are as they stand here and no longer as they were: old rules against new.

    Every case on every day on which something may change; every authority of a TABLE, at one date; and all combinations
    of what tests may say. That something moves is no failure: it ends with 0, unless --exit-code is given.
    """
    from explain.impact import impact as impact_account
    from explain.weighing import weigh

    new = prepared(rules, vocabulary)
    files = _files(patterns, vocabulary)
    old, name = _old(against, rules, vocabulary)
    cases = _cases(files, new)
    found = weigh(old, new.knowledge, name, cases, _table(tables, as_at, new.knowledge))
    account = impact_account(found)
    answer(account, lambda: _moved(found), format, picture, output)
    if exit_code and not found.nothing:
        raise SystemExit(FINDINGS)


def _moved(found: Impact) -> Drawing:
    from explain.render.moved import picture

    return picture(found)


def _files(patterns: Sequence[str], vocabulary: Path) -> list[Path]:
    """The files of the cases, in the order of their names; one line where a pattern finds none."""
    if not patterns:
        return sorted(EXAMPLES.glob("*.yaml")) if vocabulary == VOCABULARY else []
    found: dict[Path, None] = {}
    for pattern in patterns:
        matched = sorted(map(Path, glob.glob(pattern, recursive=True)))
        if not matched:
            stop([f"sigrisk: no file matches --cases {pattern}; write it in quotes: --cases 'cases/*.yaml'"], USAGE)
        found |= dict.fromkeys(matched)
    return list(found)


def _cases(files: Sequence[Path], new: Prepared) -> tuple[Case, ...]:
    """The cases of the files, kept until a byte of them changes: a rule is edited more often than a case."""
    from engine import kept

    def parts() -> Iterator[bytes]:
        yield new.name.encode()
        for path in files:
            yield from (shown_name(path).encode(), path.read_bytes())

    def read() -> tuple[Case, ...]:
        return tuple(case_read(path, new.knowledge) for path in files)
    return kept.once("cases", parts, read) if new.name else read()


def _old(against: str, rules: Path, vocabulary: Path) -> tuple[Prepared, str]:
    """The old version ready to run, and its name; or an end that says why it cannot be had."""
    from engine.prepared import prepare
    from kb.earlier import NoVersion, earlier

    with tempfile.TemporaryDirectory(prefix="sigrisk-") as folder:
        try:
            was = earlier(against, rules, vocabulary, Path(folder))
        except NoVersion as error:
            stop([f"sigrisk: {error}"], USAGE)
        ready, problems = prepare(was.rules, was.vocabulary)
    if ready is None:
        stop([f"sigrisk: the old version, {was.name}, has problems:", *problems], UNREADABLE)
    return ready, was.name


def _table(tables: Sequence[Path], as_at: date | None, knowledge: Knowledge) -> Table | None:
    """The rows and groups of the tables, on the date asked for (default: the last on which something became public)."""
    from explain.weighing import read_tables

    table, problems = read_tables([(path, shown_name(path)) for path in tables], knowledge, as_at)
    if problems:
        stop(problems, UNREADABLE)
    return table
