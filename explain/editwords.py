"""Edits of rules in words: what each rule asked for, and what it asks for now."""

from __future__ import annotations

from explain.found import condition_in_words
from explain.names import Names
from kb.alike import alike
from kb.conditions import Condition, HeldFor, Within
from kb.edits import Edit
from kb.model import Place

PARTS = {"condition": "its condition", "exception": "its exception", "sign": "its sign", "strong": "its strong value"}

Timed = Within | HeldFor
PERIODS = {Within: "evidence that ends within {months} months", HeldFor: "now, and also {months} months earlier"}


def edit_in_words(edit: Edit, old: Names, new: Names) -> str:
    """What an edit is of, what it was, and what it is now."""
    match edit.what:
        case "rule":
            return _whole(edit)
        case "condition" | "exception" | "sign" | "strong":
            return _part(edit, old, new)
        case "needs":
            return f"signature {edit.id}: what it needs {_then(edit.was, edit.now)}"
        case "grading":
            return _grading(edit, old, new)
        case "head":
            return f"rule {edit.id}: what it concludes {_then(edit.was, edit.now)}"
        case "order":
            return f"rule {edit.id}: its place among the results {_then(edit.was, edit.now)}"
        case "figures":
            told = "are otherwise" if edit.was and edit.now else "are new" if edit.now else "are gone"
            return f"indicator {edit.id}: the figures of {edit.now or edit.was} {told}"
        case _:
            return f"indicator {edit.id}: how it is read {_then(edit.was, edit.now)}"


def place_of(edit: Edit, before: str) -> Place:
    """Where to look; of what is gone, in the old version, which is named."""
    return edit.place._replace(file=f"{before}:{edit.place.file}") if edit.gone else edit.place


def _whole(edit: Edit) -> str:
    if not edit.was:
        return f"rule {edit.id}: new, {edit.now}"
    return f"rule {edit.id}: it {_then(edit.was, edit.now)}" if edit.now else f"rule {edit.id}: taken out"


def _part(edit: Edit, old: Names, new: Names) -> str:
    of = f"{'signature' if edit.what in ('sign', 'strong') else 'rule'} {edit.id}"
    return f"{of}: {PARTS[edit.what]} {_conditions(edit.old, edit.new, old, new)}"


def _grading(edit: Edit, old: Names, new: Names) -> str:
    if edit.old is not None or edit.new is not None:
        return f"grading, {edit.id}: its condition {_conditions(edit.old, edit.new, old, new)}"
    return f"grading, {edit.id}: {_then(edit.was, edit.now)}"


def _conditions(was: Condition | None, now: Condition | None, old: Names, new: Names) -> str:
    """What a condition was and is; where only a period is another, is new or is taken out, that."""
    inside = [c.part if isinstance(c, Timed) else c for c in (was, now)]
    if (isinstance(was, Timed) or isinstance(now, Timed)) and type(was) is type(now) and alike(*inside):
        return _then(_period(was), _period(now))
    if isinstance(was, Timed) != isinstance(now, Timed) and alike(*inside):
        return f'asks no longer for "{_period(was)}"' if isinstance(was, Timed) else f'now asks for "{_period(now)}"'
    said = ("" if c is None else condition_in_words(c, names) for c, names in ((was, old), (now, new)))
    return _then(*said)


def _period(c: Condition | None) -> str:
    """The period that a condition asks for, where it does."""
    return PERIODS[type(c)].format(months=c.months) if isinstance(c, Timed) else ""


def _then(was: str, now: str) -> str:
    """How something was and is: `was "20", is now "15"`; new, or taken out."""
    if not was:
        return f'is new: "{now}"'
    return f'was "{was}", is now "{now}"' if now else f'is taken out: "{was}"'
