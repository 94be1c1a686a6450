"""What several commands share: their options, opening files, ending with one clear line, and printing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from kb.dates import read_day
from kb.dossier import Case, Observation
from kb.files import RULES, VOCABULARY
from kb.files import shown_name as shown_name
from kb.keeping import Keep, made_anew
from kb.model import Problem

if TYPE_CHECKING:
    from engine.assess import Assessment, Assessor
    from engine.prepared import Prepared
    from explain.account import Account
    from kb.knowledge import Knowledge
    from kb.ruletests import RuleTest

FINDINGS, USAGE, UNREADABLE, INSIDE = 1, 2, 3, 70
CASES_KEPT = 40
"""How many case files are kept as they were read."""


class Day(click.ParamType):  # type: ignore[type-arg]  # older click is not generic
    """A day written as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or a usage error in one line."""
        if isinstance(value, date):
            return value
        found = read_day(str(value))
        return found if found else self.fail(f"{value!r} is not a date; write it as 2018-11-30", param, ctx)


case_argument = click.argument("case", type=click.Path(path_type=Path))
as_at_option = click.option("--as-at", type=Day(), help="Ask for a date: only what was public by then counts.")
rules_option = click.option("--rules", type=click.Path(path_type=Path), default=RULES, help="Another rules folder.")
kb_option = click.option("--kb", "vocabulary", type=click.Path(path_type=Path), default=VOCABULARY,
                         help="Another vocabulary folder.")
engine_option = click.option("--engine", type=click.Choice(("auto", "rete", "bits")), default="auto",
                             help="durable-rules confirmed by the evaluator (auto), insisted on (rete), or not (bits).")
table_option = click.option("--table", "tables", type=click.Path(path_type=Path), multiple=True,
                            help="A CSV table of observations to read beside the case.")
format_option = click.option("--format", type=click.Choice(("text", "json", "markdown")), default="text")
output_option = click.option("-o", "--output", type=click.Path(path_type=Path),
                             help="Write to a file (a picture without it: CASE.FORMAT here).")


Command = TypeVar("Command", bound=Callable[..., object])


def worked_out(command: Command) -> Command:
    """How a case is assessed: at which date, and by which rules, vocabulary, engine and tables."""
    for option in (table_option, engine_option, kb_option, rules_option, as_at_option):
        command = option(command)
    return command


def about_a_case(command: Command) -> Command:
    """A question about one CASE at one date."""
    return case_argument(worked_out(command))


def stop(lines: Iterable[object], code: int) -> NoReturn:
    """Says why on stderr, and ends with an exit code."""
    for line in lines:
        click.echo(str(line), err=True)
    raise SystemExit(code)


def prepared(rules: Path = RULES, vocabulary: Path = VOCABULARY) -> Prepared:
    """The knowledge base ready to run, or an end with every problem of it."""
    from engine.prepared import prepare

    ready, problems = prepare(rules, vocabulary)
    if ready is None:
        stop(problems, UNREADABLE)
    return ready


def readable_tests(rules: Path, knowledge: Knowledge) -> tuple[RuleTest, ...]:
    """The tests that could be read; their problems do not keep anybody from reading a rule."""
    from explain.words import count_of

    tests, problems = rule_tests(rules, knowledge, whole=True)
    if problems:
        click.echo(f"{count_of(len(problems), 'problem')} in the tests of the rules, some of which may be missing "
                   "here; sigrisk check lists them", err=True)
    return tests


def case_of(path: Path, ready: Prepared) -> Case:
    """The case of a file, or an end with every problem of it; kept until a byte of it, or of what it names, changes."""
    if not ready.name:
        return case_read(path, ready.knowledge)
    from engine import kept

    def parts() -> Iterator[bytes]:
        yield from (ready.name.encode(), shown_name(path).encode(), path.read_bytes())
    return kept.once("case", parts, lambda: case_read(path, ready.knowledge), CASES_KEPT)


def case_read(path: Path, knowledge: Knowledge) -> Case:
    """The case of a file as it stands, or an end with every problem of it."""
    from kb.casefiles import answers_nothing, read_case

    case, problems = read_case(path, knowledge.vocabulary, shown_name(path))
    if case is not None and case.disagreements:
        problems = (*problems, *answers_nothing(case, knowledge.names()))
    if problems or case is None:
        stop(sorted(problems), UNREADABLE)
    return case


def rule_tests(rules: Path, knowledge: Knowledge, whole: bool, keep: Keep = made_anew,
               ) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
    """The tests of the rules and their problems; beside rules that could not all be read, not what only follows."""
    from kb.problems import Code
    from kb.ruletests import read_rule_tests

    tests, problems = read_rule_tests(rules, knowledge, keep)
    follows = () if whole else (Code.UNKNOWN_ID, Code.POINTS_AT_NOTHING)
    return tests, tuple(problem for problem in problems if problem.code not in follows)


def beside(tables: Sequence[Path], case: Case, knowledge: Knowledge) -> list[Observation]:
    """The rows about the case's authority of the tables read beside it."""
    if not tables:
        return []
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


