"""An oracle that tells every route one by one: slow, and written without the fold that counts them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from engine.bits import Plane
from engine.program import Op, Program
from engine.proofs import AGAINST, FOR

ENOUGH = 400
Route = frozenset[int]


class TooMany(Exception):
    """More routes than are worth enumerating."""


class Enumerated:
    """Every route of a model, one by one, each as the atoms it uses: slow, and written without the fold."""

    def __init__(self, program: Program, model: list[Plane]) -> None:
        self.program, self.model = program, model
        self.found: dict[tuple[int, int], list[Route]] = {}

    def routes(self, node: int, side: int) -> list[Route]:
        key = node, side
        if key not in self.found:
            listed: list[Route] = []
            for route in self.each(node, side) if self.model[node][side] else ():
                listed.append(route)
                if len(listed) > ENOUGH:
                    raise TooMany
            self.found[key] = listed
        return self.found[key]

    def each(self, at: int, side: int) -> Iterator[Route]:
        node = self.program.nodes[at]
        args, many = node.args, len(node.args)
        match node.op, side:
            case Op.ATOM, _:
                yield frozenset({at})
            case (Op.ALL, 0) | (Op.ANY, 1):
                yield from self.together([self.routes(a, side) for a in args])
            case (Op.ALL, 1) | (Op.ANY, 0):
                yield from self.one_of((a, side) for a in args)
            case Op.COUNT, _:
                k = max(node.k if side == FOR else many - node.k + 1, 0)
                for chosen in combinations(args, k):
                    yield from self.together([self.routes(a, side) for a in chosen])
            case Op.NOT, _:
                yield from self.routes(args[0], 1 - side)
            case Op.JUDGED, _:
                yield from self.one_of([(args[0], FOR), (args[0], AGAINST)])
            case Op.UNLESS, 0:
                yield from self.routes(args[0], FOR)
            case Op.UNLESS, _:
                yield from self.routes(args[0], AGAINST)
                for exception in args[1:]:
                    yield from self.together([self.routes(args[0], FOR), self.routes(exception, FOR)])
            case Op.HEAD, 0:
                yield from self.one_of((a, FOR) for a in args[:node.k])
            case _:
                if node.k:
                    yield from self.together([self.routes(a, AGAINST) for a in args[:node.k]])
                yield from self.one_of((a, FOR) for a in args[node.k:])

    def one_of(self, marks: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> Iterator[Route]:
        for node, side in marks:
            yield from self.routes(node, side)

    def together(self, parts: list[list[Route]]) -> Iterator[Route]:
        for chosen in product(*parts):
            yield frozenset().union(*chosen)
