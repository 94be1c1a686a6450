"""Which rules can be looked into while others cannot be read: those that rest on nothing that is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kb.conditions import LADDERS, HeadIs, Rule, conditions_of
from kb.knowledge import Knowledge
from kb.model import Problem

Given = dict[tuple[str, str], int]
"""The highest level at which each conclusion is given."""


def standing(knowledge: Knowledge, problems: Sequence[Problem]) -> Knowledge:
    """The rules in files without problems that rest, however far down, only on what such rules give in full."""
    spoilt = {problem.place.file for problem in problems}
    rules = tuple(rule for rule in knowledge.in_force if rule.place.file not in spoilt)
    lost = {_head(rule) for rule in knowledge.in_force if rule.place.file in spoilt} | _half_graded(rules)
    while True:
        given = _given(rules)
        left = tuple(rule for rule in rules if _head(rule) not in lost and all(
            _head(c) not in lost and given.get(_head(c), -1) >= LADDERS[c.kind].index(c.level)
            for c in conditions_of(rule) if isinstance(c, HeadIs)))
        if len(left) == len(rules):
            break
        lost |= {_head(rule) for rule in rules} - {_head(rule) for rule in left}
        rules = left
    signs = {id: signs for id, signs in knowledge.signs.items() if signs.place.file not in spoilt}
    return knowledge._replace(rules=rules, signs=signs)


def _head(said: Rule | HeadIs) -> tuple[str, str]:
    return (said.head.kind, said.head.id) if isinstance(said, Rule) else (said.kind, said.id)


def _given(rules: Iterable[Rule]) -> Given:
    given: Given = {}
    for rule in rules:
        if rule.head.found:
            level = LADDERS[rule.head.kind].index(rule.head.level)
            given[_head(rule)] = max(level, given.get(_head(rule), -1))
    return given


def _half_graded(rules: Iterable[Rule]) -> set[tuple[str, str]]:
    """Signatures that can be shown and not found absent, or the other way round: part of the grading is missing."""
    sides: dict[tuple[str, str], set[bool]] = {}
    for rule in rules:
        if rule.head.kind == "signature":
            sides.setdefault(_head(rule), set()).add(rule.head.found)
    return {head for head, seen in sides.items() if len(seen) == 1}
