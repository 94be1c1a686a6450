"""The provenance graph of a chain: one card per thing said, edges from what supports to what it supports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import networkx as nx

from explain.account import Line
from kb.model import State

if TYPE_CHECKING:
    Graph = nx.DiGraph[str]
else:
    Graph = nx.DiGraph

COLUMNS = {"test": 0, "signature": 1, "mechanism": 2, "picture": 3, "result": 4, "channel": 4}
MET = (State.PRESENT, State.CONTESTED)


def met(line: Line) -> bool:
    """Whether a line says what was asked of it."""
    return line.enough or line.state in MET


@dataclass
class _Walk:
    graph: Graph = field(default_factory=nx.DiGraph)

    def visit(self, line: Line, parent: str | None, unmet: bool, defeats: bool = False) -> None:
        """Adds a line's card (if it has one) and goes on below it; what was not met shows only where it mattered."""
        if not met(line) and not unmet and line.role != "exception":
            return
        below, inside_unmet = parent, unmet
        if line.role in COLUMNS:
            below = self.card(line)
            inside_unmet = not met(line)
            if parent is not None and parent != below:
                self.edge(below, parent, met(line), defeats)
        for child in line.children:
            self.visit(child, below, inside_unmet, defeats or line.role == "exception")

    def card(self, line: Line) -> str:
        known = self.graph.nodes.get(line.about)
        if known is None or (not met(known["line"]) and met(line)) or known["line"].shown_above:
            self.graph.add_node(line.about, line=line, column=COLUMNS[line.role])
        return line.about

    def edge(self, source: str, target: str, met: bool, defeats: bool) -> None:
        held = self.graph.get_edge_data(source, target, {}).get("met", False)
        self.graph.add_edge(source, target, met=met or held, defeats=defeats)


def provenance(chain: Iterable[Line]) -> Graph:
    """A chain as a directed acyclic graph.

    Nodes are keyed by what they are about and carry `line` and `column` (0 evidence ... 4 result); edges carry `met`
    (the premise holds) and `defeats` (it stops the rule).
    """
    walk = _Walk()
    for line in chain:
        walk.visit(line, None, not met(line))
    return walk.graph
