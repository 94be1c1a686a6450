"""The program as definite clauses over the marks of its nodes, in the form that a Rete network can chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple, assert_never

from engine.bits import Plane
from engine.program import Node, Op, Program
from kb.conditions import Test

MAX_PREMISES, MAX_USES = 12, 250
"""The most premises of a clause, and clauses that share a premise, that durable-rules can be trusted with."""
TRUE, FALSE = -1, -2
Mark = int
Body = tuple[Mark, ...]


class Clause(NamedTuple):
    """Once every fact of the body is in working memory, every head is concluded."""

    heads: tuple[Mark, ...]
    body: Body


class Translation(NamedTuple):
    """A program as clauses. Mark 2n is node n for, 2n+1 is node n against; later ones are auxiliary.

    `root`: by mark of a node, what stands for it: itself, an equal one, TRUE or FALSE.
    `assumptions`: by stratum, the pairs (exception, the fact that it was not shown).
    `beside`: by such a fact, premises of which one must be there before it can matter (left out: it always may).
    """

    clauses: tuple[Clause, ...]
    root: tuple[Mark, ...]
    assumptions: tuple[tuple[tuple[Mark, Mark], ...], ...]
    beside: dict[Mark, frozenset[Mark]]

    def name(self, mark: Mark) -> str:
        """The mark's name in working memory: `n12+`, `n12-`, or `x80` for an auxiliary."""
        return f"n{mark // 2}{'+-'[mark % 2]}" if mark < len(self.root) else f"x{mark}"


def translate(program: Program, planes: Sequence[Plane] | None = None) -> Translation:
    """The program's definite clauses, compressed: marks with the same bodies are one mark, and so are copies.

    `planes`: those of the atoms in every column that will be chained (default: anything may be). A clause that needs
    what none of them gives can never fire; and one test looked at in several ways is one fact where all of them agree.
    """
    marks = 2 * len(program.nodes)
    work = _Translating([FALSE] * marks, count(marks))
    root, counts, atom = work.root, Op.COUNT, Op.ATOM
    for mark, fact in (_anything(program) if planes is None else _facts(program, planes)).items():
        root[mark] = fact
    live = {node for _, node in program.atoms if root[2 * node] != FALSE or root[2 * node + 1] != FALSE}
    for index, node in enumerate(program.nodes):  # of which few can be marked, where few facts are given
        args = node.args
        if not live.isdisjoint(args) or node.op is counts or not (args or node.op is atom):
            for_, against = work.bodies(node, program.nodes)
            root[2 * index], root[2 * index + 1] = found = (
                work.conclude(2 * index, for_), work.conclude(2 * index + 1, against))
            if found != (FALSE, FALSE):
                live.add(index)
    return work.done()


def _anything(program: Program) -> dict[Mark, Mark]:
    """What stands for each mark of an atom where any may be given: itself."""
    return {mark: mark for _, node in program.atoms for mark in (2 * node, 2 * node + 1)}


def _facts(program: Program, planes: Sequence[Plane]) -> dict[Mark, Mark]:
    """What stands for each mark of an atom that some column gives: the first of its test with the same columns."""
    first: dict[tuple[tuple[Test, ...], bool, int, int], Mark] = {}
    return {2 * node + side: first.setdefault((atom.tests, atom.corroboration, side, plane[side]), 2 * node + side)
            for (atom, node), plane in zip(program.atoms, planes, strict=True) for side in (0, 1) if plane[side]}


