"""The picture of one rule: its conditions as a tree of "all" and "any", from left to right up to what it concludes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from explain.rulepages import Page
from explain.sentences import IS_PRESENT, Sentence
from web.boxes import Box, Line, box, curve, rise

LEAF, GATE = 42, 17
"""Letters to a line: in a condition, and where several are gathered."""
MANY = 5
"""So many signatures under one "any" or "all" stand in one box."""
BAR = 7
"""From a box to the bar of what stops it."""
ACROSS, DOWN, MARGIN = 46, 10, 12
"""Space between columns, between boxes, and around the whole."""


class Picture(NamedTuple):
    """Boxes and lines placed on a canvas of some size, with a name and what it shows in sentences."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    title: str
    description: str


class _Tree(NamedTuple):
    """A box with those that lead to it; `stops`: it stops what it leads to."""

    box: Box
    below: tuple[_Tree, ...] = ()
    stops: bool = False


def rule_picture(page: Page) -> Picture:
    """The picture of a rule or signature."""
    whens = tuple(_condition(told) for told in page.when)
    unless = tuple(_condition(told)._replace(stops=True) for told in page.unless)
    top = _Tree(box(page.concludes, "box concluded", 26, bold=True), (*whens, *unless))
    columns = _columns(top)
    placed = _place(top, 0, columns, MARGIN)[0]
    boxes, lines = tuple(_boxes(placed)), tuple(_lines(placed))
    height = max(b.bottom for b in boxes) + MARGIN
    return Picture(boxes, lines, columns[0] + top.box.width + MARGIN, height, f"{page.id} as a picture",
                   _description(page))


def _condition(told: Sentence) -> _Tree:
    if told.parts:
        below = tuple(_condition(part) for part in _fewer(told.parts))
        return _Tree(box(told.text, "box gate", GATE, bold=True), below)
    return _Tree(box(told.text, f"box {told.about[0] or 'plain'}", LEAF))


def _fewer(parts: tuple[Sentence, ...]) -> Iterator[Sentence]:
    """The conditions; many signatures of which the same is asked are one, by their codes."""
    alike: dict[tuple[str, str], list[Sentence]] = {}
    for part in parts:
        alike.setdefault(_asked(part), []).append(part)
    for part in parts:
        lead, much = _asked(part)
        some = alike[lead, much]
        if part.about[0] != "signature" or part.parts or len(some) < MANY:
            yield part
        elif part is some[0]:
            codes = ", ".join(one.about[1] for one in some)
            yield part._replace(text=f"{codes}: each {lead}present{much}")


def _asked(part: Sentence) -> tuple[str, str]:
    """What is asked of a signature, before its code, and how much of it, after its title; of anything else, itself."""
    if part.about[0] != "signature":
        return part.text, ""
    called, _, much = part.text.partition(IS_PRESENT)
    return called.partition(part.about[1])[0], much


def _columns(top: _Tree) -> list[float]:
    """Where each column begins, from the conclusion backwards: what gathers by its depth, conditions all to the left.
    """
    leaves = [b.width for b, depth, gathers in _walk(top, 0) if not gathers and depth]
    gates: dict[int, float] = {}
    for b, depth, gathers in _walk(top, 0):
        if gathers and depth:
            gates[depth] = max(b.width, gates.get(depth, 0))
    begins = [MARGIN, MARGIN + max(leaves, default=0) + ACROSS]
    for depth in sorted(gates, reverse=True):
        begins.append(begins[-1] + gates[depth] + ACROSS)
    return begins[::-1]


def _walk(tree: _Tree, depth: int) -> Iterator[tuple[Box, int, bool]]:
    """Every box with its depth, and whether it gathers others."""
    yield tree.box, depth, bool(tree.below)
    for part in tree.below:
        yield from _walk(part, depth + 1)


def _place(tree: _Tree, depth: int, columns: list[float], top: float) -> tuple[_Tree, float]:
    """The tree with its boxes placed below `top`, as wide as their columns, and where the next one may begin."""
    below, at = list[_Tree](), top
    for part in tree.below:
        placed, at = _place(part, depth + 1, columns, at)
        below.append(placed)
    half = tree.box.height / 2
    ends = [part.box.middle for part in below if not part.stops] or [part.box.middle for part in below]
    middle = (ends[0] + ends[-1]) / 2 if ends else top + half
    y = max(top, middle - half)
    column = depth if below or not depth else len(columns) - 1
    width = columns[column - 1] - columns[column] - ACROSS if column else tree.box.width
    here = tree.box._replace(x=columns[column], y=y, width=width)
    return _Tree(here, tuple(below), tree.stops), max(at, here.bottom + DOWN)


def _boxes(tree: _Tree) -> Iterable[Box]:
    for part in tree.below:
        yield from _boxes(part)
    yield tree.box


def _lines(tree: _Tree) -> Iterable[Line]:
    """What leads to a box comes to its side; what stops it comes from below to its foot, one beside the other."""
    top, stops = tree.box, [part.box for part in tree.below if part.stops]
    for place, b in enumerate(stops, 1):
        foot = top.x + top.width * place / (len(stops) + 1)
        yield Line(rise(b.right, b.middle, foot, top.bottom + BAR), "line stops")
    for part in tree.below:
        if not part.stops:
            yield Line(curve(part.box.right, part.box.middle, top.x, top.middle), "line")
        yield from _lines(part)


def _description(page: Page) -> str:
    told = [f"Concludes: {page.concludes}.", *(f"When: {_said(when)}." for when in page.when),
            *(f"Stopped by: {_said(unless)}." for unless in page.unless)]
    return " ".join(told)


def _said(told: Sentence) -> str:
    """A condition with what it gathers, in one sentence."""
    if not told.parts:
        return told.text
    return f"{told.text} ({'; '.join(_said(part) for part in told.parts)})"
