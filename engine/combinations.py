"""Many suppositions at once: each set of alternatives is one column of a single wide evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple, Protocol

from engine.assess import Assessment, Model
from engine.bearing import Literal
from engine.bits import Plane, at_least, evaluate
from engine.cones import Cone
from engine.evidence import Evidence, Verdict, in_order
from engine.planes import READINGS, Column, Looking
from engine.program import Atom, Context, Group, Program
from engine.proofs import AGAINST, FOR, Mark
from kb.conditions import Test
from kb.dossier import Observation

Set = tuple[int, ...]
"""The places of some alternatives, ascending, no two of one indicator."""
Asked = tuple[Test, int]
"""A test, and how many months earlier it is looked at."""
Said = tuple[list[object], ...]
Seen = tuple[int, Looking]
"""Some columns, and the evidence that is looked at in them."""
Move = tuple[Literal, int]
"""A mark of an atom that comes to be there, or away, in one reading."""
Effect = dict[int, Plane]
"""By atom (its place among the cone's atoms): its marks, bit 0 in the first reading and bit 1 in the second."""


class Changed(Protocol):
    """One indicator on which something else would be held: all the `evidence` of it."""

    @property
    def indicator(self) -> str: ...

    @property
    def evidence(self) -> tuple[Observation, ...]: ...


class Columns(NamedTuple):
    """The marks of every node of a cone, a column for each set (and its twin in the second reading, where they differ).
    """

    planes: list[Plane]
    width: int
    readings: int

    def present(self, node: int) -> int:
        """The columns in which the node is present, as bits."""
        return self._both(self.planes[node][0] & ~self.planes[node][1])

    def not_found(self, node: int) -> int:
        """The columns in which the node is found not to be so."""
        return self._both(self.planes[node][1] & ~self.planes[node][0])

    def shown(self, node: int) -> int:
        """The columns in which the node is present or contested."""
        for_ = self.planes[node][0]
        return (for_ | for_ >> self.width) & (1 << self.width) - 1

    def model(self, column: int) -> Model:
        """One column, as an assessment's model."""
        return Model(self.planes, column, self.width if self.readings == 2 else 0)

    def _both(self, plane: int) -> int:
        full = (1 << self.width) - 1
        return plane & plane >> self.width & full if self.readings == 2 else plane & full


class Combinations:
    """One assessment's cone, and what each alternative would make of its atoms."""

    def __init__(self, assessment: Assessment, cone: Cone, alternatives: Sequence[Changed]) -> None:
        self.it, self.cone, self.alternatives = assessment, cone, alternatives
        self.base = [assessment.model[cone.nodes[at]] for _, at in cone.program.atoms]
        self.looked_at = cone.program.once(_looked_at)
        self.joined = [group for group in cone.program.groups if group.corroboration]
        self.of_indicator: dict[str, list[int]] = {}
        for at, one in enumerate(alternatives):
            self.of_indicator.setdefault(one.indicator, []).append(at)
        self.lookings: dict[int, Looking] = {}
        self.said: dict[Asked, Said] = {}
        self.told: dict[int, frozenset[Asked]] = {}
        self.effects: dict[int, Effect] = {}

    @property
    def disputed(self) -> bool:
        """Whether anything that is held is disputed."""
        return any(mark in (1, 2) for marks in self.base for mark in marks)

    def asked(self, indicator: str) -> Sequence[Asked]:
        """The tests of an indicator that the cone looks at, and how much earlier."""
        return self.looked_at[indicator].asked if indicator in self.looked_at else ()

    def effect(self, place: int) -> Effect:
        """What one alternative changes of the atoms that look at one test each."""
        if place not in self.effects:
            looking, telling, indicator = self.looking(place), self.telling(place), self.alternatives[place].indicator
            groups = self.looked_at[indicator].groups if telling else ()
            self.effects[place] = {at: marks for group in groups if (group.tests[0], group.shift) in telling
                                   for at, marks in looking.marked(group) if marks != self.base[at]}
        return self.effects[place]

    def telling(self, place: int) -> frozenset[Asked]:
        """The tests of which something else is said than now, with this alternative: the marks of no other change."""
        if place not in self.told:
            looking, asked = self.looking(place), self.asked(self.alternatives[place].indicator)
            self.told[place] = frozenset(one for one in asked if _said(looking.verdict(*one)) != self._now(one))
        return self.told[place]

    def _now(self, asked: Asked) -> Said:
        if asked not in self.said:
            self.said[asked] = _said(self.it.looking.verdict(*asked))
        return self.said[asked]

    def looking(self, place: int) -> Looking:
        """The evidence as it would be with one alternative, looked at on the same day."""
        if place not in self.lookings:
            one, evidence = self.alternatives[place], self.it.looking.column.evidence
            changed = Evidence({**evidence.by_indicator, one.indicator: in_order(one.evidence)}, evidence.vocabulary)
            self.lookings[place] = Looking(Column(changed, self.it.as_at), self.it.looking, (one.indicator,))
        return self.lookings[place]

    def evaluate(self, sets: Sequence[Set]) -> Columns:
        """Every node of the cone, a column for each set of alternatives."""
        return self.columns(_chosen(sets), len(sets))

    def columns(self, chosen: dict[int, int], width: int) -> Columns:
        """Every node of the cone; `chosen`: the columns in which each alternative is, as bits."""
        atoms = self.atoms(chosen, width)
        full = (1 << width) - 1
        split = any((plane ^ plane >> width) & full for marks in atoms for plane in marks)
        if not split:
            atoms = [(for_ & full, against & full) for for_, against in atoms]
        readings = 2 if split else 1
        return Columns(evaluate(self.cone.program, atoms, readings * width), width, readings)

    def atoms(self, chosen: dict[int, int], width: int) -> list[Plane]:
        """Every atom's marks: as they are, and in its columns as each alternative has them."""
        full = (1 << width) - 1
        spread = 0, full, full << width, full | full << width
        planes = [(spread[for_], spread[against]) for for_, against in self.base]
        for place, columns in chosen.items():
            marks, others = (0, columns, columns << width, columns | columns << width), ~(columns | columns << width)
            for at, (for_, against) in self.effect(place).items():
                planes[at] = planes[at][0] & others | marks[for_], planes[at][1] & others | marks[against]
        for group in self.joined:
            looked = [self._looked(test, group.shift, chosen, full) for test in group.tests]
            if any(len(some) > 1 for some in looked):
                for at, first, second in _together(group, looked, full):
                    planes[at] = first[0] | second[0] << width, first[1] | second[1] << width
        return planes

    def alone(self, many: int) -> dict[Move, int]:
        """Of each mark of an atom that comes to be another, which of the first alternatives alone do it, as bits."""
        found, full = dict[Move, int](), (1 << many) - 1
        atoms, as_it_is = self.atoms({place: 1 << place for place in range(many)}, many), self.atoms({}, many)
        for (_, node), before, after, plain in zip(self.cone.program.atoms, self.base, atoms, as_it_is, strict=True):
            if after == plain:
                continue
            for side, reading in product((FOR, AGAINST), (0, 1)):
                there = before[side] >> reading & 1
                other = after[side] >> reading * many & full ^ (full if there else 0)
                if other:
                    found[Literal(Mark(node, side), not there), reading] = other
        return found

    def _looked(self, test: Test, shift: int, chosen: dict[int, int], full: int) -> list[Seen]:
        """The columns with none of the alternatives of which the test says something else, and those with each."""
        some, rest = list[Seen](), full
        for place in self.of_indicator.get(test.indicator, ()):
            if place in chosen and (test, shift) in self.telling(place):
                rest &= ~chosen[place]
                some.append((chosen[place], self.looking(place)))
        return [(rest, self.it.looking), *some]


class Looked(NamedTuple):
    """What a program looks at of one indicator: its tests, and the groups of atoms that look at one of them alone."""

    asked: tuple[Asked, ...]
    groups: tuple[Group, ...]


def _looked_at(program: Program) -> dict[str, Looked]:
    """What a program looks at, by indicator."""
    asked, groups = dict[str, dict[Asked, None]](), dict[str, list[Group]]()
    for group in program.groups:
        for test in group.tests:
            asked.setdefault(test.indicator, {})[test, group.shift] = None
            groups.setdefault(test.indicator, []).extend([] if group.corroboration else [group])
    return {indicator: Looked(tuple(some), tuple(groups[indicator])) for indicator, some in asked.items()}


def places(bits: int) -> Set:
    """The bits that are set, ascending."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return tuple(found)


def _chosen(sets: Sequence[Set]) -> dict[int, int]:
    """The columns in which each alternative is, as bits."""
    rows: dict[int, bytearray] = {}
    for column, some in enumerate(sets):
        byte, bit = column >> 3, 1 << (column & 7)
        for place in some:
            if place not in rows:
                rows[place] = bytearray(len(sets) // 8 + 1)
            rows[place][byte] |= bit
    return {place: int.from_bytes(row, "little") for place, row in sorted(rows.items())}


def _said(verdict: Verdict) -> Said:
    """All that marks depend on: what stands on each side, about when, of what kind, and in which document."""
    return tuple([(o.about, o.kind, o.citation.source.id) for o in side]
                 for side in (verdict.for_by, verdict.against_by))


def _together(group: Group, looked: Sequence[Sequence[Seen]], full: int) -> Iterator[tuple[int, Plane, Plane]]:
    """The marks of atoms of several tests in each reading, for every column at once: what `Looking.marked` says of one.

    `looked`: for each of the tests, the evidence that is looked at, and in which columns.
    """
    disputed = any(looking.verdict(test, group.shift).disputed for test, some in zip(group.tests, looked, strict=True)
                   for columns, looking in some if columns)
    found: dict[tuple[int | None, bool], _Under] = {}
    for place, atom in zip(group.places, group.atoms, strict=True):
        readings = []
        for reading in READINGS[:1 + disputed]:
            key = atom.context.within, reading
            if key not in found:
                found[key] = _Under(atom, looked, full, reading)
            readings.append(found[key].marks(atom.context))
        yield place, readings[0], readings[-1]


class _Under:
    """What stands under several tests, of what ends within one period, in one reading."""

    def __init__(self, atom: Atom, looked: Sequence[Sequence[Seen]], full: int, reading: bool) -> None:
        kinds, documents, self.judged = dict[str, int](), dict[str, int](), full
        self.sides = list[tuple[int, Looking, list[Observation], list[Observation]]]()
        for test, some in zip(atom.tests, looked, strict=True):
            decided = 0
            for columns, looking in some:
                for_by, against_by = looking.sides(test, atom.context._replace(plus=None), reading)
                for o in for_by:
                    kinds[o.kind] = kinds.get(o.kind, 0) | columns
                    documents[o.citation.source.id] = documents.get(o.citation.source.id, 0) | columns
                if for_by or against_by:
                    decided |= columns
                    self.sides.append((columns, looking, for_by, against_by))
            self.judged &= decided
        self.two = at_least(2, list(kinds.values()), full) & at_least(2, list(documents.values()), full)

    def marks(self, context: Context) -> Plane:
        """Two kinds of evidence and two documents under the tests that are met, or every test decided without."""
        recent, under, beside = context._replace(within=None), 0, 0
        for columns, looking, for_by, against_by in self.sides:
            if looking.counts(for_by, recent):
                under, beside = under | columns, beside | columns
            elif looking.counts(against_by, recent):
                beside |= columns
        return self.two & under, self.judged & ~self.two & beside