@dataclass(slots=True)
class _Translating:
    root: list[Mark]
    fresh: Iterator[Mark]
    same: dict[frozenset[Body], Mark] = field(default_factory=dict)
    heads: dict[Body, list[Mark]] = field(default_factory=dict)
    unknown: dict[Mark, tuple[int, Mark]] = field(default_factory=dict)
    uses: Counter[Mark] = field(default_factory=Counter)
    copies: dict[tuple[Mark, int], Mark] = field(default_factory=dict)

    def bodies(self, node: Node, nodes: Sequence[Node]) -> tuple[list[Body], list[Body]]:
        """The bodies that make the node for, and those that make it against. An atom's marks are given."""
        root = self.root
        for_, against = [root[2 * a] for a in node.args], [root[2 * a + 1] for a in node.args]
        match node.op:
            case Op.ALL:
                return [tuple(for_)], _each(against)
            case Op.ANY:
                return _each(for_), [tuple(against)]
            case Op.COUNT:
                return self.at_least(node.k, for_), self.at_least(len(node.args) - node.k + 1, against)
            case Op.NOT:
                return _each(against), _each(for_)
            case Op.JUDGED:
                return _each([*for_, *against]), []
            case Op.UNLESS:
                assumed = [self.not_shown(e, nodes[a].stratum) for e, a in zip(for_[1:], node.args[1:], strict=True)]
                return [(for_[0], *assumed)], [(against[0],), *((for_[0], e) for e in for_[1:])]
            case Op.HEAD:
                return _each(for_[:node.k]), [tuple(against[:node.k]) if node.k else (FALSE,), *_each(for_[node.k:])]
            case Op.ATOM:
                raise ValueError("an atom has no bodies: it is given")
            case _:
                assert_never(node.op)

    def conclude(self, mark: Mark, bodies: Sequence[Body]) -> Mark:
        """What stands for a mark with these bodies: itself, or the premise or earlier mark that it always equals."""
        if not bodies or len(bodies) == 1 == len(bodies[0]):  # as it mostly is
            return bodies[0][0] if bodies else FALSE
        found = set[Body]()
        for body in bodies:
            if FALSE not in body:
                found.add(body if len(body) == 1 and body[0] != TRUE else tuple(sorted({*body} - {TRUE})))
        if not found or () in found:
            return TRUE if found else FALSE
        if len(found) == 1 and len(only := next(iter(found))) == 1:
            return only[0]
        earlier = self.same.setdefault(frozenset(found), mark)
        if earlier != mark:
            return earlier
        for body in sorted(found):
            self.heads.setdefault(self.short(body), []).append(mark)
        return mark

    def short(self, body: Body) -> Body:
        """The body in no more premises than the engine can join."""
        while len(body) > MAX_PREMISES:
            body = (*body[MAX_PREMISES:], self.conclude(next(self.fresh), [body[:MAX_PREMISES]]))
        return body

    def at_least(self, k: int, premises: Sequence[Mark]) -> list[Body]:
        """The bodies for "k of the premises": a totaliser, with an auxiliary for "so many of those so far"."""
        premises = [premise for premise in premises if premise != FALSE]
        reached: list[list[Body]] = [[()], *([] for _ in range(k))]
        for left, premise in zip(range(len(premises) - 1, -1, -1), premises, strict=True):
            for j in range(k, 0, -1):
                bodies = [*reached[j], *((*body, premise) for body in reached[j - 1])] if j + left >= k else []
                reached[j] = [(self.conclude(next(self.fresh), bodies),)] if left and len(bodies) > 1 else bodies
        return reached[max(k, 0)]

    def not_shown(self, exception: Mark, stratum: int) -> Mark:
        """The assumption that the host makes when the exception's stratum is settled without it."""
        if exception in (TRUE, FALSE):
            return FALSE if exception == TRUE else TRUE
        settled, assumed = self.unknown.get(exception) or (stratum, next(self.fresh))
        self.unknown[exception] = (min(settled, stratum), assumed)
        return assumed

    def shared(self, premise: Mark) -> Mark:
        """The premise, or a copy of it once the engine can let no more rules share its test."""
        turn, self.uses[premise] = self.uses[premise] // MAX_USES, self.uses[premise] + 1
        if turn and (premise, turn) not in self.copies:
            self.copies[premise, turn] = next(self.fresh)
        return self.copies.get((premise, turn), premise)

    def done(self) -> Translation:
        spread = {tuple(map(self.shared, b)) if len(b) > 1 else b: heads for b, heads in self.heads.items()}
        for (premise, _), copy in self.copies.items():
            spread.setdefault((premise,), []).append(copy)
        derived = {mark for heads in spread.values() for mark in heads}
        clauses = (Clause(_and_so(h, spread), b) for b, h in spread.items() if len(b) > 1 or b[0] not in derived)
        strata = sorted({stratum for stratum, _ in self.unknown.values()})
        assumptions = (tuple((e, fact) for e, (at, fact) in self.unknown.items() if at == s) for s in strata)
        return Translation(tuple(clauses), tuple(self.root), tuple(assumptions), self.beside(spread))

    def beside(self, spread: Mapping[Body, list[Mark]]) -> dict[Mark, frozenset[Mark]]:
        """The premises beside each assumption, where it never stands alone and no node is nothing else."""
        assumed = {fact for _, fact in self.unknown.values()}
        company: dict[Mark, set[Mark]] = {fact: set() for fact in assumed.difference(self.root)}
        for body in spread:
            others = {premise for premise in body if premise not in assumed}
            for fact in company.keys() & set(body):
                if others:
                    company[fact] |= others
                else:
                    del company[fact]
        return {fact: frozenset(others) for fact, others in company.items()}


def _and_so(heads: list[Mark], spread: dict[Body, list[Mark]]) -> tuple[Mark, ...]:
    """The heads, and all that each of them gives by itself: one firing says it, and opening a session costs less."""
    reached, agenda = dict.fromkeys(heads), [*heads]
    for mark in agenda:
        agenda += (more := [head for head in spread.get((mark,), ()) if head not in reached])
        reached.update(dict.fromkeys(more))
    return tuple(reached)


def _each(premises: Iterable[Mark]) -> list[Body]:
    return [(premise,) for premise in premises if premise != FALSE]
