"""One assessment's evidence in many columns, and each column with something else supposed."""

from __future__ import annotations

from collections.abc import Sequence

from engine.assess import Assessment
from engine.bits import Plane, evaluate
from engine.combinations import Columns
from engine.planes import repeated
from engine.ruletests import forced_by, nodes_of
from kb.ruletests import RuleTest, Standing


def spread(assessment: Assessment, width: int) -> list[Plane]:
    """The marks of every atom, the same in each of so many columns, for both readings of disputed evidence."""
    return [repeated(assessment.model[node], width) for _, node in assessment.program.atoms]


def supposing(assessment: Assessment, given: Sequence[Sequence[Standing]]) -> Columns:
    """The marks of every node, a column for each set of signatures, conclusions or protective signs that is given."""
    tests = [RuleTest("", "", assessment.as_at, tuple(some)) for some in given]
    forced = forced_by(tests, nodes_of(assessment.program, assessment.knowledge.in_force))
    planes = evaluate(assessment.program, spread(assessment, len(given)), 2 * len(given), forced=forced)
    return Columns(planes, len(given), 2)
