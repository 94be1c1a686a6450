"""What may be supposed of what rules look at: that nothing is known of it, or that tests come out otherwise.

Each is what `what-if` makes of the same words: one `--set` or `--unset`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.evidence import Evidence
from engine.planes import Column, Looking
from engine.premises import Premises
from engine.unknowns import Subject, by_subject
from explain import words
from explain.whatif import Supposed
from kb.conditions import Test
from kb.dossier import Observation
from kb.model import State
from kb.suppositions import Supposition, read_supposition, suppose

UNSET = "not known: taken away"


class Option(NamedTuple):
    """One thing that may be supposed, in words: what comes and goes by it, and the evidence as it would then be.

    `asked`: the words of the command, after `--set` or `--unset`; "" where it has none.
    """

    words: str
    asked: str
    supposed: Supposed
    looking: Looking


class Switch(NamedTuple):
    """One thing that rules look at (an indicator, of one area where it is of areas), with all that may be supposed."""

    indicator: str
    of: str
    title: str
    held: str
    tests: tuple[Test, ...]
    options: tuple[Option, ...]


def switches(assessment: Assessment) -> tuple[Switch, ...]:
    """A switch for everything that the rules in force look at, in the order of the indicators' ids."""
    telling = _Switches(assessment)
    found = (telling.switch(subject, tests) for subject, tests in by_subject(assessment, context=True).items())
    return tuple(switch for switch in found if switch.options)


class _Switches:
    def __init__(self, assessment: Assessment) -> None:
        self.it, self.vocabulary = assessment, assessment.knowledge.vocabulary
        held = assessment.looking.column.evidence.by_indicator
        self.held = [o for id in sorted(held) for o in held[id]]
        self.premises = Premises(assessment.knowledge, assessment.as_at)

    def switch(self, subject: Subject, tests: Sequence[Test]) -> Switch:
        """One switch; of several tests those values are offered that some test tells apart."""
        id, of = subject
        indicator = self.vocabulary.indicators[id]
        area = words.several([word for _, word in of])
        verdicts = [self.it.looking.verdict(test, 0) for test in tests]
        told = next((words.both_sides(verdict, indicator) for verdict in verdicts
                     if verdict.for_by or verdict.against_by), words.STATE_WORDS[State.NOT_KNOWN])
        title = words.measured(tests[0]._replace(rise_over=None), indicator)
        return Switch(id, area, title, told, tuple(tests), tuple(self.options(subject, area, tests)))

    def options(self, subject: Subject, area: str, tests: Sequence[Test]) -> Iterator[Option]:
        """Nothing known of it, where something is; then one value for each way in which its tests could come out."""
        id, of = subject
        seen = {self.outcome(tests, self.it.looking)}
        mine = {o: None for o in self.held if o.indicator == id and set(of) <= set(o.of)}
        gone = [o for o in mine if o.known <= self.it.as_at]
        if gone:
            without = [o for o in self.held if o not in mine]
            yield self.option(UNSET, "" if of else id, Supposed(gone=gone), without, id)
        for asked in dict.fromkeys(self.asked(subject, area, tests)):
            supposition, problems = read_supposition([asked], [], self.it.knowledge, self.it.as_at)
            if not problems:
                option = self.supposed(asked, supposition, id, tests)
                outcome = self.outcome(tests, option.looking)
                if outcome not in seen:
                    seen.add(outcome)
                    yield option

    def asked(self, subject: Subject, area: str, tests: Sequence[Test]) -> Iterator[str]:
        """Values by which each test is not met, then met, as one would write them after `--set`."""
        name = f"{subject[0]}:{area}" if area else subject[0]
        for met in (False, True):
            for test in (test for test in tests if test.rise_over is None):
                for given in self.premises.met(test._replace(of=()), None, met):
                    yield from (f"{name}={value}" for value in given.values())

    def supposed(self, asked: str, supposition: Supposition, id: str, tests: Sequence[Test]) -> Option:
        """One value that is supposed, with how many of the tests it meets."""
        indicator = self.vocabulary.indicators[id]
        after, gone = suppose(self.held, supposition, self.vocabulary)
        what = Supposed(added=supposition.added, gone=[o for o in gone if o.known <= self.it.as_at])
        option = self.option("", asked, what, after, id)
        met = sum(bool(option.looking.verdict(test, 0).for_by) for test in tests)
        told = words.summed(supposition.added, indicator)
        count = ("met" if met else "not met") if len(tests) == 1 else f"{met} of {len(tests)} tests met"
        return option._replace(words=f"{told} ({count})")

    def option(self, told: str, asked: str, what: Supposed, after: Sequence[Observation], id: str) -> Option:
        evidence = Evidence.of(after, self.vocabulary)
        return Option(told, asked, what, Looking(Column(evidence, self.it.as_at), self.it.looking, {id}))

    def outcome(self, tests: Sequence[Test], looking: Looking) -> tuple[tuple[bool, bool], ...]:
        """How each test comes out."""
        verdicts = [looking.verdict(test, 0) for test in tests]
        return tuple((bool(verdict.for_by), bool(verdict.against_by)) for verdict in verdicts)
