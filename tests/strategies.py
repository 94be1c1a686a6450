"""Random small rule bases and random evidence: from a seed, or drawn (and shrunk) by hypothesis."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from kb.conditions import (
    DEFAULT_LEVEL,
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
from kb.dates import Precision, Span, add_months
from kb.dossier import Marker, Observation
from kb.model import Citation, Indicator, Kind, Source, Unit, Vocabulary, YearFigures

T = TypeVar("T")
AS_AT = date(2020, 6, 30)
MONTHS = (3, 6, 12, 24, 36)
HEADS = (
    ("signature", "A1"), ("signature", "B1"), ("signature", "C1"), ("mechanism", "churn"), ("mechanism", "silence"),
    ("picture", "adrift"), ("result", "priority"),
)
"""In the order of their strata; a rule refers only to heads before its own."""
NO_RULE = ("signature", "Z9")
INDICATORS = {id: Indicator(id=id, title=id, short=id, kind=kind, unit=Unit(unit), validity=validity, rounding=rounding)
              for id, kind, unit, validity, rounding in (
                  ("agency_rate", Kind.STATISTIC, "percent", 18, 0.0), ("caseload", Kind.STATISTIC, "cases", 24, 5.0),
                  ("director_left", Kind.EVENT, "times", 48, 0.0), ("notice", Kind.EVENT, "times", 24, 0.0),
                  ("oversight", Kind.FINDING, "scale", 36, 0.0), ("stable_director", Kind.FINDING, "scale", 18, 0.0))}
TESTS = (
    Test("agency_rate", Comparator.AT_LEAST, "worst quarter"), Test("agency_rate", Comparator.AT_MOST, "median"),
    Test("agency_rate", Comparator.ABOVE, 5.0, rise_over=12), Test("caseload", Comparator.AT_LEAST, 20.0),
    Test("caseload", Comparator.BELOW, 20.0), Test("director_left", Comparator.AT_LEAST, 2.0, window=36),
    Test("director_left", Comparator.AT_LEAST, 1.0), Test("notice", Comparator.AT_LEAST, 1.0),
    Test("oversight", Comparator.AT_LEAST, 2.0), Test("oversight", Comparator.AT_MOST, 0.0),
)
PROTECTIVE = Test("stable_director", Comparator.AT_LEAST, 2.0)
VALUES = {"percent": (5.0, 10.0, 20.0, 30.0), "cases": (10.0, 20.0, 25.0), "times": (0.0, 1.0, 1.0, 2.0),
          "scale": (0.0, 1.0, 2.0, 3.0)}
FIGURES = (("median", 12.0), ("worst quarter", 20.0))
VOCABULARY = Vocabulary(indicators=INDICATORS, years={
    ("agency_rate", year): YearFigures("agency_rate", year, FIGURES) for year in (2017, 2018, 2019)})


class Pick(Protocol):
    """One of the options: by a seeded generator, or by hypothesis, which then finds the smallest that fails."""

    def __call__(self, options: Sequence[T], /) -> T: ...


@dataclass(frozen=True)
class Kit:
    """What a rule base may be made of; `plain` leaves out `not`, `unless` and conclusions that are not found."""

    pick: Pick
    plain: bool = False

    def chance(self, percent: int) -> bool:
        return self.pick(range(100)) < percent

    def some(self, least: int, most: int, make: Callable[[], T]) -> tuple[T, ...]:
        return tuple(make() for _ in range(self.pick(range(least, most + 1))))


def rule_base(kit: Kit) -> tuple[Rule, ...]:
    """Rules for some of the heads; the rules form a DAG."""
    return tuple(
        rule(kit, f"{id}-{number}", place)
        for place, (_, id) in enumerate(HEADS) for number in range(kit.pick((0, 1, 2, 2, 3))))


def rule(kit: Kit, id: str, place: int) -> Rule:
    """One rule for the head in that place, over tests and the heads before it."""
    kind, head = HEADS[place]
    found = kit.plain or not kit.chance(15)
    unless = () if kit.plain or kit.chance(60) else kit.some(1, 2, lambda: condition(kit, 1, place))
    when = condition(kit, kit.pick((1, 2, 2, 3)), place)
    status = "draft" if kit.chance(3) else "in force"
    level = kit.pick(LADDERS[kind])
    below = LADDERS[kind][:LADDERS[kind].index(level)]
    if not (found and below and kit.chance(20)):
        return Rule(id, Head(kind, head, level, found), when, unless, status=status)
    raised = kit.pick(below)
    rests = All((HeadIs(kind, head, raised), when))
    return Rule(id, Head(kind, head, level, raised_from=raised), rests, unless, status=status)


def condition(kit: Kit, depth: int, place: int) -> Condition:
    """A condition over tests and the heads before `place`, no deeper than `depth`."""
    if depth == 0 or kit.chance(30):
        return leaf(kit, place)

    def inside() -> Condition:
        return condition(kit, depth - 1, place)
    makers: list[Callable[[], Condition]] = [
        lambda: All(kit.some(1, 3, inside)), lambda: AnyOf(kit.some(1, 3, inside)),
        lambda: AtLeast(kit.pick(range(1, 4)), kit.some(1, 4, inside)), lambda: Judged(inside()),
        lambda: Within(inside(), kit.pick(MONTHS)), lambda: HeldFor(inside(), kit.pick(MONTHS[:3])),
        lambda: MoreThanNumbers(inside(), kit.pick((None, *MONTHS))), lambda: Not(inside()),
    ]
    return kit.pick(makers[:-1] if kit.plain else makers)()


def leaf(kit: Kit, place: int) -> Condition:
    """A test, a protective sign, a head at a level, or the corroboration of some tests."""
    which = kit.pick(range(8))
    if which < 3 and place:
        kind, id = kit.pick((*HEADS[:place], NO_RULE))
        return HeadIs(kind, id, kit.pick((DEFAULT_LEVEL[kind], *LADDERS[kind])))
    if which == 3:
        return ProtectiveIs("stable_director", PROTECTIVE)
    if which == 4:
        return Corroborated(kit.some(2, 3, lambda: kit.pick(TESTS)))
    return TestIs(kit.pick(TESTS))


def observations(kit: Kit) -> tuple[Observation, ...]:
    """Up to 24 observations, of several bodies and documents, so that some tests are disputed."""
    return kit.some(0, 24, lambda: observation(kit))


def observation(kit: Kit) -> Observation:
    """One observation: often recent, sometimes loosely dated, sometimes with a marker for a value."""
    indicator = INDICATORS[kit.pick(tuple(INDICATORS))]
    about = span(kit)
    kind = indicator.kind if kit.chance(85) else kit.pick(tuple(Kind))
    source = Source(kit.pick(("letter", "return", "review")))
    marker = kit.pick(tuple(Marker)) if kit.chance(10) else None
    return Observation(
        indicator.id, about, add_months(about.end, kit.pick((0, 0, 1, 6))), kind, Citation(source),
        None if marker else kit.pick(VALUES[indicator.unit.id]), marker, kit.pick(("Ofsted", "auditor", "council")))


def span(kit: Kit) -> Span:
    """A quarter's end, a lasting period or a loose date in the three years before the as-at date."""
    end = add_months(AS_AT, -3 * kit.pick(range(13)))
    precision = kit.pick((Precision.DAY, Precision.DAY, Precision.THROUGHOUT, Precision.SOMETIME))
    months = 0 if precision is Precision.DAY else kit.pick((3, 12, 36))
    return Span(add_months(end, -months), end, precision)


