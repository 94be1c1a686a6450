"""Many suppositions at once: each set of alternatives is one column of a single wide evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from engine.assess import Assessment, Model
from engine.bits import Plane, at_least, evaluate
from engine.cones import Cone
from engine.evidence import Evidence, Verdict, in_order, instead
from engine.planes import READINGS, Column, Looking
from engine.program import Atom, Context
from kb.conditions import Test
from kb.dossier import Observation

Set = tuple[int, ...]
"""The places of some alternatives, ascending, no two of one indicator."""
Asked = tuple[Test, int]
"""A test, and how many months earlier it is looked at."""
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
        self.asking: dict[str, dict[Asked, list[int]]] = {}
        for place, (atom, _) in enumerate(cone.program.atoms):
            for test in atom.tests:
                asking = self.asking.setdefault(test.indicator, {})
                asking.setdefault((test, atom.context.shift), []).append(place)
        self.corroborating = {place: {test.indicator for test in atom.tests}
                              for place, (atom, _) in enumerate(cone.program.atoms) if atom.corroboration}
        self.of_indicator: dict[str, list[int]] = {}
        for at, one in enumerate(alternatives):
            self.of_indicator.setdefault(one.indicator, []).append(at)
        self.telling: dict[Asked, list[int]] = {}
        self.found: dict[int, Effect] = {}
        self.single: dict[int, Effect] = {}
        self.lookings: dict[Set, Looking] = {}
        self.under: dict[tuple[Set, Test, Context, bool], Under] = {}

    @cached_property
    def effects(self) -> list[Effect]:
        """What each alternative alone changes: the atoms whose marks are then others."""
        return [self.effect(place) for place in range(len(self.alternatives))]

    def apart(self, place: int) -> Effect:
        """The same of the atoms that look at one test each: those of several are worked out from all that is chosen."""
        if place not in self.single:
            self.single[place] = self._changed(place, self._moved(place) - self.corroborating.keys())
        return self.single[place]

    def effect(self, place: int) -> Effect:
        """The atoms that look at what this alternative changes, where their marks are then others than now."""
        if place not in self.found:
            joined = self._moved(place) & self.corroborating.keys()
            self.found[place] = self.apart(place) | self._changed(place, joined)
        return self.found[place]

    def _moved(self, place: int) -> set[int]:
        """The atoms that look at a test of which something else is then said: the marks of no other can change."""
        asking = self.asking.get(self.alternatives[place].indicator, {})
        return {at for asked, places in asking.items() if place in self._telling(asked) for at in places}

    def _telling(self, asked: Asked) -> list[int]:
        """The alternatives with which something else is said of a test than now."""
        if asked not in self.telling:
            now, alike = _said(self.it.looking.verdict(*asked)), self.of_indicator.get(asked[0].indicator, ())
            self.telling[asked] = [place for place in alike if _said(self.looking((place,)).verdict(*asked)) != now]
        return self.telling[asked]

    def _changed(self, place: int, asked: Iterable[int]) -> Effect:
        looking = self.looking((place,))
        marks = ((at, _marks(looking, self.cone.program.atoms[at][0])) for at in sorted(asked))
        return {at: now for at, now in marks if now != self.base[at]}

    def looking(self, some: Set) -> Looking:
        """The evidence as it would be with these alternatives, looked at on the same day."""
        if some not in self.lookings:
            evidence = self.it.looking.column.evidence
            changed: dict[str, tuple[Observation, ...]] = {}
            for one in (self.alternatives[place] for place in some):
                held = evidence.by_indicator.get(one.indicator, ())
                changed[one.indicator] = in_order(instead(held, one.evidence, changed.get(one.indicator, held)))
            column = Column(Evidence({**evidence.by_indicator, **changed}, evidence.vocabulary), self.it.as_at)
            self.lookings[some] = Looking(column, self.it.looking, changed)
        return self.lookings[some]

    def evaluate(self, sets: Sequence[Set]) -> Columns:
        """Every node of the cone, a column for each set of alternatives."""
        return self.columns(self._chosen(sets), len(sets))

    def columns(self, chosen: dict[int, int], width: int) -> Columns:
        """Every node of the cone; `chosen`: the columns in which each alternative is, as bits."""
        atoms = self._planes(chosen, width)
        split = any((plane ^ plane >> width) & (1 << width) - 1 for marks in atoms for plane in marks)
        if not split:
            atoms = [(for_ & (1 << width) - 1, against & (1 << width) - 1) for for_, against in atoms]
        readings = 2 if split else 1
        return Columns(evaluate(self.cone.program, atoms, readings * width), width, readings)

    def _chosen(self, sets: Sequence[Set]) -> dict[int, int]:
        """The columns in which each alternative is, as bits."""
        rows: dict[int, bytearray] = {}
        for column, some in enumerate(sets):
            byte, bit = column >> 3, 1 << (column & 7)
            for place in some:
                if place not in rows:
                    rows[place] = bytearray(len(sets) // 8 + 1)
                rows[place][byte] |= bit
        return {place: int.from_bytes(row, "little") for place, row in sorted(rows.items())}

    def _planes(self, chosen: dict[int, int], width: int) -> list[Plane]:
        """Every atom's marks: as they are, and in its columns as each alternative has them."""
        full = (1 << width) - 1
        spread = {mark: (full if mark & 1 else 0) | (full << width if mark & 2 else 0) for mark in range(4)}
        planes = [(spread[for_], spread[against]) for for_, against in self.base]
        for place, columns in chosen.items():
            for at, marks in self.apart(place).items():
                planes[at] = _replaced(planes[at], marks, columns, width)
        for at in self.corroborating:
            planes[at] = self.corroborated(at, chosen, width)
        return planes

    def corroborated(self, at: int, chosen: dict[int, int], width: int) -> Plane:
        """The marks of an atom of several tests, for every column at once: what `Looking.marks` says of one."""
        full = (1 << width) - 1
        first = self._corroborated(at, chosen, full, READINGS[0])
        second = self._corroborated(at, chosen, full, READINGS[1]) if self._disputed(at, chosen, full) else first
        return first[0] | second[0] << width, first[1] | second[1] << width

    def _disputed(self, at: int, chosen: dict[int, int], full: int) -> bool:
        """Whether one of an atom's tests is disputed in some column."""
        atom = self.cone.program.atoms[at][0]
        return any(self._evidence(some).verdict(test, atom.context.shift).disputed for test in atom.tests
                   for _, some in self._looked_at((test, atom.context.shift), chosen, full))

    def _evidence(self, some: Set) -> Looking:
        return self.looking(some) if some else self.it.looking

    def _corroborated(self, at: int, chosen: dict[int, int], full: int, reading: bool) -> Plane:
        """Two kinds of evidence and two documents under the tests that are met, or every test decided without."""
        atom = self.cone.program.atoms[at][0]
        kinds, documents, under, beside, judged = dict[str, int](), dict[str, int](), 0, 0, full
        for test in atom.tests:
            decided = 0
            for columns, place in self._looked_at((test, atom.context.shift), chosen, full):
                seen = self._under(place, test, atom.context, reading)
                for found, names in ((kinds, seen.kinds), (documents, seen.documents)):
                    for name in names:
                        found[name] = found.get(name, 0) | columns
                decided |= columns if seen.decided else 0
                under |= columns if seen.under else 0
                beside |= columns if seen.beside else 0
            judged &= decided
        two = at_least(2, list(kinds.values()), full) & at_least(2, list(documents.values()), full)
        return two & under, judged & ~two & beside

    def _looked_at(self, asked: Asked, chosen: dict[int, int], full: int) -> Iterator[tuple[int, Set]]:
        """The columns with each alternative of which the test says something else, and those with none of them."""
        rest = full
        for place in self._telling(asked):
            if place in chosen:
                rest &= ~chosen[place]
                yield chosen[place], (place,)
        if rest:
            yield rest, ()

    def _under(self, some: Set, test: Test, context: Context, reading: bool) -> Under:
        """What stands under one of several tests that are looked at together."""
        key = some, test, context, reading
        if key not in self.under:
            looking, recent = self._evidence(some), context._replace(within=None)
            for_by, against_by = looking.sides(test, context._replace(plus=None), reading)
            self.under[key] = Under(
                frozenset(o.kind for o in for_by), frozenset(o.citation.source.id for o in for_by),
                bool(for_by or against_by), looking.counts(for_by, recent),
                looking.counts([*for_by, *against_by], recent))
        return self.under[key]


class Under(NamedTuple):
    """Of one test: the kinds and documents that meet it, whether it is decided, and on something recent enough."""

    kinds: frozenset[str]
    documents: frozenset[str]
    decided: bool
    under: bool
    beside: bool


def _replaced(plane: Plane, marks: Plane, columns: int, width: int) -> Plane:
    """A plane with other marks in some columns, in both readings."""
    both = columns | columns << width
    for_, against = ((columns if mark & 1 else 0) | (columns << width if mark & 2 else 0) for mark in marks)
    return plane[0] & ~both | for_, plane[1] & ~both | against


def _said(verdict: Verdict) -> tuple[list[object], ...]:
    """All that marks depend on: what stands on each side, about when, of what kind, and in which document."""
    return tuple([(o.about, o.kind, o.citation.source.id) for o in side]
                 for side in (verdict.for_by, verdict.against_by))


def _marks(looking: Looking, atom: Atom) -> Plane:
    """An atom's marks, bit 0 in the first reading and bit 1 in the second."""
    first = second = looking.marks(atom, READINGS[0])
    if any(looking.verdict(test, atom.context.shift).disputed for test in atom.tests):
        second = looking.marks(atom, READINGS[1])
    return first[0] | second[0] << 1, first[1] | second[1] << 1
