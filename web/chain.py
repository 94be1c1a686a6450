"""The chain of evidence as a picture that a page can redraw: which cards, what leads to what, and where each stands.

`static/chain.js` does the same in the page; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import floor
from typing import NamedTuple

from engine.assess import Assessment, state_of
from engine.program import Atom, Op, Proposition
from engine.proofs import FOR, Mark, Provenance
from explain.evidence import SHOWN
from kb.conditions import LADDERS, Rule
from kb.model import State
from web.boxes import curve, rise
from web.grounding import Ground

WIDTH, ACROSS, DOWN, ROW, PAD, BAND = 188, 34, 10, 16, 8, 18
"""Of cards and the space between them, of a line of text, around it, and of the band: in the picture's own units."""
COLUMNS = {"signature": 1, "mechanism": 2, "picture": 3, "result": 4, "channel": 4}
SWEEPS = 3
Head = tuple[str, str]
Link = tuple[str, str]


class Led(NamedTuple):
    """How one thing leads to another: whether it is as asked, and whether it stops what it leads to."""

    met: bool
    stops: bool


class Graph(NamedTuple):
    """The cards by their keys, with the column each belongs to; and what leads from one to another."""

    cards: Mapping[str, int]
    links: Mapping[Link, Led]


class Placed(NamedTuple):
    """One card with its place and size."""

    key: str
    x: float
    y: float
    height: float


class Drawn(NamedTuple):
    """A picture: its cards, and each line with its two ends, its path and its class names."""

    cards: tuple[Placed, ...]
    lines: tuple[tuple[Link, str, str], ...]
    width: float
    height: float


def standing(assessment: Assessment) -> list[Head]:
    """What a reader is shown first: the result where it puts a question, else all that holds; and what is passed on."""
    knowledge = assessment.knowledge
    asked = [("result", id) for id in (assessment.result, *assessment.contested_results)
             if id in knowledge.questions()]
    held = [head for head in sorted(knowledge.conclusions())
            if head[0] != "result" and assessment.head_state(*head) in SHOWN]
    return asked + [("channel", id) for id in assessment.channels] if asked else held


def graph(assessment: Assessment, on: Ground, roots: Iterable[Head]) -> Graph:
    """What leads to some signatures and conclusions: every route to what holds; else what its rules ask for."""
    found = _Chain(assessment, on)
    for root in roots:
        found.root(root)
    return Graph(dict(sorted(found.cards.items())), dict(sorted(found.links.items())))


class _Chain:
    def __init__(self, assessment: Assessment, on: Ground) -> None:
        self.it, self.nodes = assessment, assessment.program.nodes
        self.tests = {test: f"t{at}" for at, test in enumerate(on.tests)}
        self.heads = {head: f"h{at}" for at, head in enumerate(on.heads)}
        self.cards: dict[str, int] = {}
        self.links: dict[Link, Led] = {}

    def root(self, head: Head) -> None:
        """One signature or conclusion with what leads to it."""
        key = self.card(self.heads[head], COLUMNS[head[0]])
        standing = self.it.standing_at(*head)
        for node in standing:
            self.proved(Mark(node))
        for level in LADDERS[head[0]] if not standing else ():
            node = self.it.program.heads[Proposition(*head, level)]
            for arg in self.nodes[node].args[:self.nodes[node].k]:
                self.asked(arg, key)

    def card(self, key: str, column: int) -> str:
        self.cards.setdefault(key, column)
        return key

    def proved(self, mark: Mark) -> None:
        """Every route to a mark."""
        for proofs in self.it.proofs:
            for used in proofs.used(mark):
                origin = self.nodes[used.node].origin
                if isinstance(origin, Proposition):
                    target = self.card(self.heads[origin.kind, origin.id], COLUMNS[origin.kind])
                    for premise in _premises(proofs, used):
                        self.link(premise, target, True, False)

    def asked(self, rule: int, target: str) -> None:
        """What one rule asks for, met or not, with what leads to what is met; and the exceptions that stop it."""
        when, *exceptions = self.nodes[rule].args
        wanted = [(mark, False) for mark in self.asks(Mark(when))]
        wanted += [(mark, True) for node in exceptions if self.it.model[node][FOR] for mark in self.asks(Mark(node))]
        for mark, stops in wanted:
            met = bool(self.it.model[mark.node][mark.side])
            if met or not stops:
                self.link(mark, target, met, stops)
            if met and not isinstance(self.nodes[mark.node].origin, Atom):
                self.proved(mark)

    def asks(self, mark: Mark) -> Iterator[Mark]:
        """The tests, signatures and conclusions that a condition asks for, each on the side it asks."""
        node = self.nodes[mark.node]
        if isinstance(node.origin, (Atom, Proposition)):
            yield mark
            return
        side = 1 - mark.side if node.op is Op.NOT else mark.side
        for arg in node.args:
            yield from self.asks(Mark(arg, side))

    def link(self, premise: Mark, target: str, met: bool, stops: bool) -> None:
        """A line from a test (not from several that are looked at as one), a signature or a conclusion."""
        origin = self.nodes[premise.node].origin
        if isinstance(origin, Atom):
            if origin.corroboration:
                return
            source = self.card(self.tests[origin.tests[0]], 0)
        else:
            assert isinstance(origin, Proposition)
            source = self.card(self.heads[origin.kind, origin.id], COLUMNS[origin.kind])
        if source != target:
            held = self.links.get((source, target), Led(False, False))
            self.links[source, target] = Led(held.met or met, held.stops or stops)


