"""Work on a dossier: a spreadsheet to fill in, a case file made of it, and what in it may tell of one person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import FINDINGS, UNREADABLE, USAGE, kb_option, put, say, shown_name, stop

if TYPE_CHECKING:
    from kb.evidencefiles import Read
    from kb.model import Vocabulary
    from kb.sheets.casetables import Facts

SPREADSHEETS = (".csv", ".xlsx")
YAML = (".yaml", ".yml")
MOST = 200
"""The most problems that are printed of one file."""
file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.group(epilog="Examples:  sigrisk case template -o evidence.xlsx   |   "
                    "sigrisk case from evidence.xlsx -o case.yaml   |   sigrisk case check case.yaml")
def case() -> None:
    """A case kept in a spreadsheet: the template, the case file made of it, and a look at what it tells of persons."""


@case.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="FILE.xlsx or FILE.csv.")
@click.option("--of", "filled", type=click.Path(path_type=Path), help="Filled in already with this case.")
@kb_option
def template(output: Path, filled: Path | None, vocabulary: Path) -> None:
    """A spreadsheet with a row for every indicator, ready to fill in.

    \b
    sigrisk case template -o evidence.xlsx
    sigrisk case template -o ashby.xlsx --of examples/ashby.yaml
    """
    from kb.sheets.casesheets import sheets_of, table_of
    from kb.sheets.spreadsheets import Unavailable, csv_bytes
    from kb.sheets.writeworkbooks import workbook_bytes

    _ends_in(output, SPREADSHEETS)
    words = vocabulary_of(vocabulary)
    read = None if filled is None else read_of(filled, words)
    found, sources = (read.case, read.sources) if read else (None, ())
    try:
        data = (csv_bytes(table_of(words, found)) if output.suffix.lower() == ".csv"
                else workbook_bytes(sheets_of(words, found, sources)))
    except Unavailable as missing:
        stop([f"sigrisk: {missing}"], UNREADABLE)
    _not_filled_in(output, data)
    put(output, data)
    if found is not None and output.suffix.lower() == ".csv":
        click.echo("a CSV holds the evidence alone: notes, outcomes and answers of the case are not in it", err=True)


@case.command("from")
@file_argument
@click.option("--case", "id", default="", help="For a CSV: a short name for the case, of letters, figures and hyphens.")
@click.option("--title", default="", help="For a CSV: the title of the case (default: the authority's name).")
@click.option("--authority-code", "code", default="", help="For a CSV: the authority's code.")
@click.option("--name", default="", help="For a CSV: the authority's name.")
@click.option("--invented", is_flag=True, help="For a CSV: the authority is made up.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="CASE.yaml (without it, to the screen).")
@kb_option
def from_(file: Path, id: str, title: str, code: str, name: str, invented: bool, output: Path | None,
          vocabulary: Path) -> None:
    """The case file of a filled spreadsheet; nothing is written where anything in it cannot be read.

    \b
    sigrisk case from evidence.xlsx -o case.yaml
    sigrisk case from evidence.csv --case ashby --authority-code E09000008 --name Croydon -o case.yaml
    """
    from kb.sheets.casetables import Facts
    from kb.writecases import case_text

    _ends_in(file, SPREADSHEETS)
    if output is not None:
        _ends_in(output, YAML)
    facts = Facts(id, title or name, code, name, invented)
    _facts_fit(file, facts)
    words = vocabulary_of(vocabulary)
    read = read_of(file, words, facts)
    assert read.case is not None
    text = case_text(read.case, words, read.sources)
    _not_too_long(file, text)
    say(text, output)
    click.echo(f"read {_counted(len(read.case.observations), 'observation')} and "
               f"{_counted(len(read.case.notes), 'note')} from {shown_name(file)}", err=True)


@case.command()
@file_argument
@kb_option
def check(file: Path, vocabulary: Path) -> None:
    """What in a case file or a filled spreadsheet cannot be read, or may tell of one person.

    \b
    sigrisk case check examples/ashby.yaml
    sigrisk case check evidence.xlsx
    """
    from kb.privacy import findings, read_privacy

    words = vocabulary_of(vocabulary)
    private, problems = read_privacy(vocabulary)
    if problems:
        stop(problems, UNREADABLE)
    read = read_of(file, words)
    assert read.case is not None
    assert read.tree is not None
    found = findings(read.case, read.tree, words, private)
    click.echo("".join(f"{finding}\n" for finding in found), nl=False)
    if found:
        stop([f"{_counted(len(found), 'finding')} to look at: words are noticed, a person decides"], FINDINGS)
    click.echo(f"nothing found in {_counted(len(read.case.observations), 'observation')} and "
               f"{_counted(len(read.case.notes), 'note')} that tells of one person", err=True)


def vocabulary_of(folder: Path) -> Vocabulary:
    """The vocabulary of a folder, or an end with every problem of it."""
    from kb.problems import sorted_problems
    from kb.vocabularyfiles import read_vocabulary

    words, _, problems = read_vocabulary(folder)
    if problems:
        stop(sorted_problems(problems), UNREADABLE)
    return words


def read_of(file: Path, words: Vocabulary, facts: Facts | None = None) -> Read:
    """The case of a file, or an end with every problem of it."""
    from kb.evidencefiles import UNNAMED, read_evidence
    from kb.sheets.spreadsheets import Unavailable

    try:
        read = read_evidence(file, words, shown_name(file), facts or UNNAMED)
    except Unavailable as missing:
        stop([f"sigrisk: {missing}"], UNREADABLE)
    if read.problems or read.case is None:
        more = len(read.problems) - MOST
        stop([*read.problems[:MOST], *([f"and {more:,} more problems"] if more > 0 else [])], UNREADABLE)
    return read


def _ends_in(file: Path, endings: tuple[str, ...]) -> None:
    if file.suffix.lower() not in endings:
        stop([f"sigrisk: {file.name} does not end in {' or '.join(endings)}"], USAGE)


def _not_filled_in(output: Path, data: bytes) -> None:
    """A template never takes the place of another file, which may hold somebody's work."""
    try:
        same = not output.exists() or output.read_bytes() == data
    except OSError:
        same = False
    if not same:
        stop([f"sigrisk: {output} is there already, perhaps filled in: name another file, or move it away"], USAGE)


def _facts_fit(file: Path, facts: Facts) -> None:
    """A CSV is told which case it is; a workbook says so itself."""
    is_csv = file.suffix.lower() == ".csv"
    if is_csv and not (facts.case and facts.code and facts.name):
        stop(["sigrisk: a CSV holds the evidence alone: say --case ID --authority-code CODE --name NAME"], USAGE)
    if not is_csv and any(facts):
        stop(["sigrisk: a workbook says on its sheet about which case it is: leave the options out"], USAGE)


def _not_too_long(file: Path, text: str) -> None:
    from kb.yamltree import MAX_BYTES

    if len(text.encode("utf-8")) > MAX_BYTES:
        stop([f"sigrisk: the case file of {file.name} would be larger than {MAX_BYTES // 1_000_000} MB: divide it"],
             UNREADABLE)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
