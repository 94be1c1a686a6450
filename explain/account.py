"""The account: a format-free tree of lines, each with its state, sentence, small print and place."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from kb.dossier import Case
from kb.model import Place, State, Vocabulary


class Line(NamedTuple):
    """One line of an explanation.

    `role`: result, channel, picture, mechanism, signature, facet, test, observation, group, assumption,
    exception, fold; of how a conclusion rests on evidence: footing, necessary, replaced, alternative, corroborated,
    reading, smallest, route, exceptions, disputed.
    `key` names what the line is about as looked at there, so that a later line may say "shown above"; `about` names
    it however it is looked at, so that a picture draws it once. `value` is what was observed, or how many routes there
    are; `tally` how much of a rule is met, `category` and `id` where a conclusion belongs and its name in rule files,
    `brief` the shortest form of an observation for a card. `enough`: it holds as asked, whatever its state.
    `quoted`: words of documents and of the case file, not our own. `flags`: cautions in a word or two.
    """

    role: str
    title: str
    state: State | None = None
    level: str = ""
    text: str = ""
    small: tuple[str, ...] = ()
    children: tuple["Line", ...] = ()
    key: str = ""
    place: Place | None = None
    shown_above: bool = False
    about: str = ""
    value: str = ""
    tally: str = ""
    category: tuple[str, ...] = ()
    id: str = ""
    brief: str = ""
    enough: bool = False
    quoted: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class Part(NamedTuple):
    """A titled part of an account."""

    title: str
    lines: tuple["Line", ...]


class Table(NamedTuple):
    """A titled table of texts."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Printer(Protocol):
    """What IPython prints on."""

    def text(self, text: str) -> None:
        """Prints."""


class Account(NamedTuple):
    """Everything said in answer to one question, in order: `parts` and `table` come last."""

    heading: str
    subheading: str
    answer: str
    sentence: str
    facts: tuple[str, ...]
    chain: tuple["Line", ...]
    missing: tuple["Line", ...]
    notes: tuple["Line", ...]
    closing: tuple[str, ...]
    section: str = "Why"
    footing: tuple["Line", ...] = ()
    held: tuple["Line", ...] = ()
    responses: tuple["Line", ...] = ()
    parts: tuple[Part, ...] = ()
    table: Table | None = None
    case: str = ""
    authority_code: str = ""
    as_at: str = ""
    result: str = ""

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from explain.render.shown import as_html

        return as_html(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002  # the names that IPython calls it by
        """How IPython in a terminal shows it, and a notebook saved for those who cannot show a page: as text."""
        from explain.render.text import render

        printer.text(render(self).rstrip("\n"))


def heading(case: Case) -> str:
    """The authority that an account is of; of an invented one, that it is."""
    return f"{case.authority}{' (an invented authority)' if case.invented else ''}"


def closing(vocabulary: Vocabulary) -> tuple[str, ...]:
    """What stands at the end of every account: what it must not be taken for, and whose figures it uses."""
    return *vocabulary.limits, *vocabulary.attributions


def walk(line: Line) -> Iterator[Line]:
    """This line and every line below it, in reading order."""
    yield line
    for child in line.children:
        yield from walk(child)


def depth(line: Line) -> int:
    """How many lines deep the tree goes, this line included."""
    return 1 + max((depth(child) for child in line.children), default=0)
