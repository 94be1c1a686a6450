"""The picture of a chain: cards in columns from evidence to result, drawn by Graphviz."""

from __future__ import annotations

import html
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import graphviz

from engine.assess import Assessment
from explain import words
from explain.account import Account, Line
from explain.graph import Graph, met, provenance
from explain.render.text import clean
from explain.restson import necessary, necessary_heads
from kb.model import State

INK, QUIET, PAPER, EDGE = "#0b0c0c", "#505a5f", "#ffffff", "#505a5f"
BANDS = ("#1d4f91", "#5b3e8f", "#0b6e5f", "#7a4b00", "#8a1538", "#3d4f0b")
"""One colour for each category, in the order of the vocabulary; white on each is readable."""
FONT = "Helvetica,Arial,sans-serif"
WRAP = 34
LEGEND = (
    "Left to right: evidence, signatures, mechanisms, pictures, result.",
    "Heavy line: without this the conclusion would not stand. Dashed: not met, or not known. "
    "Bar at the end of a line: it stops the rule. A contested thing says so.",
)


class Undrawn(Exception):
    """No picture could be drawn here; the message says what is missing and what works without it."""


def picture(account: Account, assessment: Assessment, format: str) -> bytes:
    """The account's chain as svg, png, pdf or dot bytes. Raises Undrawn where Graphviz cannot be had."""
    source = dot(account, assessment)
    if format == "dot":
        return source.encode("utf-8")
    if shutil.which("dot"):
        try:
            return bytes(graphviz.Source(source).pipe(format=format))
        except graphviz.CalledProcessError:
            raise Undrawn("no picture: the program dot could not draw it; --format dot writes its text") from None
    return _by_wheel(source, format)


def _by_wheel(source: str, format: str) -> bytes:
    try:
        import pygraphviz
    except ImportError:
        raise Undrawn("no picture: neither the program dot (Graphviz) nor pygraphviz is here; "
                      "--format dot writes the drawing's text without them") from None
    drawn = pygraphviz.AGraph(string=source).draw(format=format, prog="dot")
    return bytes(drawn)


def dot(account: Account, assessment: Assessment) -> str:
    """The chain as DOT text: the same account always gives the same text."""
    graph = provenance(account)
    names = {about: f"n{i}" for i, about in enumerate(_in_order(graph), start=1)}
    ends = [about for about in graph if not graph.out_degree(about)]
    heavy = _heavy(graph, ends, assessment)
    bands = dict(zip(assessment.knowledge.vocabulary.categories, BANDS, strict=False))
    drawing = graphviz.Digraph("chain", graph_attr=_page(account, assessment),
                                node_attr=_plain(), edge_attr={"color": EDGE})
    for about, name in names.items():
        line = graph.nodes[about]["line"]
        drawing.node(name, label=f"<{_card(line, bands)}>", tooltip=graphviz.escape(_tooltip(line)))
    _columns(drawing, [(name, graph.nodes[about]["column"]) for about, name in names.items()])
    for source, target in sorted(graph.edges, key=lambda e: (_number(names[e[0]]), _number(names[e[1]]))):
        style = _edge(graph.edges[source, target], source in heavy and (target in heavy or target in ends))
        drawing.edge(names[source], names[target], **style)
    return str(drawing.source)


def _columns(drawing: graphviz.Digraph, cards: list[tuple[str, int]]) -> None:
    """Keeps evidence in one column, and every other card no further left than its own."""
    with drawing.subgraph(graph_attr={"rank": "same"}) as first:
        first.node("n0", label="", shape="point", style="invis")
        for name, column in cards:
            if column == 0:
                first.node(name)
    for name, column in cards:
        if column:
            drawing.edge("n0", name, style="invis", minlen=str(column), weight="0")


def _in_order(graph: Graph) -> list[str]:
    """Column by column, each in the order told: no order of files or facts shows through."""
    told = {about: i for i, about in enumerate(graph.nodes)}
    return sorted(graph.nodes, key=lambda a: (graph.nodes[a]["column"], told[a]))


def _number(name: str) -> int:
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


