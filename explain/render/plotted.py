"""The picture of `backtest`: the ladder, and how much more common a grade was, each with the range it may lie in."""

from __future__ import annotations

import html
from collections.abc import Iterator
from itertools import groupby

from explain.account import Account
from explain.pastrecords import Backtest, Part, Row, Rung, Share
from explain.render.backtested import between, headed, name_of
from explain.render.cards import BREAK, INK, PAPER, QUIET, cell, page, sized, wrapped
from explain.render.drawing import Drawing

LEGEND = ("Dark mark: what was counted. Light bar: 95 of 100 draws of authorities lie within. Grey line: no "
          "difference. Rows stand in the order of the alphabet, and of how many signatures were present.",)
BAR, GROUND = "#9fbcdc", "#eef1f3"
LONG, HIGH, MARK = 380, 14, 4
"""Points of a bar, and of its mark."""
LETTERS, LETTERS_BESIDE = 50, 46
SPAN = ' COLSPAN="3"'


def plotted(found: Backtest) -> Drawing:
    """The drawing of an answer of `backtest`; what too few judgements stand behind is said and not drawn."""
    rows = "".join(row for part in found.parts for row in _part(part, found))
    table = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="3">{rows}</TABLE>'
    account = Account(found.heading, found.association, found.association, "", (), (), (), (), found.closing)
    drawing = page(found.heading, account, LEGEND, (*([found.leaky] if found.leaky else []), *found.facts))
    drawing.node("n1", label=f"<{table}>", tooltip=" ")
    return Drawing(str(drawing.source), found.heading, " ".join(_said(found)))


def _part(part: Part, found: Backtest) -> Iterator[str]:
    """One framework: what it is, the ladder, and the lift of each conclusion."""
    yield _title(headed(part, found), 14)
    for fact in (*part.facts, *([part.refused] if part.refused else [])):
        yield _wide(fact)
    if part.refused:
        return
    base = part.base_rate or 0.0
    shares = [rung.share for rung in part.ladder if rung.share]
    if shares:
        yield _title(f'Share judged "{found.grade}", by how many signatures were present (grey line: of all, '
                     f"{100 * base:.0f}%)")
        most = max(share.high or share.value for share in shares)
        yield from (_row(_rung(rung), rung.share, base, most, _told(rung)) for rung in part.ladder)
    rows = [row for row in part.rows if row.lift and row.kind != "rule" and row.present < row.evaluable]
    if rows:
        yield _title(f'How many times as common "{found.grade}" was where it was present (grey line: 1, no difference)')
        most = max(row.lift.high or row.lift.value for row in rows if row.lift)
        yield from (_row(name_of(row), row.lift, 1.0, most, _lifted(row)) for row in rows)


def _rung(rung: Rung) -> str:
    return f"{rung.signatures or 'no'} signature{'' if rung.signatures == 1 else 's'} present"


def _told(rung: Rung) -> str:
    """The numbers beside a bar of the ladder."""
    counted = f"{rung.lowest} of {rung.judgements}"
    if rung.share is None:
        return f"{counted}: too few for a share"
    return f"{100 * rung.share.value:.0f}% ({counted}); {between(rung.share, 100, '%')}"


def _lifted(row: Row) -> str:
    """The numbers beside a lift."""
    assert row.lift is not None
    return f"{row.lift.value:.2f} ({between(row.lift)}); {row.hits} of {row.present}"


def _row(title: str, share: Share | None, reference: float, most: float, told: str) -> str:
    label = BREAK.join(map(html.escape, wrapped(title, LETTERS)))
    beside = BREAK.join(map(html.escape, wrapped(told, LETTERS_BESIDE)))
    return f"<TR>{cell(sized(label, 11))}<TD>{_bar(share, reference, most)}</TD>{cell(sized(beside, 11))}</TR>"


def _bar(share: Share | None, reference: float, most: float) -> str:
    """A scale from nothing to the most, point by point: the range, the mark on it, and the line of no difference."""
    def at(value: float) -> int:
        return round((LONG - MARK) * value / most) if most else 0
    points = [GROUND] * LONG
    if share is not None and share.low is not None and share.high is not None:
        points[at(share.low):at(share.high) + MARK] = [BAR] * (at(share.high) + MARK - at(share.low))
    points[at(reference):at(reference) + 2] = [QUIET] * 2
    if share is not None:
        points[at(share.value):at(share.value) + MARK] = [INK] * MARK
    runs = ((colour, len(list(run))) for colour, run in groupby(points))
    cells = "".join(f'<TD FIXEDSIZE="TRUE" WIDTH="{many}" HEIGHT="{HIGH}" BGCOLOR="{colour}"></TD>'
                    for colour, many in runs)
    return (f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" BGCOLOR="{PAPER}">'
            f"<TR>{cells}</TR></TABLE>")


def _title(text: str, size: int = 12) -> str:
    return _spanning(sized(f"<B>{BREAK.join(map(html.escape, wrapped(text, 120)))}</B>", size))


def _wide(text: str) -> str:
    return _spanning(sized(BREAK.join(map(html.escape, wrapped(text, 140))), 10))


def _spanning(told: str) -> str:
    return f"<TR>{cell(told, SPAN)}</TR>" if told else ""


def _said(found: Backtest) -> Iterator[str]:
    """What is drawn, in words."""
    yield from ([found.leaky] if found.leaky else [])
    yield found.association
    for part in found.parts:
        yield f"{headed(part, found)}: {' '.join(part.facts)} {part.refused}".strip()
        if not part.refused:
            yield from (f"{_rung(rung)}: {_told(rung)}." for rung in part.ladder)
            yield from (f"{name_of(row)}: {_lifted(row)}." for row in part.rows if row.lift and row.kind != "rule")
