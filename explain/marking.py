"""Reading what somebody answers, and marking it by what was worked out: right or not, and nothing is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.puzzles import Answer
from explain.exercises import Question
from explain.render.text import clean
from kb.problems import did_you_mean, shown
from kb.rulechecks import used

APART = re.compile(r"\s*(?:[,;+&]|\band\b)\s*|\s+")
"""What stands between several things that are named: a comma, `and`, or only a space."""


class Unread(Exception):
    """What was answered is none of the choices; the message says what may be."""


def read_answer(text: str, question: Question) -> Answer:
    """The ids that an answer names, in the order of the choices: by number, by id or by title.

    Raises Unread, with the nearest right word.
    """
    names, whole = dict(_names(question)), clean(text)
    alone = whole.casefold() in names or not question.several
    parts = [whole] if alone else [part for part in APART.split(whole) if part]
    unknown = [part for part in parts if part.casefold() not in names]
    if unknown:
        raise Unread(f"no answer here is called {shown(unknown[0])}; "
                     f"{did_you_mean(unknown[0], _words(question)) or _may_be(question)}")
    named = {names[part.casefold()] for part in parts}
    return tuple(choice.id for choice in question.choices if choice.id in named)


def _names(question: Question) -> Iterator[tuple[str, str]]:
    """Everything by which a choice may be named; where two agree, what is said last stands: ids before numbers."""
    yield from ((str(number), choice.id) for number, choice in enumerate(question.choices, 1))
    yield from ((clean(choice.title).casefold(), choice.id) for choice in question.choices)
    yield from ((clean(choice.id).casefold(), choice.id) for choice in question.choices)


def _words(question: Question) -> list[str]:
    return [word for choice in question.choices for word in (choice.id, choice.title)]


def _may_be(question: Question) -> str:
    return f"answer with a number from 1 to {len(question.choices)}, an id or a title"


def marked(answer: Answer, question: Question) -> str:
    """Whether an answer is right, in a word or two; of what is not marked, nothing."""
    if not question.marked:
        return ""
    if answer in question.right:
        return "Right."
    if any(set(right) < set(answer) for right in question.right):
        return "Not so: fewer are enough."
    return "Not so."


def on_words(text: str, question: Question) -> str:
    """What there is to say of a sentence somebody wrote: nothing but which of its words go too far."""
    found = used(text, question.never)
    if not found:
        return "It uses none of the words that are never used of an authority. Is it stronger than the one below?"
    return f"Never used of an authority: {', '.join(found)}. Say what was seen, and no more."
