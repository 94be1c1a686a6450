"""How a conclusion of one case rests on its evidence: exact routes, the smallest, what all need, what stands beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from engine.assess import Assessment, Model
from engine.bits import evaluate
from engine.documents import without_each
from engine.planes import BOTH, READINGS, repeated
from engine.program import Atom, Op
from engine.proofs import FOR, Mark, below
from explain import words
from explain.evidence import rule_of
from explain.routes import count, in_every
from explain.smallest import smallest
from kb.conditions import Condition, Test
from kb.dossier import Observation

Key = tuple[object, ...]
Side = tuple[Observation, ...]
Head = tuple[str, str]


class Ground(NamedTuple):
    """One thing that routes rest on: what was observed, in words, and the tests that those observations decide."""

    title: str
    value: str
    tests: tuple[Test, ...]
    observations: tuple[Observation, ...]

    def __str__(self) -> str:
        """What is looked at, with its value."""
        return f"{self.title} ({self.value})" if self.value else self.title


class Ways(NamedTuple):
    """The routes in one reading of disputed evidence: how many, exactly, and what the smallest rest on.

    `smallest`: observations, each set once, fewest first; `exact`: none smaller is left out.
    """

    routes: int
    smallest: tuple[tuple[Observation, ...], ...]
    exact: bool = True


class Rests(NamedTuple):
    """How a conclusion rests on its evidence: each ground under one of three heads.

    `ways`: one, or one for each reading where disputed evidence makes two. `necessary`: without its observations,
    taken away and tried, it would not be present; `replaced`: in every route, and yet without it other evidence takes
    its place; `alternative`: the rest. `corroborated`: the grounds whose tests are met, and the conclusion is present,
    without any one of their observations. `exceptions`: those of the rules used, with their nodes. `disputed`: the
    tests on which sources disagree, with how many months before the date they are looked at.
    """

    ways: tuple[Ways, ...]
    necessary: tuple[Ground, ...]
    replaced: tuple[Ground, ...]
    alternative: tuple[Ground, ...]
    corroborated: tuple[Ground, ...]
    exceptions: tuple[tuple[Condition, int], ...]
    disputed: tuple[tuple[Test, int], ...]

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """Everything that some route rests on, by its words."""
        return tuple(sorted((*self.necessary, *self.replaced, *self.alternative), key=str))


def rests(assessment: Assessment, nodes: Sequence[int], wanted: int = 10) -> list[Rests]:
    """How each of some nodes that hold, in one reading of disputed evidence or in both, rests on the evidence.

    Whatever is taken away is tried for all of them in one wide evaluation.
    """
    unders = [_in_each_reading(assessment, node) for node in nodes]
    grounds = [_grounds(both) for both in unders]
    left_out = dict.fromkeys(some for found in grounds for one in found for some in (
        one.observations, *_singly(one)))
    tried = dict(zip(left_out, without_each(assessment, list(left_out)), strict=True))
    return [_rests(both, found, {some: _is_gone(assessment, it.model, node) for some, it in tried.items()}, wanted)
            for node, both, found in zip(nodes, unders, grounds, strict=True)]


def _rests(both: Sequence[_Under], found: Sequence[Ground], gone: Mapping[Side, bool], wanted: int) -> Rests:
    """How one node rests on its grounds; `gone`: whether it would be without each set of observations tried."""
    ways = [under.ways(wanted) for under in both]
    everywhere = [under.everywhere(found) for under in both if under.holds]
    always = {one: all(bits >> place & 1 for bits in everywhere) for place, one in enumerate(found)}
    stays = [one for one in found if not gone[one.observations]]
    return Rests(
        tuple(ways[:1] if ways[0] == ways[-1] else ways),
        tuple(one for one in found if gone[one.observations]),
        tuple(one for one in stays if always[one]),
        tuple(one for one in stays if not always[one]),
        tuple(one for one in found if _singly(one) and not any(gone[o] for o in _singly(one))
              and _beside(both[0].it, one)),
        tuple(dict.fromkeys(pair for under in both for pair in under.exceptions())),
        tuple(sorted({pair for under in both for pair in under.disputed()}, key=str)))


def _singly(one: Ground) -> list[Side]:
    """Each observation of a ground that has several."""
    return [(o,) for o in one.observations] if len(one.observations) > 1 else []


def necessary(assessment: Assessment, node: int) -> frozenset[Test]:
    """The tests that routes to a node use, and without whose observations it would not be present."""
    found = _grounds(_in_each_reading(assessment, node))
    tried = without_each(assessment, [one.observations for one in found])
    return frozenset(test for one, without in zip(found, tried, strict=True) for test in one.tests
                     if _is_gone(assessment, without.model, node))


def necessary_heads(assessment: Assessment, node: int, others: Sequence[Head]) -> frozenset[Head]:
    """The signatures and conclusions without which a node would not be present, were they not known."""
    width, without = len(others), dict[int, int]()
    for proposition, at in assessment.program.heads.items():
        if (proposition.kind, proposition.id) in others:
            place = others.index((proposition.kind, proposition.id))
            without[at] = 1 << place | 1 << (place + width)
    atoms = [repeated(assessment.model[at], width) for _, at in assessment.program.atoms]
    planes = evaluate(assessment.program, atoms, 2 * width, without)
    return frozenset(other for place, other in enumerate(others)
                     if _is_gone(assessment, Model(planes, place, width), node))


def _is_gone(assessment: Assessment, without: Model, node: int) -> bool:
    """Whether a node no longer holds in both readings; where it never did, whether it holds in neither."""
    left = without[node][FOR]
    return left != BOTH if assessment.model[node][FOR] == BOTH else not left


def _beside(assessment: Assessment, one: Ground) -> bool:
    """Whether its tests are met without any one of its observations: they stand side by side, none needs another."""
    evidence = assessment.looking.column.evidence
    without = [evidence.without([gone]) for gone in one.observations]
    return all(some.decide(test, assessment.as_at).for_by for some in without for test in one.tests)


def _in_each_reading(assessment: Assessment, node: int) -> list[_Under]:
    """What is under a node in each reading; where nothing is disputed, the two are one."""
    disputed = any(verdict.disputed for verdict in assessment.looking.decided.values())
    return [_Under(assessment, node, reading) for reading in range(1 + disputed)]


def _grounds(both: Iterable[_Under]) -> list[Ground]:
    """What some route uses in either reading, by its words: tests that the same observations decide are one."""
    found: dict[tuple[str, tuple[Key, ...]], Ground] = {}
    for under in both:
        for test, _, seen in under.seen:
            indicator = under.it.knowledge.vocabulary.indicators[test.indicator]
            title = words.measured(test, indicator)
            key = title, tuple(o.sort_key for o in seen)
            told = found.get(key) or Ground(title, words.summed(seen, indicator), (), tuple(seen))
            found[key] = told._replace(tests=tuple(sorted({*told.tests, test}, key=str)))
    return [found[key] for key in sorted(found)]


class _Under:
    """What is under one node in one reading; observations as bits, in an order that no file decides."""

    def __init__(self, assessment: Assessment, node: int, reading: int) -> None:
        self.it, self.reading, self.mark = assessment, READINGS[reading], Mark(node)
        self.provenance = assessment.proofs[reading]
        held = assessment.looking.column.evidence.by_indicator
        self.observations = [o for indicator in sorted(held) for o in held[indicator]]
        self.place = {o.sort_key: place for place, o in enumerate(self.observations)}
        self.under: dict[Mark, int] = {}
        self.used = self.provenance.used(self.mark)
        self.seen = [(test, shift, seen) for mark in self.used for test, shift, seen in self.sides(mark) if seen]
        self.holds = self.provenance.holds(self.mark)

    def sides(self, mark: Mark) -> Iterator[tuple[Test, int, list[Observation]]]:
        """Each test of an atom, how many months earlier it is looked at, and the observations on the mark's side."""
        origin = self.it.program.nodes[mark.node].origin
        if isinstance(origin, Atom):
            for test in origin.tests:
                yield test, origin.context.shift, self.it.looking.sides(test, origin.context, self.reading)[mark.side]

    def bits(self, mark: Mark) -> int:
        """The observations under an atom's mark."""
        if mark not in self.under:
            self.under[mark] = reduce(or_, (1 << self.place[o.sort_key] for _, _, seen in self.sides(mark)
                                            for o in seen), 0)
        return self.under[mark]

    def ways(self, wanted: int) -> Ways:
        """The routes: how many, and the observations of the smallest."""
        found = smallest(self.provenance, self.mark, self.bits, wanted)
        told = (tuple(o for place, o in enumerate(self.observations) if bits >> place & 1) for bits in found.routes)
        return Ways(count(self.provenance, self.mark), tuple(told), found.exact)

    def everywhere(self, grounds: Sequence[Ground]) -> int:
        """The grounds that every route uses, as bits."""
        place = {(test, one.observations): 1 << at for at, one in enumerate(grounds) for test in one.tests}

        def uses(mark: Mark) -> int:
            return reduce(or_, (place.get((test, tuple(seen)), 0) for test, _, seen in self.sides(mark)), 0)
        return in_every(self.provenance, self.mark, uses)

    def exceptions(self) -> Iterator[tuple[Condition, int]]:
        """The exceptions of the rules that routes use."""
        for mark in self.used:
            node = self.it.program.nodes[mark.node]
            if node.op is Op.UNLESS and mark.side == FOR:
                yield from zip(rule_of(self.it, mark.node).unless, node.args[1:], strict=True)

    def disputed(self) -> Iterator[tuple[Test, int]]:
        """The tests on which sources disagree, among those that routes use and those of the exceptions."""
        exceptions = below(self.it.program, (node for _, node in self.exceptions()))
        for at in {*exceptions, *(mark.node for mark in self.used)}:
            origin = self.it.program.nodes[at].origin
            if isinstance(origin, Atom):
                asked = ((test, origin.context.shift) for test in origin.tests)
                yield from (pair for pair in asked if self.it.looking.verdict(*pair).disputed)
