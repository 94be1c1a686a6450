"""Single edits of a rule file: what a slip of the pen, or somebody's second thoughts, could make of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping as Table
from typing import NamedTuple

from kb.amounts import WORDLESS, AmountError, read_amount, step
from kb.conditions import DEFAULT_LEVEL, LADDERS, SPREAD
from kb.model import Indicator, Place
from kb.yamltree import Entry, Mapping, Scalar, Sequence, Tree

MONTHS = ("within", "in", "over", "held_for", "not_older_than")
COMPARED = ("at_least", "above", "at_most", "below", "rises_by")
LEVELLED = {"severity": "mechanism", "from": "mechanism", "to": "mechanism", "level": "mechanism", "grade": "signature"}
LISTS = ("all", "any", "of", "unless", "signs")
WRAPPERS = ("more_than_numbers", "judged", "not")
NEEDS = ("either", "both")
SPOKEN = ("when", "concludes", "raises", "strong", "facets", *LISTS, *WRAPPERS)
"""Keys below which a rule says what it means; all others are words for its readers."""


class Edit(NamedTuple):
    """One edit: where, what stood there, what stands there afterwards ("" where it is left out), and the tree."""

    place: Place
    was: str
    becomes: str
    tree: Tree


class Known(NamedTuple):
    """What an edit must know of the words around it: the indicators, and the kind of each conclusion."""

    indicators: Table[str, Indicator]
    conclusions: Table[str, str]


def edits(tree: Tree, known: Known, indicator: str = "") -> Iterator[Edit]:
    """Every single edit of a tree: numbers, periods, counts and levels moved by one, and each part left out.

    `indicator`: the one that a comparison without its own is about. An edit may be one that reading then refuses.
    """
    if not isinstance(tree, Mapping):
        return
    about = _said(tree, "indicator") or indicator
    for at, (key, value) in enumerate(tree.entries):
        if isinstance(value, Scalar):
            for text in _moved(tree, key.text, value, known, about):
                new = Scalar(value.place, text)
                yield Edit(value.place, _flow(key.text, value), _flow(key.text, new), _with(tree, at, new))
        if key.text in (*MONTHS, "strong"):
            yield Edit(key.place, _flow(key.text, value), "", _without(tree, at))
        if key.text in SPOKEN:
            yield from _below(tree, at, known, about)
    yield from _unsaid(tree, known)


def _below(tree: Mapping, at: int, known: Known, about: str) -> Iterator[Edit]:
    """Edits of what stands below one key."""
    key, value = tree.entries[at]
    if isinstance(value, Sequence):
        for place, item in enumerate(value.items):
            rest = (*value.items[:place], *value.items[place + 1:])
            left = _with(tree, at, Sequence(value.place, rest)) if rest else _without(tree, at)
            yield Edit(item.place, flow(item), "", left)
            for edit in edits(item, known, about):
                items = (*value.items[:place], edit.tree, *value.items[place + 1:])
                yield edit._replace(tree=_with(tree, at, Sequence(value.place, items)))
    elif isinstance(value, Mapping):
        if key.text == "facets":
            yield from _facets(tree, at, value, known)
        elif key.text == "when" and not any(word in (e.key.text for e in value.entries) for word in LISTS):
            yield Edit(value.place, f"when: {flow(value)}", "when: always", _with(tree, at, Scalar(value.place, "always")))
        if key.text in WRAPPERS:
            yield Edit(key.place, f"{key.text}: ...", "only what stands under it", value)
        for edit in edits(value, known, about):
            yield edit._replace(tree=_with(tree, at, edit.tree))


def _facets(tree: Mapping, at: int, facets: Mapping, known: Known) -> Iterator[Edit]:
    """Edits of the lists of signs below each side of a signature."""
    for place in range(len(facets.entries)):
        for edit in _below(facets, place, known, ""):
            yield edit._replace(tree=_with(tree, at, edit.tree))


def _moved(tree: Mapping, key: str, value: Scalar, known: Known, about: str) -> Iterator[str]:
    """What could stand in the place of one word or number: its neighbours."""
    if key in MONTHS:
        number = int(value.text.split()[0])
        yield from (f"{moved} month{'' if moved == 1 else 's'}" for moved in (number - 1, number + 1) if moved > 0)
    elif key == "at_least" and _holds(tree, "of"):
        yield from (str(moved) for moved in (int(value.text) - 1, int(value.text) + 1) if moved > 0)
    elif key in COMPARED and about in known.indicators:
        yield from _thresholds(value.text, known.indicators[about], key)
    elif key in LEVELLED:
        yield from neighbours(value.text, LADDERS[LEVELLED[key]])
    elif key == "needs" and value.text in NEEDS:
        yield from neighbours(value.text, NEEDS)


def _thresholds(text: str, indicator: Indicator, key: str) -> Iterator[str]:
    """A threshold one step lower and one step higher, in the words of the files."""
    if text in SPREAD or text in indicator.values:
        yield from neighbours(text, SPREAD if text in SPREAD else indicator.values)
        return
    try:
        number = read_amount(text, indicator) if key != "rises_by" else float(text.split()[0])
    except AmountError:
        return
    for moved in (round(number - step(indicator), 6), round(number + step(indicator), 6)):
        unit = "points" if key == "rises_by" else "" if indicator.unit.id in WORDLESS else str(indicator.unit)
        yield f"{moved:g} {unit}".strip()


def _unsaid(tree: Mapping, known: Known) -> Iterator[Edit]:
    """A level that goes unsaid, said one lower and one higher."""
    for word, key, kind in (("signature", "grade", "signature"),
                            ("conclusion", "level", known.conclusions.get(_said(tree, "conclusion"), "result"))):
        if _said(tree, word) and not _holds(tree, key) and not _holds(tree, "needs"):
            for level in neighbours(DEFAULT_LEVEL[kind], LADDERS[kind]):
                new = Mapping(tree.place, (*tree.entries, Entry(Scalar(tree.place, key), Scalar(tree.place, level))))
                yield Edit(tree.place, flow(tree), flow(new), new)


def neighbours(word: str, ladder: tuple[str, ...]) -> Iterator[str]:
    """The word before and the word after one of a ladder; none of a word that is not on it."""
    at = ladder.index(word) if word in ladder else len(ladder) + 1
    yield from (ladder[near] for near in (at - 1, at + 1) if 0 <= near < len(ladder))


def flow(tree: Tree) -> str:
    """A tree as YAML in one line."""
    if isinstance(tree, Scalar):
        plain = tree.text[:1].isalnum() and not set(tree.text) & set(",[]{}:#\"'")
        return tree.text if plain else json.dumps(tree.text, ensure_ascii=False)
    if isinstance(tree, Sequence):
        return f"[{', '.join(flow(item) for item in tree.items)}]"
    return f"{{{', '.join(_flow(key.text, value) for key, value in tree.entries)}}}"


def _flow(key: str, value: Tree) -> str:
    return f"{key}: {flow(value)}"


def _said(tree: Mapping, key: str) -> str:
    return next((e.value.text for e in tree.entries if e.key.text == key and isinstance(e.value, Scalar)), "")


def _holds(tree: Mapping, key: str) -> bool:
    return any(entry.key.text == key for entry in tree.entries)


def _with(tree: Mapping, at: int, value: Tree) -> Mapping:
    return Mapping(tree.place, (*tree.entries[:at], Entry(tree.entries[at].key, value), *tree.entries[at + 1:]))


def _without(tree: Mapping, at: int) -> Mapping:
    return Mapping(tree.place, (*tree.entries[:at], *tree.entries[at + 1:]))
