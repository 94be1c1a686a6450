"""Near misses that move: conclusions that wait for fewer answers, or for more, by new rules than by old."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.program import Atom
from engine.proofs import below
from engine.versions import Head, Versions
from explain.nearest import KINDS, Reach, Waiting, waiting
from kb.conditions import HeadIs, conditions_of
from kb.knowledge import Knowledge

NEAR = 2
"""A conclusion that waits for so many answers, or fewer, is near."""


class Nearer(NamedTuple):
    """A conclusion in one column: the rule nearest to holding by the old version and by the new, where there is one."""

    column: int
    head: Head
    was: Waiting | None
    now: Waiting | None


def about(old: Knowledge, new: Knowledge, rules: frozenset[str]) -> frozenset[Head]:
    """The conclusions of some rules, and those that ask for a signature of theirs."""
    direct = {(r.head.kind, r.head.id) for kb in (old, new) for r in kb.in_force if r.id in rules}
    signatures = {head for head in direct if head[0] == "signature"}
    asking = {(r.head.kind, r.head.id) for kb in (old, new) for r in kb.in_force for c in conditions_of(r)
              if signatures and isinstance(c, HeadIs) and (c.kind, c.id) in signatures}
    return frozenset(head for head in direct | asking if head[0] in KINDS)


def near_moves(versions: Versions, heads: Collection[Head]) -> Iterator[Nearer]:
    """Every one of these conclusions that is near by one version, and waits for another number by the other.

    Columns with the same evidence below these conclusions are looked at once.
    """
    if not heads or not versions.new:
        return
    known: dict[tuple[int, int], list[tuple[Head, Waiting | None, Waiting | None]]] = {}
    keys = zip(*(_evidence(some, heads) for some in (versions.old, versions.new)), strict=True)
    for column, (key, pair) in enumerate(zip(keys, versions.pairs, strict=True)):
        if key not in known:
            known[key] = list(_moved(pair, heads))
        yield from (Nearer(column, *moved) for moved in known[key])


def _moved(pair: tuple[Assessment, Assessment], heads: Collection[Head],
           ) -> Iterator[tuple[Head, Waiting | None, Waiting | None]]:
    first = [_asks(it, heads) for it in pair]
    if first[0] == first[1]:
        return
    exact = [{(w.rule.head.kind, w.rule.head.id): w for w in waiting(it, only=heads) if w.held} for it in pair]
    for head in sorted(heads):
        was, now = (found.get(head) for found in exact)
        numbers = [len(w.missing) for w in (was, now) if w is not None]
        if numbers and min(numbers) <= NEAR and (len(numbers) == 1 or numbers[0] != numbers[1]):
            yield head, was, now


def _asks(assessment: Assessment, heads: Collection[Head]) -> dict[str, tuple[Atom, ...] | None]:
    """What each rule for these conclusions waits for, as far as a quick look tells."""
    reach = Reach(assessment)
    return {rule.id: reach.missing(assessment.program.rules[rule.id]) for rule in assessment.knowledge.in_force
            if (rule.head.kind, rule.head.id) in heads}


def _evidence(some: Sequence[Assessment], heads: Collection[Head]) -> list[int]:
    """For each column the marks of the tests below these conclusions, as one number."""
    program, model = some[0].program, some[0].model
    nodes = below(program, [node for head, node in program.heads.items() if (head.kind, head.id) in heads])
    keys = [0] * len(some)
    for place, (_, node) in enumerate(program.atoms):
        if node in nodes:
            for side, plane in enumerate(model.planes[node]):
                _add(keys, plane, 4 * place + 2 * side)
    return keys


def _add(keys: list[int], plane: int, shift: int) -> None:
    """The columns of a plane, in both readings, into their numbers."""
    while plane:
        lowest = plane & -plane
        reading, column = divmod(lowest.bit_length() - 1, len(keys))
        keys[column] |= 1 << (shift + reading)
        plane ^= lowest
