"""The demonstration for trainers: a case as it stands, then with one premise of its mechanism taken away at a time."""

from __future__ import annotations

from collections.abc import Iterator

from engine.assess import Assessment, Assessor
from explain import words
from explain.answer import why
from explain.render.text import render
from explain.why import Teller
from kb.conditions import All, AnyOf, Condition, HeadIs, TestIs, Within
from kb.model import Case

MECHANISM = "mechanism"


def demonstration(assessor: Assessor, case: Case) -> str:
    """The whole explanation of a case, then what is left when each premise of its first mechanism is taken away."""
    as_at = case.latest_known
    if as_at is None:
        return "The case holds no observations.\n"
    whole = assessor.assess(case, as_at)
    parts = [render(why(whole)), _heading(whole), *_without_each(assessor, whole)]
    return "\n".join(parts)


def _heading(whole: Assessment) -> str:
    return f"Each sign is harmless alone. Take any one away from {whole.case.authority}, and see what is left:\n"


def _without_each(assessor: Assessor, whole: Assessment) -> Iterator[str]:
    """One paragraph a premise: what was taken away, whether the mechanism still holds, and the result."""
    teller = Teller(whole)
    rule = next(r for r in whole.knowledge.in_force
                if r.head.kind == MECHANISM and whole.level(MECHANISM, r.head.id))
    for premise in _premises(rule.when):
        indicators = _indicators(premise, whole)
        kept = [o for o in whole.case.observations if o.indicator not in indicators]
        without = assessor.assess(whole.case, whole.as_at, kept)
        state = words.STATE_WORDS[without.head_state(MECHANISM, rule.head.id)]
        result = whole.knowledge.conclusions()[("result", without.result)].title
        yield (f"- without {teller.name_of(premise)}:\n"
               f"    {rule.title}: {state}\n    Result: {result}\n")


def _premises(condition: Condition) -> tuple[Condition, ...]:
    inside = condition.part if isinstance(condition, Within) else condition
    return inside.parts if isinstance(inside, All) else (inside,)


def _indicators(premise: Condition, whole: Assessment) -> set[str]:
    """The indicators that a premise may rest on."""
    match premise:
        case HeadIs():
            return {s.test.test.indicator for s in whole.knowledge.signs[premise.id].all}
        case TestIs():
            return {premise.test.indicator}
        case AnyOf() | All():
            return {i for part in premise.parts for i in _indicators(part, whole)}
        case _:
            return set()

