"""Suppositions: what is supposed of an authority, in the words of case files, and the evidence as it would then be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from kb.conditions import HELD, LADDERS
from kb.dates import Span, read_day
from kb.dossier import Marker, Observation
from kb.fields import Fields
from kb.givenevidence import ALWAYS
from kb.knowledge import Knowledge
from kb.model import NOT_RECORDED, NOWHERE, Citation, Indicator, Place, Problem, Reading, Source, State, Vocabulary
from kb.problems import Code, did_you_mean, shown
from kb.ruletests import PROTECTIVE, Standing, Subjects, given_in
from kb.yamltree import Entry, Mapping, Scalar, Tree
from kb.yamltree import Sequence as Listed

SUPPOSED = "a supposition, not evidence"
"""The title of the document that a supposition stands in: nothing in an answer may take it for a source."""


class Supposition(NamedTuple):
    """What is supposed: how signatures and conclusions stand, observations, and indicators taken away."""

    given: tuple[Standing, ...] = ()
    added: tuple[Observation, ...] = ()
    without: tuple[str, ...] = ()


class Said(NamedTuple):
    """One `NAME=VALUE`, `NAME=VALUE@DATE` or `NAME:AREA=VALUE`, taken apart; `line` numbers it."""

    name: str
    of: str
    value: str
    about: str
    line: int


def read_supposition(sets: Sequence[str], unsets: Sequence[str], knowledge: Knowledge, as_at: date,
                     ) -> tuple[Supposition, tuple[Problem, ...]]:
    """What is supposed by words such as `some_rate=12 per cent`, and every problem in them."""
    problems: list[Problem] = []
    subjects = Subjects.of(knowledge)
    said = [one for line, text in enumerate(sets, start=1) for one in _taken_apart(text, line, problems)]
    _sensible(said, unsets, subjects, as_at, problems)
    if problems:
        return Supposition(), tuple(problems)
    fields = Fields(_tree(said, knowledge.vocabulary), problems, what="supposition")
    given, added = given_in(fields, subjects, as_at)
    away = [name for name in dict.fromkeys(unsets) if name not in knowledge.vocabulary.indicators]
    unmarked = tuple(Standing(_kind(name, subjects), name, State.NOT_KNOWN, "") for name in away)
    without = tuple(name for name in dict.fromkeys(unsets) if name not in away)
    return Supposition((*given, *unmarked), tuple(_own(added)), without), tuple(problems)


def suppose(observations: Sequence[Observation], supposition: Supposition, vocabulary: Vocabulary,
            ) -> tuple[list[Observation], list[Observation]]:
    """The observations as they would then be, and those that give way to what is supposed."""
    gone = [o for o in observations if o.indicator in supposition.without or any(
        _gives_way(o, new, vocabulary.indicators[o.indicator]) for new in supposition.added)]
    left = set(gone)
    return [*(o for o in observations if o not in left), *supposition.added], gone


def _gives_way(held: Observation, new: Observation, indicator: Indicator) -> bool:
    """A number gives way to one about its own time or later, a finding to a finding, an event to `none`."""
    if (held.indicator, held.of) != (new.indicator, new.of):
        return False
    match indicator.reading:
        case Reading.LATEST:
            return held.about.end >= new.about.start
        case Reading.BY_BODY:
            return True
        case Reading.OCCURRENCES:
            return new.value == 0 and _inside(held.about, new.about)


def _inside(span: Span, period: Span) -> bool:
    return period.start <= span.end and span.start <= period.end


def _taken_apart(text: str, line: int, problems: list[Problem]) -> Iterator[Said]:
    name, equals, rest = text.partition("=")
    value, at, day = rest.rpartition("@") if "@" in rest else (rest, "", "")
    if not (name.strip() and equals and value.strip()):
        problems.append(_problem(Code.WRONG_SHAPE, f"{shown(text)} is not a supposition",
                                 "write --set NAME=VALUE, or NAME=VALUE@YYYY-MM-DD"))
    elif at and read_day(day) is None:
        problems.append(_problem(Code.NOT_A_DATE, f"{shown(day)} is not a date", "write it as 2018-11-30"))
    else:
        id, _, of = name.partition(":")
        yield Said(id.strip(), of.strip(), value.strip(), day.strip(), line)


def _sensible(said: Sequence[Said], unsets: Sequence[str], subjects: Subjects, as_at: date,
              problems: list[Problem]) -> None:
    """Every name is known and can be supposed; what is not an indicator is supposed once, and without a date."""
    vocabulary = subjects.knowledge.vocabulary
    once = dict[str, None]()
    for name, about in (*((one.name, one.about) for one in said), *((name, "") for name in unsets)):
        kind = _kind(name, subjects)
        if name in vocabulary.indicators:
            if about and (read_day(about) or as_at) > as_at:
                problems.append(_problem(Code.NOT_ALLOWED, f"{about} is after the date asked for, {as_at}",
                                         "suppose something of an earlier date, or ask --as-at a later one"))
        elif not kind:
            known = (*subjects.heads, *vocabulary.indicators, *vocabulary.protective)
            problems.append(_problem(Code.UNKNOWN_ID, f"nothing that can be supposed is called {shown(name)}",
                                     did_you_mean(name, known) or "name a signature, a conclusion or an indicator"))
        elif LADDERS.get(kind) == HELD:
            problems.append(_problem(Code.NOT_ALLOWED, f"{name} is what is asked for, so it cannot be supposed",
                                     "suppose what it rests on"))
        elif about or name in once:
            problems.append(_problem(Code.NOT_ALLOWED, f"{name} is supposed {'at a date' if about else 'twice'}",
                                     "write it once, and without a date"))
        once[name] = None
    _areas(said, subjects, problems)


def _areas(said: Sequence[Said], subjects: Subjects, problems: list[Problem]) -> None:
    """An indicator is supposed to be something, and of an area where its values are of areas."""
    for one in said:
        indicator = subjects.knowledge.vocabulary.indicators.get(one.name)
        areas = indicator.qualifiers[0][1] if indicator and indicator.qualifiers else ()
        if indicator and one.value == State.NOT_KNOWN:
            problems.append(_problem(Code.NOT_ALLOWED, f"{one.name} is supposed not to be known",
                                     f"write --unset {one.name}"))
        elif one.of not in (areas or ("",)) and (indicator or _kind(one.name, subjects)):
            lacking = f"{one.name} is of one of: {', '.join(areas)}" if areas else f"{one.name} is of no area"
            problems.append(_problem(Code.NOT_ALLOWED, lacking, did_you_mean(one.of, areas) or (
                f"write {one.name}:{areas[0]}={one.value}" if areas else f"write {one.name}={one.value}")))


def _kind(name: str, subjects: Subjects) -> str:
    if name in subjects.heads:
        return subjects.heads[name]
    return PROTECTIVE if name in subjects.knowledge.vocabulary.protective else ""


def _tree(said: Sequence[Said], vocabulary: Vocabulary) -> Mapping:
    """The suppositions as a test of a rule gives them, so that the two can never be read differently."""
    named: dict[str, list[Tree]] = {}
    for one in said:
        named.setdefault(one.name, []).append(_value(one, vocabulary.indicators.get(one.name)))
    top = Place("", 1)
    entries = (Entry(Scalar(_place(values[0]), name), values[0] if len(values) == 1 else Listed(top, tuple(values)))
               for name, values in named.items())
    return Mapping(top, (Entry(Scalar(top, "given"), Mapping(top, tuple(entries))),))


def _value(said: Said, indicator: Indicator | None) -> Tree:
    """A value alone, or with its date and area as keys of an observation."""
    place = Place("", said.line)
    value = Scalar(place, said.value)
    if indicator is None or not (said.about or said.of):
        return value
    keys = {"marker" if said.value in tuple(Marker) else "value": said.value}
    keys |= {name: said.of for name, words in indicator.qualifiers if said.of in words}
    if said.about:
        none = said.value == "none" and indicator.reading is Reading.OCCURRENCES
        keys |= {"throughout": f"{ALWAYS} to {said.about}"} if none else {"about": said.about}
    return Mapping(place, tuple(Entry(Scalar(place, key), Scalar(place, text)) for key, text in keys.items()))


def _place(tree: Tree) -> Place:
    return tree.place


def _own(added: Sequence[Observation]) -> Iterator[Observation]:
    """Each in a document of its own that says what it is."""
    for number, observation in enumerate(added, start=1):
        source = Source(f"supposition {number}", SUPPOSED)
        yield observation._replace(citation=Citation(source, "no page"), body=NOT_RECORDED, place=NOWHERE)


def _problem(code: Code, message: str, hint: str) -> Problem:
    return Problem(NOWHERE, code, message, hint)
