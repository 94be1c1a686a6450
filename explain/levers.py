"""Levers: the smallest sets of changes that would clear a conclusion, or raise it, by who can act on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.combinations import Set
from engine.turning import Turn, Turning
from explain import words
from explain.account import Account, Line, closing, heading
from explain.evidence import SHOWN
from explain.names import Names
from explain.otherwise import Otherwise
from kb.conditions import HELD, LADDERS
from kb.dates import long_date
from kb.model import State

CONTROL = ("most", "shared", "least")
"""How far those who lead control a category: nearest to hand first."""
PROTECTIVE = len(CONTROL)
SHOWN_SETS = 10
RAISED = 3
"""What would raise a conclusion is looked for in sets of up to so many changes."""
NOT_ADVICE = ("This says what the rules would make of other evidence. It is no advice to change a figure: a figure "
              "follows from what is done, and a rule that no longer holds is not by itself better practice.")
Target = tuple[str, str]


class Aim(NamedTuple):
    """One goal: a level of a conclusion that is to be cleared, or raised to."""

    kind: str
    id: str
    level: str
    clears: bool


def levers(assessment: Assessment, target: Target) -> Account:
    """What would clear the conclusion, and what would raise it; where it does not hold, what would bring it about."""
    teller = _Teller(assessment)
    groups = [teller.told(aim) for aim in aims(assessment, target)]
    case, kind = assessment.case, target[0]
    state, level = assessment.head_state(*target), assessment.level(*target)
    stands = f"present ({level})" if level and LADDERS[kind] != HELD else words.OF_A_CONCLUSION[state]
    return Account(
        heading=f"{heading(case)}: what would change it",
        subheading=f"as at {long_date(assessment.as_at)}: only what was public by then, and still in date, counts",
        answer=f"{teller.names.title(*target)}: {stands}", sentence=NOT_ADVICE,
        facts=tuple(text for text, _ in groups), chain=tuple(line for _, line in groups if line.children), missing=(),
        notes=(), closing=closing(assessment.knowledge.vocabulary), section="The smallest changes",
        case=case.id, authority_code=case.authority_code, as_at=assessment.as_at.isoformat(), result=assessment.result)


def aims(assessment: Assessment, target: Target) -> Iterator[Aim]:
    """To clear what is present, and to raise it by one level; to bring about what is not."""
    kind, id = target
    ladder, level = LADDERS[kind], assessment.level(kind, id)
    if kind == "result":
        yield from _result_aims(assessment, id)
        return
    if assessment.head_state(kind, id) in SHOWN:
        yield Aim(kind, id, ladder[0], True)
    above = ladder[ladder.index(level) + 1:] if level else ladder
    yield from (Aim(kind, id, next_level, False) for next_level in above[:1])


def _result_aims(assessment: Assessment, id: str) -> Iterator[Aim]:
    """Of overall results: one that puts a question is cleared; the next stronger is what it would be raised to."""
    questions = [q for q in assessment.knowledge.results() if q in assessment.knowledge.questions()]
    held = id in questions and assessment.head_state("result", id) in SHOWN
    if held:
        yield Aim("result", id, HELD[0], True)
    stronger = questions[:questions.index(id)] if held else questions[:questions.index(id) + 1] if (
        id in questions) else questions
    yield from (Aim("result", other, HELD[0], False) for other in stronger[-1:]
                if assessment.head_state("result", other) is not State.PRESENT)


class _Teller:
    def __init__(self, assessment: Assessment) -> None:
        self.it, self.vocabulary = assessment, assessment.knowledge.vocabulary
        self.names, self.otherwise = Names(assessment.knowledge), Otherwise(assessment)

    def told(self, aim: Aim) -> tuple[str, Line]:
        """One sentence on what would do it, and the sets by who can act on them."""
        node = self.it.program.head(aim.kind, aim.id, aim.level)
        title = self.names.title(aim.kind, aim.id)
        raised = f" ({aim.level})" if aim.level not in (HELD[0], LADDERS[aim.kind][0]) else ""
        goal = f'clear "{title}"' if aim.clears else f'give "{title}"{raised}'
        if node is None:
            return f"No rule in force speaks of {title}{raised}.", Line("group", "")
        turning = Turning(self.it, node, aim.clears)
        turn = self.smallest(turning, range(len(turning.alternatives)), aim)
        if not turn.sets:
            none = f"No set of up to {turn.ruled_out} changes to what the rules look at would {goal}."
            return none, Line("group", "")
        number, size = len(turn.sets), len(turn.sets[0])
        counted = words.count_of(number, "single change") if size == 1 else _sets(number, size)
        facts = f"{counted} would {goal}{'; no fewer would' if size > 1 else ''}. Each was tried out."
        lines = tuple(self.groups(turning, turn, aim))
        return facts, Line("group", f"What would {goal}", children=lines)

    def smallest(self, turning: Turning, among: Sequence[int], aim: Aim) -> Turn:
        return turning.smallest(among) if aim.clears else turning.smallest(among, RAISED)

    def groups(self, turning: Turning, turn: Turn, aim: Aim) -> Iterator[Line]:
        """The sets by who can act on them; where someone has none of the smallest, the smallest of their own."""
        by_actor: dict[int, list[Set]] = {}
        for one in turn.sets:
            by_actor.setdefault(self.actor(turning, one), []).append(one)
        for rank in range(PROTECTIVE + 1):
            if rank in by_actor:
                yield self.group(turning, rank, by_actor[rank])
            elif rank < PROTECTIVE - 1 and aim.clears:
                own = [place for place in range(len(turning.alternatives)) if self.rank(turning, place) <= rank]
                alone = self.smallest(turning, own, aim)
                if alone.sets and self.actor(turning, alone.sets[0]) == rank:
                    yield self.group(turning, rank, alone.sets)

    def group(self, turning: Turning, rank: int, sets: Sequence[Set]) -> Line:
        """Sets of changes that need the same people, what most of them share told once."""
        short = turning.fails_short(sets)
        lines = tuple(self.tree(turning, sorted(sets), short))
        shown, rest = lines[:SHOWN_SETS], len(lines) - SHOWN_SETS
        more = (Line("fold", f"and {rest} more such ways"),) if rest > 0 else ()
        size = len(sets[0])
        lead = "each of these alone is enough" if size == 1 else f"{size} changes together"
        return Line("group", f"{self.who(rank)}: {lead}", children=(*shown, *more))

    def tree(self, turning: Turning, sets: Sequence[Set], short: Collection[tuple[Set, int]]) -> Iterator[Line]:
        """The changes that need the same beside them, told together; then what is left in the same way."""
        left = set(sets)
        while left:
            places = _sharing(left)
            beside = sorted(one for one in _beside(left, places[0]) if all(_with(one, p) in left for p in places))
            mine = {_with(one, place) for one in beside for place in places}
            left -= mine
            lines = tuple(self.change(turning, place, all((one, place) in short for one in mine if place in one))
                          for place in places)
            if not beside[0]:
                yield from lines
                continue
            inner = {(_without(one, p), q) for one in mine for p in places if p in one for q in one
                     if q != p and (one, q) in short}
            needed = tuple(self.tree(turning, beside, inner))
            together = Line("group", f"together with {_any_of(needed)}", children=needed)
            if len(lines) == 1:
                yield lines[0]._replace(children=(together,))
            else:
                yield Line("group", f"Any one of these {len(lines)}", children=(*lines, together))

    def change(self, turning: Turning, place: int, fails_short: bool) -> Line:
        """One change in words, and that one step short it does not do."""
        one = turning.alternatives[place]
        indicator = self.vocabulary.indicators[one.indicator]
        small = (self.names.title("signature", indicator.signature),) if indicator.signature else ()
        stepped = fails_short and indicator.unit.id not in ("yes/no", "times")
        text = f"one step short, at {self.otherwise.one_step_short(one)}, it would not do" if stepped else ""
        return Line("lever", f"{self.otherwise.title(one)}: {self.otherwise.change(one)}", text=text, small=small,
                    id=one.indicator)

    def actor(self, turning: Turning, some: Set) -> int:
        """Who is needed for a set: those furthest from hand among its changes."""
        return max(self.rank(turning, place) for place in some)

    def rank(self, turning: Turning, place: int) -> int:
        """How far from hand a change is, 0 the nearest; a sign of no category comes last."""
        indicator = self.vocabulary.indicators[turning.alternatives[place].indicator]
        signature = self.vocabulary.signatures.get(indicator.signature)
        return CONTROL.index(self.vocabulary.categories[signature.category].control) if signature else PROTECTIVE

    def who(self, rank: int) -> str:
        """Who can act on the changes of a group."""
        if rank == PROTECTIVE:
            return "With a protective sign that stops the rule"
        named = [c for c in self.it.knowledge.categories_in_order if c.control == CONTROL[rank]]
        return f"What {words.several([f'{c.who_can_act} ({c.id})' for c in named])} can act on"


def _sharing(sets: Collection[Set]) -> list[int]:
    """The changes that need the same beside them: those by which most sets are told at once."""
    families = {place: frozenset(_beside(sets, place)) for one in sets for place in one}
    alike: dict[frozenset[Set], list[int]] = {}
    for place in sorted(families):
        alike.setdefault(families[place], []).append(place)
    return max(alike.items(), key=lambda pair: (len(pair[0]) * len(pair[1]), -len(pair[1]), -pair[1][0]))[1]


def _beside(sets: Collection[Set], place: int) -> list[Set]:
    """What the sets that hold a change hold beside it."""
    return [_without(one, place) for one in sets if place in one]


def _without(one: Set, place: int) -> Set:
    return tuple(p for p in one if p != place)


def _with(one: Set, place: int) -> Set:
    return tuple(sorted((*one, place)))


def _any_of(lines: Sequence[Line]) -> str:
    return f"any one of these {len(lines)}:" if len(lines) > 1 else "this:"


def _sets(number: int, size: int) -> str:
    return f"{number} set{'' if number == 1 else 's'} of {size} changes"
