"""What could be given to try a rule, in the words of tests: enough for it to hold, and each premise otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, islice, product
from typing import NamedTuple

from engine.evidence import limit_for
from kb.amounts import WORDLESS, step
from kb.conditions import (
    HELD,
    LADDERS,
    SPREAD,
    All,
    AnyOf,
    AtLeast,
    Comparator,
    Condition,
    Corroborated,
    HeadIs,
    MoreThanNumbers,
    Not,
    ProtectiveIs,
    Rule,
    Test,
    TestIs,
    Within,
    conditions_of,
    parts_of,
    walk,
)
from kb.dates import Span, add_months
from kb.dossier import Observation
from kb.figures import latest_day
from kb.knowledge import Knowledge
from kb.model import Citation, Indicator, Kind, Reading, Source, State

Given = dict[str, str]
"""What is given, as the files of tests say it: each key with its words."""
MOST = 40
"""So many ways in which one rule holds are tried; those with the fewest premises come first."""
TOGETHER = 4
"""So many ways of each part of a condition are put together with those of the others."""


class Premises(NamedTuple):
    """Writes what could be given to the rules of a knowledge base at a date; what is to be avoided comes last."""

    knowledge: Knowledge
    as_at: date
    avoid: frozenset[str] = frozenset()

    def holding(self, rule: Rule) -> list[Given]:
        """Ways in which what the rule asks for is given outright, the fewest premises first."""
        return sorted(islice(self._ways(rule.when, None, frozenset()), MOST), key=len)

    def options(self, rules: Iterable[Rule]) -> list[Given]:
        """Each premise of some rules in each way in which it could stand, one at a time."""
        every = [condition for rule in rules for condition in conditions_of(rule)]
        months = sorted({m for c in every for m in _months(c)})
        days = [day for m in months for last in [add_months(self.as_at, -m)] for day in (last, last - timedelta(1))]
        found = [given for condition in every for given in self._option(condition, days)]
        return list({str(given): given for given in found}.values())

    def options_of(self, condition: Condition) -> list[Given]:
        """One premise in each way in which it could stand today."""
        return list(self._option(condition, ()))

    def _option(self, c: Condition, days: Sequence[date]) -> Iterator[Given]:
        match c:
            case HeadIs():
                yield {c.id: State.NOT_FOUND.value}
                yield from ({c.id: level} for level in self.levels(c))
                for day in days:
                    yield from islice(self._ways(c, day, frozenset()), 3)
            case ProtectiveIs():
                yield from ({c.id: answer} for answer in ("yes", "no"))
            case TestIs():
                yield from self._of_test(c.test, days)
            case Corroborated():
                for test in c.tests:
                    yield from self._of_test(test, days)
            case _:
                return

    def levels(self, c: HeadIs) -> list[str]:
        """The words in which it could be given that a signature or conclusion is present, lowest first."""
        ladder = LADDERS[c.kind]
        heads = [r.head for r in self.knowledge.in_force if (r.head.kind, r.head.id) == (c.kind, c.id) and r.head.found]
        reach = max((ladder.index(head.level) for head in heads), default=-1)
        return [State.PRESENT.value] if ladder == HELD else list(ladder[:reach + 1])

    def _ways(self, c: Condition, day: date | None, inside: frozenset[str]) -> Iterator[Given]:
        """Ways to give that a condition holds: outright, or (`day`) by evidence of that day."""
        match c:
            case TestIs():
                yield from self.met(c.test, day, True)
            case ProtectiveIs():
                yield {c.id: "yes"}
            case HeadIs() if day is None:
                yield {c.id: State.PRESENT.value if LADDERS[c.kind] == HELD else c.level}
            case HeadIs() if day is not None:
                yield from self._shown(c, day, inside)
            case Corroborated():
                yield from (_merged(pair) for two in combinations(c.tests, 2)
                            for pair in product(*(list(self.met(test, day, True)) for test in two)))
            case Not() if isinstance(c.part, TestIs):
                yield from self.met(c.part.test, day, False)
            case Not() if isinstance(c.part, HeadIs):
                yield {c.part.id: State.NOT_FOUND.value}
            case All():
                yield from self._together(c.parts, day, inside)
            case AnyOf():
                for part in sorted(c.parts, key=self._last):
                    yield from islice(self._ways(part, day, inside), MOST // 4)
            case AtLeast():
                for parts in islice(combinations(sorted(c.parts, key=self._last), c.count), MOST // 2):
                    yield from islice(self._together(parts, day, inside), 2)
            case _:
                for part in parts_of(c):
                    yield from self._ways(part, day, inside)

    def _together(self, parts: Sequence[Condition], day: date | None, inside: frozenset[str]) -> Iterator[Given]:
        ways = [sorted(islice(self._ways(part, day, inside), MOST // 4), key=self._avoided) for part in parts]
        yield from (_merged(some) for some in islice(product(*(some[:TOGETHER] for some in ways)), MOST))

    def _avoided(self, given: Given) -> tuple[bool, int]:
        return not self.avoid.isdisjoint(given), len(given)

    def _shown(self, c: HeadIs, day: date, inside: frozenset[str]) -> Iterator[Given]:
        """By evidence of one day, through each rule that gives it at that level."""
        for rule in self.knowledge.in_force:
            gives = (rule.head.kind, rule.head.id) == (c.kind, c.id) and rule.head.found and rule.head.gives(c.level)
            if gives and rule.id not in inside:
                yield from islice(self._ways(rule.when, day, inside | {rule.id}), MOST // 4)

    def _last(self, c: Condition) -> tuple[bool, bool, int]:
        """What is not to be avoided, speaks longest, and is more than a number, is tried first."""
        avoided = not self.avoid.isdisjoint(keys(c)) if self.avoid else False
        if not isinstance(c, TestIs):
            return avoided, False, 0
        indicator = self.knowledge.vocabulary.indicators[c.test.indicator]
        return avoided, indicator.kind is Kind.STATISTIC, -(c.test.window or indicator.validity)

    def met(self, test: Test, day: date | None, met: bool) -> Iterator[Given]:
        """One test met, or not met."""
        indicator, upward = self.indicator(test), test.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
        limit = self.limit(test, day)
        if limit is None:
            return
        if indicator.reading is Reading.OCCURRENCES:
            yield {indicator.id: self._counted(limit, day) if met else "none"}
        elif test.rise_over is not None:
            yield {indicator.id: self._risen(test, limit if met else limit - step(indicator), test.rise_over)}
        elif upward == met:
            value = limit + step(indicator) * (test.comparator in (Comparator.ABOVE, Comparator.AT_MOST))
            yield {indicator.id: self._valued(test, value, day)}
        else:
            value = limit - step(indicator) * (test.comparator in (Comparator.AT_LEAST, Comparator.BELOW))
            yield {indicator.id: self._valued(test, value, day)}

    def _of_test(self, test: Test, days: Sequence[date]) -> Iterator[Given]:
        """The values round the threshold (and round its neighbours), and the last days on which one still counts."""
        indicator, size = self.indicator(test), step(self.indicator(test))
        for name in SPREAD if isinstance(test.threshold, str) else (test.threshold,):
            limit = self.limit(test._replace(threshold=name), None)
            for value in () if limit is None else (limit - size, limit, limit + size):
                if indicator.reading is Reading.OCCURRENCES:
                    yield {indicator.id: self._counted(value, None)}
                elif test.rise_over is not None:
                    yield from ({indicator.id: self._risen(test, value, months)}
                                for months in (test.rise_over - 1, test.rise_over, test.rise_over + 1))
                else:
                    yield {indicator.id: self._valued(test, value, None)}
        if indicator.reading is Reading.OCCURRENCES:
            yield {indicator.id: "none"}
            for back in (test.window or 0,):
                last = add_months(self.as_at, -back)
                limit = self.limit(test, None) or 1.0
                for day in (last, last - timedelta(1)):
                    yield {indicator.id: self._counted(limit, day)}
                    if limit > 1:
                        yield {indicator.id: f"[{self._counted(1.0, day)}, {self._counted(limit - 1, self.as_at)}]"}
        for day in days:
            yield from self.met(test, day, True)

    def indicator(self, test: Test) -> Indicator:
        """What a test looks at."""
        return self.knowledge.vocabulary.indicators[test.indicator]

    def limit(self, test: Test, day: date | None) -> float | None:
        """The threshold, of the year that a figure given on that day would be about."""
        about = day or latest_day(self.knowledge.vocabulary.years, test.indicator, self.as_at) or self.as_at
        seen = Observation(test.indicator, Span(about, about), self.as_at, Kind.STATISTIC, Citation(Source("")), 0.0)
        return limit_for(test, seen, self.knowledge.vocabulary, self.as_at)

    def _valued(self, test: Test, value: float, day: date | None) -> str:
        told = self._amount(self.indicator(test), value)
        said = [("value", told), *test.of] if test.of else []
        if day is not None:
            said = [("value", told), *test.of, ("about", str(day)), ("known", str(day))]
        return _group(said) if said else told

    def _counted(self, often: float, day: date | None) -> str:
        told = f"{often:g} times"
        return told if day is None else _group([("value", told), ("about", str(day)), ("known", str(day))])

    def _risen(self, test: Test, by: float, months: int) -> str:
        indicator = self.indicator(test)
        now = latest_day(self.knowledge.vocabulary.years, test.indicator, self.as_at) or self.as_at
        before = _month_end(add_months(now, -months)) if now == _month_end(now) else add_months(now, -months)
        told = ((10.0, before), (10.0 + by, now))
        return f"[{', '.join(_group([('value', self._amount(indicator, v)), ('about', str(d))]) for v, d in told)}]"

    def _amount(self, indicator: Indicator, value: float) -> str:
        """An amount as the files say it."""
        match indicator.unit.id:
            case "yes/no":
                return "yes" if value >= 1 else "no"
            case "grade":
                return indicator.values[min(max(int(value), 0), len(indicator.values) - 1)]
            case "scale":
                return f"{min(max(value, 0), 3):g}"
            case unit:
                return f"{round(value, 6):g}{'' if unit in WORDLESS else f' {unit}'}"


def keys(c: Condition) -> frozenset[str]:
    """The words by which what a condition asks for would be given."""
    found = set[str]()
    for inner in walk(c):
        match inner:
            case HeadIs() | ProtectiveIs():
                found.add(inner.id)
            case TestIs():
                found.add(inner.test.indicator)
            case Corroborated():
                found |= {test.indicator for test in inner.tests}
    return frozenset(found)


def _month_end(day: date) -> date:
    first = day.replace(day=1)
    return add_months(first, 1) - timedelta(1)


def _months(c: Condition) -> tuple[int, ...]:
    match c:
        case Within():
            return (c.months,)
        case MoreThanNumbers() if c.months is not None:
            return (c.months,)
        case _:
            return ()


def _group(said: Iterable[tuple[str, str]]) -> str:
    return f"{{{', '.join(f'{key}: {text}' for key, text in said)}}}"


def _merged(some: Iterable[Given]) -> Given:
    found: Given = {}
    for given in some:
        for key, text in given.items():
            found[key] = max(found.get(key, text), text, key=_higher)
    return found


def _higher(text: str) -> tuple[int, str]:
    """Where one thing is asked for twice, the higher level does for both."""
    for ladder in (LADDERS["signature"], LADDERS["mechanism"]):
        if text in ladder:
            return ladder.index(text), text
    return -1, text
