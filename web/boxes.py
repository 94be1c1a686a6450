"""What drawn pages share: boxes with wrapped text, and lines between them, in the picture's own units."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from explain.render.text import clean

LINE = 17
"""From one line of text to the next."""
LETTER, BOLD = 7.1, 8.0
"""The width that a letter is given, and a bold one."""
PAD = 9
"""Space around the text."""
FLAT = 5
"""The same in a row."""


class Box(NamedTuple):
    """A box of text: its place, size and class names; `band` and `letter` mark a category."""

    lines: tuple[str, ...]
    looks: str
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    band: int = -1
    letter: str = ""
    pad: float = PAD

    @property
    def middle(self) -> float:
        """Half-way down."""
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def inner(self) -> float:
        """Where its text begins."""
        return self.x + self.pad + 3 + (20 if self.band >= 0 else 0)

    def rows(self) -> list[tuple[float, str]]:
        """Each line of text with its base line."""
        return [(self.y + self.pad + LINE * (row + 1) - 4, text) for row, text in enumerate(self.lines)]


class Line(NamedTuple):
    """A curve between two boxes, with its class names."""

    path: str
    looks: str


def box(text: str, looks: str, letters: int, bold: bool = False) -> Box:
    """A box as large as its text, wrapped at so many letters."""
    lines = tuple(textwrap.wrap(clean(text), letters) or [" "])
    width = round(max(len(line) for line in lines) * (BOLD if bold else LETTER) + 2 * PAD)
    return Box(lines, looks, width=width, height=len(lines) * LINE + 2 * PAD)


def row(text: str, looks: str, letters: int, width: float, band: int, letter: str) -> Box:
    """A flat box of a given width behind a band with the letter of a category; band -1: none."""
    lines = tuple(textwrap.wrap(clean(text), letters) or [" "])
    return Box(lines, looks, width=width, height=len(lines) * LINE + 2 * FLAT, band=band, letter=letter, pad=FLAT)


def curve(x1: float, y1: float, x2: float, y2: float) -> str:
    """A curve that leaves and arrives level."""
    half = round((x2 - x1) / 2, 1)
    return f"M{x1:g} {y1:g}C{x1 + half:g} {y1:g} {x2 - half:g} {y2:g} {x2:g} {y2:g}"


def rise(x1: float, y1: float, x2: float, y2: float) -> str:
    """A curve that leaves level and arrives from below."""
    x2 = round(x2, 1)
    return f"M{x1:g} {y1:g}C{x2:g} {y1:g} {x2:g} {y1:g} {x2:g} {y2:g}"


def arc(x: float, y1: float, y2: float, widest: float) -> str:
    """A curve to the left, from one height of a column to another; the further apart, the wider."""
    reach = round(min(widest, 24 + abs(y2 - y1) * 0.42) * 4 / 3, 1)
    return f"M{x:g} {y1:g}C{x - reach:g} {y1:g} {x - reach:g} {y2:g} {x:g} {y2:g}"
