"""Witnesses: the smallest thing that could be given so that two versions of the rules come out differently."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.premises import Given, Premises
from engine.variants import Outcome, Version, evaluate_versions
from kb.conditions import HELD, LADDERS, Rule
from kb.fields import Fields
from kb.knowledge import Knowledge
from kb.model import State
from kb.ruletests import RuleTest, Standing, Subjects, given_in
from kb.yamltree import Entry, Mapping, Scalar, parse_tree
from kb.model import Place, Problem


class Candidate(NamedTuple):
    """Something that could be given to a rule, in words and as a test whose expectations are still to be filled in."""

    given: Given
    test: RuleTest

    @property
    def size(self) -> tuple[int, int, str]:
        """The fewest words first."""
        words = " ".join(f"{key} {text}" for key, text in self.given.items())
        return len(self.given), len(words), words


class Trying:
    """Writes candidates for the rules of a knowledge base, reading each thing that is given as a test would."""

    def __init__(self, knowledge: Knowledge, as_at: date) -> None:
        self.knowledge, self.as_at = knowledge, as_at
        self.premises, self.subjects = Premises(knowledge, as_at), Subjects.of(knowledge)
        self.read: dict[tuple[str, str], RuleTest | None] = {}

    def candidates(self, rules: Sequence[Rule], versions: Iterable[Rule], seeds: Iterable[Given]) -> list[Candidate]:
        """What the rules hold on, each with one thing left out, and with one thing otherwise; then seeds likewise."""
        bases = [{}, *(way for rule in rules for way in self.premises.holding(rule)), *seeds]
        options = self.premises.options([*rules, *versions])
        found: dict[str, Given] = {}
        for base in bases:
            for given in (base, *({k: v for k, v in base.items() if k != left} for left in base),
                          *({**base, **option} for option in options)):
                found.setdefault(str(sorted(given.items())), given)
        made = [candidate for given in found.values() if (candidate := self.candidate(given, rules)) is not None]
        return sorted(made, key=lambda one: one.size)

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


class Witness(NamedTuple):
    """A candidate and what comes of it as the rules are."""

    candidate: Candidate
    expected: Expected


def telling_apart(candidates: Sequence[Candidate], knowledge: Knowledge, rules: Sequence[Rule],
                  versions: Sequence[Version]) -> list[list[tuple[int, Expected]]]:
    """For each version the candidates (by their places) on which it and the rules as they are come out differently."""
    outcome = evaluate_versions([one.test for one in candidates], knowledge, versions)
    heads = sorted({(rule.head.kind, rule.head.id) for rule in rules})
    last = len(versions)
    found: list[list[tuple[int, Expected]]] = []
    stood = {head: _stood(head, outcome) for head in heads}
    held = {rule.id: outcome.holds(rule.id) for rule in rules}
    for number, version in enumerate(versions):
        told: dict[int, Expected] = {}
        touched = {(rule.head.kind, rule.head.id) for rule in version}
        for head in (h for h in heads if h in touched):
            now = [outcome.blocks.block(plane, last) for plane in stood[head]]
            then = [outcome.blocks.block(plane, number) for plane in stood[head]]
            differ = 0
            for a, b in zip(now, then, strict=True):
                differ |= a ^ b
            for at in _bits(differ):
                told.setdefault(at, Expected(_standing(head, now, at)))
        for rule in version:
            if rule.id in held and rule.head.kind != "signature":
                now_holds = outcome.blocks.block(held[rule.id], last)
                for at in _bits(now_holds ^ outcome.blocks.block(held[rule.id], number)):
                    if at not in told:
                        head = (rule.head.kind, rule.head.id)
                        now = [outcome.blocks.block(plane, last) for plane in stood[head]]
                        by = {"because": rule.id} if now_holds >> at & 1 else {"not_because": rule.id}
                        told[at] = Expected(_standing(head, now, at), **by)
        found.append(sorted(told.items()))
    return found


def _stood(head: tuple[str, str], outcome: Outcome) -> list[int]:
    """The tests in which something is in each state at its lowest level, and present at each level above."""
    program, (kind, id) = outcome.versions.program, head
    states = [outcome.states(program.head(kind, id, level)) for level in LADDERS[kind]]
    return [*(states[0][state] for state in State), *(above[State.PRESENT] for above in states[1:])]


def _standing(head: tuple[str, str], planes: Sequence[int], at: int) -> Standing:
    kind, id = head
    state = next(state for state, plane in zip(State, planes, strict=False) if plane >> at & 1)
    above = [level for level, plane in zip(LADDERS[kind][1:], planes[len(State):], strict=True) if plane >> at & 1]
    level = [LADDERS[kind][0], *above][-1] if LADDERS[kind] != HELD and state is State.PRESENT else ""
    return Standing(kind, id, state, level)


def _bits(plane: int) -> list[int]:
    return [at for at in range(plane.bit_length()) if plane >> at & 1]
