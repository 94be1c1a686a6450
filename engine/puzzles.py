"""Puzzles computed from the rules and a case: what may be answered, and every answer that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import combinations
from math import comb
from typing import NamedTuple

from engine.assess import Assessment
from engine.bits import NOTHING, evaluate
from engine.firing import Step, ready, steps
from engine.ruletests import nodes_of
from engine.spread import supposing
from kb.conditions import LADDERS, Condition, ProtectiveIs
from kb.model import State
from kb.ruletests import PROTECTIVE, Standing

Head = tuple[str, str]
KIND = "signature"
Answer = tuple[str, ...]
"""The ids that are named together, in the order of the choices."""
LARGEST = 3
"""Sets of more signatures are not asked for."""
MOST_TRIED = 1 << 14
OFFERED = 5
"""So many are offered to choose from, where the others are only there to be told apart."""
STOPPED = "stopped"
"""How a conclusion stands of which every condition is met, and which an exception stops."""


class Puzzle(NamedTuple):
    """What may be answered, and each answer that is right; of several that are right, any one will do.

    `about`: the signature or conclusion that it is about; `level`: the level that is asked for. `taken`: of what fires
    next, how many steps were taken before.
    """

    kind: str
    about: Head
    choices: tuple[str, ...]
    right: tuple[Answer, ...]
    level: str = ""
    taken: int = 0


def result(it: Assessment) -> Puzzle:
    """Which overall result holds."""
    return Puzzle("result", ("result", it.result), tuple(it.knowledge.results()), ((it.result,),))


def state(it: Assessment, head: Head) -> Puzzle:
    """Present, found not to be so, not known or contested."""
    return Puzzle("state", head, tuple(map(str, State)), ((str(it.head_state(*head)),),))


def alarm(it: Assessment, head: Head) -> Puzzle | None:
    """Whether a conclusion holds, or an exception stops it; None where that is contested."""
    found = STOPPED if any(exceptions_shown(it, head)) and not it.level(*head) else str(it.head_state(*head))
    choices = str(State.PRESENT), STOPPED, str(State.NOT_FOUND), str(State.NOT_KNOWN)
    return Puzzle("alarm", head, choices, ((found,),)) if found in choices else None


def defeater(it: Assessment, head: Head) -> Puzzle | None:
    """Which protective sign stops a rule of which every condition is met; None where none does."""
    right = stopping(it, head)
    return Puzzle("defeater", head, _offered(_protective(it), right, head), _singly(right)) if right else None


def stopping(it: Assessment, head: Head) -> tuple[str, ...]:
    """The protective signs that stop rules for a conclusion that it would otherwise hold by, in the order of ids."""
    return tuple(sorted({c.id for c in exceptions_shown(it, head) if isinstance(c, ProtectiveIs)}))


def exceptions_shown(it: Assessment, head: Head) -> Iterator[Condition]:
    """The exceptions that are shown of rules of which every condition is met, where their level is not present."""
    for rule in (rule for rule in it.knowledge.in_force if (rule.head.kind, rule.head.id) == head and rule.head.found):
        when, *exceptions = it.program.nodes[it.program.rules[rule.id]].args
        if it.state(when) is State.PRESENT and it.head_state(*head, rule.head.level) is not State.PRESENT:
            yield from (c for c, arg in zip(rule.unless, exceptions, strict=True) if it.state(arg) is State.PRESENT)


def protects(it: Assessment, head: Head) -> Puzzle | None:
    """Which protective sign, of those not known, would stop what holds if it were shown; None where none would."""
    nodes, level = nodes_of(it.program, it.knowledge.in_force), it.level(*head)
    unknown = [id for id in _protective(it) if all(it.state(node) is State.NOT_KNOWN
                                                   for _, node in nodes[PROTECTIVE, id])]
    node = it.program.head(*head, level) if level else None
    if node is None or not unknown:
        return None
    holds = supposing(it, [[Standing(PROTECTIVE, id, State.PRESENT, "held")] for id in unknown]).present(node)
    right = [id for at, id in enumerate(unknown) if not holds >> at & 1]
    offered = _offered(unknown, right, head)
    return Puzzle("protects", head, offered, _singly(right), level or "") if right else None


def smallest(it: Assessment, head: Head, largest: int = LARGEST) -> Puzzle | None:
    """The smallest sets of signatures that, shown at their strongest, would raise a conclusion by a level.

    Each set of up to `largest` of those that are not at their strongest is tried; None where no set of them does.
    """
    level = above(it, head)
    node = it.program.head(*head, level) if level else None
    absent = [s.id for s in it.knowledge.signatures_in_order if s.id in it.knowledge.signs
              and it.level(KIND, s.id) != LADDERS[KIND][-1]]
    for size in range(1, min(largest, len(absent)) + 1):
        if node is None or comb(len(absent), size) > MOST_TRIED:
            return None
        sets = list(combinations(absent, size))
        reached = supposing(it, [at_their_strongest(some) for some in sets]).present(node)
        found = tuple(some for at, some in enumerate(sets) if reached >> at & 1)
        if found:
            return Puzzle("smallest", head, tuple(absent), found, level or "")
    return None


def missing(it: Assessment, head: Head) -> Puzzle | None:
    """Which one signature would raise a conclusion by a level; None where no single one does."""
    found = smallest(it, head, 1)
    if found is None:
        return None
    right = tuple(id for (id,) in found.right)
    offered = _offered(found.choices, right[:OFFERED - 2], head, leave=right)
    return found._replace(kind="missing", choices=offered, right=_singly([id for id in offered if id in right]))


def at_their_strongest(signatures: Sequence[str]) -> list[Standing]:
    """Some signatures at their strongest."""
    return [Standing(KIND, id, State.PRESENT, LADDERS[KIND][-1]) for id in signatures]


def above(it: Assessment, head: Head) -> str | None:
    """The next level at which a conclusion is not yet present, as some rule gives it; None where there is none."""
    ladder = LADDERS[head[0]]
    given = {rule.head.level for rule in it.knowledge.in_force
             if (rule.head.kind, rule.head.id) == head and rule.head.found}
    open_levels = (level for level in ladder if level in given and it.head_state(*head, level) is not State.PRESENT)
    return next(open_levels, None)


def acts(it: Assessment, head: Head) -> Puzzle | None:
    """Which category, and so who can act; None of what belongs to no category."""
    signature = it.knowledge.vocabulary.signatures.get(head[1])
    conclusion = it.knowledge.conclusions().get(head)
    own = (signature.category,) if signature is not None else conclusion.category if conclusion is not None else ()
    choices = tuple(c.id for c in it.knowledge.categories_in_order)
    return Puzzle("acts", head, choices, _singly([id for id in choices if id in own])) if own else None


def following(it: Assessment) -> Iterator[Puzzle]:
    """What fires next, at each step after the signatures: the rule that does, and others that cannot fire yet."""
    said, taken = always(it), to_predict(it)
    first = sum(step.rule.head.kind == KIND for step in taken)
    others = [rule.id for rule in it.knowledge.in_force if rule.head.kind != KIND and rule.id not in said]
    yield from (_next(it, taken, number, others) for number in range(first, len(taken)))


def to_predict(it: Assessment) -> list[Step]:
    """The steps that can be predicted, those that grade signatures first: they rest on evidence alone."""
    said = always(it)
    found = [step for step in steps(it) if step.rule.id not in said]
    return sorted(found, key=lambda step: step.rule.head.kind != KIND)


def always(it: Assessment) -> frozenset[str]:
    """The rules that hold where nothing is known: each is said where nothing else of its kind holds."""
    planes = evaluate(it.program, [NOTHING] * len(it.program.atoms), 1)
    return frozenset(id for id, node in it.program.rules.items() if planes[node][0])


def _next(it: Assessment, taken: Sequence[Step], number: int, among: Sequence[str]) -> Puzzle:
    """One step, with rules beside it that cannot fire yet, or not at all."""
    rule, fired = taken[number].rule, {step.rule.id for step in taken[:number]}
    could = (fired | ready(it, fired, taken)) - {rule.id}
    head = rule.head
    offered = _offered([id for id in among if id not in could], [rule.id], (head.kind, rule.id))
    return Puzzle("next", (head.kind, head.id), offered, ((rule.id,),), head.level, number)


def _protective(it: Assessment) -> list[str]:
    """The protective signs that some rule in force names, in the order of their ids."""
    nodes = nodes_of(it.program, it.knowledge.in_force)
    return sorted(id for kind, id in nodes if kind == PROTECTIVE)


def _singly(ids: Sequence[str]) -> tuple[Answer, ...]:
    return tuple((id,) for id in ids)


def _offered(ids: Sequence[str], right: Sequence[str], about: Head, leave: Sequence[str] = ()) -> tuple[str, ...]:
    """The right ones and some others, always the same ones, in the order given; `leave`: right too, and not offered."""
    others = [id for id in ids if id not in right and id not in leave]
    drawn = sorted(others, key=lambda other: sha256(f"{about} {other}".encode()).digest())
    shown = {*right, *drawn[:max(OFFERED - len(right), 2)]}
    return tuple(id for id in ids if id in shown)


OF_A_HEAD: dict[str, Callable[[Assessment, Head], Puzzle | None]] = {
    "state": state, "alarm": alarm, "defeater": defeater, "protects": protects, "missing": missing,
    "smallest": smallest, "acts": acts,
}
"""The puzzles about one signature or conclusion."""
