"""The numbers of `backtest` by another route: plain Python, one judgement at a time, each assessed as a single case."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from engine.assess import Assessment, Assessor
from engine.program import Op, Program
from kb.dates import add_months
from kb.dossier import Case, Observation
from kb.model import State

LOWEST, ESTIMATE = "inadequate", {"SIF": 70}
Thing = tuple[str, str, str]
"""Kind, id and level of a conclusion; a rule has no level."""


class One(NamedTuple):
    """One judgement, and what was made of the single case as at the day before it began."""

    authority: str
    published: date
    began: date
    lowest: bool
    now: Assessment


def judgements(path: Path, framework: str, area: str) -> list[tuple[str, date, date, bool]]:
    """The judgements of one area under one framework: whose, published, begun, and whether at the lowest grade."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["framework"], row["judgement_area"]) == (framework, area)]
    found = []
    for row in rows:
        published = date.fromisoformat(row["date"])
        began = (date.fromisoformat(row["inspection_date"]) if row["inspection_date"]
                 else published - timedelta(days=ESTIMATE[framework]))
        found.append((row["authority_code"], published, began, row["judgement"] == LOWEST))
    return sorted(found)


def assessed(assessor: Assessor, held: Iterable[Observation], asked: Iterable[tuple[str, date, date, bool]],
             before: dict[tuple[str, date], Assessment]) -> list[One]:
    """Each judgement as a case of its own, with nothing in it that was not public the day before it began.

    `before`: cases that were assessed for another area already.
    """
    by_code: dict[str, list[Observation]] = defaultdict(list)
    for one in held:
        by_code[one.authority].append(one)
    found = []
    for code, published, began, lowest in asked:
        eve = began - timedelta(days=1)
        public = tuple(one for one in by_code[code] if one.known <= eve)
        if (code, eve) not in before:
            before[code, eve] = assessor.assess(Case(code, code, code, code, public), eve)
        found.append(One(code, published, began, lowest, before[code, eve]))
    return found


def node_of(program: Program, thing: Thing) -> int:
    """The node of a conclusion or rule."""
    kind, id, level = thing
    if kind == "rule":
        return program.rules[id]
    node = program.head(kind, id, level or "held")
    assert node is not None
    return node


def under(program: Program, node: int) -> set[int]:
    """The tests under a node; of what rests on none, all tests."""
    seen, waiting, atoms, constant = set[int](), [node], set[int](), False
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting += program.nodes[at].args
            atoms |= {at} if program.nodes[at].op is Op.ATOM else set()
            constant |= not program.nodes[at].args and program.nodes[at].op is not Op.ATOM
    return {place for _, place in program.atoms} if constant else atoms


def present(one: Assessment, thing: Thing) -> bool:
    """Whether it is present; of several results that hold, only the first is."""
    return one.result == thing[1] if thing[0] == "result" else one.state(node_of(one.program, thing)) is State.PRESENT


class Counts(NamedTuple):
    """What `backtest` counts of one thing."""

    evaluable: int
    lowest: int
    present: int
    hits: int


def looked_at(found: Sequence[One], thing: Thing) -> list[One]:
    """The judgements at which some test under the thing was met or not met."""
    tests = under(found[0].now.program, node_of(found[0].now.program, thing))
    return [one for one in found if any(any(one.now.model[test]) for test in tests)]


def counts(some: Iterable[tuple[bool, bool]]) -> Counts:
    """The counts of pairs: at the lowest grade, and present."""
    pairs = list(some)
    return Counts(len(pairs), sum(low for low, _ in pairs), sum(there for _, there in pairs),
                  sum(low and there for low, there in pairs))


def interval(found: Sequence[One], some: Sequence[One], thing: Thing, draws: int = 2000, seed: int = 2013,
             ) -> tuple[float, float]:
    """Within what the lift lies: authorities drawn with replacement, the middle 95 of 100 by rank."""
    mine: dict[str, list[tuple[bool, bool]]] = {code: [] for code in sorted({one.authority for one in found})}
    for one in some:
        mine[one.authority].append((one.lowest, present(one.now, thing)))
    each = [counts(pairs) for pairs in mine.values()]
    drawn, lifts = random.Random(seed).choices(range(len(each)), k=len(each) * draws), []
    for start in range(0, len(drawn), len(each)):
        n, low, there, hits = map(sum, zip(*(each[at] for at in drawn[start:start + len(each)]), strict=True))
        if low and there:
            lifts.append((hits / there) / (low / n))
    lifts.sort()
    beyond = int(len(lifts) * 0.025)
    return lifts[beyond], lifts[-1 - beyond]


def months_stood(assessor: Assessor, one: One, held: Sequence[Observation], thing: Thing) -> int:
    """For how many whole months before a judgement began the thing was present at the end of every month."""
    eve, since = one.began - timedelta(days=1), one.began - timedelta(days=1)
    oldest = add_months(eve, -60)
    end = eve if (eve + timedelta(days=1)).day == 1 else eve.replace(day=1) - timedelta(days=1)
    while end >= oldest:
        public = tuple(o for o in held if o.authority == one.authority and o.known <= end)
        if not present(assessor.assess(Case("X", "X", one.authority, "X", public), end), thing):
            break
        since, end = end, end.replace(day=1) - timedelta(days=1)
    whole = (one.began.year - since.year) * 12 + one.began.month - since.month
    return whole - (one.began.day < since.day)
