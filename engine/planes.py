"""Observations to tests to bit planes: the one place where evidence becomes marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from engine.bits import Plane
from engine.evidence import Evidence, Verdict, more_than_numbers
from engine.program import ANY_AGE, Atom, Context, Program
from kb.conditions import Comparator, Test
from kb.dates import add_months, within
from kb.model import Observation, Vocabulary

Marks = tuple[bool, bool]
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
    built = [[0, 0] for _ in program.atoms]
    for bit, column in enumerate(columns):
        looking = Looking(column)
        for second, reading in enumerate(READINGS):
            place = 1 << (bit + second * len(columns))
            for pair, (atom, _) in zip(built, program.atoms, strict=True):
                for_, against = looking.marks(atom, reading)
                pair[0] |= place if for_ else 0
                pair[1] |= place if against else 0
    return [(for_, against) for for_, against in built]


def adverse(test: Test, vocabulary: Vocabulary) -> bool:
    """Whether meeting the test speaks against the authority: not so of protective signs, nor of "no more than"."""
    if test.indicator in vocabulary.protective:
        return False
    upward = test.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
    return upward == (vocabulary.indicators[test.indicator].adverse == "high")


class Looking:
    """One column's verdicts, each decided once however many atoms ask for it."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.decided: dict[tuple[Test, int], Verdict] = {}

    def verdict(self, test: Test, shift: int) -> Verdict:
        """What the evidence of `shift` months before the as-at date says of the test."""
        key = (test, shift)
        if key not in self.decided:
            self.decided[key] = self.column.evidence.decide(test, add_months(self.column.as_at, -shift))
        return self.decided[key]

    def marks(self, atom: Atom, reading: bool) -> Marks:
        """The atom's (for, against) in one reading of disputed evidence."""
        if atom.corroboration:
            return self._corroborated(atom, reading)
        for_by, against_by = self.sides(atom.tests[0], atom.context, reading)
        return bool(for_by), bool(against_by)

    def sides(self, test: Test, context: Context, reading: bool) -> tuple[list[Observation], list[Observation]]:
        """The observations for, and against, that the context lets count in this reading."""
        verdict = self.verdict(test, context.shift)
        for_by, against_by = verdict.for_by, verdict.against_by
        if verdict.disputed:
            holds = reading is adverse(test, self.column.evidence.vocabulary)
            for_by, against_by = (for_by, ()) if holds else ((), against_by)
        return self._counting(for_by, context), self._counting(against_by, context)

    def _counting(self, side: Sequence[Observation], context: Context) -> list[Observation]:
        as_at = add_months(self.column.as_at, -context.shift)
        if context.within is not None and not any(within(o.about, context.within, as_at) for o in side):
            return []
        return list(side) if self._tagged(side, context) else []

    def _tagged(self, side: Sequence[Observation], context: Context) -> bool:
        """Whether an event or finding, recent enough, is among them (where the context asks for one)."""
        if context.plus is None:
            return True
        return any(context.plus == ANY_AGE or within(o.about, context.plus, self.column.as_at)
                   for o in more_than_numbers(side))

    def _corroborated(self, atom: Atom, reading: bool) -> Marks:
        """Two kinds of evidence and two documents under the tests that are met, taken together."""
        plain = atom.context._replace(plus=None)
        sides = [self.sides(test, plain, reading) for test in atom.tests]
        under = [o for for_by, _ in sides for o in for_by]
        two_kinds = len({o.kind for o in under}) > 1
        two_documents = len({o.citation.source.id for o in under}) > 1
        if two_kinds and two_documents:
            return self._tagged(under, atom.context), False
        judged = all(for_by or against_by for for_by, against_by in sides)
        return False, judged and self._tagged([o for pair in sides for side in pair for o in side], atom.context)
