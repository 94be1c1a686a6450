"""The picture of `timeline`: a row for each conclusion, a bar while it is present, a column for each day of change."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from explain import changewords, words
from explain.account import Account, walk
from explain.grid import Grid, Row, columns_of, of_days
from explain.names import Names
from explain.render.cards import BREAK, EDGE, INK, PAPER, QUIET, band, bands_of, cell, page, sized, who_can_act, wrapped
from explain.render.drawing import Drawing
from explain.render.text import clean
from explain.timeline import Followed
from kb.dates import long_date
from kb.dossier import Outcome
from kb.model import State

LEGEND = (
    "Left to right: the days on which something changed, with the time between them; widths are not to scale. "
    "A filled bar: present, at the level written on it. Dashed frame: contested. Empty: not known.",
)
JUDGED = "Judgements: later knowledge, which decides nothing in the rows below"
COLUMNS, TIPS = 16, 6
"""So many days stand side by side, then a new block begins; so many observations are named for a day."""
LETTERS, LETTERS_OF_A_TITLE = 11, 46
"""Letters that fit one column, and a row's title."""


def picture(account: Account, followed: Followed) -> Drawing:
    """The drawing of an answer of `timeline`."""
    judged = {o.published: o for o in followed.case.outcomes if o.published <= followed.until}
    days = tuple(sorted({*columns_of(followed), *judged}))
    grids = of_days(followed, days)
    last = followed.courses[-1].last
    bands = bands_of(last.knowledge)
    bars = _Bars(Names(last.knowledge), bands, days, judged)
    blocks = "".join(bars.block(grids, start) for start in range(0, len(days), bars.many))
    notes = [*_notes(account, judged.values()), *_below(grids)]
    wide = LETTERS_OF_A_TITLE + LETTERS * bars.many * 5 // 4
    told = "".join(f"<TR>{cell(sized(BREAK.join(map(html.escape, wrapped(text, wide))), 9))}</TR>" for text in notes)
    table = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{blocks}{told}</TABLE>'
    drawing = page(account.heading, account, (*LEGEND, who_can_act(last.knowledge)), account.facts)
    drawing.node("n1", label=f"<{table}>", tooltip=" ")
    said = " ".join((*account.facts, *_said(grids), *notes))
    return Drawing(str(drawing.source), f"{account.heading}: over time", said)


