"""Whether a condition decides nothing by the rule's own words, or only by what the conclusions it names rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from engine.compiling import compile_rules
from engine.meaning.answers import whether_ever
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.findings import Finding
from engine.meaning.laws import laws
from engine.meaning.rules import Meaning
from engine.meaning.shapes import FOREVER, shape
from kb.conditions import (
    LADDERS,
    All,
    AnyOf,
    AtLeast,
    Comparator,
    Condition,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    Rule,
    Test,
    TestIs,
    Within,
)
from kb.keeping import Keep, made_anew
from kb.model import Indicator, Kind, Unit, Vocabulary


def by_its_own_words(meaning: Meaning, findings: Sequence[Finding], keep: Keep = made_anew) -> tuple[Finding, ...]:
    """The findings; those about a condition say whether it would decide, were the conclusions beside it free."""
    return tuple(finding if finding.without is None else finding._replace(chained=keep(
        (b"own words", *(shape(rule, meaning.knowledge) for rule in (finding.rule, finding.without))),
        partial(_decides, finding, meaning))) for finding in findings)


def _decides(finding: Finding, meaning: Meaning) -> bool:
    """Whether leaving the condition out changes the rule, when each conclusion may stand at any level."""
    assert finding.without is not None
    pair = [_freed_rule(rule, f"\0{place}") for place, rule in enumerate((finding.rule, finding.without))]
    vocabulary = _with_conclusions(meaning)
    program = compile_rules(pair)
    held = laws(program, vocabulary, one_voice=True)
    circuit = Circuit(len(held.points))
    pairs = Wires(program, circuit)
    here, without = (pairs[program.rules[rule.id]] for rule in pair)
    return whether_ever(circuit, held, vocabulary)(circuit.changed(here, without))


def _freed_rule(rule: Rule, id: str) -> Rule:
    head = rule.head._replace(kind="channel", id=id, level="held", raised_from=None)
    return rule._replace(id=id, head=head, when=_freed(rule.when), unless=tuple(map(_freed, rule.unless)))


def _freed(c: Condition) -> Condition:
    """The condition with each conclusion taken for a test, whose thresholds are the levels."""
    match c:
        case HeadIs():
            return TestIs(Test(_name(c.kind, c.id), Comparator.AT_LEAST, float(LADDERS[c.kind].index(c.level))))
        case AtLeast():
            return replace(c, parts=tuple(map(_freed, c.parts)))
        case All() | AnyOf():
            return c._replace(parts=tuple(map(_freed, c.parts)))
        case Not() | Judged() | MoreThanNumbers() | Within() | HeldFor():
            return c._replace(part=_freed(c.part))
        case _:
            return c


def _with_conclusions(meaning: Meaning) -> Vocabulary:
    """The vocabulary with an indicator for each conclusion."""
    vocabulary = meaning.knowledge.vocabulary
    names = [_name(proposition.kind, proposition.id) for proposition in meaning.program.heads]
    made = {name: Indicator(name, name, name, Kind.FINDING, Unit("scale"), FOREVER) for name in names}
    return replace(vocabulary, indicators={**vocabulary.indicators, **made})


def _name(kind: str, id: str) -> str:
    return f"\0{kind} {id}"
