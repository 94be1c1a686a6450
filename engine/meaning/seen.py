"""Where a finding is seen in real cases: the first of some cases and dates at which what it says holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

from engine.assess import Asked
from engine.bits import NOTHING, Plane, evaluate
from engine.evidence import Evidence
from engine.meaning.findings import Finding
from engine.planes import Column, Looking, planes_seen
from engine.program import Group, Program
from kb.keeping import Keep, made_anew
from kb.model import Vocabulary


class Looked(NamedTuple):
    """The program that findings speak of, the vocabulary, and where the marks of each case (by identity) are kept."""

    program: Program
    vocabulary: Vocabulary
    keep: Mapping[int, Keep]


def seen(findings: Sequence[Finding], asked: Sequence[Asked], looked: Looked) -> tuple[Asked | None, ...]:
    """For each finding the first case and date (in either reading of disputed evidence), by one evaluation of all.

    None for what too little evidence reaches: in a case there is always more.
    """
    sought = [finding.wants if finding.head is None else () for finding in findings]
    if not asked or not any(sought):
        return (None,) * len(findings)
    found = evaluate(looked.program, _planes(asked, looked), 2 * len(asked))
    full, first = (1 << 2 * len(asked)) - 1, list[Asked | None]()
    for wants in sought:
        held = full if wants else 0
        for want in wants:
            plane = found[want.node][0]
            held &= plane if want.there else full & ~plane
        either = (held | held >> len(asked)) & ((1 << len(asked)) - 1)
        first.append(asked[(either & -either).bit_length() - 1] if either else None)
    return tuple(first)


def _planes(asked: Sequence[Asked], looked: Looked) -> list[Plane]:
    """The planes of all atoms, put together of what each case says of the tests of the same indicators."""
    built, start = [[0, 0] for _ in looked.program.atoms], 0
    slices = list(_slices(looked.program))
    for _, several in groupby(asked, key=lambda one: id(one.case)):
        days = list(several)
        for place, plane in _of_case(days, slices, looked):
            for side, bits in enumerate(plane if plane != NOTHING else ()):
                low, high = bits & (1 << len(days)) - 1, bits >> len(days)
                built[place][side] |= low << start | high << (start + len(asked))
        start += len(days)
    return [(for_, against) for for_, against in built]


class Slice(NamedTuple):
    """The atoms that look at the same indicators, as a program without rules; their places in it, and words."""

    indicators: frozenset[str]
    atoms: Program
    places: tuple[int, ...]
    words: bytes


def _slices(program: Program) -> Iterator[Slice]:
    by_indicators: dict[frozenset[str], list[Group]] = {}
    for group in program.groups:
        by_indicators.setdefault(group.indicators, []).append(group)
    for indicators, groups in by_indicators.items():
        places = tuple(place for group in groups for place in group.places)
        new = {place: i for i, place in enumerate(places)}
        moved = tuple(group._replace(places=tuple(new[place] for place in group.places)) for group in groups)
        atoms = tuple(program.atoms[place] for place in places)
        yield Slice(indicators, Program((), atoms, {}, {}, moved, ()), places, repr([a for a, _ in atoms]).encode())


def _of_case(asked: Sequence[Asked], slices: Iterable[Slice], looked: Looked) -> Iterator[tuple[int, Plane]]:
    """The marks of atoms in one case at some dates, each pair as wide as for this case alone."""
    case, lookings = asked[0].case, list[Looking]()
    held, days = {o.indicator for o in case.observations}, repr([one.as_at for one in asked]).encode()
    keep = looked.keep.get(id(case), made_anew)

    def marked(atoms: Program) -> list[Plane]:
        if not lookings:
            evidence = Evidence.of(case.observations, looked.vocabulary)
            lookings.extend(Looking(Column(evidence, one.as_at)) for one in asked)
        return planes_seen(atoms, lookings)

    for some in slices:
        if not held.isdisjoint(some.indicators):
            yield from zip(some.places, keep((b"marks", some.words, days), partial(marked, some.atoms)), strict=True)
