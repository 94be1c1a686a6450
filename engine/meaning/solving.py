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
        self.marks = marks_of(cone.points)
        number = {old: self.numbers.id(old) for old in (cone.true, *self.marks, *(gate for gate, _ in cone.gates))}
        number |= {-old: -new for old, new in number.items()}
        laws = sorted(sorted(number[x] for x in law) for law in cone.laws)
        self.solver = Solver(name=SOLVER, bootstrap_with=[[number[cone.true]], *laws])
        for gate, key in cone.gates:
            here, below = number[gate], sorted(number[x] for x in key)
            for literal in below:
                self.solver.add_clause([-here, literal])
            self.solver.add_clause([here, *(-literal for literal in below)])

    def ever(self, wanted: Sequence[int]) -> bool:
        """Whether all these literals hold in some combination. Raises Undecided."""
        return self._solve(self._all(wanted))

    def example(self, wanted: Sequence[int]) -> frozenset[int] | None:
        """The marks of some combination in which all these literals hold. Raises Undecided."""
        return self._there() if self.ever(wanted) else None

    def smallest(self, wanted: Sequence[int]) -> frozenset[int]:
        """The marks of a combination with as few tests marked as can be.

        At first no test may be marked. Whatever tests cannot all do without a mark may have one among them, then two,
        and so on; so the first combination that there is has the fewest.
        """
        usual = self._all([*wanted, *(-mark for mark in self.cone.unusual)])
        needed = next((these for these in (usual, self._all(wanted)) if self._solve(these)), None)
        if needed is None:
            raise ValueError("there is no such combination")
        allowed: dict[int, tuple[list[int], int]] = {
            -self._marked(subject): ([], 0) for subject in self.cone.subjects}
        while not self._solve([*needed, *allowed]):
            together = self._core(needed, allowed)
            for literal in together:
                counted, number = allowed.pop(literal)
                if number + 1 < len(counted):
                    allowed[-counted[number + 1]] = counted, number + 1
            counted = self._counted([-literal for literal in together])
            if len(counted) > 1:
                allowed[-counted[1]] = counted, 1
        return self._there()

    def _core(self, needed: list[int], allowed: Iterable[int]) -> list[int]:
        """Which of the assumptions just refused cannot stand together; fewer, where the solver soon finds out."""
        among, core = set(allowed), list[int]()
        while True:
            fewer = [x for x in self.solver.get_core() or () if x in among]
            if len(fewer) == len(core):
                return core
            core = fewer
            self._solve([*needed, *core])

    def _counted(self, literals: list[int]) -> list[int]:
        """Literals of which the first i hold where i of these do."""
        from pysat.card import ITotalizer

        if len(literals) < 2:
            return literals
        self.last = max(self.last, self.numbers.top)
        with ITotalizer(lits=literals, ubound=len(literals), top_id=self.last) as counter:
            self.numbers.occupy(self.last + 1, counter.top_id)
            self.last = counter.top_id
            self.solver.append_formula(counter.cnf.clauses)
            return list(counter.rhs)

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
        model = self.solver.get_model()
        return frozenset(mark for mark, number in zip(self.marks, model[1:], strict=False) if number > 0)
