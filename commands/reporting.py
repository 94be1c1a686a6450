"""The page to take into a meeting."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from commands.common import USAGE, about_a_case, assessment_of, say, stop
from kb.files import VOCABULARY

FORMS = (".md", ".json")


@click.command(epilog="Example:  sigrisk report examples/ashby.yaml --as-at 2025-05-20 -o ashby.md")
@about_a_case
@click.option("-o", "--output", type=click.Path(path_type=Path), help="FILE.md or FILE.json (default: Markdown, here).")
def report(case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...],
           output: Path | None) -> None:
    """CASE on one page for a meeting: why, what is not known, what speaks against it, who can act, and the evidence."""
    from explain.casebook import of_shipped
    from explain.render.as_json import render as as_json
    from explain.render.markdown import render as as_markdown
    from explain.report import report as reported

    if output is not None and output.suffix not in FORMS:
        stop([f"sigrisk: {output.name} does not end in .md or .json"], USAGE)
    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    record = of_shipped(assessment.knowledge, assessment.program) if vocabulary == VOCABULARY else ()
    account = reported(assessment, record)
    say(as_json(account) if output is not None and output.suffix == ".json" else as_markdown(account), output)