def is_met(indicator: str, number: float = 1.0) -> TestIs:
    """The indicator is at least this."""
    return TestIs(Test(indicator, Comparator.AT_LEAST, number))


def signs(count: int) -> tuple[Condition, ...]:
    """So many different signs."""
    return tuple(is_met(f"sign_{i}") for i in range(count))


A, B = is_met("A"), is_met("B")
LIMITS: dict[str, Condition] = {
    "a body of 12": All(signs(12)), "a body of 13": All(signs(13)),
    "a body of 300": All(signs(300)), "1,000 names": AnyOf(signs(1_000)),
    "a sign that 70 use": AnyOf(tuple(All((A, s)) for s in signs(70))),
    "a sign that 600 use": AnyOf(tuple(All((A, s)) for s in signs(600))),
    "a sign twice": All((AtLeast(2, (A, A, B)), AtLeast(3, (A, A, B)), All((A, A)))),
    **{f"at least {k} of 30": AtLeast(k, signs(30)) for k in (0, 1, 2, 15, 29, 30, 31)},
}
"""Rules at and beyond what durable-rules can be trusted with, each on a line of its own."""


def stated(id: str, when: Condition, level: str = "weak", unless: tuple[Condition, ...] = (), found: bool = True,
           head: str = "top") -> Rule:
    """A rule for a signature, the signature `top` where nothing else is said."""
    return Rule(id, Head("signature", head, level, found), when, unless)


def seeded(seed: int) -> tuple[tuple[Rule, ...], tuple[Observation, ...]]:
    """The rule base and the evidence of that seed, always the same."""
    kit = Kit(random.Random(seed).choice)
    return rule_base(kit), observations(kit)


@st.composite
def rule_bases(draw: st.DrawFn, plain: bool = False) -> tuple[Rule, ...]:
    """Rule bases; `plain`: without `not`, `unless` and conclusions that are not found."""
    return rule_base(Kit(lambda options: draw(st.sampled_from(options)), plain))


@st.composite
def evidence(draw: st.DrawFn) -> tuple[Observation, ...]:
    """Observations of one authority."""
    return observations(Kit(lambda options: draw(st.sampled_from(options))))
