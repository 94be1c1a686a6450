"""What a conclusion cannot do without: each thing taken away once, all in one wide evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from engine.assess import Assessment
from engine.bits import evaluate
from engine.evidence import Evidence
from engine.planes import Column, planes
from engine.program import Proposition
from kb.conditions import LADDERS, Test


def necessary_tests(assessment: Assessment, kind: str, id: str, tests: Sequence[Test]) -> frozenset[Test]:
    """The tests without whose supporting observations the conclusion would no longer be present.

    One column a test: the same case without the observations that meet it. Empty where the conclusion is not present.
    """
    node = assessment.program.heads.get(Proposition(kind, id, LADDERS[kind][0]))
    if node is None or not tests:
        return frozenset()
    evidence = assessment.looking.column.evidence
    everything = [o for group in evidence.by_indicator.values() for o in group]
    columns = []
    for test in tests:
        under = set(assessment.looking.verdict(test, 0).for_by)
        kept = Evidence.of((o for o in everything if o not in under), evidence.vocabulary)
        columns.append(Column(kept, assessment.as_at))
    model = evaluate(assessment.program, planes(assessment.program, columns), 2 * len(columns))
    for_ = model[node][0]
    lost = [not (for_ >> i & 1 and for_ >> (i + len(columns)) & 1) for i in range(len(columns))]
    return frozenset(test for test, gone in zip(tests, lost, strict=True) if gone)
