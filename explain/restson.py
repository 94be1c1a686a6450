"""How a conclusion of one case rests on its evidence: exact routes, the smallest, what all need, what stands beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.assess import Assessment
from engine.documents import without_each
from engine.evidence import Evidence
from engine.planes import BOTH, READINGS
from engine.program import Atom
from engine.proofs import Mark, Provenance
from explain.routes import count
from explain.smallest import smallest
from kb.conditions import Test
from kb.dossier import Observation


class Beside(NamedTuple):
    """A test that routes use, and the observations that stand side by side for it."""

    test: Test
    observations: tuple[Observation, ...]


class Rests(NamedTuple):
    """How a conclusion rests on its evidence in one reading; where nothing is disputed, the two readings are one.

    `routes`: how many, exactly. `smallest`: the observations of the smallest, each set once, fewest first; `exact`:
    none smaller is left out. `necessary`: the tests without whose observations it would not be present (tried, one by
    one); `alternative`: the other tests that some route uses. `corroborated`: those of either that are
    still met without any one of their observations.
    """

    routes: int
    smallest: tuple[tuple[Observation, ...], ...]
    exact: bool
    necessary: tuple[Beside, ...]
    alternative: tuple[Beside, ...]
    corroborated: tuple[Beside, ...]


def routes_to(assessment: Assessment, node: int, reading: int = 0) -> int:
    """The exact number of routes to a node, in one reading of disputed evidence (0 where it does not hold there)."""
    return count(Provenance(assessment.program, assessment.model, reading), Mark(node))


def rests(assessment: Assessment, node: int, reading: int = 0, wanted: int = 10) -> Rests:
    """How a node that holds rests on the evidence, in one reading of disputed evidence."""
    under = _Under(assessment, reading)
    provenance, mark = Provenance(assessment.program, assessment.model, reading), Mark(node)
    found = smallest(provenance, mark, under.bits, wanted)
    tests = [Beside(test, tuple(seen)) for test, seen in under.tests(provenance, mark) if seen]
    gone = list(_gone(assessment, node, tests))
    return Rests(count(provenance, mark), tuple(tuple(under.of(bits)) for bits in found.routes), found.exact,
                 tuple(one for one, without in zip(tests, gone, strict=True) if without),
                 tuple(one for one, without in zip(tests, gone, strict=True) if not without),
                 tuple(one for one in tests if len(one.observations) > 1 and _corroborated(assessment, one)))


class _Under:
    """The observations under each atom's mark, as bits in an order that no file decides."""

    def __init__(self, assessment: Assessment, reading: int) -> None:
        self.it, self.reading = assessment, READINGS[reading]
        held = assessment.looking.column.evidence.by_indicator
        self.observations = [o for indicator in sorted(held) for o in held[indicator]]
        self.place = {o.sort_key: place for place, o in enumerate(self.observations)}

    def bits(self, mark: Mark) -> int:
        found = 0
        for _, seen in self.sides(mark):
            for o in seen:
                found |= 1 << self.place[o.sort_key]
        return found

    def sides(self, mark: Mark) -> Iterator[tuple[Test, list[Observation]]]:
        """Each test of an atom with the observations on the side of the mark."""
        origin = self.it.program.nodes[mark.node].origin
        if not isinstance(origin, Atom):
            raise TypeError("only an atom has observations under it")
        for test in origin.tests:
            yield test, self.it.looking.sides(test, origin.context, self.reading)[mark.side]

    def of(self, bits: int) -> Iterator[Observation]:
        return (o for place, o in enumerate(self.observations) if bits >> place & 1)

    def tests(self, provenance: Provenance, mark: Mark) -> list[tuple[Test, list[Observation]]]:
        """The tests that some route uses, by their words, with every observation that stands for them there."""
        found: dict[Test, dict[tuple[object, ...], Observation]] = {}
        for at in provenance.used(mark):
            for test, seen in self.sides(at) if provenance.below(at) is None else ():
                found.setdefault(test, {}).update((o.sort_key, o) for o in seen)
        return [(test, [seen[key] for key in sorted(seen, key=self.place.__getitem__)])
                for test, seen in sorted(found.items(), key=lambda pair: str(pair[0]))]


def _gone(assessment: Assessment, node: int, tests: list[Beside]) -> Iterator[bool]:
    """For each test, whether the node no longer holds in both readings without the observations under it."""
    both = assessment.model[node][0] == BOTH
    for without in without_each(assessment, [one.observations for one in tests]):
        left = without.model[node][0]
        yield left != BOTH if both else not left


def _corroborated(assessment: Assessment, one: Beside) -> bool:
    """Whether the test is met without any one of its observations: they stand side by side, none needs another."""
    evidence = assessment.looking.column.evidence
    held = evidence.by_indicator[one.test.indicator]
    without = (Evidence.of((o for o in held if o != gone), evidence.vocabulary) for gone in one.observations)
    return all(some.decide(one.test, assessment.as_at).for_by for some in without)
