"""One case at one date: the model of both readings, by whichever engine, confirmed where both are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from engine import rete
from engine.bits import Plane, evaluate
from engine.confirm import confirm
from engine.evidence import Evidence
from engine.planes import Column, Looking, planes_seen
from engine.program import NOW, Atom, Context, Program, Proposition
from engine.proofs import Provenance
from engine.support import readings, supporting
from kb.conditions import HELD, LADDERS, Test
from kb.dossier import Case, Observation
from kb.knowledge import Knowledge
from kb.model import Kind, State


class Asked(NamedTuple):
    """One case to assess as at a date; `observations` takes the place of the case's own."""

    case: Case
    as_at: date
    observations: Iterable[Observation] | None = None


class Model(Sequence[Plane]):
    """One column of a wide evaluation: every node's marks in both readings of disputed evidence."""

    def __init__(self, planes: Sequence[Plane], column: int, columns: int) -> None:
        self.planes, self.first, self.second, self.alone = planes, column, column + columns, columns == 1

    def __len__(self) -> int:
        return len(self.planes)

    def __getitem__(self, index: Any) -> Any:
        """The node's (for, against), bit 0 in the first reading and bit 1 in the second."""
        for_, against = marks = self.planes[index]
        return marks if self.alone else (self._both(for_), self._both(against))

    def _both(self, plane: int) -> int:
        return plane >> self.first & 1 | (plane >> self.second & 1) << 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Assessment:
    """The model of one case at one date: every node's marks in both readings of disputed evidence."""

    knowledge: Knowledge
    program: Program
    case: Case
    as_at: date
    model: Model
    looking: Looking
    engine: str
    engine_note: str = field(default="", compare=False)

    @cached_property
    def atom_at(self) -> dict[Atom, int]:
        """The node of each atom."""
        return dict(self.program.atoms)

    @cached_property
    def proofs(self) -> tuple[Provenance, ...]:
        """What every mark rests on, in each reading of disputed evidence."""
        return readings(self.program, self.model)

    def state(self, node: int) -> State:
        """The state of a node: what both readings say, or contested, or not known (design, section 3)."""
        return state_of(self.model[node])

    def head_state(self, kind: str, id: str, level: str | None = None, context: Context = NOW) -> State:
        """The state of a signature or conclusion at a level (default: its lowest)."""
        node = self.program.heads.get(Proposition(kind, id, level or LADDERS[kind][0], context))
        return State.NOT_KNOWN if node is None else self.state(node)

    def level(self, kind: str, id: str, context: Context = NOW) -> str | None:
        """The highest level at which it is present, or None."""
        held = [level for level in LADDERS[kind] if self.head_state(kind, id, level, context) is State.PRESENT]
        return held[-1] if held else None

    def standing_at(self, kind: str, id: str) -> tuple[int, ...]:
        """The nodes of its highest level that is present and of its highest that is contested, where there are such."""
        nodes = [node for level in LADDERS[kind] if (node := self.program.head(kind, id, level)) is not None]
        held = [[node for node in nodes if self.state(node) is state] for state in (State.PRESENT, State.CONTESTED)]
        return tuple(some[-1] for some in held if some)

    @cached_property
    def results(self) -> tuple[str, ...]:
        """The overall results that there are, strongest first."""
        return self.knowledge.results()

    @property
    def result(self) -> str:
        """The id of the overall result: the first, strongest first, that is present in both readings."""
        present = [id for id in self.results if self.head_state("result", id) is State.PRESENT]
        return present[0] if present else self.results[-1]

    @property
    def on_numbers_alone(self) -> bool:
        """Whether the overall result puts a question, and no event and no finding is among what it rests on."""
        node = self.program.head("result", self.result, HELD[0])
        if node is None or self.result not in self.knowledge.questions():
            return False
        return all(o.kind is Kind.STATISTIC for o in supporting(self.proofs, self.looking, node))

    @property
    def contested_results(self) -> tuple[str, ...]:
        """The results of the two readings of disputed evidence, where they are not the result itself."""
        found = dict.fromkeys(self._result_in(reading) for reading in (0, 1))
        return tuple(id for id in found if id != self.result)

    def _result_in(self, reading: int) -> str:
        """The first result that is for in one reading."""
        held = [id for id in self.results for node in [self.program.head("result", id, HELD[0])]
                if node is not None and self.model[node][0] >> reading & 1]
        return held[0] if held else self.results[-1]

    @property
    def channels(self) -> tuple[str, ...]:
        """Separate messages that are present or contested, beside the result."""
        ids = sorted(id for kind, id in self.knowledge.conclusions() if kind == "channel")
        return tuple(id for id in ids if self.head_state("channel", id) in (State.PRESENT, State.CONTESTED))

    @property
    def judged(self) -> tuple[str, ...]:
        """The signatures that the evidence held allowed to be judged, either way, in the seed's order."""
        return tuple(s.id for s in self.knowledge.signatures_in_order
                     if self.head_state("signature", s.id) is not State.NOT_KNOWN)

    def evidence_for(self, test: Test, context: Context) -> tuple[Observation, ...]:
        """The observations that meet the test as looked at in a context, in either reading."""
        return tuple(self.looking.sides(test, context, True)[0])


