"""Routes: counted as an enumerating oracle counts them; the smallest are proofs, and none is smaller; what all need."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator

import pytest

from engine.bits import Plane, evaluate
from engine.compiling import compile_rules
from engine.program import Op, Program, Proposition
from engine.proofs import AGAINST, FOR, Mark, Provenance
from explain.routes import count, in_every
from explain.smallest import smallest
from kb.conditions import All, AnyOf, AtLeast, Condition, Rule
from tests.enumerated import ENOUGH, Enumerated, Route, TooMany
from tests.strategies import is_met, seeded, signs, stated

SEEDS, CHUNK = 2_000, 100


def bits(program: Program, seed: int) -> dict[int, int]:
    """Some observations under each atom, shared among them, as bits."""
    rng = random.Random(seed)
    return {node: 1 << rng.randrange(8) | 1 << rng.randrange(8) for _, node in program.atoms}


def united(route: Route, under: dict[int, int]) -> int:
    found = 0
    for atom in route:
        found |= under[atom]
    return found


def only(t: Trial, kept: Collection[int]) -> list[Plane] | None:
    """The model of some of the atoms alone; None where other exceptions are shown there than in the whole."""
    few = [plane if node in kept else (0, 0) for (_, node), plane in zip(t.program.atoms, t.atoms, strict=True)]
    model = evaluate(t.program, few, 1)
    exceptions = {a for node in t.program.nodes if node.op is Op.UNLESS for a in node.args[1:]}
    return model if all(model[a][FOR] == t.model[a][FOR] for a in exceptions) else None


class Trial:
    """A random small program, random marks for its atoms, and what is asked of it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.program, rng = compile_rules(seeded(seed)[0]), random.Random(seed)
        self.atoms = [(int(rng.random() < 0.6), int(rng.random() < 0.4)) for _ in self.program.atoms]
        self.model = evaluate(self.program, self.atoms, 1)
        self.provenance = Provenance(self.program, self.model)
        self.oracle = Enumerated(self.program, self.model)
        self.under = bits(self.program, seed)

    def leaves(self, mark: Mark) -> int:
        return self.under[mark.node]

    def listed(self) -> Iterator[tuple[Mark, list[Route]]]:
        """Every head's marks with all their routes, where they are few enough to be listed."""
        for node in self.program.heads.values():
            for side in (FOR, AGAINST):
                try:
                    yield Mark(node, side), self.oracle.routes(node, side)
                except TooMany:
                    assert count(self.provenance, Mark(node, side)) > ENOUGH / 2


@pytest.fixture(scope="module", params=range(0, SEEDS, CHUNK))
def trials(request: pytest.FixtureRequest) -> list[Trial]:
    return [Trial(seed) for seed in range(request.param, request.param + CHUNK)]


def test_counts_are_those_of_the_enumerating_oracle(trials: list[Trial]) -> None:
    compared = several = 0
    for t in trials:
        for mark, routes in t.listed():
            assert count(t.provenance, mark) == len(routes), (t.seed, mark)
            compared, several = compared + 1, several + (len(routes) > 1)
    assert compared > 1_000
    assert several > 100, "it would prove little"


def test_the_smallest_are_routes_and_none_is_smaller(trials: list[Trial]) -> None:
    for t in trials[:30]:
        for mark, routes in t.listed():
            found = smallest(t.provenance, mark, t.leaves)
            sets = {united(route, t.under) for route in routes}
            assert found.exact, (t.seed, mark)
            assert set(found.routes) <= sets, (t.seed, mark)
            assert len(found.routes) == min(len(sets), 10) == len(set(found.routes))
            assert [r.bit_count() for r in found.routes] == sorted(r.bit_count() for r in sets)[:10]


def test_the_smallest_are_proofs(trials: list[Trial]) -> None:
    """With the atoms of their observations alone the conclusion holds, as long as the same exceptions are shown."""
    proved = 0
    for t in trials[:30]:
        for mark in {Mark(node) for node in t.program.heads.values()}:
            for route in smallest(t.provenance, mark, t.leaves).routes:
                alone = only(t, {node for node, under in t.under.items() if under & ~route == 0})
                assert alone is None or alone[mark.node][FOR], (t.seed, mark)
                proved += alone is not None
    assert proved > 5


def test_what_is_in_every_route(trials: list[Trial]) -> None:
    for t in trials[:30]:
        for mark, routes in t.listed():
            sets = [united(route, t.under) for route in routes]
            every = -1 if sets else 0
            for one in sets:
                every &= one
            assert in_every(t.provenance, mark, t.leaves) == every, (t.seed, mark)


def test_an_atom_that_every_route_needs_taken_away_takes_the_conclusion_with_it(trials: list[Trial]) -> None:
    """Unless an exception that stopped another rule falls with it: then what was stopped may hold instead."""
    taken = 0
    for t in trials[:10]:
        own = {node: 1 << place for place, (_, node) in enumerate(t.program.atoms)}
        for mark in {Mark(node) for node in t.program.heads.values() if t.model[node][FOR]}:
            every = in_every(t.provenance, mark, lambda m, own=own: own[m.node])
            for atom, bit in own.items():
                without = only(t, own.keys() - {atom})
                assert without is None or without[mark.node][FOR] == (not every & bit), (t.seed, mark, atom)
                taken += without is not None and bool(every & bit)
    assert taken > 3


def one_rule(when: Condition) -> Trial:
    rules: tuple[Rule, ...] = (stated("only", when),)
    trial = Trial.__new__(Trial)
    trial.program = compile_rules(rules)
    trial.atoms = [(1, 0)] * len(trial.program.atoms)
    trial.model = evaluate(trial.program, trial.atoms, 1)
    trial.provenance = Provenance(trial.program, trial.model)
    trial.under = {node: 1 << place for place, (_, node) in enumerate(trial.program.atoms)}
    return trial


def top(trial: Trial) -> Mark:
    return Mark(trial.program.heads[Proposition("signature", "top", "weak")])


def pairs(number: int) -> Condition:
    return All(tuple(AnyOf((is_met(f"left_{i}"), is_met(f"right_{i}"))) for i in range(number)))


def test_two_to_the_two_hundred_routes_are_counted_exactly() -> None:
    """Never by telling them: it would not end. How long it takes is measured by `run.py bench`."""
    trial = one_rule(pairs(200))
    assert count(Provenance(trial.program, trial.model), top(trial)) == 2**200
    ten = smallest(trial.provenance, top(trial), trial.leaves)
    assert ten.exact
    assert [route.bit_count() for route in ten.routes] == [200] * 10


def test_at_least_a_hundred_of_two_hundred() -> None:
    from math import comb

    assert count((t := one_rule(AtLeast(100, signs(200)))).provenance, top(t)) == comb(200, 100)


def test_a_search_that_is_cut_short_says_so_and_gives_some_route() -> None:
    trial = one_rule(pairs(12))
    cut = smallest(trial.provenance, top(trial), trial.leaves, most=3)
    assert not cut.exact
    assert [route.bit_count() for route in cut.routes] == [12]


def test_what_does_not_hold_has_no_route() -> None:
    trial = one_rule(pairs(2))
    against = top(trial)._replace(side=AGAINST)
    assert count(trial.provenance, against) == 0
    assert smallest(trial.provenance, against, trial.leaves).routes == ()
    assert in_every(trial.provenance, against, trial.leaves) == 0
