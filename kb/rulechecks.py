"""What a rule may say: its words, what it may rest on, and what a folder of rules must hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from kb.conditions import LADDERS, Condition, Head, HeadIs, Rule, conditions_of, walk
from kb.fields import Fields
from kb.knowledge import Signs
from kb.model import Place, Problem, Vocabulary
from kb.problems import Code, shown
from kb.scope import Scope

LAYERS = {"signature": 0, "mechanism": 1, "picture": 2, "result": 3, "channel": 3}


def wording(told: Rule, head: Head, fields: Fields, scope: Scope) -> None:
    """Only `{authority}` is filled in, results have their fixed titles, and some words are never used."""
    for name in re.findall(r"{([^}]*)}", told.because):
        if name != "authority":
            fields.report(fields.place_of("because"), Code.NOT_ALLOWED, f"{shown('{' + name + '}')} is not filled in",
                          "write {authority}")
    fixed = {result.id: result.title for result in scope.vocabulary.results}
    if head.kind == "result" and fixed.get(head.id) != told.title:
        right = f"its title is {shown(fixed[head.id])}" if head.id in fixed else f"results are {', '.join(fixed)}"
        fields.report(fields.place_of("title"), Code.NOT_ALLOWED, "a result may not be added or renamed", right)
    own_words(fields, {"title": told.title, "because": told.because}, scope.vocabulary)


def own_words(fields: Fields, told: Mapping[str, str], vocabulary: Vocabulary) -> None:
    """Texts under their keys hold no word that is never used of an authority."""
    for key, text in told.items():
        for word in used(text, vocabulary.never_said):
            fields.report(fields.place_of(key), Code.NEVER_SAID, f"{shown(word)} is never said of an authority",
                          "say what was seen, and no more")


def used(text: str, words: Iterable[str]) -> tuple[str, ...]:
    """Those of some words that a text uses, in their order."""
    known = tuple(words)
    if not known or not _any_of(known).search(text):
        return ()
    return tuple(word for word in known if _any_of((word,)).search(text))


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


def order(head: Head, conditions: list[Condition], scope: Scope) -> None:
    """Signatures, then mechanisms, then pictures, then results and messages: nothing rests on what comes after it."""
    for condition in (inner for outer in conditions for inner in walk(outer)):
        if isinstance(condition, HeadIs) and LAYERS[condition.kind] > min(LAYERS[head.kind], LAYERS["picture"]):
            scope.say(condition.place, Code.OUT_OF_ORDER,
                      f"a {head.kind} cannot rest on {condition.id}, which is a {condition.kind}",
                      "signatures come first, then mechanisms, pictures, results")


def indispensable(folder: Path, rules: Iterable[Rule], signs: dict[str, Signs], vocabulary: Vocabulary,
                  problems: list[Problem]) -> None:
    """Without a result for every case, or a grading for the signatures, there is no answer to give."""
    if problems:
        return
    given = {(rule.head.kind, rule.head.id) for rule in rules if rule.status == "in force"}
    problems.extend(
        Problem(Place(folder.name), Code.NOTHING_TO_SAY, f"no rule in force gives the result {result.id}",
                "every folder of rules needs all overall results")
        for result in vocabulary.results if ("result", result.id) not in given)
    if signs and not any(kind == "signature" for kind, _ in given):
        problems.append(Problem(Place(folder.name), Code.NOTHING_TO_SAY, "no grading says how signs grade a signature",
                                "write a file with `grading:`"))


def levels_given(rules: Iterable[Rule], problems: list[Problem]) -> None:
    """Every condition asks for a level that some rule in force gives (a signature without a file: `nothing_behind`)."""
    in_force = [rule for rule in rules if rule.status == "in force"]
    reach: dict[tuple[str, str], int] = {}
    for rule in in_force:
        if rule.head.found:
            key, at = (rule.head.kind, rule.head.id), LADDERS[rule.head.kind].index(rule.head.level)
            reach[key] = max(at, reach.get(key, -1))
    for rule in in_force:
        for condition in conditions_of(rule):
            if isinstance(condition, HeadIs):
                given = reach.get((condition.kind, condition.id), -1)
                unshown = condition.kind == "signature" and given < 0
                if not unshown and given < LADDERS[condition.kind].index(condition.level):
                    problems.append(Problem(condition.place, Code.POINTS_AT_NOTHING,
                                            f"no rule in force gives {condition.id} at {condition.level}",
                                            "ask for a level that is given, or put a rule in force"))


def one_kind_each(rules: Iterable[Rule], vocabulary: Vocabulary, problems: list[Problem]) -> None:
    """An id stands for one kind of thing: a signature, mechanism, picture, result or message."""
    kinds: dict[str, str] = dict.fromkeys(vocabulary.signatures, "signature")
    for rule in rules:
        kind = kinds.setdefault(rule.head.id, rule.head.kind)
        if kind != rule.head.kind:
            problems.append(Problem(rule.place, Code.DUPLICATE_ID, f"{shown(rule.head.id)} is already a {kind}",
                                    f"give this {rule.head.kind} another id"))


def duplicates(rules: Iterable[Rule], problems: list[Problem]) -> None:
    """A rule's name stands for one rule."""
    first: dict[str, Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            problems.append(Problem(rule.place, Code.DUPLICATE_ID, f"the rule {shown(rule.id)} is already there",
                                    f"the first is at {other.place}; give one of them another name"))
