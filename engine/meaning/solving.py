"""Questions about a cone put to a SAT solver: exact however many combinations there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.meaning.laws import marks_of

if TYPE_CHECKING:
    from engine.meaning.cones import Cone

EFFORT = 200_000
"""How many conflicts the solver may meet over one question before it is left open (shipped rules: some hundreds)."""
SOLVER = "minisat22"


class Undecided(Exception):
    """A question that was left open; the words say why."""


def available() -> bool:
    """Whether python-sat can be had here."""
    try:
        import pysat.solvers  # noqa: F401
    except ImportError:
        return False
    return True


class Solving:
    """A solver that holds one cone. Its variables are numbered anew, so that it knows of nothing else."""

    def __init__(self, cone: Cone) -> None:
        from pysat.formula import IDPool
        from pysat.solvers import Solver

        self.cone = cone
        self.numbers = IDPool()
        self.last = 0
        number = {old: self.numbers.id(old) for old in (
            cone.true, *marks_of(cone.points), *(gate for gate, _ in cone.gates))}
        number |= {-old: -new for old, new in number.items()}
        self.solver = Solver(name=SOLVER, bootstrap_with=[[number[x] for x in law] for law in (
            (cone.true,), *cone.laws)])
        for gate, key in cone.gates:
            here, below = number[gate], [number[x] for x in key]
            for literal in below:
                self.solver.add_clause([-here, literal])
            self.solver.add_clause([here, *(-literal for literal in below)])

    def ever(self, wanted: Sequence[int]) -> bool:
        """Whether all these literals hold in some combination. Raises Undecided."""
        return self._solve(self._all(wanted))

    def smallest(self, wanted: Sequence[int]) -> frozenset[int]:
        """The marks of a combination with as few tests marked as can be: a counter is lowered until none is left."""
        from pysat.card import ITotalizer

        usual = self._all([*wanted, *(-mark for mark in self.cone.unusual)])
        marked = [self._marked(subject) for subject in self.cone.subjects]
        self.solver.set_phases([-number for number in (*marked, *self._all(marks_of(self.cone.points)))])
        assumed = next((these for these in (usual, self._all(wanted)) if self._solve(these)), None)
        if assumed is None:
            raise ValueError("there is no such combination")
        best = self._there()
        self.last = max(self.last, self.numbers.top)
        with ITotalizer(lits=marked, ubound=max(1, self._size(best)), top_id=self.last) as counter:
            self.numbers.occupy(self.last + 1, counter.top_id)
            self.last = counter.top_id
            self.solver.append_formula(counter.cnf.clauses)
            while best and self._solve([*assumed, -counter.rhs[self._size(best) - 1]]):
                best = self._there()
        return best

    def _all(self, literals: Iterable[int]) -> list[int]:
        return [self.numbers.id(x) if x > 0 else -self.numbers.id(-x) for x in literals]

    def _solve(self, assumed: list[int]) -> bool:
        self.solver.conf_budget(EFFORT)
        found = self.solver.solve_limited(assumptions=assumed)
        if found is None:
            raise Undecided(f"no answer after {EFFORT:,} conflicts of the solver")
        return bool(found)

    def _marked(self, subject: tuple[int, ...]) -> int:
        """A literal that holds where one of these points has a mark."""
        marked: int = self.numbers.id(("marked", subject))
        for mark in self._all(marks_of(subject)):
            self.solver.add_clause([-mark, marked])
        return marked

    def _there(self) -> frozenset[int]:
        model, marks = set(self.solver.get_model()), marks_of(self.cone.points)
        return frozenset(mark for mark, number in zip(marks, self._all(marks), strict=True) if number in model)

    def _size(self, marks: frozenset[int]) -> int:
        return sum(not marks.isdisjoint(marks_of(subject)) for subject in self.cone.subjects)
