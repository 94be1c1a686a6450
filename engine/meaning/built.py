"""Combinations of evidence built from the program itself, of which each may show that something can be so.

For each mark of each node the fewest marks of tests are put together that would bring it about, were nothing in the
way. Whether they do, and whether there can be such evidence, is then looked at in one evaluation of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

from engine.meaning.examples import Kept
from engine.meaning.laws import Laws, mark_against, mark_for
from engine.program import Atom, Node, Op, Program
from engine.proofs import below

Marks = int
"""A set of marks: bit i is mark i."""
Needed = tuple[Marks | None, Marks | None]
"""What brings about a node's mark for, and its mark against; None where nothing does."""


def built(program: Program, laws: Laws, rules: Iterable[int]) -> Kept:
    """Combinations for the nodes of some rules, by all points of the laws: each held, each condition made to decide."""
    asked = list(rules)
    needed = _needed(program, laws, below(program, asked))
    columns = dict.fromkeys(marks for rule in asked for marks in _about(rule, program, needed))
    planes: dict[int, int] = {}
    for column, marks in enumerate(columns):
        while marks:
            mark = (marks & -marks).bit_length() - 1
            planes[mark] = planes.get(mark, 0) | 1 << column
            marks &= marks - 1
    return Kept(len(columns), tuple((atom, planes.get(mark_for(point), 0), planes.get(mark_against(point), 0))
                                    for point, atom in enumerate(laws.points)))


def _needed(program: Program, laws: Laws, nodes: Iterable[int]) -> dict[int, Needed]:
    places = {atom: point for point, atom in enumerate(laws.points)}
    points = {node: point for point, (_, node) in enumerate(program.atoms)}
    found: dict[int, Needed] = {}
    for index in sorted(nodes):  # what a node rests on stands before it
        node = program.nodes[index]
        found[index] = (_of_atom(points[index], laws.points[points[index]], places) if node.op is Op.ATOM else
                        _of_node(node, [found[arg] for arg in node.args]))
    return found


def _of_atom(point: int, atom: Atom, places: dict[Atom, int]) -> Needed:
    """A mark of its own; corroboration brings those of its tests."""
    under = [places[Atom((test,), atom.context.plain)] for test in atom.tests] if atom.corroboration else []
    return (_joined([1 << mark_for(p) for p in (point, *under)]),
            _joined([1 << mark_against(p) for p in (point, *under)]))


def _of_node(node: Node, args: Sequence[Needed]) -> Needed:
    for_, against = [one for one, _ in args], [other for _, other in args]
    match node.op:
        case Op.ALL:
            return _joined(for_), _least(against)
        case Op.ANY:
            return _least(for_), _joined(against)
        case Op.COUNT:
            return _some(node.k, for_), _some(len(args) - node.k + 1, against)
        case Op.NOT:
            return against[0], for_[0]
        case Op.JUDGED:
            return _least([for_[0], against[0]]), None
        case Op.UNLESS:
            return for_[0], _least([against[0], _joined([for_[0], _least(for_[1:])])])
        case _:
            refuted = _joined(against[:node.k]) if node.k else None
            return _least(for_[:node.k]), _least([refuted, *for_[node.k:]])


def _joined(parts: Sequence[Marks | None]) -> Marks | None:
    return None if None in parts else reduce(or_, (part for part in parts if part is not None), 0)


def _least(parts: Sequence[Marks | None]) -> Marks | None:
    return min((part for part in parts if part is not None), key=int.bit_count, default=None)


def _some(k: int, parts: Sequence[Marks | None]) -> Marks | None:
    """The k least of them together."""
    found = sorted((part for part in parts if part is not None), key=int.bit_count)
    return reduce(or_, found[:max(k, 0)], 0) if k <= len(found) else None


def _about(rule: int, program: Program, needed: Mapping[int, Needed]) -> Iterator[Marks]:
    """What makes a rule hold, by way of each node of its own in turn; and all but that node."""
    agenda: list[tuple[int, bool, Marks]] = [(rule, True, 0)]
    while agenda:
        index, for_, beside = agenda.pop()
        own = needed[index][0 if for_ else 1]
        yield beside
        if own is not None:
            yield beside | own
        agenda += _inside(program.nodes[index], for_, beside, needed)


def _inside(node: Node, for_: bool, beside: Marks, needed: Mapping[int, Needed]) -> Iterator[tuple[int, bool, Marks]]:
    """The arguments of a node of a rule, each with the marks by which it alone decides the node's."""
    args, side = node.args, 0 if for_ else 1
    if node.op in (Op.ATOM, Op.HEAD):
        return
    if node.op is Op.NOT:
        yield args[0], not for_, beside
    elif node.op is Op.JUDGED:
        yield from ((args[0], way, beside) for way in (True, False))
    elif node.op is Op.UNLESS:
        yield args[0], for_, beside
        yield from ((arg, True, beside | (needed[args[0]][0] or 0)) for arg in args[1:])
    else:
        k = {Op.ALL: len(args), Op.ANY: 1}.get(node.op, node.k)
        others = k - 1 if for_ else len(args) - k
        for place, arg in enumerate(args):
            rest = _some(others, [needed[other][side] for other in (*args[:place], *args[place + 1:])])
            if rest is not None:
                yield arg, for_, beside | rest
