"""Putting new files in their place: tried in a copy first, never over another file, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import UNREADABLE, USAGE, shown_name, stop
from kb.files import RULES, VOCABULARY
from kb.rulefiles import TESTS_FOLDER
from kb.schema.files import FOLDER, TESTS

if TYPE_CHECKING:
    from kb.drafts import SignDraft
    from kb.knowledge import Knowledge
    from kb.ruletests import RuleTest


def known(rules: Path, vocabulary: Path) -> tuple[Knowledge, tuple[RuleTest, ...]]:
    """The knowledge base as it is, or an end with its problems: what is new is only added to what is right."""
    from kb.trying import read

    now = read(rules, vocabulary)
    if now.problems:
        stop(now.problems, UNREADABLE)
    return now.knowledge, now.tests


def room_for(id: str, rules: Path, vocabulary: Path) -> tuple[Knowledge, tuple[RuleTest, ...]]:
    """The knowledge base as it is, or an end where something in it has that name already: before anything is asked."""
    from kb.problems import shown

    knowledge, tests = known(rules, vocabulary)
    observed = knowledge.vocabulary.indicators.get(id) or knowledge.vocabulary.protective.get(id)
    if observed:
        stop([f"sigrisk: {id!r} is taken; it is {shown(observed.title)}"], USAGE)
    if id in knowledge.names() | {one.id for one in knowledge.rules} | {one.head.id for one in knowledge.rules}:
        stop([f"sigrisk: {id!r} is taken; sigrisk rule {id} shows what it is"], USAGE)
    return knowledge, tests


def latest(tests: Iterable[RuleTest]) -> str:
    """The latest date that tests are asked for, so that new ones see the figures that the others see."""
    days = [test.as_at for test in tests]
    if not days:
        stop(["sigrisk: no test says a date yet; write the first with sigrisk new test ... --as-at 2025-12-01"], USAGE)
    return max(days).isoformat()


def pairs(said: Iterable[str]) -> dict[str, str]:
    """WHAT=HOW taken apart."""
    found: dict[str, str] = {}
    for text in said:
        what, equals, how = text.partition("=")
        if not (what.strip() and equals and how.strip()):
            stop([f"sigrisk: {text!r} does not say how it stands; write it as WHAT=HOW, such as X=present"], USAGE)
        found[what.strip()] = how.strip()
    return found


def sign_of(text: str, knowledge: Knowledge) -> SignDraft:
    """The test that words such as `some_finding at_least 2` state."""
    from kb.drafts import SignDraft
    from kb.problems import did_you_mean

    id, _, rest = text.partition(" ")
    comparison, _, threshold = rest.partition(" ")
    found = knowledge.vocabulary.indicators.get(id)
    if found is None:
        near = did_you_mean(id, knowledge.vocabulary.indicators)
        stop([f"sigrisk: there is no indicator {id!r}{'; ' + near if near else ''}"], USAGE)
    if comparison not in ("at_least", "is") or not threshold or found.qualifiers:
        stop([f"sigrisk: a first sign is written as {id} at_least and a threshold, or is and yes or no; "
              "write any other into the signature's file"], USAGE)
    return SignDraft(found, comparison, threshold)


def fresh(folder: Path, id: str, text: str, schemas: Path, schema: str) -> dict[Path, str]:
    """A new file of a folder, named after an id, or an end where that is no name or there is such a file already."""
    from kb.trying import named

    if not (id.isascii() and id.replace("-", "").replace("_", "").isalnum()):
        stop([f"sigrisk: {id!r} cannot be the name of a file; use letters, figures and hyphens"], USAGE)
    file = folder / f"{id}.yaml"
    if file.exists():
        stop([f"sigrisk: {file} is there already, and nothing is overwritten"], USAGE)
    return {file: named(text, file, schemas, schema)}


def longer(file: Path, key: str, lines: list[str]) -> str:
    """The text of a file with one more entry in its last list."""
    from kb.trying import lengthened

    found = lengthened(file.read_text("utf-8"), key, lines, file.name) if file.is_file() else None
    if found is None:
        stop([f"sigrisk: {file} does not end with its list of {key}, so the entry cannot be added at its end"], USAGE)
    return found


def as_it_comes_out(files: dict[Path, str], id: str, sign: SignDraft, knowledge: Knowledge, as_at: str, rules: Path,
                    vocabulary: Path) -> dict[Path, str]:
    """The tests of a new signature, which expect what comes out today."""
    from engine.compiling import compile_rules
    from engine.ruletests import run
    from explain.differences import standing
    from kb.drafts import signature_tests, test_lines, tests_text
    from kb.trying import tried

    folder = rules / TESTS_FOLDER
    found = dict[str, dict[str, str]](signature_tests(sign, knowledge))

    def text(expected: dict[str, str]) -> str:
        return tests_text(as_at, (line for name, given in found.items()
                                  for line in test_lines(name, id, given, {id: expected.get(name, "not known")}, "")))

    now = tried(files | fresh(folder, id, text({}), vocabulary.parent / FOLDER, TESTS), rules, vocabulary)
    if now.problems:
        stop(now.problems, USAGE)
    ran = run([test for test in now.tests if test.rule == id], now.knowledge, compile_rules(now.knowledge.in_force))
    came = {one.test.name: standing(one.came[0].expected._replace(state=one.came[0].state, level=one.came[0].level))
            for one in ran}
    return fresh(folder, id, text(came), vocabulary.parent / FOLDER, TESTS)


def put(files: dict[Path, str], rules: Path, vocabulary: Path) -> None:
    """Writes the files where the knowledge base is right with them, and renews the schemas; else says what is wrong."""
    from kb.trying import renewed, tried

    problems = tried(files, rules, vocabulary).problems
    if problems:
        stop([*problems, "sigrisk: with that it would not be right, so nothing was written"], USAGE)
    written({path: text.encode() for path, text in files.items()})
    written(renewed(rules, vocabulary), quietly=True)


def written(files: dict[Path, bytes], quietly: bool = False) -> None:
    """Every file, or none."""
    from kb.trying import write_all

    try:
        write_all(files)
    except OSError as error:
        stop([f"sigrisk: {shown_name(Path(error.filename or 'a file'))} cannot be written: "
              f"{(error.strerror or str(error)).lower()}"], UNREADABLE)
    if not quietly:
        click.echo("".join(f"written: {shown_name(path)}\n" for path in files), nl=False)


def on(rules: Path, vocabulary: Path) -> str:
    """The options that a command needs to speak of the same rules and vocabulary; none for the shipped ones."""
    said = (("--rules", rules, RULES), ("--kb", vocabulary, VOCABULARY))
    return "".join(f" {option} {path.as_posix()}" for option, path, shipped in said if path != shipped)


def say_next(what: str, *commands: str) -> None:
    """What to do now."""
    click.echo("\n    ".join([what, *commands]), err=True)
