"""Two versions of a knowledge base over the same cases and dates: what stands otherwise, and which rules did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.assess import Asked, Assessment, Model
from engine.bits import NOTHING, Plane, evaluate
from engine.evidence import Evidence
from engine.planes import READINGS, Column, Looking, planes_beside, planes_seen
from engine.prepared import Prepared
from engine.program import NOW, Context, Op, Program, Proposition
from engine.proofs import Mark, Provenance
from engine.support import under
from kb.conditions import LADDERS, Rule

Head = tuple[str, str]
Look = tuple[str, Context]
"""A rule, by its id, as looked at in a context."""


class Versions(NamedTuple):
    """The assessments of the same cases and dates by the old version and by the new one, each by one evaluation."""

    old: tuple[Assessment, ...]
    new: tuple[Assessment, ...]

    @property
    def pairs(self) -> Iterator[tuple[Assessment, Assessment]]:
        """Old and new of each case and date."""
        return zip(self.old, self.new, strict=True)


def assessed(old: Prepared, new: Prepared, asked: Sequence[Asked], alike: bool) -> Versions:
    """Every case and date by both versions; `alike`: both read evidence in the same way, so it is read once."""
    later = _lookings(new, asked)
    earlier = later if alike else _lookings(old, asked)
    atoms = planes_seen(new.program, later)
    known = {atom: plane for (atom, _), plane in zip(new.program.atoms, atoms, strict=True)} if alike else {}
    before = planes_beside(old.program, earlier, known)
    return Versions(_assessments(old, before, earlier, asked), _assessments(new, atoms, later, asked))


def _lookings(ready: Prepared, asked: Sequence[Asked]) -> list[Looking]:
    held = {id(one.case): Evidence.of(one.case.observations, ready.knowledge.vocabulary) for one in asked}
    return [Looking(Column(held[id(one.case)], one.as_at)) for one in asked]


def _assessments(ready: Prepared, atoms: Sequence[Plane], lookings: Sequence[Looking], asked: Sequence[Asked],
                 ) -> tuple[Assessment, ...]:
    planes = evaluate(ready.program, atoms, 2 * len(asked))
    return tuple(Assessment(ready.knowledge, ready.program, one.case, one.as_at, Model(planes, i, len(asked)),
                            lookings[i], "bits") for i, one in enumerate(asked))


def differing(versions: Versions) -> list[int]:
    """The columns in which some signature or conclusion has other marks, in either reading of disputed evidence."""
    if not versions.new:
        return []
    old, new = versions.old[0], versions.new[0]
    if old.knowledge.results() != new.knowledge.results():
        return list(range(len(versions.new)))
    found = 0
    for head in old.program.heads.keys() | new.program.heads.keys():
        if head.context == NOW:
            for one, other in zip(*(_plane(it, head) for it in (old, new)), strict=True):
                found |= one ^ other
    return [i for i, it in enumerate(versions.new) if found >> it.model.first & 1 or found >> it.model.second + 1 & 1]


def _plane(assessment: Assessment, head: Proposition) -> Plane:
    node = assessment.program.heads.get(head)
    return NOTHING if node is None else assessment.model.planes[node]


def touched(versions: Versions, rules: frozenset[str]) -> list[int]:
    """The columns in which one of these rules has a mark in either version: nowhere else can reasons have changed."""
    marks = 0
    for some in (versions.old, versions.new):
        for node in (n for it in some[:1] for n in looks(it.program, rules).values()):
            marks |= some[0].model.planes[node][0] | some[0].model.planes[node][1]
    return [i for i, it in enumerate(versions.new) if marks >> it.model.first & 1 or marks >> it.model.second + 1 & 1]


def looks(program: Program, rules: Iterable[str]) -> dict[Look, int]:
    """The node of each of these rules in each context in which something asks for it."""
    wanted = set(rules)
    return {(node.origin.id, node.context): i for i, node in enumerate(program.nodes)
            if node.op is Op.UNLESS and isinstance(node.origin, Rule) and node.origin.id in wanted}


class Grounds:
    """What a conclusion rests on in one assessment: the observations and the rules of every route to it."""

    def __init__(self, assessment: Assessment) -> None:
        self.it = assessment
        self.proofs = [Provenance(assessment.program, assessment.model, column) for column in range(len(READINGS))]

    def of(self, kind: str, id: str) -> frozenset[object]:
        """The grounds of a signature or conclusion at the highest level at which it is present."""
        node = self.it.program.head(kind, id, self.it.level(kind, id) or "")
        found: set[object] = set()
        for column, proofs in enumerate(self.proofs if node is not None else ()):
            for mark in proofs.used(Mark(node or 0)):
                origin = self.it.program.nodes[mark.node].origin
                found |= {origin.id} if isinstance(origin, Rule) else {
                    o.sort_key for o in under(self.it.program, self.it.looking, mark, column)}
        return frozenset(found)


class Tracing:
    """Traces what differs in one column down to the rules that are not the same in both versions."""

    def __init__(self, versions: Versions, rules: frozenset[str]) -> None:
        self.rules = rules
        self.programs = [some[0].program for some in (versions.old, versions.new)]
        self.looks = [looks(program, program.rules) for program in self.programs]
        self.under: dict[tuple[int, int], tuple[Proposition, ...]] = {}

    def causes(self, pair: tuple[Assessment, Assessment], heads: Iterable[Head]) -> tuple[str, ...]:
        """The rules, not the same in both versions, by which these come out otherwise; each once, in order of ids."""
        agenda = [Proposition(kind, id, level) for kind, id in heads for level in LADDERS[kind]]
        seen, found = set[Proposition](), set[str]()
        while agenda:
            head = agenda.pop()
            if head in seen or self._marks(pair, [p.heads.get(head) for p in self.programs]) is None:
                continue
            seen.add(head)
            for look in self._rules(head):
                nodes = [known.get(look) for known in self.looks]
                if self._marks(pair, nodes) is not None:
                    found |= {look[0]} & self.rules
                    agenda += [p for side, node in enumerate(nodes) if node is not None for p in self._below(side, node)]
        return tuple(sorted(found))

    def _marks(self, pair: tuple[Assessment, Assessment], nodes: Sequence[int | None]) -> bool | None:
        """Whether the marks of one thing differ between the versions (None: they do not)."""
        one, other = (NOTHING if node is None else it.model[node] for it, node in zip(pair, nodes, strict=True))
        return True if one != other else None

    def _rules(self, head: Proposition) -> Iterator[Look]:
        for program in self.programs:
            node = program.heads.get(head)
            for arg in program.nodes[node].args if node is not None else ():
                origin = program.nodes[arg].origin
                if isinstance(origin, Rule):
                    yield origin.id, program.nodes[arg].context

    def _below(self, side: int, node: int) -> tuple[Proposition, ...]:
        """The signatures and conclusions that a rule asks for, as it looks at them."""
        if (side, node) not in self.under:
            program, agenda, found = self.programs[side], list(self.programs[side].nodes[node].args), []
            while agenda:
                at = program.nodes[agenda.pop()]
                if isinstance(at.origin, Proposition) and at.op is Op.HEAD:
                    found.append(at.origin)
                else:
                    agenda += at.args
            self.under[side, node] = tuple(dict.fromkeys(found))
        return self.under[side, node]
