"""An account as plain text: an indented tree, wrapped, safe for any terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from explain import words
from explain.account import Account, Line
from kb.model import State

WIDTH = 100
STEP = 2
UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Cs", "Co")
NO_CHARACTERS = "\ufffe\uffff"
"""What may not stand in XML, whoever writes it."""
Paint = Callable[[str, str], str]


def plain(text: str, _style: str) -> str:
    """No colour: for files, pipes and NO_COLOR."""
    return text


def coloured(text: str, style: str) -> str:
    """ANSI bold and dim; never colour as the only carrier of meaning."""
    code = {"bold": "1", "dim": "2"}.get(style, "0")
    return f"\x1b[{code}m{text}\x1b[0m"


def clean(text: str) -> str:
    """Text from a file as one line without control characters, so that it cannot steer a terminal or break a format."""
    if text.isprintable():
        return " ".join(text.split())
    import unicodedata

    kept = "".join(" " if unicodedata.category(c) in UNSEEN or c in NO_CHARACTERS else c for c in text)
    return " ".join(kept.split())


def render(account: Account, paint: Paint = plain) -> str:
    """The whole account as text that ends in a newline."""
    page = _Page(paint)
    return "\n".join(page.account(account)) + "\n"


def lines(told: Sequence[Line], paint: Paint = plain) -> Iterator[str]:
    """Lines of an account with all below them, as an indented tree."""
    page = _Page(paint)
    return (text for line in told for text in page.line(line, 0))


def wrapped(text: str, indent: int = 0, bullet: str = "") -> list[str]:
    """Text from anywhere, clean and no wider than a page."""
    margin = " " * indent
    width = max(WIDTH - indent, 40)
    found = textwrap.wrap(clean(text), width, initial_indent=bullet, subsequent_indent=" " * len(bullet),
                          break_long_words=False, break_on_hyphens=False)
    return [margin + line for line in found]


class _Page(NamedTuple):
    paint: Paint

    def account(self, account: Account) -> Iterator[str]:
        yield self.paint(clean(account.heading), "bold")
        yield from wrapped(account.subheading, 0)
        yield ""
        yield self.paint(f"Result: {clean(account.answer)}", "bold")
        yield from wrapped(account.sentence, 0)
        yield ""
        for fact in account.facts:
            yield from wrapped(fact, 0)
        for title, lines in sections(account):
            yield ""
            yield self.paint(title, "bold")
            for line in lines:
                yield from self.line(line, 0)
        yield ""
        for sentence in account.closing:
            yield from wrapped(sentence, 0)

    def line(self, line: Line, depth: int) -> Iterator[str]:
        """One line of the tree and what is below it."""
        indent = depth * STEP
        head = wrapped(_headline(line), indent, "- ")
        yield from (self.paint(text, "bold") if _matters(line) else text for text in head)
        if line.shown_above:
            return
        if line.text:
            yield from wrapped(line.text, indent + STEP)
        for small in (*line.small, *line.quoted):
            yield from (self.paint(text, "dim") for text in wrapped(small, indent + STEP))
        for child in line.children:
            yield from self.line(child, depth + 1)


def sections(account: Account) -> Iterator[tuple[str, Sequence[Line]]]:
    """The titled parts of an account, in the order they are told; empty ones are left out."""
    yield account.section, account.chain
    if account.footing:
        yield "How it rests on the evidence", account.footing
    if account.missing:
        yield "What is not known and would matter most", account.missing
    if account.held:
        yield "On file, but not enough to decide a test", account.held
    if account.responses:
        yield "What the authority answers", account.responses
    if account.notes:
        yield "Also on file, and counted nowhere", account.notes
    yield from (part for part in account.parts if part.lines)


def _headline(line: Line) -> str:
    kind = words.FOUND.get(line.role, "")
    tail = f": {words.standing(line)}" if line.state and words.says_state(line) else ""
    where = f" [{kind}]" if kind else ""
    place = f"  {line.place.file}:{line.place.line}" if line.place and line.place.file and not line.shown_above else ""
    above = " (shown above)" if line.shown_above else ""
    return f"{line.title}{where}{tail}{above}{place}"


def _matters(line: Line) -> bool:
    return line.role in words.FOUND and line.state in (State.PRESENT, State.CONTESTED)
