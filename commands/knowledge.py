"""Looking things up in the knowledge base: what each rule says, and what carries each founding statement."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.common import (
    USAGE,
    in_colour,
    kb_option,
    output_option,
    prepared,
    readable_tests,
    rules_option,
    say,
    stop,
)

if TYPE_CHECKING:
    from explain.rulepages import Page

format_option = click.option("--format", type=click.Choice(("text", "json")), default="text")


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@rules_option
@kb_option
@format_option
@output_option
def seed(ids: tuple[str, ...], rules: Path, vocabulary: Path, format: str, output: Path | None) -> None:
    """Each founding statement (or those of the IDS), quoted: its use, and the vocabulary and rules that carry it."""
    from explain.traceability import trace

    knowledge = prepared(rules, vocabulary).knowledge
    for id in ids:
        _must_know(id, knowledge.vocabulary.statements, "statement", "sigrisk seed lists them all")
    traced = trace(knowledge, ids)
    if format == "json":
        from explain.render.as_json import dump

        return say(dump(traced), output)
    from explain.render.pages import tracing
    from explain.render.text import coloured, plain

    return say(tracing(traced, coloured if output is None and in_colour() else plain), output)


@click.command()
@click.argument("id")
@rules_option
@kb_option
@format_option
@output_option
def rule(id: str, rules: Path, vocabulary: Path, format: str, output: Path | None) -> None:
    """One rule in words: a rule's ID, a signature's code, or a conclusion (every rule that gives it)."""
    from explain.rulepages import names_of, pages

    knowledge = prepared(rules, vocabulary).knowledge
    _must_know(id, names_of(knowledge), "rule, signature or conclusion", "sigrisk assess CASE lists signatures")
    found = Found(id, pages(id, knowledge, readable_tests(rules, knowledge)))
    if format == "json":
        from explain.render.as_json import dump

        return say(dump(found), output)
    from explain.render.pages import rule_pages
    from explain.render.text import coloured, plain

    return say(rule_pages(found.pages, coloured if output is None and in_colour() else plain), output)


class Found(NamedTuple):
    """What was asked for, and the pages of it."""

    asked: str
    pages: tuple[Page, ...]


def _must_know(id: str, known: Collection[str], what: str, otherwise: str) -> None:
    """Ends with the nearest known id where this is none."""
    from kb.problems import did_you_mean

    if id not in known:
        longer = ", ".join(sorted(name for name in known if id and id in name)[:5])
        hint = did_you_mean(id, known) or (f"names with it: {longer}" if longer else otherwise)
        stop([f"sigrisk: there is no {what} {id!r}; {hint}"], USAGE)
