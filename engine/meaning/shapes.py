"""What rules mean as bytes: which conditions they put together, and in which order their thresholds lie.

No place, no words, and no threshold itself: where one is moved and passes no other of its indicator, laws of evidence
and so all that is proved stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.kept import digest
from kb.alike import Known, asks_for
from kb.conditions import (
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    HeadIs,
    HeldFor,
    MoreThanNumbers,
    ProtectiveIs,
    Rule,
    Test,
    TestIs,
    Within,
    by_head,
    conditions_of,
)
from kb.knowledge import Knowledge

Ranks = Mapping[str, Mapping[float | str, int]]
"""For each indicator its thresholds that are numbers, each with its place among them."""


def shapes(knowledge: Knowledge) -> dict[str, bytes]:
    """For each rule in force, by its id, all that its meaning rests on but for what it names."""
    return {rule.id: shape(rule, knowledge) for rule in knowledge.in_force}


def shape(rule: Rule, knowledge: Knowledge) -> bytes:
    """The same of one rule, which asks for no other tests than those in force do."""
    told = [_shape(condition, knowledge.once(_ranks)) for condition in (rule.when, *rule.unless)]
    return repr((rule.id, tuple(rule.head), told)).encode()


def shape_below(knowledge: Knowledge, heads: Iterable[Known]) -> list[bytes]:
    """Hashes of what the rules for some conclusions mean, and those for everything that these name, far down."""
    asked, found, agenda = asks_for(knowledge), set[Known](), list(heads)
    while agenda:
        head = agenda.pop()
        if head not in found:
            found.add(head)
            agenda += asked.get(head, ())
    told = knowledge.once(_by_head)
    return [told[head] for head in sorted(found & told.keys())]


def _by_head(knowledge: Knowledge) -> dict[Known, bytes]:
    told = knowledge.once(shapes)
    return {head: digest(told[rule.id] for rule in rules) for head, rules in by_head(knowledge.in_force).items()}


def _ranks(knowledge: Knowledge) -> Ranks:
    found: dict[str, set[float]] = {}
    asked = (condition for rule in knowledge.in_force for condition in conditions_of(rule))
    for test in (test for condition in asked for test in _tests(condition)):
        if not isinstance(test.threshold, str):
            found.setdefault(test.indicator, set()).add(test.threshold)
    return {indicator: {threshold: place for place, threshold in enumerate(sorted(some))}
            for indicator, some in found.items()}


def _tests(c: Condition) -> Sequence[Test]:
    match c:
        case TestIs() | ProtectiveIs():
            return (c.test,)
        case Corroborated():
            return c.tests
        case _:
            return ()


def _shape(c: Condition, ranks: Ranks) -> object:
    match c:
        case TestIs() | ProtectiveIs() | Corroborated():
            return type(c).__name__, [_ranked(test, ranks) for test in _tests(c)]
        case HeadIs():
            return c.kind, c.id, c.level
        case All() | AnyOf():
            return type(c).__name__, [_shape(part, ranks) for part in c.parts]
        case AtLeast():
            return c.count, [_shape(part, ranks) for part in c.parts]
        case Within() | MoreThanNumbers() | HeldFor():
            return type(c).__name__, c.months, _shape(c.part, ranks)
        case _:
            return type(c).__name__, _shape(c.part, ranks)


def _ranked(test: Test, ranks: Ranks) -> object:
    indicator, comparator, threshold, *others = test
    rank = ranks.get(indicator, {}).get(threshold)
    return indicator, str(comparator), threshold if rank is None else ("number", rank), others
