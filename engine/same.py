"""Whether two versions of some rules mean the same: proved where each says, of the same evidence, the same again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from engine.bits import Plane, step
from engine.evidence import SILENCE_HOLDS, YEAR
from engine.program import ANY_AGE, Atom, Node, Op, Program, Proposition
from engine.variants import Versions
from kb.conditions import LADDERS, Test
from kb.model import Indicator, Reading, Vocabulary

WIDEST = 20
"""So many marks, and no more, are tried in every combination."""


class Same:
    """Compares nodes of a program of versions: first by what they do, then in every state of what they rest on."""

    def __init__(self, versions: Versions, vocabulary: Vocabulary) -> None:
        self.versions, self.nodes = versions, versions.program.nodes
        self.classes = classes_of(versions.program, vocabulary)
        self.found: dict[tuple[int, int], bool] = {}

    def version(self, number: int) -> bool:
        """Whether one version changes nothing, whatever is given; False says only that this does not show it."""
        instead, rules = self.versions.instead[number], self.versions.program.rules
        pairs = [*instead.nodes.items(), *((rules[id], new) for id, new in instead.rules.items())]
        return all(self.alike(old, new) for old, new in pairs)

    def alike(self, one: int, other: int) -> bool:
        """Whether two nodes have the same marks whatever the evidence."""
        key = self.classes[one], self.classes[other]
        if key not in self.found:
            self.found[key] = key[0] == key[1] or self._alike(one, other)
        return self.found[key]

    def _alike(self, one: int, other: int) -> bool:
        a, b = self.nodes[one], self.nodes[other]
        if a.op is Op.ATOM or b.op is Op.ATOM:
            return False
        paired = (a.op, a.k, len(a.args)) == (b.op, b.k, len(b.args))
        if paired and all(self.alike(x, y) for x, y in zip(a.args, b.args, strict=True)):
            return True
        return self._in_every_state(one, other)

    def _in_every_state(self, one: int, other: int) -> bool:
        """The same, by trying every state of what they rest on; what rests on too much is left open."""
        leaves = dict.fromkeys((*self._leaves(one), *self._leaves(other)))
        marks = [(self.classes[leaf], side) for leaf in leaves
                 for side in ((0,) if self.nodes[leaf].op is Op.JUDGED else (0, 1))]
        marks = list(dict.fromkeys(marks))
        if len(marks) > WIDEST:
            return False
        full = (1 << (1 << len(marks))) - 1
        plane_of = {mark: _every_other(1 << at, 1 << len(marks)) for at, mark in enumerate(marks)}
        planes = {leaf: (plane_of[self.classes[leaf], 0], plane_of.get((self.classes[leaf], 1), 0)) for leaf in leaves}
        possible = self._possible(list(leaves), planes, full)
        first, second = (self._marks(node, dict(planes), full, True) for node in (one, other))
        return all((x ^ y) & possible == 0 for x, y in zip(first, second, strict=True))

    def _leaves(self, root: int) -> list[int]:
        found, agenda = list[int](), list(self.nodes[root].args)
        while agenda:
            node = agenda.pop()
            if self.nodes[node].op in (Op.ATOM, Op.HEAD, Op.JUDGED):
                found.append(node)
            else:
                agenda += self.nodes[node].args
        return found

    def _marks(self, node: int, planes: dict[int, Plane], full: int, root: bool = False) -> Plane:
        if root or node not in planes:
            made = self.nodes[node]
            planes[node] = step(made, [self._marks(arg, planes, full) for arg in made.args], full)
        return planes[node]

    def _possible(self, leaves: Sequence[int], planes: Mapping[int, Plane], full: int) -> int:
        """The states there can be: what is present at a level is so at those below, and refuted the other way round."""
        for low in leaves:
            for high in leaves:
                one, other = self.nodes[low].origin, self.nodes[high].origin
                if isinstance(one, Proposition) and isinstance(other, Proposition) and _below(one, other):
                    full &= ~(planes[high][0] & ~planes[low][0]) & ~(planes[low][1] & ~planes[high][1])
        return full


def _every_other(block: int, width: int) -> int:
    """So many columns with a mark after so many without, again and again."""
    plane, long = (1 << block) - 1 << block, 2 * block
    while long < width:
        plane, long = plane | plane << long, 2 * long
    return plane


def _below(one: Proposition, other: Proposition) -> bool:
    ladder = LADDERS[one.kind]
    return one._replace(level=other.level) == other and ladder.index(one.level) < ladder.index(other.level)


def classes_of(program: Program, vocabulary: Vocabulary) -> list[int]:
    """A number for each node: two nodes of one number have the same marks whatever the evidence."""
    numbers: dict[Hashable, int] = {}
    keys: list[Hashable] = []
    found: list[int] = []
    for node in program.nodes:
        key = _key(node, [found[arg] for arg in node.args], keys, vocabulary)
        number = key if isinstance(key, int) else numbers.setdefault(key, len(keys))
        if number == len(keys):
            keys.append(key)
        found.append(number)
    return found


def _key(node: Node, args: list[int], keys: Sequence[Hashable], vocabulary: Vocabulary) -> Hashable:
    """What a node does, said in one way only; a number where it does what another node does."""
    match node.op:
        case Op.ATOM:
            assert isinstance(node.origin, Atom)
            return _looked_at(node.origin, vocabulary)
        case Op.ALL | Op.ANY:
            return _gathered(node.op, args, keys)
        case Op.COUNT if node.k in (1, len(args)):
            return _gathered(Op.ANY if node.k == 1 else Op.ALL, args, keys)
        case Op.COUNT:
            return node.op, node.k, tuple(sorted(args))
        case Op.HEAD if node.k == len(args):
            return _gathered(Op.ANY, args, keys)
        case Op.HEAD:
            return node.op, frozenset(args[:node.k]), frozenset(args[node.k:])
        case Op.UNLESS if len(args) > 1:
            return node.op, args[0], frozenset(args[1:])
        case Op.UNLESS:
            return args[0]
        case _:
            return node.op, tuple(args)


def _gathered(op: Op, args: list[int], keys: Sequence[Hashable]) -> Hashable:
    """All or any of some parts, each once; a part that is itself such a gathering is taken apart."""
    parts = set[int]()
    for arg in args:
        key = keys[arg]
        parts |= key[1] if isinstance(key, tuple) and key[0] is op else {arg}
    return next(iter(parts)) if len(parts) == 1 else (op, frozenset(parts))


def _looked_at(atom: Atom, vocabulary: Vocabulary) -> Hashable:
    """A test in its context; a period that is no shorter than its evidence can be old asks for nothing.

    How recent an event or finding has to be is asked of today, at whatever earlier date the test is looked at.
    """
    reach = max(_reach(vocabulary.indicators[test.indicator], test) for test in atom.tests)
    within, plus, shift = atom.context.within, atom.context.plus, atom.context.shift
    kept = within is not None and within < reach
    beside = max(_beside(vocabulary.indicators[test.indicator], test) for test in atom.tests)
    asked = plus if plus is None or plus < shift + reach + beside else ANY_AGE
    return atom.tests, atom.corroboration, shift, within if kept else None, asked


def _reach(indicator: Indicator, test: Test) -> int:
    """How many months old the evidence of a test can be."""
    if indicator.reading is not Reading.OCCURRENCES:
        return indicator.validity
    return max(test.window or indicator.validity, indicator.validity, SILENCE_HOLDS)


def _beside(indicator: Indicator, test: Test) -> int:
    """How many months older an earlier value can be that is read beside the evidence."""
    return max(test.rise_over or 0, YEAR if indicator.small_base else 0)