def _page(account: Account, assessment: Assessment) -> dict[str, str]:
    asked = account.chain[0].title if account.chain else account.answer
    title = html.escape(clean(f"{account.heading}: {asked}"))
    under = html.escape(clean(account.subheading))
    who = "; ".join(f"{c.id}: {c.who_can_act}" for c in assessment.knowledge.vocabulary.categories.values())
    said = (*LEGEND, f"Who can act: {who}.", *account.closing)
    legend = '<BR ALIGN="LEFT"/>'.join(html.escape(clean(text)) for text in said)
    rows = ((20, INK, f"<B>{title}</B>"), (12, QUIET, under), (10, QUIET, legend))
    told = "".join(f'<TR><TD ALIGN="LEFT" BALIGN="LEFT"><FONT POINT-SIZE="{size}" COLOR="{colour}">{text}</FONT>'
                   "</TD></TR>" for size, colour, text in rows)
    label = f'<<TABLE BORDER="0" CELLPADDING="3">{told}</TABLE>>'
    return {"rankdir": "LR", "ranksep": "0.7", "nodesep": "0.18", "bgcolor": PAPER, "fontname": FONT, "labelloc": "t",
            "labeljust": "l", "label": label, "pad": "0.25", "tooltip": graphviz.escape(clean(account.answer))}


def _plain() -> dict[str, str]:
    return {"shape": "plain", "fontname": FONT, "fontcolor": INK, "fontsize": "12"}


def _edge(edge: dict[str, bool], heavy: bool) -> dict[str, str]:
    style = {"style": "solid" if edge["met"] else "dashed", "penwidth": "2.6" if heavy and edge["met"] else "1.0",
             "arrowsize": "0.7"}
    return {**style, "arrowhead": "tee", "penwidth": "1.4"} if edge["defeats"] else style


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    size: int = 12
    bold: bool = False
    quiet: bool = False

    def __str__(self) -> str:
        lines = textwrap.wrap(clean(self.text), WRAP + (12 - self.size) * 3) or [""]
        told = '<BR ALIGN="LEFT"/>'.join(html.escape(part) for part in lines)
        told = f"<B>{told}</B>" if self.bold else told
        colour = QUIET if self.quiet else INK
        return (f'<TR><TD ALIGN="LEFT" BALIGN="LEFT"><FONT POINT-SIZE="{self.size}" COLOR="{colour}">{told}</FONT>'
                "</TD></TR>")


def _card(line: Line, bands: Mapping[str, str]) -> str:
    rows = "".join(str(row) for row in (_evidence(line) if line.role == "test" else _conclusion(line)))
    style = "" if met(line) else ' STYLE="DASHED"'
    inner = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>'
    told = "".join(f'<TD BGCOLOR="{bands.get(c, QUIET)}" WIDTH="20"><FONT COLOR="{PAPER}"><B>{html.escape(c)}</B>'
                    "</FONT></TD>" for c in line.category)
    return (f'<TABLE BORDER="1" COLOR="{EDGE}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4" BGCOLOR="{PAPER}"{style}>'
            f"<TR>{told}<TD>{inner}</TD></TR></TABLE>")


def _evidence(line: Line) -> Iterator[_Row]:
    """Value first, then what and when, then the test and the source in small type."""
    yield _Row(line.value or words.standing(line), 15, bold=True)
    yield _Row(line.title)
    if line.enough:
        yield _Row(line.text, 10)
    elif line.state is not State.PRESENT:
        yield _Row(words.standing(line) if line.value else line.text, 10)
    for flag in line.flags:
        yield _Row(flag, 10, bold=True)
    for small in line.small:
        yield _Row(small, 9, quiet=True)
    for child in line.children[:3]:
        yield _Row(child.brief, 9, quiet=True)
    if len(line.children) > 3:
        yield _Row(f"and {len(line.children) - 3} more", 9, quiet=True)


def _conclusion(line: Line) -> Iterator[_Row]:
    """Title, state in words, rule, and how much of it is met."""
    yield _Row(line.title, 14 if line.role in ("result", "channel") else 12, bold=True)
    state = f": {words.standing(line)}" if line.state and words.says_state(line) else ""
    yield _Row(words.FOUND[line.role] + state, 11)
    rule = ", ".join(part for part in (line.id if line.role != "signature" else "", line.tally) if part)
    if rule:
        yield _Row(rule, 9, quiet=True)


def _tooltip(line: Line) -> str:
    return clean(line.text or (line.children[0].title if line.children else line.title)) or " "
