"""What the tests of rules found, in words: each difference, and one line that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from explain.render.text import clean
from explain.words import count_of, several
from kb.conditions import Rule
from kb.knowledge import Knowledge
from kb.model import State
from kb.ruletests import RuleTest, Standing

if TYPE_CHECKING:
    from engine.ruletests import Came, Ran

FEWEST = 3
"""The fewest tests that every rule has: where it holds, where one premise is missing, where it is stopped."""


class Tally(NamedTuple):
    """How many tests each written rule in force has, fewest first, and how many tests are of rules not in force."""

    tests: tuple[tuple[str, int], ...]
    aside: int

    @property
    def too_few(self) -> tuple[tuple[str, int], ...]:
        """The rules with fewer tests than every rule has."""
        return tuple((id, number) for id, number in self.tests if number < FEWEST)


def tally(tests: Sequence[RuleTest], knowledge: Knowledge, only: Iterable[str] = ()) -> Tally:
    """How the tests fall to rules (to those named, where any is); the lines of the grading need none of their own."""
    wanted = set(only)
    written = [r for r in knowledge.in_force if r.head.kind != "signature" and (not wanted or r.id in wanted)]
    often = Counter(test.rule for test in tests)
    counted = sorted(((rule.id, often[rule.id]) for rule in written), key=lambda pair: (pair[1], pair[0]))
    used = _used(knowledge)
    return Tally(tuple(counted), sum(test.rule not in used for test in tests))


def in_force(test: RuleTest, knowledge: Knowledge) -> bool:
    """Whether the rule (or signature) that a test is of is used: neither draft nor withdrawn."""
    return test.rule in _used(knowledge)


def _used(knowledge: Knowledge) -> set[str]:
    return {rule.id for rule in knowledge.in_force} | set(knowledge.vocabulary.signatures)


def differences(ran: Iterable[Ran], knowledge: Knowledge) -> str:
    """Every difference below the line of its test, with its rule; nothing where all is as expected."""
    rules = {rule.id: rule for rule in knowledge.rules}
    return "".join(f"{line}\n" for one in ran if not one.as_expected for line in _below_its_line(one, rules))


def _below_its_line(ran: Ran, rules: dict[str, Rule]) -> Iterator[str]:
    place = ran.test.place
    yield clean(f"{place.file}:{place.line}: {ran.test.name} (rule {ran.test.rule})")
    yield from (f"    {clean(line)}" for line in told(ran, rules))


def told(ran: Ran, rules: dict[str, Rule]) -> Iterator[str]:
    """What came of a test otherwise than it says, a line each."""
    yield from (_difference(came) for came in ran.came if not came.as_expected)
    yield from (f"rule {id}: expected to hold, and does not{_status(id, rules)}" for id in ran.not_holding)
    yield from (f"rule {id}: expected not to hold, and does" for id in ran.holding)


def _difference(came: Came) -> str:
    by = f"by {several(came.by)}" if came.by else "no rule for it holds"
    got = standing(came.expected._replace(state=came.state, level=came.level))
    return f"{came.expected.id}: expected {standing(came.expected)}, got {got} ({by})"


def standing(stood: Standing) -> str:
    """A state, or the level at which something is present, as the files of tests say it."""
    return stood.level if stood.state is State.PRESENT and stood.level else stood.state.value


def _status(id: str, rules: dict[str, Rule]) -> str:
    status = rules[id].status if id in rules else "in force"
    return "" if status == "in force" else f": its status is {status}"


def counts(ran: Sequence[Ran], tallied: Tally) -> str:
    """One line: tests, those that differ, rules, and the rules with too few tests."""
    differing = sum(not one.as_expected for one in ran)
    line = [f"{count_of(len(ran), 'test')}, {'all as expected' if not differing else f'{differing} not as expected'}"]
    if tallied.tests:
        line += [f"{count_of(len(tallied.tests), 'rule')} in force",
                 f"the fewest tests for a rule: {tallied.tests[0][1]}"]
    if tallied.too_few:
        listed = ", ".join(f"{id} ({number})" for id, number in tallied.too_few)
        line.append(f"fewer than {FEWEST}: {listed}")
    if tallied.aside:
        line.append(f"{count_of(tallied.aside, 'test')} of rules not in force left aside")
    return "; ".join(line) + "\n"
