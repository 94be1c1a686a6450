"""The picture of `compare`: one chain for both sides, what each card is on either, the first divergence marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import graphviz

from engine.program import NOW, Context
from explain import words
from explain.account import Account, Line
from explain.compare import BESIDE, FIRST, Pair, asked_of
from explain.evidence import EvidenceTeller
from explain.moments import Thing, standings
from explain.names import Names
from explain.render.cards import (
    HEAVY,
    SOLID,
    Row,
    bands_of,
    beside,
    card,
    columns,
    line_style,
    page,
    tooltip,
    who_can_act,
)
from explain.render.drawing import Drawing
from explain.sides import Card, Sides, sides, without
from explain.timeline import stands
from kb.model import State

LEGEND = (
    "Left to right: evidence, signatures, mechanisms, pictures, result. A card with two parts differs; the others are "
    "alike on both sides.",
    "Heavy frame: first divergence. Dashed line: on one side only, and the card that it comes from says on which. "
    "Bar at the end of a line: it stops the rule.",
)
CARDS = 24
"""Above so many cards, evidence that is no first divergence stands by name on the cards that it supports."""
FIRST_DRAWN = 8
"""So many tests of the first divergence have a card, those that the chains speak of first; the others are named."""
LISTED = 6
"""So many of the things without a card are named above the drawing; more are counted."""
NARROW = 20
MARK = "first divergence"
NOT_THIS = "another result stands"


class Told(NamedTuple):
    """How one thing stands on one side: in the largest letters, and below them."""

    head: str
    state: str = ""
    document: str = ""


def picture(account: Account, pair: Pair) -> Drawing:
    """The drawing of an answer of `compare`."""
    teller = _Teller(account, pair)
    both = teller.sides()
    said = [account.answer, *teller.undrawn(both)]
    knowledge = pair.left.knowledge
    drawing = page(account.heading, account, (*LEGEND, who_can_act(knowledge)), said)
    _draw(drawing, both, teller, bands_of(knowledge))
    told = "; ".join(teller.in_words(about, one) for about, one in both.cards.items())
    return Drawing(str(drawing.source), account.heading, f"{'. '.join(said)}. Cards: {told}.")


def _draw(drawing: graphviz.Digraph, both: Sides, teller: _Teller, bands: dict[str, str]) -> None:
    names = {about: f"n{i}" for i, about in enumerate(both.cards, start=1)}
    for about, one in both.cards.items():
        rows = [*teller.rows(about, one), *(Row(f"rests on: {'; '.join(told)}", 9, quiet=True)
                                            for told in [both.named.get(about)] if told)]
        told = card(rows, one.line.category, bands, HEAVY if about in teller.drawn else SOLID)
        drawing.node(names[about], label=f"<{told}>", tooltip=tooltip(one.line))
    columns(drawing, [(names[about], one.column) for about, one in both.cards.items()])
    for link in both.links:
        drawing.edge(names[link.source], names[link.target], **line_style(link.left and link.right, link.defeats))


class _Teller:
    """Tells each card on either side."""

    def __init__(self, account: Account, pair: Pair) -> None:
        self.account, self.pair = account, pair
        self.names = Names(pair.left.knowledge)
        self.stood = [standings(side) for _, side in pair.sides]
        self.evidence = [EvidenceTeller(side) for _, side in pair.sides]
        self.asked = {f"test {test}": c for test, c in asked_of(pair.left.knowledge).items()}
        self.contexts = {f"test {test} {context}": context for atom, _ in pair.left.program.atoms for test in atom.tests
                         for context in (atom.context, atom.context.plain)}
        self.differing = [thing for thing in self.stood[0] if thing[1] and self.stood[0][thing] != self.stood[1][thing]]
        told = [line for line in account.chain if line.title in (FIRST, BESIDE)]
        self.first = {line.about: line for top in told for line in top.children}
        self.drawn = list(self.first)

    def sides(self) -> Sides:
        """Both chains, with the first divergence as far as that can be drawn; other evidence by name if it is much."""
        both = sides(self.pair.left, self.pair.right, self.differing)
        self.drawn = sorted(self.first, key=lambda about: about not in both.cards)[:FIRST_DRAWN]
        if len(both.cards) > CARDS:
            both = without(both, {about for about in both.cards if about in self.asked and about not in self.drawn})
        alone = {about: Card(self.first[about], None, 0) for about in self.drawn if about not in both.cards}
        return both._replace(cards={**alone, **both.cards})

    def rows(self, about: str, one: Card) -> Iterator[object]:
        """A card: what it is, and how it stands; once, where both sides are alike."""
        if about in self.drawn:
            yield Row(MARK, 10, bold=True)
        yield Row(one.line.title, 14 if one.line.role in ("result", "channel") else 12, bold=True)
        kind = words.FOUND.get(one.line.role) or next(iter(self.first.get(about, one.line).small), "")
        yield from (Row(text, 9, quiet=True) for text in (kind,) if text)
        left, right = self.told(about, one)
        if left[:2] == right[:2]:
            yield Row(f"on both sides: {', '.join(text for text in left[:2] if text)}", 11)
            documents = dict.fromkeys((left.document, right.document))
            yield from (Row(text, 9, quiet=True) for text in documents if text)
        else:
            names = [name for name, _ in self.pair.sides]
            yield beside([self.side(name, told) for name, told in zip(names, (left, right), strict=True)])

    def side(self, name: str, told: Told) -> list[Row]:
        """How it stands on one side, under its name."""
        return [Row(name, 9, quiet=True, width=NARROW), Row(told.head, 12, bold=True, width=NARROW),
                *(Row(text, 9, width=NARROW) for text in told[1:] if text)]

    def told(self, about: str, one: Card) -> tuple[Told, Told]:
        """How a card stands on the two sides."""
        if about in self.asked:
            left, right = (self.test(about, one, i) for i in (0, 1))
        else:
            left, right = (self.thing(one.line, i) for i in (0, 1))
        return left, right

    def test(self, about: str, one: Card, side: int) -> Told:
        """A test: what was observed, how the test stands, and the first document; or why it is not known."""
        if about in self.first:
            line = self.first[about].children[side]
        else:
            line = (one.left, one.right)[side] or self.evidence[side].test(self.asked[about], self.context(one.line))
        state = words.OF_A_TEST[line.state or State.NOT_KNOWN]
        briefs = (child.brief for child in line.children if child.brief)
        return Told(line.value, state, next(briefs, "")) if line.value else Told(state, line.text)

    def context(self, line: Line) -> Context:
        """How a test is looked at on the side that tells it."""
        return self.contexts.get(line.key, NOW)

    def thing(self, line: Line, side: int) -> Told:
        """A signature or conclusion; of an overall result, whether it is the one that stands."""
        if line.role != "result":
            return Told(stands((line.role, line.id), self.stood[side][line.role, line.id], self.names))
        standing = self.stood[side]["result", ""]
        if standing.level == line.id:
            return Told("the overall result")
        return Told("in one reading of disputed evidence" if line.id in standing.contested else NOT_THIS)

    def undrawn(self, both: Sides) -> Iterator[str]:
        """What differs and has no card: conclusions present on neither side, and tests beside the first divergence."""
        missing = [thing for thing in self.differing if f"{thing[0]} {thing[1]}" not in both.cards]
        if missing:
            told = [f"{self.names.title(*thing)}: {self.both(thing)}" for thing in missing]
            yield f"Also differing, and present on neither side ({len(missing)}): {words.first_of(told, LISTED)}."
        others = list(dict.fromkeys(self.first[about].title for about in self.first if about not in self.drawn))
        if others:
            yield f"Also in the first divergence ({len(others)}): {words.first_of(others, LISTED)}."
        yield from (f"{line.title}." for line in self.account.chain if line.role == "fold")

    def both(self, thing: Thing) -> str:
        """How a thing stands on the one side and on the other."""
        return " / ".join(stands(thing, stood[thing], self.names) for stood in self.stood)

    def in_words(self, about: str, one: Card) -> str:
        """A card in a few words."""
        left, right = (", ".join(part for part in told[:2] if part) for told in self.told(about, one))
        named = zip((name for name, _ in self.pair.sides), (left, right), strict=True)
        told = f"on both sides {left}" if left == right else ", ".join(f"{name}: {side}" for name, side in named)
        return f"{one.line.title} ({f'{MARK}; ' if about in self.drawn else ''}{told})"
