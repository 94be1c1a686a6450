"""The two engines held against one another: durable-rules' working memory against the evaluator's planes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.bits import Plane
from engine.clauses import TRUE, Mark
from engine.program import Program
from engine.rete import Rete


class Disagreement(Exception):
    """The two engines gave different models: a programmer's mistake, never a silent choice."""


def confirm(program: Program, atoms: Sequence[Plane], planes: Sequence[Plane], groups: Iterable[int]) -> None:
    """Chains every column forward and holds each mark of each node against its plane.

    `groups`: columns (as bits) that share one network, which is small where their facts are alike, as one case's are.
    Columns with the same facts are chained once. Raises Disagreement, and Unavailable and EngineError as Rete does.
    """
    for group in groups:
        _confirm(program, _only(atoms, group), _only(planes, group), group)


def _only(planes: Sequence[Plane], group: int) -> list[Plane]:
    return [(for_ & group, against & group) for for_, against in planes]


def _confirm(program: Program, atoms: Sequence[Plane], planes: Sequence[Plane], group: int) -> None:
    with Rete(program, atoms) as network:
        given = _given(network, atoms)
        chained = dict(given)  # a fact that no rule reads stands for itself
        read = {mark: plane for mark, plane in given.items() if mark in network.facts}
        for facts, columns in _columns(read, group).items():
            for mark in network.chain(facts):
                chained[mark] = chained.get(mark, 0) | columns
        chained[TRUE] = group
        theirs = [chained.get(mark, 0) for mark in network.translation.root]
    differing = [f"{program.nodes[i].op} {i}: {ours} and {their}" for i, (ours, their) in enumerate(
        zip(planes, zip(theirs[::2], theirs[1::2], strict=True), strict=True)) if ours != their]
    if differing:
        raise Disagreement("the two engines disagree on " + "; ".join(differing[:5]))


def _given(network: Rete, atoms: Sequence[Plane]) -> dict[Mark, int]:
    """The facts that some column gives, each with its columns."""
    marks = ((2 * node + side, plane[side]) for (_, node), plane in zip(network.program.atoms, atoms, strict=True)
             for side in (0, 1))
    return {network.translation.root[mark]: plane for mark, plane in marks if plane}


def _columns(given: dict[Mark, int], group: int) -> dict[tuple[Mark, ...], int]:
    """The distinct sets of facts, each with the columns of the group that give it."""
    found: dict[tuple[Mark, ...], int] = {}
    for bit in (bit for bit in range(group.bit_length()) if group >> bit & 1):
        facts = tuple(mark for mark, plane in given.items() if plane >> bit & 1)
        found[facts] = found.get(facts, 0) | 1 << bit
    return found
