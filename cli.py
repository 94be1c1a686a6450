"""The command `sigrisk`: parse, call, print."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from kb.dates import read_day
from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.model import Case, Observation, Problem

if TYPE_CHECKING:
    from engine.assess import Assessment, Assessor
    from engine.prepared import Prepared
    from explain.account import Account
    from kb.knowledge import Knowledge

FINDINGS, USAGE, UNREADABLE, INSIDE = 1, 2, 3, 70
PICTURES = ("svg", "png", "pdf", "dot")
FORMATS = ("text", "json", *PICTURES)


class Day(click.ParamType):  # type: ignore[type-arg]  # older click is not generic
    """A day written as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or a usage error in one line."""
        if isinstance(value, date):
            return value
        found = read_day(str(value))
        return found if found else self.fail(f"{value!r} is not a date; write it as 2018-11-30", param, ctx)


def stop(lines: Iterable[object], code: int) -> NoReturn:
    """Says why on stderr, and ends with an exit code."""
    for line in lines:
        click.echo(str(line), err=True)
    raise SystemExit(code)


def prepared(rules: Path) -> Prepared:
    """The knowledge base ready to run, or an end with every problem of it."""
    from engine.prepared import prepare

    ready, problems = prepare(rules, VOCABULARY)
    if ready is None:
        stop(problems, UNREADABLE)
    return ready


def shown_name(path: Path) -> str:
    """The name of a file as answers show it: never an absolute path, the shipped examples by their folder."""
    if path.is_absolute():
        return f"examples/{path.name}" if path.parent == EXAMPLES else path.name
    return path.as_posix()


def case_of(path: Path, knowledge: Knowledge) -> Case:
    """The case of a file, or an end with every problem of it."""
    from kb.casefiles import read_case

    case, problems = read_case(path, knowledge.vocabulary, shown_name(path))
    if problems or case is None:
        stop(sorted(problems), UNREADABLE)
    return case


def beside(tables: Iterable[Path], case: Case, knowledge: Knowledge) -> list[Observation]:
    """The rows about the case's authority of the tables read beside it."""
    from kb.tables import read_table

    found, problems = list[Observation](), list[Problem]()
    for table in tables:
        rows, wrong = read_table(table, knowledge.vocabulary)
        mine = [row for row in rows if row.authority == case.authority_code]
        if len(mine) < len(rows):
            click.echo(f"{table.name}: {len(rows) - len(mine)} of {len(rows)} rows are about other authorities than "
                       f"{case.authority_code} and are left aside", err=True)
        found += mine
        problems += wrong
    if problems:
        stop(sorted(problems), UNREADABLE)
    return found


def assessor_of(ready: Prepared, engine: str) -> Assessor:
    """The engine asked for, or an end that says why it cannot be had."""
    from engine.assess import Assessor
    from engine.rete import Unavailable

    try:
        return Assessor(ready.knowledge, engine, ready.program)
    except Unavailable as missing:
        stop([f"sigrisk: durable-rules cannot be used here: {missing}; --engine bits works without it"], USAGE)


def assessment_of(path: Path, as_at: date | None, rules: Path, engine: str, tables: tuple[Path, ...]) -> Assessment:
    """One case assessed at one date (default: the last day on which something in it became public)."""
    ready = prepared(rules)
    case = case_of(path, ready.knowledge)
    observations = [*case.observations, *beside(tables, case, ready.knowledge)]
    when = as_at or max((o.known for o in observations), default=None)
    if when is None:
        stop([f"sigrisk: {path.name} holds no observations, so a date is needed: --as-at 2018-11-30"], USAGE)
    from engine.rete import EngineError

    try:
        return assessor_of(ready, engine).assess(case, when, observations)
    except EngineError as wrong:
        stop([f"sigrisk: durable-rules cannot answer: {wrong}; --engine bits works without it"], USAGE)


def say(text: str, output: Path | None) -> None:
    """Text to stdout, or whole into a file."""
    if output is None:
        click.echo(text, nl=False)
    else:
        put(output, text.encode("utf-8"))


def put(output: Path, data: bytes) -> None:
    """Bytes whole into a file; says where on stderr."""
    from kb.files import write_whole

    try:
        write_whole(output, data)
    except OSError as error:
        stop([f"sigrisk: {output} cannot be written: {(error.strerror or str(error)).lower()}"], UNREADABLE)
    click.echo(f"written to {output}", err=True)


def show(account: Account, assessment: Assessment, format: str, output: Path | None) -> None:
    """One account in the format asked for."""
    if format in PICTURES:
        draw(account, assessment, format, output)
    elif format == "json":
        from explain.render.as_json import render as as_json

        say(as_json(account), output)
    else:
        from explain.render.text import coloured, plain, render

        say(render(account, coloured if output is None and in_colour() else plain), output)


def draw(account: Account, assessment: Assessment, format: str, output: Path | None) -> None:
    """The picture of an account: DOT text to stdout, anything else into a file."""
    from explain.render.picture import Undrawn, picture

    try:
        data = picture(account, assessment, format)
    except Undrawn as missing:
        stop([f"sigrisk: {missing}"], UNREADABLE)
    if output is None and format == "dot":
        return say(data.decode("utf-8"), None)
    return put(output or Path(f"{assessment.case.id}.{format}"), data)


