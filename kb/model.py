"""The nouns: places and problems, the vocabulary's entries, observations and cases."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

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
    """One of the groups that signatures are placed in: who can act on it, and how far they control it."""

    id: str
    title: str
    label: str
    control: str
    who_can_act: str
    statement: str
    place: Place = NOWHERE


class Signature(NamedTuple):
    """One signature: the seed's words (title), and the words shown (label)."""

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


class Unit(NamedTuple):
    """What a value is counted in: its name for many, for one, other spellings; a share lies between 0 and 100."""

    id: str
    one: str = ""
    also: tuple[str, ...] = ()
    share: bool = False

    def __str__(self) -> str:
        """The name for many."""
        return self.id


class Indicator(NamedTuple):
    """Something that can be observed and dated. `validity` in months from the date it is about.

    `context`: why it may join a combination and is never a sign. `small_base`: the number behind a rate under which
    two years must agree. `qualifiers`: what one value is of, such as the area judged. `values`: the words of a graded
    scale, mildest first.
    """

    id: str
    title: str
    short: str
    kind: Kind
    unit: Unit
    validity: int
    signature: str = ""
    code: str = ""
    adverse: str = "high"
    collection: str = NOT_RECORDED
    citations: tuple[Citation, ...] = ()
    rounding: float = 0.0
    context: str = ""
    note: str = ""
    small_base: float = 0.0
    qualifiers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    values: tuple[str, ...] = ()
    place: Place = NOWHERE

    @property
    def reading(self) -> Reading:
        """Findings stand side by side by body, events are counted, the latest number decides."""
        if self.kind is Kind.FINDING:
            return Reading.BY_BODY
        if self.unit.id == "times":
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
    """One indicator's spread over all authorities in one year: `median`, `worst quarter`, `worst tenth`, `whole`."""

    indicator: str
    year: int
    figures: tuple[tuple[str, float], ...]
    known: date = date.min
    day: date = date.min
    source: str = ""

    def get(self, name: str) -> float | None:
        """The figure of that name, in the indicator's unit, or None."""
        return dict(self.figures).get(name)


class Result(NamedTuple):
    """An overall result that may be said; `question`: it puts a question about the authority."""

    id: str
    title: str
    question: bool = False


class Asking(NamedTuple):
    """The shape of a question about what is not known: what is known of it, how, and what is planned."""

    know: str = "What do you know of this, and of the difference that it makes?"
    how: str = "How do you know?"
    plans: str = "What do you plan to do about it in the next twelve months?"


class Authority(NamedTuple):
    """One authority as official lists name it, with the codes it had before, and what it came from or became."""

    id: str
    name: str
    number: str = ""
    region: str = ""
    earlier_codes: tuple[str, ...] = ()
    began: date | None = None
    ended: date | None = None
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    place: Place = NOWHERE


class JointReturn(NamedTuple):
    """Authorities that send in one return together: the same figure, of that source, stands under each."""

    codes: tuple[str, ...]
    collection: str
    note: str = ""
    source: str = ""


class Caution(NamedTuple):
    """Words that go beside figures dated after an observation of some value, until that is judged again."""

    id: str
    words: str
    because: str
    marks: tuple[str, ...]
    after: str
    at_least: float
    place: Place = NOWHERE


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
    results: tuple[Result, ...] = ()
    never_said: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    units: dict[str, Unit] = field(default_factory=dict)
    cautions: dict[str, Caution] = field(default_factory=dict)
    authorities: dict[str, Authority] = field(default_factory=dict)
    joint_returns: tuple[JointReturn, ...] = ()
    whole: Authority | None = None
    left_out: tuple[str, ...] = ()
    compared_with: str = "all authorities"
    asking: Asking = field(default_factory=Asking)
