"""Why not: every rule that could give a conclusion, the nearest miss first, down to what is not so or not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.program import NOW, Atom, Context, Proposition
from explain import words
from explain.account import Account, Line, walk
from explain.answer import frame, nearest
from explain.distances import distance, short_by, too_old
from explain.evidence import EvidenceTeller
from explain.signatures import SignatureTeller
from explain.whatif import heads
from explain.why import Teller
from kb.conditions import LADDERS, All, AnyOf, AtLeast, Condition, Judged, ProtectiveIs, Rule, TestIs, Within
from kb.knowledge import Sign, Signs
from kb.model import Place, State

NOT_SO = (State.NOT_FOUND, State.NOT_KNOWN, State.CONTESTED)


class Miss(NamedTuple):
    """What a rule lacks: conditions found not to be so, not known, contested, and exceptions that stop it."""

    not_so: int = 0
    not_known: int = 0
    contested: int = 0
    stopped: int = 0


def why_not(assessment: Assessment, target: tuple[str, str]) -> Account:
    """The rules that could give a signature or conclusion and do not; where it holds, one sentence that it does."""
    teller = MissTeller(assessment)
    title = teller.names.title(*target)
    state = assessment.head_state(*target)
    if state is State.PRESENT:
        level = assessment.level(*target)
        held = f"present ({level})" if level and level != "held" else "present"
        account = frame(assessment, (teller.head(*target),), (), "It holds")
        sentence = f"{title} is {held}; sigrisk why CASE {target[1]} shows what it rests on."
        return account._replace(sentence=sentence, facts=account.facts[-1:])
    chain = tuple(teller.misses(*target)) if target[0] != "signature" else (teller.head(*target),)
    number = f" {words.count_of(len(chain), 'rule')} could give it; the nearest first." if len(chain) > 1 else ""
    account = frame(assessment, chain, nearest(assessment, teller, target), "Why not")
    return account._replace(sentence=f"{title}: {words.OF_A_CONCLUSION[state]} in {assessment.case.authority}.{number}")


def every_why_not(assessment: Assessment) -> tuple[Line, ...]:
    """The same of every signature and conclusion that does not hold, each opened once; of no overall result."""
    teller = _EachOnce(assessment)
    found = [(kind, id, assessment.head_state(kind, id)) for kind, id in heads(assessment)]
    return tuple(teller.opened(kind, id, state) for kind, id, state in found if state is not State.PRESENT)


class _Distances(EvidenceTeller):
    """Tells each test with its distance from the threshold, the nearest first, and since when evidence is too old."""

    def facet(self, name: str, members: Sequence[Sign], signs: Signs, context: Context) -> Line:
        """One side of a signature: signs that are met, then those not known, then those not met, the nearest first."""
        return super().facet(name, sorted(members, key=lambda sign: self.nearness(sign, context)), signs, context)

    def nearness(self, sign: Sign, context: Context) -> tuple[int, float]:
        """What orders signs, as rules are ordered: fewest found not to be so; then how far from the threshold."""
        verdict = self.it.looking.verdict(sign.test.test, context.shift)
        node = self.it.atom_at.get(Atom((sign.test.test,), context._replace(plus=None)))
        state = State.NOT_KNOWN if node is None else self.it.state(node)
        if state is State.NOT_FOUND:
            return 2, short_by(sign.test.test, verdict, self.kb, self.it.as_at)
        return int(state is not State.PRESENT), 0.0

    def test(self, c: TestIs | ProtectiveIs, context: Context) -> Line:
        """The test as it is told in any answer, and how near it is."""
        line = super().test(c, context)
        verdict = self.it.looking.verdict(c.test, context.shift)
        if line.state is not State.NOT_KNOWN:
            told = distance(c.test, verdict, self.kb, self.it.as_at)
            return line._replace(text=". ".join(part for part in (line.text.rstrip("."), told) if part))
        outside = (*verdict.for_by, *verdict.against_by)
        return line._replace(text=too_old(outside, context.within)) if outside and context.within else line


class MissTeller(Teller):
    """Tells what does not hold down to the observations; what holds is named, and opened by `why`."""

    def __init__(self, assessment: Assessment) -> None:
        super().__init__(assessment)
        self.evidence = _Distances(assessment)
        self.signatures = SignatureTeller(assessment, self.evidence)

    def head(self, kind: str, id: str, level: str | None = None, context: Context = NOW,
             place: Place | None = None) -> Line:
        """A signature or conclusion: one that holds as asked is named only."""
        node = self.it.program.heads.get(Proposition(kind, id, level or LADDERS[kind][0], context))
        if node is None or self.it.state(node) is not State.PRESENT:
            return super().head(kind, id, level, context, place)
        return Line(kind, self.names.title(kind, id), State.PRESENT, self.level(node), about=f"{kind} {id}", id=id,
                    category=self.names.category(kind, id), place=place)

    def judged(self, c: Judged, inside: int, holds: bool) -> Iterable[Line]:
        """A condition of which it is only asked that it was judged, with its distance all the same."""
        told = ""
        if isinstance(c.part, TestIs | ProtectiveIs):
            context = self.it.program.nodes[inside].context
            verdict = self.it.looking.verdict(c.part.test, context.shift)
            told = distance(c.part.test, verdict, self.kb, self.it.as_at) if holds else ""
        for line in super().judged(c, inside, holds):
            yield line._replace(text=f"{line.text}; {told}" if told else line.text)

    def misses(self, kind: str, id: str) -> list[Line]:
        """Every rule that could give the conclusion, at whatever level, the nearest first.

        A rule that raises lacks, beside its own, what the nearest rule for the level below it lacks.
        """
        node = self.it.program.heads[Proposition(kind, id, LADDERS[kind][0], NOW)]
        ways = [(rule, arg, self.miss(rule, arg)) for rule, arg in self.ways(kind, id, node) if rule.head.found]
        first = min((miss for rule, _, miss in ways if not rule.head.raised_from), key=_distance, default=Miss())
        ways.sort(key=lambda way: (_distance(_sum([way[2], first]) if way[0].head.raised_from else way[2]),
                                   LADDERS[kind].index(way[0].head.level), way[0].id))
        return [self.missed(*way) for way in ways]

    def missed(self, rule: Rule, node: int, miss: Miss) -> Line:
        """One rule with each of its conditions and exceptions."""
        line = self.way(rule, node)
        lower = tuple(self.lower(rule)) if rule.head.raised_from else ()
        return line._replace(text=_told(miss), tally=self.tally(rule, node), children=(*lower, *line.children))

    def lower(self, rule: Rule) -> list[Line]:
        """The level that a raising rule raises from, which other rules must give first."""
        head = rule.head
        state = self.it.head_state(head.kind, head.id, head.raised_from)
        return [Line("group", f"Asks that it is present ({head.raised_from}) already: {words.STATE_WORDS[state]}",
                     state, place=rule.place)]

    def miss(self, rule: Rule, node: int) -> Miss:
        """How many conditions a rule lacks, by the nearest of its alternatives."""
        when, *exceptions = self.it.program.nodes[node].args
        stopped = sum(self.it.state(arg) is State.PRESENT for arg in exceptions)
        return _sum([self.lacks(rule.when, when), Miss(stopped=stopped)])

    def lacks(self, c: Condition, node: int) -> Miss:
        """What one condition lacks: of alternatives the fewest, of several asked for the nearest of them."""
        args = self.it.program.nodes[node].args
        match c:
            case Within():
                return self.lacks(c.part, node)
            case All():
                return _sum([self.lacks(part, arg) for part, arg in zip(c.parts, args, strict=True)])
            case AnyOf() | AtLeast():
                wanted = c.count if isinstance(c, AtLeast) else 1
                parts = [self.lacks(part, arg) for part, arg in zip(c.parts, args, strict=True)]
                return _sum(sorted(parts, key=_distance)[:wanted])
            case _:
                state = self.it.state(node)
                return Miss(*(int(state is other) for other in NOT_SO))


class _EachOnce(MissTeller):
    """Tells each signature and conclusion by itself: where another asks for it, it is named with its state only."""

    def opened(self, kind: str, id: str, state: State) -> Line:
        """One that does not hold: of a signature its signs, of a conclusion every rule, the nearest first."""
        if kind == "signature":
            line = super().head(kind, id)
            self.told |= {below.key for below in walk(line) if below.role == "test"}
            return line
        line = Line(kind, self.names.title(kind, id), state, id=id, category=self.names.category(kind, id))
        return line._replace(children=tuple(self.misses(kind, id)))

    def condition(self, c: Condition, node: int, raised: bool = False) -> Iterable[Line]:
        """The lines of one condition; a test that was told before is pointed at."""
        for line in super().condition(c, node, raised):
            if line.role != "test":
                yield line
                continue
            yield line._replace(shown_above=line.key in self.told)
            self.told.add(line.key)

    def head(self, kind: str, id: str, level: str | None = None, context: Context = NOW,
             place: Place | None = None) -> Line:
        """A signature or conclusion that is asked for, unopened."""
        node = self.it.program.heads.get(Proposition(kind, id, level or LADDERS[kind][0], context))
        state = State.NOT_KNOWN if node is None else self.it.state(node)
        return Line(kind, self.names.title(kind, id), state, self.level(node), about=f"{kind} {id}", id=id,
                    category=self.names.category(kind, id), place=place)


def _distance(miss: Miss) -> tuple[int, int]:
    """Fewest conditions not met first, then fewest unknown."""
    return miss.not_so + miss.stopped, miss.not_known + miss.contested


def _sum(misses: list[Miss]) -> Miss:
    return Miss(*(sum(numbers) for numbers in zip(Miss(), *misses, strict=True)))


def _told(miss: Miss) -> str:
    """What the rule lacks, in a sentence."""
    counted = ((miss.not_so, "found not to be so"), (miss.not_known, "not known"), (miss.contested, "contested"))
    told = ", ".join(f"{number} {state}" for number, state in counted if number)
    lacks = f"Conditions not met: {told}." if told else "Every condition is met."
    if not miss.stopped:
        return lacks
    stops = "would stop" if told else "stops" if miss.stopped == 1 else "stop"
    return f"{lacks} {words.count_of(miss.stopped, 'exception')} {stops} it{' anyway' if told else ''}."