def state_of(plane: Plane) -> State:
    """The state that a two-reading pair of marks stands for."""
    for_, against = plane
    readings = [_mark(for_ >> r & 1, against >> r & 1) for r in (0, 1)]
    if State.CONTESTED in readings:
        return State.CONTESTED
    if readings[0] is readings[1]:
        return readings[0]
    return State.CONTESTED if State.PRESENT in readings else State.NOT_KNOWN


def _mark(for_: int, against: int) -> State:
    if for_ and against:
        return State.CONTESTED
    return State.PRESENT if for_ else State.NOT_FOUND if against else State.NOT_KNOWN


class Assessor:
    """A knowledge base made ready: its program compiled once, and durable-rules' network where it can be had.

    `engine`: "auto" runs durable-rules where it can be had and lets the evaluator confirm it, "rete" insists on it,
    "bits" runs the evaluator alone. Raises rete.Unavailable, and in assessing confirm.Disagreement and (where
    durable-rules is insisted on) rete.EngineError.
    """

    def __init__(self, knowledge: Knowledge, engine: str = "auto", program: Program | None = None) -> None:
        self.knowledge = knowledge
        self.program = program or _compiled(knowledge)
        self.engine = engine
        self.missing = "" if engine == "bits" else rete.available() or ""
        if engine == "rete" and self.missing:
            raise rete.Unavailable(self.missing)

    def assess(self, case: Case, as_at: date, observations: Iterable[Observation] | None = None) -> Assessment:
        """The assessment of a case as at a date; `observations` takes the place of the case's own."""
        return self.assess_all([Asked(case, as_at, observations)])[0]

    def assess_all(self, asked: Sequence[Asked]) -> list[Assessment]:
        """The assessments of many cases and dates, in the order asked, by one wide evaluation."""
        vocabulary = self.knowledge.vocabulary
        evidence = {id(a.case): Evidence.of(a.case.observations, vocabulary) for a in asked if a.observations is None}
        lookings = [Looking(Column(evidence[id(a.case)] if a.observations is None
                                   else Evidence.of(a.observations, vocabulary), a.as_at)) for a in asked]
        atoms = planes_seen(self.program, lookings)
        planes = evaluate(self.program, atoms, 2 * len(asked))
        name, note = self._confirmed(atoms, planes, _by_case(asked))
        return [Assessment(self.knowledge, self.program, a.case, a.as_at, Model(planes, i, len(asked)), lookings[i],
                           name, note) for i, a in enumerate(asked)]

    def _confirmed(self, atoms: list[Plane], planes: list[Plane], groups: Iterable[int]) -> tuple[str, str]:
        """Which engine ran, and why not the other; an engine that fails leaves the answer to the evaluator."""
        if self.engine == "bits" or self.missing:
            return "bits", self.missing
        try:
            confirm(self.program, atoms, planes, groups)
        except rete.EngineError as error:
            if self.engine == "rete":
                raise
            return "bits", str(error)
        return "rete", ""


def _by_case(asked: Sequence[Asked]) -> list[int]:
    """The columns of each case, in both readings, as bits."""
    groups: dict[int, int] = {}
    for bit, one in enumerate(asked):
        groups[id(one.case)] = groups.get(id(one.case), 0) | 1 << bit | 1 << (bit + len(asked))
    return list(groups.values())


def _compiled(knowledge: Knowledge) -> Program:
    from engine.compiling import compile_rules  # not needed where what was made ready is kept

    return compile_rules(knowledge.rules)
