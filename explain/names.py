"""What things are called: signatures, conclusions, and conditions in the middle of a sentence."""

from __future__ import annotations

from explain import words
from kb.conditions import AnyOf, Condition, HeadIs, Not, ProtectiveIs, TestIs, parts_of
from kb.knowledge import Knowledge


class Names:
    """The words by which people know the parts of a knowledge base."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.kb = knowledge
        self.conclusions = knowledge.conclusions()

    def title(self, kind: str, id: str) -> str:
        """The words by which people know it."""
        signature = self.kb.vocabulary.signatures.get(id)
        if kind == "signature" and signature is not None:
            return f"{id} {signature.label}"
        described = self.conclusions.get((kind, id))
        return described.title if described else id

    def category(self, kind: str, id: str) -> tuple[str, ...]:
        """The categories that a signature or conclusion belongs to."""
        signature = self.kb.vocabulary.signatures.get(id)
        if kind == "signature" and signature is not None:
            return (signature.category,)
        described = self.conclusions.get((kind, id))
        return described.category if described else ()

    def name_of(self, condition: Condition) -> str:
        """A short name of a condition, for the middle of a sentence."""
        match condition:
            case ProtectiveIs():
                return self.kb.vocabulary.protective[condition.id].short
            case HeadIs():
                return self.title(condition.kind, condition.id)
            case TestIs():
                return words.measured(condition.test, self.kb.vocabulary.indicators[condition.test.indicator])
            case Not():
                return f"no {self.name_of(condition.part)}"
            case AnyOf():
                return " or ".join(self.name_of(part) for part in condition.parts)
            case _:
                return words.several([self.name_of(part) for part in parts_of(condition)]) or "this"
