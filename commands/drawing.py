"""What commands share that also draw or tabulate: the formats, the file of a picture, and writing either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import UNREADABLE, USAGE, Command, output_option, put, say, show, stop

if TYPE_CHECKING:
    from explain.account import Account
    from explain.grid import Grid
    from explain.render.drawing import Drawing

PICTURES = ("svg", "png", "pdf", "dot")
WRITTEN = ("text", "json", "markdown")
TABLED = ("text", "markdown", "csv")
Draw = Callable[[], "Drawing"]


def picture_file(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    """The file of a picture, or an end with one line where its name says no format that can be drawn."""
    if file is not None and file.suffix.removeprefix(".") not in PICTURES:
        stop([f"sigrisk: {file.name} does not end in .svg, .png, .pdf or .dot"], USAGE)
    return file


def drawable(*also: str) -> Callable[[Command], Command]:
    """A command that answers in words or as a picture: `--format` (and what it knows beside), `--picture`, `-o`."""
    def with_options(command: Command) -> Command:
        for option in (
            output_option,
            click.option("--picture", type=click.Path(path_type=Path), callback=picture_file,
                         help="Also draw the answer: FILE.svg, .png, .pdf or .dot."),
            click.option("--format", type=click.Choice((*WRITTEN, *also, *PICTURES)), default="text"),
        ):
            command = option(command)
        return command
    return with_options


def answer(account: Account, draw: Draw, format: str, picture: Path | None, output: Path | None) -> None:
    """An account in the form asked for, and before it the picture where one is asked for: it may not be writable."""
    beside(account, draw, picture)
    if format in PICTURES:
        draw_to(account, draw(), format, output)
    else:
        show(account, format, output)


table_flag = click.option("--table", is_flag=True,
                          help="A compact table instead: text, markdown or csv; csv is always a table.")


def wants_table(table: bool, format: str) -> bool:
    """Whether a table is asked for; one line where it is asked for in a form that a table does not have."""
    if table and format not in TABLED:
        stop([f"sigrisk: a table is written as {', '.join(TABLED)}, and not as {format}; leave out --table, or write "
              f"the picture beside it: --picture FILE.{format if format in PICTURES else 'svg'}"], USAGE)
    return table or format == "csv"


def tabled(account: Account, grids: Sequence[Grid], draw: Draw, format: str, picture: Path | None,
           output: Path | None) -> None:
    """A table in the form asked for, and before it the picture where one is asked for."""
    from explain.render.table import TABLES

    beside(account, draw, picture)
    told = TABLES[format](account, grids)
    if format == "csv" and output is not None:
        put(output, told.encode("utf-8-sig"))  # the mark by which spreadsheets know UTF-8
    else:
        say(told, output)


def beside(account: Account, draw: Draw, picture: Path | None) -> None:
    """The picture in its file, where one is asked for."""
    if picture is not None:
        draw_to(account, draw(), picture.suffix.removeprefix("."), picture)


def draw_to(account: Account, drawing: Drawing, format: str, output: Path | None) -> None:
    """A drawing: DOT text to stdout, anything else into a file."""
    from explain.render.drawing import Undrawn, drawn

    try:
        data = drawn(drawing, format)
    except Undrawn as missing:
        stop([f"sigrisk: {missing}"], UNREADABLE)
    if output is None and format == "dot":
        return say(data.decode("utf-8"), None)
    return put(output or Path(f"{_name(account)}.{format}"), data)


def _name(account: Account) -> str:
    """The name of a file of an answer, after the case or cases it is about."""
    return account.case.replace(" ", "-")
