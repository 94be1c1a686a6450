"""What rests on one document: the result without each document, and by each alone, in one wide evaluation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.assess import Assessment, Model
from engine.bits import evaluate
from engine.planes import Column, Looking, planes_changed
from kb.dossier import Observation
from kb.model import Source


class Standing(NamedTuple):
    """One document, and the result's id without it and by it alone (contested counts as not held)."""

    document: Source
    without: str
    alone: str


def by_document(assessment: Assessment) -> tuple[Standing, ...]:
    """How the overall result stands to each document that was known by the date, in the order of their ids."""
    known = [o for held in assessment.looking.column.evidence.by_indicator.values() for o in held
             if o.known <= assessment.as_at]
    documents = dict(sorted({o.citation.source.id: o.citation.source for o in known}.items()))
    said = [[o for o in known if o.citation.source.id == id] for id in documents]
    others = [[o for o in known if o.citation.source.id != id] for id in documents]
    results = [found.result for found in without_each(assessment, [*said, *others])]
    return tuple(Standing(source, results[i], results[i + len(documents)])
                 for i, source in enumerate(documents.values()))


def without_each(assessment: Assessment, left_out: Sequence[Collection[Observation]]) -> list[Assessment]:
    """The assessment without some of its observations, for each of several such sets, in one wide evaluation.

    By the evaluator alone. What a set does not touch is not decided again.
    """
    if not left_out:
        return []
    evidence = assessment.looking.column.evidence
    lookings = [Looking(Column(evidence.without(some), assessment.as_at), assessment.looking,
                        {o.indicator for o in some}) for some in left_out]
    atoms = planes_changed(assessment.program, assessment.model, lookings)
    planes = evaluate(assessment.program, atoms, 2 * len(lookings))
    return [replace(assessment, model=Model(planes, i, len(lookings)), looking=looking, engine="bits")
            for i, looking in enumerate(lookings)]
