"""What a conclusion rests on: the observations that its proofs use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.bits import Plane
from engine.planes import READINGS, Looking
from engine.program import Atom, Program
from engine.proofs import FOR, Mark, Provenance
from kb.dossier import Observation


def support(program: Program, model: Sequence[Plane], looking: Looking, node: int, side: int = FOR,
            ) -> list[Observation]:
    """The observations under every proof that the node holds (or, AGAINST, that it does not), in either reading.

    Each once, in a fixed order.
    """
    found: dict[tuple[object, ...], Observation] = {}
    for column in range(len(READINGS)):
        for mark in Provenance(program, model, column).used(Mark(node, side)):
            found |= {o.sort_key: o for o in under(program, looking, mark, column)}
    return [found[key] for key in sorted(found, key=repr)]


def under(program: Program, looking: Looking, mark: Mark, column: int) -> Iterator[Observation]:
    """The observations on a mark's side in one reading, where it is the mark of a test; else none."""
    origin = program.nodes[mark.node].origin
    if isinstance(origin, Atom):
        for test in origin.tests:
            yield from looking.sides(test, origin.context, READINGS[column])[mark.side]
