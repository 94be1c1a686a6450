"""The tests beside the rules: do the rules mean what they say, what do they leave open, and again on every change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.common import FINDINGS, UNREADABLE, USAGE, kb_option, prepared, rule_tests, rules_option, stop

if TYPE_CHECKING:
    from engine.prepared import Prepared
    from engine.ruletests import Ran
    from kb.knowledge import Knowledge
    from kb.ruletests import RuleTest

PAUSE = 0.4
"""Seconds between two looks at the files."""


class Asked(NamedTuple):
    """What was asked of the tests."""

    rules: Path
    vocabulary: Path
    names: tuple[str, ...]
    coverage: bool
    junit: Path | None


@click.command()
@click.argument("names", nargs=-1)
@click.option("--run", "also", multiple=True, metavar="NAME", help="Only the tests of a rule, or of that name.")
@click.option("--coverage", is_flag=True, help="What the tests leave open, each with a test that would close it.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write the outcome as JUnit XML for other programs.")
@click.option("--watch", is_flag=True, help="Run again whenever a file of the rules changes; Ctrl-C ends it.")
@rules_option
@kb_option
def test(names: tuple[str, ...], also: tuple[str, ...], coverage: bool, junit: Path | None, watch: bool, rules: Path,
         vocabulary: Path) -> None:
    """Runs the tests beside the rules (or those of the rules and tests NAMES): what differs, and how many there are.

    With --coverage: of which conditions no test shows them present, found not to be so or not known, and which single
    slip in a rule (a number moved by one step, a part left out) no test would notice.
    """
    asked = Asked(rules, vocabulary, (*names, *also), coverage, junit)
    if watch:
        _watch(asked)
    elif not _once(asked):
        raise SystemExit(FINDINGS)


def _once(asked: Asked) -> bool:
    """Runs the tests and prints what came; whether all is well."""
    from engine.ruletests import run
    from explain.differences import counts, differences, in_force, tally

    ready = prepared(asked.rules, asked.vocabulary)
    tests, problems = rule_tests(asked.rules, ready.knowledge, whole=True)
    if problems:
        stop(problems, UNREADABLE)
    chosen = _chosen(asked.names, tests, ready.knowledge)
    ran = run([one for one in chosen if in_force(one, ready.knowledge)], ready.knowledge, ready.program)
    spoken = {one.rule for one in chosen} | set(asked.names) if asked.names else set[str]()
    tallied = tally([one for one in tests if not asked.names or one.rule in spoken], ready.knowledge, spoken)
    click.echo(differences(ran, ready.knowledge) + counts(ran, tallied), nl=False)
    if asked.junit is not None:
        _write_junit(asked.junit, ran, ready.knowledge)
    held = all(one.as_expected for one in ran)
    if asked.coverage:
        if not held:
            stop(["what the tests leave open is told once they hold"], FINDINGS)
        held = _coverage(asked, ready, [one for one in tests if in_force(one, ready.knowledge)], spoken)
    return held and not tallied.too_few


def _chosen(names: tuple[str, ...], tests: tuple[RuleTest, ...], knowledge: Knowledge) -> list[RuleTest]:
    """The tests that the names mean: every test of a rule or signature so called, or tests so called themselves."""
    from kb.problems import did_you_mean

    known = {rule.id for rule in knowledge.rules} | set(knowledge.vocabulary.signatures) | {t.name for t in tests}
    unknown = [name for name in names if name not in known]
    if unknown:
        stop([f"sigrisk: no rule and no test is called {name!r}; "
              f"{did_you_mean(name, known) or 'sigrisk test runs them all'}" for name in unknown], USAGE)
    return [one for one in tests if not names or one.rule in names or one.name in names]


def _write_junit(path: Path, ran: Sequence[Ran], knowledge: Knowledge) -> None:
    from explain.render.junit import junit
    from kb.files import write_whole

    try:
        write_whole(path, junit(ran, knowledge))
    except OSError as error:
        stop([f"sigrisk: cannot write {path.name}: {error.strerror or error}"], UNREADABLE)


def _coverage(asked: Asked, ready: Prepared, tests: Sequence[RuleTest], spoken: set[str]) -> bool:
    """Prints what the tests leave open; whether it is nothing."""
    from engine.coverage import coverage, units_of
    from engine.gaps import gaps
    from engine.survivors import survivors
    from engine.witnesses import Trying, usual_day
    from explain.gaps import Naming, attributed, coverage_counts, gap_lines, same_lines, survivor_lines
    from explain.names import Names
    from kb.rereading import changes

    knowledge, names = ready.knowledge, Names(ready.knowledge)
    units = [unit for unit in units_of(knowledge) if not spoken or unit.id in spoken]
    shown = list(coverage(tests, knowledge, units))
    trying = Trying(knowledge, usual_day(tests, knowledge))
    wanted = {rule.id for unit in units for rule in unit.rules}
    slips = [one for one in changes(asked.rules, asked.vocabulary, knowledge)
             if not wanted.isdisjoint(rule.id for rule in one.rules)]
    left = survivors(tests, slips, trying)
    naming = Naming(tests)
    found, unseen = list(gaps(trying, shown)), [one for one in left if not one.same]
    lines = [*(attributed(shown, tests, names) if asked.names else ()),
             *(line for gap in found for line in gap_lines(gap, names, naming)),
             *(line for one in unseen for line in survivor_lines(one, naming)),
             *(same_lines(left) if asked.names else ()), *coverage_counts(shown, len(slips), left)]
    click.echo("".join(f"{line}\n" for line in lines), nl=False)
    return not found and not unseen


def _watch(asked: Asked) -> None:
    """Runs again on every change of a file, until Ctrl-C."""
    try:
        for _ in changed((asked.rules, asked.vocabulary), time.sleep):
            with suppress(SystemExit):  # what is wrong is said; the next change may mend it
                _once(asked)
            click.echo("waiting for a change; Ctrl-C ends it", err=True)
    except KeyboardInterrupt:
        click.echo("ended", err=True)


def changed(folders: Sequence[Path], wait: Callable[[float], object]) -> Iterator[None]:
    """Once at first, and then after every change of a file in some folders: its time, its size, or that it is there."""
    before: object = None
    while True:
        now = [(path.as_posix(), stat.st_mtime_ns, stat.st_size) for folder in folders
               for path, stat in sorted(_files(folder))]
        if now != before:
            before = now
            yield
        else:
            wait(PAUSE)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.rglob("*.y*ml"):
        try:
            yield path, path.stat()
        except OSError:
            continue  # it went away between the two looks
