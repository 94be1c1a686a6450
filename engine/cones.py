"""A part of a program as a program of its own: what some nodes rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.program import Group, Node, Program
from engine.proofs import below


class Cone(NamedTuple):
    """What some nodes rest on, as a program of its own; `nodes`: where each of its nodes stands in the whole."""

    program: Program
    nodes: tuple[int, ...]


def whole(program: Program) -> Cone:
    """Everything there is: where nearly all of it is asked about, there is nothing to gain by taking it apart."""
    return Cone(program, tuple(range(len(program.nodes))))


def cone(program: Program, tops: Iterable[int]) -> Cone:
    """Everything below (and with) these nodes, in the same order."""
    kept = sorted(below(program, tops))
    place = {old: new for new, old in enumerate(kept)}
    nodes = tuple(_moved(program.nodes[old], place) for old in kept)
    atoms = [at for at, (_, old) in enumerate(program.atoms) if old in place]
    rank = {at: new for new, at in enumerate(sorted(atoms, key=program.by_words.__getitem__))}
    return Cone(Program(nodes, tuple((program.atoms[at][0], place[program.atoms[at][1]]) for at in atoms),
                        {head: place[at] for head, at in program.heads.items() if at in place},
                        {rule: place[at] for rule, at in program.rules.items() if at in place},
                        tuple(_kept(program.groups, {at: new for new, at in enumerate(atoms)})),
                        tuple(rank[at] for at in atoms)), tuple(kept))


def _kept(groups: Iterable[Group], place: dict[int, int]) -> Iterator[Group]:
    """The groups of the atoms that are kept, each with its new place."""
    for group in groups:
        pairs = [(place[old], atom) for old, atom in zip(group.places, group.atoms, strict=True) if old in place]
        if pairs:
            yield group._replace(places=tuple(new for new, _ in pairs), atoms=tuple(atom for _, atom in pairs))


def _moved(node: Node, place: dict[int, int]) -> Node:
    return node._replace(args=tuple(place[arg] for arg in node.args))
