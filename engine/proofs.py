"""Proofs: what a node's mark is made of, as an AND/OR graph over marks that is walked and folded, never unfolded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from engine.bits import Plane
from engine.program import Atom, Op, Program, Proposition
from kb.conditions import Rule

FOR, AGAINST = 0, 1
T = TypeVar("T")


class Mark(NamedTuple):
    """A node's mark: side 0 is for, side 1 is against."""

    node: int
    side: int = FOR


class Choose(NamedTuple):
    """Exactly `k` of the parts, each proved by itself: one of them is `any`, every one is `all`."""

    k: int
    parts: tuple[Mark | Choose, ...]


Part = Mark | Choose


def made_of(program: Program, mark: Mark) -> Choose | None:
    """What a route to a mark is made of, or None at an atom; that no exception is shown is assumed."""
    node = program.nodes[mark.node]
    return made(node.op, node.args, node.k, mark.side)


def made(op: Op, nodes: Sequence[int], k: int, side: int) -> Choose | None:
    """The same of a mark on one side of a node that does this with other nodes."""
    args = tuple(Mark(node, side) for node in nodes)
    match op:
        case Op.ATOM:
            return None
        case Op.ALL:
            return Choose(len(args) if side == FOR else 1, args)
        case Op.ANY:
            return Choose(1 if side == FOR else len(args), args)
        case Op.COUNT:
            return Choose(max(k if side == FOR else len(args) - k + 1, 0), args)
        case Op.NOT:
            return Choose(1, (Mark(nodes[0], 1 - side),))
        case Op.JUDGED:
            either = Mark(nodes[0], FOR), Mark(nodes[0], AGAINST)
            return Choose(1, either if side == FOR else ())
        case Op.UNLESS:
            return Choose(1, args[:1]) if side == FOR else _defeated(nodes)
        case Op.HEAD:
            return Choose(1, args[:k]) if side == FOR else _refuted(nodes, k)


def _defeated(args: Sequence[int]) -> Choose:
    """A rule is against where its body is, or where its body holds and one exception is shown."""
    body, exceptions = args[0], tuple(Mark(arg, FOR) for arg in args[1:])
    return Choose(1, (Mark(body, AGAINST), Choose(2, (Mark(body, FOR), Choose(1, exceptions)))))


def _refuted(args: Sequence[int], k: int) -> Choose:
    """A head is against where every rule for it is, or where a rule finds it not to be so."""
    every = (Choose(k, tuple(Mark(arg, AGAINST) for arg in args[:k])),) if k else ()
    return Choose(1, (*every, *(Mark(arg, FOR) for arg in args[k:])))


class Provenance:
    """The proofs of one reading of a model, as an AND/OR graph over marks; nothing of it is ever unfolded.

    `model`: the planes of every node, as `engine.bits.evaluate` gives them; `column`: the bit that is read.
    """

    def __init__(self, program: Program, model: Sequence[Plane], column: int = 0) -> None:
        self.program, self.model, self.column = program, model, column
        self.made: dict[Mark, Choose | None] = {}
        self.uses: dict[Mark, list[Mark]] = {}

    def holds(self, mark: Mark) -> bool:
        """Whether the mark is there in this reading."""
        return bool(self.model[mark.node][mark.side] >> self.column & 1)

    def below(self, mark: Mark) -> Choose | None:
        """What a route to the mark is made of, with only the parts that can be had."""
        if mark not in self.made:
            made = made_of(self.program, mark)
            self.made[mark] = made if made is None else self._possible(made)
        return self.made[mark]

    def _possible(self, choice: Choose) -> Choose:
        inner = [part if isinstance(part, Mark) else self._possible(part) for part in choice.parts]
        return Choose(choice.k, tuple(part for part in inner if (
            self.holds(part) if isinstance(part, Mark) else len(part.parts) >= part.k)))

    def used(self, mark: Mark) -> list[Mark]:
        """Every mark that some route uses, what it is made of always before it; empty where the mark is not there."""
        if mark not in self.uses:
            stack, seen = [mark], set[Mark]()
            while stack:
                at = stack.pop()
                if at not in seen and self.holds(at):
                    seen.add(at)
                    stack += marks_in(self.below(at))
            self.uses[mark] = sorted(seen)
        return self.uses[mark]

    def nearest(self, mark: Mark) -> Iterator[Mark]:
        """The first marks below of a test, a rule, a signature or a conclusion, each once, in the order written."""
        stack, seen = [*marks_in(self.below(mark))][::-1], set[Mark]()
        while stack:
            at = stack.pop()
            if at in seen:
                continue
            seen.add(at)
            if isinstance(self.program.nodes[at.node].origin, (Atom, Proposition, Rule)):
                yield at
            else:
                stack += [*marks_in(self.below(at))][::-1]

    def fold(self, mark: Mark, leaf: Callable[[Mark], T], choose: Callable[[int, list[T]], T]) -> dict[Mark, T]:
        """A value for every mark used: `leaf` of an atom's, `choose` of how many and the values of the parts."""
        found: dict[Mark, T] = {}
        for at in self.used(mark):
            made = self.below(at)
            found[at] = leaf(at) if made is None else value(made, found, choose)
        return found


def value(part: Part, found: dict[Mark, T], choose: Callable[[int, list[T]], T]) -> T:
    """The value of a part, from those of the marks below it."""
    if isinstance(part, Mark):
        return found[part]
    return choose(part.k, [value(inner, found, choose) for inner in part.parts])


def below(program: Program, nodes: Iterable[int]) -> set[int]:
    """Every node that some nodes are worked out from, themselves included."""
    stack, seen = list(nodes), set[int]()
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack += program.nodes[at].args
    return seen


def gathered(program: Program, given: Mapping[int, int], exceptions: bool = True) -> list[int]:
    """Of every node the bits given to it and to what it is worked out from; or not to what only its exceptions are."""
    found, unless = [0] * len(program.nodes), Op.UNLESS
    for index, bits in given.items():
        found[index] = bits
    for index, node in enumerate(program.nodes):
        for arg in node.args if exceptions or node.op is not unless else node.args[:1]:
            if found[arg]:
                found[index] |= found[arg]
    return found


def marks_in(part: Part | None) -> Iterable[Mark]:
    """The marks that a part is made of, in the order written."""
    if isinstance(part, Mark):
        yield part
    elif part is not None:
        for inner in part.parts:
            yield from marks_in(inner)
