"""Answers to open questions: what to ask for, and what each answer alone, or a few together, would mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.assess import Assessment, Model, state_of
from engine.combinations import Set
from engine.settling import Head, Settling
from engine.unknowns import Question
from explain import words
from explain.account import Line
from explain.evidence import EvidenceTeller
from explain.names import Names
from explain.stretches import kept, stretch, title
from kb.conditions import LADDERS
from kb.model import NOT_RECORDED, State

NAMED = 4
"""Of a longer list of results so many are named, and the rest counted."""
WOULD = {State.PRESENT: "would hold", State.NOT_FOUND: "would not hold"}
KINDS = ("result", "picture", "channel", "mechanism")
GRADES = LADDERS["signature"]


class AnswerTeller:
    """Tells what the answers to one assessment's open questions would mean."""

    def __init__(self, settling: Settling) -> None:
        self.what, self.it, self.vocabulary = settling, settling.it, settling.it.knowledge.vocabulary
        self.names, self.evidence = Names(settling.it.knowledge), EvidenceTeller(settling.it)
        self.settled = [(head, settling.settled[head]) for head in told_order(settling.it, settling.settled)]
        self.graded = [(one.id, one.label, dict(self._grades(one.id)))
                       for one in self.it.knowledge.signatures_in_order]
        self.towards: dict[int, set[Head]] = {}
        for head, settled in self.settled:
            for place in (place for some in settled if len(some) > 1 for place in some):
                self.towards.setdefault(place, set()).add(head)

    def title(self, question: Question) -> str:
        """What a question is about, in the middle of a sentence."""
        return title(question, self.it)

    def heading(self, question: Question) -> str:
        """The same where it begins one."""
        told = self.title(question)
        return told[:1].upper() + told[1:]

    def titles(self, heads: Sequence[Head], most: int = NAMED) -> str:
        """Results by their names; of a long list the first, and how many more."""
        named = [self.names.title(*head) for head in heads[:most]]
        return "; ".join([*named, *([f"and {len(heads) - most} more"] if len(heads) > most else [])])

    def what_to_ask_for(self, question: Question) -> str:
        """What the evidence would be, and where such evidence comes from."""
        indicator = self.vocabulary.indicators[question.indicator]
        where = f" Where to look: {indicator.collection.rstrip('.')}." if indicator.collection != NOT_RECORDED else ""
        lead = "Ask each source what it saw, and for what would settle it" if question.disputed else "What would tell"
        return f"{lead}: {indicator.title.rstrip('.')}.{where}"

    def held(self, question: Question) -> Iterator[str]:
        """What is held, and why it decides nothing; of a dispute, each side is an answer and is told there."""
        if not question.disputed:
            indicator = self.vocabulary.indicators[question.indicator]
            yield f"Held now: {self.evidence.gap(self.it.looking.verdict(question.tests[0], 0), indicator)}"

    def example(self, question: Question, heads: Sequence[Sequence[Head]]) -> tuple[Line, ...]:
        """The smallest set of several answers that settles something, written out."""
        own = set(question.answers)
        for head in (head for several in heads[1:] for head in several):
            several = [(len(some), some) for some in self.what.settled[head] if not own.isdisjoint(some)]
            if several:
                _, some = min(several)
                return (Line("example", self.written(some, head, self.what.settled[head][some])),)
        return ()

    def written(self, some: Set, head: Head, state: State) -> str:
        """A set of answers, and what it would settle."""
        told = []
        for place in some:
            question = self.what.questions[self.what.question_of[place]]
            told.append(self.told(place) if question.disputed else f"{self.title(question)}: {self.told(place)}")
        return f"For example: {'; '.join(told)}. Then this {WOULD[state]}: {self.names.title(*head)}."

    def told(self, place: int) -> str:
        """An answer in words."""
        return stretch(self.what.answers[place], self.what.questions[self.what.question_of[place]], self.it)

    def answer(self, place: int, question: Question) -> Line:
        """One answer: what it alone would change and settle, and what it may count towards."""
        alone = {state: [head for head, settled in self.settled if settled.get((place,)) is state]
                 for state in WOULD}
        says = [f"{told}." for told in self._changed(self.what.alone(place))]
        says += [f"This {WOULD[state]}: {self.titles(heads)}." for state, heads in alone.items() if heads]
        if place in self.towards:
            helped = words.count_of(len(self.towards[place]), "result")
            says.append(f"With further answers it could help settle {helped}.")
        sources = tuple(words.cited(o) for o in kept(self.what.answers[place])) if question.disputed else ()
        lead = "If this is right: " if question.disputed else ""
        return Line("answer", f"{lead}{self.told(place)}", quoted=sources, text=" ".join(says) or (
            "Nothing is settled by it, alone or with two further answers."))

    def _grades(self, id: str) -> Iterator[tuple[str, int]]:
        """The grades of a signature, each with its node."""
        nodes = ((level, self.it.program.head("signature", id, level)) for level in GRADES)
        return ((level, node) for level, node in nodes if node is not None)

    def _changed(self, model: Model) -> Iterator[str]:
        """The signatures whose state or grade is then another."""
        for id, label, nodes in self.graded:
            if any(model[node] != self.it.model[node] for node in nodes.values()):
                after = {level: state_of(model[node]) for level, node in nodes.items()}
                if any(state is not self.it.state(nodes[level]) for level, state in after.items()):
                    grades = [level for level, state in after.items() if state is State.PRESENT]
                    stands = f"present ({grades[-1]})" if grades else words.STATE_WORDS[after[GRADES[0]]]
                    yield f"{id} would be {stands}: {label}"


def told_order(assessment: Assessment, heads: Iterable[Head]) -> list[Head]:
    """Results in the order in which they are told: the overall ones first, then what they rest on."""
    conclusions = assessment.knowledge.conclusions()
    return sorted(heads, key=lambda head: (KINDS.index(head[0]), conclusions[head].order, head[1]))
