"""What a conclusion rests on: the observations that its proofs use."""

from __future__ import annotations

from collections.abc import Sequence

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
    for column, reading in enumerate(READINGS):
        for mark in Provenance(program, model, column).used(Mark(node, side)):
            origin = program.nodes[mark.node].origin
            if isinstance(origin, Atom):
                for test in origin.tests:
                    found |= {o.sort_key: o for o in looking.sides(test, origin.context, reading)[mark.side]}
    return [found[key] for key in sorted(found, key=repr)]
