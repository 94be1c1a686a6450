"""In how many of the ways in which open answers could turn out a result would hold: all counted, or some drawn."""

from __future__ import annotations

from math import prod
from random import Random
from typing import NamedTuple

from engine.combinations import Combinations
from engine.cones import cone
from engine.settling import Head, Settling
from engine.unknowns import Question

UNKNOWNS, COUNTED = 20, 1 << 22
"""All ways are counted where so many open answers bear on a result, or fewer, and there are no more ways than that."""
AT_ONCE = 1 << 16
"""So many ways are columns of one evaluation, so that memory stays small."""
DRAWN = 1 << 12
"""So many are drawn otherwise, by a scheme that gives the same ones each time."""
Answer = list[int]
"""Places of answers that the tests under a result do not tell apart: the first stands for them."""


class Ways(NamedTuple):
    """Of `total` ways in which so many open answers could turn out, `looked_at` were: where it holds, and where not.

    A count of ways, each counted once; it says nothing of how likely any of them is.
    """

    questions: int
    total: int
    looked_at: int
    present: int
    not_found: int

    @property
    def drawn(self) -> bool:
        """Whether only some of the ways were looked at."""
        return self.looked_at < self.total


def ways(settling: Settling, head: Head) -> Ways:
    """The ways in which the questions that bear on one open result could be answered, one answer to each."""
    below = settling.program.once(cone, (settling.tops[head],))
    own = Combinations(settling.it, below, settling.answers)
    own.lookings = settling.combinations.lookings
    told = [answers for question in settling.questions if (answers := _told_apart(own, question))]
    total = prod(len(answers) for answers in told)
    counted = len(told) <= UNKNOWNS and total <= COUNTED
    width = total if counted else DRAWN
    chosen = _every(told, width) if counted else _some(told, f"{head}")
    present = not_found = 0
    for start in range(0, width, AT_ONCE):
        size = min(AT_ONCE, width - start)
        columns = own.columns({place: bits >> start & (1 << size) - 1 for place, bits in chosen.items()}, size)
        present += columns.present(len(below.nodes) - 1).bit_count()
        not_found += columns.not_found(len(below.nodes) - 1).bit_count()
    return Ways(len(told), total, width, present, not_found)


def _told_apart(own: Combinations, question: Question) -> list[Answer]:
    """The answers to a question that the tests of one cone tell apart; none where no answer bears on them."""
    asked = sorted(own.asked(question.indicator), key=str)
    found: dict[tuple[tuple[bool, bool], ...], Answer] = {}
    for place in question.answers:
        seen = (own.looking(place).verdict(*one) for one in asked)
        found.setdefault(tuple((bool(v.for_by), bool(v.against_by)) for v in seen), []).append(place)
    held = tuple((bool(v.for_by), bool(v.against_by)) for v in (own.it.looking.verdict(*one) for one in asked))
    return [] if found.keys() <= {held} else list(found.values())


def _every(told: list[list[Answer]], width: int) -> dict[int, int]:
    """Each answer's columns where every way is one: the answers to one question alternate in longer and longer runs."""
    chosen, run = dict[int, int](), 1
    for answers in told:
        for at, answer in enumerate(answers):
            columns, size = ((1 << run) - 1) << at * run, run * len(answers)
            while size < width:
                columns, size = columns | columns << size, size * 2
            chosen[answer[0]] = columns & (1 << width) - 1
        run *= len(answers)
    return chosen


def _some(told: list[list[Answer]], scheme: str) -> dict[int, int]:
    """Each answer's columns where ways are drawn: every answer to a question equally often, as near as can be."""
    draw, chosen = Random(scheme), dict[int, int]()
    for answers in told:
        drawn = draw.randbytes(DRAWN)
        for at, answer in enumerate(answers):
            is_it = bytes(ord("1") if byte % len(answers) == at else ord("0") for byte in range(256))
            chosen[answer[0]] = int(drawn.translate(is_it), 2)
    return chosen
