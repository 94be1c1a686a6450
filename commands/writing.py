"""Work on rule files: are they right, and do they mean what their tests say?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import (
    FINDINGS,
    UNREADABLE,
    USAGE,
    kb_option,
    prepared,
    rules_option,
    shown_name,
    stop,
    table_option,
)
from kb.files import EXAMPLES, VOCABULARY

if TYPE_CHECKING:
    from kb.knowledge import Knowledge
    from kb.model import Problem
    from kb.ruletests import RuleTest


@click.command()
@click.argument("cases", type=click.Path(path_type=Path), nargs=-1)
@rules_option
@kb_option
@table_option
def check(cases: tuple[Path, ...], rules: Path, vocabulary: Path, tables: tuple[Path, ...]) -> None:
    """All problems of the vocabulary, the rules, their tests and the CASES (default: the shipped ones)."""
    from kb.casefiles import answers_nothing, read_case
    from kb.importing.calendar import read_calendar
    from kb.importing.kinds import read_kinds
    from kb.load import load
    from kb.privacy import read_privacy
    from kb.problems import sorted_problems
    from kb.tables import read_table

    knowledge, problems = load(rules, vocabulary)
    problems += (*read_privacy(vocabulary)[1], *read_kinds(vocabulary, knowledge.vocabulary)[1],
                 *read_calendar(vocabulary)[1])
    tests, wrong = _tests(rules, knowledge, whole=not problems)
    problems += wrong
    shipped = sorted(EXAMPLES.glob("*.yaml")) if vocabulary == VOCABULARY else []
    files = cases or tuple(shipped)
    for path in files:
        case, unread = read_case(path, knowledge.vocabulary, shown_name(path))
        problems += (*unread, *(answers_nothing(case, knowledge.names()) if case and case.disagreements else ()))
    for path in tables:
        problems += read_table(path, knowledge.vocabulary, shown_name(path))[1]
    found = sorted_problems(problems)
    click.echo("".join(f"{problem}\n" for problem in found), nl=False)
    if found:
        stop([f"{len(found)} problem{'s' if len(found) > 1 else ''}"], FINDINGS)
    click.echo(f"no problems: {len(knowledge.rules)} rules, {len(tests)} tests of them, "
               f"{len(knowledge.vocabulary.indicators)} indicators, {len(files)} cases", err=True)


def _tests(rules: Path, knowledge: Knowledge, whole: bool) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
    """The tests of the rules and their problems; beside rules that could not all be read, not what only follows."""
    from kb.problems import Code
    from kb.ruletests import read_rule_tests

    tests, problems = read_rule_tests(rules, knowledge)
    follows = () if whole else (Code.UNKNOWN_ID, Code.POINTS_AT_NOTHING)
    return tests, tuple(problem for problem in problems if problem.code not in follows)


@click.command()
@click.argument("names", nargs=-1)
@rules_option
@kb_option
def test(names: tuple[str, ...], rules: Path, vocabulary: Path) -> None:
    """Runs the tests beside the rules (or those of the rules and tests NAMES): what differs, and how many there are."""
    from engine.ruletests import run
    from explain.differences import counts, differences, in_force, tally

    ready = prepared(rules, vocabulary)
    tests, problems = _tests(rules, ready.knowledge, whole=True)
    if problems:
        stop(problems, UNREADABLE)
    chosen = _chosen(names, tests, ready.knowledge)
    ran = run([one for one in chosen if in_force(one, ready.knowledge)], ready.knowledge, ready.program)
    spoken = {one.rule for one in chosen} | set(names) if names else ()
    tallied = tally([one for one in tests if not names or one.rule in spoken], ready.knowledge, spoken)
    click.echo(differences(ran, ready.knowledge) + counts(ran, tallied), nl=False)
    if tallied.too_few or not all(one.as_expected for one in ran):
        raise SystemExit(FINDINGS)


def _chosen(names: tuple[str, ...], tests: tuple[RuleTest, ...], knowledge: Knowledge) -> list[RuleTest]:
    """The tests that the names mean: every test of a rule or signature so called, or tests so called themselves."""
    from kb.problems import did_you_mean

    known = {rule.id for rule in knowledge.rules} | set(knowledge.vocabulary.signatures) | {t.name for t in tests}
    unknown = [name for name in names if name not in known]
    if unknown:
        stop([f"sigrisk: no rule and no test is called {name!r}; "
              f"{did_you_mean(name, known) or 'sigrisk test runs them all'}" for name in unknown], USAGE)
    return [one for one in tests if not names or one.rule in names or one.name in names]
