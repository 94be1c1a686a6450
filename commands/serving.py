"""The local server: pages over the same answers, and a desk for those who edit rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import UNREADABLE, USAGE, engine_option, kb_option, rules_option, shown_name, stop
from kb.files import EXAMPLES, VOCABULARY

if TYPE_CHECKING:
    from engine.kept import Parts
    from kb.told import Found

PORT = 8765


@click.command(epilog="Examples:  sigrisk serve   |   sigrisk serve --rules my-rules --cases my-cases --edit   |   "
                      "sigrisk serve --table observations.csv --port 9000")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="The port to serve on.")
@click.option("--cases", type=click.Path(path_type=Path), help="A folder of cases (default: the shipped ones).")
@click.option("--table", type=click.Path(path_type=Path), help="A long table of many authorities: CSV or Parquet.")
@click.option("--edit", is_flag=True, help="Rule files may be edited in the browser.")
@click.option("--read-only", is_flag=True, help="Nothing is ever written: with --edit, edits can be tried, not saved.")
@rules_option
@kb_option
@engine_option
def serve(port: int, cases: Path | None, table: Path | None, edit: bool, read_only: bool, rules: Path,
          vocabulary: Path, engine: str) -> None:
    """Pages for people who look, on this machine only: cases, every question, and the rules.

    Open the address that is printed: it has a token in it, without which nobody is answered. Ctrl+C ends it.
    """
    try:
        from web.server.app import serve as run
    except ModuleNotFoundError as missing:
        stop([f"sigrisk: the server needs {missing.name}; install the extra web: python3 run.py setup web"], USAGE)
    from engine.rete import Unavailable
    from web.server.files import Folders
    from web.server.guard import Keys
    from web.server.house import House
    from web.server.shelf import Shelf, Unreadable

    folder = cases or (EXAMPLES if vocabulary == VOCABULARY else None)
    if folder is not None and not folder.is_dir():
        stop([f"sigrisk: {shown_name(folder)} is not a folder; name a folder of cases"], USAGE)
    _free(port)
    try:
        shelf = Shelf(Folders(rules, vocabulary, folder, table, engine))
    except Unreadable as wrong:
        stop(wrong.args, UNREADABLE)
    except Unavailable as missing:
        stop([f"sigrisk: durable-rules cannot be used here: {missing}; --engine bits works without it"], USAGE)
    house = House(shelf, Keys(port), checked, kept_parts(rules, vocabulary), edit, read_only)
    click.echo(f"open  {house.keys.address}", err=True)
    click.echo("The address is a key: whoever has it, on this machine, may read here"
               f"{' and edit rules' if edit and not read_only else ''}. Ctrl+C ends the server.", err=True)
    for problem in shelf.held.unread:
        click.echo(f"left aside: {problem}", err=True)
    run(house)


def _free(port: int) -> None:
    """Ends with one line where something else is served on that port."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            stop([f"sigrisk: port {port} cannot be had: {(error.strerror or str(error)).lower()}; "
                  "name another with --port"], USAGE)


def checked(rules: Path, vocabulary: Path, parts: Parts) -> Found:
    """What `check` finds in two folders, notes in brief."""
    from commands.checking import everything_found

    return everything_found(rules, vocabulary, parts=parts, brief=True)


def kept_parts(rules: Path, vocabulary: Path) -> Parts:
    """Where `check` keeps what does not change from one edit to the next."""
    from commands.checking import parts_of

    return parts_of(rules, vocabulary)
