"""The whole analysis of a knowledge base: what its rules mean, each finding proved or shown by a combination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.bits import evaluate
from engine.meaning.alone import by_its_own_words
from engine.meaning.contexts import everywhere
from engine.meaning.findings import Finding
from engine.meaning.reach import about_reach
from engine.meaning.rules import Meaning, about_rules, asker, meaning_of, shown
from kb.knowledge import Knowledge


class Analysis(NamedTuple):
    """What was found, and the program over which the findings' nodes are numbered."""

    meaning: Meaning
    findings: tuple[Finding, ...]


def analyse(knowledge: Knowledge) -> Analysis:
    """Everything found about what the rules in force mean, in the order of their places."""
    meaning = meaning_of(knowledge._replace(rules=tuple(sorted(knowledge.rules, key=lambda rule: rule.id))))
    ask = asker(meaning)
    kept = everywhere(meaning, [*about_rules(meaning, ask), *about_reach(meaning, ask)])
    found = [shown(finding, meaning, ask) for finding in by_its_own_words(meaning, kept)]
    _replay(meaning, found)
    return Analysis(meaning, tuple(sorted(found, key=lambda f: (f.rule.place, f.code, f.signatures))))


def _replay(meaning: Meaning, findings: Sequence[Finding]) -> None:
    """Works every combination out again by the evaluator: a solver proposes, the evaluator decides."""
    columns: dict[tuple[object, bool], int] = {}
    for bit, finding in enumerate(findings):
        for mark in finding.shown:
            columns[mark] = columns.get(mark, 0) | 1 << bit
    atoms = [(columns.get((atom, True), 0), columns.get((atom, False), 0)) for atom, _ in meaning.program.atoms]
    planes = evaluate(meaning.program, atoms, len(findings)) if findings else []
    for bit, finding in enumerate(findings):
        for want in finding.wants if finding.shown else ():
            if bool(planes[want.node][0] >> bit & 1) is not want.there:
                raise AssertionError(f"{finding.code} of {finding.rule.id}: the evaluator does not bear it out")
