"""Whether a condition that decides nothing now decides nothing wherever its rule is looked at in another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.compiling import Compiler, compiled
from engine.meaning.answers import whether_ever
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.findings import Finding
from engine.meaning.laws import laws
from engine.meaning.rules import Meaning
from engine.program import ANY_AGE, NOW, Context
from kb.conditions import Condition, Head, HeadIs, HeldFor, MoreThanNumbers, Not, Rule, Within, by_head, conditions_of
from kb.keeping import Keep, made_anew


class Look(NamedTuple):
    """A finding's rule with and without its condition, each looked at in one context."""

    finding: int
    with_: str
    without: str


def everywhere(meaning: Meaning, findings: Sequence[Finding], keep: Keep = made_anew) -> tuple[Finding, ...]:
    """The findings, but for conditions that decide something where a conclusion is asked for in another way.

    There, evidence is taken as usual: otherwise two thresholds of one indicator would never be told from one, because
    two bodies might have looked at it at different times.
    """
    rules, looks = list[Rule](), list[Look]()
    for place, finding in enumerate(findings):
        contexts = [context for context in meaning.contexts(finding.rule) if context != NOW]
        if finding.without is not None and contexts:
            whole = finding.rule._replace(id=f"\0whole {place}", head=_alone(f"\0whole {place}"))
            rules += [whole, finding.without]
            for context in contexts:
                both = [_looked_at(r, context, len(rules) + i) for i, r in enumerate((whole, finding.without))]
                rules += both
                looks.append(Look(place, both[0].id, both[1].id))
    below = _below(rules, meaning.knowledge.in_force)
    rests_on = (repr(part).encode() for part in (b"looks", below, rules, looks))
    decides = keep(rests_on, lambda: tuple(_differing(meaning, [*below, *rules], looks)))
    return tuple(finding for place, finding in enumerate(findings) if place not in decides)


def _differing(meaning: Meaning, rules: Sequence[Rule], looks: Sequence[Look]) -> Iterator[int]:
    """The findings whose two rules differ in some look."""
    if not looks:
        return
    vocabulary = meaning.knowledge.vocabulary
    looking = {id for look in looks for id in (look.with_, look.without)}
    program = compiled(Compiler(by_head(rules)), [rule for rule in rules if rule.id in looking], full=False)
    held = laws(program, vocabulary, one_voice=True)
    circuit = Circuit(len(held.points))
    pairs = Wires(program, circuit)
    changed: dict[int, int] = {}
    for look in looks:
        here = circuit.changed(pairs[program.rules[look.with_]], pairs[program.rules[look.without]])
        changed[look.finding] = circuit.any((changed.get(look.finding, -circuit.true), here))
    ever = whether_ever(circuit, held, vocabulary)
    yield from (finding for finding, literal in changed.items() if ever(literal))


def _below(rules: Sequence[Rule], among: Sequence[Rule]) -> list[Rule]:
    """The rules on which these rest, however far down."""
    by_head: dict[tuple[str, str], list[Rule]] = {}
    for rule in among:
        by_head.setdefault((rule.head.kind, rule.head.id), []).append(rule)
    found: dict[str, Rule] = {}
    agenda = list(rules)
    while agenda:
        asked = {(c.kind, c.id) for c in conditions_of(agenda.pop()) if isinstance(c, HeadIs)}
        new = [rule for head in sorted(asked) for rule in by_head.get(head, ()) if rule.id not in found]
        found |= {rule.id: rule for rule in new}
        agenda += new
    return list(found.values())


def _alone(id: str) -> Head:
    return Head("channel", id, "held")


def _looked_at(rule: Rule, context: Context, number: int) -> Rule:
    """A rule that asks for another in a context, and nothing else."""
    asked: Condition = HeadIs("channel", rule.head.id, "held")
    asked = HeldFor(asked, context.shift) if context.shift else asked
    asked = Not(asked) if context.refuting else asked
    if context.plus is not None:
        asked = MoreThanNumbers(asked, None if context.plus == ANY_AGE else context.plus)
    asked = asked if context.within is None else Within(asked, context.within)
    return Rule(f"\0look {number}", _alone(f"\0look {number}"), asked)