def _premises(proofs: Provenance, mark: Mark) -> Iterator[Mark]:
    """The first tests, signatures and conclusions below a mark; rules are gone through."""
    for below in proofs.nearest(mark):
        if isinstance(proofs.program.nodes[below.node].origin, Rule):
            yield from _premises(proofs, below)
        else:
            yield below


def layout(found: Graph, rows: Mapping[str, int], ordinal: Mapping[str, int]) -> Drawn:
    """Every card in its column and near what leads to it; `rows`: lines of text; `ordinal`: the order to begin with.

    A line that goes past a column is led through it between the cards: what it goes through is a card of no height.
    """
    columns = _columns(found, ordinal)
    routes = _routes(found, columns)
    heights = {key: rows[key] * ROW + 2 * PAD if key in found.cards else 0 for column in columns for key in column}
    sources, targets = _ends(routes, heights, 1), _ends(routes, heights, 0)
    place = {key: _share(at, column) for column in columns for at, key in enumerate(column)}
    for _ in range(SWEEPS):
        for near, order in ((targets, columns[::-1]), (sources, columns)):
            for column in order:
                column.sort(key=lambda key, near=near: _mean([place[n] for n in near[key]], place[key]))  # type: ignore[misc]
                place |= {key: _share(at, column) for at, key in enumerate(column)}
    tops: dict[str, float] = {}
    for column in columns:
        tops |= _stacked(column, heights, tops, sources)
    x = {key: at * (WIDTH + ACROSS) for at, column in enumerate(columns) for key in column}
    every = {key: Placed(key, x[key], tops[key], heights[key]) for column in columns for key in column}
    cards = tuple(card for card in every.values() if card.key in found.cards)
    return Drawn(cards, tuple(_lines(found, routes, every)), max(len(columns) * (WIDTH + ACROSS) - ACROSS, 0),
                 max((card.y + card.height for card in cards), default=0))


def _routes(found: Graph, columns: list[list[str]]) -> dict[Link, list[str]]:
    """What each line goes through, its ends included; lines from one card share their way. Adds to the columns."""
    at = {key: number for number, column in enumerate(columns) for key in column}
    past = {(source, target): range(at[source] + 1, at[target]) for source, target in found.links}
    routes = {(source, target): [source, *(f"{source}~{column}" for column in some), target]
              for (source, target), some in past.items()}
    for route in routes.values():
        for way in route[1:-1]:
            column = columns[int(way.partition("~")[2])]
            if way not in column:
                column.append(way)
    return routes


