"""The casebook: what each shipped case gives, on what could be known then and on all that is known since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from engine.assess import Asked, Assessor
from engine.program import Program
from kb.dates import long_date
from kb.dossier import Case, Hindsight, Observation, Outcome
from kb.files import EXAMPLES
from kb.knowledge import Knowledge

THEN = (None, Hindsight.BEFORE, Hindsight.NUMBER)
"""What could have been known before a judgement: not the report that judged, nor what was said afterwards."""


class Entry(NamedTuple):
    """One outcome of one case, and the ids of three results: on the eve, on publication, and with all facts since."""

    case: Case
    outcome: Outcome
    eve: date
    before: str
    published: str
    since: str

    def reading(self, questions: Collection[str]) -> str:
        """How the result on the eve stands to what was judged; `questions`: the results that put one."""
        raised = self.before in questions
        if self.outcome.adverse:
            return "seen before" if raised else "missed"
        return "false alarm" if raised else "no alarm"


def casebook(cases: Iterable[Case], assessor: Assessor) -> tuple[Entry, ...]:
    """Every outcome of every case, in the order of names and dates, by one evaluation of them all."""
    pairs = [(case, outcome) for case in sorted(cases, key=lambda c: c.id)
             for outcome in sorted(case.outcomes, key=lambda o: o.published)]
    asked = [one for case, outcome in pairs for one in _asked(case, outcome)]
    results = [found.result for found in assessor.assess_all(asked)]
    return tuple(Entry(case, outcome, asked[3 * i].as_at, *results[3 * i:3 * i + 3])
                 for i, (case, outcome) in enumerate(pairs))


def of_shipped(knowledge: Knowledge, program: Program) -> tuple[Entry, ...]:
    """How these rules do on the outcomes of the shipped cases, by the evaluator alone."""
    from kb.casefiles import read_case

    read = (read_case(path, knowledge.vocabulary, path.name)[0] for path in sorted(EXAMPLES.glob("*.yaml")))
    return casebook([case for case in read if case is not None], Assessor(knowledge, "bits", program))


def _asked(case: Case, outcome: Outcome) -> Iterator[Asked]:
    eve = (outcome.visited or outcome.published) - timedelta(days=1)
    yield Asked(case, eve, [o for o in case.observations if o.hindsight in THEN])
    yield Asked(case, outcome.published)
    yield Asked(case, outcome.published, [as_if_known(o, outcome.published) for o in case.observations
                                          if o.about.end <= outcome.published])


def as_if_known(observation: Observation, day: date) -> Observation:
    """The observation as if it had been public by a day."""
    return observation._replace(known=min(observation.known, day))


def page(entries: Sequence[Entry], assessor: Assessor, head: str) -> str:
    """The casebook as a Markdown page under a heading and its introduction."""
    titles = {id: c.title for (_, id), c in assessor.knowledge.conclusions().items()}
    questions = assessor.knowledge.questions()
    rows = [_row(entry, titles, questions) for entry in entries]
    return "\n".join([head, *COLUMNS, *rows, ""])


COLUMNS = (
    "| case | judged | on the eve, as known | | on publication | with all facts since |",
    "| --- | --- | --- | --- | --- | --- |",
)


def _row(entry: Entry, titles: dict[str, str], questions: Collection[str]) -> str:
    told = (f"[{entry.case.authority}](../examples/{entry.case.id}.yaml)",
            f"{long_date(entry.outcome.published)}: {entry.outcome.words}",
            f"{long_date(entry.eve)}: {titles[entry.before]}", f"**{entry.reading(questions)}**",
            titles[entry.published], titles[entry.since])
    return "| " + " | ".join(" ".join(text.split()).replace("|", "\\|") for text in told) + " |"
