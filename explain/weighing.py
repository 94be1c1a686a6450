"""Two versions of a knowledge base weighed against one another: over cases, over a table, over all combinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from engine.days import Course, course, one_day, turns
from engine.evidence import Evidence
from engine.meaning.same import meant
from engine.prepared import Prepared
from engine.versions import Version, Versions
from explain.impact import Impact
from explain.moves import Move, moves
from explain.names import Names
from explain.nation import Nation
from kb.dossier import Case, Observation
from kb.edits import Edits, edits
from kb.knowledge import Knowledge
from kb.model import Vocabulary


class Table(NamedTuple):
    """The rows of a table, the day on which they are looked at, and the groups of its authorities."""

    rows: Sequence[Observation]
    as_at: date
    groups: Mapping[str, Mapping[str, str]]


def weigh(old: Prepared, new: Prepared, before: str, cases: Sequence[Case], table: Table | None = None) -> Impact:
    """Everything that differs between two versions, for cases at all their change points and a table on one day.

    `before` names the old version. Cases are read by the new vocabulary; what only the old one knew of is left aside.
    """
    differing = edits(old.knowledge, new.knowledge)
    turning = [turns(ready.knowledge.vocabulary, old.program, new.program) for ready in (old, new)]

    def either(o: Observation) -> frozenset[date]:
        return turning[1](o) | turning[0](o) if differing.reading else turning[1](o)
    by_new = [found for case in cases if (found := course(case, either, new.knowledge.vocabulary)) is not None]
    by_old = [_again(one, old.knowledge.vocabulary) for one in by_new] if differing.reading else by_new
    moved = _moved(old, new, differing, by_old, by_new)
    nation = None if table is None else _nation(old, new, differing, table)
    vocabulary = replace(new.knowledge.vocabulary, indicators={
        **old.knowledge.vocabulary.indicators, **new.knowledge.vocabulary.indicators})
    return Impact(
        Names(old.knowledge), Names(_told(old.knowledge, new.knowledge, vocabulary)), before, differing,
        meant(old, new, differing.rules), moved, len(by_new), sum(len(one.days) for one in by_new), nation)


def _moved(old: Prepared, new: Prepared, differing: Edits, by_old: Sequence[Course], by_new: Sequence[Course],
           ) -> tuple[Move, ...]:
    if not differing.rules or not by_new:
        return ()
    return moves(Versions(Version(old, tuple(by_old)), Version(new, tuple(by_new)), differing.rules,
                          alike=not differing.reading))


def _again(one: Course, vocabulary: Vocabulary) -> Course:
    """The same days as another vocabulary reads them."""
    held = [o for o in one.case.observations if o.indicator in vocabulary.indicators]
    return Course(one.case, one.days, Evidence.of(held, vocabulary), one.turning)


def _nation(old: Prepared, new: Prepared, differing: Edits, table: Table) -> Nation:
    """The authorities of a table, in the order of their codes."""
    vocabulary = new.knowledge.vocabulary
    names = {code: a.name for a in vocabulary.authorities.values() for code in (*a.earlier_codes, a.id)}
    rows: dict[str, list[Observation]] = {}
    for row in table.rows:
        rows.setdefault(row.authority, []).append(row)
    cases = tuple(Case(code, names.get(code, code), code, names.get(code, code), tuple(rows[code]))
                  for code in sorted(rows))
    by_new = [one_day(case, table.as_at, vocabulary) for case in cases]
    by_old = [_again(one, old.knowledge.vocabulary) for one in by_new] if differing.reading else by_new
    return Nation(table.as_at, cases, _moved(old, new, differing, by_old, by_new), table.groups)


def _told(old: Knowledge, new: Knowledge, vocabulary: Vocabulary) -> Knowledge:
    """The new version, by which also what only the old one knew of has a name."""
    known = {(rule.head.kind, rule.head.id) for rule in new.in_force}
    gone = (rule for rule in old.in_force if (rule.head.kind, rule.head.id) not in known)
    return new._replace(vocabulary=vocabulary, rules=(*new.rules, *gone))
