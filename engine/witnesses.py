"""Witnesses: the smallest thing that could be given so that two versions of the rules come out differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple

from engine.drawn import Drawn, premises_of
from engine.premises import Given, Premises
from engine.variants import Trial, Version, bits, compile_versions
from kb.conditions import HELD, LADDERS, Rule
from kb.fields import Fields
from kb.knowledge import Knowledge
from kb.model import Problem, State
from kb.ruletests import RuleTest, Standing, Subjects, given_in
from kb.yamltree import Mapping, parse_tree

MANY, TRIED, MOST = 6, 2, 1200
"""So many rules at most are tried together, so many of the columns drawn, and so many of the candidates written."""


class Candidate(NamedTuple):
    """Something that could be given to a rule, in words and as a test whose expectations are still to be filled in."""

    given: Given
    test: RuleTest

    @property
    def size(self) -> tuple[int, int, str]:
        """The fewest words first."""
        words = " ".join(f"{key} {text}" for key, text in self.given.items())
        return len(self.given), len(words), words


def usual_day(tests: Sequence[RuleTest], knowledge: Knowledge) -> date:
    """The day that most tests are as at; without tests, the day on which the latest figures became public."""
    days = Counter(test.as_at for test in tests)
    if days:
        return max(days, key=lambda day: (days[day], day))
    return max((year.known for year in knowledge.vocabulary.years.values()), default=date(2000, 1, 1))


class Trying:
    """Writes candidates for the rules of a knowledge base, reading each thing that is given as a test would."""

    def __init__(self, knowledge: Knowledge, as_at: date) -> None:
        self.knowledge, self.as_at = knowledge, as_at
        self.premises, self.subjects = Premises(knowledge, as_at), Subjects.of(knowledge)
        self.read: dict[tuple[str, str], RuleTest | None] = {}

    def candidates(self, rules: Sequence[Rule], versions: Iterable[Rule]) -> list[Candidate]:
        """What the rules hold on, each with one thing left out, and with one thing otherwise."""
        bases = [{}, *(way for rule in rules for way in self.premises.holding(rule))]
        options = self.premises.options([*rules, *versions])
        found: dict[str, Given] = {}
        for base in bases:
            for given in (base, *({k: v for k, v in base.items() if k != left} for left in base),
                          *({**base, **option} for option in options)):
                found.setdefault(str(sorted(given.items())), given)
        made = [candidate for given in found.values() if (candidate := self.candidate(given, rules)) is not None]
        return sorted(made, key=lambda one: one.size)[:MOST]

    def candidate(self, given: Given, rules: Sequence[Rule]) -> Candidate | None:
        """One candidate, or None where something given cannot be read."""
        parts = [self._part(key, text) for key, text in given.items()]
        heads = {(rule.head.kind, rule.head.id) for rule in rules}
        if any(part is None for part in parts):
            return None
        expect = tuple(Standing(kind, id, State.NOT_KNOWN) for kind, id in sorted(heads))
        told = [part for part in parts if part is not None]
        return Candidate(given, RuleTest("", rules[0].id, self.as_at, tuple(s for p in told for s in p.given),
                                         tuple(o for p in told for o in p.observations), expect))

    def _part(self, key: str, text: str) -> RuleTest | None:
        if (key, text) not in self.read:
            self.read[key, text] = self._read(key, text)
        return self.read[key, text]

    def _read(self, key: str, text: str) -> RuleTest | None:
        problems: list[Problem] = []
        lines = "\n" * len(self.read)  # what is given apart stands in documents apart, told apart by their lines
        tree, wrong, _ = parse_tree(f"{lines}given: {{{key}: {text}}}", "what is given")
        if wrong or not isinstance(tree, Mapping):
            return None
        given, observations = given_in(Fields(tree, problems, what="test"), self.subjects, self.as_at)
        return None if problems else RuleTest("", "", self.as_at, given, observations)


class Expected(NamedTuple):
    """What a test would say of the rules as they are: how something stands, and whether a rule holds ("" says none)."""

    standing: Standing
    because: str = ""
    not_because: str = ""


Found = tuple[Candidate, Expected]


class Witness(NamedTuple):
    """What could be given so that a version comes out differently, and what a test expects of the rules as they are."""

    given: Given
    as_at: date
    rule: str
    expected: Expected


def witnesses(trying: Trying, versions: Sequence[Version]) -> list[Witness | None]:
    """For each version of some rules the smallest thing found that tells it from the rules as they are."""
    now = {rule.id: rule for rule in trying.knowledge.in_force}
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, version in enumerate(versions):
        groups.setdefault(tuple(sorted({rule.head.id for rule in version})), []).append(number)
    found: list[Witness | None] = [None] * len(versions)
    for numbers in groups.values():
        some = [versions[number] for number in numbers]
        rules = [now[id] for id in sorted({rule.id for version in some for rule in version})][:MANY]
        for number, witness in zip(numbers, _of_group(trying, rules, some), strict=True):
            found[number] = witness
    return found


def _of_group(trying: Trying, rules: Sequence[Rule], some: Sequence[Version]) -> list[Witness | None]:
    """Of versions of the same rules: what the rules ask for one at a time, and then many states at once."""
    made = compile_versions(trying.knowledge.in_force, some)
    candidates = trying.candidates(rules, [rule for version in some for rule in version])
    trial = Trial.of([one.test for one in candidates], trying.knowledge, made)
    found = [next(((candidates[at], expected) for at, expected in sorted(telling_apart(trial, n, version))), None)
             for n, version in enumerate(some)]
    if None in found:
        asked = premises_of([*rules, *(rule for version in some for rule in version)], trying.premises)
        drawn = Drawn(asked)
        wide = drawn.trial(trying.premises, made, {(rule.head.kind, rule.head.id) for rule in rules})
        for n, version in enumerate(some):
            if found[n] is None:
                found[n] = _drawn(trying, rules, drawn, wide, n, version)
    return [None if one is None else _witness(trying, one, version) for one, version in zip(found, some, strict=True)]


def _witness(trying: Trying, found: Found, version: Version) -> Witness:
    candidate, expected = found
    of = [rule for rule in version if (rule.head.kind, rule.head.id) == (expected.standing.kind, expected.standing.id)]
    signature = expected.standing.kind == "signature"
    rule = expected.standing.id if signature else expected.because or expected.not_because or of[0].id
    return Witness(candidate.given, trying.as_at, rule, expected)


def _drawn(trying: Trying, rules: Sequence[Rule], drawn: Drawn, wide: Trial, number: int, version: Version,
           ) -> Found | None:
    """The smallest of the columns drawn, each thing given left out that can be."""
    told = [at for at, _ in telling_apart(wide, number, version)]
    for given in sorted((drawn.given(at) for at in told), key=len)[:TRIED]:
        best = _differs(trying, rules, [given], version)
        while best is not None:
            shorter = [{k: v for k, v in best[0].given.items() if k != left} for left in best[0].given]
            less = _differs(trying, rules, shorter, version)
            if less is None:
                return best
            best = less
    return None


def _differs(trying: Trying, rules: Sequence[Rule], some: Sequence[Given], version: Version) -> Found | None:
    """The first of some things given on which a version comes out differently."""
    candidates = [one for given in some if (one := trying.candidate(given, rules)) is not None]
    trial = Trial.of([one.test for one in candidates], trying.knowledge,
                     compile_versions(trying.knowledge.in_force, [version]))
    return next(((candidates[at], expected) for at, expected in sorted(telling_apart(trial, 0, version))), None)


def telling_apart(trial: Trial, number: int, changed: Version) -> Iterator[tuple[int, Expected]]:
    """The tests of a trial in which a version and the rules as they are come out differently, and what to expect."""
    usual, view = trial.usual(), trial.version(number)
    told = set[int]()
    for head in sorted({(rule.head.kind, rule.head.id) for rule in changed}):
        now, then = usual.stands(*head), view.stands(*head)
        for at in bits(reduce(or_, (a ^ b for a, b in zip(now, then, strict=True)))):
            if at not in told:
                told.add(at)
                yield at, Expected(standing_of(head, now, at))
    for rule in (r for r in changed if r.head.kind != "signature"):
        now = usual.stands(rule.head.kind, rule.head.id)
        holds = usual.holds(rule.id)
        for at in bits(holds ^ view.holds(rule.id)):
            if at not in told:
                told.add(at)
                standing = standing_of((rule.head.kind, rule.head.id), now, at)
                named = {"because": rule.id} if holds >> at & 1 else {"not_because": rule.id}
                yield at, Expected(standing, **named)


def standing_of(head: tuple[str, str], planes: Sequence[int], at: int) -> Standing:
    """How something stands in one test, of the planes that `View.stands` gives."""
    kind, id = head
    state = next(state for state, plane in zip(State, planes, strict=False) if plane >> at & 1)
    above = [level for level, plane in zip(LADDERS[kind][1:], planes[len(State):], strict=True) if plane >> at & 1]
    level = [LADDERS[kind][0], *above][-1] if LADDERS[kind] != HELD and state is State.PRESENT else ""
    return Standing(kind, id, state, level)
