"""Many days of many cases: the days on which anything may turn, and planes that look at a test only on those days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from engine.bits import NOTHING, Plane
from engine.evidence import SILENCE_HOLDS, Evidence
from engine.planes import Column, Looking, add
from engine.program import Atom, Group, Program
from kb.conditions import Test
from kb.dates import Span, add_months, first_day_beyond
from kb.dossier import Case, Observation
from kb.model import Vocabulary

DAY = timedelta(days=1)
CLAMPED = 3
"""Days by which the ends of two months may differ: `months earlier` may reach a day so much later."""


class Periods(NamedTuple):
    """What is asked about one indicator: how far back (months), and how many months earlier it is looked at."""

    months: set[int]
    shifts: set[int]


Turns = Callable[[Observation], frozenset[date]]
"""The days on which what an observation says may change."""


def turns(vocabulary: Vocabulary, *programs: Program) -> Turns:
    """The days on which an observation's part in any of these programs may change: a superset of those it does."""
    asked = periods_asked((atom for program in programs for atom, _ in program.atoms), vocabulary)

    @cache
    def known(indicator: str, about: Span, day: date) -> frozenset[date]:
        periods = asked.get(indicator)
        return frozenset() if periods is None else frozenset(_days(indicator, about, day, periods, vocabulary))

    return lambda observation: known(observation.indicator, observation.about, observation.known)


def periods_asked(atoms: Iterable[Atom], vocabulary: Vocabulary) -> dict[str, Periods]:
    """How far back, and how many months earlier, these look at each indicator."""
    found: dict[str, Periods] = {}
    for atom in atoms:
        for test in atom.tests:
            if test.indicator in vocabulary.indicators:
                validity = vocabulary.indicators[test.indicator].validity
                periods = found.setdefault(test.indicator, Periods({validity, SILENCE_HOLDS}, {0}))
                wanted = (test.window, atom.context.within, atom.context.plus)
                periods.months.update(months for months in wanted if months is not None and months >= 0)
                periods.shifts.add(atom.context.shift)
    return found


def _days(indicator: str, about: Span, known: date, periods: Periods, vocabulary: Vocabulary) -> Iterator[date]:
    """When it becomes known, when each period beyond it starts or ends, and when the figures of its year came out."""
    year = vocabulary.years.get((indicator, about.end.year))
    found = {known} | ({year.known} if year else set())
    for months in periods.months:
        start = add_months(about.start, months)
        found |= {start, first_day_beyond(about, months), start + DAY, add_months(about.end, months) + DAY}
    for shift in periods.shifts:
        later = range(CLAMPED + 1 if shift else 1)
        yield from (add_months(turn, shift) + days * DAY for turn in found for days in later)


def change_points(turning: Turns, observations: Iterable[Observation], until: date) -> list[date]:
    """The days on which anything may change, in order, after one on which nothing was known yet."""
    held = list(observations)
    first = min((o.known for o in held), default=until)
    return sorted({min(first, until) - DAY, until} | {
        day for o in held for day in turning(o) if first <= day <= until})


@dataclass(frozen=True)
class Course:
    """One case on some days, in order; `turning`: of each indicator held, the places of the days on which it may turn.
    """

    case: Case
    days: tuple[date, ...]
    evidence: Evidence
    turning: Mapping[str, tuple[int, ...]]
    looks: dict[int, Looking] = field(default_factory=dict)
    known: dict[frozenset[str], list[int]] = field(default_factory=dict)

    def looking(self, place: int) -> Looking:
        """The case on one of its days, what was decided there kept for whoever asks next."""
        if place not in self.looks:
            self.looks[place] = Looking(Column(self.evidence, self.days[place]))
        return self.looks[place]

    def stretches(self, indicators: frozenset[str]) -> Iterator[tuple[int, int]]:
        """The stretches of days, from a place to before another, throughout which these indicators say the same."""
        places = self._places(indicators)
        yield from zip(places, [*places[1:], len(self.days)], strict=True) if places else ()

    def stretches_of(self, days: int, indicators: frozenset[str]) -> Iterator[int]:
        """Some days (bits, by their places), parted into those of each stretch; without those before the first."""
        places = self._places(indicators)
        left = days & -(1 << places[0]) if places else 0
        while left:
            following = bisect_right(places, (left & -left).bit_length() - 1)
            here = left & (1 << (places[following] if following < len(places) else len(self.days))) - 1
            yield here
            left ^= here

    def since(self, place: int, indicators: frozenset[str]) -> int:
        """Where the stretch begins in which a place lies."""
        places = self._places(indicators)
        return places[bisect_right(places, place) - 1] if places and places[0] <= place else place

    def _places(self, indicators: frozenset[str]) -> list[int]:
        if indicators not in self.known:
            self.known[indicators] = sorted({place for id in indicators for place in self.turning.get(id, ())})
        return self.known[indicators]


