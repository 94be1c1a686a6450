"""A signature as lines of an account: its grade, its sides, and which of its signs are shown."""

from __future__ import annotations

from engine.assess import Assessment
from engine.program import NOW, Context, Proposition
from explain.account import Line
from explain.evidence import SHOWN, EvidenceTeller, rule_of
from kb.conditions import LADDERS
from kb.knowledge import Signs
from kb.model import State


class SignatureTeller:
    """Tells the signatures of one assessment."""

    def __init__(self, assessment: Assessment, evidence: EvidenceTeller) -> None:
        self.it = assessment
        self.kb = assessment.knowledge
        self.evidence = evidence

    def told(self, line: Line, signs: Signs, context: Context, asked: str) -> Line:
        """A signature by its signs: those shown, those found not to be so, and those not known, folded."""
        node = self.it.program.heads[Proposition("signature", signs.signature, asked, context)]
        ways = [(rule_of(self.it, arg), self.it.state(arg)) for arg in self.it.program.nodes[node].args]
        graded = {rule.head.level: rule for rule, state in ways if rule.head.found and state in SHOWN}
        refuting = [rule for rule, state in ways if not rule.head.found and state is State.PRESENT]
        text = self.sentence(signs.signature, line.state)
        if line.state in SHOWN and graded:
            text = f"{text} {graded[line.level if line.level in graded else max(graded, key=_grade)].because}"
        elif line.state is State.NOT_FOUND and refuting:
            text = f"{text} {refuting[0].because}"
        if line.state not in SHOWN:
            text = f"{text} {self.partial(signs.signature)}".strip()
        facets = [self.evidence.facet(name, members, signs, context) for name, members in signs.facets]
        children = facets[0].children if len(facets) == 1 else tuple(facets)
        return line._replace(text=text, children=children, place=signs.place)

    def partial(self, id: str) -> str:
        """Which side of a signature that needs both is shown, where only one is."""
        signs = self.kb.signs[id]
        if signs.needs != "both" or self.it.head_state("signature", id) in SHOWN:
            return ""
        shown = [name for name, members in signs.facets
                 if self.evidence.facet(name, members, signs, NOW).state in SHOWN]
        return f"One of its two sides is shown: {shown[0]}. It needs both." if len(shown) == 1 else ""

    def sentence(self, id: str, state: State | None) -> str:
        """The vocabulary's sentence for a signature in this state."""
        told = self.kb.vocabulary.signatures[id].sentence(state) if state else ""
        return told.replace("{authority}", self.it.case.authority)


def _grade(level: str) -> int:
    return LADDERS["signature"].index(level)
