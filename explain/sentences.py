"""Conditions as sentences: what a rule asks for, in the words that answers use, before any case is looked at."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from explain import words
from explain.names import Names
from kb.conditions import (
    HELD,
    LADDERS,
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    Head,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    ProtectiveIs,
    Test,
    TestIs,
    Within,
)
from kb.knowledge import either

IS_PRESENT = " is present"
"""Between what is asked for and how much of it."""


class Sentence(NamedTuple):
    """What a condition asks for, with what stands under it where it gathers several, and the kind and id it is about.
    """

    text: str
    parts: tuple[Sentence, ...] = ()
    about: tuple[str, str] = ("", "")


def sentence(c: Condition, names: Names) -> Sentence:
    """The condition in words."""
    match c:
        case TestIs():
            basis = names.kb.basis_of(c.test) or c.basis
            told = test_in_words(c.test, names) + (f" (threshold: {basis})" if basis else "")
            return Sentence(told, about=("indicator", c.test.indicator))
        case ProtectiveIs():
            return Sentence(_protective(c, names), about=("protective", c.id))
        case HeadIs():
            return Sentence(f"{_called(c, names)}{IS_PRESENT}{_level(c)}", about=(c.kind, c.id))
        case Corroborated():
            return Sentence("what shows it is of two kinds, and stands in two documents")
        case All() | AnyOf() | AtLeast():
            return _gathered(c, names)
        case Not() | Judged() | MoreThanNumbers() | Within() | HeldFor():
            inner = sentence(c.part, names)
            return inner._replace(text=f"{_lead(c)}: {inner.text}")
        case _:
            assert_never(c)


def _gathered(c: All | AnyOf | AtLeast, names: Names) -> Sentence:
    parts = tuple(sentence(part, names) for part in c.parts)
    if not parts:
        return Sentence("always")
    if len(parts) == 1:
        return parts[0]
    if isinstance(c, AtLeast):
        return Sentence(f"at least {c.count} of these {len(parts)}", parts)
    return Sentence("all of these" if isinstance(c, All) else "any one of these", parts)


def _lead(c: Not | Judged | MoreThanNumbers | Within | HeldFor) -> str:
    """What is asked of the condition inside."""
    match c:
        case Not():
            return "found not to be so"
        case Judged():
            return "judged, either way"
        case MoreThanNumbers():
            recent = "" if c.months is None else f" of the last {c.months} months"
            return f"resting on more than numbers, an event or a finding{recent} among it"
        case Within():
            return f"on evidence that ends within {c.months} months"
        case HeldFor():
            return f"now, and also {c.months} months earlier on what was known then"
        case _:
            assert_never(c)


def test_in_words(test: Test, names: Names) -> str:
    """What a test looks at, and what it asks for."""
    vocabulary = names.kb.vocabulary
    indicator = vocabulary.indicators[test.indicator]
    asks = words.asked(test, indicator, vocabulary.compared_with).removeprefix("the test: ")
    return f"{words.measured(test, indicator)}: {asks}"


def _protective(c: ProtectiveIs, names: Names) -> str:
    sign = names.kb.vocabulary.protective[c.id]
    by = f" ({test_in_words(c.test, names)})" if sign.indicator != c.id else ""
    return f"protective sign {c.id}, shown and in date: {sign.title}{by}"


def _called(c: HeadIs, names: Names) -> str:
    """A signature by its code and words; a conclusion by its kind and id, and the titles of the rules of that level."""
    if c.kind == "signature":
        return names.title(c.kind, c.id)
    given = [r.title for r in names.kb.in_force if (r.head.kind, r.head.id, r.head.level) == (c.kind, c.id, c.level)]
    return f'{words.FOUND[c.kind]} {c.id} ("{either(given or [names.title(c.kind, c.id)])}")'


def _level(c: HeadIs) -> str:
    ladder = LADDERS[c.kind]
    above = "" if c.level == ladder[-1] else " or stronger" if c.kind == "signature" else " or above"
    return "" if ladder == HELD else f", {c.level}{above}" if c.kind == "signature" else f" at {c.level}{above}"


def concluded(head: Head, names: Names) -> str:
    """What a rule says where it holds, as rule files name it."""
    title = names.title(head.kind, head.id)
    return as_concluded(head, title if head.kind == "signature" else f'{words.FOUND[head.kind]} {head.id} ("{title}")')


def as_concluded(head: Head, name: str) -> str:
    """What a rule says of something of that name: its level, from which level it raises it, or that it is not so."""
    if not head.found:
        return f"{name}: found not to be so"
    if head.raised_from is not None:
        return f"raises {name} from {head.raised_from} to {head.level}"
    return name if LADDERS[head.kind] == HELD else f"{name} at {head.level}"
