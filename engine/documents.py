"""What rests on one document: the result without each document, and by each alone, in one wide evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.bits import evaluate
from engine.evidence import Evidence
from engine.planes import Column, Looking, planes_seen
from kb.conditions import HELD
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
    documents = sorted({o.citation.source.id: o.citation.source for o in known}.items())
    split = [([o for o in known if o.citation.source.id != id], [o for o in known if o.citation.source.id == id])
             for id, _ in documents]
    lookings = [_without(assessment, kept, left) for kept, left in split] + [
        Looking(_column(assessment, left)) for _, left in split]
    results = list(_results(assessment, lookings))
    return tuple(Standing(source, results[i], results[i + len(split)]) for i, (_, source) in enumerate(documents))


def _column(assessment: Assessment, observations: Sequence[Observation]) -> Column:
    return Column(Evidence.of(observations, assessment.knowledge.vocabulary), assessment.as_at)


def _without(assessment: Assessment, kept: Sequence[Observation], left_out: Sequence[Observation]) -> Looking:
    """The case without some observations; what they do not touch is not decided again."""
    changed = {o.indicator for o in left_out}
    return Looking(_column(assessment, kept), assessment.looking, changed)


def _results(assessment: Assessment, lookings: Sequence[Looking]) -> Iterator[str]:
    """The overall result of each column: the first, strongest first, that holds in both readings."""
    width = len(lookings)
    planes = evaluate(assessment.program, planes_seen(assessment.program, lookings), 2 * width)
    ids = assessment.knowledge.results()
    nodes = [(id, node) for id in ids if (node := assessment.program.head("result", id, HELD[0])) is not None]
    for bit in range(width):
        both = 1 << bit | 1 << (bit + width)
        yield next((id for id, node in nodes if planes[node][0] & both == both), ids[-1])
