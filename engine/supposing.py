"""What if: a case as it is and as it is supposed to be, two columns of one evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from engine.assess import Asked, Assessment, Assessor, Model
from engine.bits import evaluate
from engine.evidence import Evidence
from engine.planes import Column, Looking, planes_seen
from engine.ruletests import forced_by, nodes_of
from kb.dossier import Observation
from kb.ruletests import RuleTest, Standing

ALONE = "durable-rules works from evidence, not from signatures or conclusions that are supposed"


def before_and_after(assessor: Assessor, asked: Asked, supposed: Sequence[Observation],
                     given: Sequence[Standing] = ()) -> tuple[Assessment, Assessment]:
    """The case as asked, and with the supposed observations and the given signatures and conclusions.

    Raises what `Assessor.assess_all` raises; where something is given, the evaluator answers alone.
    """
    if given:
        return _given(assessor, asked, supposed, given)
    before, after = assessor.assess_all([asked, asked._replace(observations=supposed)])
    return before, after


def _given(assessor: Assessor, asked: Asked, supposed: Sequence[Observation], given: Sequence[Standing],
           ) -> tuple[Assessment, Assessment]:
    knowledge, program, (case, as_at, own) = assessor.knowledge, assessor.program, asked
    held = case.observations if own is None else own
    lookings = [Looking(Column(Evidence.of(some, knowledge.vocabulary), as_at)) for some in (held, supposed)]
    tests = [RuleTest("as it is", "", as_at), RuleTest("as supposed", "", as_at, tuple(given))]
    forced = forced_by(tests, nodes_of(program, knowledge.in_force))
    planes = evaluate(program, planes_seen(program, lookings), 2 * len(lookings), forced=forced)
    before, after = (Assessment(knowledge, program, case, as_at, Model(planes, i, 2), looking, "bits", ALONE)
                     for i, looking in enumerate(lookings))
    return before, after
