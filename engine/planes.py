"""Observations to tests to bit planes: the one place where evidence becomes marks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from engine.bits import Plane
from engine.evidence import Evidence, Verdict
from engine.program import ANY_AGE, Atom, Context, Program
from kb.conditions import Comparator, Test
from kb.dates import add_months, within
from kb.dossier import Observation
from kb.model import Kind, Vocabulary

Marks = tuple[bool, bool]
Side = Sequence[Observation]
Groups = dict[tuple[tuple[Test, ...], int], list[tuple[int, Atom]]]
READINGS = (True, False)
"""The two readings of disputed evidence: every disputed test on its adverse side, then every one on its favourable."""


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
    groups = _by_tests(program)
    for bit, looking in enumerate(lookings):
        places = 1 << bit, 1 << (bit + len(lookings))
        for tests, shift in looking.marked(groups):
            for place, atom in groups[tests, shift]:
                pair = built[place]
                for reading, (for_, against) in zip(places, looking.both(atom), strict=True):
                    pair[0] |= reading if for_ else 0
                    pair[1] |= reading if against else 0
    return [(for_, against) for for_, against in built]


def _by_tests(program: Program) -> Groups:
    """The atoms, with their places, by what they test and how long ago: they have marks together or not at all."""
    groups: Groups = {}
    for place, (atom, _) in enumerate(program.atoms):
        groups.setdefault((atom.tests, atom.context.shift), []).append((place, atom))
    return groups


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
        self.column = column
        self.decided: dict[tuple[Test, int], Verdict] = {}
        if like is not None:
            self.decided = {key: v for key, v in like.decided.items() if key[0].indicator not in changed}

    def verdict(self, test: Test, shift: int) -> Verdict:
        """What the evidence of `shift` months before the as-at date says of the test."""
        key = (test, shift)
        if key not in self.decided:
            self.decided[key] = self.column.evidence.decide(test, self._day(shift))
        return self.decided[key]

    def marked(self, groups: Iterable[tuple[tuple[Test, ...], int]]) -> Iterator[tuple[tuple[Test, ...], int]]:
        """Those of the groups of tests for or against which anything speaks at all."""
        held = self.column.evidence.by_indicator
        for tests, shift in groups:
            for test in tests:
                if test.indicator in held and (verdict := self.verdict(test, shift)).gap is None and (
                        verdict.for_by or verdict.against_by):
                    yield tests, shift
                    break

    def both(self, atom: Atom) -> tuple[Marks, Marks]:
        """The atom's marks in the two readings; the second is worked out only where evidence is disputed."""
        first = self.marks(atom, READINGS[0])
        disputed = any(self.verdict(test, atom.context.shift).disputed for test in atom.tests)
        return first, self.marks(atom, READINGS[1]) if disputed else first

    def marks(self, atom: Atom, reading: bool) -> Marks:
        """The atom's (for, against) in one reading of disputed evidence."""
        if atom.corroboration:
            return self._corroborated(atom, reading)
        for_by, against_by = self._sides_in(atom.tests[0], atom.context.shift, reading)
        return self._counts(for_by, atom.context), self._counts(against_by, atom.context)

    def sides(self, test: Test, context: Context, reading: bool) -> tuple[list[Observation], list[Observation]]:
        """The observations for, and against, that the context lets count in this reading."""
        for_by, against_by = self._sides_in(test, context.shift, reading)
        return (list(for_by) if self._counts(for_by, context) else [],
                list(against_by) if self._counts(against_by, context) else [])

    def _sides_in(self, test: Test, shift: int, reading: bool) -> tuple[Side, Side]:
        verdict = self.verdict(test, shift)
        if not verdict.disputed:
            return verdict.for_by, verdict.against_by
        holds = reading is adverse(test, self.column.evidence.vocabulary)
        return (verdict.for_by, ()) if holds else ((), verdict.against_by)

    def _counts(self, side: Side, context: Context) -> bool:
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

    def _corroborated(self, atom: Atom, reading: bool) -> Marks:
        """Two kinds of evidence and two documents under the tests that are met, taken together."""
        plain = atom.context._replace(plus=None)
        sides = [self.sides(test, plain, reading) for test in atom.tests]
        under = [o for for_by, _ in sides for o in for_by]
        two_kinds = len({o.kind for o in under}) > 1
        if two_kinds and len({o.citation.source.id for o in under}) > 1:
            return self._counts(under, plain._replace(within=None, plus=atom.context.plus)), False
        judged = all(for_by or against_by for for_by, against_by in sides)
        beside = [o for pair in sides for side in pair for o in side]
        return False, judged and self._counts(beside, plain._replace(within=None, plus=atom.context.plus))
