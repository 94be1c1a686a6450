"""What comes out otherwise by two versions on one day, traced down to the rules that are not the same in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.assess import Assessment
from engine.bits import NOTHING
from engine.program import Op, Proposition
from engine.versions import Head, Look, Versions, looks
from kb.conditions import LADDERS, Rule


class Tracing:
    """Traces what differs on one day down to the rules that are not the same in both versions."""

    def __init__(self, versions: Versions) -> None:
        self.rules = versions.rules
        both = (versions.old.ready, versions.new.ready)
        self.programs = [ready.program for ready in both]
        self.looks = [looks(program, program.rules) for program in self.programs]
        heads = [{rule.id: rule.head for rule in ready.knowledge.in_force} for ready in both]
        self.moved = {id for id in self.rules if heads[0].get(id) != heads[1].get(id)}
        self.under: dict[tuple[int, int], tuple[Proposition, ...]] = {}

    def causes(self, pair: tuple[Assessment, Assessment], heads: Iterable[Head]) -> tuple[str, ...]:
        """The rules, not the same in both versions, by which these come out otherwise; each once, in order of ids."""
        agenda = [Proposition(kind, id, level) for kind, id in heads for level in LADDERS[kind]]
        seen, found = set[Proposition](), set[str]()
        while agenda:
            head = agenda.pop()
            if head in seen or not self._differ(pair, [program.heads.get(head) for program in self.programs]):
                continue
            seen.add(head)
            for look in self._rules(head):
                nodes = [known.get(look) for known in self.looks]
                if look[0] in self.moved or self._differ(pair, nodes):
                    found |= {look[0]} & self.rules
                    agenda += [p for side, node in enumerate(nodes) for p in self._below(side, node)]
        return tuple(sorted(found))

    def _differ(self, pair: tuple[Assessment, Assessment], nodes: Sequence[int | None]) -> bool:
        """Whether the marks of one thing differ between the versions."""
        one, other = (NOTHING if node is None else it.model[node] for it, node in zip(pair, nodes, strict=True))
        return bool(one != other)

    def _rules(self, head: Proposition) -> Iterator[Look]:
        for program in self.programs:
            node = program.heads.get(head)
            for arg in program.nodes[node].args if node is not None else ():
                origin = program.nodes[arg].origin
                if isinstance(origin, Rule):
                    yield origin.id, program.nodes[arg].context

    def _below(self, side: int, node: int | None) -> tuple[Proposition, ...]:
        """The signatures and conclusions that a rule asks for, as it looks at them."""
        if node is None:
            return ()
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
