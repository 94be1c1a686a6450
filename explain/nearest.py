"""The nearest unmet premises: which rules could still hold, and how few unknown answers each waits for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from engine.assess import Assessment
from engine.bits import Plane, evaluate
from engine.planes import BOTH, repeated
from engine.program import Atom, Node, Op, Program
from engine.proofs import gathered
from kb.conditions import Rule, Test
from kb.model import Kind, State

Asks = frozenset[int]


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
    for rule in (r for r in assessment.knowledge.in_force if r.head.kind in kinds):
        index = assessment.program.rules[rule.id]
        missing = reach.missing(index)
        if missing and assessment.head_state(rule.head.kind, rule.head.id) is not State.PRESENT:
            found.append(Waiting(rule, missing, reach.held(index)))
    found = [w for w, holds in zip(found, _would_hold(assessment, found), strict=True) if holds]
    ordered = sorted(found, key=lambda w: (not w.held, len(w.missing), -w.held, w.rule.id))
    nearest = {(w.rule.head.kind, w.rule.head.id): w for w in reversed(ordered)}
    return tuple(w for w in ordered if nearest[(w.rule.head.kind, w.rule.head.id)] is w)


def _would_hold(assessment: Assessment, found: Sequence[Waiting]) -> list[bool]:
    """For each rule, whether it would be present if the answers it waits for were so: all in one wide evaluation."""
    width = len(found)
    asked: dict[Atom, int] = {}
    for i, waits in enumerate(found):
        for atom in waits.missing:
            asked[atom] = asked.get(atom, 0) | 1 << i | 1 << (i + width)
    planes = []
    for atom, index in assessment.program.atoms:
        for_, against = repeated(assessment.model[index], width)
        also = asked.get(atom, 0)
        planes.append((for_ | also, against & ~also))
    model = evaluate(assessment.program, planes, 2 * width)
    marks = [(model[assessment.program.rules[w.rule.id]], 1 << i | 1 << (i + width)) for i, w in enumerate(found)]
    return [for_ & both == both and not against & both for (for_, against), both in marks]


class _Reach:
    """Folds over the program: what is missing for a node to be for, and how many of its tests are met.

    Sets hold the places of atoms in the order of their words, so that the smallest of several does not depend on
    anything but words.
    """

    def __init__(self, assessment: Assessment) -> None:
        self.nodes = assessment.program.nodes
        indicators = assessment.knowledge.vocabulary.indicators
        self.numbers = {id: indicator.kind is Kind.STATISTIC for id, indicator in indicators.items()}
        self.model = assessment.model
        pairs = list(zip(assessment.program.by_words, assessment.program.atoms, strict=True))
        self.atoms = {place: atom for place, (atom, _) in pairs}
        self.place = {index: place for place, (_, index) in pairs}
        self.sets: dict[int, Asks | None] = {}
        self.met = self._met(assessment.program)

    def missing(self, index: int) -> tuple[Atom, ...] | None:
        """The unknown tests of a shortest way to make the node hold; None where there is no way."""
        found = self._missing(index)
        return None if found is None else tuple(self.atoms[place] for place in sorted(found))

    def held(self, index: int) -> int:
        """How many different tests below the node are met."""
        return self.met[index].bit_count()

    def _missing(self, index: int) -> Asks | None:
        if index not in self.sets:
            plane = self.model[index]
            self.sets[index] = frozenset() if plane[0] == BOTH else self._work_out(index, self.nodes[index], plane)
        return self.sets[index]

    def _work_out(self, index: int, node: Node, plane: Plane) -> Asks | None:
        match node.op:
            case Op.ATOM:
                return self._ask(index, node, plane)
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

    def _ask(self, index: int, node: Node, plane: Plane) -> Asks | None:
        """An unknown test, if an answer to it could help: a number can never be more than a number."""
        atom = node.origin
        if not isinstance(atom, Atom) or atom.corroboration or plane != (0, 0):
            return None
        useless = node.context.plus is not None and self.numbers[atom.tests[0].indicator]
        return None if useless else frozenset([self.place[index]])

    def _met(self, program: Program) -> list[int]:
        """For each node the tests below it that are met, as bits; what an exception rests on is left aside."""
        bits, given = dict[Test, int](), dict[int, int]()
        for atom, index in program.atoms:
            if self.model[index][0] == BOTH:
                given[index] = reduce(or_, (bits.setdefault(test, 1 << len(bits)) for test in atom.tests))
        return gathered(program, given, exceptions=False)


def _size(asks: Asks) -> tuple[int, list[int]]:
    return len(asks), sorted(asks)


def _union(sets: list[Asks | None]) -> Asks | None:
    known = [s for s in sets if s is not None]
    return frozenset[int]().union(*known) if len(known) == len(sets) else None


def _fewest(sets: list[Asks | None]) -> Asks | None:
    known = [s for s in sets if s is not None]
    return min(known, key=_size) if len(known) > 1 else known[0] if known else None
