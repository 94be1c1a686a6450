"""The picture of `impact`: what was edited, and a row for all that moves: how it was and is, for whom, and why."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence

from explain import words
from explain.account import Account, Line
from explain.impact import Impact, Teller, impact
from explain.moves import FURTHER, GAINED, KNOWN, LEVEL, LOST, NEARER, REASON, RESULT, Move
from explain.nation import CAUTION, FEW, Nation, Share, authorities_word, shares
from explain.render.cards import BREAK, EDGE, INK, PAPER, QUIET, band, bands_of, cell, page, sized, who_can_act, wrapped
from explain.render.drawing import Drawing
from explain.render.text import clean
from explain.timeline import stands
from kb.dates import long_date
from kb.model import State

LEGEND = ("A filled box: present. A dashed frame: contested. A plain frame: found not to be so, or not known. "
          "Numbers of edits are those of the list.",)
SIGNS = {RESULT: "=", GAINED: "+", LOST: "-", LEVEL: "=", REASON: "=", NEARER: "+", FURTHER: "-", KNOWN: "="}
WHO, WHAT, CHIP, EDIT, BLOCKS = 62, 40, 20, 150, 40
"""Letters of a column; of a bar those of all authorities."""
GREEN, RED = "#0b6e5f", "#8a1538"


def picture(found: Impact) -> Drawing:
    """The drawing of an answer of `impact`."""
    account = impact(found)
    rows = [*_edits(account), *_Rows(found).all()]
    table = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="4">{"".join(rows)}</TABLE>'
    legend = (*LEGEND, who_can_act(found.new.kb)) if found.moved or found.nation else ()
    drawing = page(account.heading, account, legend, (account.answer[:1].upper() + account.answer[1:] + ".",
                                                      *account.facts, account.sentence))
    drawing.node("n1", label=f"<{table}>", tooltip=" ")
    return Drawing(str(drawing.source), account.heading, " ".join(_said(account)))


def _edits(account: Account) -> Iterator[str]:
    """Every edit, in words, with its place."""
    yield _title(account.section)
    for line in account.chain:
        at = f" ({line.place.file}:{line.place.line})" if line.place else ""
        yield _wide(BREAK.join(map(html.escape, wrapped(line.title + at, EDIT))), 11)


class _Rows:
    """Draws a row for everything that moves."""

    def __init__(self, found: Impact) -> None:
        self.found, self.names, self.bands = found, found.new, bands_of(found.new.kb)
        self.teller = Teller(found)

    def all(self) -> Iterator[str]:
        """The cases, then the authorities of the table with the groups of them."""
        for title, groups in self.teller.grouped(self.found.moved):
            yield _headed(title, groups[0][0].what)
            yield from map(self.row, groups)
        nation = self.found.nation
        if nation is not None:
            yield _title(f"The table: {authorities_word(len(nation.authorities))}, as at {long_date(nation.as_at)}")
            yield from self.nation(nation)

    def row(self, moved: Sequence[Move]) -> str:
        """What moves, how it was and is, for whom and when, by which edits."""
        move, line = moved[0], self.teller.line(moved, self.teller.by_case)
        who = [text for child in line.children for text in (child.title, *child.small)]
        return (f"<TR>{self.letter(move)}{cell(_lines([line.title], WHAT, 11, bold=True))}{self.stood(move, line)}"
                f"{cell(_lines(who, WHO, 10))}{cell(_lines(line.small, WHAT, 9, QUIET))}</TR>")

    def stood(self, move: Move, line: Line) -> str:
        """How it was and is; of a near miss, what is needed."""
        near = move.what in (NEARER, FURTHER)
        return _spanning(_lines([line.text], 2 * CHIP + 4, 10), 3) if near else self.chips(move)

    def letter(self, move: Move) -> str:
        category = self.names.category(*move.head)
        return band(category[0], self.bands) if category else "<TD></TD>"

    def chips(self, move: Move) -> str:
        """How it stands by the old rules, and by the new."""
        category = self.names.category(*move.head)
        colour = self.bands.get(category[0], INK) if category else INK
        old, new = (_chip(stands(move.head, side, self.names), side.state, colour)
                    for side in (move.before, move.after))
        return f"{old}<TD>{sized('&#8594;', 14)}</TD>{new}"

    def nation(self, nation: Nation) -> Iterator[str]:
        """For each thing that moves, how many authorities, as a bar; then the groups."""
        whole = len(nation.authorities)
        if not nation.moved:
            yield _wide("Nothing moves.", 11)
        for title, groups in self.teller.grouped(nation.moved):
            yield _headed(title, groups[0][0].what)
            for moved in groups:
                line, many = self.teller.line(moved, self.teller.together), len({move.case.id for move in moved})
                yield (f"<TR>{self.letter(moved[0])}{cell(_lines([line.title], WHAT, 11, bold=True))}"
                       f"{self.stood(moved[0], line)}{_bar(many, whole, f'{many} of {whole}')}"
                       f"{cell(_lines(line.small, WHAT, 9, QUIET))}</TR>")
        for name, found in shares(nation).items():
            yield _title(f"By {name}: authorities with something gained or raised (+), lost or lowered (-)")
            yield from map(self.share, found)
        if nation.groups:
            yield _wide(_lines([CAUTION], EDIT, 10), 10)

    def share(self, share: Share) -> str:
        few = f" (fewer than {FEW})" if share.authorities < FEW else ""
        told = f"{share.group}{few}"
        return (f"<TR><TD></TD>{cell(_lines([told], WHAT, 10))}<TD></TD><TD></TD><TD></TD>"
                f"{_bar(share.up, share.authorities, f'+ {share.up} of {share.authorities}', GREEN)}"
                f"{_bar(share.down, share.authorities, f'- {share.down} of {share.authorities}', RED)}</TR>")


def _headed(title: str, what: str) -> str:
    return _title(f"{SIGNS[what]} {title}", {"+": GREEN, "-": RED}.get(SIGNS[what], INK))


def _chip(told: str, state: State, colour: str) -> str:
    """A state as a box: filled where it is present."""
    said = _lines([told], CHIP, 10, PAPER if state is State.PRESENT else INK)
    if state is State.PRESENT:
        return cell(said, f' BGCOLOR="{colour}"')
    return cell(said, f' BORDER="1" COLOR="{EDGE}"' + (' STYLE="DASHED"' if state is State.CONTESTED else ""))


def _bar(many: int, whole: int, told: str, colour: str = INK) -> str:
    """A number as a bar, as long as its part of the whole: of blocks, which stand to the left as text does."""
    blocks = max(1, round(BLOCKS * many / whole)) * "&#9608;" if many else ""
    return cell(sized(blocks, 9, colour) * bool(blocks) + sized(f" {html.escape(told)}", 10))


def _title(text: str, colour: str = INK) -> str:
    return _wide(f"<B>{html.escape(clean(text))}</B>", 13, colour)


def _wide(told: str, size: int, colour: str = INK) -> str:
    return f"<TR>{_spanning(sized(told, size, colour), 7)}</TR>"


def _spanning(told: str, many: int) -> str:
    return cell(told, f' COLSPAN="{many}"')


def _lines(texts: Iterable[str], width: int, size: int, colour: str = INK, bold: bool = False) -> str:
    told = BREAK.join(html.escape(part) for text in texts for part in wrapped(text, width)) or " "
    return sized(f"<B>{told}</B>" if bold else told, size, colour)


def _said(account: Account) -> Iterator[str]:
    """The whole in sentences, for those who cannot see it."""
    yield from (*account.facts, *(f"{line.title}." for line in account.chain))
    for part in account.parts:
        for line in part.lines:
            who = words.several([child.title for child in line.children])
            yield f"{part.title}: {'. '.join(t for t in (line.title, line.text, who) if t)}."
