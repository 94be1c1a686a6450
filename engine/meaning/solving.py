"""Questions about a cone put to a SAT solver: exact however many combinations there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from engine.meaning.laws import PAIR, Laws, marks_of, point_of

if TYPE_CHECKING:
    from engine.meaning.answers import Cone
    from engine.meaning.circuit import Circuit

EFFORT = 200_000
"""How many conflicts the solver may meet over one question before it is left open (shipped rules: some hundreds)."""


class Undecided(Exception):
    """A question that was left open; the words say why."""


def available() -> bool:
    """Whether python-sat can be had here."""
    try:
        return find_spec("pysat.solvers") is not None and find_spec("pysolvers") is not None
    except (ImportError, ValueError):
        return False


class Whole:
    """A solver that holds of a circuit and its laws what questions rest on: whether something ever holds.

    Which combination shows it depends on what was asked before.
    """

    def __init__(self, circuit: Circuit, laws: Laws) -> None:
        from pysat.solvers import Minisat22

        self.keys, self.true, self.laws = circuit.keys, circuit.true, laws
        self.solver = Minisat22(bootstrap_with=[[circuit.true]])
        self.known, self.groups, self.marks, self.model = set[int](), set[int](), set[int](), set[int]()

    def add(self, literals: Iterable[int]) -> None:
        """Adds the gates that these literals rest on, and the laws of what may be marked there."""
        agenda = [abs(literal) for literal in literals]
        while agenda:
            gate = agenda.pop()
            if gate in self.keys and gate not in self.known:
                self.known.add(gate)
                key = self.keys[gate]
                for literal in key:
                    self.solver.add_clause((-gate, literal))
                self.solver.add_clause([gate, *(-literal for literal in key)])
                agenda += map(abs, key)
            elif gate < self.true and self.laws.groups[point_of(gate)] not in self.groups:
                agenda += self._govern(self.laws.groups[point_of(gate)])

    def _govern(self, group: int) -> Iterator[int]:
        """Adds the laws of a group of points; gives the marks of which they speak elsewhere."""
        self.groups.add(group)
        self.marks.update(marks_of(self.laws.members[group]))
        for law in self.laws.of(group):
            self.solver.add_clause(law)
            if len(law) > PAIR:
                yield from (abs(literal) for literal in law if abs(literal) not in self.marks)

    def example(self, wanted: Sequence[int], beside: Sequence[int] = (), effort: int = EFFORT,
                ) -> frozenset[int] | None:
        """The marks of some combination, now the `model`, in which all these literals hold. Raises Undecided.

        Of those `beside`, as many hold in it as were not in the way.
        """
        self.add(wanted)
        assumed = [*wanted, *beside]
        while not solved(self.solver, assumed, effort):
            refused = {*(self.solver.get_core() or ())}.difference(wanted)
            if not refused:
                return None
            assumed = [literal for literal in assumed if literal not in refused]
        found = self.solver.get_model()
        self.model = set(found)
        return frozenset(self.marks & self.model)


def solved(solver: Any, assumed: Sequence[int], effort: int = EFFORT) -> bool:
    """Whether a solver finds a combination in which these hold. Raises Undecided."""
    solver.conf_budget(effort)
    found = solver.solve_limited(assumptions=assumed)
    if found is None:
        raise Undecided(f"no answer after {effort:,} conflicts of the solver")
    return bool(found)


class Solving:
    """A solver that holds one cone. Its variables are numbered anew, so that it knows of nothing else."""

    def __init__(self, cone: Cone) -> None:
        from pysat.solvers import Minisat22

        self.cone, self.marks = cone, marks_of(cone.points)
        self.models, self.last = list[set[int]](), 0
        self.numbers: dict[int, int] = {}
        self._all([cone.true, *self.marks, *(gate for gate, _ in cone.gates)])
        clauses = [[self.numbers[cone.true]], *sorted(sorted(self._all(law)) for law in cone.laws)]
        for gate, key in cone.gates:
            here, below = self.numbers[gate], sorted(self._all(key))
            clauses += [[-here, literal] for literal in below]
            clauses.append([here, *(-literal for literal in below)])
        self.solver = Minisat22(bootstrap_with=clauses)

    def ever(self, wanted: Sequence[int]) -> bool:
        """Whether all these literals hold in some combination. Raises Undecided."""
        return self._model(self._all(wanted)) is not None

    def example(self, wanted: Sequence[int]) -> frozenset[int] | None:
        """The marks of some combination in which all these literals hold. Raises Undecided."""
        model = self._model(self._all(wanted))
        return None if model is None else self._marks_in(model)

    def _model(self, literals: list[int]) -> set[int] | None:
        """A combination in which these hold: one that was come upon before, if it will do."""
        for model in self.models:
            if model.issuperset(literals):
                return model
        if not self._solve(literals):
            return None
        self.models.append(set(self.solver.get_model()))
        return self.models[-1]

    def smallest(self, wanted: Sequence[int]) -> frozenset[int]:
        """The marks of a combination with as few tests marked as can be.

        At first no test may be marked. Whatever tests cannot all do without a mark may have one among them, then two,
        and so on; so the first combination that there is has the fewest, and so has any other that keeps to that.
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
        return self._first([*needed, *allowed])

    def _first(self, needed: list[int]) -> frozenset[int]:
        """The marks of the first combination, in the order of the cone, in which these hold; some was just found."""
        found = set(self.solver.get_model())
        for literal in (self.numbers[mark] for mark in self.cone.last_first):
            if literal in found and self._solve([*needed, -literal]):
                found = set(self.solver.get_model())
            needed.append(literal if literal in found else -literal)
        return self._marks_in(found)

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
        with ITotalizer(lits=literals, ubound=len(literals), top_id=self.last) as counter:
            self.last = counter.top_id
            self.solver.append_formula(counter.cnf.clauses)
            return list(counter.rhs)

    def _all(self, literals: Iterable[int]) -> list[int]:
        """The literals by the numbers of their variables here, in the order in which these were first asked for."""
        found = list(literals)
        for literal in found:
            if literal not in self.numbers:
                self.last += 1
                self.numbers[abs(literal)], self.numbers[-abs(literal)] = self.last, -self.last
        return [self.numbers[literal] for literal in found]

    def _solve(self, assumed: list[int]) -> bool:
        return solved(self.solver, assumed)

    def _marked(self, subject: tuple[int, ...]) -> int:
        """A literal that holds where one of these points has a mark."""
        self.last = marked = self.last + 1
        for mark in self._all(marks_of(subject)):
            self.solver.add_clause([-mark, marked])
        return marked

    def _marks_in(self, model: set[int]) -> frozenset[int]:
        return frozenset(mark for mark in self.marks if self.numbers[mark] in model)
