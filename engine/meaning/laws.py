"""Laws of evidence: which marks of tests there can be together, in one reading, whatever the evidence.

A test that is met at 20 is met at 15; what counts as recent counts where age is not asked; nothing is met and not met
at once. What the laws leave open is taken as possible, so that what is proved holds of all evidence there can be.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import NamedTuple

from engine.evidence import SILENCE_HOLDS
from engine.program import ANY_AGE, Atom, Context, Program
from kb.conditions import Comparator, Test
from kb.model import Indicator, Reading, Vocabulary

Clause = tuple[int, ...]
"""Marks of which at least one is there (or, with a minus, is not): `mark_for(i)` and `mark_against(i)` of point i."""
PAIR = 2
"""Most laws are of two marks."""
UPWARD = (Comparator.AT_LEAST, Comparator.ABOVE)
STRICT = (Comparator.ABOVE, Comparator.BELOW)
_Compared = Callable[[float, float], bool]


@dataclass(frozen=True)
class Laws:
    """The points at which evidence may leave marks (a program's atoms first, in its order), and what must hold.

    `groups`: for each point the number of its group; a law of two marks never binds points of two groups. `members`:
    the points of each group. `say`: what gives the laws of some members; of a group they are worked out when they are
    first asked for.
    """

    points: tuple[Atom, ...]
    groups: Mapping[int, int]
    members: tuple[tuple[int, ...], ...]
    say: tuple[Callable[[Sequence[int]], Iterable[Clause]], ...]
    known: dict[int, tuple[Clause, ...]] = field(default_factory=dict)

    def of(self, group: int) -> tuple[Clause, ...]:
        """The laws of one group: the first mark of each is of a point in it."""
        if group not in self.known:
            self.known[group] = tuple(dict.fromkeys(chain.from_iterable(say(self.members[group]) for say in self.say)))
        return self.known[group]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every law."""
        return tuple(chain.from_iterable(map(self.of, range(len(self.members)))))


def mark_for(point: int) -> int:
    """The number of a point's mark for."""
    return 2 * point + 1


def mark_against(point: int) -> int:
    """The number of a point's mark against."""
    return 2 * point + 2


def marks_of(points: Iterable[int]) -> list[int]:
    """Both marks of each point."""
    return [mark for point in points for mark in (mark_for(point), mark_against(point))]


def point_of(mark: int) -> int:
    """The point of a mark, or of a mark that is not there."""
    return (abs(mark) - 1) // 2


def laws(program: Program, vocabulary: Vocabulary, one_voice: bool = False, only: Container[int] | None = None) -> Laws:
    """Every law that speaks of the program's atoms.

    `one_voice`: of evidence that is usual, though there can be other: what is said of one indicator is of one age and
    kind, so that of two tests that are met by it neither rests on younger evidence than the other. `only`: as if the
    program had no more atoms than these, by their places.
    """
    place = {atom: i for i, (atom, _) in enumerate(program.atoms)}
    inside = [i for i in place.values() if only is None or i in only]
    for i in inside[:]:
        atom = program.atoms[i][0]
        inside += [place.setdefault(_under(atom, test), len(place)) for test in atom.tests if atom.corroboration]
    points, groups = tuple(place), dict[object, list[int]]()
    for i in dict.fromkeys(inside):
        atom = points[i]
        test = atom.tests[0]
        key = atom.tests if atom.corroboration else (test.indicator, test.of, test.rise_over)
        groups.setdefault((key, atom.corroboration, atom.context.shift), []).append(i)
    held = {points[i]: i for i in inside}
    say = [lambda members: _of_group(members, points, vocabulary)]
    say += [lambda members: _one_voice(members, points, held, vocabulary)] if one_voice else []
    say.append(lambda members: _corroborated(members, points, place))
    return Laws(points, {i: number for number, some in enumerate(groups.values()) for i in some},
                tuple(map(tuple, groups.values())), tuple(say))


def allowed(held: Laws, marks: Set[int]) -> bool:
    """Whether there can be this combination of marks: every law has a mark that is not there, so only theirs matter."""
    groups = dict.fromkeys(held.groups[point_of(mark)] for mark in marks)
    return all(any((x > 0) == (abs(x) in marks) for x in law) for group in groups for law in held.of(group))


def _under(corroboration: Atom, test: Test) -> Atom:
    """A test under a corroboration, as that looks at it."""
    return Atom((test,), corroboration.context.plain)


def _corroborated(members: Iterable[int], points: Sequence[Atom], place: Mapping[Atom, int]) -> Iterator[Clause]:
    """Corroboration needs some test that is met; to be refuted it needs every test to be judged."""
    for here in members:
        atom = points[here]
        tests = [place[_under(atom, test)] for test in atom.tests] if atom.corroboration else []
        if tests:
            yield (-mark_for(here), *(mark_for(t) for t in tests))
        for t in tests:
            yield -mark_against(here), mark_for(t), mark_against(t)


def _of_group(members: Sequence[int], points: Sequence[Atom], vocabulary: Vocabulary) -> Iterable[Clause]:
    """The laws between looks at one indicator (or at one corroboration) at one time."""
    if points[members[0]].corroboration:
        age = _age_together(points[members[0]].tests, vocabulary)
        return [clause for i in members for j in members
                for clause in _between_corroborations(i, j, points[i].context, points[j].context, age)]
    found, looks = list[Clause](), dict[Test, list[tuple[int, Context]]]()
    for i in members:
        looks.setdefault(points[i].tests[0], []).append((i, points[i].context))
    for one, here in looks.items():
        for other, there in looks.items():
            tests = _between_tests(one, other, vocabulary)
            if any(tests[:SAYING]):
                for i, at in here:
                    for j, beside in there:
                        _between(i, j, at, beside, tests, found)
    return found


def _between_corroborations(i: int, j: int, one: Context, other: Context, age: Age) -> Iterator[Clause]:
    """More evidence corroborates the more; that it does not is said only of the very same evidence."""
    narrower, same = _narrower(one, other, age), _asked(one, age) == _asked(other, age)
    if narrower and i != j:
        yield -mark_for(i), mark_for(j)
    if same:
        yield -mark_for(i), -mark_against(j)
        if narrower and i != j:
            yield -mark_against(i), mark_against(j)


def _asked(context: Context, age: Age) -> int | None:
    """The period that is asked for, where there can be older evidence."""
    return context.within if context.within is not None and context.within < age.some else None


class Age(NamedTuple):
    """So many months before the day looked at some of the evidence on one side ends at most; `all`: all of it does.

    `several`: of several tests, some of the evidence on each.
    """

    some: int
    all: bool
    several: bool = False


class Between(NamedTuple):
    """What the values that meet one test say of another, and how old the evidence for and against it may be."""

    implies: bool
    implied: bool
    excludes: bool
    age_for: Age
    age_against: Age


SAYING = 3
"""How many of these say that one test tells anything of the other."""


def _between_tests(one: Test, other: Test, vocabulary: Vocabulary) -> Between:
    indicator = vocabulary.indicators[one.indicator]
    return Between(implies(one, other, vocabulary), implies(other, one, vocabulary), excludes(one, other, vocabulary),
                   _age(one, indicator, for_=True), _age(one, indicator, for_=False))


def _between(i: int, j: int, one: Context, other: Context, tests: Between, found: list[Clause]) -> None:
    """Adds what the marks of one point say of those of another."""
    narrower = _narrower(one, other, tests.age_for)
    if tests.implies:
        found.append((-mark_for(i), -mark_against(j)))
        if narrower and i != j:
            found.append((-mark_for(i), mark_for(j)))
    if tests.implied and i != j and _narrower(one, other, tests.age_against):
        found.append((-mark_against(i), mark_against(j)))
    if tests.excludes:
        found.append((-mark_for(i), -mark_for(j)))
        if narrower:
            found.append((-mark_for(i), mark_against(j)))


def _one_voice(members: Sequence[int], points: Sequence[Atom], place: Mapping[Atom, int],
               vocabulary: Vocabulary) -> Iterator[Clause]:
    """Of two tests that are both met (or both not met), each counts in every context in which the other does."""
    for i in members:
        for j in members:
            one, other = points[i], points[j]
            k = place.get(one._replace(context=other.context))
            if one.corroboration or k is None or one.tests == other.tests:
                continue
            if implies(one.tests[0], other.tests[0], vocabulary):
                yield -mark_for(i), -mark_for(j), mark_for(k)
            if implies(other.tests[0], one.tests[0], vocabulary):
                yield -mark_against(i), -mark_against(j), mark_against(k)


def _age(test: Test, indicator: Indicator, for_: bool) -> Age:
    """How old the evidence of a test may be: by its indicator's validity, its own window, or how long silence holds.

    An earlier value that is read beside another (a rise, a small base) may be older than that.
    """
    if indicator.reading is not Reading.OCCURRENCES:
        return Age(indicator.validity, all=test.rise_over is None and not indicator.small_base)
    window = test.window or indicator.validity
    return Age(window if for_ else max(window, indicator.validity, SILENCE_HOLDS), all=True)


def _age_together(tests: Iterable[Test], vocabulary: Vocabulary) -> Age:
    """How old the evidence of several tests may be, on either side."""
    ages = [_age(test, vocabulary.indicators[test.indicator], for_) for test in tests for for_ in (True, False)]
    return Age(max(age.some for age in ages), all(age.all for age in ages), several=True)


@cache
def _narrower(one: Context, other: Context, age: Age) -> bool:
    """Whether what counts in one context counts in the other."""
    tagged = one.plus
    if tagged == ANY_AGE and age.all and not one.shift:  # the age of an event or finding is counted from today
        tagged = age.some
    ends = (one.within, age.some, None if age.several or tagged == ANY_AGE else tagged)
    recent = other.within is None or min(months for months in ends if months is not None) <= other.within
    if other.plus is None or tagged is None:
        return recent and other.plus is None
    return recent and (other.plus == ANY_AGE or (tagged != ANY_AGE and tagged <= other.plus))


def implies(one: Test, other: Test, vocabulary: Vocabulary) -> bool:
    """Whether evidence that meets one test meets the other: thresholds of one indicator in their order."""
    if one == other:
        return True
    counted = vocabulary.indicators[one.indicator].reading is Reading.OCCURRENCES
    if not _alike(one, other, windows=not counted) or (one.comparator in UPWARD) != (other.comparator in UPWARD):
        return False
    if counted and not (one.comparator is other.comparator is Comparator.AT_LEAST and _longer(one, other)):
        return False
    sign = 1 if one.comparator in UPWARD else -1
    return _always(one, other, vocabulary, lambda a, b: sign * a > sign * b or (
        a == b and (one.comparator in STRICT or other.comparator not in STRICT)))


def excludes(one: Test, other: Test, vocabulary: Vocabulary) -> bool:
    """Whether evidence that meets one test cannot meet the other: above one threshold and below a lower one."""
    if one.comparator not in UPWARD and other.comparator in UPWARD:
        one, other = other, one
    counted = vocabulary.indicators[one.indicator].reading is Reading.OCCURRENCES
    if (counted or one.indicator in vocabulary.protective or not _alike(one, other, windows=True)
            or one.comparator not in UPWARD or other.comparator in UPWARD):
        return False
    strict = one.comparator in STRICT or other.comparator in STRICT
    return _always(one, other, vocabulary, lambda a, b: a > b or (a == b and strict))


def _alike(one: Test, other: Test, windows: bool) -> bool:
    same = (one.indicator, one.of, one.rise_over) == (other.indicator, other.of, other.rise_over)
    return same and (not windows or one.window == other.window)


def _longer(one: Test, other: Test) -> bool:
    return other.window == one.window or (one.window is not None and other.window is not None
                                          and one.window <= other.window)


def _always(one: Test, other: Test, vocabulary: Vocabulary, holds: _Compared) -> bool:
    """Whether it holds of both thresholds: of the numbers, or of the figures of every year that is held."""
    a, b = one.threshold, other.threshold
    if not isinstance(a, str) and not isinstance(b, str):
        return holds(a, b)
    if not isinstance(a, str) or not isinstance(b, str):
        return False
    pairs = [(year.get(a), year.get(b)) for (id, _), year in vocabulary.years.items() if id == one.indicator]
    return bool(pairs) and all(x is not None and y is not None and holds(x, y) for x, y in pairs)
