"""Tests and the observations under them, as lines of an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.assess import Assessment
from engine.evidence import Verdict
from engine.program import Atom, Context
from explain import changewords, words
from explain.account import Line
from explain.cautions import beside_figure
from kb.conditions import Corroborated, ProtectiveIs, Rule, Test, TestIs
from kb.dossier import Observation
from kb.knowledge import Sign, Signs
from kb.model import Indicator, State

SHOWN = (State.PRESENT, State.CONTESTED)


class EvidenceTeller:
    """Tells what one assessment's observations say of each test."""

    def __init__(self, assessment: Assessment) -> None:
        self.it = assessment
        self.kb = assessment.knowledge
        self.noted: set[str] = set()

    def facet(self, name: str, members: Sequence[Sign], signs: Signs, context: Context) -> Line:
        """One side of a signature; where both sides are needed, each says whether it is shown."""
        lines = [self.test(sign.test, context) for sign in members]
        unknown = [line for line in lines if line.state is State.NOT_KNOWN and line.text == words.NOTHING]
        known = [line for line in lines if line not in unknown]
        state = _best([line.state for line in lines])
        folded = self.fold(unknown) if len(unknown) > 1 or known else tuple(unknown)
        partial = "one of the two sides that this signature needs" if signs.needs == "both" else ""
        return Line("facet", name or "signs", state, text=partial, children=(*known, *folded))

    def fold(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Several unknown signs as one line with a count."""
        if not lines:
            return ()
        names = words.several([line.title for line in lines])
        return (Line("fold", f"Not known ({len(lines)}): {names}", State.NOT_KNOWN),)

    def test(self, c: TestIs | ProtectiveIs, context: Context) -> Line:
        """A test: what it asks, its basis, and the observations on each side, or why it is not known."""
        indicator = self.kb.vocabulary.indicators[c.test.indicator]
        verdict = self.it.looking.verdict(c.test, context.shift)
        plain = Atom((c.test,), context._replace(plus=None))
        node = self.it.atom_at.get(plain)
        state = self.it.state(node) if node is not None else State.NOT_KNOWN
        deciding = (*verdict.for_by, *verdict.against_by, *verdict.looked_at)
        year = deciding[0].about.end.year if deciding else None
        asks = words.asked(c.test, indicator, self.kb.vocabulary.compared_with, verdict.limit, year)
        basis = self.kb.basis_of(c.test) or (c.basis if isinstance(c, TestIs) else "")
        small = (asks + (f"; threshold: {basis}" if basis else ""), *self.note(indicator))
        title = (self.kb.vocabulary.protective[c.id].title if isinstance(c, ProtectiveIs)
                 else words.measured(c.test, indicator))
        text = ""
        if state is State.CONTESTED:
            text = words.of_indicator(indicator.short, state, self.it.case.authority)
        elif state is State.NOT_KNOWN:
            outside = bool(verdict.for_by or verdict.against_by)
            text = changewords.only_older(context.within or 0) if outside else self.gap(verdict, indicator)
        sides = tuple(self.sides(c.test, context, state))
        return Line("test", title, state, text=text, small=small, key=f"test {c.test} {context}", place=c.place,
                    children=sides, about=f"test {c.test}", value=words.both_sides(verdict, indicator),
                    flags=tuple(dict.fromkeys(flag for side in sides for flag in side.flags)))

    def note(self, indicator: Indicator) -> Iterable[str]:
        """What must be borne in mind in reading an indicator: said where it first comes up."""
        if indicator.note and indicator.id not in self.noted:
            self.noted.add(indicator.id)
            yield indicator.note

    def once(self, flag: str, why: str) -> str:
        """A caution with its reason where it first comes up, and by its words after that."""
        if flag in self.noted:
            return flag
        self.noted.add(flag)
        return f"{flag}: {why}"

    def gap(self, verdict: Verdict, indicator: Indicator) -> str:
        """Why a test is not known, in words."""
        return words.gap(verdict, indicator, self.kb.vocabulary.compared_with)

    def sides(self, test: Test, context: Context, state: State) -> Iterable[Line]:
        """The observations under a test, each with its side where sources disagree."""
        verdict = self.it.looking.verdict(test, context.shift)
        for side, observations in (("for", verdict.for_by), ("against", verdict.against_by)):
            for observation in observations:
                lead = f"{side}: " if state is State.CONTESTED else ""
                yield self.observation(observation, lead)

    def observation(self, observation: Observation, lead: str = "") -> Line:
        """One observation with its dates, kind, source and note."""
        indicator = self.kb.vocabulary.indicators[observation.indicator]
        beside = list(beside_figure(observation, self.it))
        disputed = observation.disagreement
        answer = words.remark(disputed) if disputed and disputed.known <= self.it.as_at else ""
        said = (f"{observation.kind}; {words.cited(observation)}", observation.note, answer)
        return Line("observation", lead + words.observed(observation, indicator), None,
                    small=tuple(self.once(flag, why) for flag, why in beside), flags=tuple(flag for flag, _ in beside),
                    quoted=tuple(text for text in said if text),
                    key=f"observation {observation.place}", place=observation.place,
                    brief=lead + words.briefly(observation))

    def corroborated(self, c: Corroborated, context: Context) -> Line:
        """Two kinds of evidence from two documents, and which they are."""
        node = self.it.atom_at[Atom(c.tests, context._replace(plus=None), True)]
        return Line("group", "Two kinds of evidence from two documents", self.it.state(node), place=c.place)


def _best(states: Sequence[State | None]) -> State:
    for wanted in (State.PRESENT, State.CONTESTED):
        if wanted in states:
            return wanted
    judged = all(state is State.NOT_FOUND for state in states)
    return State.NOT_FOUND if judged and states else State.NOT_KNOWN


def rule_of(assessment: Assessment, node: int) -> Rule:
    """The rule that a node stands for."""
    origin = assessment.program.nodes[node].origin
    if not isinstance(origin, Rule):
        raise TypeError("a head's arguments are rules")
    return origin
