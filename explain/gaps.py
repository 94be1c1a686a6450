"""What the tests of rules leave open, in words, each with a test ready to paste that would close it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from engine.coverage import SHOWN, Shown
from engine.gaps import Gap
from engine.survivors import Survivor
from engine.variants import bits
from engine.witnesses import Witness
from explain.differences import standing
from explain.names import Names
from explain.render.text import clean
from explain.words import count_of
from kb.conditions import HeadIs, ProtectiveIs
from kb.model import State
from kb.ruletests import RuleTest
from kb.writetests import written_test

WIDTH = 80
LONGEST = 56
SEEN = {State.PRESENT: "present", State.NOT_FOUND: "found not to be so", State.NOT_KNOWN: "not known",
        None: "what the rule turns on"}


class Naming:
    """Names for the tests that are offered: no two tests of one rule have the same."""

    def __init__(self, tests: Iterable[RuleTest]) -> None:
        self.taken = {(test.rule, test.name) for test in tests}

    def name(self, rule: str, wanted: str) -> str:
        """The name that is wanted, or with a number where it is taken."""
        name, number = clean(wanted), 2
        while (rule, name) in self.taken:
            name, number = f"{clean(wanted)} ({number})", number + 1
        self.taken.add((rule, name))
        return name


def gap_lines(gap: Gap, names: Names, naming: Naming) -> Iterator[str]:
    """Conditions of which no test shows an outcome, with the place of the first, and the test that would show it."""
    unit, place = gap.shown[0].unit, gap.shown[0].premise.place
    listed = ", ".join(names.name_of(one.premise) for one in gap.shown)
    yield from _folded(f"{place.file}:{place.line}: {unit.id}: in no test {SEEN[gap.outcome]}: {listed}")
    name = f"{SEEN[gap.outcome]}: {_first([said(one) for one in gap.shown])}"
    yield from _pasted(gap.witness, name, naming)


def survivor_lines(survivor: Survivor, naming: Naming) -> Iterator[str]:
    """A slip that no test notices, and the test that would."""
    slip = survivor.changed.slip
    became = f"{_short(slip.was)} -> {_short(slip.becomes)}" if slip.becomes else f"without {_short(slip.was)}"
    yield from _folded(f"{slip.place.file}:{slip.place.line}: no test notices: {became}")
    name = f"line {slip.place.line}, {_short(slip.was)}" + (f" and not {_short(slip.becomes)}" if slip.becomes else "")
    yield from _pasted(survivor.witness, name, naming)


def same_lines(survivors: Iterable[Survivor]) -> Iterator[str]:
    """The slips that are proved to change nothing."""
    for slip in (one.changed.slip for one in survivors if one.same):
        became = f"{_short(slip.was)} -> {_short(slip.becomes)}" if slip.becomes else f"without {_short(slip.was)}"
        yield from _folded(f"{slip.place.file}:{slip.place.line}: changes nothing: {became}")


def _pasted(witness: Witness | None, name: str, naming: Naming) -> Iterator[str]:
    if witness is None:
        yield "    no test was found that would; it may be that none can"
        return
    expected = witness.expected
    text = written_test(naming.name(witness.rule, name), witness.rule, witness.given,
                        {expected.standing.id: standing(expected.standing)}, _one(expected.because),
                        _one(expected.not_because), witness.as_at)
    yield from text.splitlines()


def _one(id: str) -> list[str]:
    return [id] if id else []


def said(shown: Shown) -> str:
    """A condition by the word that tests give it by."""
    match shown.premise:
        case HeadIs() | ProtectiveIs():
            return shown.premise.id
        case _:
            return shown.premise.test.indicator


def _first(words: Sequence[str], most: int = 2) -> str:
    some = list(dict.fromkeys(words))
    return ", ".join(some[:most]) + (f" and {len(some) - most} more" if len(some) > most else "")


def _short(text: str) -> str:
    told = clean(text)
    return told if len(told) <= LONGEST else f"{told[:LONGEST - 3].rstrip()}..."


def _folded(text: str) -> list[str]:
    return textwrap.wrap(clean(text), WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def attributed(shown: Iterable[Shown], tests: Sequence[RuleTest], names: Names) -> Iterator[str]:
    """Which tests show each outcome of each condition, and which of them turn on it."""
    unit = ""
    for one in shown:
        if one.unit.id != unit:
            unit = one.unit.id
            yield unit
        yield from _indented(f"{names.name_of(one.premise)} (line {one.premise.place.line})", 2)
        planes = [(SEEN[state], one.states[state]) for state in SHOWN]
        for words, plane in (*planes, (SEEN[None], one.decides)):
            named = [tests[at].name for at in bits(plane)]
            yield from _indented(f"{words}: {_by(named)}", 4)


def _by(named: Sequence[str]) -> str:
    if not named:
        return "in no test"
    return f"{count_of(len(named), 'test')}, {'' if len(named) == 1 else 'the first '}\"{named[0]}\""


def _indented(text: str, indent: int) -> list[str]:
    return textwrap.wrap(clean(text), WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2),
                         break_long_words=False, break_on_hyphens=False)


def coverage_counts(shown: Sequence[Shown], slips: int, left: Sequence[Survivor]) -> Iterator[str]:
    """Two lines that count: the outcomes of conditions that tests show, and the slips that they notice."""
    units = len({one.unit.id for one in shown})
    wanted = (len(SHOWN) + 1) * len(shown)
    seen = sum(len(SHOWN) - len(one.missing) + bool(one.decides) for one in shown)
    share = "all" if seen == wanted else f"{min(int(1000 * seen / wanted), 999) / 10:g} per cent"
    of = "a rule or signature" if units == 1 else f"{units} rules and signatures"
    yield from _folded(f"{count_of(len(shown), 'condition')} of {of}: {seen} of {wanted} outcomes are in tests, "
                       f"{share}")
    same = sum(one.same for one in left)
    unseen = len(left) - same
    yield from _folded(f"{count_of(slips, 'slip')} tried: tests notice {slips - len(left)}; changing nothing, whatever "
                       f"the evidence: {same or 'none'}; left unnoticed: {unseen or 'none'}")
