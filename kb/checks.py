"""What must hold between files once each has been read: no circles, nothing that rests on nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kb.conditions import LADDERS, HeadIs, conditions_of
from kb.links import Links
from kb.model import Problem
from kb.problems import Code
from kb.rulefiles import Ruleset


def circles(ruleset: Ruleset) -> Iterator[Problem]:
    """Each circle of rules once, with its path, at the condition that closes it."""
    settled: set[str] = set()
    for start in sorted(ruleset.links):
        path = _circle_from(start, ruleset.links, settled)
        if path:
            first = path.index(min(path))
            turned = [*path[first:-1], *path[:first], path[first]]
            yield Problem(ruleset.links[turned[0]][turned[1]], Code.CIRCLE,
                          f"rules rest on one another in a circle: {' -> '.join(turned)}",
                          "take one of these conditions out")


def _circle_from(start: str, links: Links, settled: set[str]) -> list[str]:
    """The first circle reachable from a name, walked with an explicit stack; what is settled is not walked again."""
    path: list[str] = []
    stack = [(start, True)]
    while stack:
        name, entering = stack.pop()
        if not entering:
            path.pop()
            settled.add(name)
        elif name in path:
            settled.update(path)
            return [*path[path.index(name):], name]
        elif name not in settled:
            path.append(name)
            stack.append((name, False))
            stack.extend((other, True) for other in sorted(links.get(name, {}), reverse=True))
    return []


def nothing_behind(ruleset: Ruleset) -> Iterator[Problem]:
    """Conditions on a signature that no file shows: they could never hold."""
    for spoken in ruleset.links.values():
        for other, place in spoken.items():
            if other not in ruleset.links and other in ruleset.known:
                yield Problem(place, Code.POINTS_AT_NOTHING, f"{other} is asked for, and no rule can show it",
                              "write the rule, or take the condition out")


def two_sides(ruleset: Ruleset) -> Iterator[Problem]:
    """A signature that needs both sides has two; one that needs any has one list."""
    for signs in ruleset.signs.values():
        wanted = 1 if signs.needs == "any" else 2
        if len(signs.facets) != wanted:
            yield Problem(signs.place, Code.WRONG_SHAPE,
                          f"{signs.signature} needs {signs.needs} and has {len(signs.facets)} lists of signs",
                          "write facets: with two lists for both or either, signs: with one list for any")


def rests_on_itself(ruleset: Ruleset) -> Iterator[Problem]:
    """What `circles` cannot see: a rule that raises a conclusion above what it asks of it, and the grading."""
    for rule in (r for r in ruleset.rules if r.head.raised_from or r.head.kind == "signature"):
        ladder = LADDERS[rule.head.kind]
        given = ladder[ladder.index(rule.head.raised_from) + 1:] if rule.head.raised_from else ladder
        for condition in conditions_of(rule):
            if (isinstance(condition, HeadIs) and (condition.kind, condition.id) == (rule.head.kind, rule.head.id)
                    and condition.level in given):
                yield Problem(condition.place, Code.CIRCLE, f"{rule.id} rests on what it concludes",
                              "take this condition out")


CHECKS: tuple[Callable[[Ruleset], Iterator[Problem]], ...] = (circles, nothing_behind, two_sides, rests_on_itself)


def check(ruleset: Ruleset) -> tuple[Problem, ...]:
    """Every problem that every check finds."""
    return tuple(problem for one in CHECKS for problem in one(ruleset))
