"""Cases: what was observed of one authority, when it was about and when it was known, and what is said against it."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from kb.dates import Span
from kb.model import NOT_RECORDED, NOWHERE, Citation, Kind, Place


class Marker(StrEnum):
    """Why a published cell holds no number. Never read as 0."""

    SUPPRESSED = "suppressed"
    UNAVAILABLE = "unavailable"
    NOT_APPLICABLE = "not applicable"
    UNRELIABLE = "unreliable"
    BLANK = "blank"
    LOW = "low"
    NOT_RECORDED = "not recorded"


class Hindsight(StrEnum):
    """How a fact stands to the outcome of its case: what could have been known, and what only came later."""

    BEFORE = "before"
    NUMBER = "official number"
    JUDGING_REPORT = "judging report"
    LOOKING_BACK = "looking back"
    AFTER = "after"


class Remark(NamedTuple):
    """What an authority answers: to its case as a whole, to one fact, or to one conclusion (its id)."""

    text: str
    known: date
    citation: Citation | None = None
    conclusion: str = ""
    place: Place = NOWHERE


class Observation(NamedTuple):
    """One indicator, one authority, one value (or the reason there is none), with both its dates.

    `base`: the number behind a rate, where it is recorded. `of`: what the value is of, such as the area judged.
    """

    indicator: str
    about: Span
    known: date
    kind: Kind
    citation: Citation
    value: float | None = None
    marker: Marker | None = None
    body: str = NOT_RECORDED
    hindsight: Hindsight | None = None
    note: str = ""
    authority: str = ""
    base: float | None = None
    of: tuple[tuple[str, str], ...] = ()
    disagreement: Remark | None = None
    place: Place = NOWHERE

    @property
    def sort_key(self) -> tuple[object, ...]:
        """An order that does not depend on the file it came from."""
        return (self.indicator, self.of, self.about, self.known, self.kind, self.body, self.value is None,
                self.value or 0.0, self.marker or "", self.base or 0.0, self.citation.source.id, self.note, self.place)


class Note(NamedTuple):
    """A fact that fits no indicator: shown, and counted nowhere."""

    text: str
    when: str
    known: date
    citation: Citation
    hindsight: Hindsight | None = None
    place: Place = NOWHERE


class Outcome(NamedTuple):
    """What was judged in the end, quoted; `visited`: the first day of the visit, where that was published.

    `adverse`: it bore out concern.
    """

    published: date
    words: str
    citation: Citation
    visited: date | None = None
    adverse: bool = False
    place: Place = NOWHERE


class Case(NamedTuple):
    """A dossier: one authority, what was observed of it, what was judged, and what it answers."""

    id: str
    title: str
    authority_code: str
    authority: str
    observations: tuple[Observation, ...]
    notes: tuple[Note, ...] = ()
    invented: bool = False
    summary: str = ""
    outcomes: tuple[Outcome, ...] = ()
    responses: tuple[Remark, ...] = ()
    disagreements: tuple[Remark, ...] = ()
    place: Place = NOWHERE

    @property
    def latest_known(self) -> date | None:
        """The last day on which something in the case became public: the default as-at date."""
        answers = (*self.responses, *self.disagreements, *(o.disagreement for o in self.observations if o.disagreement))
        return max((*(o.known for o in self.observations), *(told.known for told in answers)), default=None)
