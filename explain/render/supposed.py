"""The picture of `what-if`: the chain as it would be, with what appears, goes, or stays for another reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import graphviz

from engine.assess import Assessment
from explain import words
from explain.account import Account, Line
from explain.changewords import APPEARS, CHANGES, GOES, NOT_EVIDENCE, OTHERWISE, TAKEN_AWAY
from explain.names import Names
from explain.render.cards import (
    DASHED,
    HEAVY,
    SOLID,
    SUPPOSED,
    Row,
    Style,
    bands_of,
    card,
    columns,
    conclusion,
    evidence,
    in_words,
    line_style,
    page,
    tooltip,
    who_can_act,
)
from explain.render.drawing import Drawing
from explain.sides import Card, Sides, sides, without
from explain.whatif import Change, Supposed, as_it_is_and_supposed, changes, restood
from kb.conditions import Test
from kb.dossier import Observation

LEGEND = (
    "Left to right: evidence, signatures, mechanisms, pictures, result; as it is and as it would be, drawn together.",
    "Heavy frame or line: appears or changes. Dashed, and struck: goes. Dotted and round: supposed, and not "
    "evidence. Each card also says it in words. Bar at the end of a line: it stops the rule.",
)
CARDS = 24
"""Above so many cards, evidence that stays as it is stands by name on the cards that it supports."""
LISTED = 6
"""So many suppositions, and so many changes without a card, are named above the drawing; more are counted."""


class Mark(NamedTuple):
    """What a supposition does to one card, in words; how the card is drawn; whether its title is struck."""

    words: str = ""
    style: Style = SOLID
    struck: bool = False


def picture(account: Account, before: Assessment, after: Assessment, supposed: Supposed) -> Drawing:
    """The drawing of an answer of `what-if`."""
    marks = _Marks(before, after, supposed)
    both = _apart(sides(before, after, marks.heads), marks.given)
    if len(both.cards) > CARDS:
        both = without(both, marks.unmoved(both))
    marked = {about: marks.of(about, one) for about, one in both.cards.items()}
    said = [f"{account.answer}. {account.sentence}", *_supposed(account), *marks.undrawn(both.cards)]
    knowledge = before.knowledge
    drawing = page(account.heading, account, (*LEGEND, who_can_act(knowledge)), said)
    _draw(drawing, both, marks, bands_of(knowledge))
    told = "; ".join(", ".join(part for part in (in_words(marks.line(about, one)), marked[about].words) if part)
                     for about, one in both.cards.items())
    return Drawing(str(drawing.source), account.heading, f"{' '.join(said)} Cards: {told}.")


def _draw(drawing: graphviz.Digraph, both: Sides, marks: _Marks, bands: dict[str, str]) -> None:
    names = {about: f"n{i}" for i, about in enumerate(both.cards, start=1)}
    for about, one in both.cards.items():
        mark, line = marks.of(about, one), marks.line(about, one)
        first, *rest = evidence(line) if line.role == "test" else conclusion(line)
        said = [Row(mark.words, 10, bold=True)] if mark.words else []
        named = [Row(f"as before, on: {'; '.join(both.named[about])}", 9, quiet=True)] if about in both.named else []
        told = card((*said, first._replace(struck=mark.struck), *rest, *named), line.category, bands, mark.style)
        drawing.node(names[about], label=f"<{told}>", tooltip=tooltip(line))
    columns(drawing, [(names[about], one.column) for about, one in both.cards.items()])
    for link in both.links:
        style = line_style(link.right, link.defeats, heavy=not link.left)
        drawing.edge(names[link.source], names[link.target], **style)


def _apart(both: Sides, given: Iterable[str]) -> Sides:
    """The same, with nothing that leads to what is supposed whatever the evidence says; nor what then leads nowhere."""
    links = [link._replace(right=link.right and link.target not in given) for link in both.links]
    kept = tuple(link for link in links if link.target not in given or link.left)
    joined = {about for link in kept for about in (link.source, link.target)}
    lost = {link.source for link in both.links} - joined
    return Sides({about: one for about, one in both.cards.items() if about not in lost}, kept, {})


def _supposed(account: Account) -> Iterator[str]:
    """What is supposed, in the words of the text."""
    told = [line.title for group in account.chain[:1] for line in group.children]
    if told:
        yield f"Supposed: {words.first_of(told, LISTED)}."


class _Marks:
    """What a supposition does to each card."""

    def __init__(self, before: Assessment, after: Assessment, supposed: Supposed) -> None:
        self.before, self.after = before, after
        self.names = Names(before.knowledge)
        self.changes = {f"{change.kind} {change.id}": change for change in changes(before, after)}
        stays = restood(before, after)
        self.stays = {f"{kind} {id}" for kind, id in stays}
        self.heads = [*((change.kind, change.id) for change in self.changes.values()), *stays]
        self.given = {f"{given.kind} {given.id}" for given in supposed.given}
        self.added, self.gone = set(supposed.added), set(supposed.gone)
        self.tests = {f"test {test}": test for atom, _ in before.program.atoms for test in atom.tests}

    def line(self, about: str, one: Card) -> Line:
        """What stands on a card: where the mark tells how it stands, it is not told again."""
        if about not in self.given:
            return one.line._replace(state=None) if about in self.changes else one.line
        kind, id = one.line.role, one.line.id
        level = self.after.level(kind, id) or ""
        return one.line._replace(state=self.after.head_state(kind, id), level=level, tally="")

    def unmoved(self, both: Sides) -> set[str]:
        """The evidence of which a supposition changes nothing, and no line that leads from it."""
        moved = {link.source for link in both.links if link.left != link.right or link.defeats}
        return {about for about, one in both.cards.items()
                if about in self.tests and about not in moved and not self.of(about, one).words}

    def of(self, about: str, one: Card) -> Mark:
        """The mark of one card."""
        if about in self.given:
            return Mark("supposed, whatever the evidence says", SUPPOSED)
        if about in self.tests:
            return self.of_test(self.tests[about], one)
        if about in self.changes:
            return self.of_change(self.changes[about])
        if about in self.stays:
            return Mark(OTHERWISE)
        if one.line.role == "result" and (one.left is None or one.right is None):
            return Mark(GOES, DASHED, struck=True) if one.left else Mark(APPEARS, HEAVY)
        return Mark()

    def of_change(self, change: Change) -> Mark:
        """A conclusion that appears, goes, or changes its level or state."""
        if change.goes:
            return Mark(f"{GOES}: {as_it_is_and_supposed(change)}", DASHED, struck=True)
        return Mark(f"{APPEARS if change.appears else CHANGES}: {as_it_is_and_supposed(change)}", HEAVY)

    def of_test(self, test: Test, one: Card) -> Mark:
        """Evidence that is supposed, added or taken away; or that leads somewhere on one side only."""
        was, now = (_behind(it, test) for it in (self.before, self.after))
        came = now & self.added
        if came:
            supposed = any(not o.place.file for o in came)
            return Mark(NOT_EVIDENCE, SUPPOSED) if supposed else Mark("added from another case file", HEAVY)
        if was & self.gone:
            return Mark(TAKEN_AWAY, DASHED, struck=True)
        if one.right is None:
            return Mark("stays, and what it led to goes")
        return Mark() if one.left else Mark("leads to more as supposed")

    def undrawn(self, cards: Iterable[str]) -> Iterator[str]:
        """What changes without being present on either side, and so has no card."""
        missing = [self.changes[about] for about in self.changes if about not in set(cards)]
        if missing:
            named = [f"{self.names.title(c.kind, c.id)}: {as_it_is_and_supposed(c)}" for c in missing]
            yield f"Also changed, and present on neither side ({len(missing)}): {words.first_of(named, LISTED)}."


def _behind(assessment: Assessment, test: Test) -> set[Observation]:
    verdict = assessment.looking.verdict(test, 0)
    return {*verdict.for_by, *verdict.against_by}
