"""A drawing in Graphviz's language, turned into svg, png, pdf or dot, with words for those who cannot see it."""

from __future__ import annotations

import html
import re
import shutil
import zlib
from typing import NamedTuple

import graphviz

from explain.render.text import clean

TITLES = re.compile(r"<title>[^<]*</title>\n?")
"""What Graphviz says of each card and line: names that mean nothing to a person."""


class Undrawn(Exception):
    """No picture could be drawn here; the message says what is missing and what works without it."""


class Drawing(NamedTuple):
    """A drawing: DOT text, its title, and in sentences what it shows."""

    source: str
    title: str
    description: str

    def _repr_svg_(self) -> str | None:
        """How a notebook shows it; None where Graphviz cannot be had."""
        try:
            svg = drawn(self, "svg", f"drawing-{zlib.crc32(self.source.encode('utf-8')):08x}").decode("utf-8")
        except Undrawn:
            return None
        return svg[svg.index("<svg "):]

    def __repr__(self) -> str:
        """In a line, what it shows."""
        return clean(self.title)


def drawn(drawing: Drawing, format: str, name: str = "drawing") -> bytes:
    """The drawing as svg, png, pdf or dot bytes. Raises Undrawn where Graphviz cannot be had.

    `name`: what the names of its parts begin with, so that a page may hold several.
    """
    if format == "dot":
        return drawing.source.encode("utf-8")
    data = _by_program(drawing.source, format) if shutil.which("dot") else _by_wheel(drawing.source, format)
    return described(data.decode("utf-8"), drawing, name).encode("utf-8") if format == "svg" else data


def _by_program(source: str, format: str) -> bytes:
    try:
        return bytes(graphviz.Source(source).pipe(format=format))
    except graphviz.CalledProcessError:
        raise Undrawn("no picture: the program dot could not draw it; --format dot writes its text") from None


def _by_wheel(source: str, format: str) -> bytes:
    try:
        import pygraphviz
    except ImportError:
        raise Undrawn("no picture: neither the program dot (Graphviz) nor pygraphviz is here; "
                      "--format dot writes the drawing's text without them") from None
    return bytes(pygraphviz.AGraph(string=source).draw(format=format, prog="dot"))


def described(svg: str, drawing: Drawing, name: str = "drawing") -> str:
    """The svg as one image that has a name and a description, in place of those that Graphviz wrote."""
    start, tag, rest = TITLES.sub("", svg).partition("<svg ")
    attributes, _, inside = rest.partition(">")
    told = (f'role="img" aria-labelledby="{name}-title {name}-desc" {attributes}>\n'
            f'<title id="{name}-title">{html.escape(clean(drawing.title))}</title>\n'
            f'<desc id="{name}-desc">{html.escape(clean(drawing.description))}</desc>')
    return f"{start}{tag}{told}{inside}"
