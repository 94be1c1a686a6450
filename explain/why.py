"""Why: the chain from an overall result, or any conclusion, down to the observations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, reduce
from operator import or_
from typing import assert_never

from engine.assess import Assessment
from engine.program import NOW, Context, Proposition
from engine.proofs import gathered
from explain import words
from explain.account import Line
from explain.evidence import SHOWN, EvidenceTeller, rule_of
from explain.names import Names
from explain.signatures import SignatureTeller
from kb.conditions import (
    LADDERS,
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    ProtectiveIs,
    Rule,
    TestIs,
    Within,
)
from kb.model import Place, State


class Teller:
    """Tells one assessment's reasons, each once: what was shown above is pointed at, not repeated."""

    def __init__(self, assessment: Assessment) -> None:
        self.it = assessment
        self.kb = assessment.knowledge
        self.names = Names(assessment.knowledge)
        self.evidence = EvidenceTeller(assessment)
        self.signatures = SignatureTeller(assessment, self.evidence)
        self.told: set[str] = set()

    def head(self, kind: str, id: str, level: str | None = None, context: Context = NOW,
             place: Place | None = None) -> Line:
        """A signature or conclusion with the rules behind its state."""
        asked = level or LADDERS[kind][0]
        node = self.it.program.heads.get(Proposition(kind, id, asked, context))
        state = State.NOT_KNOWN if node is None else self.it.state(node)
        line = Line(kind, self.names.title(kind, id), state, self.level(node), quoted=self.disagreements(id),
                    key=self.key(kind, id, asked, state, node, context), place=place,
                    about=f"{kind} {id}", category=self.names.category(kind, id), id=id)
        if line.key in self.told:
            return line._replace(shown_above=True)
        self.told.add(line.key)
        if node is None:
            return line._replace(text="No rule speaks of it yet.")
        if kind == "signature":
            return self.signatures.told(line, self.kb.signs[id], context, asked)
        return self.concluded(line, node)

    def disagreements(self, id: str) -> tuple[str, ...]:
        """What the authority answers to this conclusion, as far as it was known by then."""
        return tuple(words.remark(told) for told in self.it.case.disagreements
                     if told.conclusion == id and told.known <= self.it.as_at)

    def key(self, kind: str, id: str, asked: str, state: State, node: int | None, context: Context) -> str:
        """What makes two tellings the same: where it holds, its level; where not, also how it was looked at."""
        held = state in SHOWN and node is not None
        looked_at = f"{self.level(node)} {self.under[node or 0]:x}" if held else f"{asked} {context}"
        return f"{kind} {id} {state} {looked_at}"

    @cached_property
    def under(self) -> list[int]:
        """The observations that each node rests on, as bits, to compare: the same words hide nothing."""
        bits, given = dict[tuple[object, ...], int](), dict[int, int]()
        for atom, index in self.it.program.atoms:
            if self.it.model[index][0]:
                met = (o for test in atom.tests for o in self.it.evidence_for(test, atom.context))
                given[index] = reduce(or_, (bits.setdefault(o.sort_key, 1 << len(bits)) for o in met), 0)
        return gathered(self.it.program, given)

    def level(self, node: int | None) -> str:
        """The highest level at which a head is present, as looked at there; "" where it is not."""
        if node is None:
            return ""
        head = self.it.program.nodes[node].origin
        if not isinstance(head, Proposition):
            raise TypeError("a head stands for a proposition")
        behind = [rule_of(self.it, arg).head.level for arg in self.it.program.nodes[node].args
                  if self.it.state(arg) is State.PRESENT and rule_of(self.it, arg).head.found]
        ladder = LADDERS[head.kind]
        asked = [level for level in ladder
                 if self.it.head_state(head.kind, head.id, level, head.context) is State.PRESENT]
        return max([*behind, *asked], key=ladder.index, default="")

    def tally(self, rule: Rule, node: int) -> str:
        """How many of a rule's conditions are met, where it needs all of several; and whether an exception stops it."""
        condition = rule.when.part if isinstance(rule.when, Within) else rule.when
        when, *exceptions = self.it.program.nodes[node].args
        stopped = self.it.state(when) in SHOWN and any(self.it.state(e) is State.PRESENT for e in exceptions)
        told = ["stopped by an exception"] if stopped else []
        if isinstance(condition, All) and len(condition.parts) > 1:
            parts = self.it.program.nodes[when].args
            states = [self.it.state(part) for part in parts]
            contested = f", {states.count(State.CONTESTED)} contested" if State.CONTESTED in states else ""
            told.insert(0, f"{states.count(State.PRESENT)} of {len(parts)} met{contested}")
        return ", ".join(told)

    def concluded(self, line: Line, node: int) -> Line:
        """A conclusion, by the rules that give it: those that hold, or all of them where none does."""
        if line.role == "picture":
            line = line._replace(small=(f"who can act: {self.names.conclusions[line.role, line.id].who_can_act}",))
        ways = self.ways(line.role, line.id, node)
        if not ways:
            return line._replace(text="No rule in force speaks of it.")
        held = [(rule, arg) for rule, arg in ways if self.it.state(arg) in SHOWN and rule.head.found]
        if line.state is State.CONTESTED:
            held += [(rule, arg) for rule, arg in ways if self.it.state(arg) in SHOWN and not rule.head.found]
        if not held and line.state is State.NOT_FOUND:
            held = [(rule, arg) for rule, arg in ways if self.it.state(arg) is State.PRESENT]
        chosen = _telling(held) or [(rule, arg) for rule, arg in ways if rule.head.raised_from is None] or ways
        if len(chosen) == 1:
            rule, arg = chosen[0]
            children = tuple(self.rule(rule, arg))
            line = line._replace(title=rule.title if held and not rule.head.raised_from else line.title)
            text = self.because(rule, line.state) if children else "No stronger result holds on the evidence held."
            return line._replace(text=text, place=rule.place, children=children, tally=self.tally(rule, arg))
        first, highest = chosen[0], max(chosen, key=lambda way: _height(way[0]))
        return line._replace(children=tuple(self.way(rule, arg) for rule, arg in chosen),
                             text=self.because(highest[0], line.state), place=first[0].place, tally=self.tally(*first))

    def ways(self, kind: str, id: str, node: int) -> list[tuple[Rule, int]]:
        """Every rule for a conclusion as looked at there, those that raise it included."""
        context = self.it.program.nodes[node].context
        heads = [self.it.program.heads.get(Proposition(kind, id, level, context)) for level in LADDERS[kind]]
        args = dict.fromkeys(arg for head in heads if head is not None for arg in self.it.program.nodes[head].args)
        return [(rule_of(self.it, arg), arg) for arg in args]

    def because(self, rule: Rule, state: State | None) -> str:
        """The sentence of what a rule concludes, in the state it has; a result's stands at the head of the answer."""
        if state is None or not rule.head.found or rule.head.kind == "result":
            return ""
        return words.of_conclusion(rule.because, state, self.it.case.authority)

    def way(self, rule: Rule, node: int) -> Line:
        """One of several rules for the same conclusion."""
        raised = f"raised to {rule.head.level}: " if rule.head.raised_from else ""
        return Line("way", raised + rule.title, self.it.state(node), rule.head.level, place=rule.place,
                    key=f"way {rule.id}", children=tuple(self.rule(rule, node)))

    def rule(self, rule: Rule, node: int) -> Iterable[Line]:
        """What a rule rests on, then the exceptions that were looked for."""
        when, *exceptions = self.it.program.nodes[node].args
        for line in self.condition(rule.when, when, raised=rule.head.raised_from is not None):
            if (line.role, line.id) != (rule.head.kind, rule.head.id):  # a rule that raises only asks how recent it is
                yield line
        for condition, arg in zip(rule.unless, exceptions, strict=True):
            yield self.exception(condition, arg, self.it.state(when))

    def exception(self, condition: Condition, node: int, body: State) -> Line:
        """An exception: what defeats the rule, or the assumption that nothing does."""
        name = self.names.name_of(condition)
        state = self.it.state(node)
        role, children = "assumption", tuple[Line, ...]()
        if state in SHOWN:
            role, children = "exception", tuple(self.condition(condition, node))
        return Line(role, words.exception(name, state, body in SHOWN), state, children=children, key=f"{role} {name}",
                    place=condition.place)

    def condition(self, c: Condition, node: int, raised: bool = False) -> Iterable[Line]:
        """The lines of one condition, in the order it was written."""
        context = self.it.program.nodes[node].context
        match c:
            case TestIs() | ProtectiveIs():
                yield self.evidence.test(c, context)
            case Corroborated():
                yield self.evidence.corroborated(c, context)
            case HeadIs():
                yield self.asked_head(c, context)
            case Within():
                yield from self.condition(c.part, node, raised)
            case All():
                pairs = list(zip(c.parts, self.it.program.nodes[node].args, strict=True))
                for part, arg in pairs[1:] if raised else pairs:
                    yield from self.condition(part, arg)
            case AnyOf():
                yield from self.alternatives(c, node, "Any one of these is enough")
            case AtLeast():
                yield from self.alternatives(c, node, f"At least {c.count} of {len(c.parts)}")
            case HeldFor():
                yield from self.lasting(c, node)
            case MoreThanNumbers():
                yield self.tagged(c, node)
            case Judged():
                (inside,) = self.it.program.nodes[node].args
                yield from self.judged(c, inside, self.it.state(node) in SHOWN)
            case Not():
                (inside,) = self.it.program.nodes[node].args
                yield Line("group", "Asked to be found not so", self.it.state(node), place=c.place,
                           children=tuple(self.condition(c.part, inside)))
            case _:
                assert_never(c)

    def judged(self, c: Judged, inside: int, holds: bool) -> Iterable[Line]:
        """A condition of which it is only asked that it was judged, either way."""
        for line in self.condition(c.part, inside):
            text = "this rule asks only that it was looked at, whichever way it came out" if holds else line.text
            yield line._replace(text=text, enough=holds)

    def asked_head(self, c: HeadIs, context: Context) -> Line:
        """A signature or conclusion as a premise; says where it is present but not in the period asked for."""
        line = self.head(c.kind, c.id, c.level, context, c.place)
        anyway = self.it.head_state(c.kind, c.id, c.level, context._replace(within=None))
        if context.within is not None and line.state is State.NOT_KNOWN and anyway is State.PRESENT:
            return line._replace(text=f"Present, but not within {context.within} months. {line.text}".strip())
        return line

    def alternatives(self, c: AnyOf | AtLeast, node: int, lead: str) -> Iterable[Line]:
        """Parts of which some suffice: those that hold where it holds, all of them where it does not."""
        pairs = list(zip(c.parts, self.it.program.nodes[node].args, strict=True))
        held = [(part, arg) for part, arg in pairs if self.it.state(arg) in SHOWN]
        state = self.it.state(node)
        shown = held if state in SHOWN else pairs
        lines = [line for part, arg in shown for line in self.grouped(part, arg)]
        if len(shown) == 1 and state in SHOWN:
            yield from lines
            return
        present = sum(self.it.state(arg) is State.PRESENT for _, arg in held)
        tally = f"{lead} ({words.holding(present, len(held) - present)})"
        yield Line("group", tally, state, children=tuple(lines), place=c.place)

    def grouped(self, part: Condition, node: int) -> Iterable[Line]:
        """An alternative; several conditions that must hold together are kept together."""
        lines = tuple(self.condition(part, node))
        if isinstance(part, All) and len(lines) > 1:
            yield Line("group", "Together", self.it.state(node), children=lines, place=part.place)
        else:
            yield from lines

    def lasting(self, c: HeldFor, node: int) -> Iterable[Line]:
        """The condition now, and as it stood so many months earlier."""
        now, earlier = self.it.program.nodes[node].args
        yield from self.condition(c.part, now)
        yield Line("group", f"Also {c.months} months earlier, on what was known then", self.it.state(earlier),
                   children=tuple(self.condition(c.part, earlier)), place=c.place)

    def tagged(self, c: MoreThanNumbers, node: int) -> Line:
        """The demand for an event or a finding among what a condition rests on."""
        plain, _ = self.it.program.nodes[node].args
        recent = "" if c.months is None else f" of the last {c.months} months"
        return Line("group", f"Rests on more than numbers: an event or finding{recent}", self.it.state(node),
                    children=tuple(self.condition(c.part, plain)), place=c.place)


def _telling(held: list[tuple[Rule, int]]) -> list[tuple[Rule, int]]:
    """The ways that hold, without those whose level a stronger one gives anyway."""
    given = max((_height(rule) for rule, _ in held if rule.head.raised_from is None), default=0)
    return [(rule, arg) for rule, arg in held if not rule.head.found or _height(rule) >= given]


def _height(rule: Rule) -> int:
    return LADDERS[rule.head.kind].index(rule.head.level)