class _Bars:
    """Draws the rows of a table as bars."""

    def __init__(self, names: Names, bands: Mapping[str, str], days: Sequence[date], judged: Mapping[date, Outcome],
                 ) -> None:
        self.names, self.bands, self.days, self.judged = names, bands, days, judged
        self.many = -(-len(days) // -(-len(days) // COLUMNS))  # as many blocks as needed, of nearly the same length

    def block(self, grids: Sequence[Grid], start: int) -> str:
        """Some of the days side by side: their dates, the judgements, and every holding one above another."""
        days = self.days[start:start + self.many]
        room = "".join('<TD WIDTH="62"></TD>' for _ in range(self.many - len(days)))
        rows = [_tr("", "", *(_head(day) for day in days), room),
                _tr("", "", *(_between(self.days, start + i) for i in range(len(days))))]
        if self.judged.keys() & set(days):
            marks = (self.mark(day) for day in days)
            rows.append(_tr("", _label(JUDGED, quiet=True), *marks))
        for grid in grids:
            title = sized(f"<B>{html.escape(clean(grid.heading))}</B>", 12)
            rows += [f"<TR>{cell(title, _span(len(days) + 2))}</TR>"] if len(grids) > 1 else []
            rows += [self.row(row, start, len(days)) for row in grid.rows]
        inner = "<HR/>".join(rows)
        return (f'<TR><TD ALIGN="LEFT"><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="3" '
                f'COLOR="#d5d8da">{inner}</TABLE></TD></TR>')

    def mark(self, day: date) -> str:
        """A judgement under the day on which it was published."""
        return f'<TD BORDER="1" COLOR="{INK}">{sized("<B>judged</B>", 9)}</TD>' if day in self.judged else "<TD></TD>"

    def row(self, row: Row, start: int, many: int) -> str:
        """One conclusion: the band of its category, its title, and what it was from day to day."""
        category = self.names.category(*row.thing)
        colour = self.bands.get(category[0], QUIET) if category else QUIET
        part = range(start, start + many)
        runs = [list(run) for _, run in groupby(part, key=lambda i: (row.standings[i], row.cells[i]))]
        bars = "".join(_bar(row, run[0], len(run), colour) for run in runs)
        letter = band(category[0], self.bands) if category else "<TD></TD>"
        return f"<TR>{letter}{_label(_titled(row))}{bars}</TR>"


def _bar(row: Row, at: int, many: int, colour: str) -> str:
    """How a thing stands over some columns: a filled bar, a dashed frame, words, or nothing."""
    state, told = row.standings[at].state, BREAK_IN.join(map(html.escape, wrapped(row.cells[at], LETTERS * many)))
    span = _span(many)
    if state is State.PRESENT:
        return f'<TD BGCOLOR="{colour}"{span}>{sized(f"<B>{told}</B>", 9, PAPER)}</TD>'
    if state is State.CONTESTED:
        return f'<TD BORDER="2" STYLE="DASHED" COLOR="{EDGE}"{span}>{sized(f"<B>{told}</B>", 9)}</TD>'
    return f"<TD{span}>{sized(told if state is State.NOT_FOUND else ' ', 9, QUIET)}</TD>"


def _span(many: int) -> str:
    return f' COLSPAN="{many}"'


BREAK_IN = "<BR/>"
"""A new line in the middle of a cell."""


def _titled(row: Row) -> str:
    return f"{row.title} ({words.FOUND[row.thing[0]]})" if row.thing[0] not in ("result", "signature") else row.title


def _label(text: str, quiet: bool = False) -> str:
    told = BREAK.join(map(html.escape, wrapped(text, LETTERS_OF_A_TITLE)))
    return cell(sized(told, 10, QUIET if quiet else INK), ' WIDTH="230"')


def _tr(*cells: str) -> str:
    return f"<TR>{''.join(one or '<TD></TD>' for one in cells)}</TR>"


def _head(day: date) -> str:
    told = BREAK_IN.join(wrapped(long_date(day), LETTERS + 1))
    return f'<TD WIDTH="62" VALIGN="BOTTOM">{sized(f"<B>{told}</B>", 9)}</TD>'


def _between(days: Sequence[date], at: int) -> str:
    """How long after the day before a day came."""
    return f"<TD>{sized(changewords.later(days[at - 1], days[at]) if at else ' ', 8, QUIET)}</TD>"


def _notes(account: Account, judged: Iterable[Outcome]) -> Iterator[str]:
    """In small print: what was judged, and day by day what tipped what changed."""
    for outcome in judged:
        by = words.quoted(outcome.citation.source)
        yield f"Judged, published {long_date(outcome.published)}: {' '.join(outcome.words.split())} (source: {by})"
    for day in account.chain[1:]:
        tips = list(dict.fromkeys(line.title for line in walk(day) if line.role == "observation"))
        if tips:
            yield f"What tipped it on {day.title}: {words.first_of(tips, TIPS)}"


def _below(grids: Sequence[Grid]) -> Iterator[str]:
    """What has no row, of each holding by its name, and how to read the words."""
    for grid in grids:
        yield from (f"{grid.heading}: {text[0].lower()}{text[1:]}" if len(grids) > 1 else text
                    for text in grid.below if text not in words.KEY)
    yield from words.KEY


def _said(grids: Sequence[Grid]) -> Iterator[str]:
    """Each row in words: how it stood, and from when."""
    for grid in grids:
        for row in grid.rows:
            runs = [next(run) for _, run in groupby(range(len(row.cells)), key=lambda i: row.cells[i])]
            told = ", ".join(f"{row.cells[i]} from {grid.columns[i]}" for i in runs)
            yield f"{grid.heading}, {_titled(row)}: {told}."
