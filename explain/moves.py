"""What moves between two versions of rules over cases and days: gained, lost, otherwise, for another reason, nearer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from engine.assess import Assessment
from engine.days import DAY
from engine.nearmiss import one_short, wanting
from engine.program import Proposition
from engine.resting import Resting
from engine.tracing import Tracing
from engine.versions import Head, Version, Versions
from explain.evidence import SHOWN
from explain.moments import Standing, standing_of
from kb.alike import affected
from kb.conditions import HELD, LADDERS, Condition, HeadIs, Rule, conditions_of
from kb.dossier import Case, Observation
from kb.model import State

RESULT, GAINED, LOST, LEVEL, REASON, NEARER, FURTHER, KNOWN = (
    "result", "gained", "lost", "level", "reason", "nearer", "further", "known")
"""How something moves: the overall result; a conclusion gained, lost, at another level or state, or the same for
another reason; one condition short of holding, or no longer so; known otherwise, though present in neither."""
NEAR = ("mechanism", "picture", "channel")
"""The kinds of conclusion that may be told to be near: a signature has signs, and a result is told whole."""
WHOLE = ("result", "")
"""The overall result."""


class Reason(NamedTuple):
    """What a move rests on: observations that come and go, and of a near miss the conditions that do not hold."""

    come: tuple[Observation, ...] = ()
    gone: tuple[Observation, ...] = ()
    wanting: tuple[Condition, ...] = ()
    rule: str = ""


class Move(NamedTuple):
    """Something that comes out otherwise for one case from a day on, to another (None: to the end of what is known).

    `rules`: those that are not the same in both versions, by which it does.
    """

    what: str
    head: Head
    before: Standing
    after: Standing
    rules: tuple[str, ...]
    case: Case
    first: date
    last: date | None
    reason: Reason = Reason()


def moves(versions: Versions) -> tuple[Move, ...]:
    """Everything that moves, in the order of kinds and ids, then of cases and days."""
    return tuple(_Moves(versions).all())


class _Moves:
    """Finds moves: first on what the changed rules rest on, then whole on the days on which anything may move."""

    def __init__(self, versions: Versions) -> None:
        self.versions, self.tracing, self.resting = versions, Tracing(versions), Resting(versions)
        self.both = (versions.old, versions.new)
        knowledge = (versions.old.ready.knowledge, versions.new.ready.knowledge)
        self.results = [("result", id) for kb in knowledge for id in kb.results()]
        self.in_force = [{rule.id: rule for rule in kb.in_force} for kb in knowledge]
        every = (1 << len(versions.days)) - 1
        versions.look()
        changed = [rule for rules in self.in_force for rule in rules.values() if rule.id in versions.rules]
        reordered = knowledge[0].results() != knowledge[1].results()
        self.wanted = every if reordered else (versions.turned() | self.resting.rests_otherwise(versions.concluded)
                                               | self._near_moves(changed, every))
        versions.look_whole(self.wanted)
        kinds = tuple(LADDERS)
        self.heads = sorted((head for head in affected(*knowledge, versions.rules) if head[0] != "result"),
                            key=lambda head: (kinds.index(head[0]), head[1]))

    def all(self) -> Iterator[Move]:
        if self.wanted:
            yield from self._results()
            for head in self.heads:
                yield from self._stands(head)
                yield from self._reasons(head)
            yield from self._near()

    def _results(self) -> Iterator[Move]:
        """Where another overall result is told, and where the same is told for another reason."""
        def told(it: Assessment) -> Standing:
            return Standing(State.PRESENT, it.result, it.contested_results)
        yield from self._runs(WHOLE, self.wanted, told, lambda one, other: "" if one == other else RESULT)
        for id in self.versions.new.ready.knowledge.results():
            head = Proposition("result", id, HELD[0])
            alike = 0
            for first, last in self._stretches(self.resting.rests_otherwise([head], self.wanted), WHOLE):
                if all(it.result == id for it in self.versions.pair(first)):
                    alike |= (1 << last + 1) - (1 << first)
            yield from self._held(head, WHOLE, alike, told)

    def _stands(self, head: Head) -> Iterator[Move]:
        """Where a signature or conclusion stands otherwise."""
        yield from self._runs(head, self.versions.head(*head) & self.wanted, lambda it: standing_of(it, *head), _how)

    def _reasons(self, head: Head) -> Iterator[Move]:
        """Where it is present at the same level in both, by other rules or on other observations."""
        left = self.wanted & ~self.versions.head(*head)
        for level in reversed(LADDERS[head[0]]):
            asked = Proposition(*head, level)
            days = self.resting.rests_otherwise([asked], left)
            yield from self._held(asked, head, days, lambda it: standing_of(it, *head))
            node = self.versions.new.ready.program.heads.get(asked)
            left &= -1 if node is None else ~self.versions.either(self.versions.new.planes[node][0])

    def _held(self, asked: Proposition, head: Head, days: int, told: Told) -> Iterator[Move]:
        """Moves to another reason, each with the observations that come and go on its first day."""
        for move, column in self._periods(head, days, told, lambda _one, _other: REASON):
            grounds = self.resting.grounds(asked, self.versions.twice(1 << column))
            one, other = self.resting.observations(grounds, column)
            come, gone = (tuple(some[key] for key in sorted(some.keys() - rest.keys(), key=repr))
                          for some, rest in ((other, one), (one, other)))
            rules = sorted(self.versions.rules & (grounds[0].rules.keys() | grounds[1].rules.keys()))
            yield move._replace(rules=tuple(rules), reason=Reason(come, gone))

    def _runs(self, head: Head, days: int, told: Told, how: How) -> Iterator[Move]:
        """Moves of one head, each with the changed rules that it goes back to."""
        asked = self.results if head == WHOLE else [head]
        for move, column in self._periods(head, days, told, how):
            rules = self.tracing.causes(self.versions.pair(column), asked)
            yield move._replace(rules=rules)

    def _periods(self, head: Head, days: int, told: Told, how: How) -> Iterator[tuple[Move, int]]:
        """Neighbouring days of one case on which the same moves in the same way, as one; with the first of them."""
        begun: tuple[Move, int] | None = None
        following = -1
        for column, last in self._stretches(days, head):
            one, other = self.versions.pair(column)
            was, now = told(one), told(other)
            what, until = how(was, now), self._until(last)
            if begun is not None and column == following and begun[0][2:4] == (was, now) and begun[0].case is one.case:
                begun = begun[0]._replace(last=until), begun[1]
            else:
                if begun is not None and begun[0].what:
                    yield begun
                begun = Move(what, head, was, now, (), one.case, one.as_at, until), column
            following = last + 1
        if begun is not None and begun[0].what:
            yield begun

    def _stretches(self, days: int, head: Head) -> Iterator[tuple[int, int]]:
        """The first and the last of neighbouring days of one case, among some, on which something stands alike."""
        return self.versions.stretches(days, self.results if head == WHOLE else [head])

    def _until(self, column: int) -> date | None:
        """The last day before the next on which anything may change; None on the last day of a course."""
        course, place = self.versions.days[column]
        days = self.versions.new.courses[course].days
        return days[place + 1] - DAY if place + 1 < len(days) else None

    # Near misses.

    def _near(self) -> Iterator[Move]:
        """Rules that are one condition short of holding in one version alone, where their conclusion holds in neither.
        """
        for id in sorted(self.in_force[0].keys() | self.in_force[1].keys()):
            rules = [rules.get(id) for rules in self.in_force]
            head = next((rule.head.kind, rule.head.id) for rule in rules if rule is not None)
            short = self._short(rules)
            for what, days, side in ((NEARER, short[1] & ~short[0], 1), (FURTHER, short[0] & ~short[1], 0)):
                yield from self._short_of(what, head, days & self.wanted, rules[side], side)

    def _short_of(self, what: str, head: Head, days: int, rule: Rule | None, side: int) -> Iterator[Move]:
        for move, column in self._periods(head, days, lambda it: standing_of(it, *head), lambda _one, _other: what):
            assert rule is not None
            pair = self.versions.pair(column)
            asked = [(c.kind, c.id) for c in conditions_of(rule) if isinstance(c, HeadIs)]
            causes = {*self.tracing.causes(pair, asked), *({rule.id} & self.versions.rules)}
            missing = wanting(pair[side].program, pair[side].model, rule)
            yield move._replace(rules=tuple(sorted(causes)), reason=Reason(
                wanting=tuple(premise.condition for premise in missing), rule=rule.id))

    def _near_moves(self, changed: Iterable[Rule], every: int) -> int:
        """The days on which one of the rules that are not the same is one condition short in one version alone."""
        found = 0
        for id in {rule.id for rule in changed}:
            one, other = self._short([rules.get(id) for rules in self.in_force])
            found |= one ^ other
        return found & every

    def _short(self, rules: Sequence[Rule | None]) -> list[int]:
        """The days on which a rule is one condition short, by old and new, and its conclusion is present in neither."""
        shown = 0
        found = []
        for version, rule in zip(self.both, rules, strict=True):
            found.append(0 if rule is None else self._both_readings(version, rule))
            shown |= 0 if rule is None else self._shown(rule)
        return [days & ~shown for days in found]

    def _both_readings(self, version: Version, rule: Rule) -> int:
        width = len(self.versions.days)
        if not rule.head.found or rule.head.kind not in NEAR:
            return 0
        plane = one_short(version.ready.program, version.planes, rule, 2 * width)
        return plane & plane >> width

    def _shown(self, rule: Rule) -> int:
        """The days on which what a rule concludes has a mark for at its level, by either version."""
        asked = Proposition(rule.head.kind, rule.head.id, rule.head.level)
        nodes = ((version, version.ready.program.heads.get(asked)) for version in self.both)
        return self.versions.either(sum_of(version.planes[node][0] for version, node in nodes if node is not None))


Told = Callable[[Assessment], Standing]
"""How something stands in an assessment."""
How = Callable[[Standing, Standing], str]
"""How something moves that stands so by the old version, and so by the new; "" where it does not."""


def sum_of(planes: Iterable[int]) -> int:
    """Where any of some planes has a mark."""
    found = 0
    for plane in planes:
        found |= plane
    return found


def _how(before: Standing, after: Standing) -> str:
    if before == after:
        return ""
    shown = before.state in SHOWN, after.state in SHOWN
    return {(False, True): GAINED, (True, False): LOST, (True, True): LEVEL, (False, False): KNOWN}[shown]
