"""Rules with one thing left out, so that a comparison shows what it decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from kb.conditions import (
    All,
    AnyOf,
    AtLeast,
    Condition,
    Head,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    Rule,
    Within,
)

Path = tuple[int, ...]
"""Where a condition stands in a rule: which exception (-1: none, the rule's `when`), then which part, and so on."""
WHEN = -1


class Variant(NamedTuple):
    """A rule without one of its conditions. There are two for a part of `at least k of`: as if it held, or did not."""

    rule: Rule
    path: Path
    left_out: Condition
    without: Rule


def variants(rules: Iterable[Rule]) -> tuple[Variant, ...]:
    """Every rule without each of its conditions in turn; the variants are rules of their own that nothing asks for."""
    found: list[Variant] = []
    for rule in rules:
        for number, (path, left_out, when, unless) in enumerate(_each(rule)):
            head = Head("channel", f"\0{rule.id} {number}", "held")
            found.append(Variant(rule, path, left_out, rule._replace(id=head.id, head=head, when=when, unless=unless)))
    return tuple(found)


def _each(rule: Rule) -> Iterator[tuple[Path, Condition, Condition, tuple[Condition, ...]]]:
    implied = _rests_on(rule)
    for path, left_out, when in _shorter(rule.when, (WHEN,)):
        if not _same(left_out, implied):
            yield path, left_out, when, rule.unless
    for i, exception in enumerate(rule.unless):
        yield (i,), exception, rule.when, (*rule.unless[:i], *rule.unless[i + 1:])
        for path, left_out, shorter in _shorter(exception, (i,)):
            yield path, left_out, rule.when, (*rule.unless[:i], shorter, *rule.unless[i + 1:])


def _same(one: Condition, other: HeadIs | None) -> bool:
    """Whether two conditions ask the same, wherever they were written."""
    return isinstance(one, HeadIs) and other is not None and one._replace(place=other.place) == other


def _rests_on(rule: Rule) -> HeadIs | None:
    """The premise that need not be written, and may be: a rule that raises a level asks for the level it raises."""
    inside = rule.when.part if isinstance(rule.when, Within) else rule.when
    if rule.head.raised_from is None or not isinstance(inside, All):
        return None
    first = inside.parts[0]
    return first if isinstance(first, HeadIs) and first.id == rule.head.id else None


def _shorter(c: Condition, path: Path) -> Iterator[tuple[Path, Condition, Condition]]:
    """The condition without each of its parts, and of theirs: where, what was left out, and what is left."""
    match c:
        case All() | AnyOf() | AtLeast():
            for i, part in enumerate(c.parts):
                for left in _without(c, i):
                    yield (*path, i), part, left
                for where, left_out, shorter in _shorter(part, (*path, i)):
                    yield where, left_out, _with_parts(c, (*c.parts[:i], shorter, *c.parts[i + 1:]))
        case Within() | MoreThanNumbers() | HeldFor():
            yield (*path, 0), c, c.part
            yield from _inside(c, path)
        case Not() | Judged():
            yield from _inside(c, path)
        case _:
            return


def _inside(c: Within | MoreThanNumbers | HeldFor | Not | Judged, path: Path) -> Iterator[
        tuple[Path, Condition, Condition]]:
    for where, left_out, shorter in _shorter(c.part, (*path, 0)):
        yield where, left_out, c._replace(part=shorter)


def _without(c: All | AnyOf | AtLeast, i: int) -> Iterator[Condition]:
    rest = (*c.parts[:i], *c.parts[i + 1:])
    if isinstance(c, AtLeast):
        yield replace(c, parts=rest)
        yield replace(c, parts=rest, count=c.count - 1)
    else:
        yield c._replace(parts=rest)


def _with_parts(c: All | AnyOf | AtLeast, parts: tuple[Condition, ...]) -> Condition:
    return replace(c, parts=parts) if isinstance(c, AtLeast) else c._replace(parts=parts)
