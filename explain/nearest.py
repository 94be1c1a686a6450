"""The nearest unmet premises: which rules could still hold, and how few unknown answers each waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.bits import Plane, evaluate
from engine.program import Atom, Node, Op
from kb.conditions import Rule, Test
from kb.model import Kind, State

BOTH = 0b11
"""A mark in both readings of disputed evidence."""


class Waiting(NamedTuple):
    """A rule that does not hold yet: the unknown tests (as looked at) of one shortest way to complete it."""

    rule: Rule
    missing: tuple[Atom, ...]
    held: int


def waiting(assessment: Assessment, kinds: Sequence[str] = ("mechanism", "picture")) -> tuple[Waiting, ...]:
    """The rules of these kinds that unknown answers alone could complete, the fewest answers first, one a conclusion.

    Rules of which something already holds come before those of which nothing does.
    """
    reach = _Reach(assessment)
    found = []
    for rule in assessment.knowledge.in_force:
        index = assessment.program.rules[rule.id]
        missing, held = reach.missing(index), reach.held(index)
        given = assessment.head_state(rule.head.kind, rule.head.id) is State.PRESENT
        if rule.head.kind in kinds and missing and not given:
            found.append(Waiting(rule, missing, held))
    found = [w for w, holds in zip(found, _would_hold(assessment, found), strict=True) if holds]
    ordered = sorted(found, key=lambda w: (not w.held, len(w.missing), -w.held, w.rule.id))
    nearest = {(w.rule.head.kind, w.rule.head.id): w for w in reversed(ordered)}
    return tuple(w for w in ordered if nearest[(w.rule.head.kind, w.rule.head.id)] is w)


def _would_hold(assessment: Assessment, found: Sequence[Waiting]) -> list[bool]:
    """For each rule, whether it would be present if the answers it waits for were so: all in one wide evaluation."""
    width = len(found)
    full = (1 << width) - 1
    planes = []
    for atom, index in assessment.program.atoms:
        asked = sum((1 << i | 1 << (i + width)) for i, w in enumerate(found) if atom in w.missing)
        for_, against = (_spread(mark, full, width) for mark in assessment.model[index])
        planes.append((for_ | asked, against & ~asked))
    model = evaluate(assessment.program, planes, 2 * width)
    marks = [(model[assessment.program.rules[w.rule.id]], 1 << i | 1 << (i + width)) for i, w in enumerate(found)]
    return [for_ & both == both and not against & both for (for_, against), both in marks]


def _spread(mark: int, full: int, width: int) -> int:
    """One case's mark in both readings, on every column."""
    return (full if mark & 1 else 0) | ((full << width) if mark >> 1 & 1 else 0)


class _Reach:
    """Folds over the program: what is missing for a node to be for, and how many of its tests are met."""

    def __init__(self, assessment: Assessment) -> None:
        self.nodes = assessment.program.nodes
        indicators = assessment.knowledge.vocabulary.indicators
        self.numbers = {id: indicator.kind is Kind.STATISTIC for id, indicator in indicators.items()}
        self.model = assessment.model
        self.sets: dict[int, frozenset[Atom] | None] = {}
        self.met: dict[int, frozenset[Test]] = {}

    def missing(self, index: int) -> tuple[Atom, ...] | None:
        """The unknown tests of a shortest way to make the node hold; None where there is no way."""
        found = self._missing(index)
        return None if found is None else tuple(sorted(found, key=str))

    def held(self, index: int) -> int:
        """How many different tests below the node are met."""
        return len(self._held(index))

    def _missing(self, index: int) -> frozenset[Atom] | None:
        if index not in self.sets:
            self.sets[index] = self._work_out(self.nodes[index], self.model[index])
        return self.sets[index]

    def _work_out(self, node: Node, plane: Plane) -> frozenset[Atom] | None:
        if plane[0] == BOTH:
            return frozenset()
        match node.op:
            case Op.ATOM:
                return self._ask(node, plane)
            case Op.ALL:
                return _union([self._missing(a) for a in node.args])
            case Op.ANY:
                return _fewest([self._missing(a) for a in node.args])
            case Op.HEAD:
                return _fewest([self._missing(a) for a in node.args[:node.k]])
            case Op.COUNT:
                ways = sorted((s for a in node.args if (s := self._missing(a)) is not None), key=_size)
                return _union(list(ways[:node.k])) if len(ways) >= node.k else None
            case Op.UNLESS:
                defeated = any(self.model[a][0] for a in node.args[1:])
                return None if defeated else self._missing(node.args[0])
            case Op.JUDGED:
                return self._missing(node.args[0])
            case _:
                return None

    def _ask(self, node: Node, plane: Plane) -> frozenset[Atom] | None:
        """An unknown test, if an answer to it could help: a number can never be more than a number."""
        atom = node.origin
        if not isinstance(atom, Atom) or atom.corroboration or plane != (0, 0):
            return None
        useless = node.context.plus is not None and self.numbers[atom.tests[0].indicator]
        return None if useless else frozenset([atom])

    def _held(self, index: int) -> frozenset[Test]:
        if index not in self.met:
            node = self.nodes[index]
            below = node.args[:1] if node.op is Op.UNLESS else node.args
            here = frozenset[Test]()
            if isinstance(node.origin, Atom) and self.model[index][0] == BOTH:
                here = frozenset(node.origin.tests)
            self.met[index] = here.union(*(self._held(a) for a in below))
        return self.met[index]


def _size(tests: frozenset[Atom]) -> tuple[int, list[str]]:
    return len(tests), sorted(map(str, tests))


def _union(sets: list[frozenset[Atom] | None]) -> frozenset[Atom] | None:
    known = [s for s in sets if s is not None]
    return frozenset[Atom]().union(*known) if len(known) == len(sets) else None


def _fewest(sets: list[frozenset[Atom] | None]) -> frozenset[Atom] | None:
    return min((s for s in sets if s is not None), key=_size, default=None)
