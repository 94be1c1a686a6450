"""Work on rule files: are they right?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import FINDINGS, kb_option, rules_option, shown_name, stop, table_option
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
    from kb.load import load
    from kb.privacy import read_privacy
    from kb.problems import sorted_problems
    from kb.tables import read_table

    knowledge, problems = load(rules, vocabulary)
    problems += read_privacy(vocabulary)[1]
    tests, wrong = rule_tests(rules, knowledge, whole=not problems)
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


def rule_tests(rules: Path, knowledge: Knowledge, whole: bool) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
    """The tests of the rules and their problems; beside rules that could not all be read, not what only follows."""
    from kb.problems import Code
    from kb.ruletests import read_rule_tests

    tests, problems = read_rule_tests(rules, knowledge)
    follows = () if whole else (Code.UNKNOWN_ID, Code.POINTS_AT_NOTHING)
    return tests, tuple(problem for problem in problems if problem.code not in follows)
