"""Whether a condition that decides nothing now decides nothing wherever its rule is looked at in another way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from engine.compiling import Compiler, compiled_bare
from engine.meaning.answers import whether_ever
from engine.meaning.asking import Asking
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.findings import Finding
from engine.meaning.laws import Laws, allowed, laws, mark_against, mark_for, point_of
from engine.meaning.rules import Meaning
from engine.meaning.shapes import shape, shape_below
from engine.meaning.solving import Undecided, Whole, available
from engine.program import ANY_AGE, NOW, Context, Program
from engine.proofs import below
from kb.conditions import Condition, Head, HeadIs, HeldFor, MoreThanNumbers, Not, Rule, Within, conditions_of
from kb.problems import Code

FEW = 4
"""So many earlier combinations are tried, of those that might show that a condition decides something."""


def everywhere(meaning: Meaning, findings: Sequence[Finding], asking: Asking) -> tuple[Finding, ...]:
    """The findings, but for conditions that decide something where a conclusion is asked for in another way.

    There, evidence is taken as usual: otherwise two thresholds of one indicator would never be told from one, because
    two bodies might have looked at it at different times. Where no answer can be had, the rule is left open.
    """
    return tuple(left for finding in findings for left in _left(finding, meaning, asking))


def _left(finding: Finding, meaning: Meaning, asking: Asking) -> tuple[Finding, ...]:
    try:
        return () if _decides(finding, meaning, asking) else (finding,)
    except Undecided as error:
        return (Finding(Code.NOT_ANALYSED, finding.rule, why=str(error)),)


def _decides(finding: Finding, meaning: Meaning, asking: Asking) -> bool:
    """Whether some look at a finding's rule is another without the condition."""
    contexts = [context for context in meaning.contexts(finding.rule) if context != NOW]
    if finding.without is None or not contexts:
        return False
    whole = finding.rule._replace(id=f"\0whole {finding.without.id}")
    rules = [whole._replace(head=Head("channel", whole.id, "held")), finding.without]
    own = [b"looks", repr(sorted(contexts, key=str)).encode()]
    own += [shape(rule, meaning.knowledge) for rule in (finding.rule, finding.without)]
    named = {(c.kind, c.id) for rule in rules for c in conditions_of(rule) if isinstance(c, HeadIs)}
    below = shape_below(meaning.knowledge, named)

    def decides() -> bool:
        pairs = list(zip(*(_looks(rule, contexts, meaning.compiler) for rule in rules), strict=True))
        looked = _Looked(compiled_bare(meaning.compiler, (), full=False), pairs, meaning, asking)
        return looked.shown() or looked.ever()
    return asking.keep((*own, *below), decides)


def _looks(rule: Rule, contexts: Sequence[Context], compiler: Compiler) -> list[int]:
    """The nodes of looks at a rule, each in one context."""
    compiler.by_head[rule.head.kind, rule.head.id] = [rule]
    return [compiler.condition(_asked(rule.head, context), NOW) for context in contexts]


class _Looked:
    """Pairs of nodes that are two looks at a rule, with a condition and without; on usual evidence."""

    def __init__(self, program: Program, pairs: Sequence[tuple[int, int]], meaning: Meaning, asking: Asking) -> None:
        self.program, self.pairs, self.asking, self.vocabulary = program, pairs, asking, meaning.knowledge.vocabulary
        nodes = below(program, [node for pair in pairs for node in pair])
        atoms = {place for place, (_, node) in enumerate(program.atoms) if node in nodes}
        self.held = laws(program, self.vocabulary, one_voice=True, only=atoms)

    def shown(self) -> bool:
        """Whether an earlier combination shows that two looks differ."""
        examples = self.asking.examples
        examples.reach(self.program)
        return any(allowed(self.held, self._moved(marks, examples.laws, self.held))
                   for pair in self.pairs for marks in islice(examples.columns(*pair), FEW))

    def ever(self) -> bool:
        """Whether two looks differ in any combination. Raises Undecided."""
        circuit = Circuit(len(self.held.points))
        wires = Wires(self.program, circuit)
        changed = circuit.any([circuit.changed(wires[one], wires[other]) for one, other in self.pairs])
        if not available():
            return whether_ever(circuit, self.held, self.vocabulary)(changed)
        found = None if changed == -circuit.true else Whole(circuit, self.held).example([changed])
        if found is not None:
            self.asking.examples.add(self._moved(found, self.held, self.asking.examples.laws))
        return found is not None

    def _moved(self, marks: Iterable[int], of: Laws, to: Laws) -> frozenset[int]:
        """The same marks by the numbers of other laws, as far as these speak of them."""
        place = {to.points[point]: point for point in to.groups}
        found = ((place.get(of.points[point_of(mark)]), mark % 2) for mark in marks)
        return frozenset(mark_for(point) if for_ else mark_against(point) for point, for_ in found if point is not None)


def _asked(head: Head, context: Context) -> Condition:
    """What asks for a conclusion in a context."""
    asked: Condition = HeadIs(head.kind, head.id, head.level)
    asked = HeldFor(asked, context.shift) if context.shift else asked
    asked = Not(asked) if context.refuting else asked
    if context.plus is not None:
        asked = MoreThanNumbers(asked, None if context.plus == ANY_AGE else context.plus)
    return asked if context.within is None else Within(asked, context.within)