def course(case: Case, turning: Turns, vocabulary: Vocabulary) -> Course | None:
    """A case at every one of its change points; None where it holds no observation."""
    until = case.latest_known
    if until is None:
        return None
    days = change_points(turning, case.observations, until)
    place = {day: i for i, day in enumerate(days)}
    evidence = Evidence.of(case.observations, vocabulary)
    found = {id: tuple(sorted({place[day] for o in held for day in turning(o) if day in place}))
             for id, held in evidence.by_indicator.items()}
    return Course(case, tuple(days), evidence, found)


def finer(one: Course, turning: Turns, indicators: Iterable[str]) -> Course:
    """The same case, on the days as well on which something about these indicators may turn; what was decided is kept.
    """
    held = one.evidence.by_indicator
    more = {id: {day for o in held[id] for day in turning(o) if one.days[0] < day <= one.days[-1]}
            for id in indicators if id in held}
    days = tuple(sorted({*one.days}.union(*more.values())))
    place = {day: i for i, day in enumerate(days)}
    found = {id: tuple(sorted({place[one.days[at]] for at in places} | {place[day] for day in more.get(id, ())}))
             for id, places in one.turning.items()}
    looks = {place[one.days[at]]: looking for at, looking in one.looks.items()}
    return Course(one.case, days, one.evidence, found, looks)


def columns_in(finer: Sequence[Course], courses: Sequence[Course]) -> list[int]:
    """The column of every day of some courses among those of finer ones, and the column after the last."""
    found, first = list[int](), 0
    for more, one in zip(finer, courses, strict=True):
        place = {day: i for i, day in enumerate(more.days)}
        found += [first + place[day] for day in one.days]
        first += len(more.days)
    return [*found, first]


def one_day(case: Case, day: date, vocabulary: Vocabulary) -> Course:
    """A case on one day."""
    evidence = Evidence.of(case.observations, vocabulary)
    return Course(case, (day,), evidence, dict.fromkeys(evidence.by_indicator, (0,)))


def planes_of_days(program: Program, courses: Sequence[Course], known: Mapping[int, Plane],
                   only: Iterable[int] | None = None, wanted: int = -1) -> list[Plane]:
    """What `planes` gives of every day of these courses, one after another.

    `known`: the planes of atoms, by their places, that are worked out already, over the same courses. `only`: atoms
    beside which none is looked at. `wanted`: the days that are asked for, as bits; nothing else is to be relied upon.
    """
    width = sum(len(one.days) for one in courses)
    asked = range(len(program.atoms)) if only is None else only
    built = {place: [0, 0] for place in asked if place not in known}
    groups = [_some(group, built) for group in program.groups if not built.keys().isdisjoint(group.places)]
    first = 0
    for one in courses:
        held = one.turning.keys()
        for group in (g for g in groups if not held.isdisjoint(g.indicators)):
            for start, end in one.stretches(group.indicators):
                bits = ((1 << (end - start)) - 1) << (first + start)
                if bits & wanted and one.looking(start).speaks(group):
                    add(built, one.looking(start).marked(group), (bits, bits << width))
        first += len(one.days)
    found = {**known, **{place: (for_, against) for place, (for_, against) in built.items()}}
    return [found.get(place, NOTHING) for place in range(len(program.atoms))]


def _some(group: Group, places: Container[int]) -> Group:
    """Of a group the atoms at these places."""
    kept = [(atom, place) for atom, place in zip(group.atoms, group.places, strict=True) if place in places]
    return group if len(kept) == len(group.places) else group._replace(
        atoms=tuple(atom for atom, _ in kept), places=tuple(place for _, place in kept))


def said_alike(courses: Sequence[Course], one: Test, other: Test, shift: int) -> int:
    """The days of these courses, as bits, on which two tests of one indicator have the same observations on each side.

    Looked at so many months earlier. Of two tests that differ in their threshold alone all that rests on them is then
    the same.
    """
    found, first = (1 << sum(len(course.days) for course in courses)) - 1, 0
    for course in courses:
        for start, end in course.stretches(frozenset((one.indicator,))):
            sides = [course.looking(start).verdict(test, shift)[:2] for test in (one, other)]
            if sides[0] != sides[1]:
                found ^= ((1 << (end - start)) - 1) << (first + start)
        first += len(course.days)
    return found
