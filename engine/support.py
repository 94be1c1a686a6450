"""What a conclusion rests on: the observations that its proofs use, walked down from its node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.bits import Plane
from engine.planes import READINGS, Looking
from engine.program import Atom, Op, Program
from kb.dossier import Observation

FOR, AGAINST = 0, 1


def support(program: Program, model: Sequence[Plane], looking: Looking, node: int) -> list[Observation]:
    """The observations under every proof that the node holds, in either reading, each once, in a fixed order."""
    found: dict[tuple[object, ...], Observation] = {}
    for reading, second in zip(READINGS, (0, 1), strict=True):
        for at, side in _walk(program, model, second, node):
            origin = program.nodes[at].origin
            if isinstance(origin, Atom):
                for test in origin.tests:
                    for o in looking.sides(test, origin.context, reading)[side]:
                        found[o.sort_key] = o
    return [found[key] for key in sorted(found, key=repr)]


def _walk(program: Program, model: Sequence[Plane], reading: int, node: int) -> Iterator[tuple[int, int]]:
    """Every (node, side) that holds in the reading and is used in a proof of the node."""
    stack, seen = [(node, FOR)], set[tuple[int, int]]()
    while stack:
        at, side = stack.pop()
        if (at, side) in seen or not model[at][side] >> reading & 1:
            continue
        seen.add((at, side))
        yield at, side
        stack += _below(program, at, side)


def _below(program: Program, at: int, side: int) -> list[tuple[int, int]]:
    """What makes a node's mark: its arguments and the mark of each; those that do not hold are left out later."""
    node = program.nodes[at]
    if node.op is Op.NOT:
        return [(node.args[0], 1 - side)]
    if node.op is Op.JUDGED:
        return [(node.args[0], FOR), (node.args[0], AGAINST)]
    if node.op is Op.UNLESS:
        exceptions = [(arg, FOR) for arg in node.args[1:]] if side == AGAINST else []
        return [(node.args[0], side), *([(node.args[0], FOR), *exceptions] if exceptions else [])]
    if node.op is Op.HEAD and side == FOR:
        return [(arg, FOR) for arg in node.args[:node.k]]
    if node.op is Op.HEAD:
        return [*((arg, AGAINST) for arg in node.args[:node.k]), *((arg, FOR) for arg in node.args[node.k:])]
    return [(arg, side) for arg in node.args]
