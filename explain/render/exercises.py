"""Exercises as text for a terminal, and as a sheet in Markdown: questions first, the answers on a page of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from explain.account import Line
from explain.exercises import Question, Sheet
from explain.render.markdown import escaped, listed
from explain.render.text import Paint, lines, plain, wrapped
from kb.exercises import Exercise

REAL = "A real authority: nothing is marked right or wrong. Say what you think; then see what the rules make of it."
YOU_HAVE, WHY, LATER, DISCUSSED = "You have", "Why", "What was judged", "To draw from it"
HOW = "Answer with a number, an id or a title. Enter alone shows the answer; nothing is counted."
STEP = "what the steps before concluded."
"""What is given for a step where the one before can still be seen: it would tell its answer."""
BREAK = '<div style="page-break-before: always"></div>'
"""What begins a new page where Markdown is printed; elsewhere it shows nothing."""


def listing(exercises: Iterable[Exercise], as_markdown: bool = False) -> str:
    """Every exercise by its id, with its title and what people learn by it."""
    if as_markdown:
        return "".join(f"- `{one.id}` **{escaped(one.title)}**: {escaped(one.aim)}\n" for one in exercises)
    return _text(line for one in exercises for line in (f"{one.id}: {one.title}", *wrapped(one.aim, 4)))


def opening(sheet: Sheet, paint: Paint = plain) -> str:
    """The title of an exercise and what people learn by it."""
    return _text([paint(sheet.title, "bold"), *wrapped(sheet.aim)])


def asked(question: Question, number: int, total: int, paint: Paint = plain) -> str:
    """One question with its choices, without its answer."""
    return _text(["", paint(f"Question {number} of {total}. {question.heading}", "bold"), *_asked(question, paint)])


def _asked(question: Question, paint: Paint) -> Iterator[str]:
    yield from wrapped(question.lead)
    if question.given:
        yield f"{YOU_HAVE}:"
        yield from lines(question.given, paint)
    yield from wrapped(question.asks)
    for number, choice in enumerate(question.choices, 1):
        yield from wrapped(choice.title, 2, f"{number:>2}  ")
    if question.real:
        yield from wrapped(REAL)


def answered(question: Question, paint: Paint = plain) -> str:
    """The answer of one question with its explanation, and of a real authority what was judged later."""
    return _text(_answered(question, paint))


def _answered(question: Question, paint: Paint) -> Iterator[str]:
    yield from (paint(text, "bold") for text in wrapped(question.answer))
    for title, told in parts(question):
        yield f"{title}:"
        yield from lines(told, paint)


def parts(question: Question) -> Iterator[tuple[str, Sequence[Line]]]:
    """What stands under an answer, by its title; empty parts are left out."""
    drawn = tuple(line for line in question.because if line.role == "drawn")
    because = tuple(line for line in question.because if line.role != "drawn")
    yield from ((title, told) for title, told in ((WHY, because), (DISCUSSED, drawn), (LATER, question.since)) if told)


def whole(sheet: Sheet, paint: Paint = plain) -> str:
    """Every question, each with its answer below it."""
    total = len(sheet.questions)
    return "".join([opening(sheet, paint), *(part for number, question in enumerate(sheet.questions, 1) for part in (
        asked(question, number, total, paint), f"{paint('Answer', 'bold')}\n", answered(question, paint))),
        closing(sheet)])


def closing(sheet: Sheet) -> str:
    """What stands at the end of every answer."""
    return _text(["", *(text for sentence in sheet.closing for text in wrapped(sentence))])


def markdown(sheet: Sheet) -> str:
    """A sheet to print: every question, and the answers on a second page."""
    return "\n\n".join([*_sheet(sheet), BREAK, *_answers(sheet)]) + "\n"


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield f"# {escaped(sheet.title)}"
    yield escaped(sheet.aim)
    for number, question in enumerate(sheet.questions, 1):
        yield f"## {number}. {escaped(question.heading)}"
        if question.lead:
            yield escaped(question.lead)
        if question.step:
            yield f"{YOU_HAVE}: {STEP}"
        elif question.given:
            yield f"{YOU_HAVE}:\n\n{listed(question.given)}"
        yield f"**{escaped(question.asks)}**"
        if question.choices:
            yield "\n".join(f"{at}. {escaped(choice.title)}" for at, choice in enumerate(question.choices, 1))
        if question.real:
            yield f"*{escaped(REAL)}*"


def _answers(sheet: Sheet) -> Iterator[str]:
    yield f"# {escaped(sheet.title)}: answers"
    for number, question in enumerate(sheet.questions, 1):
        yield f"## {number}. {escaped(question.asks)}"
        if question.answer:
            yield f"**{escaped(question.answer)}**"
        for title, told in parts(question):
            yield f"{title}:\n\n{listed(told)}"
    yield "---"
    yield from (escaped(sentence) for sentence in sheet.closing)


def _text(told: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in told)
