"""Forward chaining step by step: each rule that fires, in the order of its stratum and id, and the working memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import or_

from engine.assess import Assessment, state_of
from engine.firing import Step, steps
from engine.planes import BOTH, READINGS
from engine.program import NOW, Atom, Proposition
from engine.proofs import Mark
from explain import words
from explain.account import Account, Line, closing, heading
from explain.evidence import SHOWN
from explain.names import Names
from kb.conditions import HELD, LADDERS, Condition, Rule, Test
from kb.dates import long_date
from kb.model import State


def memory(taken: Sequence[Step], name: Callable[[str, str], str] = lambda _, named: named) -> tuple[str, ...]:
    """The signatures and conclusions that some steps leave in working memory, each with its level, as concluded.

    `name`: what each is called, by its kind and id.
    """
    heads = dict.fromkeys((step.rule.head.kind, step.rule.head.id) for step in taken)
    return tuple(f"{name(*head)} ({told})" if (told := _standing(head[0], [s for s in taken if (
        s.rule.head.kind, s.rule.head.id) == head])) else name(*head) for head in heads)


def _standing(kind: str, taken: Sequence[Step]) -> str:
    """The highest level concluded; above it, the highest that is contested; and whether it is found not to be so."""
    told, readings = list[str](), 0
    for level in reversed(LADDERS[kind]):
        here = [step.readings for step in taken if step.rule.head.found and step.rule.head.level == level]
        readings = reduce(or_, here, readings)
        if here and (readings == BOTH or not told):
            name = "" if level in HELD else level
            told.append(name if readings == BOTH else f"{name} contested".strip())
        if readings == BOTH:
            break
    refuted = [words.STATE_WORDS[State.NOT_FOUND]] if any(not step.rule.head.found for step in taken) else []
    return "; ".join(part for part in (*reversed(told), *refuted) if part)


def trace(assessment: Assessment) -> Account:
    """The steps as an account: what is given, each firing with its premises and the memory, and the result."""
    return _Tracing(assessment).account()


class _Tracing:
    """Tells the steps of one assessment."""

    def __init__(self, assessment: Assessment) -> None:
        self.it, self.names = assessment, Names(assessment.knowledge)
        self.indicators = assessment.knowledge.vocabulary.indicators

    def account(self) -> Account:
        taken, case = steps(self.it), self.it.case
        told = tuple(self.step(number, step, taken) for number, step in enumerate(taken, 1))
        result = self.it.knowledge.conclusions()["result", self.it.result]
        return Account(
            heading=heading(case),
            subheading=f"as at {long_date(self.it.as_at)}: only what was public by then, and still in date, counts",
            answer=result.title, sentence=result.because.replace("{authority}", case.authority),
            facts=(f"{words.count_of(len(taken), 'step')}, by stratum and then by the name of the rule. What a rule "
                   "needs was concluded in a stratum before its own.",),
            chain=(self.given(), *told, *self.stopped()), missing=(), notes=(),
            closing=closing(self.it.knowledge.vocabulary),
            section="Forward chaining, step by step", case=case.id, authority_code=case.authority_code,
            as_at=self.it.as_at.isoformat(), result=self.it.result)

    def given(self) -> Line:
        """What the evidence gives before any rule fires."""
        asked = {test for atom, _ in self.it.program.atoms for test in atom.tests if not atom.context.shift}
        states = {test: self.state(test) for test in sorted(asked, key=str)}
        met = [self.test(test, state) for test, state in states.items() if state in SHOWN]
        unmet = [self.named(test) for test, state in states.items() if state is State.NOT_FOUND]
        told = f"Not met ({words.count_of(len(unmet), 'test')}): {words.several(list(dict.fromkeys(unmet)))}"
        fold = (Line("fold", told, State.NOT_FOUND),) if unmet else ()
        return Line("given", f"At the start: {words.count_of(len(met), 'test')} met by the evidence",
                    children=(*met, *fold))

    def state(self, test: Test) -> State:
        """What both readings of the evidence held today say of a test."""
        first, second = (self.it.looking.sides(test, NOW, reading) for reading in READINGS)
        for_, against = (bool(one) | bool(other) << 1 for one, other in zip(first, second, strict=True))
        return state_of((for_, against))

    def named(self, test: Test) -> str:
        return words.measured(test, self.indicators[test.indicator])

    def test(self, test: Test, state: State) -> Line:
        """A test with what it asks and what was observed."""
        indicator = self.indicators[test.indicator]
        verdict = self.it.looking.verdict(test, 0)
        seen = (*verdict.for_by, *verdict.against_by)
        year = seen[0].about.end.year if seen else None
        asks = words.asked(test, indicator, self.it.knowledge.vocabulary.compared_with, verdict.limit, year)
        value = words.both_sides(verdict, indicator)
        return Line("test", self.named(test), state, about=f"test {test}", value=value,
                    small=(f"{asks}; observed: {value}",))

    def step(self, number: int, step: Step, taken: Sequence[Step]) -> Line:
        """One firing."""
        rule, contested = step.rule, "" if step.readings == BOTH else ", contested"
        _, *exceptions = self.it.program.nodes[step.node].args
        before, after = memory(taken[:number - 1]), memory(taken[:number])
        lines = [*self.premises(step.node),
                 *(self.exception(c, arg) for c, arg in zip(rule.unless, exceptions, strict=True))]
        free = "" if lines else " It has no condition, and is said where nothing else of its kind holds."
        return Line(
            "step", f"Step {number}, stratum {step.stratum}: rule {rule.id} fires{contested}", place=rule.place,
            text=f"It concludes: {self.concluded(rule)}.{free}",
            small=(f"working memory before: {', '.join(before) or 'nothing concluded yet'}",
                   f"working memory after: {', '.join(after) if after != before else 'as before'}"),
            children=tuple(dict.fromkeys(lines)), id=rule.id, level=rule.head.level if rule.head.found else "")

    def concluded(self, rule: Rule) -> str:
        """What a rule concludes, at which level."""
        head = rule.head
        level = "" if head.level in HELD else f" ({head.level})"
        told = f"present{level}" if head.found else words.STATE_WORDS[State.NOT_FOUND]
        return f"{self.names.title(head.kind, head.id)} [{words.FOUND[head.kind]}]: {told}"

    def stopped(self) -> Iterator[Line]:
        """The rules whose conditions hold and that an exception stops."""
        for rule in sorted(self.it.knowledge.in_force, key=lambda rule: rule.id):
            node = self.it.program.rules[rule.id]
            when, *exceptions = self.it.program.nodes[node].args
            shown = [c for c, arg in zip(rule.unless, exceptions, strict=True) if self.it.state(arg) in SHOWN]
            if shown and self.it.state(when) in SHOWN and self.it.state(node) not in SHOWN:
                by = words.several([self.names.name_of(c) for c in shown])
                yield Line("stopped", f"Rule {rule.id} is stopped by an exception: {by}", place=rule.place,
                           text=f"It would have concluded: {self.concluded(rule)}.")

    def exception(self, condition: Condition, node: int) -> Line:
        """An exception that was looked for, and whether it is shown."""
        name, state = self.names.name_of(condition), self.it.state(node)
        return Line("assumption", words.exception(name, state), state)

    def premises(self, rule: int) -> Iterator[Line]:
        """What was in working memory that the rule fires on: tests, signatures and conclusions."""
        found = (mark for proof in self.it.proofs if proof.holds(Mark(rule)) for mark in proof.nearest(Mark(rule)))
        for mark in dict.fromkeys(found):
            origin = self.it.program.nodes[mark.node].origin
            assert isinstance(origin, (Atom, Proposition))
            yield self.premise(origin, mark.node)

    def premise(self, origin: Atom | Proposition, node: int) -> Line:
        """One premise, with its state as the rule looks at it."""
        state, context = self.it.state(node), origin.context
        within = f", within {context.within} months" if context.within is not None else ""
        earlier = f", {context.shift} months earlier" if context.shift else ""
        if isinstance(origin, Proposition):
            title = self.names.title(origin.kind, origin.id) + within + earlier
            return Line(origin.kind, title, state, origin.level, id=origin.id)
        if origin.corroboration:
            return Line("group", f"Two kinds of evidence from two documents{within}{earlier}", state)
        (test,) = origin.tests
        value = words.both_sides(self.it.looking.verdict(test, context.shift), self.indicators[test.indicator])
        observed = f" ({value})" if value else ""
        return Line("test", f"{self.named(test)}{observed}{within}{earlier}", state, about=f"test {test}", value=value)
