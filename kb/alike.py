"""Whether conditions ask for the same, what differs where they do not, and what rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kb.conditions import (
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
    conditions_of,
    parts_of,
)
from kb.knowledge import Knowledge
from kb.model import NOWHERE

Known = tuple[str, str]
"""A signature or conclusion: its kind and id."""
Pair = tuple[Condition | None, Condition | None]
"""A condition before and after."""


def same(one: Rule | None, other: Rule | None) -> bool:
    """Whether two rules ask for and conclude the same, whatever else is said of them; not where one is missing."""
    if one is None or other is None or one == other:
        return one is not None and other is not None
    stops = [sorted(map(_plain, rule.unless), key=repr) for rule in (one, other)]
    return alike(one.when, other.when) and stops[0] == stops[1] and (one.head, one.order) == (other.head, other.order)


def alike(one: Condition | None, other: Condition | None) -> bool:
    """Whether two conditions ask for the same: places, titles and the order of parts aside."""
    return one is not None and other is not None and (one == other or _plain(one) == _plain(other))


def _plain(c: Condition) -> Condition:
    match c:
        case TestIs():
            return TestIs(c.test)
        case All() | AnyOf():
            return c._replace(parts=_sorted(c.parts), place=NOWHERE, title="")
        case AtLeast():
            return replace(c, parts=_sorted(c.parts), place=NOWHERE, title="")
        case ProtectiveIs() | HeadIs():
            return c._replace(place=NOWHERE)
        case Corroborated():
            return Corroborated(tuple(sorted(c.tests, key=str)))
        case _:
            return c._replace(part=_plain(c.part), place=NOWHERE)


def _sorted(parts: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(sorted(map(_plain, parts), key=repr))


def differing(old: Condition, new: Condition) -> Iterator[Pair]:
    """The innermost conditions that differ, each with its counterpart where it has one."""
    if alike(old, new):
        return
    own = isinstance(old, AtLeast) and isinstance(new, AtLeast) and old.count != new.count
    if type(old) is not type(new) or own or not parts_of(old) or not _same_wrapping(old, new):
        yield old, new
        return
    yield from matched(parts_of(old), parts_of(new))


def _same_wrapping(old: Condition, new: Condition) -> bool:
    return getattr(old, "months", None) == getattr(new, "months", None)


def matched(old: Sequence[Condition], new: Sequence[Condition]) -> Iterator[Pair]:
    """Parts of which only one side has them; of those that speak of the same thing, what differs in them."""
    left, right = list(old), list(new)
    for part in old:
        twin = next((other for other in right if alike(part, other)), None)
        if twin is not None:
            left.remove(part)
            right = [other for other in right if other is not twin]
    for part in list(left):
        twin = next((other for other in right if _subject(other) == _subject(part)), None)
        if twin is not None:
            left = [other for other in left if other is not part]
            right = [other for other in right if other is not twin]
            yield from differing(part, twin)
    yield from ((part, None) for part in left)
    yield from ((None, part) for part in right)


def _subject(c: Condition) -> object:
    """What a condition speaks of, whatever it asks of it."""
    match c:
        case TestIs():
            return c.test.indicator, c.test.of
        case ProtectiveIs() | HeadIs():
            return c.id
        case Not() | Judged() | MoreThanNumbers() | Within() | HeldFor():
            return _subject(c.part)
        case _:
            return type(c).__name__


def asks_for(*versions: Knowledge) -> dict[Known, set[Known]]:
    """What the rules in force for each signature and conclusion ask for, in any of some versions."""
    asked: dict[Known, set[Known]] = {}
    for knowledge in versions:
        for head, below in knowledge.once(_asks_for):
            asked.setdefault(head, set()).update(below)
    return asked


def _asks_for(knowledge: Knowledge) -> list[tuple[Known, set[Known]]]:
    return [((rule.head.kind, rule.head.id), {(c.kind, c.id) for c in conditions_of(rule) if isinstance(c, HeadIs)})
            for rule in knowledge.in_force]


def affected(old: Knowledge, new: Knowledge, rules: frozenset[str]) -> frozenset[Known]:
    """The signatures and conclusions of some rules, and all that rest on these, in either version."""
    resting, found = [knowledge.once(_rests_on) for knowledge in (old, new)], set[Known]()
    agenda = [(r.head.kind, r.head.id) for kb in (old, new) for r in kb.in_force if r.id in rules]
    while agenda:
        head = agenda.pop()
        if head not in found:
            found.add(head)
            agenda += [above for some in resting for above in some.get(head, ())]
    return frozenset(found)


def _rests_on(knowledge: Knowledge) -> dict[Known, list[Known]]:
    """What rules that ask for each signature or conclusion conclude."""
    found: dict[Known, list[Known]] = {}
    for head, asked in knowledge.once(_asks_for):
        for below in asked:
            found.setdefault(below, []).append(head)
    return found
