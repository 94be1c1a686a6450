"""The answer of `timeline`: since when each conclusion stands as it does, what tipped it, and what expired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from engine.assess import Assessment, Assessor
from explain import changewords, words
from explain.account import Account, Line, closing, heading
from explain.casebook import THEN
from explain.evidence import EvidenceTeller
from explain.moments import Course, Moment, Standing, Thing, courses, standings
from explain.names import Names
from explain.tipping import Tip, Tipping
from kb.dates import long_date
from kb.dossier import Case, Observation
from kb.model import State

HINDSIGHT = {
    "before": "On what could be known before a judgement",
    "all": "On all that is on record, each from the day it became public",
}
"""What is held: without the report that judged and what was said afterwards, or everything."""
ORDER = ("result", "picture", "mechanism", "channel", "signature")


class Followed(NamedTuple):
    """One case followed up to a day: the names of the holdings asked for, and its course on each."""

    case: Case
    until: date
    asked: tuple[str, ...]
    courses: tuple[Course, ...]

    @property
    def leads(self) -> tuple[str, ...]:
        """What each holding is called where there are several; "" where there is one."""
        return tuple(HINDSIGHT[name] if len(self.asked) > 1 else "" for name in self.asked)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day on which something changed, on whichever holding."""
        return tuple(sorted({moment.day for course in self.courses for moment in course.moments}))


def follow(assessor: Assessor, case: Case, until: date, hindsight: Sequence[str] = ("all",),
           observations: Sequence[Observation] | None = None) -> Followed:
    """The case followed up to `until`, on each holding asked for."""
    held = case.observations if observations is None else observations
    asked = tuple(name for name in HINDSIGHT if name in hindsight)
    return Followed(case, until, asked, tuple(courses(assessor, case, [kept(held, name) for name in asked], until)))


def timeline(followed: Followed) -> Account:
    """Every day on which some conclusion changed, on each holding asked for, day by day."""
    case, until, asked, found = followed
    tellers = [_Teller(lead, course) for lead, course in zip(followed.leads, found, strict=True)]
    lines = [Line("period", f"As it stands on {long_date(until)}, and since when",
                  children=_beside(teller.standing() for teller in tellers))]
    lines += [Line("period", long_date(day), children=_beside(teller.on(day) for teller in tellers))
              for day in followed.days]
    return _account(case, until, asked, found, tuple(lines))


def kept(observations: Iterable[Observation], hindsight: str) -> tuple[Observation, ...]:
    """The observations that a holding has."""
    return tuple(o for o in observations if hindsight == "all" or o.hindsight in THEN)


def _account(case: Case, until: date, asked: Sequence[str], found: Sequence[Course], lines: tuple[Line, ...],
             ) -> Account:
    last = found[-1].last
    names = Names(last.knowledge)
    results = list(dict.fromkeys(names.title("result", course.last.result) for course in found))
    days = len(lines) - 1
    nothing = f"on every other day up to {long_date(until)} nothing did"
    facts = [f"Something that rules conclude changed on {words.count_of(days, 'day')}; {nothing}." if days
             else f"Nothing that rules conclude changed on any day up to {long_date(until)}."]
    facts += [f"{HINDSIGHT[name]}: on {long_date(until)} {names.title('result', course.last.result)}."
              for name, course in zip(asked, found, strict=True)]
    return Account(
        heading=heading(case),
        subheading=f"over time, up to {long_date(until)}: on each day only what was public by then, and still in date, "
                   "counts",
        answer=" / ".join(results), sentence="", facts=tuple(facts), chain=lines, missing=(), notes=(),
        closing=closing(last.knowledge.vocabulary),
        section="What changed, and when", case=case.id, authority_code=case.authority_code,
        as_at=until.isoformat(), result=last.result)


class _Told(NamedTuple):
    """What one holding says of a day, under its name (no name where there is only one)."""

    lead: str
    lines: tuple[Line, ...]


def _beside(told: Iterable[_Told]) -> tuple[Line, ...]:
    """What each holding says, side by side; once, where all say the same."""
    sides = list(told)
    if len(sides) == 1:
        return sides[0].lines
    if all(side.lines == sides[0].lines for side in sides):
        return (Line("period", "On either", children=sides[0].lines),)
    return tuple(Line("period", side.lead, children=side.lines or (Line("period", "nothing changed"),))
                 for side in sides)


