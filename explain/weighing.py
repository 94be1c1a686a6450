"""Two versions of a knowledge base weighed against one another: over cases, over a table, over all combinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from engine.bits import Plane, evaluate, stretched
from engine.compiling import compile_onto
from engine.days import Course, columns_in, course, finer, one_day, periods_asked, planes_of_days, turns
from engine.evidence import Evidence
from engine.meaning.same import meant
from engine.prepared import Prepared
from engine.program import Program
from engine.versions import Version, Versions
from explain.impact import Impact
from explain.moves import Move, moves
from explain.names import Names
from explain.nation import Nation
from kb.dossier import Case, Observation
from kb.edits import Edits, edits
from kb.knowledge import Knowledge
from kb.model import Problem, Vocabulary


class Table(NamedTuple):
    """The rows of a table, the day on which they are looked at, and the groups of its authorities."""

    rows: Sequence[Observation]
    as_at: date
    groups: Mapping[str, Mapping[str, str]]


def read_tables(files: Sequence[tuple[Path, str]], knowledge: Knowledge, as_at: date | None = None,
                ) -> tuple[Table | None, tuple[Problem, ...]]:
    """The rows and groups of long tables (each with what it is called to people), and every problem of them.

    `as_at`: the day on which they are looked at; the last on which something in them became public where none is given.
    No table where there are no files, or where one has problems.
    """
    if not files:
        return None, ()
    from engine.tablerows import observations  # polars is not needed where there is no table
    from kb.longtables import read_long
    from kb.tablegroups import read_groups

    read = [read_long(path, knowledge.vocabulary, name) for path, name in files]
    grouped = [read_groups(path, name) for path, name in files]
    problems = tuple(sorted(problem for _, some in (*read, *grouped) for problem in some))
    if problems:
        return None, problems
    rows = [row for frame, _ in read if frame is not None for row in observations(frame, knowledge.vocabulary)]
    groups: dict[str, dict[str, str]] = {}
    for found, _ in grouped:
        for column, of in found.of.items():
            groups.setdefault(column, {}).update(of)
    return Table(rows, as_at or max(row.known for row in rows), groups), ()


class Side(NamedTuple):
    """Some cases on their days; what one version's rules make of every test on these days, and of everything."""

    courses: tuple[Course, ...]
    known: Mapping[int, Plane] = {}
    planes: Sequence[Plane] = ()


@dataclass(frozen=True)
class Kept:
    """What one version makes of the cases and of the table, worked out once for all edits that are weighed against it.
    """

    old: Prepared
    cases: Sequence[Case]
    table: Table | None

    @cached_property
    def of_cases(self) -> Side:
        """The cases at all their change points."""
        turning = turns(self.old.knowledge.vocabulary, self.old.program)
        found = (course(case, turning, self.old.knowledge.vocabulary) for case in self.cases)
        return self._side([one for one in found if one is not None])

    @cached_property
    def of_table(self) -> Side:
        """The authorities of the table on its day."""
        assert self.table is not None
        vocabulary = self.old.knowledge.vocabulary
        cases = _authorities(self.table, vocabulary)
        return self._side([one_day(case, self.table.as_at, vocabulary) for case in cases])

    def serves(self, new: Knowledge, differing: Edits) -> bool:
        """Whether an edit of it reads the same evidence, in the same way."""
        held = self.old.knowledge.vocabulary.indicators.keys()
        return not differing.reading and new.vocabulary.indicators.keys() <= held

    def of_cases_by(self, new: Program) -> Side:
        """The same, also on the days on which something may change by an edit, whose program is put on top of its own.

        On these all is as it was on the day before of those that it looked at itself.
        """
        vocabulary, before, side = self.old.knowledge.vocabulary, self.old.program.atoms, self.of_cases
        asked = periods_asked((atom for atom, _ in before), vocabulary)
        also = periods_asked((atom for atom, _ in new.atoms[len(before):]), vocabulary)
        more = [id for id, some in also.items() if id not in asked or not (
            some.months <= asked[id].months and some.shifts <= asked[id].shifts)]
        if not more:
            return side
        turning = turns(vocabulary, new)
        courses = tuple(finer(one, turning, more) for one in side.courses)
        *starts, end = columns_in(courses, side.courses)
        starts += [*(end + start for start in starts), 2 * end]

        @cache
        def wider(plane: Plane) -> Plane:
            return stretched(plane[0], starts), stretched(plane[1], starts)
        known = {place: wider(plane) for place, plane in side.known.items()}
        return Side(courses, known, list(map(wider, side.planes)))

    def let_go(self, new: Program) -> None:
        """Lets go of what was decided for tests that only an edit asks for: many edits take no more room than one."""
        before = self.old.program.atoms
        own, more = ({(test, atom.context.shift) for atom, _ in atoms for test in atom.tests}
                     for atoms in (before, new.atoms[len(before):]))
        for one in (*self.of_cases.courses, *(self.of_table.courses if self.table else ())):
            for looking in one.looks.values():
                for asked in more - own:
                    looking.decided.pop(asked, None)

    def _side(self, courses: Sequence[Course]) -> Side:
        atoms = planes_of_days(self.old.program, courses, {})
        width = 2 * sum(len(one.days) for one in courses)
        return Side(tuple(courses), dict(enumerate(atoms)), evaluate(self.old.program, atoms, width))


