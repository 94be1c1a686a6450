"""Which versions of some rules change nothing, whatever the evidence: each proved over all there can be."""

from __future__ import annotations

from collections.abc import Iterator

from engine.meaning.answers import whether_ever
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.laws import laws
from engine.meaning.solving import Undecided
from engine.variants import Versions
from kb.model import Vocabulary


def changing_nothing(versions: Versions, vocabulary: Vocabulary) -> Iterator[bool]:
    """For each version whether it is proved to change nothing; False says only that this could not be shown.

    What stands in the place of something else is compared with it, everything below being as usual: where the versions
    differ at all, the lowest thing in which they do is found in this way.
    """
    program = versions.program
    held = laws(program, vocabulary)
    circuit = Circuit(len(held.points))
    pairs = Wires(program, circuit)
    places = [[*instead.nodes.items(), *((program.rules[id], new) for id, new in instead.rules.items())]
              for instead in versions.instead]
    otherwise = [circuit.any(circuit.changed(pairs[old], pairs[new]) for old, new in some) for some in places]
    ever = whether_ever(circuit, held, vocabulary)
    for literal in otherwise:
        try:
            yield not ever(literal)
        except Undecided:
            yield False
