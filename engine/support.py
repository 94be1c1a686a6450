"""What a conclusion rests on: the observations that its proofs use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.bits import Plane
from engine.planes import READINGS, Looking
from engine.program import Atom, Program
from engine.proofs import FOR, Mark, Provenance
from kb.dossier import Observation


def readings(program: Program, model: Sequence[Plane]) -> tuple[Provenance, ...]:
    """The proofs of a case's model, in each reading of disputed evidence."""
    return tuple(Provenance(program, model, column) for column in range(len(READINGS)))


def supporting(proofs: Sequence[Provenance], looking: Looking, node: int, side: int = FOR) -> Iterator[Observation]:
    """The observations under every proof that the node holds (or, AGAINST, that it does not), as they are come upon."""
    for column, proof in enumerate(proofs):
        for mark in proof.used(Mark(node, side)):
            yield from under(proof.program, looking, mark, column)


def support(proofs: Sequence[Provenance], looking: Looking, node: int, side: int = FOR) -> list[Observation]:
    """The same, each once, in a fixed order."""
    found = {o.sort_key: o for o in supporting(proofs, looking, node, side)}
    return [found[key] for key in sorted(found, key=repr)]


def under(program: Program, looking: Looking, mark: Mark, column: int) -> Iterator[Observation]:
    """The observations on a mark's side in one reading, where it is the mark of a test; else none."""
    origin = program.nodes[mark.node].origin
    if isinstance(origin, Atom):
        for test in origin.tests:
            yield from looking.sides(test, origin.context, READINGS[column])[mark.side]
