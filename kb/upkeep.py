"""What rules that can be read still lack or leave unused: uses, titles, review dates, sources, sound thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kb.alike import asks_for
from kb.conditions import Comparator, ProtectiveIs, Rule, Test, TestIs, conditions_of
from kb.knowledge import Knowledge
from kb.model import Indicator, Place, Problem
from kb.problems import Code, shown

FAR = 10
"""How many times beyond every figure held a threshold must be to look like a slip of the pen (local judgement)."""
SCALE = 3.0


def upkeep(knowledge: Knowledge, today: date | None = None, whole: bool = True) -> tuple[Problem, ...]:
    """Every such problem. `today`: the day on which review dates are looked at; without it nothing is said of them.

    `whole`: every rule could be read; otherwise nothing is said of what no rule uses, since one of the others may.
    """
    unused = (_conclusions, _signatures, _indicators, _protective) if whole else ()
    found = [problem for one in (*unused, _titles, _sources, _signs, _thresholds) for problem in one(knowledge)]
    return (*found, *(_reviews(knowledge, today) if today is not None else ()))


def _conclusions(knowledge: Knowledge) -> Iterator[Problem]:
    """Mechanisms and pictures that no rule asks for: they change no result."""
    asked = _asked(knowledge)
    for (kind, id), conclusion in knowledge.conclusions().items():
        if kind in ("mechanism", "picture") and (kind, id) not in asked:
            yield Problem(conclusion.place, Code.UNUSED_CONCLUSION, f"no rule uses the {kind} {shown(id)}",
                          "name it in a picture or a result, or withdraw its rules")


def _signatures(knowledge: Knowledge) -> Iterator[Problem]:
    asked = _asked(knowledge)
    for signature in knowledge.vocabulary.signatures.values():
        if ("signature", signature.id) not in asked:
            yield Problem(signature.place, Code.UNUSED_SIGNATURE, f"no rule uses the signature {signature.id}",
                          "name it in a rule: as it is, it can never be part of a combination")


def _asked(knowledge: Knowledge) -> set[tuple[str, str]]:
    return set().union(*asks_for(knowledge).values())


def _indicators(knowledge: Knowledge) -> Iterator[Problem]:
    """Indicators that nothing asks for, but for those that say why they are context only."""
    words = knowledge.vocabulary
    used = {test.indicator for test in knowledge.once(tests_of)} | {p.indicator for p in words.protective.values()}
    used |= {id for caution in words.cautions.values() for id in (*caution.marks, caution.after)}
    for indicator in words.indicators.values():
        if indicator.id not in used and indicator.id not in words.protective and not indicator.context:
            yield Problem(indicator.place, Code.UNUSED_INDICATOR, f"no rule uses the indicator {shown(indicator.id)}",
                          "use it in a sign or a rule, or say under context: why it is kept")


def _protective(knowledge: Knowledge) -> Iterator[Problem]:
    conditions = (c for rule in knowledge.in_force for c in conditions_of(rule))
    used = {c.id for c in conditions if isinstance(c, ProtectiveIs)}
    for sign in knowledge.vocabulary.protective.values():
        if sign.id not in used:
            yield Problem(sign.place, Code.UNUSED_INDICATOR, f"no rule uses the protective sign {shown(sign.id)}",
                          "name it under unless: in a rule, or take it out")


def _titles(knowledge: Knowledge) -> Iterator[Problem]:
    """Rules with the title of another. Those of a result all have its own, and those of a signature its code."""
    first: dict[str, Rule] = {}
    for rule in knowledge.in_force:
        if rule.head.kind not in ("signature", "result"):
            other = first.setdefault(rule.title, rule)
            if other is not rule:
                yield Problem(rule.place, Code.SAME_TITLE, f"{shown(rule.id)} has the title of {shown(other.id)}",
                              f"that rule is at {other.place}; say in each title what differs")


def _sources(knowledge: Knowledge) -> Iterator[Problem]:
    told = [(s.place, f"the signature {s.signature}", s.citations) for s in knowledge.signs.values()]
    written = [rule for rule in knowledge.in_force if rule.head.kind != "signature"]
    told += [(rule.place, f"the rule {shown(rule.id)}", rule.citations) for rule in written]
    for place, what, citations in told:
        if not citations:
            yield Problem(place, Code.NO_SOURCE, f"{what} names no source", "say under sources: what it rests on")


def _signs(knowledge: Knowledge) -> Iterator[Problem]:
    """Context is never a sign; and one test is a sign of one signature."""
    owner: dict[Test, str] = {}
    for signs in knowledge.signs.values():
        for sign in signs.all:
            indicator = knowledge.vocabulary.indicators[sign.test.test.indicator]
            first = owner.setdefault(sign.test.test, signs.signature)
            if indicator.context:
                yield Problem(sign.test.place, Code.CONTEXT_AS_SIGN,
                              f"{indicator.id} is context and stands as a sign of {signs.signature}",
                              "ask for it in a rule beside other evidence, or take context: from the indicator")
            if first != signs.signature:
                yield Problem(sign.test.place, Code.SIGN_OF_TWO,
                              f"the same test is a sign of {first} and of {signs.signature}, and would count twice",
                              "leave it with the signature that it is about")


def tests_of(knowledge: Knowledge) -> dict[Test, Place]:
    """Every test that signs and rules in force ask for, where it is written: in the signature's file before others."""
    found: dict[Test, Place] = {}
    for sign in (sign for signs in knowledge.signs.values() for sign in signs.all):
        for written in (sign.test, *([sign.strong] if sign.strong else [])):
            found.setdefault(written.test, written.place)
    for rule in knowledge.in_force:
        for c in conditions_of(rule):
            if isinstance(c, TestIs | ProtectiveIs):
                found.setdefault(c.test, c.place)
    return found


