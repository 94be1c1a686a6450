"""What must be said beside a result or a figure, so that it is read for no more than it is."""

from __future__ import annotations

from collections.abc import Iterator

from engine.assess import Assessment
from engine.documents import by_document
from engine.evidence import small_base
from explain import words
from kb.dossier import Observation
from kb.model import Caution


def beside_result(assessment: Assessment) -> Iterator[str]:
    """Whether the result rests on numbers alone, on one document alone, or falls without one."""
    if assessment.result == assessment.knowledge.results()[-1]:
        return
    if assessment.on_numbers_alone:
        yield words.NUMBERS_ONLY
    titles = {id: c.title for (_, id), c in assessment.knowledge.conclusions().items()}
    standings = by_document(assessment)
    for document in (s.document for s in standings if s.alone == assessment.result):
        yield f"{words.enough('One document')}: {words.quoted(document)}."
    needed = [s for s in standings if s.without != assessment.result]
    if len(needed) == 1:
        yield f"{words.needed('one document', titles[needed[0].without])}: {words.quoted(needed[0].document)}."
    elif needed:
        yield (f"Without any one of these {len(needed)} documents the result would not stand: "
               f"{words.several([words.quoted(s.document) for s in needed])}.")


def beside_figure(observation: Observation, assessment: Assessment) -> Iterator[tuple[str, str]]:
    """The cautions on one observation: the words, and the sentence that says why."""
    indicator = assessment.knowledge.vocabulary.indicators[observation.indicator]
    if small_base(observation, indicator):
        yield words.SMALL_BASE, (f"Only {observation.base:g} stand behind this rate, fewer than "
                                 f"{indicator.small_base:g}: it counts only where the year before agrees.")
    for caution in assessment.knowledge.vocabulary.cautions.values():
        if observation.indicator in caution.marks and _since(caution, observation, assessment):
            yield caution.words, caution.because


def _since(caution: Caution, observation: Observation, assessment: Assessment) -> bool:
    """Whether the last judgement before the figure's date, as far as was known, was of the level that is asked."""
    judged = [o for o in assessment.looking.column.evidence.by_indicator.get(caution.after, ())
              if o.known <= assessment.as_at and o.about.end < observation.about.end and o.value is not None]
    latest = max((o.about.end for o in judged), default=None)
    return any((o.value or 0.0) >= caution.at_least for o in judged if o.about.end == latest)
