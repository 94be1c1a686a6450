"""Single slips in a rule file: what a slip of the pen, or somebody's second thoughts, could make of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping as Table
from typing import NamedTuple

from kb.amounts import WORDLESS, AmountError, read_amount, step
from kb.conditions import LADDERS, SPREAD
from kb.model import Indicator, Place, Reading
from kb.yamltree import Entry, Mapping, Scalar, Sequence, Tree

MONTHS = ("within", "in", "over", "held_for", "not_older_than")
COMPARED = ("at_least", "above", "at_most", "below", "rises_by")
LEVELLED = {"severity": "mechanism", "from": "mechanism", "to": "mechanism", "level": "mechanism", "grade": "signature"}
LISTS = ("all", "any", "of", "unless", "signs")
WRAPPERS = ("more_than_numbers", "judged", "not")
NEEDS = ("either", "both")
SPOKEN = ("when", "concludes", "raises", "strong", "facets", *LISTS, *WRAPPERS)
"""Keys below which a rule says what it means; all others are words for its readers."""


class Slip(NamedTuple):
    """One slip: where, what stood there, what stands there afterwards ("" where it is left out), and the tree."""

    place: Place
    was: str
    becomes: str
    tree: Tree


Indicators = Table[str, Indicator]


def slips(tree: Tree, known: Indicators, indicator: str = "") -> Iterator[Slip]:
    """Every single slip in a tree: numbers, periods, counts and levels moved by one, and each part left out.

    `indicator`: the one that a comparison without its own is about. A slip may be one that reading then refuses.
    """
    if not isinstance(tree, Mapping):
        return
    about = _said(tree, "indicator") or indicator
    for at, (key, value) in enumerate(tree.entries):
        if isinstance(value, Scalar):
            for text in _moved(tree, key.text, value, known, about):
                new = Scalar(value.place, text)
                yield Slip(value.place, _flow(key.text, value), _flow(key.text, new), _with(tree, at, new))
        if key.text in (*MONTHS, "strong"):
            yield Slip(key.place, _flow(key.text, value), "", _without(tree, at))
        if key.text in SPOKEN:
            yield from _below(tree, at, known, about)


def _below(tree: Mapping, at: int, known: Indicators, about: str) -> Iterator[Slip]:
    """Slips in what stands below one key."""
    key, value = tree.entries[at]
    if isinstance(value, Sequence):
        for place, item in enumerate(value.items):
            rest = (*value.items[:place], *value.items[place + 1:])
            left = _with(tree, at, Sequence(value.place, rest)) if rest else _without(tree, at)
            yield Slip(item.place, flow(item), "", left)
            for slip in slips(item, known, about):
                items = (*value.items[:place], slip.tree, *value.items[place + 1:])
                yield slip._replace(tree=_with(tree, at, Sequence(value.place, items)))
    elif isinstance(value, Mapping):
        if key.text == "facets":
            yield from _facets(tree, at, value, known)
        elif key.text == "when" and not any(word in (e.key.text for e in value.entries) for word in LISTS):
            always = Scalar(value.place, "always")
            yield Slip(value.place, f"when: {flow(value)}", "when: always", _with(tree, at, always))
        if key.text in WRAPPERS:
            yield Slip(key.place, f"{key.text}: ...", "only what stands under it", value)
        for slip in slips(value, known, about):
            yield slip._replace(tree=_with(tree, at, slip.tree))


def _facets(tree: Mapping, at: int, facets: Mapping, known: Indicators) -> Iterator[Slip]:
    """Slips in the lists of signs below each side of a signature."""
    for place in range(len(facets.entries)):
        for slip in _below(facets, place, known, ""):
            yield slip._replace(tree=_with(tree, at, slip.tree))


def _moved(tree: Mapping, key: str, value: Scalar, known: Indicators, about: str) -> Iterator[str]:
    """What could stand in the place of one word or number: its neighbours."""
    if key in MONTHS:
        number = int(value.text.split()[0])
        yield from (f"{moved} month{'' if moved == 1 else 's'}" for moved in (number - 1, number + 1) if moved > 0)
    elif key == "at_least" and _holds(tree, "of"):
        yield from (str(moved) for moved in (int(value.text) - 1, int(value.text) + 1) if moved > 0)
    elif key in COMPARED and about in known:
        yield from _thresholds(value.text, known[about], key)
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
        if moved <= 0 and indicator.reading is Reading.OCCURRENCES:
            continue  # what happened at least no times says nothing
        unit = "points" if key == "rises_by" else "" if indicator.unit.id in WORDLESS else str(indicator.unit)
        yield f"{moved:g} {unit}".strip()


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
