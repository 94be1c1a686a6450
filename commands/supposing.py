"""Questions of what is not so: why a conclusion does not hold, and what would follow if something were so."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.asking import target_of
from commands.common import (
    USAGE,
    about_a_case,
    assessment_of,
    assessor_of,
    beside,
    can_be_asked,
    case_of,
    engine_answers,
    format_option,
    last_day,
    output_option,
    prepared,
    show,
    something_known,
    stop,
)
from commands.drawing import answer, drawable

if TYPE_CHECKING:
    from engine.assess import Assessment
    from engine.prepared import Prepared
    from explain.account import Account
    from explain.asking import Held
    from explain.render.drawing import Drawing
    from explain.whatif import Supposed


@click.command()
@about_a_case
@click.argument("conclusion")
@drawable()
def why_not(case: Path, conclusion: str, as_at: date | None, rules: Path, vocabulary: Path, engine: str,
            tables: tuple[Path, ...], format: str, picture: Path | None, output: Path | None) -> None:
    """Why CONCLUSION does not hold of CASE: every rule that could give it, and what each lacks, nearest first."""
    from explain.whynot import why_not as why_not_account

    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    target = target_of(conclusion, assessment.knowledge)
    assert target is not None
    account = why_not_account(assessment, target)
    answer(account, lambda: _missed(account, assessment, target), format, picture, output)


def _missed(account: Account, assessment: Assessment, target: tuple[str, str]) -> Drawing:
    from explain.render.missed import picture

    return picture(account, assessment, target)


@click.command()
@about_a_case
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE",
              help="Suppose an indicator (NAME=VALUE, NAME=VALUE@YYYY-MM-DD, NAME:AREA=VALUE), or a signature or "
                   "conclusion (NAME=present, not found, contested or a level).")
@click.option("--unset", "unsets", multiple=True, metavar="NAME",
              help="Take away all of an indicator, or what is known of a signature or conclusion.")
@click.option("--add", type=click.Path(path_type=Path), help="Add the observations of another case file.")
@drawable()
def what_if(case: Path, sets: tuple[str, ...], unsets: tuple[str, ...], add: Path | None, as_at: date | None,
            rules: Path, vocabulary: Path, engine: str, tables: tuple[Path, ...], format: str, picture: Path | None,
            output: Path | None) -> None:
    """What would appear, go or stay if something of CASE were otherwise: a supposition, and not evidence."""
    from explain.asking import supposed as assessed
    from explain.asking import supposition as supposed_of
    from explain.whatif import what_if as what_if_account

    if not sets and not unsets and add is None:
        stop(["sigrisk: nothing is supposed; write --set NAME=VALUE, --unset NAME or --add FILE"], USAGE)
    ready = prepared(rules, vocabulary)
    asked = _asked(case, add, as_at, tables, ready)
    with can_be_asked():
        supposition = supposed_of(asked, sets, unsets, ready.knowledge)
    if supposition.given and engine == "rete":
        stop(["sigrisk: --engine rete works from evidence and cannot suppose a signature or conclusion; "
              "leave --engine out"], USAGE)
    with engine_answers():
        before, after, supposed = assessed(asked, supposition, assessor_of(ready, engine))
    account = what_if_account(before, after, supposed)
    answer(account, lambda: _supposed(account, before, after, supposed), format, picture, output)


def _supposed(account: Account, before: Assessment, after: Assessment, supposed: Supposed) -> Drawing:
    from explain.render.supposed import picture

    return picture(account, before, after, supposed)


def _asked(path: Path, add: Path | None, as_at: date | None, tables: tuple[Path, ...], ready: Prepared) -> Held:
    from explain.asking import Held

    case = case_of(path, ready)
    other = None if add is None else case_of(add, ready)
    if other is not None and other.authority_code != case.authority_code:
        stop([f"sigrisk: {other.id} is about {other.authority}, and {case.id} about {case.authority}: "
              "add a case of the same authority"], USAGE)
    held = [*case.observations, *beside(tables, case, ready.knowledge)]
    added = list(other.observations) if other is not None else []
    when = as_at or last_day(path, case, (*held, *added))
    something_known(case, when, (*held, *added))
    return Held(case, when, held, [o for o in added if o.known <= when])


@click.command()
@about_a_case
@click.argument("conclusion", required=False)
@format_option
@output_option
def levers(case: Path, conclusion: str | None, as_at: date | None, rules: Path, vocabulary: Path, engine: str,
           tables: tuple[Path, ...], format: str, output: Path | None) -> None:
    """The smallest changes that would clear CONCLUSION (or the result of CASE), and that would raise it."""
    from explain.levers import levers as levers_account

    assessment = assessment_of(case, as_at, rules, vocabulary, engine, tables)
    target = target_of(conclusion, assessment.knowledge) or ("result", assessment.result)
    show(levers_account(assessment, target), format, output)
