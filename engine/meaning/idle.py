"""Conditions that decide nothing as findings; and, by their names, all that earlier runs found of some conclusions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.kept import Parts, digest
from engine.meaning.findings import Finding
from engine.meaning.leftout import WHEN, Variant, variants
from engine.meaning.shapes import shape_below
from kb.alike import Known
from kb.conditions import by_head
from kb.knowledge import Knowledge
from kb.problems import Code

SETTLED = b"settled"
"""The name under which what was found of conclusions is left for the next run."""
MOST = 500
"""Of how many conclusions, as they are now or were, it is kept (shipped rules: some fifty)."""
Idle = tuple[str, int]
"""A condition by the id of its rule, and its number among those that may be left out of it."""
Settled = Mapping[Known, tuple[Idle, ...]]
"""For conclusions of whose rules nothing else is to be found, their conditions that decide nothing."""


def idle(variant: Variant) -> Finding:
    """That what the variant leaves out decides nothing."""
    whole_exception = variant.path[0] != WHEN and len(variant.path) == 1
    code = Code.NEVER_DEFEATS if whole_exception else Code.NEVER_DECIDES
    return Finding(code, variant.rule, variant.left_out, without=variant.without)


def named(findings: Iterable[Finding]) -> tuple[Idle, ...] | None:
    """What findings are about, where each is about a condition that decides nothing; else None."""
    found: list[Idle] = []
    for finding in findings:
        if finding.without is None:
            return None
        numbers = (n for n, variant in enumerate(variants([finding.rule])) if variant.without == finding.without)
        found.append((finding.rule.id, next(numbers)))
    return tuple(found)


def called(names: Iterable[Idle], knowledge: Knowledge) -> tuple[Finding, ...]:
    """The findings of some names."""
    rules = {rule.id: rule for rule in knowledge.in_force} if names else {}
    return tuple(idle(variants([rules[id]])[number]) for id, number in names)


class Before:
    """What earlier runs found of conclusions, each under a hash of what its rules mean and those below them."""

    def __init__(self, knowledge: Knowledge, parts: Parts) -> None:
        self.parts, self.kept = parts, parts.hint(SETTLED, dict[bytes, tuple[Idle, ...]]())
        self.names = {head: digest([parts.shared, *shape_below(knowledge, [head])])
                      for head in by_head(knowledge.in_force)} if parts.file else {}
        self.settled: Settled = {head: self.kept[name] for head, name in self.names.items() if name in self.kept}

    def leave(self, findings: Iterable[Finding]) -> None:
        """Leaves for the next run what this one found of each conclusion by its own rules."""
        found: dict[Known, list[Finding]] = {head: [] for head in self.names}
        for finding in findings:
            found.setdefault((finding.rule.head.kind, finding.rule.head.id), []).append(finding)
        now = {self.names[head]: names for head, some in found.items()
               if head in self.names and (names := named(some)) is not None}
        older = [(name, names) for name, names in self.kept.items() if name not in now]
        self.parts.leave(SETTLED, dict([*older[max(0, len(older) + len(now) - MOST):], *now.items()]))
