"""Observations to tests to bit planes: the one place where evidence becomes marks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from engine.bits import NOTHING, Plane
from engine.evidence import NOTHING_HELD, Evidence, Verdict
from engine.program import ANY_AGE, Atom, Context, Group, Program
from engine.proofs import AGAINST, FOR
from kb.conditions import Comparator, Test
from kb.dates import add_months, within
from kb.dossier import Observation
from kb.model import Kind, Vocabulary

Marks = tuple[bool, bool]
Side = Sequence[Observation]
READINGS = (True, False)
"""The two readings of disputed evidence: every disputed test on its adverse side, then every one on its favourable."""


BOTH = 0b11
"""A mark in both readings."""


class Column(NamedTuple):
    """One case at one date: one bit of every plane (and its twin in the second reading)."""

    evidence: Evidence
    as_at: date


def planes(program: Program, columns: Sequence[Column]) -> list[Plane]:
    """The planes of every atom: bit i is column i in the first reading, bit n+i in the second.

    Each pair is (for, against), `2 * len(columns)` bits wide.
    """
    return planes_seen(program, [Looking(column) for column in columns])


def planes_seen(program: Program, lookings: Sequence[Looking]) -> list[Plane]:
    """The same, of columns that are being looked at already."""
    built = [[0, 0] for _ in program.atoms]
    for bit, looking in enumerate(lookings):
        held = looking.column.evidence.by_indicator.keys()
        for group in program.groups:
            if not held.isdisjoint(group.indicators):
                _mark(built, group, looking, bit, len(lookings))
    return [(for_, against) for for_, against in built]


def planes_changed(program: Program, model: Sequence[Plane], lookings: Sequence[Looking]) -> list[Plane]:
    """The same, of columns that differ from one whose model is known only in what each says is `changed`."""
    width = len(lookings)
    built = [[*repeated(model[node], width)] for _, node in program.atoms]
    for group in program.groups:
        changed = [bit for bit, looking in enumerate(lookings) if not looking.changed.isdisjoint(group.indicators)]
        kept = ~sum(1 << bit | 1 << (bit + width) for bit in changed)
        for place in group.places if changed else ():
            built[place] = [mark & kept for mark in built[place]]
        for bit in changed:
            _mark(built, group, lookings[bit], bit, width)
    return [(for_, against) for for_, against in built]


def repeated(plane: Plane, width: int) -> Plane:
    """One case's marks in both readings, in each of so many columns."""
    if plane == NOTHING:
        return NOTHING
    full = (1 << width) - 1
    for_, against = ((full if mark & 1 else 0) | ((full << width) if mark >> 1 & 1 else 0) for mark in plane)
    return for_, against


def _mark(built: list[list[int]], group: Group, looking: Looking, bit: int, width: int) -> None:
    """Adds the marks that one column gives to a group of atoms."""
    if looking.speaks(group):
        add(built, looking.marked(group), (1 << bit, 1 << (bit + width)))


def add(built: list[list[int]] | dict[int, list[int]], marked: Iterable[tuple[int, Plane]], there: tuple[int, int],
        ) -> None:
    """Adds marks to planes that are being built, in these columns of the first reading and of the second."""
    bits = 0, there[0], there[1], there[0] | there[1]
    for place, (for_, against) in marked:
        built[place][FOR] |= bits[for_]
        built[place][AGAINST] |= bits[against]


def adverse(test: Test, vocabulary: Vocabulary) -> bool:
    """Whether meeting the test speaks against the authority: not so of protective signs, nor of "no more than"."""
    if test.indicator in vocabulary.protective:
        return False
    upward = test.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
    return upward == (vocabulary.indicators[test.indicator].adverse == "high")


