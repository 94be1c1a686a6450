"""Work on published tables: official files made into the product's own, and the yearly spreads worked out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.common import FINDINGS, UNREADABLE, USAGE, Command, kb_option, put, shown_name, stop, written
from commands.dossier import MOST, vocabulary_of

if TYPE_CHECKING:
    from kb.importing.gather import Gathered
    from kb.importing.recognise import Recognised
    from kb.model import Problem, Vocabulary

ENDINGS = (".csv", ".parquet")
HOLDS = {"observations": "-o", "outcomes": "--outcomes", "neighbours": "--neighbours"}
"""What files may hold, and the option that says where it is to be written."""


def _output(short: str, name: str, says: str) -> Callable[[Command], Command]:
    options = (short, name) if short else (name,)
    return click.option(*options, name.lstrip("-"), type=click.Path(path_type=Path), help=says)


@click.command("import", epilog="Examples:  sigrisk import csww_indicators_2017_to_2025.csv   |   "
                                "sigrisk import *.csv lait.parquet -o observations.parquet   |   "
                                "sigrisk import outcomes.ods --outcomes outcomes.csv")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@_output("-o", "--observations", "Where to write the observations: FILE.csv or FILE.parquet.")
@_output("", "--outcomes", "Where to write the judgements.")
@_output("", "--neighbours", "Where to write the statistical neighbours.")
@click.option("--calendar", type=click.Path(path_type=Path), help="Corrections to when releases became public (YAML).")
@click.option("--all", "everything", is_flag=True, help="List everything that no indicator asks for.")
@kb_option
def import_(files: tuple[Path, ...], observations: Path | None, outcomes: Path | None, neighbours: Path | None,
            calendar: Path | None, everything: bool, vocabulary: Path) -> None:
    """Official FILES, as they are published, made into the product's tables; says what was read, kept and refused.

    \b
    Without a place to write to it only says what the files hold. Nothing is written where
    anything in them cannot be read: a marker never seen, rows that disagree, a text for a number.
    """
    from explain.imported import imported

    outputs = {"observations": observations, "outcomes": outcomes, "neighbours": neighbours}
    _different(files, outputs)
    words = vocabulary_of(vocabulary)
    found = _gathered(files, words, vocabulary, calendar)
    tables = {name: getattr(found, name) for name in HOLDS}
    for name, path in outputs.items():
        if path is not None and not tables[name].height:
            stop([f"sigrisk: the files hold no {name}, so {HOLDS[name]} has nothing to write"], USAGE)
    click.echo(imported(found, everything), nl=False)
    for name, path in outputs.items():
        if path is not None:
            _write(tables[name], path, name, words)
        elif tables[name].height:
            click.echo(f"{name} not written: {HOLDS[name]} FILE says where", err=True)


def _different(files: Sequence[Path], outputs: dict[str, Path | None]) -> None:
    """Ends where an output is of another form, or is one of the other files."""
    given = [path for path in outputs.values() if path is not None]
    for path in given:
        if path.suffix.lower() not in ENDINGS:
            stop([f"sigrisk: {path.name} does not end in {' or '.join(ENDINGS)}"], USAGE)
        if path in files or given.count(path) > 1:
            stop([f"sigrisk: {shown_name(path)} is named twice, and would be written over"], USAGE)


def _gathered(files: Sequence[Path], words: Vocabulary, folder: Path, corrections: Path | None) -> Gathered:
    """The tables that the files make, or an end with every problem of theirs."""
    from kb.importing.calendar import read_calendar
    from kb.importing.gather import gather

    calendar, problems = read_calendar(folder, corrections, shown_name(corrections) if corrections else "")
    _refuse(problems)
    found = gather(_recognised(files, words, folder), words, calendar)
    _refuse(found.problems)
    return found


def _recognised(files: Sequence[Path], words: Vocabulary, folder: Path) -> list[Recognised]:
    from kb.cells import Unavailable
    from kb.importing.kinds import read_kinds
    from kb.importing.recognise import recognise
    from kb.model import Problem

    kinds, problems = read_kinds(folder, words)
    _refuse(problems)
    try:
        found = [recognise(file, name, kinds) for file, name in zip(files, _names(files), strict=True)]
    except Unavailable as missing:
        stop([f"sigrisk: {missing}"], UNREADABLE)
    _refuse([one for one in found if isinstance(one, Problem)])
    return [one for one in found if not isinstance(one, Problem)]


def _names(files: Sequence[Path]) -> list[str]:
    """What each file is called to people: with its folder where two have one name."""
    names = [shown_name(file) for file in files]
    return [f"{file.parent.name}/{name}" if names.count(name) > 1 else name
            for file, name in zip(files, names, strict=True)]


def _refuse(problems: Iterable[Problem]) -> None:
    """Ends with the problems, only the first of them where there are very many."""
    from kb.problems import sorted_problems

    listed = sorted_problems(problems)
    if listed:
        more = len(listed) - MOST
        stop([*listed[:MOST], *([f"and {more:,} more problems"] if more > 0 else [])], UNREADABLE)


def _write(frame: Any, path: Path, name: str, words: Vocabulary) -> None:
    from kb.longtables import write_frame, write_long

    with written(path):
        if name == "observations":
            write_long(frame, path, words)
        else:
            write_frame(frame, path)


@click.command(epilog="Examples:  sigrisk thresholds --from observations.parquet   |   "
                      "sigrisk thresholds --from observations.parquet -o years.yaml")
@click.option("--from", "table", type=click.Path(path_type=Path), required=True, metavar="TABLE",
              help="A table of observations of all authorities, as import writes it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the spreads as YAML, for thresholds.yaml.")
@kb_option
def thresholds(table: Path, output: Path | None, vocabulary: Path) -> None:
    """How figures are spread year by year, worked out anew from TABLE, and where that differs from what is shipped."""
    from explain.spreads import as_yaml, differing
    from kb.importing.spread import spreads
    from kb.longtables import read_long

    words = vocabulary_of(vocabulary)
    read = read_long(table, words, shown_name(table))
    if read.frame is None or read.problems:
        _refuse(read.problems)
    assert read.frame is not None
    found = list(spreads(read.frame, words))
    if not found:
        stop([f"sigrisk: {shown_name(table)} holds too few figures of any one day to say how they are spread"], USAGE)
    text, differs = differing(found, words, shown_name(table))
    click.echo(text, nl=False)
    if output is not None:
        put(output, as_yaml(found).encode("utf-8"))
    if differs:
        raise SystemExit(FINDINGS)
