"""What a conclusion cannot do without: each thing taken away once, all in one wide evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from engine.assess import Assessment
from engine.bits import Plane, evaluate
from engine.evidence import Evidence
from engine.planes import Column, planes
from engine.program import Proposition
from kb.conditions import LADDERS, Test

Head = tuple[str, str]


def necessary_tests(assessment: Assessment, head: Head, tests: Sequence[Test]) -> frozenset[Test]:
    """The tests without whose supporting observations the conclusion would not be present.

    One column a test: the same case without the observations that meet it.
    """
    evidence = assessment.looking.column.evidence
    everything = [o for group in evidence.by_indicator.values() for o in group]
    columns = []
    for test in tests:
        under = set(assessment.looking.verdict(test, 0).for_by)
        kept = Evidence.of((o for o in everything if o not in under), evidence.vocabulary)
        columns.append(Column(kept, assessment.as_at))
    model = evaluate(assessment.program, planes(assessment.program, columns), 2 * len(columns))
    return frozenset(t for t, gone in zip(tests, _gone(assessment, head, model, len(columns)), strict=True) if gone)


def necessary_heads(assessment: Assessment, head: Head, others: Sequence[Head]) -> frozenset[Head]:
    """The signatures and conclusions without which the conclusion would not be present, were they not known."""
    width = len(others)
    atoms = planes(assessment.program, [assessment.looking.column] * width)
    without: dict[int, int] = {}
    for proposition, node in assessment.program.heads.items():
        if (proposition.kind, proposition.id) in others:
            i = others.index((proposition.kind, proposition.id))
            without[node] = 1 << i | 1 << (i + width)
    model = evaluate(assessment.program, atoms, 2 * width, without)
    return frozenset(o for o, gone in zip(others, _gone(assessment, head, model, width), strict=True) if gone)


def _gone(assessment: Assessment, head: Head, model: list[Plane], width: int) -> list[bool]:
    """For each column, whether the conclusion is no longer present in both readings."""
    for_ = model[assessment.program.heads[Proposition(*head, LADDERS[head[0]][0])]][0]
    return [not (for_ >> i & 1 and for_ >> (i + width) & 1) for i in range(width)]