def in_colour() -> bool:
    """Whether stdout is a terminal that may be given bold and dim."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


case_argument = click.argument("case", type=click.Path(path_type=Path))
as_at_option = click.option("--as-at", type=Day(), help="Ask for a date: only what was public by then counts.")
rules_option = click.option("--rules", type=click.Path(path_type=Path), default=RULES, help="Another rules folder.")
engine_option = click.option("--engine", type=click.Choice(("auto", "rete", "bits")), default="auto",
                             help="durable-rules confirmed by the evaluator (auto), insisted on (rete), or not (bits).")
table_option = click.option("--table", "tables", type=click.Path(path_type=Path), multiple=True,
                            help="A CSV table of observations to read beside the case.")
output_option = click.option("-o", "--output", type=click.Path(path_type=Path),
                             help="Write to a file (a picture without it: CASE.FORMAT here).")


@click.group(epilog="Examples:  sigrisk demo   |   sigrisk why examples/ashby.yaml   |   "
                    "sigrisk why examples/northamptonshire.yaml --as-at 2018-11-30 --picture chain.svg")
@click.version_option(package_name="signatures-of-risk", prog_name="sigrisk")
def sigrisk() -> None:
    """How signs of risk in children's services combine, and why: never a score, a rank or a forecast."""


@sigrisk.command()
@case_argument
@as_at_option
@rules_option
@engine_option
@table_option
@click.option("--format", type=click.Choice(("text", "json")), default="text")
@output_option
def assess(case: Path, as_at: date | None, rules: Path, engine: str, tables: tuple[Path, ...], format: str,
           output: Path | None) -> None:
    """The overall result of CASE, what could be judged, and the state of every signature and conclusion."""
    from explain.answer import overview

    assessment = assessment_of(case, as_at, rules, engine, tables)
    show(overview(assessment), assessment, format, output)


@sigrisk.command()
@case_argument
@click.argument("conclusion", required=False)
@as_at_option
@rules_option
@engine_option
@table_option
@click.option("--format", type=click.Choice(FORMATS), default="text")
@click.option("--picture", type=click.Path(path_type=Path), help="Also draw the chain: FILE.svg, .png, .pdf or .dot.")
@output_option
def why(case: Path, conclusion: str | None, as_at: date | None, rules: Path, engine: str, tables: tuple[Path, ...],
        format: str, picture: Path | None, output: Path | None) -> None:
    """The chain of evidence behind the result of CASE, or behind one CONCLUSION or signature (such as A2)."""
    from explain.answer import why as why_account

    if picture is not None and picture.suffix.removeprefix(".") not in PICTURES:
        stop([f"sigrisk: {picture.name} does not end in .svg, .png, .pdf or .dot"], USAGE)
    assessment = assessment_of(case, as_at, rules, engine, tables)
    account = why_account(assessment, target_of(conclusion, assessment.knowledge))
    show(account, assessment, format, output)
    if picture is not None:
        draw(account, assessment, picture.suffix.removeprefix("."), picture)


def target_of(word: str | None, knowledge: Knowledge) -> tuple[str, str] | None:
    """The signature or conclusion that a word names, or a usage error with the nearest one."""
    from kb.problems import did_you_mean

    if word is None:
        return None
    known = {id: kind for kind, id in knowledge.conclusions()}
    known |= dict.fromkeys(knowledge.vocabulary.signatures, "signature")
    if word not in known:
        hint = did_you_mean(word, known) or "sigrisk assess CASE lists them all"
        stop([f"sigrisk: no signature or conclusion is called {word!r}; {hint}"], USAGE)
    return known[word], word


@sigrisk.command()
@click.argument("cases", type=click.Path(path_type=Path), nargs=-1)
@rules_option
@table_option
def check(cases: tuple[Path, ...], rules: Path, tables: tuple[Path, ...]) -> None:
    """All problems of the vocabulary, the rules and the CASES (default: the shipped ones), each at its line."""
    from kb.casefiles import read_case
    from kb.load import load
    from kb.problems import sorted_problems
    from kb.tables import read_table

    knowledge, problems = load(rules)
    files = cases or tuple(sorted(EXAMPLES.glob("*.yaml")))
    for path in files:
        problems += read_case(path, knowledge.vocabulary, shown_name(path))[1]
    for path in tables:
        problems += read_table(path, knowledge.vocabulary, shown_name(path))[1]
    found = sorted_problems(problems)
    click.echo("".join(f"{problem}\n" for problem in found), nl=False)
    if found:
        stop([f"{len(found)} problem{'s' if len(found) > 1 else ''}"], FINDINGS)
    click.echo(f"no problems: {len(knowledge.rules)} rules, {len(knowledge.vocabulary.indicators)} indicators, "
               f"{len(files)} cases", err=True)


@sigrisk.command()
@engine_option
def demo(engine: str) -> None:
    """Ashby, an invented authority: three signs combine; then each is taken away in turn."""
    from explain.demonstration import demonstration

    ready = prepared(RULES)
    case = case_of(EXAMPLES / "ashby.yaml", ready.knowledge)
    click.echo(demonstration(assessor_of(ready, engine), case), nl=False)


def main() -> None:
    """Runs the command; a mistake inside the program is one line, with a traceback only where asked for."""
    gc.disable()  # one short answer and out: collecting cycles on the way would cost a tenth of the time
    for stream in (s for s in (sys.stdout, sys.stderr) if hasattr(s, "reconfigure")):
        stream.reconfigure(errors="replace")
    try:
        sigrisk.main(standalone_mode=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:
        if "SIGRISK_DEBUG" in os.environ:
            raise
        stop([f"sigrisk: a mistake inside the program ({type(error).__name__}: {error}); "
              "SIGRISK_DEBUG=1 shows where, please report it"], INSIDE)


if __name__ == "__main__":
    main()
