"""The program as a circuit of and-gates over the marks of its atoms."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from engine.meaning.laws import Clause, mark_against, mark_for
from engine.program import Node, Op, Program, Proposition


class Pair(NamedTuple):
    """The literals that stand for a node's two marks; a minus says that the mark is not there."""

    for_: int
    against: int


@dataclass
class Circuit:
    """And-gates over the marks of `points`, each gate made once; `true` is the literal that always holds.

    `keys`: of each gate what it is made of, which has smaller numbers. `free`: marks that may be there or not, whatever
    else is, by their words.
    """

    points: int
    gates: dict[Clause, int] = field(default_factory=dict)
    keys: dict[int, Clause] = field(default_factory=dict)
    free: dict[int, str] = field(default_factory=dict)
    true: int = 0
    last: int = 0

    def __post_init__(self) -> None:
        self.true = self.last = 2 * self.points + 1

    def any_marks(self, words: str) -> Pair:
        """Two literals of which nothing is known but their words."""
        self.last += 2
        self.free |= {self.last - 1: f"{words} for", self.last: f"{words} against"}
        return Pair(self.last - 1, self.last)

    def all(self, literals: Iterable[int]) -> int:
        """The literal that holds where every one of these does."""
        wanted = set(literals)
        wanted.discard(self.true)
        if len(wanted) < 2:
            return next(iter(wanted), self.true)
        if -self.true in wanted or not wanted.isdisjoint([-literal for literal in wanted]):
            return -self.true
        key = tuple(sorted(wanted))
        if key not in self.gates:
            self.last += 1
            self.gates[key], self.keys[self.last] = self.last, key
        return self.gates[key]

    def any(self, literals: Iterable[int]) -> int:
        """The literal that holds where some of these does."""
        return -self.all(-literal for literal in literals)

    def at_least(self, k: int, literals: Sequence[int]) -> int:
        """The literal that holds where at least k of these do."""
        if k <= 0 or k > len(literals):
            return self.true if k <= 0 else -self.true
        reached = [-self.true] * k
        for literal in literals:
            for i in range(k - 1, 0, -1):
                reached[i] = self.any((reached[i], self.all((reached[i - 1], literal))))
            reached[0] = self.any((reached[0], literal))
        return reached[k - 1]

    def changed(self, one: Pair, other: Pair) -> int:
        """The literal that holds where two nodes have different marks."""
        return self.any((self.differ(one.for_, other.for_), self.differ(one.against, other.against)))

    def differ(self, one: int, other: int) -> int:
        """The literal that holds where exactly one of two does."""
        if one == other:
            return -self.true
        return self.all((-self.all((one, other)), -self.all((-one, -other))))


class Wires:
    """The marks of a program's nodes as literals of the circuit, of each when it is first asked for.

    `free`: kinds of conclusions of which nothing is asked, as if they could have any marks.
    """

    def __init__(self, program: Program, circuit: Circuit, free: Container[str] = ()) -> None:
        self.program, self.nodes, self.circuit, self.free = program, program.nodes, circuit, free
        self.pairs = {index: Pair(mark_for(point), mark_against(point))
                      for point, (_, index) in enumerate(program.atoms)}

    def __getitem__(self, node: int) -> Pair:
        if node not in self.pairs:
            for index in sorted(self._below(node)):  # what a node rests on stands before it
                here = self.nodes[index]
                self.pairs[index] = self.circuit.any_marks(str(here.origin)) if self._is_free(here) else _gate(
                    here, [self.pairs[arg] for arg in here.args], self.circuit)
        return self.pairs[node]

    def _is_free(self, node: Node) -> bool:
        return isinstance(node.origin, Proposition) and node.op is Op.HEAD and node.origin.kind in self.free

    def _below(self, node: int) -> set[int]:
        found, agenda = {node}, [node]
        while agenda:
            here = self.nodes[agenda.pop()]
            args = () if self._is_free(here) else here.args
            new = [arg for arg in args if arg not in self.pairs and arg not in found]
            found.update(new)
            agenda += new
        return found


def _gate(node: Node, args: list[Pair], circuit: Circuit) -> Pair:
    """The marks of one node from those of its arguments: the same table as `engine.bits.step`."""
    for_, against = [a.for_ for a in args], [a.against for a in args]
    match node.op:
        case Op.ALL:
            return Pair(circuit.all(for_), circuit.any(against))
        case Op.ANY:
            return Pair(circuit.any(for_), circuit.all(against))
        case Op.COUNT:
            return Pair(circuit.at_least(node.k, for_), circuit.at_least(len(args) - node.k + 1, against))
        case Op.NOT:
            return Pair(against[0], for_[0])
        case Op.JUDGED:
            return Pair(circuit.any((for_[0], against[0])), -circuit.true)
        case Op.UNLESS:
            shown = circuit.any(for_[1:])
            return Pair(circuit.all((for_[0], -shown)), circuit.any((against[0], circuit.all((for_[0], shown)))))
        case Op.HEAD:
            refuted = circuit.all(against[:node.k]) if node.k else -circuit.true
            return Pair(circuit.any(for_[:node.k]), circuit.any((refuted, *for_[node.k:])))
        case Op.ATOM:
            raise ValueError("an atom has no arguments to compute from")
        case _:
            assert_never(node.op)
