"""What a rule may say: tests, the closed set of conditions, and the rule itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from kb.model import Citation, Place


class Comparator(StrEnum):
    """How a value is held against its threshold."""

    AT_LEAST = "at least"
    ABOVE = "above"
    AT_MOST = "at most"
    BELOW = "below"
    __hash__ = str.__hash__  # the same, and many times quicker than that of members of an enumeration


SPREAD = ("median", "worst quarter", "worst tenth")
GRADES = ("weak", "moderate", "strong")
LEVELS = ("watch", "elevated", "high", "critical")
HELD = ("held",)
LADDERS: dict[str, tuple[str, ...]] = {
    "signature": GRADES, "mechanism": LEVELS, "picture": LEVELS, "result": HELD, "channel": HELD,
}
DEFAULT_LEVEL = {
    "signature": "moderate", "mechanism": "elevated", "picture": "elevated", "result": "held", "channel": "held",
}


class Test(NamedTuple):
    """A comparison of one indicator: a number, or where authorities stood in the observation's own year.

    `window` (months) is the period of a count; `rise_over` (months) makes it the change over that period;
    `of` asks only for values of some area or other qualifier.
    """

    indicator: str
    comparator: Comparator
    threshold: float | str
    window: int | None = None
    rise_over: int | None = None
    of: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        level = self.threshold if isinstance(self.threshold, str) else f"{self.threshold:g}"
        rise = f" rise over {self.rise_over} months" if self.rise_over else ""
        window = f" in {self.window} months" if self.window else ""
        of = "".join(f" ({word})" for _, word in self.of)
        return f"{self.indicator}{of}{rise} {self.comparator} {level}{window}"


class TestIs(NamedTuple):
    """The test is met. `basis`: what the threshold rests on."""

    test: Test
    basis: str = ""
    place: Place = Place("")


class ProtectiveIs(NamedTuple):
    """The protective sign is shown, and in date."""

    id: str
    test: Test
    place: Place = Place("")


class HeadIs(NamedTuple):
    """A signature or conclusion is present, at this level or above."""

    kind: str
    id: str
    level: str
    place: Place = Place("")


class All(NamedTuple):
    """Every part holds."""

    parts: tuple["Condition", ...]
    place: Place = Place("")
    title: str = ""


class AnyOf(NamedTuple):
    """Some part holds."""

    parts: tuple["Condition", ...]
    place: Place = Place("")
    title: str = ""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the parts hold."""

    count: int
    parts: tuple["Condition", ...]
    place: Place = field(default=Place(""), compare=False)
    title: str = field(default="", compare=False)


class Not(NamedTuple):
    """The part is found not to be so."""

    part: "Condition"
    place: Place = Place("")


class Judged(NamedTuple):
    """The part has been judged, either way."""

    part: "Condition"
    place: Place = Place("")


class MoreThanNumbers(NamedTuple):
    """The part holds, and an event or finding (no older than `months`) is among what it rests on."""

    part: "Condition"
    months: int | None = None
    place: Place = Place("")


class Within(NamedTuple):
    """The part holds on evidence that ends in the last `months` months."""

    part: "Condition"
    months: int
    place: Place = Place("")


class HeldFor(NamedTuple):
    """The part holds, and held `months` months earlier on what was known then."""

    part: "Condition"
    months: int
    place: Place = Place("")


class Corroborated(NamedTuple):
    """The tests that are met rest on two kinds of evidence and on two documents."""

    tests: tuple[Test, ...]
    place: Place = Place("")


Condition = (
    TestIs | ProtectiveIs | HeadIs | All | AnyOf | AtLeast | Not | Judged
    | MoreThanNumbers | Within | HeldFor | Corroborated
)


class Head(NamedTuple):
    """What a rule concludes: at which level it is present, or (found=False) that it is not found.

    `raised_from`: the level, already reached by other rules, that this rule raises; its `when` then rests on it.
    """

    kind: str
    id: str
    level: str
    found: bool = True
    raised_from: str | None = None

    def gives(self, level: str) -> bool:
        """Whether a rule with this head speaks for the level: its own and those below, but not what it raises."""
        ladder = LADDERS[self.kind]
        floor = -1 if self.raised_from is None else ladder.index(self.raised_from)
        return floor < ladder.index(level) <= ladder.index(self.level)


class Conclusion(NamedTuple):
    """A signature, mechanism, picture or overall result, as people are told of it."""

    kind: str
    id: str
    title: str
    category: tuple[str, ...]
    because: str
    who_can_act: str
    order: int
    place: Place


class Rule(NamedTuple):
    """When ... (unless ...) then ...: one author, version, source and rationale."""

    id: str
    head: Head
    when: Condition
    unless: tuple["Condition", ...] = ()
    title: str = ""
    category: tuple[str, ...] = ()
    because: str = ""
    rationale: str = ""
    citations: tuple[Citation, ...] = ()
    statements: tuple[str, ...] = ()
    basis: str = ""
    status: str = "in force"
    version: int = 1
    owner: str = ""
    review_by: str = ""
    who_can_act: str = ""
    order: int = 0
    place: Place = Place("")


def parts_of(condition: Condition) -> tuple["Condition", ...]:
    """The conditions directly inside this one."""
    match condition:
        case All() | AnyOf() | AtLeast():
            return condition.parts
        case Not() | Judged() | MoreThanNumbers() | Within() | HeldFor():
            return (condition.part,)
        case _:
            return ()


def walk(condition: Condition) -> Iterator[Condition]:
    """This condition and everything inside it, depth first."""
    agenda = [condition]
    while agenda:
        here = agenda.pop()
        yield here
        agenda += parts_of(here)[::-1]


def conditions_of(rule: Rule) -> Iterator[Condition]:
    """Everything the rule says, its exceptions included."""
    yield from walk(rule.when)
    for exception in rule.unless:
        yield from walk(exception)


def by_head(rules: Iterable[Rule]) -> dict[tuple[str, str], list[Rule]]:
    """The rules for and against each signature or conclusion, by its kind and id."""
    heads: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        heads.setdefault((rule.head.kind, rule.head.id), []).append(rule)
    return heads
