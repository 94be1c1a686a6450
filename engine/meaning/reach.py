"""How little evidence reaches a conclusion: one signature, two signatures, published numbers alone.

One wide evaluation with every look at the evidence marked both ways bounds what can be reached from above, because
without exceptions no mark is ever lost by adding marks. What the bound leaves possible is asked exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import combinations
from operator import and_
from typing import NamedTuple

from engine.bits import evaluate
from engine.meaning.asking import Asking
from engine.meaning.findings import Finding, Want
from engine.meaning.laws import marks_of
from engine.meaning.rules import Meaning
from engine.meaning.solving import Undecided
from engine.program import NOW, Atom, Op, Program
from kb.conditions import LADDERS, Head
from kb.knowledge import Knowledge
from kb.model import Kind
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


def about_reach(meaning: Meaning, asking: Asking) -> Iterator[Finding]:
    """The conclusions that too little evidence can reach, with the smallest combination.

    A result is not told again that is reached by way of a picture, nor two signatures of which one alone is enough.
    """
    reaches = tuple(_reaches(meaning.knowledge))
    possible = _bound(meaning.usual, reaches)
    told: dict[str, str] = {}
    for reach, heads in zip(reaches, possible, strict=True):
        for head in (head for head in reach.heads if head in heads):
            node = meaning.program.head(head.kind, head.id, head.level)
            if node is None or any(told.get(id, head.kind) != head.kind for id in reach.signatures):
                continue
            found = _exactly(reach, head, Want(node), meaning, asking)
            if found is not None:
                told |= {id: head.kind for id in reach.signatures if reach.code is Code.ONE_SIGNATURE}
                yield found


def _reaches(knowledge: Knowledge) -> Iterator[Reach]:
    """Each signature alone, each two of them, and numbers alone."""
    owned = indicators_of(knowledge)
    guarded = tuple(_guarded(knowledge))
    strongest = tuple(head for head in guarded if head.kind == "result" and head.id in knowledge.results()[:1])
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
    numbers, owned = sum(1 << i for i, reach in enumerate(reaches) if not reach.signatures), dict[str, int]()
    for i, reach in enumerate(reaches):
        owned |= {id: owned.get(id, 0) | 1 << i for id in reach.indicators}
    held = [reduce(and_, (owned.get(test.indicator, 0) for test in atom.tests))
            | (0 if atom.corroboration or atom.context.plus is not None else numbers) for atom, _ in program.atoms]
    planes = evaluate(without_exceptions(program), [(bits, bits) for bits in held], len(reaches))
    asked = {Head(p.kind, p.id, p.level): planes[node][0] for p, node in program.heads.items() if p.context == NOW}
    return [{head for head in reach.heads if asked.get(head, 0) >> i & 1} for i, reach in enumerate(reaches)]


def without_exceptions(program: Program) -> Program:
    """The program in which an exception never stops a rule, and only adds marks against it: so marks only add marks."""
    return program._replace(nodes=tuple(
        node._replace(op=Op.HEAD, k=1) if node.op is Op.UNLESS else node for node in program.nodes))


def _exactly(reach: Reach, head: Head, want: Want, meaning: Meaning, asking: Asking) -> Finding | None:
    """The smallest combination of the allowed evidence that reaches the head, or None where there is none."""
    rules = [r for r in meaning.knowledge.in_force if (r.head.kind, r.head.id) == (head.kind, head.id) and r.head.found]
    points = list(enumerate(meaning.laws.points))
    outside = [-mark for mark in marks_of(point for point, atom in points if not reach.allows(atom))]
    events = [-mark for mark in marks_of(point for point, atom in points if not _of_numbers(atom, meaning.knowledge))]
    try:
        about = [meaning.literal(want), *map(meaning.holds, rules)]
        for rule in sorted(rules, key=lambda rule: LADDERS[head.kind].index(rule.head.level)):
            wanted = [meaning.holds(rule), *outside]
            if asking.ever(wanted, about):
                usual = [*wanted, *(events if not reach.signatures else ())]
                shown = asking.smallest(usual if asking.ever(usual, about) else wanted, about)
                return Finding(reach.code, rule, head=head, signatures=reach.signatures, shown=shown,
                               wants=(Want(meaning.program.rules[rule.id]),))
    except Undecided as error:
        return Finding(Code.NOT_ANALYSED, rules[0], head=head, signatures=reach.signatures, why=str(error))
    return None


def _of_numbers(atom: Atom, knowledge: Knowledge) -> bool:
    """Whether the tests are of indicators that are published as numbers."""
    return all(knowledge.vocabulary.indicators[test.indicator].kind is Kind.STATISTIC for test in atom.tests)
