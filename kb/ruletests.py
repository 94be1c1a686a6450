"""Tests of rules, written beside the rules: what is given, and what is expected to follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kb.conditions import DEFAULT_LEVEL, HELD, LADDERS
from kb.dossier import Observation
from kb.fields import Fields
from kb.givenevidence import Evidence, observed
from kb.keeping import Keep, made_anew
from kb.knowledge import Knowledge
from kb.model import NOWHERE, Place, Problem, State
from kb.problems import Code, did_you_mean, shown, sorted_problems
from kb.rulefiles import TESTS_FOLDER
from kb.yamltree import Entry, Mapping, read_tree

PROTECTIVE = "protective"
ANSWERS = {"yes": State.PRESENT, "no": State.NOT_FOUND}


class Standing(NamedTuple):
    """How a signature or conclusion stands, as given or as expected; `level`: how high, where that is said.

    Of kind PROTECTIVE: a protective sign that is shown by the test of another indicator, shown or not.
    """

    kind: str
    id: str
    state: State
    level: str = ""
    place: Place = NOWHERE


class RuleTest(NamedTuple):
    """One test of one rule (or signature): what is given at a date, what is expected, and which rules are to hold."""

    name: str
    rule: str
    as_at: date
    given: tuple[Standing, ...] = ()
    observations: tuple[Observation, ...] = ()
    expect: tuple[Standing, ...] = ()
    because: tuple[str, ...] = ()
    not_because: tuple[str, ...] = ()
    place: Place = NOWHERE


class Subjects(NamedTuple):
    """What tests may speak of: signatures and conclusions with their kinds, what each rule concludes, and levels."""

    knowledge: Knowledge
    heads: Table[str, str]
    concluded: Table[str, str]
    reach: Table[tuple[str, str], int]

    @staticmethod
    def of(knowledge: Knowledge) -> Subjects:
        """Everything that the vocabulary and the rules name; a signature's tests stand under its code."""
        signatures = dict.fromkeys(knowledge.vocabulary.signatures, "signature")
        heads = {rule.head.id: rule.head.kind for rule in knowledge.rules} | signatures
        concluded = {id: id for id in signatures} | {rule.id: rule.head.id for rule in knowledge.rules}
        reach = dict[tuple[str, str], int]()
        for head in (rule.head for rule in knowledge.in_force if rule.head.found):
            at = LADDERS[head.kind].index(head.level)
            reach[head.kind, head.id] = max(at, reach.get((head.kind, head.id), at))
        return Subjects(knowledge, heads, concluded, reach)

    def named(self) -> bytes:
        """All of it but the vocabulary, as bytes."""
        return repr([sorted(told.items()) for told in (self.heads, self.concluded, self.reach)]).encode()


def read_rule_tests(folder: Path, knowledge: Knowledge, keep: Keep = made_anew,
                    ) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
    """The tests beside the rules of a folder, in the order of their files and lines, and every problem in them.

    `keep`: where what is read of a file may be kept; what tests may speak of is added to what it rests on.
    """
    subjects, found, problems = Subjects.of(knowledge), list[RuleTest](), list[Problem]()
    inside = folder / TESTS_FOLDER
    for path in sorted(inside.rglob("*.yaml")) + sorted(inside.rglob("*.yml")):
        name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        rests_on = (part() for part in (name.encode, path.read_bytes, subjects.named))
        tests, wrong = keep(rests_on, partial(_read, path, name, subjects))
        found += tests
        problems += wrong
    _twice(found, problems)
    return tuple(found), sorted_problems(problems)


def _read(path: Path, name: str, subjects: Subjects) -> tuple[list[RuleTest], list[Problem]]:
    """The tests of one file, and its problems."""
    tree, wrong, repaired = read_tree(path, name)
    problems = list(wrong)
    if isinstance(tree, Mapping):
        return _file(Fields(tree, problems, repaired=repaired, what="file of tests"), subjects, problems), problems
    if tree is not None:
        problems.append(Problem(tree.place, Code.WRONG_SHAPE, "a file of tests begins with `tests:`",
                                "write tests: and below it a list, each with test:, rule:, given: and expect:"))
    return [], problems


def _file(fields: Fields, subjects: Subjects, problems: list[Problem]) -> list[RuleTest]:
    as_at = fields.day("as_at")
    trees = fields.mappings("tests", required=True)
    fields.finish()
    read = (_test(fields.inner(tree, "test"), subjects, as_at, problems) for tree in trees)
    return [test for test in read if test is not None]


def _test(fields: Fields, subjects: Subjects, file_day: date | None, problems: list[Problem]) -> RuleTest | None:
    before = len(problems)
    name = fields.text("test", required=True)
    rule = fields.reference("rule", subjects.concluded, "rule", required=True)
    as_at = fields.day("as_at", file_day, required=file_day is None)
    given, observations = given_in(fields, subjects, as_at)
    expect = _expected(fields, subjects)
    because = fields.references("because", subjects.concluded, "rule")
    not_because = fields.references("not_because", subjects.concluded, "rule")
    fields.finish()
    if len(problems) > before or not (name and rule and expect) or as_at is None:
        return None
    test = RuleTest(name, rule, as_at, given, observations, expect, because, not_because, fields.place_of("test"))
    _to_the_point(test, fields, subjects)
    return test


