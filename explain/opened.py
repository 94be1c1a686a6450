"""The conditions of some rules opened into cards: what each rests on, as far as a page can show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explain import words
from explain.account import Account, Line, walk
from explain.graph import met

RULES, CARDS = 4, 28
"""A page stays legible with so many rules, and so many cards in all."""
DEPTHS = (6, 5, 4, 3, 2)
CARDED = ("way", "test", "signature", "mechanism", "picture", "result", "channel", "group", "exception")
SAID = ("assumption", "fold")
"""Lines that stand in words on the card of what they belong to."""
NAMED = 4
"""So many of the things below the edge of the page are named; all are counted."""


class Link(NamedTuple):
    """A line of a picture, from a condition to what asks for it."""

    met: bool
    defeats: bool


class Opened(NamedTuple):
    """Cards by name with the words that stand on them, the links between them, and the rules left out."""

    cards: dict[str, Line]
    said: dict[str, tuple[str, ...]]
    links: dict[tuple[str, str], Link]
    ends: tuple[str, ...]
    left_out: int


def opened(account: Account) -> Opened:
    """The rules of an account as cards: the nearest, as many and as deep as stay legible; what is cut is counted."""
    rules = account.chain
    for depth in DEPTHS:
        for many in range(min(RULES, len(rules)), 0, -1):
            found = _opened(rules, many, depth)
            if len(found.cards) <= CARDS:
                return found
    return _opened(rules, 1, 1)


def _opened(rules: Sequence[Line], many: int, depth: int) -> Opened:
    walked = _Walk(depth)
    ends = tuple(dict.fromkeys(walked.visit(line, "", 0) for line in rules[:many]))
    said = {name: tuple(told) for name, told in walked.said.items()}
    return Opened(walked.cards, said, walked.links, ends, len(rules) - many)


class _Walk:
    """Makes a card of each line that is one; the same thing as it stands there once."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.cards: dict[str, Line] = {}
        self.said: dict[str, list[str]] = {}
        self.links: dict[tuple[str, str], Link] = {}

    def visit(self, line: Line, parent: str, deep: int) -> str:
        """Adds a card and what is below it; its name."""
        name = self.name(line)
        if name not in self.cards or self.cards[name].shown_above:
            self.cards[name] = line
            self.said[name] = []
            self.below(line, name, deep)
        if parent and parent != name:
            self.links[name, parent] = Link(met(line), line.role == "exception")
        return name

    def name(self, line: Line) -> str:
        """What is told of one thing in one state is one card; a line about no thing is a card of its own."""
        if line.about:
            return f"{line.about} {line.state} {line.level} {line.value}"
        return f"{line.role} {line.title} {line.place} {line.state}"

    def below(self, line: Line, name: str, deep: int) -> None:
        """What stands under a line: cards, words on its own card, or a count where the page ends."""
        parts = list(_parts(line))
        self.said[name] += [part.title for part in parts if part.role in SAID]
        cards = [part for part in parts if part.role in CARDED]
        if deep + 1 < self.depth:
            for part in cards:
                self.visit(part, name, deep + 1)
        elif cards:
            self.said[name].append(_cut(cards))


def _cut(cards: Sequence[Line]) -> str:
    """What is below the edge of the page: the first by name, and how many more."""
    named = list(dict.fromkeys(part.title for part in cards))
    inner = sum(inner.role in CARDED for part in cards for inner in walk(part)) - len(cards)
    below = f", with {inner} more below {'them' if len(cards) > 1 else 'it'}" if inner else ""
    return f"Told in the text: {words.first_of(named, NAMED)}{below}"


def _joined(line: Line) -> Line:
    """A group that holds one group and nothing else, in the same state, as one."""
    while line.role == "group" and len(line.children) == 1:
        (inside,) = line.children
        if inside.role != "group" or inside.state is not line.state:
            break
        line = inside._replace(title=f"{line.title}. {inside.title}")
    return line


def _parts(line: Line) -> Iterator[Line]:
    """The lines below a line, those of its sides among them."""
    for child in line.children:
        if child.role == "facet":
            yield from child.children
        else:
            yield _joined(child)