def weigh(old: Prepared, knowledge: Knowledge, before: str, cases: Sequence[Case], table: Table | None = None,
          kept: Kept | None = None) -> Impact:
    """Everything that differs between two versions, for cases at all their change points and a table on one day.

    `before` names the old version. Cases are read by the new vocabulary; what only the old one knew of is left aside.
    `kept`: what the old version makes of the same cases and table, where that is known; what is found is the same.
    """
    new = Prepared(knowledge, compile_onto(old.knowledge, old.program, knowledge))
    differing = edits(old.knowledge, knowledge)
    if kept is not None and kept.serves(knowledge, differing):
        side = kept.of_cases_by(new.program)
        moved = _moved(old, new, differing, side, side.courses)
        nation = None if table is None else Nation(
            table.as_at, tuple(one.case for one in kept.of_table.courses),
            _moved(old, new, differing, kept.of_table, kept.of_table.courses), table.groups)
        kept.let_go(new.program)
        return _impact(old, new, before, differing, moved, side.courses, nation)
    turning = [turns(ready.knowledge.vocabulary, new.program) for ready in (old, new)]

    def either(o: Observation) -> frozenset[date]:
        return turning[1](o) | turning[0](o) if differing.reading else turning[1](o)
    by_new = tuple(found for case in cases if (found := course(case, either, new.knowledge.vocabulary)) is not None)
    by_old = [_again(one, old.knowledge.vocabulary) for one in by_new] if differing.reading else by_new
    moved = _moved(old, new, differing, Side(tuple(by_old)), by_new)
    nation = None if table is None else _nation(old, new, differing, table)
    return _impact(old, new, before, differing, moved, by_new, nation)


def _impact(old: Prepared, new: Prepared, before: str, differing: Edits, moved: tuple[Move, ...],
            looked_at: Sequence[Course], nation: Nation | None) -> Impact:
    vocabulary = replace(new.knowledge.vocabulary, indicators={
        **old.knowledge.vocabulary.indicators, **new.knowledge.vocabulary.indicators})
    return Impact(
        Names(old.knowledge), Names(_told(old.knowledge, new.knowledge, vocabulary)), before, differing,
        meant(old, new, differing.rules), moved, len(looked_at), sum(len(one.days) for one in looked_at), nation)


def _moved(old: Prepared, new: Prepared, differing: Edits, by_old: Side, by_new: Sequence[Course]) -> tuple[Move, ...]:
    if not differing.rules or not by_new:
        return ()
    before = Version(old, by_old.courses, by_old.planes, by_old.known)
    after = Version(new, tuple(by_new), by_old.planes, by_old.known)
    return moves(Versions(before, after, differing.rules, alike=not differing.reading))


def _again(one: Course, vocabulary: Vocabulary) -> Course:
    """The same days as another vocabulary reads them."""
    held = [o for o in one.case.observations if o.indicator in vocabulary.indicators]
    return Course(one.case, one.days, Evidence.of(held, vocabulary), one.turning)


def _nation(old: Prepared, new: Prepared, differing: Edits, table: Table) -> Nation:
    """The authorities of a table as two versions look at them."""
    vocabulary = new.knowledge.vocabulary
    cases = _authorities(table, vocabulary)
    by_new = [one_day(case, table.as_at, vocabulary) for case in cases]
    by_old = [_again(one, old.knowledge.vocabulary) for one in by_new] if differing.reading else by_new
    return Nation(table.as_at, cases, _moved(old, new, differing, Side(tuple(by_old)), by_new), table.groups)


def _authorities(table: Table, vocabulary: Vocabulary) -> tuple[Case, ...]:
    """What a table holds of each authority, as cases in the order of their codes."""
    names = {code: a.name for a in vocabulary.authorities.values() for code in (*a.earlier_codes, a.id)}
    rows: dict[str, list[Observation]] = {}
    for row in table.rows:
        rows.setdefault(row.authority, []).append(row)
    return tuple(Case(code, names.get(code, code), code, names.get(code, code), tuple(rows[code]))
                 for code in sorted(rows))


def _told(old: Knowledge, new: Knowledge, vocabulary: Vocabulary) -> Knowledge:
    """The new version, by which also what only the old one knew of has a name."""
    known = {(rule.head.kind, rule.head.id) for rule in new.in_force}
    gone = (rule for rule in old.in_force if (rule.head.kind, rule.head.id) not in known)
    return new._replace(vocabulary=vocabulary, rules=(*new.rules, *gone))
