"""Exercises for trainers: listed, asked at the terminal, or written as a sheet or a page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.common import (
    UNREADABLE,
    USAGE,
    as_at_option,
    case_of,
    format_option,
    in_colour,
    kb_option,
    prepared,
    put,
    rules_option,
    say,
    shown_name,
    something_known,
    stop,
)
from kb.files import EXAMPLES

if TYPE_CHECKING:
    from engine.assess import Assessor
    from engine.prepared import Prepared
    from explain.exercises import Question, Room, Sheet
    from explain.render.text import Paint
    from kb.dossier import Case, Outcome
    from kb.exercises import Exercise

FORMS = (".md", ".html", ".json")
KINDS = ("alarm", "acts", "defeater", "missing", "next", "protects", "result", "smallest", "state")


class Listed(NamedTuple):
    """One exercise in the list of them."""

    id: str
    title: str
    aim: str


@click.command(epilog="Examples:  sigrisk exercise   |   sigrisk exercise NAME   |   "
                      "sigrisk exercise NAME -o page.html   |   "
                      "sigrisk exercise --case examples/ashby.yaml --kind missing --answers")
@click.argument("name", required=False)
@click.option("--case", type=click.Path(path_type=Path), help="Puzzles made of this case, in place of an exercise.")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="With --case: only of this kind.")
@click.option("--answers", is_flag=True, help="Every question with its answer, and nothing asked.")
@click.option("--cases", type=click.Path(path_type=Path), default=EXAMPLES, help="The folder of the cases.")
@as_at_option
@rules_option
@kb_option
@format_option
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="FILE.html (a page that works offline), FILE.md (a sheet to print) or FILE.json.")
def exercise(name: str | None, case: Path | None, kinds: tuple[str, ...], answers: bool, cases: Path,
             as_at: date | None, rules: Path, vocabulary: Path, format: str, output: Path | None) -> None:
    """Ask before telling: the exercise NAME, or puzzles made of a CASE; with neither, a list of the exercises.

    Each question is asked first, and the explanation is its answer. Nothing is counted. Answers are marked only where
    the authority is invented.
    """
    _sensible(name, case, kinds, as_at, output)
    ready = prepared(rules, vocabulary)
    if case is not None:
        return _give(_made_of(case, kinds, as_at, ready), answers, format, output)
    found = _read(vocabulary, ready, cases)
    if name is None:
        return _list(found, format)
    if name not in found:
        from kb.problems import did_you_mean

        nearest = did_you_mean(name, found) or "sigrisk exercise lists them"
        stop([f"sigrisk: there is no exercise {name!r}; {nearest}"], USAGE)
    return _give(_worked_out(found[name], ready, cases), answers, format, output)


def _sensible(name: str | None, case: Path | None, kinds: tuple[str, ...], as_at: date | None,
              output: Path | None) -> None:
    if name is not None and case is not None:
        stop([f"sigrisk: {name} has its own cases; name an exercise, or --case, and not both"], USAGE)
    if case is None and (kinds or as_at is not None):
        stop([f"sigrisk: {'--kind' if kinds else '--as-at'} is for puzzles made of a case; add --case FILE"], USAGE)
    if output is not None and output.suffix not in FORMS:
        stop([f"sigrisk: {output.name} does not end in .html, .md or .json"], USAGE)
    if output is not None and name is None and case is None:
        stop(["sigrisk: the list is not written to a file; name an exercise"], USAGE)


def _read(vocabulary: Path, ready: Prepared, cases: Path) -> dict[str, Exercise]:
    """The exercises of a vocabulary, or an end with every problem of them."""
    from kb.exercises import read_exercises

    if not cases.is_dir():
        stop([f"sigrisk: {shown_name(cases)} is no folder; name the folder of the cases with --cases"], UNREADABLE)
    found, problems = read_exercises(vocabulary, ready.knowledge, cases)
    if problems:
        stop(problems, UNREADABLE)
    if not found:
        stop([f"sigrisk: {shown_name(vocabulary)} has no exercises; --case makes puzzles of a case"], USAGE)
    return found


def _list(found: dict[str, Exercise], format: str) -> None:
    from explain.render.exercises import listing

    if format == "json":
        from explain.render.as_json import dump

        return say(dump(tuple(Listed(one.id, one.title, one.aim) for one in found.values())), None)
    return say(listing(found.values(), format == "markdown"), None)


def _worked_out(found: Exercise, ready: Prepared, cases: Path) -> Sheet:
    """An exercise with every question worked out, or an end with the questions that cannot be asked."""
    from explain.exercises import sheet

    made, problems = sheet(found, _room(ready, cases))
    if problems:
        stop(problems, UNREADABLE)
    return made


def _made_of(path: Path, kinds: tuple[str, ...], as_at: date | None, ready: Prepared) -> Sheet:
    """Puzzles of one case, or an end where there is none of the kind."""
    from explain.puzzlesof import puzzles_of

    case = case_of(path, ready)
    when = as_at or case.latest_known
    if when is None:
        stop([f"sigrisk: {path.name} holds no observations, so there is nothing to ask"], USAGE)
    something_known(case, when, case.observations)
    made = puzzles_of(case, when, kinds, _room(ready, path.parent))
    if not made.questions:
        told = f" of the kind {' or '.join(kinds)}" if kinds else ""
        stop([f"sigrisk: the rules make no puzzle{told} of {case.id} as at {when}; try another --kind or date"], USAGE)
    return made


def _room(ready: Prepared, cases: Path) -> Room:
    """What exercises are worked out with: the evaluator alone, and the cases of a folder."""
    from engine.assess import Assessor
    from explain.exercises import Room, judgements

    @cache
    def read(path: Path) -> Case:
        return case_of(path, ready)

    def outcomes(case: Case) -> tuple[Outcome, ...]:
        return judgements(case, _others(cases, ready))

    assessor: Assessor = Assessor(ready.knowledge, "bits", ready.program)
    return Room(assessor, lambda task: read(cases / f"{task.case}.yaml"), outcomes)


def _others(cases: Path, ready: Prepared) -> Iterator[Case]:
    """The cases of a folder that can be read, one after another."""
    from kb.casefiles import read_case

    for path in sorted(cases.glob("*.yaml")):
        other, problems = read_case(path, ready.knowledge.vocabulary, path.name)
        if other is not None and not problems:
            yield other


def _give(sheet: Sheet, answers: bool, format: str, output: Path | None) -> None:
    """The exercise as asked for: a file, a whole text, or question by question."""
    from explain.render import exercises

    form = {".md": "markdown", ".json": "json", ".html": "html"}[output.suffix] if output is not None else format
    if form == "html" and output is not None:
        return put(output, _page(sheet))
    if form == "json":
        from explain.render.as_json import dump

        return say(dump(sheet), output)
    if form == "markdown":
        return say(exercises.markdown(sheet), output)
    if answers:
        return say(exercises.whole(sheet, _paint()), None)
    return _ask(sheet, _paint())


def _page(sheet: Sheet) -> bytes:
    try:
        from web.exercise import page
    except ModuleNotFoundError as missing:
        stop([f"sigrisk: a page needs {missing.name}; install the extra web: python3 run.py setup web"], USAGE)
    return page(sheet)


def _paint() -> Paint:
    from explain.render.text import coloured, plain

    return coloured if in_colour() else plain


def _ask(sheet: Sheet, paint: Paint) -> None:
    """Each question, then what was answered, whether it is right, and why; until there are no more answers."""
    from explain.render import exercises

    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # what is no text is no answer, and no mistake of the program
    click.echo(exercises.opening(sheet, paint) + paint(exercises.HOW, "dim"))
    total = len(sheet.questions)
    for number, question in enumerate(sheet.questions, 1):
        click.echo(exercises.asked(question, number, total, paint), nl=False)
        said = _said(question)
        if said is None:
            click.echo(f"\nNo more answers: question {number} of {total} and what follows it were left.", err=True)
            return
        click.echo("".join(f"{line}\n" for line in (said,) if line) + exercises.answered(question, paint), nl=False)
    click.echo(exercises.closing(sheet), nl=False)


def _said(question: Question) -> str | None:
    """What there is to say of an answer, asked for again until it can be read; None where there are no more."""
    from explain.marking import Unread, marked, on_words, read_answer
    from explain.render.text import clean

    while True:
        click.echo("Your answer: ", nl=False)
        line = sys.stdin.readline()
        if not line:
            return None
        text = line.strip()
        if not sys.stdin.isatty():
            click.echo(clean(text))
        if not text:
            return ""
        if question.free:
            return on_words(text, question)
        if not question.choices:
            return ""
        try:
            return marked(read_answer(text, question), question)
        except Unread as wrong:
            click.echo(str(wrong), err=True)
