"""What tipped a conclusion: the observations that came to count or ceased to, among those that the change rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.assess import Assessment
from engine.bits import Plane
from engine.evidence import in_date
from engine.planes import READINGS
from engine.program import Atom
from engine.proofs import AGAINST, FOR, below
from engine.support import readings, support
from explain.changewords import BECAME_PUBLIC, NO_LONGER_COUNTS, NOW_COUNTS, OUT_OF_DATE, REPLACED, earlier
from explain.moments import Moment, Thing
from kb.conditions import LADDERS
from kb.dates import within
from kb.dossier import Observation
from kb.model import Reading

Key = tuple[object, ...]


class Tip(NamedTuple):
    """One observation that tipped something, and how it did."""

    how: str
    observation: Observation


class _Turn(NamedTuple):
    """An observation that came to count under a test, or ceased to; `months`: the periods it was asked for in."""

    node: int
    observation: Observation
    came: bool
    months: tuple[int, ...]
    shift: int


class Tipping:
    """What tipped each of the things that changed at one moment."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.turns = list(_turns(moment))
        self.models = [(it, [*it.model]) for it in (moment.before, moment.now)]

    def tips(self, thing: Thing) -> tuple[Tip, ...]:
        """What tipped one thing: of what changed below it, that on which its state rests or rested."""
        nodes = self.nodes(thing)
        among = below(self.moment.now.program, nodes)
        turned = [turn for turn in self.turns if turn.node in among]
        grounds = self.grounds(nodes)
        resting = [turn for turn in turned if turn.observation.sort_key in grounds]
        found: dict[Key, Tip] = {}
        for tip in self.told(sorted(resting or turned, key=_plainest)):
            found.setdefault(tip.observation.sort_key, tip)
        return tuple(found[key] for key in sorted(found, key=repr))

    def nodes(self, thing: Thing) -> list[int]:
        """The nodes of a thing at each of its levels; of the overall result, of every result."""
        kind, id = thing
        ids = [id] if id else self.moment.now.knowledge.results()
        found = (self.moment.now.program.head(kind, id, level) for id in ids for level in LADDERS[kind])
        return [node for node in found if node is not None]

    def grounds(self, nodes: Iterable[int]) -> set[Key]:
        """What the states of some nodes rest on, for and against, before and now."""
        return {o.sort_key for it, model in self.models for node in nodes for o in grounds(it, model, node)}

    def told(self, turned: Iterable[_Turn]) -> Iterator[Tip]:
        """Each turn in words; where something newer took an observation's place, both are told."""
        for turn in turned:
            if turn.came:
                yield Tip(self.arrived(turn), turn.observation)
                continue
            newer = self.newer(turn.observation)
            yield Tip(REPLACED if newer else self.lapsed(turn), turn.observation)
            yield from (Tip(BECAME_PUBLIC, o) for o in newer)

    def newer(self, observation: Observation) -> list[Observation]:
        """What became public that day in the place of an observation: its body's next finding, and never an event."""
        reading = self.moment.now.knowledge.vocabulary.indicators[observation.indicator].reading
        held = self.moment.now.looking.column.evidence.by_indicator.get(observation.indicator, ())
        new = [o for o in held if o.known == self.moment.day and o.of == observation.of]
        alike = reading is Reading.LATEST
        return [] if reading is Reading.OCCURRENCES else [o for o in new if alike or o.body == observation.body]

    def arrived(self, turn: _Turn) -> str:
        """Why an observation counts now."""
        if turn.observation.known == self.moment.day:
            return BECAME_PUBLIC
        return f"known for {turn.shift} months by then" if turn.shift else NOW_COUNTS

    def lapsed(self, turn: _Turn) -> str:
        """Why an observation counts no longer."""
        observation, day = turn.observation, self.moment.day
        indicator = self.moment.now.knowledge.vocabulary.indicators[observation.indicator]
        if not in_date(observation, indicator, day):
            return OUT_OF_DATE
        beyond = [months for months in turn.months if not within(observation.about, months, day)]
        if turn.shift:
            return f"{NO_LONGER_COUNTS} {earlier(turn.shift)}"
        return f"now older than {min(beyond)} months" if beyond else NO_LONGER_COUNTS


def _plainest(turn: _Turn) -> tuple[int, int, bool, str]:
    """What is looked at on the day itself comes before what is looked at from months earlier; what ceased, first."""
    return turn.shift, turn.node, turn.came, repr(turn.observation.sort_key)


def grounds(assessment: Assessment, model: Sequence[Plane], node: int) -> list[Observation]:
    """What a node rests on, on the side that it holds and on the side that refutes it."""
    proofs = readings(assessment.program, model)
    return [o for side in (FOR, AGAINST) for o in support(proofs, assessment.looking, node, side)]


def _turns(moment: Moment) -> Iterator[_Turn]:
    """Every observation that came to count, or ceased to, under some test."""
    program = moment.now.program
    held = moment.now.looking.column.evidence.by_indicator.keys()
    for atom, node in program.atoms:
        if held.isdisjoint(test.indicator for test in atom.tests):
            continue
        before, now = _counting(moment.before, atom), _counting(moment.now, atom)
        wanted = (atom.context.within, atom.context.plus, *(test.window for test in atom.tests))
        months = tuple(m for m in wanted if m is not None and m >= 0)
        for key in before.keys() ^ now.keys():
            yield _Turn(node, (before | now)[key], key in now, months, atom.context.shift)


def _counting(assessment: Assessment, atom: Atom) -> dict[tuple[int, Key], Observation]:
    """The observations that count on either side of an atom, in either reading."""
    return {(side, o.sort_key): o for test in atom.tests for reading in READINGS
            for side, some in enumerate(assessment.looking.sides(test, atom.context, reading)) for o in some}
