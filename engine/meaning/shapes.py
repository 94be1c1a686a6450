"""What rules mean as bytes: which conditions they put together, and in which order their thresholds and periods lie.

No place, no words, and no threshold or period itself: where one is moved and passes no other that it is held against,
laws of evidence and so all that is proved stay as they were. How much earlier something is looked at is told as it is:
such months are added up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from engine.evidence import SILENCE_HOLDS
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

Ranks = Mapping[str, Mapping[float | str | None, int]]
"""For each indicator some numbers of its tests, each with its place among them."""
FOREVER = 1_200
"""Months for which a conclusion that is taken for a test speaks: longer than any period a rule asks for."""


class Orders(NamedTuple):
    """Numbers by their order: thresholds of each indicator, its windows, and all that periods are held against.

    `fixed`: months of which no rule says anything, such as those for which evidence of an indicator counts. `asked`:
    these and the periods that rules ask for.
    """

    thresholds: Ranks
    windows: Ranks
    fixed: Sequence[int]
    asked: Sequence[int]

    def period(self, months: int | None) -> object:
        """Where a period lies among those that any may be held against: the last that is fixed, and how far above."""
        if months is None:
            return None
        last = self.fixed[bisect_right(self.fixed, months) - 1]
        return last, bisect_left(self.asked, months) - bisect_left(self.asked, last), months in self.asked


def shapes(knowledge: Knowledge) -> dict[str, bytes]:
    """For each rule in force, by its id, all that its meaning rests on but for what it names."""
    return {rule.id: shape(rule, knowledge) for rule in knowledge.in_force}


def shape(rule: Rule, knowledge: Knowledge) -> bytes:
    """The same of one rule, which asks for no other tests than those in force do."""
    told = [_shape(condition, knowledge.once(_orders)) for condition in (rule.when, *rule.unless)]
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


def _orders(knowledge: Knowledge) -> Orders:
    asked = [condition for rule in knowledge.in_force for condition in conditions_of(rule)]
    tests = {test for condition in asked for test in _tests(condition)}
    fixed = {0, SILENCE_HOLDS, FOREVER, *(indicator.validity for indicator in knowledge.vocabulary.indicators.values())}
    periods = {c.months for c in asked if isinstance(c, (Within, MoreThanNumbers)) and c.months is not None}
    return Orders(_ranks((test.indicator, test.threshold) for test in tests if not isinstance(test.threshold, str)),
                  _ranks((test.indicator, test.window) for test in tests if test.window is not None),
                  sorted(fixed), sorted(fixed | periods))


def _ranks(numbers: Iterable[tuple[str, float]]) -> Ranks:
    found: dict[str, set[float]] = {}
    for indicator, number in numbers:
        found.setdefault(indicator, set()).add(number)
    return {indicator: {number: place for place, number in enumerate(sorted(some))}
            for indicator, some in found.items()}


def _tests(c: Condition) -> Sequence[Test]:
    match c:
        case TestIs() | ProtectiveIs():
            return (c.test,)
        case Corroborated():
            return c.tests
        case _:
            return ()


def _shape(c: Condition, orders: Orders) -> object:
    match c:
        case TestIs() | ProtectiveIs() | Corroborated():
            return type(c).__name__, [_ranked(test, orders) for test in _tests(c)]
        case HeadIs():
            return c.kind, c.id, c.level
        case All() | AnyOf():
            return type(c).__name__, [_shape(part, orders) for part in c.parts]
        case AtLeast():
            return c.count, [_shape(part, orders) for part in c.parts]
        case Within() | MoreThanNumbers():
            return type(c).__name__, orders.period(c.months), _shape(c.part, orders)
        case HeldFor():
            return type(c).__name__, c.months, _shape(c.part, orders)
        case _:
            return type(c).__name__, _shape(c.part, orders)


def _ranked(test: Test, orders: Orders) -> object:
    indicator, comparator, threshold, window, *others = test
    rank = orders.thresholds.get(indicator, {}).get(threshold)
    period = orders.windows.get(indicator, {}).get(window), orders.period(window)
    return indicator, str(comparator), threshold if rank is None else ("number", rank), period, others
