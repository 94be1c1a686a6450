"""What rules mean as bytes: which conditions they put together, and in which order their thresholds lie.

No place, no words, and no threshold itself: where one is moved and passes no other of its indicator, laws of evidence
and so all that is proved stay as they were. So it is with periods, which are held against one another wherever they
stand; but since a new one moves all longer ones on, they are told so only of all rules together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

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

Ranks = Mapping[str, Mapping[float | str, int]]
"""For each indicator its thresholds that are numbers, each with its place among them."""
Places = Mapping[int, int]
"""Periods in months, each with its place among all of them."""
NO_PLACES: Places = MappingProxyType({})
FOREVER = 1_200
"""Months for which a conclusion that is taken for a test speaks: longer than any period a rule asks for."""


def shapes(knowledge: Knowledge) -> dict[str, bytes]:
    """For each rule in force, by its id, all that its meaning rests on but for what it names."""
    return {rule.id: shape(rule, knowledge) for rule in knowledge.in_force}


def shape(rule: Rule, knowledge: Knowledge, places: Places = NO_PLACES) -> bytes:
    """The same of one rule, which asks for no other tests than those in force do.

    `places`: what is told of a period in its stead.
    """
    told = [_shape(condition, knowledge.once(_ranks), places) for condition in (rule.when, *rule.unless)]
    return repr((rule.id, tuple(rule.head), told)).encode()


def in_order(knowledge: Knowledge) -> Iterator[bytes]:
    """What all rules in force mean together, with each period told by its place among all that it is held against."""
    given = {0, SILENCE_HOLDS, FOREVER, *(one.validity for one in knowledge.vocabulary.indicators.values())}
    asked = chain.from_iterable(map(conditions_of, knowledge.in_force))
    places = {months: at for at, months in enumerate(sorted(given.union(chain.from_iterable(map(_periods, asked)))))}
    yield repr(sorted(map(places.__getitem__, given))).encode()
    yield from (shape(rule, knowledge, places) for rule in knowledge.in_force)


def _periods(c: Condition) -> Sequence[int]:
    """The months of a condition's own within which evidence has to be, or over which it is counted."""
    if isinstance(c, Within | MoreThanNumbers):
        return () if c.months is None else (c.months,)
    return [test.window for test in _tests(c) if test.window is not None]


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


def _shape(c: Condition, ranks: Ranks, places: Places) -> object:
    match c:
        case TestIs() | ProtectiveIs() | Corroborated():
            return type(c).__name__, [_ranked(test, ranks, places) for test in _tests(c)]
        case HeadIs():
            return c.kind, c.id, c.level
        case All() | AnyOf():
            return type(c).__name__, [_shape(part, ranks, places) for part in c.parts]
        case AtLeast():
            return c.count, [_shape(part, ranks, places) for part in c.parts]
        case Within() | MoreThanNumbers():
            return type(c).__name__, _placed(c.months, places), _shape(c.part, ranks, places)
        case HeldFor():
            return type(c).__name__, c.months, _shape(c.part, ranks, places)
        case _:
            return type(c).__name__, _shape(c.part, ranks, places)


def _placed(months: int | None, places: Places) -> int | None:
    return months if months is None else places.get(months, months)


def _ranked(test: Test, ranks: Ranks, places: Places) -> object:
    indicator, comparator, threshold, window, *others = test
    rank = ranks.get(indicator, {}).get(threshold)
    return (indicator, str(comparator), threshold if rank is None else ("number", rank), _placed(window, places),
            others)
