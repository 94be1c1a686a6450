"""Premises in many states at once: what could be given so that two versions of a rule come out differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from engine.bits import NOTHING, Forced
from engine.premises import Given, Premises
from engine.program import Atom, Program
from engine.variants import Trial, Versions
from kb.conditions import HELD, LADDERS, HeadIs, ProtectiveIs, Rule, Test, TestIs, conditions_of
from kb.model import State

COLUMNS = 1 << 13
"""So many combinations are drawn at once, always the same ones: from hardly anything given to nearly all."""
DENSITIES = 8


class Choice(NamedTuple):
    """One way in which a premise could be given, in words, and the marks that this gives: `level` "" is not found."""

    words: Given
    level: str


class Premise(NamedTuple):
    """Something that a rule asks for (a signature or conclusion, or a test), with the ways in which it could stand."""

    asked: tuple[str, str] | Test
    choices: tuple[Choice, ...]


def premises_of(rules: Sequence[Rule], premises: Premises) -> tuple[Premise, ...]:
    """What some rules ask for, each once."""
    found: dict[object, Premise] = {}
    for condition in (c for rule in rules for c in conditions_of(rule)):
        match condition:
            case HeadIs():
                asked = condition.kind, condition.id
                levels = premises.levels(condition)
                found[asked] = Premise(asked, (Choice({condition.id: State.NOT_FOUND.value}, ""),
                                               *(Choice({condition.id: level}, level) for level in levels)))
            case ProtectiveIs():
                words = ("yes", HELD[0]), ("no", "")
                found[condition.test] = Premise(condition.test, tuple(Choice({condition.id: w}, m) for w, m in words))
            case TestIs():
                ways = [(next(premises.met(condition.test, None, met), None), met) for met in (True, False)]
                choices = (Choice(way, HELD[0] if met else "") for way, met in ways if way is not None)
                found[condition.test] = Premise(condition.test, tuple(choices))
    return tuple(found.values())


class Drawn:
    """Columns in which each premise is left alone or given in one of its ways."""

    def __init__(self, premises: Sequence[Premise]) -> None:
        self.premises = [premise for premise in premises if premise.choices]
        draws = Random(0)
        self.columns: list[list[int]] = []
        for premise in self.premises:
            ways = len(premise.choices)
            each = [int(draws.random() * ways) if draws.random() * DENSITIES < column % DENSITIES + 0.5 else -1
                    for column in range(COLUMNS)]
            self.columns.append(each)

    def given(self, column: int) -> Given:
        """What one column gives, in words."""
        found: Given = {}
        for premise, each in zip(self.premises, self.columns, strict=True):
            if each[column] >= 0:
                found |= premise.choices[each[column]].words
        return found

    def trial(self, premises: Premises, versions: Versions, heads: set[tuple[str, str]]) -> Trial:
        """Every column evaluated; `heads`: what the rules conclude, which they may raise above what is given of it."""
        forced: dict[int, Forced] = {}
        for premise, each in zip(self.premises, self.columns, strict=True):
            for level, node in _nodes(premise.asked, versions.program):
                forced[node] = _marks(premise, each, level, premise.asked in heads)
        atoms = [NOTHING] * len(versions.program.atoms)
        return Trial(premises.knowledge, versions, atoms, forced, COLUMNS)


def _nodes(asked: tuple[str, str] | Test, program: Program) -> Iterator[tuple[str, int]]:
    """Where something stands in the program, at each of its levels and however it is looked at."""
    if isinstance(asked, Test):
        yield from ((HELD[0], node) for atom, node in program.atoms
                    if isinstance(atom, Atom) and atom.tests == (asked,) and not atom.corroboration)
    else:
        yield from ((head.level, node) for head, node in program.heads.items() if (head.kind, head.id) == asked)


def _marks(premise: Premise, each: Sequence[int], level: str, own: bool) -> Forced:
    """The marks of one level in every column, the same in both readings."""
    ladder = HELD if isinstance(premise.asked, Test) else LADDERS[premise.asked[0]]
    kept, for_, against = 0, 0, 0
    planes = [0] * len(premise.choices)
    for column, chosen in enumerate(each):
        if chosen >= 0:
            planes[chosen] |= 1 << column
    for choice, plane in zip(premise.choices, planes, strict=True):
        reaches = bool(choice.level) and ladder.index(level) <= ladder.index(choice.level)
        if own and choice.level and not reaches:
            continue
        kept |= plane
        for_ |= plane if reaches else 0
        against |= 0 if choice.level else plane
    return Forced(*(mark | mark << COLUMNS for mark in (kept, for_, against)))
