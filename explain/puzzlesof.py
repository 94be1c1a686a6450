"""Puzzles made of any case, by kind: a few of each, in an order that the rules give."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import islice

from engine.assess import Assessment
from engine.puzzles import KIND, OF_A_HEAD, Head, smallest
from explain.account import closing, heading
from explain.exercises import Room, Sheet, questions
from kb.conditions import LADDERS
from kb.dates import long_date
from kb.dossier import Case
from kb.exercises import ASKS, Task
from kb.model import State

MADE = 3
"""So many of a kind."""
KINDS = ("result", "state", "alarm", "defeater", "missing", "smallest", "protects", "acts", "next")
"""In the order in which they are asked: first what is so, then what would be, then what follows."""
AIM = "Puzzles made of this case by the rules. Say what you think before you see what they make of it."


def puzzles_of(case: Case, when: date, kinds: Collection[str], room: Room) -> Sheet:
    """Up to MADE puzzles of each kind (of some kinds, where they are named) that the rules make of a case."""
    it = room.assessor.assess(case, when)
    tasks = [task for kind in KINDS if not kinds or kind in kinds for task in _tasks(kind, case, when, it)]
    asked = tuple(question for task in tasks for question in questions(task, case, room))
    title = f"{heading(case)}, as at {long_date(when)}"
    return Sheet(case.id, title, AIM, asked, closing(it.knowledge.vocabulary))


def _tasks(kind: str, case: Case, when: date, it: Assessment) -> Iterator[Task]:
    """The questions of one kind: of the whole case, without a signature at a time, or of what has an answer."""
    task = Task(kind, case.id, when)
    if kind == "next":
        yield task
    elif kind == "result":
        present = (s.id for s in it.knowledge.signatures_in_order if it.head_state(KIND, s.id) is State.PRESENT)
        yield task
        yield from (task._replace(without=(id,)) for id in islice(present, MADE))
    else:
        yield from islice((task._replace(of=head) for head in _heads(kind, it) if _asked(kind, it, head)), MADE)


def _asked(kind: str, it: Assessment, head: Head) -> bool:
    """Whether there is a puzzle of the kind; a smallest set of one is the missing premise, and asked as that."""
    found = smallest(it, head) if kind == "smallest" else OF_A_HEAD[kind](it, head)
    return found is not None and (kind != "smallest" or len(found.right[0]) > 1)


def _heads(kind: str, it: Assessment) -> Iterator[Head]:
    """What may be asked about: first what is present, since a question about it tells most."""
    conclusions = it.knowledge.conclusions()
    heads = [(KIND, s.id) for s in it.knowledge.signatures_in_order if s.id in it.knowledge.signs]
    heads += sorted((head for head in conclusions if head[0] != KIND),
                    key=lambda head: (tuple(LADDERS).index(head[0]), conclusions[head].order, head[1]))
    allowed = [head for head in heads if head[0] in ASKS[kind]]
    if kind in ("state", "alarm", "acts"):
        return iter(_of_each_state(allowed, it))
    return iter(allowed)


def _of_each_state(heads: list[Head], it: Assessment) -> list[Head]:
    """One that stands each way before a second that stands so: what is always the same is no question."""
    seen: dict[State, int] = {}
    order: list[tuple[int, Head]] = []
    for head in heads:
        state = it.head_state(*head)
        seen[state] = seen.get(state, 0) + 1
        order.append((seen[state], head))
    return [head for _, head in sorted(order, key=lambda one: one[0])]
