"""The meaning of the rules, straight from the design: a naive reading, and tables; no program, planes or clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kb.conditions import (
    LADDERS,
    All,
    AnyOf,
    AtLeast,
    Comparator,
    Condition,
    Corroborated,
    Head,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    ProtectiveIs,
    Rule,
    Test,
    TestIs,
    Within,
)

Marks = frozenset[str]
FOR, AGAINST = "for", "against"
BY_NAME: dict[tuple[bool, bool], Marks] = {
    (True, True): frozenset({FOR, AGAINST}), (True, False): frozenset({FOR}), (False, True): frozenset({AGAINST}),
    (False, False): frozenset(),
}
ANY_AGE = -1


class View(NamedTuple):
    """How evidence is looked at: ending `within` months, `shift` months earlier, resting on more than numbers.

    `refuting`: inside a `not`, where it is the side against that must rest on more than numbers.
    """

    within: int | None = None
    shift: int = 0
    plus: int | None = None
    refuting: bool = False

    @property
    def plain(self) -> View:
        return self._replace(plus=None, refuting=False)

    @property
    def negated(self) -> View:
        return self._replace(refuting=self.plus is not None and not self.refuting)

    def tagged(self, months: int | None) -> View:
        ages = [age for age in (self.plus, months) if age is not None and age != ANY_AGE]
        return self._replace(plus=min(ages, default=ANY_AGE))


NOW = View()
Look = Callable[[tuple[Test, ...], bool, View], Marks]
"""What the evidence says, in one reading, of a test (or of the corroboration of several) in a view."""


@dataclass
class Oracle:
    """The marks of any signature or conclusion, worked out one at a time from the rules in force."""

    rules: Iterable[Rule]
    look: Look
    asked: dict[object, Marks] = field(default_factory=dict)

    def head(self, kind: str, id: str, level: str, view: View = NOW) -> Marks:
        """For: some rule at this level or above holds. Against: all of them are against, or it is found not so."""
        question = (kind, id, level, view)
        if question not in self.asked:
            rules = [r for r in self.rules if (r.head.kind, r.head.id, r.status) == (kind, id, "in force")]
            for_it = [self.rule(r, view) for r in rules if r.head.found and level in levels_given(r.head)]
            heard = view.plus is None or view.refuting
            not_found = [self.rule(r, view) for r in rules if not r.head.found and heard]
            self.asked[question] = marks(
                any(FOR in m for m in for_it),
                any(FOR in m for m in not_found) or (bool(for_it) and all(AGAINST in m for m in for_it)))
        return self.asked[question]

    def rule(self, rule: Rule, view: View) -> Marks:
        """A rule that holds is defeated where an exception is shown; exceptions are looked at in their own time."""
        body = self.condition(rule.when, view)
        shown = any(FOR in self.condition(e, View(shift=view.shift)) for e in rule.unless)
        defeated = FOR in body and shown
        return marks(FOR in body and not defeated, AGAINST in body or defeated)

    def condition(self, c: Condition, view: View) -> Marks:
        match c:
            case TestIs() | ProtectiveIs():
                return self.look((c.test,), False, view._replace(refuting=False))
            case Corroborated():
                return self.look(c.tests, True, view._replace(refuting=False))
            case HeadIs():
                return self.head(c.kind, c.id, c.level, view)
            case Not():
                inside = self.condition(c.part, view.negated)
                return marks(AGAINST in inside, FOR in inside)
            case Judged():
                inside, refuted = self.condition(c.part, view), self.condition(c.part, view.negated)
                return marks(FOR in inside or AGAINST in refuted, False)
            case Within():
                shorter = c.months if view.within is None else min(c.months, view.within)
                return self.condition(c.part, view._replace(within=shorter))
            case MoreThanNumbers():
                tagged = self.condition(c.part, view.tagged(c.months))
                return tagged if view.plus is not None else every([self.condition(c.part, view), tagged])
            case HeldFor():
                earlier = view._replace(shift=view.shift + c.months)
                return self.gathered(c, [(c.part, view), (c.part, earlier)], view)
            case All() | AnyOf() | AtLeast():
                return self.gathered(c, [(part, view) for part in c.parts], view)

    def gathered(self, c: Condition, parts: list[tuple[Condition, View]], view: View) -> Marks:
        """The whole; and, on more than numbers, some part on the side that is to hold must rest on them."""
        if view.plus is not None and parts:
            whole = self.gathered(c, [(part, inside.plain) for part, inside in parts], view.plain)
            tagged = [self.condition(part, inside) for part, inside in parts]
            return every([whole, some(tagged)]) if not view.refuting else some([whole, every(tagged)])
        found = [self.condition(part, inside) for part, inside in parts]
        match c:
            case AnyOf():
                return some(found)
            case AtLeast():
                return several(c.count, found)
            case _:
                return every(found)


def levels_given(head: Head) -> tuple[str, ...]:
    """The rule's own level and those below it; a rule that raises a level leaves that one, and lower, to others."""
    ladder = LADDERS[head.kind]
    lowest = 0 if head.raised_from is None else ladder.index(head.raised_from) + 1
    return ladder[lowest:ladder.index(head.level) + 1]


def marks(for_: bool, against: bool) -> Marks:
    """The marks by name."""
    return BY_NAME[for_, against]


def every(parts: list[Marks]) -> Marks:
    """`all`."""
    return marks(all(FOR in p for p in parts), any(AGAINST in p for p in parts))


def some(parts: list[Marks]) -> Marks:
    """`any`."""
    return marks(any(FOR in p for p in parts), all(AGAINST in p for p in parts))


def several(k: int, parts: list[Marks]) -> Marks:
    """`at least k of n`: against as soon as too few are left that could hold."""
    holding, failing = (sum(side in p for p in parts) for side in (FOR, AGAINST))
    return marks(holding >= k, len(parts) - failing < k)


A, B, C = (TestIs(Test(name, Comparator.AT_LEAST, 1.0)) for name in "ABC")
TABLES: dict[str, tuple[Condition, str]] = {
    "all": (All((A, B)), """
        present, present     -> present
        present, not known   -> not known
        present, not found   -> not found
        not known, not found -> not found
        contested, present   -> contested
        not known, contested -> not found"""),
    "any": (AnyOf((A, B)), """
        present, not found     -> present
        not known, present     -> present
        not found, not found   -> not found
        not known, not found   -> not known
        contested, not found   -> contested"""),
    "at least two of three": (AtLeast(2, (A, B, C)), """
        present, present, not found     -> present
        present, present, not known     -> present
        present, not known, not known   -> not known
        present, not found, not known   -> not known
        present, not found, not found   -> not found
        not known, not found, not found -> not found"""),
    "not": (Not(A), """
        present   -> not found
        not found -> present
        not known -> not known"""),
    "judged, either way": (Judged(A), """
        present   -> present
        not found -> present
        not known -> not known"""),
    "all of none holds, any of none does not": (All((All(()), Not(AnyOf(())))), "not known -> present"),
}
"""What each connective means: the signs A, B and C as they are found, then what follows of the whole."""
