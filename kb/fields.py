"""Reads the keys of one mapping into typed values, and says what is wrong with each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import TypeVar, assert_never, overload

from kb.dates import Precision, Span, read_day, read_latest_day, read_span
from kb.model import Place, Problem
from kb.problems import Code, did_you_mean, nearest, shown
from kb.yamltree import Mapping, Scalar, Sequence, Tree

MAX_TEXT = 10_000
"""The most characters of one text."""
MONTHS = re.compile(r"(0|[1-9][0-9]{0,4}) months?")
"""How a count of months is written."""
_LISTED = 12
_NO_QUOTES = "write it plainly, without quotes or a unit"

T = TypeVar("T")


class Fields:
    """A mapping as its reader asks for it, key by key; every mistake becomes a Problem in the list given.

    A method returns its default where the key is absent, empty or wrong. `what` names the mapping to people
    ("rule", "source"). With `repaired`, keys that are absent or empty are passed over: the line may be lost.
    """

    def __init__(
        self, mapping: Mapping, problems: list[Problem], *, repaired: bool = False, what: str = "entry",
    ) -> None:
        self.place = mapping.place
        self.what = what
        self.repaired = repaired
        self._problems = problems
        self._entries = {entry.key.text: entry for entry in mapping.entries}
        self._asked: dict[str, None] = {}
        self._missing: dict[str, Problem] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def inner(self, mapping: Mapping, what: str) -> Fields:
        """A reader over a mapping inside this one, with the same list of problems."""
        return Fields(mapping, self._problems, repaired=self.repaired, what=what)

    def place_of(self, key: str) -> Place:
        """Where the value of a key begins; the place of the whole mapping where there is none."""
        return self._entries[key].value.place if key in self._entries else self.place

    def report(self, place: Place, code: Code, message: str, hint: str = "") -> None:
        """Adds a problem of the caller's own finding."""
        self._problems.append(Problem(place, code, message, hint))

    def finish(self, also: Iterable[str] = ()) -> None:
        """Reports every key that nobody asked for; `also` are keys that are known but not read here.

        Where it looks like a key that is missing, that is one mistake and not two: the missing key is taken back.
        """
        known = [*self._asked, *also]
        for key, entry in self._entries.items():
            if key not in known:
                meant = nearest(key, self._missing) or ""
                hint = did_you_mean(key, [meant] if meant else known) or _one_of(known)
                self.report(entry.key.place, Code.UNKNOWN_KEY, f"unknown key {shown(key)} in this {self.what}", hint)
                if meant:
                    self._problems.remove(self._missing.pop(meant))

    def tree(self, key: str, *, required: bool = False) -> Tree | None:
        """What is written under a key, whatever its shape."""
        self._asked[key] = None
        entry = self._entries.get(key)
        empty = entry is not None and _is_empty(entry.value, required)
        if entry is not None and not empty:
            return entry.value
        if self.repaired or key in self._missing or not (required or empty):
            return None
        if entry is None:
            message = f"this {self.what} has no {shown(key)}"
            self._missing[key] = Problem(self.place, Code.MISSING_KEY, message, f"add {key}: ...")
            self._problems.append(self._missing[key])
        else:
            self.report(entry.key.place, Code.MISSING_KEY, f"{shown(key)} has no value",
                        "write one" if required else "write one, or delete the key")
        return None

    def mapping(self, key: str, *, required: bool = False) -> Mapping | None:
        """The group of keys under a key."""
        found = self.tree(key, required=required)
        if found is None or isinstance(found, Mapping):
            return found
        self._wrong_shape(key, found, "a group of keys")
        return None

    def sequence(self, key: str, *, required: bool = False) -> tuple[Tree, ...]:
        """The items of the list under a key."""
        found = self.tree(key, required=required)
        if isinstance(found, Sequence):
            return found.items
        if found is not None:
            self._wrong_shape(key, found, "a list")
        return ()

    def mappings(self, key: str, *, required: bool = False) -> tuple[Mapping, ...]:
        """The groups of keys in the list under a key."""
        items = self.sequence(key, required=required)
        for item in items:
            if not isinstance(item, Mapping) and not (self.repaired and _is_empty(item, True)):
                self._wrong_shape(key, item, "a list of groups of keys")
        return tuple(item for item in items if isinstance(item, Mapping))

    def scalar(self, key: str, *, required: bool = False) -> Scalar | None:
        """The single value under a key."""
        found = self.tree(key, required=required)
        if found is None or isinstance(found, Scalar):
            return found
        self._wrong_shape(key, found, "one value")
        return None

    def text(self, key: str, default: str = "", *, required: bool = False, limit: int = MAX_TEXT) -> str:
        """The text under a key, without blanks around it."""
        found = self.scalar(key, required=required)
        return default if found is None else self._words(key, found, limit)

    def texts(self, key: str, *, required: bool = False, limit: int = MAX_TEXT) -> tuple[str, ...]:
        """The text or the list of texts under a key."""
        return tuple(self._words(key, item, limit) for item in self._scalars(key, required))

    @overload
    def number(self, key: str, *, required: bool = False) -> float | None: ...
    @overload
    def number(self, key: str, default: float, *, required: bool = False) -> float: ...
    def number(self, key: str, default: float | None = None, *, required: bool = False) -> float | None:
        """The number under a key."""
        return self._typed(key, required, _as_number, Code.NOT_A_NUMBER, "a number", _NO_QUOTES, default)

    @overload
    def integer(self, key: str, *, required: bool = False) -> int | None: ...
    @overload
    def integer(self, key: str, default: int, *, required: bool = False) -> int: ...
    def integer(self, key: str, default: int | None = None, *, required: bool = False) -> int | None:
        """The whole number under a key."""
        return self._typed(key, required, _as_integer, Code.NOT_A_NUMBER, "a whole number", _NO_QUOTES, default)

    @overload
    def months(self, key: str, *, required: bool = False) -> int | None: ...
    @overload
    def months(self, key: str, default: int, *, required: bool = False) -> int: ...
    def months(self, key: str, default: int | None = None, *, required: bool = False) -> int | None:
        """The count of months under a key, from words such as `24 months`."""
        return self._typed(key, required, _as_months, Code.WRONG_UNIT, "in months", "write 24 months", default)

    def boolean(self, key: str, default: bool = False, *, required: bool = False) -> bool:
        """Whether true stands under a key, rather than false."""
        found = self._typed(key, required, _as_boolean, Code.NOT_TRUE_OR_FALSE, "true or false", _NO_QUOTES, None)
        return default if found is None else found

    def day(self, key: str, default: date | None = None, *, required: bool = False) -> date | None:
        """The day under a key."""
        return self._typed(key, required, lambda found: read_day(found.text), Code.NOT_A_DATE,
                           "a date", "write 2018-10-17", default)

    def latest_day(self, key: str, default: date | None = None, *, required: bool = False) -> date | None:
        """The last day that the date, month or year under a key can mean."""
        return self._typed(key, required, lambda found: read_latest_day(found.text), Code.NOT_A_DATE,
                           "a date", "write 2018-10-17, 2018-10 or 2018", default)

    def span(self, key: str, default: Span | None = None, *, required: bool = False) -> Span | None:
        """The day or period under a key; the key itself may say `throughout` or `sometime in`."""
        loose = key in (Precision.THROUGHOUT, Precision.SOMETIME)
        hint = "write 2018-03 to 2018-05" if loose else "write 2018-10-17, 2018-10 or throughout 2018-03 to 2018-05"
        return self._typed(key, required, lambda found: read_span(f"{key} {found.text}" if loose else found.text),
                           Code.NOT_A_DATE, "a date or period", hint, default)

    def choice(self, key: str, allowed: Collection[str], default: str = "", *, required: bool = False) -> str:
        """The word under a key, one of those allowed."""
        found = self.scalar(key, required=required)
        if found is None or found.text in allowed:
            return default if found is None else found.text
        self.report(found.place, Code.NOT_ALLOWED, f"{shown(key)} cannot be {shown(found.text)}",
                    did_you_mean(found.text, allowed) or _one_of(allowed))
        return default

    def reference(self, key: str, known: Collection[str], what: str, *, required: bool = False) -> str:
        """The id under a key, one of those known; "" where it is not. `what` names the kind: "source"."""
        found = self.scalar(key, required=required)
        return found.text if found is not None and self._is_known(found, known, what) else ""

    def references(self, key: str, known: Collection[str], what: str, *, required: bool = False) -> tuple[str, ...]:
        """The id or the list of ids under a key, without those that are not known."""
        return tuple(item.text for item in self._scalars(key, required) if self._is_known(item, known, what))

    def _is_known(self, found: Scalar, known: Collection[str], what: str) -> bool:
        if found.text not in known:
            hint = did_you_mean(found.text, known) or "check the spelling, or add it where such ids are listed"
            self.report(found.place, Code.UNKNOWN_ID, f"there is no {what} {shown(found.text)}", hint)
        return found.text in known

    def _scalars(self, key: str, required: bool) -> tuple[Scalar, ...]:
        found = self.tree(key, required=required)
        items = found.items if isinstance(found, Sequence) else () if found is None else (found,)
        for item in items:
            if not isinstance(item, Scalar):
                self._wrong_shape(key, item, "a text or a list of texts")
            elif _is_empty(item, True) and not self.repaired:
                self.report(item.place, Code.MISSING_KEY, f"an item of {shown(key)} has no value", "write one")
        return tuple(item for item in items if isinstance(item, Scalar) and not _is_empty(item, True))

    def _typed(
        self, key: str, required: bool, read: Callable[[Scalar], T | None], code: Code, due: str, hint: str,
        default: T | None,
    ) -> T | None:
        found = self.scalar(key, required=required)
        value = None if found is None else read(found)
        if found is not None and value is None:
            self.report(found.place, code, f"{shown(key)} must be {due}, not {shown(found.text)}", hint)
        return default if value is None else value

    def _words(self, key: str, found: Scalar, limit: int) -> str:
        text = found.text.strip()
        if len(text) > limit:
            message = f"{shown(key)} has {len(text):,} characters, and at most {limit:,} are allowed"
            self.report(found.place, Code.TOO_LONG, message, "shorten it")
        return text[:limit]

    def _wrong_shape(self, key: str, found: Tree, due: str) -> None:
        hints = {"a list": 'begin each item with "- " in a line of its own',
                 "one value": "put a text that begins with { or [ in quotes"}
        hint = hints.get(due, "write key: value" if isinstance(found, Scalar) else "check the indentation")
        self.report(found.place, Code.WRONG_SHAPE, f"{shown(key)} must be {due}, not {_shape(found)}", hint)


def _shape(tree: Tree) -> str:
    match tree:
        case Scalar():
            return "a text"
        case Sequence():
            return "a list"
        case Mapping():
            return "a group of keys"
        case _ as never:
            assert_never(never)


def _is_empty(found: Tree, required: bool) -> bool:
    """Whether nothing was written. Empty quotes and brackets are something, unless something is required."""
    match found:
        case Scalar():
            return not found.text.strip() and (required or not found.quoted)
        case Sequence():
            return required and not found.items
        case Mapping():
            return required and not found.entries
        case _ as never:
            assert_never(never)


def _one_of(words: Iterable[str]) -> str:
    listed = sorted(words)
    more = ", ..." if len(listed) > _LISTED else ""
    return f"use one of: {', '.join(listed[:_LISTED])}{more}" if listed else ""


def _as_number(found: Scalar) -> float | None:
    value = found.value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _as_integer(found: Scalar) -> int | None:
    value = found.value
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _as_boolean(found: Scalar) -> bool | None:
    return found.value if isinstance(found.value, bool) else None


def _as_months(found: Scalar) -> int | None:
    words = MONTHS.fullmatch(found.text.strip())
    return int(words[1]) if words else None