def assessment_of(path: Path, as_at: date | None, rules: Path, vocabulary: Path, engine: str,
                  tables: tuple[Path, ...]) -> Assessment:
    """One case assessed at one date (default: the last day on which something in it became public)."""
    ready = prepared(rules, vocabulary)
    case = case_of(path, ready)
    observations = [*case.observations, *beside(tables, case, ready.knowledge)]
    when = as_at or last_day(path, case, observations)
    something_known(case, when, observations)
    with engine_answers():
        return assessor_of(ready, engine).assess(case, when, observations)


def something_known(case: Case, when: date, observations: Sequence[Observation]) -> None:
    """Ends with the first date on which something was known where the date asked for lies before it."""
    from explain.asking import something_known as known

    with can_be_asked():
        known(case, when, observations)


@contextmanager
def can_be_asked() -> Iterator[None]:
    """Ends with a line for everything by which a question cannot be asked."""
    from explain.asking import Unasked

    try:
        yield
    except Unasked as wrong:
        stop([f"sigrisk: {line}" for line in wrong.args], USAGE)


def last_day(path: Path, case: Case, beside: Iterable[Observation] = ()) -> date:
    """The last day on which something of a case, or read beside it, became public; or an end that asks for a date."""
    days = [day for day in (case.latest_known, *(o.known for o in beside)) if day is not None]
    if not days:
        stop([f"sigrisk: {path.name} holds no observations, so a date is needed: --as-at 2018-11-30"], USAGE)
    return max(days)


@contextmanager
def engine_answers() -> Iterator[None]:
    """Ends with one line where durable-rules was insisted on and cannot answer."""
    from engine.rete import EngineError

    try:
        yield
    except EngineError as wrong:
        stop([f"sigrisk: durable-rules cannot answer: {wrong}; --engine bits works without it"], USAGE)


def show(account: Account, format: str, output: Path | None) -> None:
    """One account as text, JSON or Markdown."""
    if format == "json":
        from explain.render.as_json import render as as_json

        return say(as_json(account), output)
    if format == "markdown":
        from explain.render.markdown import render as as_markdown

        return say(as_markdown(account), output)
    from explain.render.text import coloured, plain, render

    return say(render(account, coloured if output is None and in_colour() else plain), output)


def say(text: str, output: Path | None) -> None:
    """Text to stdout, or whole into a file."""
    if output is None:
        click.echo(text, nl=False)
    else:
        put(output, text.encode("utf-8"))


def put(output: Path, data: bytes) -> None:
    """Bytes whole into a file; says where on stderr."""
    from kb.files import write_whole

    with written(output):
        write_whole(output, data)


@contextmanager
def written(output: Path) -> Iterator[None]:
    """Says where something was written; ends with one line where it cannot be."""
    try:
        yield
    except OSError as error:
        stop([f"sigrisk: {shown_name(output)} cannot be written: {(error.strerror or str(error)).lower()}"], UNREADABLE)
    click.echo(f"written to {output}", err=True)


def pages_can_be_written(what: str) -> None:
    """Ends with one line where what writes pages is not installed; `what` is asked for."""
    try:
        import web.site  # noqa: F401
    except ModuleNotFoundError as missing:
        stop([f"sigrisk: {what} needs {missing.name}; install the extra web: python3 run.py setup web"], USAGE)


def in_colour() -> bool:
    """Whether stdout is a terminal that may be given bold and dim."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
