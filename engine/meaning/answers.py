"""Cones: what some marks rest on, and answers whether any combination of evidence gives them, by table or by solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from engine.meaning import solving, tables
from engine.meaning.circuit import Circuit
from engine.meaning.laws import Clause, Laws, mark_for, marks_of, point_of
from engine.program import Atom
from kb.model import Kind, Vocabulary

TABLE = 1 << 12
"""The most combinations for which a table is quicker than a solver."""
WIDEST = 1 << 22
"""The most combinations that a table may have; beyond, nothing but a solver answers."""
Said = tuple[int, bytes]


class Cone(NamedTuple):
    """The part of a circuit that some literals rest on: its gates in order, its points, and the laws between these.

    The order is that of what they say, whatever else there is in the circuit.
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
    last_first: tuple[int, ...]
    true: int


@dataclass
class Ground:
    """A circuit and its laws; `said`: of each literal's number how deep it stands and a hash of what it says.
    """

    circuit: Circuit
    laws: Laws
    vocabulary: Vocabulary
    said: dict[int, Said] = field(default_factory=dict)
    laws_of: dict[int, dict[int, list[Clause]]] = field(default_factory=dict)

    def laws_at(self, point: int) -> Sequence[Clause]:
        """The laws whose first mark is of that point."""
        group = self.laws.groups[point]
        if group not in self.laws_of:
            found = self.laws_of[group] = dict[int, list[Clause]]()
            for law in self.laws.of(group):
                found.setdefault(point_of(law[0]), []).append(law)
        return self.laws_of[group].get(point, ())

    def say(self, literals: Iterable[int]) -> None:
        """Settles what these literals say, and all that they rest on."""
        for number in sorted(self._unsaid(literals)):  # what a gate rests on has smaller numbers
            if number in self.circuit.keys:
                below = sorted((*self.said[abs(x)], x > 0) for x in self.circuit.keys[number])
                told = b"".join(b"%d%s" % (there, hash) for _, hash, there in below)
                self.said[number] = 1 + below[-1][0], blake2b(told, digest_size=16).digest()
            elif number < self.circuit.true:
                atom = str(self.laws.points[point_of(number)])
                for mark in marks_of([point_of(number)]):
                    self.said[mark] = 0, blake2b(f"{atom} {mark % 2}".encode(), digest_size=16).digest()
            else:  # what always holds has no words
                self.said[number] = 0, blake2b(self.circuit.free.get(number, "").encode(), digest_size=16).digest()

    def _unsaid(self, literals: Iterable[int]) -> set[int]:
        found, agenda = set[int](), [abs(literal) for literal in literals]
        while agenda:
            number = agenda.pop()
            if number not in found and number not in self.said:
                found.add(number)
                agenda += map(abs, self.circuit.keys.get(number, ()))
        return found

    def walk(self, literals: Iterable[int]) -> dict[int, None]:
        """The numbers of these literals and all that they rest on, each after that, in the order of what they say."""
        found = dict[int, None]()
        stack = [(abs(x), True) for x in reversed(list(literals))]
        while stack:
            number, entering = stack.pop()
            if number in found:
                continue
            if not entering:
                found[number] = None
                continue
            stack.append((number, False))
            below = sorted({abs(x) for x in self.circuit.keys.get(number, ())}, key=self.said.__getitem__, reverse=True)
            stack += [(x, True) for x in below if x not in found]
        return found

    def name(self, literals: Sequence[int]) -> bytes:
        """A hash of what these literals say."""
        self.say(literals)
        return blake2b(b"".join(b"%d%s" % (x > 0, self.said[abs(x)][1]) for x in literals)).digest()


def ground_of(circuit: Circuit, laws: Laws, vocabulary: Vocabulary) -> Ground:
    """What cones of the circuit are cut from."""
    return Ground(circuit, laws, vocabulary)


def _unusual(atom: Atom, vocabulary: Vocabulary) -> bool:
    """Whether a mark takes a number that somebody gave as a finding, or two kinds of evidence in two documents."""
    numbers = vocabulary.indicators[atom.tests[0].indicator].kind is Kind.STATISTIC
    return atom.corroboration or (atom.context.plus is not None and numbers)


