"""An account as Markdown: headings, nested lists, small print and places, with all text from files as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from explain import words
from explain.account import Account, Line
from explain.render.text import clean, sections

MEANS = re.compile(r"([\\`*_{}\[\]<>#|~&!$^])")
"""Signs that mean something in Markdown, wherever they stand."""
OPENS = re.compile(r"^([-+:=]|\d+(?=[.)]))")
"""What would begin a list, a heading or a table where it begins a line."""
SCHEME, HOST = re.compile(r"(?i)\b(https?|ftp):(?=//)"), re.compile(r"(?i)\b(www)\.")
"""Where an address is written so that no renderer makes a link of it."""


def render(account: Account) -> str:
    """The whole account as Markdown that ends in a newline."""
    return "\n\n".join(_blocks(account)) + "\n"


def escaped(text: str) -> str:
    """Text on one line as Markdown that shows exactly that text."""
    return OPENS.sub(lambda found: _apart(found.group()), cell(text))


def cell(text: str) -> str:
    """The same inside a line, as in a table, where nothing can begin."""
    told = MEANS.sub(r"\\\1", clean(text))
    return HOST.sub(r"\1&#46;", SCHEME.sub(r"\1&#58;", told))


def _apart(start: str) -> str:
    """The start of a line so that it begins nothing."""
    return f"{start}&#8203;" if start.isdigit() else f"\\{start}"


def code(text: str) -> str:
    """Text as code; a backtick in it becomes an apostrophe."""
    return f"`{clean(text).replace('`', chr(39))}`"


def _blocks(account: Account) -> Iterator[str]:
    yield f"# {escaped(account.heading)}"
    yield f"*{escaped(account.subheading)}*"
    yield f"## Result: {escaped(account.answer)}"
    if account.sentence:
        yield escaped(account.sentence)
    if account.facts:
        yield "\n".join(f"- {escaped(fact)}" for fact in account.facts)
    for title, lines in sections(account):
        yield f"## {escaped(title)}"
        yield listed(lines)
    if account.table is not None:
        yield f"## {escaped(account.table.title)}"
        yield table(account.table.columns, account.table.rows)
    yield "---"
    yield from (escaped(sentence) for sentence in account.closing)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts."""
    lines = [map(cell, columns), ["---"] * len(columns), *(map(cell, row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def listed(lines: Iterable[Line]) -> str:
    """Lines of an account with all below them, as nested lists."""
    return "\n".join(text for line in lines for text in _item(line, 0))


def _item(line: Line, depth: int) -> Iterator[str]:
    """One line of the tree as a list item, with what is below it as a list inside."""
    said = [_headline(line)]
    if not line.shown_above:
        said += [escaped(line.text)] if line.text else []
        said += [f"*{escaped(small)}*" for small in (*line.small, *line.quoted) if clean(small)]
    margin = "  " * depth
    yield f"{margin}- " + f"\\\n{margin}  ".join(said)
    for child in line.children if not line.shown_above else ():
        yield from _item(child, depth + 1)


def _headline(line: Line) -> str:
    """Title, kind, state and place; bold where it is a signature or conclusion."""
    title = escaped(line.title)
    kind = words.FOUND.get(line.role, "")
    head = f"**{title}** ({kind})" if kind and title else title
    state = f": {escaped(words.standing(line))}" if line.state and words.says_state(line) else ""
    shown = line.place is not None and line.place.file and not line.shown_above
    place = f" {code(f'{line.place.file}:{line.place.line}')}" if shown and line.place else ""
    return f"{head}{state}{' (shown above)' if line.shown_above else ''}{place}"
