"""The rulebook: all that the rules say, as a folder of pages that needs no server and asks nothing of any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    UNREADABLE,
    USAGE,
    kb_option,
    pages_can_be_written,
    prepared,
    readable_tests,
    rules_option,
    shown_name,
    stop,
)

if TYPE_CHECKING:
    from explain.rulepages import Page
    from kb.history import Change


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder to write it into.")
@click.option("--history", is_flag=True, help="With the changes that git recorded of each rule's file.")
@rules_option
@kb_option
def rulebook(output: Path, history: bool, rules: Path, vocabulary: Path) -> None:
    """Every rule in sentences with its picture, sources and tests, as a folder of pages: open index.html.

    Also every signature, conclusion, indicator, protective sign and founding statement, the map of how signatures
    combine, and a search. It needs no server.
    """
    pages_can_be_written("a rulebook")
    from web.folder import NotOurs, write_site
    from web.rulebook import leaves
    from web.site import site

    if output.is_file():
        stop([f"sigrisk: {shown_name(output)} is a file; name a folder"], USAGE)
    ready = prepared(rules, vocabulary)
    tests = readable_tests(rules, ready.knowledge)

    def changes(page: Page) -> tuple[Change, ...]:
        from kb.history import changes

        return changes(rules / page.place.file.partition("/")[2]) if page.place else ()

    try:
        many = write_site(output, site(leaves(ready, tests, changes if history else None)))
    except NotOurs:
        stop([f"sigrisk: {shown_name(output)} holds other files; name a new folder, or one that a rulebook was written "
              "into before"], USAGE)
    except OSError as error:
        stop([f"sigrisk: {shown_name(output)} cannot be written: {(error.strerror or str(error)).lower()}"], UNREADABLE)
    click.echo(f"{many} files written to {output}; open {output / 'index.html'}", err=True)
