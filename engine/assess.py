"""One case at one date: the model of both readings, by whichever engine, confirmed where both are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from engine import rete
from engine.bits import Plane, evaluate
from engine.evidence import Evidence
from engine.planes import Column, Looking, planes
from engine.program import NOW, Atom, Context, Program, Proposition, compile_rules
from kb.conditions import HELD, LADDERS, Test
from kb.knowledge import Knowledge
from kb.model import Case, Observation, State


class Disagreement(Exception):
    """The two engines gave different models: a programmer's mistake, never a silent choice."""


@dataclass(frozen=True)
class Assessment:
    """The model of one case at one date: every node's marks in both readings of disputed evidence."""

    knowledge: Knowledge
    program: Program
    case: Case
    as_at: date
    model: tuple[Plane, ...]
    looking: Looking
    engine: str
    engine_note: str = field(default="", compare=False)

    @cached_property
    def atom_at(self) -> dict[Atom, int]:
        """The node of each atom."""
        return dict(self.program.atoms)

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

    @property
    def result(self) -> str:
        """The id of the overall result: the first, strongest first, that is present in both readings."""
        results = self.knowledge.results()
        present = [id for id in results if self.head_state("result", id) is State.PRESENT]
        return present[0] if present else results[-1]

    @property
    def contested_results(self) -> tuple[str, ...]:
        """The results of the two readings of disputed evidence, where they are not the result itself."""
        found = dict.fromkeys(self._result_in(reading) for reading in (0, 1))
        return tuple(id for id in found if id != self.result)

    def _result_in(self, reading: int) -> str:
        """The first result that is for in one reading."""
        results = self.knowledge.results()
        held = [id for id in results for node in [self.program.head("result", id, HELD[0])]
                if node is not None and self.model[node][0] >> reading & 1]
        return held[0] if held else results[-1]

    @property
    def channels(self) -> tuple[str, ...]:
        """Separate messages that are present or contested, beside the result."""
        ids = sorted(id for kind, id in self.knowledge.conclusions() if kind == "channel")
        return tuple(id for id in ids if self.head_state("channel", id) in (State.PRESENT, State.CONTESTED))

    @property
    def judged(self) -> tuple[str, ...]:
        """The signatures that the evidence held allowed to be judged, either way, in the seed's order."""
        ordered = sorted(self.knowledge.vocabulary.signatures.values(), key=lambda s: s.order)
        return tuple(s.id for s in ordered if self.head_state("signature", s.id) is not State.NOT_KNOWN)

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
    "bits" runs the evaluator alone. Raises rete.Unavailable, and in assessing Disagreement and (where durable-rules is
    insisted on) rete.EngineError.
    """

    def __init__(self, knowledge: Knowledge, engine: str = "auto", program: Program | None = None) -> None:
        self.knowledge = knowledge
        self.program = program or compile_rules(knowledge.rules)
        self.engine = engine
        self.missing = "" if engine == "bits" else rete.available() or ""
        if engine == "rete" and self.missing:
            raise rete.Unavailable(self.missing)

    def assess(self, case: Case, as_at: date, observations: Iterable[Observation] | None = None) -> Assessment:
        """The assessment of a case as at a date; `observations` takes the place of the case's own."""
        evidence = Evidence.of(case.observations if observations is None else observations,
                               self.knowledge.vocabulary)
        column = Column(evidence, as_at)
        atoms = planes(self.program, [column])
        model = evaluate(self.program, atoms, 2)
        name, note = self._confirmed(atoms, model)
        return Assessment(self.knowledge, self.program, case, as_at, tuple(model), Looking(column), name, note)

    def _confirmed(self, atoms: list[Plane], model: list[Plane]) -> tuple[str, str]:
        """Which engine ran, and why not the other; an engine that fails leaves the answer to the evaluator."""
        if self.engine == "bits" or self.missing:
            return "bits", self.missing
        try:
            self._chain(atoms, model)
        except rete.EngineError as error:
            if self.engine == "rete":
                raise
            return "bits", str(error)
        return "rete", ""

    def _chain(self, atoms: list[Plane], model: list[Plane]) -> None:
        """Holds durable-rules' working memory against the model, in each reading that differs."""
        with rete.Rete(self.program, atoms) as network:
            for reading in readings_to_run(atoms):
                found = network.run([_one_reading(plane, reading) for plane in atoms])
                _agree(self.program, [_one_reading(plane, reading) for plane in model], found)


def readings_to_run(atoms: list[Plane]) -> tuple[int, ...]:
    """One reading where nothing is disputed (both are then the same), else both."""
    same = all(_one_reading(plane, 0) == _one_reading(plane, 1) for plane in atoms)
    return (0,) if same else (0, 1)


def _one_reading(plane: Plane, reading: int) -> Plane:
    return plane[0] >> reading & 1, plane[1] >> reading & 1


def _agree(program: Program, ours: list[Plane], theirs: list[Plane]) -> None:
    differing = [f"{program.nodes[i].op} {i}: {a} and {b}"
                 for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    if differing:
        raise Disagreement("the two engines disagree on " + "; ".join(differing[:5]))
