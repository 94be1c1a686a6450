"""What answers would settle: for each open result, every smallest set of answers after which it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product

from engine.assess import Assessment, Model
from engine.bearing import Literal
from engine.combinations import Columns, Combinations, Set, places
from engine.cones import whole
from engine.families import Families, Family, TooMany
from engine.program import Group, Proposition
from engine.proofs import AGAINST, FOR, Mark
from engine.unknowns import questions
from kb.conditions import LADDERS
from kb.model import Kind, State

MOST = 3
"""Sets of up to so many answers are looked at, all of them."""
LARGEST = 30_000
"""A result of which more sets than this must be told apart is left out, and named."""
Head = tuple[str, str]
Settled = dict[Set, State]


def open_results(assessment: Assessment) -> tuple[Head, ...]:
    """The conclusions that are not known or contested; of overall results, those stronger than the present one."""
    stronger = assessment.knowledge.results()
    stronger = stronger[:stronger.index(assessment.result)]
    found = [(kind, id) for kind, id in assessment.knowledge.conclusions() if kind != "signature"
             and (kind != "result" or id in stronger)]
    unsettled = State.NOT_KNOWN, State.CONTESTED
    return tuple(head for head in sorted(found) if assessment.head_state(*head) in unsettled)


class Settling:
    """The open results of one assessment, the open questions, and what their answers would settle.

    `beyond`: the results of which there are too many sets to tell them all.
    """

    def __init__(self, assessment: Assessment, most: int = MOST) -> None:
        self.it, self.most = assessment, most
        self.heads = open_results(assessment)
        self.program = assessment.program
        self.tops = {(kind, id): self.program.heads[Proposition(kind, id, LADDERS[kind][0])] for kind, id in self.heads}
        self.questions, self.answers = questions(assessment)
        self.question_of = {place: at for at, question in enumerate(self.questions) for place in question.answers}
        self.combinations = Combinations(assessment, whole(self.program), self.answers)
        self.answered = self.combinations.alone(len(self.answers))
        self.beyond = list[Head]()
        self.settled = self._smallest()

    def alone(self, place: int) -> Model:
        """What one answer alone would make of every node."""
        columns, at = self._alone_at
        return columns.model(at[place])

    def _smallest(self) -> dict[Head, Settled]:
        """For each open result, every set that settles it of which no smaller part does, with the state it then has."""
        candidates = self._candidates()
        singles = [(place,) for place in range(len(self.answers))]
        sets = sorted({*singles, *(some for wanted in candidates.values() for some in wanted)})
        columns = self.combinations.evaluate(sets)
        self._alone_at = columns, {some[0]: at for at, some in enumerate(sets) if len(some) == 1}
        found = self._settling(candidates, sets, columns)
        grown = {head: self._grown(some - found[head].keys()) for head, some in candidates.items()}
        more = sorted(set[Set]().union(*grown.values()))
        for head, settled in self._settling(grown, more, self.combinations.evaluate(more)).items() if more else ():
            found[head] |= settled
        return {head: _least(settled) for head, settled in found.items()}

    def _candidates(self) -> dict[Head, set[Set]]:
        """Sets of which every set that settles a result holds one."""
        model = list(self.it.model)
        families = [Families(self.program, model, reading, self._leaves(reading), self.most, LARGEST)
                    for reading in ((0, 1) if self.combinations.disputed else (0,))]
        found: dict[Head, set[Set]] = {}
        told: dict[int, Set] = {}
        for head, top in self.tops.items():
            try:
                sets = frozenset[int]().union(*(_both_readings(families, (
                    Literal(Mark(top, there), True), Literal(Mark(top, away), False)))
                    for there, away in ((FOR, AGAINST), (AGAINST, FOR))))
            except TooMany:
                self.beyond.append(head)
                continue
            told |= {bits: places(bits) for bits in sets - told.keys()}
            found[head] = {some for bits in sets if (some := told[bits])}
        torn = {some for some in told.values() if not self._apart(some)}
        return {head: some - torn for head, some in found.items()}

    def _leaves(self, reading: int) -> dict[Literal, set[int]]:
        """What alone makes an atom's mark another, or does so together with others."""
        found = {literal: {1 << place for place in places(does)}
                 for (literal, own), does in self.answered.items() if own == reading}
        for group in self.combinations.joined:
            for literal, sets in self._joined(group):
                found.setdefault(literal, set()).update(sets)
        return found

    def _joined(self, group: Group) -> Iterator[tuple[Literal, set[int]]]:
        """What answers do together to tests that are looked at as one, where two kinds of evidence are asked for.

        Two of different kinds show it; it is found not to be so only once each of the tests is decided; and where
        sources disagree, each side left out may be one too few.
        """
        shown, decided, disputed = self._together(group)
        for at in group.places:
            node = self.program.atoms[at][1]
            yield Literal(Mark(node, FOR), True), shown
            yield Literal(Mark(node, AGAINST), False), shown
            yield Literal(Mark(node, AGAINST), True), decided
            yield Literal(Mark(node, FOR), False), disputed

    def _together(self, group: Group) -> tuple[set[int], set[int], set[int]]:
        """Of several tests: the pairs that show them, the sets that decide all that is not, and sides of disputes."""
        meeting, deciding, disputed = dict[int, Kind](), dict[str, set[int]](), set[int]()
        for place in self._asked(group):
            indicator, question = self.answers[place].indicator, self.questions[self.question_of[place]]
            seen = [self.combinations.looking(place).verdict(test, group.shift) for test in group.tests
                    if test.indicator == indicator]
            if any(verdict.for_by for verdict in seen):
                meeting[place] = self.it.knowledge.vocabulary.indicators[indicator].kind
            if question.disputed:
                disputed.add(1 << place)
            elif any(verdict.for_by or verdict.against_by for verdict in seen):
                deciding.setdefault(indicator, set()).add(place)
        shown = {1 << one | 1 << other for one, other in combinations(meeting, 2) if meeting[one] is not meeting[other]}
        few = 0 < len(deciding) <= self.most and not group.shift
        return shown, {sum(1 << place for place in some) for some in product(*deciding.values())} if few else set(), (
            disputed)

    def _asked(self, group: Group) -> Iterator[int]:
        """The answers that atoms of several tests look at."""
        for indicator in sorted(group.indicators):
            yield from self.combinations.of_indicator.get(indicator, ())

    def _settling(self, wanted: dict[Head, set[Set]], sets: Sequence[Set], columns: Columns) -> dict[Head, Settled]:
        """Of the sets that were tried, those wanted of a result that do settle it."""
        return {head: {one: state for state, column in self._known(columns, head)
                       for at in places(column) if (one := sets[at]) in asked} for head, asked in wanted.items()}

    def _known(self, columns: Columns, head: Head) -> tuple[tuple[State, int], ...]:
        """The columns in which a result is present, and those in which it is found not to be so."""
        top = self.tops[head]
        return (State.PRESENT, columns.present(top)), (State.NOT_FOUND, columns.not_found(top))

    def _grown(self, short: Iterable[Set]) -> set[Set]:
        """What does not settle it, with answers added: they may mend what it does beside."""
        found = set[Set]()
        for some in short:
            for more in range(1, self.most - len(some) + 1):
                found |= {grown for added in combinations(range(len(self.answers)), more)
                          if len(grown := tuple(sorted({*some, *added}))) == len(some) + more and self._apart(grown)}
        return found

    def _apart(self, some: Set) -> bool:
        """Whether no two answer the same question."""
        return len({self.question_of[place] for place in some}) == len(some)


def _both_readings(families: Sequence[Families], goals: Iterable[Literal]) -> Family:
    """What reaches the goals in every reading. Raises TooMany."""
    goals = tuple(goals)
    return families[0].every(each.of(goal) for each in families for goal in goals)


def _least(settled: Settled) -> Settled:
    """Those of which no smaller part is among them."""
    singles = {some[0] for some in settled if len(some) == 1}
    least = min((len(some) for some in settled if len(some) > 1), default=0)
    return {some: state for some, state in sorted(settled.items()) if len(some) == 1 or (
        singles.isdisjoint(some) and not any(
            part in settled for size in range(least, len(some)) for part in combinations(some, size)))}

