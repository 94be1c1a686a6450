"""Two versions of rules as one set of rules: what is not the same in both is there twice, under names of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kb.alike import Known, affected, asks_for
from kb.conditions import (
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    Head,
    HeadIs,
    ProtectiveIs,
    Rule,
    TestIs,
)
from kb.knowledge import Knowledge

OLD = "\0old "
"""What the names of the old version's rules and conclusions begin with, where both versions stand side by side."""


def side_by_side(old: Knowledge, new: Knowledge, rules: frozenset[str], heads: Iterable[Known]) -> list[Rule]:
    """The rules below some heads in both versions; the old ones under names of their own where they are not the same.

    Whatever rests on a rule that is not the same is named apart, too.
    """
    apart = affected(old, new, rules)
    wanted = _below(old, new, heads)
    kept = [rule for rule in new.in_force if (rule.head.kind, rule.head.id) in wanted]
    twins = [rule for rule in old.in_force if (rule.head.kind, rule.head.id) in wanted & apart]
    return [*kept, *(_renamed(rule, apart) for rule in twins)]


def _below(old: Knowledge, new: Knowledge, heads: Iterable[Known]) -> set[Known]:
    """These heads, and everything that rules for them ask for, in either version."""
    asked, agenda, found = asks_for(old, new), list(heads), set[Known]()
    while agenda:
        head = agenda.pop()
        if head not in found:
            found.add(head)
            agenda += asked.get(head, ())
    return found


def _renamed(rule: Rule, apart: frozenset[Known]) -> Rule:
    """An old rule under a name of its own, asking for the old version of whatever is not the same."""
    head = rule.head._replace(id=OLD + rule.head.id)
    return rule._replace(id=OLD + rule.id, head=Head(*head), when=_asking(rule.when, apart),
                         unless=tuple(_asking(c, apart) for c in rule.unless))


def _asking(c: Condition, apart: frozenset[Known]) -> Condition:
    match c:
        case HeadIs():
            return c._replace(id=OLD + c.id) if (c.kind, c.id) in apart else c
        case All() | AnyOf():
            return c._replace(parts=tuple(_asking(part, apart) for part in c.parts))
        case AtLeast():
            return replace(c, parts=tuple(_asking(part, apart) for part in c.parts))
        case TestIs() | ProtectiveIs() | Corroborated():
            return c
        case _:
            return c._replace(part=_asking(c.part, apart))
