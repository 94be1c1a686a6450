"""The interaction map: signatures in their groups, what combines with what, and the conclusions they reach together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.interactions import LARGEST
from explain import words
from explain.combining import Combination, Gives
from explain.names import Names
from web.boxes import Box, Line, arc, curve, row

ARCS, SIGNATURE, GAP, CONCLUSION = 180, 490, 240, 510
"""Widths: of the arcs, the signatures, the space for lines, the conclusions, in the map's own units."""
ROW, GROUP, TOP, EDGE = 6, 34, 12, 3
LETTERS = 72
"""To a line of a box."""


class Mark(NamedTuple):
    """A line of the map, and the numbers of the boxes that it joins."""

    line: Line
    joins: tuple[int, int]


class Title(NamedTuple):
    """The words over a group of boxes."""

    x: float
    y: float
    text: str


class Map(NamedTuple):
    """Everything on the map, placed; what is joined is named by the numbers of the boxes, from 0."""

    boxes: tuple[Box, ...]
    marks: tuple[Mark, ...]
    titles: tuple[Title, ...]
    width: float
    height: float
    title: str
    description: str


def interaction_map(found: Sequence[Combination], names: Names) -> Map:
    """The map of every pair (arcs to the left), and of what pairs and threes reach (lines to the right)."""
    several = [one for one in found if len(one.signatures) > 1]
    left, left_titles = _signatures(names)
    right, right_titles = _conclusions(several, names)
    height = max(b.bottom for b in (*left.values(), *right.values())) + TOP
    numbers = {key: number for number, key in enumerate((*left, *right))}
    marks = (*_arcs(several, left, numbers), *_lines(several, left, right, numbers))
    pairs = sum(len(one.signatures) == 2 for one in several)
    told = "; ".join(f"{' and '.join(one.signatures)} reach {words.several([g.title for g in one.gives])}"
                     for one in several if len(one.signatures) == 2)
    return Map((*left.values(), *right.values()), marks, (*left_titles, *right_titles),
               ARCS + SIGNATURE + GAP + CONCLUSION + EDGE, height, "How signatures combine",
               f"{len(left)} signatures; {words.count_of(pairs, 'pair')} of them act together. {told}.")


def _signatures(names: Names) -> tuple[dict[str, Box], list[Title]]:
    placed, titles, y = dict[str, Box](), list[Title](), float(TOP)
    bands = [category.id for category in names.kb.categories_in_order]
    for category in names.kb.categories_in_order:
        members = [s for s in names.kb.signatures_in_order if s.category == category.id]
        if members:
            titles.append(Title(ARCS, y + 14, f"{category.id} {category.label}"))
            y += GROUP - ROW
        for s in members:
            made = row(names.title("signature", s.id), "box signature", LETTERS, SIGNATURE, bands.index(category.id),
                       category.id)
            placed[s.id] = made._replace(x=ARCS, y=y)
            y += made.height + ROW
        y += ROW
    return placed, titles


def _conclusions(found: Sequence[Combination], names: Names) -> tuple[dict[str, Box], list[Title]]:
    """What pairs and threes reach, by sort, in the order of the categories and names."""
    bands = [category.id for category in names.kb.categories_in_order]
    gives = sorted({(g.kind, g.id): g for one in found for g in one.gives}.values(),
                   key=lambda g: (list(words.FOUND).index(g.kind), names.category(g.kind, g.id), g.title))
    placed, titles, y, last = dict[str, Box](), list[Title](), float(TOP), ""
    for g in gives:
        if g.kind != last:
            titles.append(Title(ARCS + SIGNATURE + GAP, y + 14, f"{words.FOUND[g.kind].capitalize()}s"))
            y, last = y + GROUP - ROW, g.kind
        letters = names.category(g.kind, g.id)
        band = bands.index(letters[0]) if letters else -1
        made = row(g.title, f"box {g.kind}", LETTERS, CONCLUSION, band, letters[0] if letters else "")
        placed[_key(g)] = made._replace(x=ARCS + SIGNATURE + GAP, y=y)
        y += made.height + ROW
    return placed, titles


def _key(gives: Gives) -> str:
    return f"{gives.kind} {gives.id}"


def _arcs(found: Sequence[Combination], left: dict[str, Box], numbers: dict[str, int]) -> Iterator[Mark]:
    for first, second, themselves in ((*one.signatures, one.themselves) for one in found if len(one.signatures) == 2):
        looks = "line arc themselves" if themselves else "line arc"
        path = arc(ARCS, left[first].middle, left[second].middle, ARCS - 24)
        yield Mark(Line(path, looks), (numbers[first], numbers[second]))


def _lines(found: Sequence[Combination], left: dict[str, Box], right: dict[str, Box], numbers: dict[str, int],
           ) -> Iterator[Mark]:
    """One line from a signature to each conclusion in which it has a part, for the fewest that reach it with it."""
    fewest: dict[tuple[str, str], int] = {}
    for one in found:
        for code in one.signatures:
            for g in one.gives:
                fewest[code, _key(g)] = min(len(one.signatures), fewest.get((code, _key(g)), LARGEST))
    for (code, key), size in fewest.items():
        start, end = left[code], right[key]
        looks = "line part" if size == 2 else "line part third"
        yield Mark(Line(curve(start.right, start.middle, end.x, end.middle), looks), (numbers[code], numbers[key]))
