"""The answer of `compare`: where two assessments first part in the same rules, then every other difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.assess import Assessment
from engine.program import Context
from explain import changewords, words
from explain.account import Account, Line, closing, heading
from explain.evidence import EvidenceTeller
from explain.moments import standings
from explain.names import Names
from explain.timeline import stands
from kb.conditions import ProtectiveIs, Test, TestIs, conditions_of
from kb.dates import long_date
from kb.knowledge import Knowledge
from kb.model import State

ORDER = ("signature", "mechanism", "picture", "channel", "result")
LEVELS = {"signature": "Signatures that differ", "mechanism": "Mechanisms that differ",
          "picture": "Pictures that differ", "channel": "Messages to pass on that differ",
          "result": "Overall results that differ"}
ALIKE = "There is no difference: every test, signature and conclusion stands alike on both sides."
FIRST = "First divergence: tests that differ, and whose difference reaches the overall result"
BESIDE = "First divergence: tests that differ; no such test by itself leads up to a difference of the overall result"
LATER = "Also differing in a test, without a difference of the overall result through it"
RESTING = "it stands alike on both sides, but not by an event or a finding, or not by one as recent"


class Pair(NamedTuple):
    """The two sides of a comparison, in the same rules, each under its name."""

    left: Assessment
    right: Assessment

    @property
    def sides(self) -> tuple[tuple[str, Assessment], tuple[str, Assessment]]:
        """Both sides, each with its name: by date alone where the case is the same."""
        named = [long_date(side.as_at) if self.left.case.id == self.right.case.id
                 else f"{side.case.authority}, {long_date(side.as_at)}" for side in self]
        if named[0] == named[1]:
            named = [f"{name} ({which})" for name, which in zip(named, ("first", "second"), strict=True)]
        return (named[0], self.left), (named[1], self.right)


def compare(left: Assessment, right: Assessment) -> Account:
    """How two assessments by the same rules stand to one another: results, first divergence, then level by level.

    The first divergence: the tests (the lowest that differ) from which an unbroken way of differing conditions and
    conclusions leads up to an overall result. Within a level all is told in the order of names.
    """
    pair = Pair(left, right)
    differing = {node for node in range(len(left.program.nodes)) if left.state(node) is not right.state(node)}
    mattering = _reaching_result(left, differing)
    tests = _Tests(pair)
    reaching, others = tests.lines(differing & mattering), tests.lines(differing - mattering)
    first = reaching or others
    told = {line.title for line in first}
    lines = [Line("period", FIRST if reaching else BESIDE, children=tuple(first))] if first else []
    lines += _by_level(pair)
    lines += _folded([line.title for line in others if line.title not in told])
    return _account(pair, tuple(lines) or (Line("period", ALIKE),))


def _reaching_result(assessment: Assessment, differing: set[int]) -> set[int]:
    """The differing nodes from which differing nodes lead up to an overall result."""
    program = assessment.program
    results = [node for head, node in program.heads.items() if head.kind == "result"]
    stack, seen = [node for node in results if node in differing], set[int]()
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack += [arg for arg in program.nodes[at].args if arg in differing]
    return seen


def _account(pair: Pair, lines: tuple[Line, ...]) -> Account:
    names = Names(pair.left.knowledge)
    results = [f"{name}: {stands(('result', ''), standings(side)['result', ''], names)}" for name, side in pair.sides]
    return Account(
        heading=" and ".join(dict.fromkeys(heading(side.case) for side in pair)),
        subheading="compared in the same rules: on each side only what was public by its date, and still in date, "
                   "counts; the order is that of names, and says nothing about concern",
        answer=" / ".join(results), sentence="", facts=_coverage(pair), chain=lines, missing=(),
        notes=(), closing=closing(pair.left.knowledge.vocabulary), section="Where they differ",
        case=" ".join(dict.fromkeys(side.case.id for side in pair)),
        authority_code=" ".join(dict.fromkeys(side.case.authority_code for side in pair)),
        as_at=" ".join(side.as_at.isoformat() for side in pair), result=" ".join(side.result for side in pair))


def _coverage(pair: Pair) -> tuple[str, ...]:
    """How much could be judged on each side: differences of coverage are not differences of what was found."""
    total = len(pair.left.knowledge.vocabulary.signatures)
    return tuple(f"{name}: {len(side.judged)} of the {total} signatures could be judged on the evidence held."
                 for name, side in pair.sides)


def _by_level(pair: Pair) -> Iterator[Line]:
    """Every signature and conclusion that differs, level by level from the lowest, in the order of titles."""
    names = Names(pair.left.knowledge)
    sides = [(name, standings(side)) for name, side in pair.sides]
    differing = [thing for thing in sides[0][1] if sides[0][1][thing] != sides[1][1][thing]]
    for kind in ORDER:
        things = sorted((thing for thing in differing if thing[0] == kind), key=lambda t: (names.title(*t), t))
        told = tuple(Line(
            "difference", names.title(*thing) if thing[1] else words.FOUND[kind].capitalize(), id=thing[1],
            category=names.category(*thing),
            children=tuple(Line("side", f"{name}: {stands(thing, stood[thing], names)}") for name, stood in sides),
        ) for thing in things)
        if told:
            yield Line("period", f"{LEVELS[kind]} ({len(told)})", children=told)


def _folded(titles: list[str]) -> list[Line]:
    """What differs beside the first divergence, in one line with a count."""
    named = list(dict.fromkeys(titles))
    return [Line("fold", f"{LATER} ({len(named)}): {'; '.join(named)}")] if named else []


def asked_of(knowledge: Knowledge) -> dict[Test, TestIs | ProtectiveIs]:
    """Each test of the rules in force, as the first of them asks it."""
    found: dict[Test, TestIs | ProtectiveIs] = {}
    for rule in knowledge.in_force:
        for condition in conditions_of(rule):
            if isinstance(condition, TestIs | ProtectiveIs):
                found.setdefault(condition.test, condition)
    return found


class _Tests:
    """Tells tests that differ: what each asks, and how it stands on each side, with the observations."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.tellers = [(name, EvidenceTeller(side)) for name, side in pair.sides]
        self.asked = asked_of(pair.left.knowledge)

    def lines(self, nodes: set[int]) -> list[Line]:
        """Each test among some nodes once, as plainly as it is looked at among them, in the order of titles."""
        found: dict[Test, Context] = {}
        for atom, node in self.pair.left.program.atoms:
            if node in nodes and not atom.corroboration:
                test, context = atom.tests[0], atom.context.plain
                found[test] = min(found.get(test, context), context, key=_plainness)
        return sorted((self.line(test, context) for test, context in found.items()),
                      key=lambda line: (line.title.casefold(), line.about))

    def line(self, test: Test, context: Context) -> Line:
        """One test, with how it stands on each side below it."""
        told = [(name, teller.test(self.asked[test], context)) for name, teller in self.tellers]
        (_, first), (_, second) = told
        alike = first.small == second.small
        text = RESTING if first.state is second.state else _looked_at(context)
        return Line("difference", first.title, about=f"test {test}", text=text, small=first.small[:alike],
                    children=tuple(_side(name, line, line.small[:not alike]) for name, line in told))


def _plainness(context: Context) -> tuple[int, int, int]:
    return context.shift, 0 if context.within is None else 1, -(context.within or 0)


def _looked_at(context: Context) -> str:
    """How a test is looked at, where that is not simply now."""
    within = f"on evidence that ends within {context.within} months" if context.within is not None else ""
    earlier = changewords.earlier(context.shift) if context.shift else ""
    return ", ".join(part for part in (within, earlier) if part)


def _side(name: str, told: Line, asks: tuple[str, ...]) -> Line:
    """How a test stands on one side: the state, what it asks where that differs, and the observations or the gap."""
    state = words.OF_A_TEST[told.state or State.NOT_KNOWN]
    return Line("side", f"{name}: {state}", told.state, text=told.text, small=asks, value=told.value, flags=told.flags,
                children=told.children)