def cone(ground: Ground, literals: Iterable[int]) -> Cone:
    """What these literals rest on, and what follows by law from several marks at once.

    So a corroboration brings the tests under it.
    """
    asked = list(literals)
    ground.say(asked)
    inside = ground.walk(asked)
    points = dict.fromkeys(point_of(number) for number in inside if number < ground.circuit.true)
    beside = {point_of(other) for p in points for law in ground.laws_at(p) if len(law) > 2 and all(
        x > 0 or point_of(x) in points for x in law) for other in law}
    ground.say(marks_of(beside))
    ordered = (*points, *sorted(beside - points.keys(), key=lambda p: ground.said[mark_for(p)]))
    points |= dict.fromkeys(ordered)
    laws = [law for p in ordered for law in ground.laws_at(p) if all(point_of(x) in points for x in law)]
    atoms, keys = ground.laws.points, ground.circuit.keys
    return Cone(
        tuple((gate, keys[gate]) for gate in inside if gate in keys), ordered, tuple(laws),
        _alike(ordered, ground.laws.groups.__getitem__),
        _alike(ordered, lambda p: (atoms[p].tests, atoms[p].corroboration, atoms[p].context.shift)),
        tuple(marks_of(p for p in ordered if _unusual(atoms[p], ground.vocabulary))),
        tuple(marks_of(sorted(ordered, key=lambda p: _in_order(atoms[p]), reverse=True))), ground.circuit.true)


def _in_order(atom: Atom) -> tuple[Any, ...]:
    """What tests are put in order by: indicators by their names; thresholds and periods only beside the same."""
    tests = [(test.indicator, test.comparator.value, test.of, test.rise_over or 0, test.window or 0,
              isinstance(test.threshold, str), test.threshold) for test in atom.tests]
    within, shift, plus, _ = atom.context
    return atom.corroboration, tests, shift, within is not None, within, plus is not None, plus


def _alike(points: Iterable[int], key: Callable[[int], object]) -> tuple[tuple[int, ...], ...]:
    """The points by what they have in common, in the order of the first of each."""
    found: dict[object, list[int]] = {}
    for point in points:
        found.setdefault(key(point), []).append(point)
    return tuple(map(tuple, found.values()))


class Answering(Protocol):
    """Answers to questions about one cone, from whatever is known of it."""

    def ever(self, wanted: Sequence[int]) -> bool:
        """Whether all these literals hold in some combination of evidence. Raises solving.Undecided."""


class Answers(Answering, Protocol):
    """The same, worked out."""

    def example(self, wanted: Sequence[int]) -> frozenset[int] | None:
        """The marks of some combination in which they hold; None where there is none. Raises solving.Undecided."""

    def smallest(self, wanted: Sequence[int]) -> frozenset[int]:
        """The marks of a combination in which they hold, with as few tests marked as can be. Raises solving.Undecided.

        Evidence of an unusual kind only where there is no other combination; of several that are equally small the
        first in the order of the cone; ValueError where there is none at all.
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


def clash(answers: Answering, wanted: Sequence[int]) -> tuple[int, ...]:
    """Which of these literals never hold together, none of them to spare; () where all do."""
    if answers.ever(wanted):
        return ()
    left = list(wanted)
    for literal in wanted:
        rest = [other for other in left if other != literal]
        if not answers.ever(rest):
            left = rest
    return tuple(left)


def whether_ever(circuit: Circuit, laws: Laws, vocabulary: Vocabulary) -> Callable[[int], bool]:
    """What tells of literals, one by one, whether they hold in some combination. Raises solving.Undecided."""
    if solving.available():
        whole = solving.Whole(circuit, laws)
        return lambda literal: literal != -circuit.true and whole.example([literal]) is not None
    ground = ground_of(circuit, laws, vocabulary)
    return lambda literal: literal != -circuit.true and answers(cone(ground, [literal])).ever([literal])