def _columns(found: Graph, ordinal: Mapping[str, int]) -> list[list[str]]:
    """The cards by columns: each as far left as its kind, and right of all that leads to it; none is left empty."""
    at, moved = dict(found.cards), True
    while moved:
        moved = False
        for source, target in found.links:
            if at[target] <= at[source]:
                at[target], moved = at[source] + 1, True
    return [sorted((key for key in at if at[key] == column), key=lambda key: ordinal[key])
            for column in sorted(set(at.values()))]


def _ends(routes: Mapping[Link, list[str]], keys: Iterable[str], side: int) -> dict[str, list[str]]:
    """Of each card those at the other ends of its lines: what leads to it (1), or what it leads to (0)."""
    ends: dict[str, list[str]] = {key: [] for key in keys}
    for route in routes.values():
        for step in pairwise(route):
            if step[1 - side] not in ends[step[side]]:
                ends[step[side]].append(step[1 - side])
    return ends


def _share(at: int, column: Sequence[str]) -> float:
    return (at + 0.5) / len(column)


def _mean(values: Sequence[float], otherwise: float) -> float:
    total = 0.0
    for value in values:
        total += value
    return total / len(values) if values else otherwise


def _stacked(column: Sequence[str], heights: Mapping[str, int], tops: Mapping[str, float],
             sources: Mapping[str, list[str]]) -> dict[str, float]:
    """The tops of one column's cards: each as near as can be to the middle of what leads to it."""
    found, bottom, drift = dict[str, float](), 0.0, 0.0
    for key in column:
        middles = [tops[source] + heights[source] / 2 for source in sources[key] if source in tops]
        wanted = _mean(middles, bottom + heights[key] / 2) - heights[key] / 2
        found[key] = max(wanted, bottom)
        drift += found[key] - wanted
        bottom = found[key] + heights[key] + DOWN
    up = min(found[column[0]], drift / len(column))
    return {key: round_down(top - up) for key, top in found.items()}


def _lines(found: Graph, routes: Mapping[Link, list[str]], cards: Mapping[str, Placed],
           ) -> Iterator[tuple[Link, str, str]]:
    """Lines that arrive one below another at the side of a card; what stops it comes to its foot."""
    for target, card in cards.items():
        into = [link for link in routes if link[1] == target]
        side = sorted((link for link in into if not found.links[link].stops),
                      key=lambda link: _middle(cards[routes[link][-2]]))
        for at, link in enumerate(into):
            led, path = found.links[link], _path([cards[key] for key in routes[link][:-1]])
            last = cards[routes[link][-2]]
            start, middle = last.x + WIDTH, _middle(last)
            if led.stops:
                foot = round_down(card.x + WIDTH * (at + 1) / (len(into) + 1))
                path += rise(start, middle, foot, card.y + card.height)
            else:
                share = card.height * (side.index(link) + 1) / (len(side) + 1)
                path += curve(start, middle, card.x, round_down(card.y + share))
            yield link, path, " ".join(["line", *(["stops"] if led.stops else []), *(["unmet"] if not led.met else [])])


def _path(cards: Sequence[Placed]) -> str:
    """The way of a line through the columns that it goes past, up to the last."""
    return "".join(f"{curve(one.x + WIDTH, _middle(one), other.x, _middle(other))}H{other.x + WIDTH:g}"
                   for one, other in pairwise(cards))


def _middle(card: Placed) -> float:
    return round_down(card.y + card.height / 2)


def round_down(value: float) -> float:
    """A length in tenths, rounded in the one way in which both languages round."""
    return floor(value * 10 + 0.5) / 10


def wrap(text: str, letters: int) -> list[str]:
    """Text in lines of so many letters at most; a longer word is cut."""
    lines, line = list[str](), ""
    for word in text.split(" "):
        while (line and len(line) + 1 + len(word) > letters) or len(word) > letters:
            if line:
                lines, line = [*lines, line], ""
            else:
                lines, word = [*lines, word[:letters]], word[letters:]
        line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines or [" "]


def state_of_test(assessment: Assessment, atom: Atom) -> State:
    """What both readings of the evidence say of a test, as asked now."""
    return state_of(assessment.looking.mark(atom))
