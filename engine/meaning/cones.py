"""Cones: what some marks rest on, and whether any combination of evidence gives them. By table, or by a SAT solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from engine.meaning import solving, tables
from engine.meaning.circuit import Circuit
from engine.meaning.laws import Clause, Laws, marks_of, point_of
from engine.program import Atom
from kb.model import Kind, Vocabulary

TABLE = 1 << 12
"""The most combinations for which a table is quicker than a solver."""
WIDEST = 1 << 22
"""The most combinations that a table may have; beyond, nothing but a solver answers."""


class Cone(NamedTuple):
    """The part of a circuit that some literals rest on: its gates in order, its points, and the laws between these.

    `groups`: the points that laws may bind to one another. `subjects`: the points that look at the same test at the
    same time. `unusual`: marks that a witness does without where it can, because they take evidence of another kind
    than its indicator's.
    """

    gates: tuple[tuple[int, Clause], ...]
    points: tuple[int, ...]
    laws: tuple[Clause, ...]
    groups: tuple[tuple[int, ...], ...]
    subjects: tuple[tuple[int, ...], ...]
    unusual: tuple[int, ...]
    true: int


class Ground(NamedTuple):
    """A circuit's gates by number and laws by point, looked up for every cone; `unusual`: as a cone has them."""

    circuit: Circuit
    laws: Laws
    keys: dict[int, Clause]
    laws_at: dict[int, list[Clause]]
    unusual: frozenset[int]


def ground_of(circuit: Circuit, laws: Laws, vocabulary: Vocabulary) -> Ground:
    """What cones of the circuit are cut from."""
    laws_at: dict[int, list[Clause]] = {}
    for clause in laws.clauses:
        laws_at.setdefault(min(map(point_of, clause)), []).append(clause)
    unusual = marks_of(point for point, atom in enumerate(laws.points) if _unusual(atom, vocabulary))
    return Ground(circuit, laws, {gate: key for key, gate in circuit.gates.items()}, laws_at, frozenset(unusual))


def _unusual(atom: Atom, vocabulary: Vocabulary) -> bool:
    """Whether a mark takes a number that somebody gave as a finding, or two kinds of evidence in two documents."""
    numbers = vocabulary.indicators[atom.tests[0].indicator].kind is Kind.STATISTIC
    return atom.corroboration or (atom.context.plus is not None and numbers)


def cone(ground: Ground, literals: Iterable[int]) -> Cone:
    """What these literals rest on. A corroboration brings the tests under it."""
    seen, agenda = set[int](), [abs(literal) for literal in literals]
    while agenda:
        number = agenda.pop()
        if number not in seen:
            seen.add(number)
            agenda += map(abs, ground.keys.get(number, ()))
    points = {point_of(number) for number in seen if number < ground.circuit.true}
    points |= {point_of(other) for p in points for law in ground.laws_at.get(p, ()) if len(law) > 2 for other in law}
    laws = [law for p in sorted(points) for law in ground.laws_at.get(p, ()) if points.issuperset(map(point_of, law))]
    gates = tuple((number, ground.keys[number]) for number in sorted(seen) if number in ground.keys)
    ordered = tuple(sorted(points))
    atoms = ground.laws.points
    return Cone(
        gates, ordered, tuple(laws), _alike(ordered, ground.laws.groups.__getitem__),
        _alike(ordered, lambda p: (atoms[p].tests, atoms[p].corroboration, atoms[p].context.shift)),
        tuple(mark for mark in marks_of(ordered) if mark in ground.unusual), ground.circuit.true)


def _alike(points: Iterable[int], key: Callable[[int], object]) -> tuple[tuple[int, ...], ...]:
    """The points by what they have in common, in the order of the first of each."""
    found: dict[object, list[int]] = {}
    for point in points:
        found.setdefault(key(point), []).append(point)
    return tuple(map(tuple, found.values()))


class Answers(Protocol):
    """Answers to questions about one cone, whichever way they are found."""

    def ever(self, wanted: Sequence[int]) -> bool:
        """Whether all these literals hold in some combination of evidence. Raises solving.Undecided."""

    def smallest(self, wanted: Sequence[int]) -> frozenset[int]:
        """The marks of a combination in which they hold, with as few tests marked as can be. Raises solving.Undecided.

        Evidence of an unusual kind only where there is no other combination; ValueError where there is none at all.
        """


def answers(cone: Cone, table: int = TABLE, widest: int = WIDEST) -> Answers:
    """Answers about a cone: by a table of up to `table` combinations, of up to `widest` where no solver is to be had.

    Raises solving.Undecided where there is neither.
    """
    solver = solving.available()
    states = tables.states_of(cone, table if solver else widest)
    if states is not None:
        return tables.table_of(states, cone)
    if solver:
        return solving.Solving(cone)
    raise solving.Undecided(f"more than {widest:,} combinations of evidence bear on it, and python-sat, which could "
                            "settle it, is not installed")


def clash(answers: Answers, wanted: Sequence[int]) -> tuple[int, ...]:
    """Which of these literals never hold together, none of them to spare; () where all do."""
    if answers.ever(wanted):
        return ()
    left = list(wanted)
    for literal in wanted:
        rest = [other for other in left if other != literal]
        if not answers.ever(rest):
            left = rest
    return tuple(left)
