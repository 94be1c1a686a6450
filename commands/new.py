"""New files for those who write rules: each is tried in a copy first, and is written only where nothing is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import USAGE, Day, kb_option, rules_option, stop
from commands.placing import (
    as_it_comes_out,
    fresh,
    known,
    latest,
    longer,
    on,
    pairs,
    put,
    room_for,
    say_next,
    sign_of,
    written,
)
from kb.conditions import LEVELS
from kb.files import RULES
from kb.rulefiles import TESTS_FOLDER
from kb.schema.files import CASE, FOLDER, RULE, TESTS
from kb.scope import BASES

if TYPE_CHECKING:
    from datetime import date


DRAFTED = ("mechanism", "picture")


@click.group(epilog="Examples:  sigrisk new rule short-of-staff --rules rules --kb vocabulary   |   "
                    "sigrisk new case ashby --title Ashby --authority-code X1 --name Ashby --invented")
def new() -> None:
    """A new rule, signature, indicator, case or test: with its tests, in its place, right from the start.

    What is not said by an option is asked for at a terminal. Nothing is ever overwritten.
    """


def told(command: Callable[..., object]) -> Callable[..., object]:
    """The options that a rule and a signature share."""
    for option in (
        rules_option, kb_option,
        click.option("--source", "sources", multiple=True, help="A source that it rests on; may be repeated."),
        click.option("--statement", "statements", multiple=True, help="A founding statement; may be repeated."),
        click.option("--basis", type=click.Choice(BASES), default="local judgement", show_default=True),
        click.option("--review-by", type=Day(), help="The day by which somebody reads it again."),
        click.option("--owner", help="Who answers for it: a role."),
        click.option("--rationale", help="Why it is written so: what was seen, and where."),
    ):
        command = option(command)
    return command


def at_a_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def asked(known: Mapping[str, Iterable[str]], **said: tuple[object, str]) -> dict[str, str]:
    """The answers to questions: from options, else asked for at a terminal, else an end that names what is missing.

    What cannot be is asked for again: what an option would not take, and what is not among the known words of a name.
    """
    missing = [name for name, (value, _) in said.items() if value in (None, "", ())]
    options = {option.name: option for option in click.get_current_context().command.params}
    if missing and not at_a_terminal():
        stop([f"sigrisk: this is not a terminal where it could be asked for, so say "
              f"{', '.join(options[name].opts[0] for name in missing)}"], USAGE)

    def put_to_somebody(name: str, question: str) -> object:
        kind = click.Choice([*known[name]]) if name in known else options[name].type
        return click.prompt(question, type=kind, prompt_suffix=" ", err=True)

    return {name: str(put_to_somebody(name, question) if name in missing else value)
            for name, (value, question) in said.items()}


@new.command()
@click.argument("id")
@click.option("--title", help="What the rule is about, as answers show it.")
@click.option("--kind", type=click.Choice(DRAFTED), default="mechanism", show_default=True)
@click.option("--severity", type=click.Choice(LEVELS), default="watch", show_default=True)
@click.option("--category", help="The category of signatures that it belongs to.")
@click.option("--when", multiple=True, help="A signature or conclusion that must be present; twice or more.")
@click.option("--unless", multiple=True, help="A protective sign that stops the rule; may be repeated.")
@click.option("--because", help="The sentence that answers show; it may name {authority}.")
@told
def rule(id: str, title: str, kind: str, severity: str, category: str, when: tuple[str, ...], unless: tuple[str, ...],
         because: str, rationale: str, owner: str, review_by: date, basis: str, statements: tuple[str, ...],
         sources: tuple[str, ...], rules: Path, vocabulary: Path) -> None:
    """A rule that asks for several things together: a draft, which is checked and not used yet, with its tests."""
    from kb.drafts import RuleDraft, Told, rule_tests, rule_text

    knowledge, tests = room_for(id, rules, vocabulary)
    said = asked(
        {"category": knowledge.vocabulary.categories}, title=(title, "What is the rule about, in a few words?"),
        category=(category, "Which category?"),
        when=(" ".join(when), "Which signatures or conclusions must be present (ids, with spaces between)?"),
        because=(because, "What is to be said of {authority}, in a sentence?"),
        rationale=(rationale, "Why: what was seen, and where?"), owner=(owner, "Who answers for it (a role)?"),
        review_by=(review_by, "By which day is it read again (such as 2027-03-01)?"))
    parts = tuple(dict.fromkeys(said["when"].split()))
    if len(parts) < 2:
        stop(["sigrisk: one thing alone is no combination; name two or more: --when X --when Y"], USAGE)
    draft = RuleDraft(id, said["title"], kind, severity, said["category"], parts, unless, said["because"],
                      Told(said["rationale"], said["owner"], said["review_by"], basis, statements, sources))
    home = vocabulary.parent / FOLDER
    put({**fresh(rules / f"{kind}s", id, rule_text(draft, knowledge), home, RULE),
         **fresh(rules / TESTS_FOLDER, id, rule_tests(draft, latest(tests)), home, TESTS)}, rules, vocabulary)
    say_next("It is a draft. When its tests say what you mean, write status: in force; then",
             f"sigrisk check{on(rules, vocabulary)}", f"sigrisk test {id}{on(rules, vocabulary)}")


@new.command()
@click.argument("id")
@click.option("--label", help="Its words, as answers show them.")
@click.option("--category", help="The category it belongs to.")
@click.option("--for", "statement", help="The founding statement that names it.")
@click.option("--added", type=int, help="The year in which it was added.")
@click.option("--sign", help='How it shows, such as "some_finding at_least 2".')
@told
def signature(id: str, label: str, category: str, statement: str, added: int, sign: str, rationale: str, owner: str,
              review_by: date, basis: str, statements: tuple[str, ...], sources: tuple[str, ...], rules: Path,
              vocabulary: Path) -> None:
    """A signature: its entry in the vocabulary, the file of its signs with a first one, and tests; used at once."""
    from kb.drafts import Told, signature_entry, signature_text

    knowledge, tests = room_for(id, rules, vocabulary)
    said = asked(
        {"category": knowledge.vocabulary.categories}, label=(label, "What is the signature, in a few words?"),
        category=(category, "Which category?"),
        statement=(statement, "Which founding statement names it (its id)?"), added=(added, "Added in which year?"),
        sign=(sign, "Shown by which indicator, at_least which threshold (such as some_finding at_least 2)?"),
        rationale=(rationale, "Why: what was seen, and where?"), owner=(owner, "Who answers for it (a role)?"),
        review_by=(review_by, "By which day is it read again (such as 2027-03-01)?"))
    first = sign_of(said["sign"], knowledge)
    why = Told(said["rationale"], said["owner"], said["review_by"], basis, statements, sources)
    if not (said["added"].isascii() and said["added"].isdigit()):
        stop([f"sigrisk: {said['added']!r} is not a year"], USAGE)
    order = max((one.order for one in knowledge.vocabulary.signatures.values()), default=0) + 1
    lines = signature_entry(id, said["label"], said["category"], said["statement"], int(said["added"]), order)
    files = {vocabulary / "signatures.yaml": longer(vocabulary / "signatures.yaml", "signatures", lines),
             **fresh(rules / "signatures", id, signature_text(id, first, why), vocabulary.parent / FOLDER,
                     "signature.json")}
    put(files | as_it_comes_out(files, id, first, knowledge, latest(tests), rules, vocabulary), rules, vocabulary)
    say_next("It is used at once. Its tests say what comes out today: read them, write its four sentences better in "
             f"{vocabulary / 'signatures.yaml'}; then",
             f"sigrisk check{on(rules, vocabulary)}", f"sigrisk test {id}{on(rules, vocabulary)}")


@new.command()
@click.argument("id")
@click.option("--title", help="What is observed, in full.")
@click.option("--short", help="What it is called in the middle of a sentence.")
@click.option("--kind", type=click.Choice(("statistic", "event", "finding")))
@click.option("--unit", help="What it is counted in.")
@click.option("--validity", help="How long it speaks, such as 24 months.")
@click.option("--collection", default="", help="Where it is published.")
@click.option("--source", "sources", multiple=True, help="A source that it is drawn from; may be repeated.")
@rules_option
@kb_option
def indicator(id: str, title: str, short: str, kind: str, unit: str, validity: str, collection: str,
              sources: tuple[str, ...], rules: Path, vocabulary: Path) -> None:
    """An indicator: something that can be observed and dated. It counts once a signature or a rule asks for it."""
    from kb.drafts import indicator_entry

    knowledge, _ = room_for(id, rules, vocabulary)
    said = asked(
        {"unit": knowledge.vocabulary.units}, title=(title, "What is observed, in full?"),
        short=(short, "What is it called within a sentence?"),
        kind=(kind, "What sort of evidence is it?"), unit=(unit, "What is it counted in?"),
        validity=(validity, "How long does it speak (such as 24 months)?"))
    lines = indicator_entry({"id": id, **said, "collection": collection})
    lines += [f"    sources: [{', '.join(sources)}]"] if sources else []
    file = vocabulary / "indicators.yaml"
    put({file: longer(file, "indicators", lines)}, rules, vocabulary)
    say_next("It counts once something asks for it: as a sign in a signature's file, or in a rule's condition; then",
             f"sigrisk check{on(rules, vocabulary)}")


@new.command("test")
@click.argument("rule")
@click.argument("name")
@click.option("--given", multiple=True, help="WHAT=HOW, such as X=present; may be repeated.")
@click.option("--expect", multiple=True, required=True, help="WHAT=HOW it must stand; may be repeated.")
@click.option("--as-at", type=Day(), help="The date asked for (default: that of the other tests).")
@rules_option
@kb_option
def test_(rule: str, name: str, given: tuple[str, ...], expect: tuple[str, ...], as_at: date | None, rules: Path,
          vocabulary: Path) -> None:
    """A test of a rule or signature, in the file of tests that bears its name."""
    from kb.drafts import test_lines, tests_text
    from kb.problems import did_you_mean

    knowledge, tests = known(rules, vocabulary)
    names = {one.id for one in knowledge.rules} | set(knowledge.vocabulary.signatures)
    if rule not in names:
        near = did_you_mean(rule, names)
        stop([f"sigrisk: no rule and no signature is called {rule!r}{'; ' + near if near else ''}"], USAGE)
    folder = rules / TESTS_FOLDER
    file, day = folder / f"{rule}.yaml", str(as_at or "")
    lines = test_lines(name, rule, pairs(given), pairs(expect), day if file.exists() else "")
    put({file: longer(file, "tests", lines)} if file.exists() else
        fresh(folder, rule, tests_text(day or latest(tests), lines), vocabulary.parent / FOLDER, TESTS),
        rules, vocabulary)
    say_next("Run it:", f"sigrisk test {rule}{on(rules, vocabulary)}")


@new.command()
@click.argument("id")
@click.option("--title", help="What the case is about.")
@click.option("--authority-code", help="The authority's code.")
@click.option("--name", help="The authority's name.")
@click.option("--invented", is_flag=True, help="The authority is made up.")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=Path(), help="The folder to write it to.")
@kb_option
def case(id: str, title: str, authority_code: str, name: str, invented: bool, folder: Path, vocabulary: Path) -> None:
    """A case file without evidence, which says how evidence is written. A spreadsheet: sigrisk case template."""
    from commands.dossier import vocabulary_of
    from kb.casefiles import case_of_tree
    from kb.drafts import case_text
    from kb.fields import Fields
    from kb.yamltree import Mapping, parse_tree

    words = vocabulary_of(vocabulary)
    said = asked({}, title=(title, "What is the case about?"), authority_code=(authority_code, "The authority's code?"),
                 name=(name, "The authority's name?"))
    file = folder / f"{id}.yaml"
    text = case_text(id, said["title"], said["authority_code"], said["name"], invented,
                     next(iter(words.indicators), "..."))
    tree, found, _ = parse_tree(text, file.name)
    problems = list(found)
    if isinstance(tree, Mapping):
        case_of_tree(Fields(tree, problems, what="case"), words)
    if problems:
        stop(sorted(problems), USAGE)
    written({path: text.encode() for path, text in fresh(folder, id, text, vocabulary.parent / FOLDER, CASE).items()})
    say_next(f"Write evidence into it, or fill in a spreadsheet: sigrisk case template -o {id}.xlsx --of {file}; then",
             f"sigrisk case check {file}{on(RULES, vocabulary)}")
