"""How little evidence reaches a conclusion: one signature, two signatures, published numbers alone.

One wide evaluation with every look at the evidence marked both ways bounds what can be reached from above, because
without exceptions no mark is ever lost by adding marks. What the bound leaves possible is asked exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from engine.bits import evaluate
from engine.meaning.cones import Answers
from engine.meaning.findings import Finding, Want
from engine.meaning.laws import marks_of
from engine.meaning.rules import Ask, Meaning
from engine.meaning.solving import Undecided
from engine.program import NOW, Atom, Op, Program, compile_rules
from kb.conditions import LADDERS, Head, Rule
from kb.knowledge import Knowledge
from kb.problems import Code


class Reach(NamedTuple):
    """A body of evidence that should not reach some conclusions (`heads`): the indicators of some signatures.

    Without signatures: whatever is published as a number, of any indicator.
    """

    code: Code
    signatures: tuple[str, ...]
    indicators: frozenset[str]
    heads: tuple[Head, ...]

    def allows(self, atom: Atom) -> bool:
        """Whether this evidence may leave marks there: a number leaves none where an event or finding is asked for."""
        if not self.signatures:
            return atom.context.plus is None and not atom.corroboration
        return self.indicators.issuperset(test.indicator for test in atom.tests)


def about_reach(meaning: Meaning, ask: Ask) -> Iterator[Finding]:
    """Every conclusion that too little evidence can reach, once each, with the smallest combination."""
    reaches = tuple(_reaches(meaning.knowledge))
    possible = _bound(compile_rules(meaning.knowledge.rules), reaches)
    told: set[tuple[Code, Head, frozenset[str]]] = set()
    for reach, heads in zip(reaches, possible, strict=True):
        for head in (head for head in reach.heads if head in heads):
            node = meaning.program.head(head.kind, head.id, head.level)
            smaller = any((reach.code, head, frozenset(part)) in told for part in combinations(reach.signatures, 1))
            if node is not None and not smaller:
                found = _exactly(reach, head, Want(node), meaning, ask)
                if found is not None:
                    told.add((reach.code, head, frozenset(reach.signatures)))
                    yield found


def _reaches(knowledge: Knowledge) -> Iterator[Reach]:
    """Each signature alone, each two of them, and numbers alone."""
    owned = indicators_of(knowledge)
    guarded = tuple(_guarded(knowledge))
    strongest = tuple(head for head in guarded if head.kind == "result" and head.id == knowledge.results()[0])
    for id, mine in owned.items():
        yield Reach(Code.ONE_SIGNATURE, (id,), mine, guarded)
    for pair in combinations(owned, 2):
        yield Reach(Code.TOO_FEW, pair, owned[pair[0]] | owned[pair[1]], strongest)
    yield Reach(Code.NUMBERS_ALONE, (), frozenset(), strongest)


def indicators_of(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """The indicators of each signature that has a file: its signs, and whatever the vocabulary lists under it."""
    about: dict[str, set[str]] = {id: {sign.test.test.indicator for sign in s.all} for id, s in knowledge.signs.items()}
    for indicator in knowledge.vocabulary.indicators.values():
        about.get(indicator.signature, set()).add(indicator.id)
    return {id: frozenset(indicators) for id, indicators in about.items()}


def _guarded(knowledge: Knowledge) -> Iterator[Head]:
    """The conclusions that one signature must never reach: pictures, and results that put a question."""
    for (kind, id), _ in sorted(knowledge.conclusions().items()):
        if kind == "picture" or (kind == "result" and id in knowledge.questions()):
            yield Head(kind, id, LADDERS[kind][0])


def _bound(program: Program, reaches: Sequence[Reach]) -> list[set[Head]]:
    """For each body of evidence, the conclusions that it could reach: all in one evaluation."""
    held: dict[tuple[frozenset[str], bool], int] = {}
    columns = []
    for atom, _ in program.atoms:
        alike = frozenset(test.indicator for test in atom.tests), atom.corroboration or atom.context.plus is not None
        if alike not in held:
            held[alike] = sum(1 << i for i, reach in enumerate(reaches) if reach.allows(atom))
        columns.append(held[alike])
    planes = evaluate(without_exceptions(program), [(bits, bits) for bits in columns], len(reaches))
    asked = {Head(p.kind, p.id, p.level): planes[node][0] for p, node in program.heads.items() if p.context == NOW}
    return [{head for head, plane in asked.items() if plane >> i & 1} for i in range(len(reaches))]


def without_exceptions(program: Program) -> Program:
    """The program in which an exception never stops a rule, and only adds marks against it: so marks only add marks."""
    return program._replace(nodes=tuple(
        node._replace(op=Op.HEAD, k=1) if node.op is Op.UNLESS else node for node in program.nodes))


def _exactly(reach: Reach, head: Head, want: Want, meaning: Meaning, ask: Ask) -> Finding | None:
    """The smallest combination of the allowed evidence that reaches the head, or None where there is none."""
    literal = meaning.literal(want)
    rule = _concluding(meaning.knowledge, head)
    try:
        answering: Answers = ask([literal])
        points = [point for point, atom in enumerate(meaning.laws.points) if not reach.allows(atom)]
        wanted = [literal, *(-mark for mark in marks_of(points))]
        if not answering.ever(wanted):
            return None
        shown = answering.smallest(wanted)
    except Undecided as error:
        return Finding(Code.NOT_ANALYSED, rule, head=head, signatures=reach.signatures, why=str(error))
    return Finding(reach.code, rule, head=head, signatures=reach.signatures, shown=meaning.marks(shown), wants=(want,))


def _concluding(knowledge: Knowledge, head: Head) -> Rule:
    return min((r for r in knowledge.in_force if (r.head.kind, r.head.id) == (head.kind, head.id) and r.head.found),
               key=lambda r: (LADDERS[head.kind].index(r.head.level), r.id))
