"""Whether the rules are right, and mean what they seem to; and what each problem's code says."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    FINDINGS,
    USAGE,
    Day,
    kb_option,
    rule_tests,
    rules_option,
    shown_name,
    stop,
    table_option,
)
from kb.files import EXAMPLES, VOCABULARY

if TYPE_CHECKING:
    from explain.found import Told
    from kb.dossier import Case
    from kb.knowledge import Knowledge
    from kb.model import Problem
    from kb.ruletests import RuleTest


@click.command(epilog="Examples:  sigrisk check   |   sigrisk check --rules my-rules --strict   |   "
                      "sigrisk check --format sarif > findings.sarif   |   sigrisk check --today 2027-04-01")
@click.argument("cases", type=click.Path(path_type=Path), nargs=-1)
@rules_option
@kb_option
@table_option
@click.option("--format", type=click.Choice(("text", "json", "github", "sarif")), default="text")
@click.option("--strict", is_flag=True, help="End with 1 on warnings too.")
@click.option("--today", type=Day(), help="The day on which review dates are looked at; without it they are not.")
def check(cases: tuple[Path, ...], rules: Path, vocabulary: Path, tables: tuple[Path, ...], format: str, strict: bool,
          today: date | None) -> None:
    """All problems of the vocabulary, the rules, their tests and the CASES (default: the shipped ones).

    Where all can be read, also what the rules mean: rules that can never hold or add nothing, conditions that decide
    nothing, conclusions that too little evidence can reach. `sigrisk explain-code K031` says more of a code.
    """
    from explain.render.problems import FORMATS
    from kb.codepages import pages

    shipped = sorted(EXAMPLES.glob("*.yaml")) if vocabulary == VOCABULARY else []
    told, counted = everything_found(rules, vocabulary, cases or shipped, tables, today)
    click.echo(FORMATS[format](told, pages() if format == "sarif" else {}), nl=False)
    _end(told, strict, counted)


def everything_found(rules: Path, vocabulary: Path, cases: Sequence[Path] = (), tables: Sequence[Path] = (),
                     today: date | None = None) -> tuple[list[Told], str]:
    """Every problem in the order of places, and what was looked at. What rules mean, once everything could be read."""
    from explain.found import Told
    from kb.load import load
    from kb.privacy import read_privacy

    knowledge, problems = load(rules, vocabulary)
    problems += read_privacy(vocabulary)[1]
    tests, wrong = rule_tests(rules, knowledge, whole=not problems)
    read, others = _read(cases, tables, knowledge)
    found = {Told(problem) for problem in (*problems, *wrong, *others)}
    later = "; what the rules mean is worked out once all can be read" if found else ""
    found |= set() if later else set(_meaning(knowledge, tests, read, today))
    return sorted(found, key=lambda one: one.problem), (
        f"{len(knowledge.rules)} rules, {len(tests)} tests of them, {len(knowledge.vocabulary.indicators)} indicators, "
        f"{len(read)} cases{later}")


def _read(files: Sequence[Path], tables: Sequence[Path], knowledge: Knowledge) -> tuple[list[Case], list[Problem]]:
    """The cases of the files, and the problems of these and of the tables."""
    from kb.casefiles import answers_nothing, read_case
    from kb.tables import read_table

    read: list[Case] = []
    problems: list[Problem] = []
    for path in files:
        case, unread = read_case(path, knowledge.vocabulary, shown_name(path))
        problems += (*unread, *(answers_nothing(case, knowledge.names()) if case and case.disagreements else ()))
        read += [case] if case is not None else []
    for path in tables:
        problems += read_table(path, knowledge.vocabulary, shown_name(path))[1]
    return read, problems


def _meaning(knowledge: Knowledge, tests: Sequence[RuleTest], read: Sequence[Case], today: date | None) -> list[Told]:
    """What the rules mean and still lack; a word on stderr while it is worked out, where somebody watches."""
    from engine.assess import Asked
    from engine.meaning.analysis import analyse
    from explain.differences import FEWEST, tally
    from explain.found import Told, told, too_few_tests
    from kb.upkeep import upkeep

    if sys.stderr.isatty():
        click.echo("working out what the rules mean ...\r", nl=False, err=True)
    days = [Asked(case, day) for case in read for day in sorted({o.known for o in case.observations})]
    lacking = (*upkeep(knowledge, today), *too_few_tests(knowledge, tally(tests, knowledge).too_few, FEWEST))
    return [*told(analyse(knowledge), days), *map(Told, lacking)]


def _end(told: Sequence[Told], strict: bool, counted: str) -> None:
    """How many there are, on stderr; and the exit code."""
    errors = sum(not one.warning for one in told)
    warnings = len(told) - errors
    counts = (("problem", errors), ("warning", warnings))
    said = ", ".join(f"{number} {word}{'s' if number > 1 else ''}" for word, number in counts if number)
    click.echo(f"{said or 'no problems'}: {counted}", err=True)
    if errors or (strict and warnings):
        raise SystemExit(FINDINGS)


@click.command(epilog="Examples:  sigrisk explain-code K031   |   sigrisk explain-code")
@click.argument("code", required=False)
def explain_code(code: str | None) -> None:
    """What a problem's CODE means, why it matters, an example, and how to mend it (without CODE: the list of codes)."""
    from kb.codepages import pages
    from kb.problems import CODES, did_you_mean

    if code is None:
        click.echo("".join(f"{known}  {title}\n" for known, title in CODES.items()), nl=False)
        return
    wanted = code.upper()
    if wanted not in CODES:
        stop([f"sigrisk: there is no code {code!r}; "
              f"{did_you_mean(wanted, CODES) or 'sigrisk explain-code lists them'}"], USAGE)
    click.echo(pages()[wanted].markdown, nl=False)
