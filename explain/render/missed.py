"""The picture of `why-not`: the rules that could give a conclusion, with each condition's distance on its card."""

from __future__ import annotations

from collections.abc import Iterator

import graphviz

from engine.assess import Assessment
from explain import words
from explain.account import Account, Line
from explain.graph import met
from explain.names import Names
from explain.opened import Opened, opened
from explain.render.cards import (
    DASHED,
    HEAVY,
    SOLID,
    Row,
    bands_of,
    card,
    conclusion,
    in_words,
    line_style,
    page,
    small_print,
    tooltip,
    who_can_act,
)
from explain.render.drawing import Drawing
from kb.conditions import HELD

LEGEND = (
    "Left to right: conditions, the rules that ask for them (heavy frame), what the rules would give.",
    "Whole line: it is so. Dashed: found not to be so, not known or contested; the card says which. "
    "Bar at the end of a line: it stops the rule.",
)


def picture(account: Account, assessment: Assessment, target: tuple[str, str]) -> Drawing:
    """The drawing of an answer of `why-not` about one signature or conclusion."""
    found = opened(account)
    told = "; ".join(in_words(line) for line in found.cards.values())
    title = f"{account.heading}: why not {Names(assessment.knowledge).title(*target)}"
    description = f"{account.sentence} Cards: {told}. {_left_out(found)}".strip()
    return Drawing(_dot(title, account, found, assessment, target), title, description)


def _dot(title: str, account: Account, found: Opened, assessment: Assessment, target: tuple[str, str]) -> str:
    legend = (*LEGEND, who_can_act(assessment.knowledge))
    drawing = page(title, account, legend, [text for text in (account.sentence, _left_out(found)) if text])
    bands = bands_of(assessment.knowledge)
    names = {key: f"n{i}" for i, key in enumerate(found.cards, start=1)}
    for key, line in found.cards.items():
        rows = [*_place(found, key), *_rows(line), *(Row(told, 9, quiet=True) for told in found.said[key])]
        style = HEAVY if line.role == "way" else SOLID if met(line) else DASHED
        drawing.node(names[key], label=f"<{card(rows, line.category, bands, style)}>", tooltip=tooltip(line))
    for (source, end), link in found.links.items():
        drawing.edge(names[source], names[end], **line_style(link.met, link.defeats))
    if any(found.cards[end].role == "way" for end in found.ends):
        _asked(drawing, [(names[end], met(found.cards[end])) for end in found.ends], assessment, target)
    return str(drawing.source)


def _asked(drawing: graphviz.Digraph, rules: list[tuple[str, bool]], assessment: Assessment, target: tuple[str, str],
           ) -> None:
    """The conclusion that the rules could give."""
    (kind, id), names = target, Names(assessment.knowledge)
    line = Line(kind, names.title(kind, id), assessment.head_state(kind, id), assessment.level(kind, id) or "", id=id,
                category=names.category(kind, id))
    bands = bands_of(assessment.knowledge)
    told = card(conclusion(line), line.category, bands, SOLID if met(line) else DASHED)
    drawing.node("n0", label=f"<{told}>", tooltip=tooltip(line))
    for name, holds in rules:
        drawing.edge(name, "n0", **line_style(holds, False))


def _left_out(found: Opened) -> str:
    more = words.count_of(found.left_out, "more rule")
    return f"And {more}, further away: the text tells them." if found.left_out else ""


def _place(found: Opened, key: str) -> Iterator[Row]:
    """Where a rule stands among those that could give it, since a drawing may put any of them at the top."""
    if key in found.ends and len(found.ends) + found.left_out > 1:
        nearest = ", the nearest" if key == found.ends[0] else ""
        yield Row(f"rule {found.ends.index(key) + 1} of {len(found.ends) + found.left_out}{nearest}", 10, quiet=True)


def _rows(line: Line) -> Iterator[Row]:
    """A card by what it is of: a rule, a test with its distance, a conclusion, or a group of conditions."""
    if line.role == "test":
        yield from _test(line)
    elif line.role in words.FOUND:
        yield from conclusion(line)
        if line.text and not met(line):
            yield Row(line.text, 9)
    else:
        yield Row(line.title, 12, bold=line.role != "group")
        yield from (Row(text, 10) for text in _of_rule(line))


def _test(line: Line) -> Iterator[Row]:
    """Value first, then what it is of, how it stands, how far from the threshold or why not known."""
    yield Row(line.value or words.standing(line), 15, bold=True)
    yield Row(line.title)
    if line.value:
        yield Row(words.standing(line), 11, bold=True)
    if line.text:
        yield Row(line.text, 10)
    yield from small_print(line)


def _of_rule(line: Line) -> Iterator[str]:
    if line.role == "way":
        yield line.text
        where = f"{line.place.file}:{line.place.line}" if line.place else ""
        gives = f"would give: {line.level}" if line.level not in HELD else ""
        yield ", ".join(part for part in (gives, line.tally, where) if part)
    elif line.role == "group" and line.state and words.standing(line) not in line.title:
        yield words.standing(line)
