"""What every picture is made of: cards with a band of their category, lines between them, and a page with a legend."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

import graphviz

from explain import words
from explain.account import Account, Line
from explain.render.text import clean
from kb.knowledge import Knowledge
from kb.model import State

INK, QUIET, PAPER, EDGE = "#0b0c0c", "#505a5f", "#ffffff", "#505a5f"
BANDS = ("#1d4f91", "#5b3e8f", "#0b6e5f", "#7a4b00", "#8a1538", "#3d4f0b")
"""One colour for each category, in the order of their signatures; white on each is readable."""
FONT = "Helvetica,Arial,sans-serif"
WRAP = 34
OBSERVATIONS = 3
"""So many observations stand on a card by their date and document; more are counted."""
BREAK = '<BR ALIGN="LEFT"/>'


class Row(NamedTuple):
    """One paragraph of a card; a struck one is told as no longer so by words beside it."""

    text: str
    size: int = 12
    bold: bool = False
    quiet: bool = False
    struck: bool = False
    width: int = WRAP

    def __str__(self) -> str:
        return f"<TR>{self.cell()}</TR>"

    def cell(self) -> str:
        """The paragraph as a cell of a table."""
        told = BREAK.join(html.escape(part) for part in wrapped(self.text, self.width + (12 - self.size) * 3))
        told = f"<S>{told}</S>" if self.struck else told
        told = f"<B>{told}</B>" if self.bold else told
        return cell(sized(told, self.size, QUIET if self.quiet else INK), ' VALIGN="TOP"' if self.width < WRAP else "")


EMPTY = Row("", 9, width=WRAP - 1)
"""What stands beside a paragraph that has no counterpart."""


class Style(NamedTuple):
    """The outline of a card: its weight in points, and how it is drawn (solid, dashed, dotted and rounded)."""

    weight: int = 1
    line: str = ""


SOLID, DASHED, HEAVY, SUPPOSED = Style(), Style(line="DASHED"), Style(3), Style(2, "ROUNDED,DOTTED")


def wrapped(text: str, width: int) -> list[str]:
    """Text from anywhere as clean lines of at most so many letters; a blank where there is none: that can be drawn."""
    return textwrap.wrap(clean(text), width) or [" "]


def paragraphs(said: Iterable[str], width: int) -> str:
    """Texts one under another, escaped."""
    return BREAK.join(html.escape(part) for text in said for part in wrapped(text, width))


def sized(told: str, size: int, colour: str = INK) -> str:
    """Escaped text in a size and a colour."""
    return f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{told}</FONT>'


def cell(told: str, more: str = "") -> str:
    """A cell of a table, to the left."""
    return f'<TD ALIGN="LEFT" BALIGN="LEFT"{more}>{told}</TD>'


def card(rows: Iterable[object], category: Iterable[str], bands: Mapping[str, str], style: Style = SOLID) -> str:
    """Rows in a frame, behind a band with the letter of each category."""
    line = f' STYLE="{style.line}"' if style.line else ""
    told = "".join(band(letter, bands) for letter in category)
    return (f'<TABLE BORDER="{style.weight}" COLOR="{EDGE}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4" '
            f'BGCOLOR="{PAPER}"{line}><TR>{told}<TD>{_table(rows)}</TD></TR></TABLE>')


def beside(sides: Sequence[Sequence[Row]]) -> str:
    """Rows beside rows, as one row of a card: what stands for the same on each side is level."""
    told = "".join(f"<TR>{''.join(row.cell() for row in level)}</TR>" for level in zip_longest(*sides, fillvalue=EMPTY))
    return (f'<TR><TD><TABLE BORDER="1" COLOR="{EDGE}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3" COLUMNS="*">'
            f"{told}</TABLE></TD></TR>")


def _table(rows: Iterable[object]) -> str:
    told = "".join(str(row) for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{told}</TABLE>'


def band(letter: str, bands: Mapping[str, str]) -> str:
    """The cell that says to which category a thing belongs, by its letter and in its colour."""
    told = html.escape(clean(letter)) or " "
    return f'<TD BGCOLOR="{bands.get(letter, QUIET)}" WIDTH="20"><FONT COLOR="{PAPER}"><B>{told}</B></FONT></TD>'


def bands_of(knowledge: Knowledge) -> dict[str, str]:
    """The colour of each category."""
    return dict(zip((c.id for c in knowledge.categories_in_order), BANDS, strict=False))


def who_can_act(knowledge: Knowledge) -> str:
    """What the letter of each band stands for."""
    who = "; ".join(f"{c.id}: {c.who_can_act}" for c in knowledge.categories_in_order)
    return f"Who can act: {who}."


def page(title: str, account: Account, legend: Iterable[str], lead: Iterable[str] = ()) -> graphviz.Digraph:
    """An empty drawing with its title, date, what it says first, and legend, read from left to right."""
    rows = ((20, INK, f"<B>{html.escape(clean(title))}</B>"), (12, QUIET, html.escape(clean(account.subheading))),
            (12, INK, paragraphs(lead, 140)), (10, QUIET, paragraphs((*legend, *account.closing), 150)))
    told = "".join(f"<TR>{cell(sized(text, size, colour))}</TR>" for size, colour, text in rows if text)
    label = f'<<TABLE BORDER="0" CELLPADDING="3">{told}</TABLE>>'
    look = {"rankdir": "LR", "ranksep": "0.7", "nodesep": "0.18", "bgcolor": PAPER, "fontname": FONT, "labelloc": "t",
            "labeljust": "l", "label": label, "pad": "0.25", "tooltip": graphviz.escape(clean(account.answer))}
    plain = {"shape": "plain", "fontname": FONT, "fontcolor": INK, "fontsize": "12"}
    return graphviz.Digraph("drawing", graph_attr=look, node_attr=plain, edge_attr={"color": EDGE})


def columns(drawing: graphviz.Digraph, cards: Iterable[tuple[str, int]]) -> None:
    """Keeps evidence in one column, and every other card no further left than its own."""
    placed = list(cards)
    with drawing.subgraph(graph_attr={"rank": "same"}) as first:
        first.node("n0", label="", shape="point", style="invis")
        for name, column in placed:
            if column == 0:
                first.node(name)
    for name, column in placed:
        if column:
            drawing.edge("n0", name, style="invis", minlen=str(column), weight="0")


def line_style(met: bool, defeats: bool, heavy: bool = False) -> dict[str, str]:
    """A line from what supports to what it supports; with a bar at its end, from what stops it."""
    style = {"style": "solid" if met else "dashed", "penwidth": "2.6" if heavy and met else "1.0", "arrowsize": "0.7"}
    return {**style, "arrowhead": "tee", "penwidth": "1.4"} if defeats else style


def tooltip(line: Line) -> str:
    """The plain sentence of a card, for whoever points at it."""
    told = line.text or (line.children[0].title if line.children else line.title)
    return str(graphviz.escape(clean(told) or " "))


def evidence(line: Line) -> Iterator[Row]:
    """Value first, then what and when, then the test and the source in small type."""
    yield Row(line.value or words.standing(line), 15, bold=True)
    yield Row(line.title)
    if line.enough:
        yield Row(line.text, 10)
    elif line.state is not State.PRESENT:
        yield Row(words.standing(line) if line.value else line.text, 10)
    yield from small_print(line)


def small_print(line: Line) -> Iterator[Row]:
    """Cautions, what the test asks, and the first of its observations by date and document."""
    for flag in line.flags:
        yield Row(flag, 10, bold=True)
    for small in line.small:
        yield Row(small, 9, quiet=True)
    briefs = [child.brief for child in line.children if child.brief]
    for brief in briefs[:OBSERVATIONS]:
        yield Row(brief, 9, quiet=True)
    if len(briefs) > OBSERVATIONS:
        yield Row(f"and {len(briefs) - OBSERVATIONS} more", 9, quiet=True)


def conclusion(line: Line) -> Iterator[Row]:
    """Title, state in words, rule, and how much of it is met."""
    yield Row(line.title, 14 if line.role in ("result", "channel") else 12, bold=True)
    state = f": {words.standing(line)}" if line.state and words.says_state(line) else ""
    yield Row(words.FOUND[line.role] + state, 11)
    rule = ", ".join(part for part in (line.id if line.role != "signature" else "", line.tally) if part)
    if rule:
        yield Row(rule, 9, quiet=True)


def in_words(line: Line) -> str:
    """A card in a few words, for the description of the whole."""
    state = words.standing(line) if line.state and words.says_state(line) else ""
    return ", ".join(part for part in (f"{line.title}: {line.value}" if line.value else line.title, state) if part)
