"""For notebooks: a case file opened, something of it supposed, and followed over time, each in one call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.assess import Assessment, Assessor
from engine.prepared import prepare
from explain.asking import Held, Unasked, something_known, supposed, supposition
from explain.timeline import Followed, follow
from explain.whatif import Supposed
from kb.casefiles import answers_nothing, read_case
from kb.dates import read_day
from kb.files import RULES, VOCABULARY, shown_name


def open_case(path: str | Path, as_at: str | date | None = None, rules: str | Path = RULES,
              vocabulary: str | Path = VOCABULARY, engine: str = "auto") -> Assessment:
    """The case of a file, assessed as at a day (as 2018-11-30; default: the last on which something became public).

    Every question takes what this returns: `why`, `levers`, `enquire` and the others show themselves as pages, and
    pictures as pictures. Raises Unasked with a line for each problem, Assessor's Unavailable for an engine insisted on.
    """
    ready, problems = prepare(Path(rules), Path(vocabulary))
    if ready is None:
        raise Unasked(*map(str, problems))
    case, problems = read_case(Path(path), ready.knowledge.vocabulary, shown_name(Path(path)))
    if case is not None:
        problems = (*problems, *answers_nothing(case, ready.knowledge.names()))
    if case is None or problems:
        raise Unasked(*map(str, sorted(problems)))
    day = read_day(as_at) if isinstance(as_at, str) else as_at or case.latest_known
    if day is None:
        wrong = f"{as_at!r} is not a date" if as_at else f"{case.id} holds no observations, so a date is needed"
        raise Unasked(f"{wrong}; write it as 2018-11-30")
    something_known(case, day, case.observations)
    return Assessor(ready.knowledge, engine, ready.program).assess(case, day)


def suppose(assessment: Assessment, set: Sequence[str] = (), unset: Sequence[str] = (),
            ) -> tuple[Assessment, Assessment, Supposed]:
    """The case as it is and as supposed, and what was supposed: what `what_if` and its picture are about.

    `set`: NAME=VALUE, as `--set` takes it; `unset`: names of what is taken away. Raises Unasked.
    """
    asked = Held(assessment.case, assessment.as_at, assessment.case.observations)
    given = supposition(asked, set, unset, assessment.knowledge)
    return supposed(asked, given, _again(assessment))


def over_time(assessment: Assessment, *hindsight: str) -> Followed:
    """The case followed up to its day, for `timeline` and its picture; `hindsight`: before, all (default), or each."""
    return follow(_again(assessment), assessment.case, assessment.as_at, hindsight or ("all",))


def _again(assessment: Assessment) -> Assessor:
    """The same rules ready to run, by the evaluator alone where it was chosen so."""
    alone = assessment.engine == "bits" and not assessment.engine_note
    return Assessor(assessment.knowledge, "bits" if alone else "auto", assessment.program)
