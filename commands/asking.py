"""Questions to a case: what is the result, and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    USAGE,
    about_a_case,
    assessment_of,
    assessor_of,
    can_be_asked,
    case_of,
    engine_option,
    output_option,
    prepared,
    put,
    say,
    show,
    stop,
)
from commands.drawing import WRITTEN, answer, drawable
from kb.files import EXAMPLES

if TYPE_CHECKING:
    from engine.assess import Assessment
    from explain.account import Account
    from explain.render.drawing import Drawing
    from kb.knowledge import Knowledge

FORMATS = (*WRITTEN, "prov")


@click.command()
@about_a_case
@click.option("--format", type=click.Choice(FORMATS), default="text")
@click.option("--receipt", type=click.Path(path_type=Path),
              help="Also write what the answer was worked out from, for `sigrisk verify`: FILE.json.")
@output_option
def assess(case: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...],
           format: str, receipt: Path | None, output: Path | None) -> None:
    """The overall result of CASE, what could be judged, and the state of every signature and conclusion."""
    from explain.answer import overview

    if receipt is not None and receipt == output:
        stop([f"sigrisk: the answer and its receipt cannot both be {receipt.name}: name two files"], USAGE)
    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    if receipt is not None:
        from explain.receipt import Files
        from explain.receipt import receipt as written

        put(receipt, written(assessment, Files(case, tables, rules, vocabulary)).encode("utf-8"))
    if format == "prov":
        from explain.render.prov import everything, prov

        say(prov(assessment, everything(assessment)), output)
    else:
        show(overview(assessment), format, output)


@click.command()
@about_a_case
@click.argument("conclusion", required=False)
@drawable("prov")
def why(case: Path, conclusion: str | None, as_at: date | None, rules: Path, vocabulary: Path, engine: str,
        tables: tuple[Path, ...], format: str, picture: Path | None, output: Path | None) -> None:
    """The chain of evidence behind the result of CASE, or behind one CONCLUSION or signature."""
    from explain.answer import why as why_account

    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    account = why_account(assessment, target_of(conclusion, assessment.knowledge))
    if format == "prov":
        from explain.render.prov import prov

        return say(prov(assessment, [(line.role, line.id) for line in account.chain]), output)
    return answer(account, lambda: _chain(account, assessment), format, picture, output)


def _chain(account: Account, assessment: Assessment) -> Drawing:
    from explain.render.picture import picture

    return picture(account, assessment)


def target_of(word: str | None, knowledge: Knowledge) -> tuple[str, str] | None:
    """The signature or conclusion that a word names, or a usage error with the nearest one."""
    from explain.asking import target_of as named

    if word is None:
        return None
    with can_be_asked():
        return named(word, knowledge, "sigrisk assess CASE lists them all")


@click.command()
@engine_option
def demo(engine: str) -> None:
    """Ashby, an invented authority: three signs combine; then each is taken away in turn."""
    from explain.demonstration import demonstration

    ready = prepared()
    case = case_of(EXAMPLES / "ashby.yaml", ready)
    click.echo(demonstration(assessor_of(ready, engine), case), nl=False)