class Looking:
    """One column's verdicts, each decided once however many atoms ask for it.

    `like`: the verdicts of another column at the same date, with the same evidence but for the `changed` indicators.
    """

    def __init__(self, column: Column, like: Looking | None = None, changed: Collection[str] = ()) -> None:
        self.column, self.like, self.changed = column, like, frozenset(changed)
        self.decided: dict[tuple[Test, int], Verdict] = {}

    def verdict(self, test: Test, shift: int) -> Verdict:
        """What the evidence of `shift` months before the as-at date says of the test."""
        if self.like is not None and test.indicator not in self.changed:
            return self.like.verdict(test, shift)
        if test.indicator not in self.column.evidence.by_indicator:
            return NOTHING_HELD
        key = (test, shift)
        if key not in self.decided:
            self.decided[key] = self.column.evidence.decide(test, self._day(shift))
        return self.decided[key]

    def speaks(self, group: Group) -> bool:
        """Whether anything speaks for or against, in whatever context; a quick no to most of what could be asked."""
        verdicts = [self.verdict(test, group.shift) for test in group.tests]
        if not group.corroboration:
            return bool(verdicts[0].for_by or verdicts[0].against_by)
        under = [o for verdict in verdicts for o in verdict.for_by]
        return _corroborate(under) or all(verdict.for_by or verdict.against_by for verdict in verdicts)

    def marked(self, group: Group) -> Iterator[tuple[int, Plane]]:
        """The marks of a group of atoms, by their places, bit 0 in the first reading and bit 1 in the second."""
        if group.corroboration:
            yield from self._corroborated(group)
            return
        verdict, for_, against = self.verdict(group.tests[0], group.shift), BOTH, BOTH
        if verdict.disputed:
            for_, against = (1, 2) if self._adverse(group.tests[0]) else (2, 1)
        for place, atom in zip(group.places, group.atoms, strict=True):
            yield place, (for_ if self.counts(verdict.for_by, atom.context) else 0,
                          against if self.counts(verdict.against_by, atom.context) else 0)

    def mark(self, atom: Atom) -> Plane:
        """The marks of one atom, bit 0 in the first reading and bit 1 in the second."""
        alone = Group(atom.tests, atom.context.shift, atom.corroboration, frozenset(), (atom,), (0,))
        return dict(self.marked(alone))[0]

    def sides(self, test: Test, context: Context, reading: bool) -> tuple[list[Observation], list[Observation]]:
        """The observations for, and against, that the context lets count in this reading."""
        for_by, against_by = self._sides_in(test, context.shift, reading)
        return (list(for_by) if self.counts(for_by, context) else [],
                list(against_by) if self.counts(against_by, context) else [])

    def _sides_in(self, test: Test, shift: int, reading: bool) -> tuple[Side, Side]:
        verdict = self.verdict(test, shift)
        if not verdict.disputed:
            return verdict.for_by, verdict.against_by
        holds = reading is self._adverse(test)
        return (verdict.for_by, ()) if holds else ((), verdict.against_by)

    def counts(self, side: Side, context: Context) -> bool:
        """Whether there are any, one of them recent enough, and (where it is asked) an event or finding among them."""
        if not side or (context.within is not None and not any(
                within(o.about, context.within, self._day(context.shift)) for o in side)):
            return False
        return context.plus is None or self._tagged(side, context.plus)

    def _day(self, shift: int) -> date:
        return add_months(self.column.as_at, -shift) if shift else self.column.as_at

    def _tagged(self, side: Side, months: int) -> bool:
        """Whether an event or finding, recent enough, is among them."""
        return any(o.kind is not Kind.STATISTIC and (months == ANY_AGE or within(o.about, months, self.column.as_at))
                   for o in side)

    def _adverse(self, test: Test) -> bool:
        return adverse(test, self.column.evidence.vocabulary)

    def _corroborated(self, group: Group) -> Iterator[tuple[int, Plane]]:
        disputed = any(self.verdict(test, group.shift).disputed for test in group.tests)
        for place, atom in zip(group.places, group.atoms, strict=True):
            first = self._together(atom, READINGS[0])
            second = self._together(atom, READINGS[1]) if disputed else first
            yield place, (first[FOR] | second[FOR] << 1, first[AGAINST] | second[AGAINST] << 1)

    def _together(self, atom: Atom, reading: bool) -> Marks:
        """Two kinds of evidence and two documents under the tests that are met, taken together."""
        plain = atom.context._replace(plus=None)
        sides = [self.sides(test, plain, reading) for test in atom.tests]
        under = [o for for_by, _ in sides for o in for_by]
        if _corroborate(under):
            return self.counts(under, plain._replace(within=None, plus=atom.context.plus)), False
        judged = all(for_by or against_by for for_by, against_by in sides)
        beside = [o for pair in sides for side in pair for o in side]
        return False, judged and self.counts(beside, plain._replace(within=None, plus=atom.context.plus))


def _corroborate(observations: Side) -> bool:
    """Whether there are two kinds of evidence among them, and two documents."""
    return len({o.kind for o in observations}) > 1 and len({o.citation.source.id for o in observations}) > 1
