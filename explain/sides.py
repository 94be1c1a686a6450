"""Two chains as one graph: what both have once, and of each card and line, on which side it is so."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NamedTuple

from engine.assess import Assessment
from explain.account import Line
from explain.evidence import SHOWN
from explain.graph import Graph, provenance
from explain.why import Teller

Head = tuple[str, str]


class Card(NamedTuple):
    """One thing as each side's chain tells it, and its column; None where a chain does not speak of it."""

    left: Line | None
    right: Line | None
    column: int

    @property
    def line(self) -> Line:
        """As told on one side: the second, where both speak of it."""
        line = self.right or self.left
        assert line is not None
        return line


class Link(NamedTuple):
    """What supports, and what it supports: on which side the support holds, and whether it stops a rule."""

    source: str
    target: str
    left: bool
    right: bool
    defeats: bool


class Sides(NamedTuple):
    """The cards by what they are about, column by column, the links between them, and evidence named on a card."""

    cards: dict[str, Card]
    links: tuple[Link, ...]
    named: dict[str, tuple[str, ...]]


def sides(left: Assessment, right: Assessment, heads: Iterable[Head]) -> Sides:
    """The chains behind the overall results of both sides, and behind some signatures and conclusions, as one."""
    asked = list(heads)
    first = [_chain(one, asked) for one in (left, right)]
    drawn = dict.fromkeys(_head(about) for graph in first for about in graph if graph.nodes[about]["column"])
    asked += [head for head in drawn if head[0] != "result"]
    return _joined(*(_chain(one, asked) for one in (left, right)))


def _head(about: str) -> Head:
    kind, _, id = about.partition(" ")
    return kind, id


def _chain(assessment: Assessment, heads: Iterable[Head]) -> Graph:
    """The chain behind the overall result, what disputed evidence leaves open beside it, and what of some is shown."""
    teller = Teller(assessment)
    results = [("result", id) for id in (assessment.result, *assessment.contested_results)]
    asked = [*results, *(("channel", id) for id in assessment.channels), *heads]
    shown = [head for head in dict.fromkeys(asked) if assessment.head_state(*head) in SHOWN]
    return provenance(tuple(teller.head(*head) for head in shown))


def _joined(left: Graph, right: Graph) -> Sides:
    """Both graphs as one: in the second's order, then what only the first has."""
    order = {about: i for i, about in enumerate(dict.fromkeys((*right.nodes, *left.nodes)))}
    cards = {about: Card(_line(left, about), _line(right, about), _column(left, right, about)) for about in order}
    placed = sorted(cards, key=lambda about: (cards[about].column, order[about]))
    pairs = sorted({*left.edges, *right.edges}, key=lambda edge: (placed.index(edge[0]), placed.index(edge[1])))
    return Sides({about: cards[about] for about in placed}, tuple(_link(left, right, *pair) for pair in pairs), {})


def without(both: Sides, folded: Container[str]) -> Sides:
    """The same with some evidence named on the cards that it supports, and no card of its own."""
    cards = {about: one for about, one in both.cards.items() if about not in folded}
    named: dict[str, tuple[str, ...]] = dict(both.named)
    for link in both.links:
        if link.source in folded:
            named[link.target] = (*named.get(link.target, ()), both.cards[link.source].line.title)
    return Sides(cards, tuple(link for link in both.links if link.source not in folded), named)


def _column(left: Graph, right: Graph, about: str) -> int:
    return int((right if about in right else left).nodes[about]["column"])


def _line(graph: Graph, about: str) -> Line | None:
    if about not in graph:
        return None
    line = graph.nodes[about]["line"]
    assert isinstance(line, Line)
    return line


def _link(left: Graph, right: Graph, source: str, target: str) -> Link:
    found = [graph.get_edge_data(source, target, {}) for graph in (left, right)]
    met = [bool(data.get("met")) for data in found]
    return Link(source, target, met[0], met[1], any(data.get("defeats") for data in found))