class _Teller:
    """Tells the course of a case on one holding of observations."""

    def __init__(self, lead: str, course: Course) -> None:
        self.lead, self.course = lead, course
        self.names = Names(course.last.knowledge)
        self.moments = {moment.day: moment for moment in course.moments}
        self.since = {thing: moment.day for moment in course.moments for thing in moment.changed}

    def standing(self) -> _Told:
        """How everything stands at the end that is not simply not known, and since when."""
        stood = standings(self.course.last)
        shown = [thing for thing in self.ordered(stood) if thing in self.since or thing[0] == "result"]
        known = [thing for thing in shown if stood[thing].state is not State.NOT_KNOWN]
        lines = [self.line(thing, stood[thing], self.from_day(thing)) for thing in known if thing[0] != "signature"]
        signed = [f"{self.brief(thing, stood[thing])}, {self.from_day(thing)}" for thing in known
                  if thing[0] == "signature"]
        return _Told(self.lead, (*lines, *_folded("Signatures", signed)))

    def from_day(self, thing: Thing) -> str:
        """Since when a thing stands as it does."""
        return changewords.since(self.since.get(thing))

    def on(self, day: date) -> _Told:
        """What changed on a day, each with what tipped it; signatures folded into one line."""
        moment = self.moments.get(day)
        return _Told(self.lead, tuple(self.changes(moment)) if moment else ())

    def changes(self, moment: Moment) -> Iterator[Line]:
        """Each conclusion that changed, then the signatures with what is not told above."""
        before, now = standings(moment.before), standings(moment.now)
        tipping, told = Tipping(moment), set[str]()
        changed = self.ordered(moment.changed)
        for thing in (thing for thing in changed if thing[0] != "signature"):
            line = self.line(thing, now[thing], f"before: {self.told(thing, before[thing])}")
            yield line._replace(children=tuple(_tip(tip, moment, told) for tip in tipping.tips(thing)))
        signatures = [thing for thing in changed if thing[0] == "signature"]
        tips = [tip for thing in signatures for tip in tipping.tips(thing)]
        signed = [f"{self.brief(thing, now[thing])}, before {self.told(thing, before[thing])}" for thing in signatures]
        lines = tuple(line for tip in tips for line in [_tip(tip, moment, told)] if not line.shown_above)
        yield from (line._replace(children=lines) for line in _folded("Signatures", signed))

    def ordered(self, things: Iterable[Thing]) -> list[Thing]:
        """Things kind by kind, from the overall result down, and in the order of their titles."""
        return sorted(things, key=lambda thing: (ORDER.index(thing[0]), self.names.title(*thing), thing))

    def line(self, thing: Thing, standing: Standing, text: str) -> Line:
        """One conclusion with its state, in a line of its own."""
        kind, id = thing
        named = id or standing.level
        level = standing.level if id else ""
        told = "; ".join(part for part in (disputed(thing, standing, self.names), text) if part)
        return Line(kind, self.names.title(kind, named), standing.state, level, told,
                    category=self.names.category(kind, named), id=named)

    def told(self, thing: Thing, standing: Standing) -> str:
        """How a thing stands, in the middle of a sentence."""
        return stands(thing, standing, self.names)

    def brief(self, thing: Thing, standing: Standing) -> str:
        """A thing and how it stands."""
        return f"{self.names.title(*thing)}: {self.told(thing, standing)}"


def stands(thing: Thing, standing: Standing, names: Names) -> str:
    """How a thing stands, in the middle of a sentence; the overall result by its title."""
    kind, id = thing
    told = (words.stood(kind, standing.state, standing.level) if id
            else names.title("result", standing.level))
    return ", ".join(part for part in (told, disputed(thing, standing, names)) if part)


def disputed(thing: Thing, standing: Standing, names: Names) -> str:
    """What disputed evidence leaves open beside a state that is settled."""
    if not standing.contested or standing.state is State.CONTESTED:
        return ""
    if thing[1]:
        return f"contested at {words.several(standing.contested)}"
    return changewords.in_one_reading([names.title("result", id) for id in standing.contested])


def _folded(lead: str, told: Sequence[str]) -> tuple[Line, ...]:
    """Several things in one line with a count; no line where there is none."""
    return (Line("fold", f"{lead} ({len(told)}): {'; '.join(told)}"),) if told else ()


def _tip(tip: Tip, moment: Moment, told: set[str]) -> Line:
    """What tipped it: an observation with its source, told once a day."""
    line = observed(moment.now, tip.observation, f"{tip.how}: ")
    if line.key in told:
        return line._replace(shown_above=True)
    told.add(line.key)
    return line


def observed(assessment: Assessment, observation: Observation, lead: str) -> Line:
    """One observation with its source and its cautions, without the note of the case file."""
    line = EvidenceTeller(assessment).observation(observation, lead)
    return line._replace(quoted=tuple(text for text in line.quoted if text != observation.note))
