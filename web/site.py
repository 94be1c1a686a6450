"""Pages written through templates: every text escaped and cleaned, one look, no request to anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from explain import words
from explain.account import Line
from explain.combining import having
from explain.render.cards import BANDS
from explain.render.text import clean
from kb.dates import long_date, read_day
from kb.model import NOT_RECORDED
from web.links import host, outside, page_of
from web.rulebook import SECTIONS, Leaf

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
ASSETS = ("search.js", "map.js")
SEARCH = "search.html"


def site(leaves: Iterable[Leaf], above: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file of the site, by its path from the top. `above`: the address of the site that it is a part of."""
    made, templates = list(leaves), environment()
    templates.globals["above"] = above
    for leaf in made:
        yield leaf.path, written(leaf, templates)
    found = sorted((leaf for leaf in made if leaf.words), key=lambda leaf: (leaf.title.casefold(), leaf.path))
    yield SEARCH, written(Leaf(SEARCH, SEARCH, "Search", "search", {"found": found}), templates)
    yield "assets/style.css", styles().encode("utf-8")
    for name in ASSETS:
        yield f"assets/{name}", (STATIC / name).read_bytes()


def written(leaf: Leaf, templates: Environment) -> bytes:
    """One page as HTML."""
    root = "../" * leaf.path.count("/")
    return templates.get_template(leaf.template).render(leaf=leaf, root=root, **leaf.content).encode("utf-8")


def map_file(leaf: Leaf) -> bytes:
    """The interaction map as an SVG file that stands by itself."""
    told = environment().get_template("map.svg").render(**leaf.content, styles=picture_styles())
    return told.encode("utf-8")


def environment() -> Environment:
    """The templates, with what they may call. Text is escaped unless a template says otherwise, and none does."""
    made = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True, finalize=_cleaned, keep_trailing_newline=True)
    made.globals |= {"page_of": page_of, "outside": outside, "host": host, "words": words, "sections": SECTIONS,
                     "NOT_RECORDED": NOT_RECORDED, "day": day, "above": "", "having": having, "below": below}
    return made


def _cleaned(value: Any) -> Any:
    """Text without characters that could steer a page, a space at either end kept; what templates made stays so."""
    if type(value) is not str:
        return value
    return f"{' ' * value.startswith(' ')}{clean(value)}{' ' * value.endswith(' ')}"


def below(line: Line) -> tuple[Line, ...]:
    """The lines under a line of an account."""
    return line.children


def day(text: str) -> str:
    """A day written as people say it; the text itself where it is none."""
    found = read_day(text)
    return long_date(found) if found else text


def styles() -> str:
    """The one style sheet of the site."""
    return picture_styles() + (STATIC / "pages.css").read_text(encoding="utf-8")


def picture_styles() -> str:
    """How pictures look, in a page or by themselves, with the colour of each category."""
    bands = "".join(f".band-{number}{{fill:{colour};background-color:{colour}}}\n"
                    for number, colour in enumerate(BANDS))
    return (STATIC / "pictures.css").read_text(encoding="utf-8") + bands
