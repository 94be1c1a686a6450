"""The page to take into a meeting, and the page that travels."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import USAGE, about_a_case, assessment_of, pages_can_be_written, put, say, stop
from kb.files import VOCABULARY

if TYPE_CHECKING:
    from engine.assess import Assessment
    from explain.account import Account

FORMS = (".md", ".json", ".html")


@click.command(epilog="Example:  sigrisk report examples/ashby.yaml --as-at 2025-05-20 -o ashby.html")
@about_a_case
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="FILE.md, FILE.json, or FILE.html to explore (default: Markdown, here).")
def report(case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...],
           output: Path | None) -> None:
    """CASE on one page for a meeting: why, what is not known, what speaks against it, who can act, and the evidence.

    FILE.html is one file that asks nothing of any server: the chain of evidence as a picture to explore, every answer,
    and evidence that can be switched on, off or to not known. It opens in any browser, by a double click.
    """
    from explain.casebook import of_shipped
    from explain.render.as_json import render as as_json
    from explain.render.markdown import render as as_markdown
    from explain.report import report as reported

    if output is not None and output.suffix not in FORMS:
        stop([f"sigrisk: {output.name} does not end in .md, .json or .html"], USAGE)
    if output is not None and output.suffix == ".html":
        pages_can_be_written("a page")
    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    record = of_shipped(assessment.knowledge, assessment.program) if vocabulary == VOCABULARY else ()
    account = reported(assessment, record)
    if output is not None and output.suffix == ".html":
        put(output, _page(assessment, account, engine))
        return
    say(as_json(account) if output is not None and output.suffix == ".json" else as_markdown(account), output)


def _page(assessment: Assessment, account: Account, engine: str) -> bytes:
    """The page that travels: on every earlier day too, on what is on record, the engine as it is asked for."""
    from engine.assess import Assessor
    from web.report import travelling

    alone = Assessor(assessment.knowledge, "bits" if engine == "bits" else "auto", assessment.program)
    return travelling(assessment, account, alone)
