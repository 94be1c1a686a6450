"""The nouns: places and problems, the vocabulary's entries, observations and cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from kb.dates import Span

NOT_RECORDED = "not recorded"


class Place(NamedTuple):
    """Where something was written: file, line and column, both counted from 1."""

    file: str
    line: int = 1
    col: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


NOWHERE = Place("")


class Problem(NamedTuple):
    """One mistake in a file, as data: where, which code, what is wrong, and what to do."""

    place: Place
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.code} {self.message}{tail}"


class State(StrEnum):
    """The four states of any test, signature or conclusion (design, section 3)."""

    PRESENT = "present"
    NOT_FOUND = "not found"
    NOT_KNOWN = "not known"
    CONTESTED = "contested"


class Kind(StrEnum):
    """What sort of evidence an observation is."""

    STATISTIC = "statistic"
    EVENT = "event"
    FINDING = "finding"


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


class Source(NamedTuple):
    """A document, only as far as it is recorded."""

    id: str
    title: str = NOT_RECORDED
    publisher: str = NOT_RECORDED
    published: str = NOT_RECORDED
    url: str = NOT_RECORDED
    place: Place = NOWHERE


class Citation(NamedTuple):
    """A source, and where in it."""

    source: Source
    page: str = NOT_RECORDED
    passage: str = ""


class Statement(NamedTuple):
    """One numbered sentence of the seed, quoted exactly, and what it is used for."""

    id: str
    quote: str
    kind: str
    use: str
    carries: tuple[str, ...] = ()
    place: Place = NOWHERE


class Category(NamedTuple):
    """One of the seed's three groups: how far the director and senior colleagues control it."""

    id: str
    title: str
    label: str
    control: str
    who_can_act: str
    statement: str
    place: Place = NOWHERE


class Signature(NamedTuple):
    """One of the 17 signatures: the seed's words (title), and the words shown (label)."""

    id: str
    title: str
    label: str
    category: str
    order: int
    added: int
    statement: str
    phrases: tuple[tuple[str, str], ...] = ()
    place: Place = NOWHERE

    def sentence(self, state: State) -> str:
        """The sentence for a state, a template over `{authority}`."""
        return dict(self.phrases).get(state.value, "")


class Reading(StrEnum):
    """How the observations of one indicator are read at a date (design, section 3, Time)."""

    LATEST = "latest"
    OCCURRENCES = "occurrences"
    BY_BODY = "by body"


class Indicator(NamedTuple):
    """Something that can be observed and dated. `validity` in months from the date it is about."""

    id: str
    title: str
    short: str
    kind: Kind
    unit: str
    validity: int
    signature: str = ""
    code: str = ""
    adverse: str = "high"
    collection: str = NOT_RECORDED
    citations: tuple[Citation, ...] = ()
    rounding: float = 0.0
    place: Place = NOWHERE

    @property
    def reading(self) -> Reading:
        """Findings stand side by side by body, events are counted, the latest number decides."""
        if self.kind is Kind.FINDING:
            return Reading.BY_BODY
        if self.unit == "times":
            return Reading.OCCURRENCES
        return Reading.LATEST


class Protective(NamedTuple):
    """A protective sign: an indicator of its own, or (test given) a test of another."""

    id: str
    title: str
    short: str
    indicator: str
    code: str = ""
    citations: tuple[Citation, ...] = ()
    place: Place = NOWHERE


class YearFigures(NamedTuple):
    """One indicator's spread over England in one year: `median`, `worst quarter`, `worst tenth`, `england`."""

    indicator: str
    year: int
    figures: tuple[tuple[str, float], ...]
    known: date = date.min

    def get(self, name: str) -> float | None:
        """The figure of that name, in the indicator's unit, or None."""
        return dict(self.figures).get(name)


class Observation(NamedTuple):
    """One indicator, one authority, one value (or the reason there is none), with both its dates."""

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
    place: Place = NOWHERE

    @property
    def sort_key(self) -> tuple[object, ...]:
        """An order that does not depend on the file it came from."""
        return (self.indicator, self.about, self.known, self.kind, self.body, self.value is None,
                self.value or 0.0, self.marker or "", self.citation.source.id, self.note, self.place)


class Note(NamedTuple):
    """A fact that fits no indicator: shown, and counted nowhere."""

    text: str
    when: str
    known: date
    citation: Citation
    hindsight: Hindsight | None = None
    place: Place = NOWHERE


class Case(NamedTuple):
    """A dossier: one authority and what was observed of it."""

    id: str
    title: str
    authority_code: str
    authority: str
    observations: tuple[Observation, ...]
    notes: tuple[Note, ...] = ()
    invented: bool = False
    summary: str = ""
    outcome: str = ""
    place: Place = NOWHERE

    @property
    def latest_known(self) -> date | None:
        """The last day on which something in the case became public: the default as-at date."""
        return max((o.known for o in self.observations), default=None)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that rules and cases may refer to, by id."""

    statements: dict[str, Statement] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    protective: dict[str, Protective] = field(default_factory=dict)
    years: dict[tuple[str, int], YearFigures] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    attributions: tuple[str, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    never_said: tuple[str, ...] = ()
