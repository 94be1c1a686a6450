"""The page to take into a meeting."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import USAGE, about_a_case, assessment_of, say, stop
from kb.files import EXAMPLES, VOCABULARY

if TYPE_CHECKING:
    from engine.assess import Assessment
    from explain.casebook import Entry

FORMS = (".md", ".json")


@click.command(epilog="Example:  sigrisk report examples/ashby.yaml --as-at 2025-05-20 -o ashby.md")
@about_a_case
@click.option("-o", "--output", type=click.Path(path_type=Path), help="FILE.md or FILE.json (default: Markdown, here).")
def report(case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...],
           output: Path | None) -> None:
    """CASE on one page for a meeting: why, what is not known, what speaks against it, who can act, and the evidence."""
    from explain.render.as_json import render as as_json
    from explain.render.markdown import render as as_markdown
    from explain.report import report as reported

    if output is not None and output.suffix not in FORMS:
        stop([f"sigrisk: {output.name} does not end in .md or .json"], USAGE)
    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    account = reported(assessment, _record(assessment) if vocabulary == VOCABULARY else ())
    say(as_json(account) if output is not None and output.suffix == ".json" else as_markdown(account), output)


def _record(assessment: Assessment) -> tuple[Entry, ...]:
    """How the rules in use did on the outcomes of the shipped cases, by the evaluator alone."""
    from engine.assess import Assessor
    from explain.casebook import casebook
    from kb.casefiles import read_case

    read = (read_case(path, assessment.knowledge.vocabulary, path.name)[0] for path in sorted(EXAMPLES.glob("*.yaml")))
    alone = Assessor(assessment.knowledge, "bits", assessment.program)
    return casebook([case for case in read if case is not None], alone)
