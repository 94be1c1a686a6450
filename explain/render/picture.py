"""The picture of a chain: cards in columns from evidence to result."""

from __future__ import annotations

import graphviz

from engine.assess import Assessment
from explain.account import Account, Line
from explain.graph import Graph, met, provenance
from explain.render.cards import (
    DASHED,
    SOLID,
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
from explain.restson import necessary, necessary_heads
from kb.knowledge import Knowledge
from kb.model import State

LEGEND = (
    "Left to right: evidence, signatures, mechanisms, pictures, result.",
    "Heavy line: without this the conclusion would not stand. Dashed: not met, or not known. "
    "Bar at the end of a line: it stops the rule. A contested thing says so.",
)


def picture(account: Account, assessment: Assessment) -> Drawing:
    """The drawing of the account's chain."""
    graph = provenance(account.chain)
    told = "; ".join(in_words(graph.nodes[about]["line"]) for about in in_order(graph))
    return Drawing(dot(account, assessment), _title(account), f"{account.answer}. {account.sentence} Cards: {told}.")


def dot(account: Account, assessment: Assessment) -> str:
    """The chain as DOT text: the same account always gives the same text."""
    graph = provenance(account.chain)
    names = {about: f"n{i}" for i, about in enumerate(in_order(graph), start=1)}
    ends = [about for about in graph if not graph.out_degree(about)]
    heavy = _heavy(graph, ends, assessment)
    knowledge = assessment.knowledge
    drawing = page(_title(account), account, (*LEGEND, who_can_act(knowledge)))
    _cards(drawing, graph, names, knowledge)
    columns(drawing, [(name, graph.nodes[about]["column"]) for about, name in names.items()])
    for source, target in sorted(graph.edges, key=lambda e: (number(names[e[0]]), number(names[e[1]]))):
        edge = graph.edges[source, target]
        needed = source in heavy and (target in heavy or target in ends)
        drawing.edge(names[source], names[target], **line_style(edge["met"], edge["defeats"], needed))
    return str(drawing.source)


def _title(account: Account) -> str:
    asked = account.chain[0].title if account.chain else account.answer
    return f"{account.heading}: {asked}"


def _cards(drawing: graphviz.Digraph, graph: Graph, names: dict[str, str], knowledge: Knowledge) -> None:
    bands = bands_of(knowledge)
    for about, name in names.items():
        line: Line = graph.nodes[about]["line"]
        rows = evidence(line) if line.role == "test" else conclusion(line)
        told = card(rows, line.category, bands, SOLID if met(line) else DASHED)
        drawing.node(name, label=f"<{told}>", tooltip=tooltip(line))


def in_order(graph: Graph) -> list[str]:
    """Column by column, each in the order told: no order of files or facts shows through."""
    told = {about: i for i, about in enumerate(graph.nodes)}
    return sorted(graph.nodes, key=lambda a: (graph.nodes[a]["column"], told[a]))


def number(name: str) -> int:
    """The number of a card."""
    return int(name[1:])


def _heavy(graph: Graph, ends: list[str], assessment: Assessment) -> set[str]:
    """What the result cannot do without: evidence, signatures and conclusions, each found by taking it away."""
    results = [a for a in graph if graph.nodes[a]["column"] == 4] or ends
    if not results or graph.nodes[results[0]]["line"].state is not State.PRESENT:
        return set()
    node = assessment.standing_at(*_named(results[0]))[0]
    heads = {a: _named(a) for a in graph if graph.nodes[a]["column"] and a != results[0]}
    through = necessary_heads(assessment, node, list(heads.values())) if heads else frozenset()
    found = {f"test {test}" for test in necessary(assessment, node)}
    return {a for a in graph if a in found} | {a for a, head in heads.items() if head in through}


def _named(about: str) -> tuple[str, str]:
    kind, _, id = about.partition(" ")
    return kind, id


