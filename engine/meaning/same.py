"""Whether two versions of the rules mean the same, and the smallest combination of evidence on which they differ.

Old and new rules are one program over the same tests, so that both are asked of the same evidence. Only what rests on a
rule that is not the same is there twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.bits import Plane, evaluate
from engine.compiling import compile_rules
from engine.meaning.answers import answers, cone, ground_of
from engine.meaning.circuit import Circuit, Pair, Wires
from engine.meaning.findings import Mark
from engine.meaning.laws import Clause, Laws, laws, mark_against, mark_for, marks_of, point_of
from engine.meaning.sidebyside import OLD, side_by_side
from engine.meaning.solving import Undecided
from engine.prepared import Prepared
from engine.program import ANY_AGE, NOW, Context, Program, Proposition
from engine.proofs import below
from kb.alike import Known, affected
from kb.conditions import HELD, LADDERS, Test
from kb.knowledge import Knowledge
from kb.model import Kind, Vocabulary


class Meant(NamedTuple):
    """What was found.

    `same`: proved to mean the same (True), shown to differ (False), or neither (None, and `why`). `shown`: the smallest
    combination of evidence on which `head` comes out otherwise (the overall result has the id ""); `was` and `now`: how
    it stands there, by its levels that have a mark for, or (`-`) against; of the overall result, by its id. `older`:
    tests of it whose evidence ends longer ago than so many months. `why` beside a difference: why none smaller could be
    ruled out.
    """

    same: bool | None
    head: Known | None = None
    shown: tuple[Mark, ...] = ()
    was: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    why: str = ""
    older: tuple[tuple[Test, int], ...] = ()


TOLD = ("result", "")
"""The overall result that is told: the first of those that hold, in the order that rules give them."""


class Smallest(NamedTuple):
    """The smallest combination that makes a literal hold: whether of unusual evidence, of how many tests; its marks."""

    unusual: bool
    tests: int
    marks: frozenset[int]


def meant(old: Prepared, new: Prepared, rules: frozenset[str]) -> Meant:
    """Whether any evidence gives any signature or conclusion otherwise; `rules`: those that are not the same.

    A difference anywhere is a difference of one of these rules, as something looks at it. So where no look at their own
    conclusions comes out otherwise on less evidence than one of these conclusions does, nothing does; only else is the
    whole chain asked at once.
    """
    versions = old.knowledge, new.knowledge
    direct = {(r.head.kind, r.head.id) for knowledge in versions for r in knowledge.in_force if r.id in rules}
    reordered = versions[0].results() != versions[1].results()
    try:
        near = _Both(*versions, rules, direct, _looks(direct, old.program, new.program))
        looked = [some[:2] for literal in near.looks if (some := near.smallest(literal)) is not None]
        floor = min(looked, default=None)
        if floor is None and not reordered:
            return Meant(True)
        found = near.least()
    except Undecided as error:
        return Meant(None, why=str(error))
    if found is not None and found[0][:2] == floor and not reordered:
        return near.shown(*found)
    try:
        whole = _Both(*versions, rules, affected(*versions, rules))
        widest = whole.smallest(whole.anywhere)
    except Undecided as error:
        return Meant(None, why=str(error)) if found is None else near.shown(*found)._replace(why=str(error))
    return Meant(True) if widest is None else whole.shown(widest, whole.first_in(widest.marks))


def _looks(heads: Collection[Known], *programs: Program) -> list[Proposition]:
    """Every way in which something in these programs looks at some conclusions."""
    found = dict.fromkeys(head for program in programs for head in program.heads if (head.kind, head.id) in heads)
    return [looked_at._replace(id=id) for looked_at in found for id in (looked_at.id, OLD + looked_at.id)]


class _Both:
    """Some conclusions of both versions as one program over the same tests, ready to be asked where they differ."""

    def __init__(self, old: Knowledge, new: Knowledge, rules: frozenset[str], heads: Collection[Known],
                 also: Sequence[Proposition] = ()) -> None:
        self.orders = old.results(), new.results()
        self.apart = affected(old, new, rules)
        reordered = self.orders[0] != self.orders[1] and not also
        results = {("result", id) for order in self.orders for id in order} if reordered else set[Known]()
        self.heads = [*sorted(heads, key=lambda head: (tuple(LADDERS).index(head[0]), head[1])), *[TOLD][:reordered]]
        self.program = compile_rules(side_by_side(old, new, rules, {*heads, *results}), also)
        vocabulary = replace(new.vocabulary, indicators={**old.vocabulary.indicators, **new.vocabulary.indicators})
        self.held = laws(self.program, vocabulary)
        self.circuit = Circuit(len(self.held.points))
        self.pairs = Wires(self.program, self.circuit)
        self.never, self.found = -self.circuit.true, dict[int, Smallest | None]()
        self.literals = {head: self._otherwise(head, NOW) if head != TOLD else self._told() for head in self.heads}
        self.shows = {head: self.circuit.any(self._for_otherwise(head)) for head in self.heads if head != TOLD}
        self.anywhere = self.circuit.any(self.literals.values())
        contexts = dict.fromkeys(((p.kind, p.id.removeprefix(OLD)), p.context) for p in also)
        self.looks = [self._otherwise(*looked_at) for looked_at in contexts]
        # of a circuit to which nothing comes any more
        usual = usual_laws(laws(self.program, vocabulary, one_voice=True), vocabulary)
        self.grounds = [ground_of(self.circuit, some, vocabulary) for some in (usual, self.held)]

    def least(self) -> tuple[Smallest, Known] | None:
        """The smallest combination that gives one of the conclusions otherwise, each asked by itself.

        Of several, the first in the order of levels; and one that shows it by one version alone, where there is one.
        """
        found = [(some, head) for head in self.heads if (some := self.smallest(self.literals[head])) is not None]
        best = min(found, key=lambda one: one[0][:2], default=None)
        shown = None if best is None or best[1] == TOLD else self.smallest(self.shows[best[1]])
        return (shown, best[1]) if best is not None and shown is not None and shown[:2] == best[0][:2] else best

    def smallest(self, literal: int) -> Smallest | None:
        """The smallest combination in which it holds, of usual evidence where it can be; None where there is none.

        Raises Undecided.
        """
        if literal not in self.found:
            self.found[literal] = self._smallest(literal)
        return self.found[literal]

    def _smallest(self, literal: int) -> Smallest | None:
        if literal == self.never:
            return None
        for unusual, ground in enumerate(self.grounds):
            part = cone(ground, [literal])
            wanted = [literal, *(() if unusual else (-mark for mark in part.unusual))]
            asking = answers(part)
            if asking.ever(wanted):
                marks = asking.smallest(wanted)
                tests = sum(not marks.isdisjoint(marks_of(subject)) for subject in part.subjects)
                return Smallest(bool(unusual), tests, marks)
        return None

    def _otherwise(self, head: Known, context: Context) -> int:
        """The literal that holds where a signature or conclusion has other marks at some level, in one reading."""
        return self.circuit.any(self.circuit.changed(*(self._pair(head[0], name, level, context)
                                                                for name in (OLD + head[1], head[1])))
                                for level in LADDERS[head[0]])

    def _for_otherwise(self, head: Known) -> Iterator[int]:
        """The literals that hold where it is present at some level by one version alone."""
        for level in LADDERS[head[0]]:
            one, other = (self._pair(head[0], name, level) for name in (OLD + head[1], head[1]))
            yield self.circuit.differ(one.for_, other.for_)

    def _pair(self, kind: str, id: str, level: str, context: Context = NOW) -> Pair:
        node = self.program.heads.get(Proposition(kind, id, level, context))
        return Pair(self.never, self.never) if node is None else self.pairs[node]

    def _told(self) -> int:
        """The literal that holds where another overall result is told, in one reading."""
        before, after = (self._first(order, old) for order, old in zip(self.orders, (True, False), strict=True))
        return self.circuit.any(self.circuit.differ(before.get(id, self.never), after.get(id, self.never))
                                for id in sorted(before.keys() | after.keys()))

    def _first(self, order: Sequence[str], old: bool) -> dict[str, int]:
        """For each result the literal that it is the first that holds; the last is told where none does."""
        earlier, found = list[int](), dict[str, int]()
        for id in order:
            here = self._pair("result", OLD + id if old and ("result", id) in self.apart else id, HELD[0]).for_
            found[id] = self.circuit.all([*([here] if id != order[-1] else []), *(-other for other in earlier)])
            earlier.append(here)
        return found

    def first_in(self, marks: Iterable[int]) -> Known:
        """The first conclusion, in the order of levels, that a combination gives otherwise."""
        return next(head for head in self.heads if (told := self._stood(head, marks))[0] != told[1])

    def shown(self, found: Smallest, head: Known) -> Meant:
        """A combination worked out again by the evaluator: a solver proposes, the evaluator decides."""
        was, now = self._stood(head, found.marks)
        if was == now:
            raise AssertionError(f"{head[1]}: the evaluator does not bear out that the versions differ")
        marks = tuple(Mark(self.held.points[point_of(mark)], mark % 2 == 1) for mark in sorted(found.marks))
        return Meant(False, head, marks, was, now, older=tuple(self._older(found, head)))

    def _older(self, found: Smallest, head: Known) -> Iterator[tuple[Test, int]]:
        """Each test that has a mark, and has none where more recent evidence is asked for; the longest such period."""
        asked = {*([("result", id) for order in self.orders for id in order] if head == TOLD else [head])}
        nodes = below(self.program, [node for p, node in self.program.heads.items() if p.context == NOW and (
            p.kind, p.id.removeprefix(OLD)) in asked])
        held = [(i, atom) for i, (atom, node) in enumerate(self.program.atoms) if node in nodes]
        marked = [(atom, side) for i, atom in held for side in (1, 2) if 2 * i + side in found.marks]
        longest: dict[Test, int] = {}
        for i, atom in held:
            plain = atom.context.within is not None and atom.context.plus is None and not atom.corroboration
            like = [side for other, side in marked if (other.tests, other.context.shift, other.corroboration) == (
                atom.tests, atom.context.shift, False)]
            if plain and like and 2 * i + like[0] not in found.marks:
                longest[atom.tests[0]] = max(longest.get(atom.tests[0], 0), atom.context.within or 0)
        yield from sorted(longest.items(), key=str)

    def _stood(self, head: Known, marks: Iterable[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """How a conclusion stands by the old version and by the new on a combination."""
        there = set(marks)
        atoms = [(int(2 * i + 1 in there), int(2 * i + 2 in there)) for i in range(len(self.program.atoms))]
        planes = evaluate(self.program, atoms, 1)
        return self._side(head, planes, True), self._side(head, planes, False)

    def _side(self, head: Known, planes: Sequence[Plane], old: bool) -> tuple[str, ...]:
        if head == TOLD:
            order = self.orders[0 if old else 1]
            named = [(id, OLD + id if old and ("result", id) in self.apart else id) for id in order]
            return next(((id,) for id, name in named if _stands(
                self.program.head("result", name, HELD[0]), HELD[0], planes).startswith(HELD[0])), order[-1:])
        name = OLD + head[1] if old else head[1]
        return tuple(filter(None, (_stands(self.program.head(head[0], name, level), level, planes)
                                   for level in LADDERS[head[0]])))


def usual_laws(held: Laws, vocabulary: Vocabulary) -> Laws:
    """The same for evidence that is usual: what is said of an event or a finding is an event or a finding."""
    place = {held.points[i]: i for i in held.groups}

    def usual(members: Iterable[int]) -> Iterator[Clause]:
        for i in members:
            atom = held.points[i]
            k = place.get(atom._replace(context=atom.context._replace(plus=ANY_AGE)))
            if atom.context.plus is None and k is not None and not atom.corroboration and (
                    vocabulary.indicators[atom.tests[0].indicator].kind is not Kind.STATISTIC):
                yield -mark_for(i), mark_for(k)
                yield -mark_against(i), mark_against(k)
    return Laws(held.points, held.groups, held.members, (*held.say, usual))


def _stands(node: int | None, level: str, planes: Sequence[Plane]) -> str:
    for_, against = (0, 0) if node is None else planes[node]
    return f"{level} and -{level}" if for_ and against else level if for_ else f"-{level}" if against else ""
