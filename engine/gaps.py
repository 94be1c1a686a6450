"""What could be given so that a rule's tests show every outcome of its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from engine.coverage import SHOWN, Premise, Shown, Unit, shown_by
from engine.premises import Given, keys
from engine.variants import Trial, bits, compile_versions
from engine.witnesses import Candidate, Expected, Trying, Witness, standing_of
from kb.conditions import HeadIs, ProtectiveIs
from kb.model import State

WAYS = 8
"""So many ways in which a rule holds are tried with one of its conditions otherwise."""


class Gap(NamedTuple):
    """Conditions of one rule of which no test shows an outcome (None: that they decide), and what would, if found."""

    shown: tuple[Shown, ...]
    outcome: State | None
    witness: Witness | None


def gaps(trying: Trying, shown: Iterable[Shown]) -> Iterator[Gap]:
    """Every outcome that no test shows: as many conditions of a rule as one test can show stand together."""
    short = [one for one in shown if one.missing or not one.decides]
    for unit in dict.fromkeys(one.unit for one in short):
        own = [one for one in short if one.unit == unit]
        for outcome in (*SHOWN, None):
            left = [one for one in own if (outcome in one.missing if outcome else not one.decides)]
            yield from _closed(trying, unit, outcome, left)


def _closed(trying: Trying, unit: Unit, outcome: State | None, left: list[Shown]) -> Iterator[Gap]:
    tried = [[*_together(trying, unit, outcome, left)], [*_one_by_one(trying, unit, outcome, left)]]
    for some in tried:
        candidates = [one for given in some if left and (one := trying.candidate(given, unit.rules)) is not None]
        if candidates:
            trial = Trial.of([one.test for one in candidates], trying.knowledge,
                             compile_versions(trying.knowledge.in_force, ()))
            shows = _shows(trial, unit, outcome)
            while left:
                best = max(shows, key=lambda at: (_count(shows[at], left), -at))
                here = tuple(one for one in left if one.premise in shows[best])
                if not here:
                    break
                left = [one for one in left if one not in here]
                yield Gap(here, outcome, _witness(trying, unit, candidates[best], trial, best))
    if left:
        yield Gap(tuple(left), outcome, None)


def _shows(trial: Trial, unit: Unit, outcome: State | None) -> dict[int, list[Premise]]:
    """Of each column, the conditions that it shows in that state (None: that decide there)."""
    found: dict[int, list[Premise]] = {at: [] for at in range(trial.tests)}
    for shown in shown_by(trial, unit):
        for at in bits(shown.decides if outcome is None else shown.states[outcome]):
            found[at].append(shown.premise)
    return found


def _count(premises: Sequence[Premise], left: Sequence[Shown]) -> int:
    return sum(one.premise in premises for one in left)


def _together(trying: Trying, unit: Unit, outcome: State | None, left: Sequence[Shown]) -> Iterator[Given]:
    """All of them in that state at once; beside what makes the rule hold, and by themselves."""
    given: Given = {}
    if outcome is not None:
        for one in left:
            given |= _in_state(trying, one.premise, outcome)
    gone = frozenset[str]().union(*(keys(one.premise) for one in left))
    for base in (*_holding(trying, unit), Given()):
        kept = {key: text for key, text in base.items() if key not in gone}
        yield {**kept, **given}
    yield given


def _one_by_one(trying: Trying, unit: Unit, outcome: State | None, left: Sequence[Shown]) -> Iterator[Given]:
    """Each of them by itself, in each of the ways in which it could stand, beside what makes the rule hold."""
    bases = [Given(), *_holding(trying, unit)]
    yield from bases
    for one in left:
        gone = keys(one.premise)
        wanted = _in_state(trying, one.premise, outcome) if outcome is not None else Given()
        options = [wanted, *trying.premises.options_of(one.premise)]
        for base in bases:
            yield from ({**{key: text for key, text in base.items() if key not in gone}, **option}
                        for option in options)


def _holding(trying: Trying, unit: Unit) -> list[Given]:
    return [given for rule in unit.rules for given in islice(trying.premises.holding(rule), WAYS)]


def _in_state(trying: Trying, premise: Premise, state: State) -> Given:
    """One condition in one state; nothing is given of what is not known."""
    if state is State.NOT_KNOWN:
        return {}
    present = state is State.PRESENT
    match premise:
        case HeadIs():
            return {premise.id: trying.premises.levels(premise)[-1] if present else state.value}
        case ProtectiveIs():
            return {premise.id: "yes" if present else "no"}
        case _:
            return next(trying.premises.met(premise.test, None, present), {})


def _witness(trying: Trying, unit: Unit, candidate: Candidate, trial: Trial, at: int) -> Witness:
    head = unit.rules[0].head
    view = trial.usual()
    standing = standing_of((head.kind, head.id), view.stands(head.kind, head.id), at)
    named = {} if head.kind == "signature" else {
        "because" if view.holds(unit.id) >> at & 1 else "not_because": unit.id}
    return Witness(candidate.given, trying.as_at, unit.id, Expected(standing, **named))