def _thresholds(knowledge: Knowledge) -> Iterator[Problem]:
    held: dict[str, list[float]] = {}
    for (id, _), year in knowledge.vocabulary.years.items():
        held.setdefault(id, []).extend(value for _, value in year.figures)
    for test, place in knowledge.once(tests_of).items():
        indicator = knowledge.vocabulary.indicators[test.indicator]
        figures = held.get(indicator.id)
        if isinstance(test.threshold, str):  # without figures it could not be read
            continue
        if (decided := _settled(test, indicator)) is not None:
            yield Problem(place, Code.OUT_OF_RANGE,
                          f"{'every' if decided else 'no'} value of {indicator.id} is {test.comparator} "
                          f"{test.threshold:g} {indicator.unit}", "check the number and the comparison")
        elif figures and test.rise_over is None and _far(test.threshold, figures):
            yield Problem(place, Code.FAR_OFF, f"{test.threshold:g} {indicator.unit} is more than {FAR} times beyond "
                          f"every yearly figure of {indicator.id} ({min(figures):g} to {max(figures):g})",
                          "check the decimal point")


def _settled(test: Test, indicator: Indicator) -> bool | None:
    """Whether every value there can be meets the test (True), or none does (False); None where some do."""
    highest = _highest(indicator)
    lowest = 0.0 if test.rise_over is None else -highest
    upward = test.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
    hardest, easiest = (lowest, highest) if upward else (highest, lowest)
    return True if _meets(hardest, test) else None if _meets(easiest, test) else False


def _meets(value: float, test: Test) -> bool:
    limit = float(test.threshold)
    if value == limit:
        return test.comparator in (Comparator.AT_LEAST, Comparator.AT_MOST)
    return (value > limit) == (test.comparator in (Comparator.AT_LEAST, Comparator.ABOVE))


def _highest(indicator: Indicator) -> float:
    """The highest value that the unit allows."""
    if indicator.unit.share:
        return 100.0
    if indicator.unit.id == "grade":
        return float(len(indicator.values) - 1)
    return {"scale": SCALE, "yes/no": 1.0}.get(indicator.unit.id, float("inf"))


def _far(threshold: float, figures: list[float]) -> bool:
    return threshold > FAR * max(figures) or 0 < threshold < min(figures) / FAR


def _reviews(knowledge: Knowledge, today: date) -> Iterator[Problem]:
    told = [(s.place, f"the signature {s.signature}", s.review_by) for s in knowledge.signs.values()]
    told += [(r.place, f"the rule {shown(r.id)}", r.review_by) for r in knowledge.in_force if r.review_by]
    for place, what, review in told:
        if review and date.fromisoformat(review) < today:
            yield Problem(place, Code.REVIEW_DUE, f"{what} was to be looked at again by {review}",
                          "read it again with its sources, then write a new review_by:")
