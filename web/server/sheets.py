"""Exercises on what is served, and puzzles of any case: the functions of the command, so the same words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from fastapi import HTTPException

from engine.assess import Assessor
from explain.asking import Unasked
from explain.exercises import Room, Sheet, judgements, sheet
from explain.puzzlesof import KINDS, puzzles_of
from kb.dossier import Case, Outcome
from kb.exercises import Task
from kb.problems import did_you_mean
from web.links import file_name
from web.server.files import Dossier
from web.server.questions import day_of
from web.server.shelf import Memory, Snapshot

ASKED: Mapping[str, str] = {
    "result": "What is the overall result?", "state": "How does it stand?",
    "alarm": "Does it hold, or does an exception stop it?", "defeater": "Which sign stops it?",
    "missing": "Which one signature would give it?", "smallest": "Which smallest set of signatures would give it?",
    "protects": "Which sign, were it shown, would end it?", "acts": "Who can act on it?", "next": "What fires next?",
}
"""The kinds of puzzle, by what they ask."""


class Sheets:
    """Works exercises out; each is kept for as long as the files are as they are."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def exercise(self, snapshot: Snapshot, id: str) -> Sheet:
        """An exercise with every question worked out.

        Raises HTTPException (404) where there is none of that name, Unasked where a question of it cannot be asked.
        """
        found = snapshot.exercises.get(id)
        if found is None:
            nearest = did_you_mean(id, snapshot.exercises) or "the page Training lists them"
            raise HTTPException(404, f"there is no exercise {id!r}; {nearest}")

        def make() -> Sheet:
            made, problems = sheet(found, room(snapshot))
            if problems:
                raise Unasked(*map(str, problems))
            return made
        return self.memory.under(snapshot.key.encode())([b"exercise", id.encode()], make)

    def puzzles(self, snapshot: Snapshot, dossier: Dossier, as_at: date | None, kinds: Sequence[str]) -> Sheet:
        """Puzzles of a case, of some kinds or of all.

        Raises Unasked where there is none, where a kind is not known, or where a real authority's later recovery is
        not on file.
        """
        for kind in kinds:
            if kind not in KINDS:
                nearest = did_you_mean(kind, KINDS) or f"it is one of {', '.join(KINDS)}"
                raise Unasked(f"no kind of puzzle is called {kind!r}; {nearest}")
        if not can_be_asked_of(snapshot, dossier):
            raise Unasked(f"what was judged later of {dossier.case.authority} is not on file, and a real authority is "
                          "shown with its later recovery: choose one of the list")
        when = day_of(dossier, as_at)
        named = [b"puzzles", dossier.id.encode(), str(when).encode(), *(kind.encode() for kind in sorted(set(kinds)))]
        made = self.memory.under(snapshot.key.encode())(
            named, lambda: puzzles_of(dossier.case, when, kinds, room(snapshot)))
        if not made.questions:
            told = f" of the kind {' or '.join(kinds)}" if kinds else ""
            raise Unasked(f"the rules make no puzzle{told} of {dossier.id} as at {when}; try another kind or date")
        return made


def room(snapshot: Snapshot) -> Room:
    """What exercises are worked out with: the evaluator alone, and the cases that are served."""
    def case(task: Task) -> Case:
        found = snapshot.dossiers.get(file_name(task.case))
        if found is None:
            raise Unasked(f"the case {task.case} cannot be read: mend it first")
        return found.case
    return Room(Assessor(snapshot.knowledge, "bits", snapshot.ready.program), case, lambda one: judged(snapshot, one))


def judged(snapshot: Snapshot, case: Case) -> tuple[Outcome, ...]:
    """What was judged of a case's authority, in order of dates."""
    return judgements(case, (one.case for one in from_files(snapshot)))


def from_files(snapshot: Snapshot) -> Iterator[Dossier]:
    """The cases that have a file of their own, in the order of their ids."""
    yield from (one for id, one in sorted(snapshot.dossiers.items()) if not id.startswith("table-"))


def can_be_asked_of(snapshot: Snapshot, dossier: Dossier) -> bool:
    """Whether puzzles may be made of a case: of an invented authority, or one whose later recovery is on file."""
    return dossier.case.invented or any(not one.adverse for one in judged(snapshot, dossier.case)[-1:])
