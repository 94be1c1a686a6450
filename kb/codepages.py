"""The page of every problem code: what it means, why it matters, an example, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import NamedTuple

from kb.files import CODE_PAGES
from kb.problems import CODES, WARNINGS
from kb.yamltree import Mapping, Scalar, Tree, read_tree

WIDTH = 100


class Page(NamedTuple):
    """What is said of one code."""

    code: str
    title: str
    what: str
    why: str
    example: str
    mend: str

    @property
    def markdown(self) -> str:
        """The page as Markdown, which is also what the terminal shows."""
        kind = "A warning: the rules can still be run." if self.code in WARNINGS else "An error."
        said = (f"## {self.code}: {self.title}", fill(f"{self.what} {kind}", WIDTH),
                fill(f"**Why it matters.** {self.why}", WIDTH), f"**Example.**\n\n```yaml\n{self.example}\n```",
                fill(f"**How to mend it.** {self.mend}", WIDTH))
        return "\n\n".join(said) + "\n"


def pages() -> dict[str, Page]:
    """The page of every code, in their order. Raises ValueError where the file is not right, as only we can make it."""
    tree, problems, _ = read_tree(CODE_PAGES, CODE_PAGES.name)
    if problems or not isinstance(tree, Mapping):
        raise ValueError(str(problems[:1]))
    return {entry.key.text: _page(entry.key.text, entry.value) for entry in tree.entries}


def _page(code: str, tree: Tree) -> Page:
    said = dict(_texts(tree))
    return Page(code, CODES[code], said["what"], said["why"], said["example"], said["mend"])


def _texts(tree: Tree) -> Iterator[tuple[str, str]]:
    for entry in tree.entries if isinstance(tree, Mapping) else ():
        if isinstance(entry.value, Scalar):
            yield entry.key.text, entry.value.text.strip("\n")
