"""Work on rule files: do they mean what their tests say?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import FINDINGS, UNREADABLE, USAGE, kb_option, prepared, rule_tests, rules_option, stop

if TYPE_CHECKING:
    from kb.knowledge import Knowledge
    from kb.ruletests import RuleTest


@click.command()
@click.argument("names", nargs=-1)
@rules_option
@kb_option
def test(names: tuple[str, ...], rules: Path, vocabulary: Path) -> None:
    """Runs the tests beside the rules (or those of the rules and tests NAMES): what differs, and how many there are."""
    from engine.ruletests import run
    from explain.differences import counts, differences, in_force, tally

    ready = prepared(rules, vocabulary)
    tests, problems = rule_tests(rules, ready.knowledge, whole=True)
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