def given_in(fields: Fields, subjects: Subjects, as_at: date | None,
           ) -> tuple[tuple[Standing, ...], tuple[Observation, ...]]:
    """What a test gives: how signatures and conclusions stand, and observations with the dates that go unsaid."""
    tree = fields.mapping("given")
    standings, observations = list[Standing](), list[Observation]()
    if tree is not None:
        inner = fields.inner(tree, "given")
        evidence = Evidence(subjects.knowledge.vocabulary, as_at or date.max)
        for entry in tree.entries:
            standings += _given_standing(entry, inner, subjects)
            if _is_observed(entry, subjects):
                observations += observed(entry, inner, evidence)
        inner.finish()
    return tuple(standings), tuple(observations)


def _given_standing(entry: Entry, fields: Fields, subjects: Subjects) -> Iterator[Standing]:
    id, vocabulary = entry.key.text, subjects.knowledge.vocabulary
    if id in subjects.heads:
        found = _standing(entry, fields, subjects)
        if found is not None:
            assumed = DEFAULT_LEVEL[found.kind] if found.state in (State.PRESENT, State.CONTESTED) else ""
            yield found._replace(level=found.level or assumed)
    elif id in vocabulary.protective and id not in vocabulary.indicators:
        answer = fields.choice(id, tuple(ANSWERS), required=True)
        if answer:
            yield Standing(PROTECTIVE, id, ANSWERS[answer], HELD[0], entry.key.place)
    elif id not in vocabulary.indicators:
        fields.tree(id)
        known = (*subjects.heads, *vocabulary.indicators, *vocabulary.protective)
        fields.report(entry.key.place, Code.UNKNOWN_ID, f"nothing that can be given is called {shown(id)}",
                      did_you_mean(id, known) or "give a signature, a conclusion, an indicator or a protective sign")


def _is_observed(entry: Entry, subjects: Subjects) -> bool:
    return entry.key.text in subjects.knowledge.vocabulary.indicators and entry.key.text not in subjects.heads


def _expected(fields: Fields, subjects: Subjects) -> tuple[Standing, ...]:
    """How signatures and conclusions are expected to stand."""
    tree = fields.mapping("expect", required=True)
    if tree is None:
        return ()
    inner, found = fields.inner(tree, "expect"), list[Standing | None]()
    for entry in tree.entries:
        if entry.key.text in subjects.heads:
            found.append(_standing(entry, inner, subjects))
        else:
            inner.tree(entry.key.text)
            inner.report(entry.key.place, Code.UNKNOWN_ID,
                         f"there is no signature or conclusion {shown(entry.key.text)}",
                         did_you_mean(entry.key.text, subjects.heads) or "name what some rule concludes")
    inner.finish()
    return tuple(standing for standing in found if standing is not None)


def _standing(entry: Entry, fields: Fields, subjects: Subjects) -> Standing | None:
    """A state, or a level at which it is present, which some rule in force must give."""
    id, kind = entry.key.text, subjects.heads[entry.key.text]
    ladder = LADDERS[kind] if LADDERS[kind] != HELD else ()
    word = fields.choice(id, (*(state.value for state in State), *ladder), required=True)
    if not word:
        return None
    if word not in ladder:
        return Standing(kind, id, State(word), "", entry.key.place)
    if ladder.index(word) > subjects.reach.get((kind, id), -1):
        fields.report(fields.place_of(id), Code.POINTS_AT_NOTHING, f"no rule in force gives {id} at {word}",
                      "write a level that is given, or put a rule in force")
    return Standing(kind, id, State.PRESENT, word, entry.key.place)


def _to_the_point(test: RuleTest, fields: Fields, subjects: Subjects) -> None:
    """A test says something of the rule that it counts for, and asks nothing of a rule both ways."""
    head, named = subjects.concluded[test.rule], (*test.because, *test.not_because)
    if head not in {standing.id for standing in test.expect} and test.rule not in named:
        fields.report(fields.place_of("rule"), Code.MISSING_KEY, f"this test says nothing of {test.rule}",
                      f"expect {head}, or name the rule under because or not_because")
    for both in sorted(set(test.because) & set(test.not_because)):
        fields.report(fields.place_of("not_because"), Code.TWICE, f"{both} is to hold, and not to hold",
                      "keep it under because, or under not_because")


def _twice(tests: list[RuleTest], problems: list[Problem]) -> None:
    """Two tests of one rule have two names, or nobody could tell which of them differs."""
    first: dict[tuple[str, str], RuleTest] = {}
    for test in tests:
        other = first.setdefault((test.rule, test.name), test)
        if other is not test:
            problems.append(Problem(test.place, Code.DUPLICATE_ID,
                                    f"{test.rule} already has a test called {shown(test.name)}",
                                    f"the first is at {other.place}; give one of them another name"))
