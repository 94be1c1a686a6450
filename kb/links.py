"""What rule files speak of, read from their words alone: enough to find circles even where a rule has mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.model import Place
from kb.yamltree import Mapping, Scalar, Sequence, Tree

KINDS = ("mechanism", "picture", "result", "channel")
Links = dict[str, dict[str, Place]]


def keys_of(tree: Tree) -> set[str]:
    """The keys of a mapping; none for anything else."""
    return {entry.key.text for entry in tree.entries} if isinstance(tree, Mapping) else set()


def links_of(trees: Iterable[Tree]) -> Links:
    """What each conclusion and signature speaks of, and where, as far as the words can be read.

    From the trees and not from the rules, so that a rule with a mistake elsewhere still counts as being there.
    """
    found: Links = {}
    for tree in trees:
        for name in _concluded(tree):
            spoken = found.setdefault(name, {})
            for other, place in _spoken(tree):
                if other != name or "raises" not in keys_of(tree):
                    spoken.setdefault(other, place)
    return found


def _concluded(tree: Tree) -> Iterator[str]:
    for entry in tree.entries if isinstance(tree, Mapping) else ():
        if entry.key.text == "signature" and isinstance(entry.value, Scalar):
            yield entry.value.text
        if entry.key.text in ("concludes", "raises") and isinstance(entry.value, Mapping):
            yield from (inner.value.text for inner in entry.value.entries
                        if inner.key.text in KINDS and isinstance(inner.value, Scalar))


def _spoken(tree: Tree) -> Iterator[tuple[str, Place]]:
    """Every conclusion and signature that a rule's conditions name."""
    for entry in tree.entries if isinstance(tree, Mapping) else ():
        if entry.key.text in ("when", "unless"):
            yield from _named(entry.value)


def _named(tree: Tree) -> Iterator[tuple[str, Place]]:
    if isinstance(tree, Sequence):
        for item in tree.items:
            yield from _named(item)
    for entry in tree.entries if isinstance(tree, Mapping) else ():
        if entry.key.text in ("conclusion", "signature") and isinstance(entry.value, Scalar):
            yield entry.value.text, entry.value.place
        yield from _named(entry.value)
