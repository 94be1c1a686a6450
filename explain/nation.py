"""Two versions of rules over a table of many authorities: what moves, and how it falls on groups of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from explain import words
from explain.moves import GAINED, LEVEL, LOST, RESULT, Move
from kb.conditions import LADDERS
from kb.dossier import Case

FEW = 10
"""A group of fewer authorities than this is too small for its share to be read as one."""
CAUTION = ("These are counts of authorities, and say nothing of why groups differ. A group of fewer than "
           f"{FEW} is marked: there, one authority more or less moves the share by more than a tenth.")
NOT_RECORDED = "not recorded"


class Nation(NamedTuple):
    """The authorities of a table on one day, what moves for them, and by each name of a group, who is in which."""

    as_at: date
    authorities: tuple[Case, ...]
    moved: tuple[Move, ...]
    groups: Mapping[str, Mapping[str, str]]


class Share(NamedTuple):
    """Of the authorities of a group, how many move up, down, or to another overall result."""

    group: str
    authorities: int
    up: int
    down: int
    result: int


def shares(nation: Nation) -> dict[str, tuple[Share, ...]]:
    """For each way of grouping, its groups in the order of their names."""
    up = {move.case.authority_code for move in nation.moved if _more(move) > 0}
    down = {move.case.authority_code for move in nation.moved if _more(move) < 0}
    result = {move.case.authority_code for move in nation.moved if move.what == RESULT}
    found: dict[str, tuple[Share, ...]] = {}
    for name, of in nation.groups.items():
        groups: dict[str, list[str]] = {}
        for case in nation.authorities:
            groups.setdefault(of.get(case.authority_code) or NOT_RECORDED, []).append(case.authority_code)
        found[name] = tuple(Share(group, len(codes), *(len(some.intersection(codes)) for some in (up, down, result)))
                            for group, codes in sorted(groups.items()))
    return found


def screen(nation: Nation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """For each way of grouping, how many authorities of each group move up and how many down; last, a caution."""
    found = shares(nation)
    for name, groups in found.items():
        yield f"Equality screen: by {name}", tuple(map(_told, groups))
    if found:
        yield "Equality screen: how to read it", (CAUTION,)


def _told(share: Share) -> str:
    few = f", fewer than {FEW}" if share.authorities < FEW else ""
    ways = (("with something gained or raised", share.up), ("with something lost or lowered", share.down),
            ("with another overall result", share.result))
    told = ", ".join(f"{number} {way}" for way, number in ways if number) or "nothing moves"
    return f"{share.group} ({authorities_word(share.authorities)}{few}): {told}"


def _more(move: Move) -> int:
    """Whether more is shown by the new rules (1), less (-1), or neither."""
    if move.what in (GAINED, LOST):
        return 1 if move.what == GAINED else -1
    if move.what != LEVEL:
        return 0
    ladder = ("", *LADDERS[move.head[0]])
    was, now = ladder.index(move.before.level), ladder.index(move.after.level)
    return (now > was) - (now < was)


def authorities_word(number: int) -> str:
    """`1 authority`, `3 authorities`."""
    return f"{number} {'authority' if number == 1 else 'authorities'}"


def named(moved: Sequence[Move], many: int) -> str:
    """The authorities that move, counted, the first of them by name."""
    names = sorted({move.case.authority for move in moved})
    return f"{authorities_word(len(names))}: {words.first_of(names, many)}"
