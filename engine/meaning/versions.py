"""Whether two versions of the rules mean the same, and the smallest combination of evidence on which they differ.

Old and new rules are one program over the same tests, so that both are asked of the same evidence. Only what rests on a
rule that is not the same is there twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from engine.bits import evaluate
from engine.meaning.circuit import Circuit, Pair, wire
from engine.meaning.cones import answers, cone, ground_of
from engine.meaning.findings import Mark
from engine.meaning.laws import laws, point_of
from engine.meaning.rules import changed_between
from engine.meaning.solving import Undecided
from engine.program import Program, compile_rules
from kb.conditions import (
    LADDERS,
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    Head,
    HeadIs,
    ProtectiveIs,
    Rule,
    TestIs,
)
from kb.edits import Known, affected, asks_for
from kb.knowledge import Knowledge

OLD = "\0old "
"""What the names of the old version's rules and conclusions begin with, where both versions stand side by side."""


class Meant(NamedTuple):
    """What was found.

    `same`: proved to mean the same (True), shown to differ (False), or neither (None, and `why`). `shown`: the smallest
    combination of evidence on which `head` comes out otherwise; `was` and `now`: how it stands there, by its levels
    that have a mark for, or (`-`) against.
    """

    same: bool | None
    head: Known | None = None
    shown: tuple[Mark, ...] = ()
    was: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    why: str = ""


def meant(old: Knowledge, new: Knowledge, rules: frozenset[str]) -> Meant:
    """Whether any evidence gives any signature or conclusion otherwise; `rules`: those that are not the same.

    The conclusions of these rules are asked first, each by itself, in the order of levels; then the whole chain.
    """
    direct = {(r.head.kind, r.head.id) for kb in (old, new) for r in kb.in_force if r.id in rules}
    if not direct:
        return Meant(True)
    try:
        nearest = _differing(old, new, rules, direct, each=True)
        return nearest or _differing(old, new, rules, affected(old, new, rules), each=False) or Meant(True)
    except Undecided as error:
        return Meant(None, why=str(error))


def _differing(old: Knowledge, new: Knowledge, rules: frozenset[str], heads: Iterable[Known], each: bool,
               ) -> Meant | None:
    """The first of these that some evidence gives otherwise, with the smallest; `each`: asked one by one."""
    asked = sorted(heads, key=lambda head: (tuple(LADDERS).index(head[0]), head[1]))
    program = compile_rules(side_by_side(old, new, rules, asked))
    held = laws(program, new.vocabulary)
    circuit = Circuit(len(held.points))
    pairs = wire(program, circuit)
    literals = {head: _otherwise(head, program, circuit, pairs) for head in asked}
    ground = ground_of(circuit, held, new.vocabulary)
    undecided: Undecided | None = None
    for head, literal in literals.items():
        if literal == -circuit.true:
            continue
        try:
            asking = answers(cone(ground, [literal]))
            if asking.ever([literal]):
                return _shown(head, asking.smallest([literal]), program, held.points)
        except Undecided as error:
            undecided = error
    if undecided is not None and not each:
        raise undecided
    return None


def _otherwise(head: Known, program: Program, circuit: Circuit, pairs: tuple[Pair, ...]) -> int:
    """The literal that holds where a signature or conclusion has other marks at some level, in one reading."""
    nothing = Pair(-circuit.true, -circuit.true)
    literals = []
    for level in LADDERS[head[0]]:
        nodes = [program.head(head[0], name, level) for name in (OLD + head[1], head[1])]
        literals.append(changed_between(circuit, *(nothing if node is None else pairs[node] for node in nodes)))
    return circuit.any(literals)


def _shown(head: Known, marks: Iterable[int], program: Program, points: tuple[object, ...]) -> Meant:
    """A combination worked out again by the evaluator: a solver proposes, the evaluator decides."""
    there = set(marks)
    atoms = [(int(2 * i + 1 in there), int(2 * i + 2 in there)) for i in range(len(program.atoms))]
    planes = evaluate(program, atoms, 1)
    was, now = (tuple(_stands(program.head(head[0], name, level), level, planes) for level in LADDERS[head[0]])
                for name in (OLD + head[1], head[1]))
    if was == now:
        raise AssertionError(f"{head[1]}: the evaluator does not bear out that the versions differ")
    shown = tuple(Mark(points[point_of(mark)], mark % 2 == 1) for mark in sorted(there))  # type: ignore[arg-type]
    return Meant(False, head, shown, tuple(filter(None, was)), tuple(filter(None, now)))


def _stands(node: int | None, level: str, planes: list[tuple[int, int]]) -> str:
    for_, against = (0, 0) if node is None else planes[node]
    return f"{level} and -{level}" if for_ and against else level if for_ else f"-{level}" if against else ""


def side_by_side(old: Knowledge, new: Knowledge, rules: frozenset[str], heads: Iterable[Known]) -> list[Rule]:
    """The rules below some heads in both versions; the old ones under names of their own where they are not the same.

    Whatever rests on a rule that is not the same is named apart, too.
    """
    apart = affected(old, new, rules)
    wanted = _below(old, new, heads)
    kept = [rule for rule in new.in_force if (rule.head.kind, rule.head.id) in wanted]
    twins = [rule for rule in old.in_force if (rule.head.kind, rule.head.id) in wanted & apart]
    return [*kept, *(_renamed(rule, apart) for rule in twins)]


def _below(old: Knowledge, new: Knowledge, heads: Iterable[Known]) -> set[Known]:
    """These heads, and everything that rules for them ask for, in either version."""
    asked, agenda, found = asks_for(old, new), list(heads), set[Known]()
    while agenda:
        head = agenda.pop()
        if head not in found:
            found.add(head)
            agenda += asked.get(head, ())
    return found


def _renamed(rule: Rule, apart: frozenset[Known]) -> Rule:
    """An old rule under a name of its own, asking for the old version of whatever is not the same."""
    head = rule.head._replace(id=OLD + rule.head.id)
    return rule._replace(id=OLD + rule.id, head=Head(*head), when=_asking(rule.when, apart),
                         unless=tuple(_asking(c, apart) for c in rule.unless))


def _asking(c: Condition, apart: frozenset[Known]) -> Condition:
    match c:
        case HeadIs():
            return c._replace(id=OLD + c.id) if (c.kind, c.id) in apart else c
        case All() | AnyOf():
            return c._replace(parts=tuple(_asking(part, apart) for part in c.parts))
        case AtLeast():
            return replace(c, parts=tuple(_asking(part, apart) for part in c.parts))
        case TestIs() | ProtectiveIs() | Corroborated():
            return c
        case _:
            return c._replace(part=_asking(c.part, apart))
