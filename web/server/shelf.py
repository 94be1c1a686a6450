"""What is served: one snapshot of rules, cases and table that never changes, made anew when a byte of a file does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar, cast

from engine import kept
from engine.assess import Assessor
from engine.bits import Plane
from engine.compiling import compile_rules
from engine.prepared import Prepared
from explain.casebook import Entry, of_shipped
from explain.weighing import Kept, Table, read_tables
from kb.casefiles import answers_nothing, read_case
from kb.dossier import Case
from kb.exercises import Exercise, read_exercises
from kb.files import VOCABULARY, shown_name
from kb.keeping import Keep
from kb.knowledge import Knowledge
from kb.load import load
from kb.model import Problem
from kb.ruletests import RuleTest, read_rule_tests
from web.links import file_name
from web.server.files import Dossier, Folders, RuleFile, by_id, of_table

T = TypeVar("T")
TRIES = 5
"""So often files are read again that somebody saves while they are read."""
ROOM = 600
"""How many parts of files are kept in memory."""


class Unreadable(Exception):
    """Nothing can be served: each argument is a problem of the files, or a line."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that an answer rests on, of one moment; `key` names it.

    `problems`: of the files as they are now, where those cannot be used and answers rest on what they were before;
    `files`, which can be edited, are always those of now.
    `unread`: problems of cases, which are left aside; `unasked`: of exercises, of which none is there until they are
    mended. `words`: the hash of the vocabulary.
    """

    key: str
    folders: Folders
    ready: Prepared
    assessor: Assessor
    tests: tuple[RuleTest, ...]
    dossiers: Mapping[str, Dossier]
    files: Mapping[str, RuleFile]
    table: Table | None = None
    problems: tuple[Problem, ...] = ()
    unread: tuple[Problem, ...] = ()
    words: bytes = b""
    exercises: Mapping[str, Exercise] = field(default_factory=dict)
    unasked: tuple[Problem, ...] = ()

    @property
    def knowledge(self) -> Knowledge:
        """The rules and the vocabulary."""
        return self.ready.knowledge

    @cached_property
    def record(self) -> tuple[Entry, ...]:
        """How the rules in use did on the outcomes of the shipped cases, where the vocabulary is the shipped one."""
        return of_shipped(self.ready.knowledge, self.ready.program) if self.folders.vocabulary == VOCABULARY else ()

    @cached_property
    def kept(self) -> Kept:
        """What these rules make of all cases and the table: what every edit is weighed against."""
        cases = [one.case for one in self.dossiers.values() if not one.id.startswith("table-")]
        return Kept(self.ready, cases, self.table)

    @cached_property
    def book(self) -> Mapping[str, bytes]:
        """The pages of the rulebook of these rules, by their paths."""
        from web.rulebook import leaves
        from web.site import site

        return dict(site(leaves(self.ready, self.tests), "/"))


class OneAtATime(Assessor):
    """Answers many readers at once, of whom one at a time asks the second engine: it was not made for several."""

    lock = Lock()

    def _confirmed(self, atoms: list[Plane], planes: list[Plane], groups: Iterable[int]) -> tuple[str, str]:
        with self.lock:
            return super()._confirmed(atoms, planes, groups)


class Memory:
    """Parts of files as they were read, kept by the hash of what they rest on while the server runs."""

    def __init__(self) -> None:
        self.parts: dict[bytes, object] = {}
        self.lock = Lock()

    def under(self, *rests_on: bytes) -> Keep:
        """A place for parts that all rest on this as well."""
        def part(more: Iterable[bytes], make: Callable[[], T], /) -> T:
            try:
                name = kept.digest([*rests_on, *more])
            except OSError:  # a file that cannot be read: whoever reads it says so
                return make()
            found = self.parts.get(name) or make()
            with self.lock:
                self.parts.pop(name, None)
                self.parts[name] = found  # at the end of those that may go
                while len(self.parts) > ROOM:
                    self.parts.pop(next(iter(self.parts)))
            return cast(T, found)
        return part


class Seen(NamedTuple):
    """The hashes of all that is read."""

    vocabulary: bytes
    rules: bytes
    cases: bytes
    table: bytes


class Shelf:
    """Hands out the snapshot of the files as they are, and goes on with the last good one while they have problems."""

    def __init__(self, folders: Folders) -> None:
        """Raises Unreadable with every problem where the rules cannot be read to begin with."""
        self.folders, self.memory, self.lock = folders, Memory(), Lock()
        self.seen = self._seen()
        found = self._read(self.seen)
        if not isinstance(found, Snapshot):
            raise Unreadable(*found)
        self.held = found

    def now(self) -> Snapshot:
        """The snapshot of the files as they are now; read anew where a byte of them is otherwise than before."""
        if self._seen() != self.seen:
            with self.lock:
                self._look_again()
        return self.held

    def _look_again(self) -> None:
        for _ in range(TRIES):
            seen = self._seen()
            if seen == self.seen:
                return
            found = self._read(seen)
            if seen != self._seen():  # somebody saved a file while we read
                continue
            if not isinstance(found, Snapshot):  # answers go by the last good rules; the desk shows those to be mended
                found = replace(self.held, problems=found, files=by_id(self.folders.rules))
            self.held = found
            self.seen = seen

    def _seen(self) -> Seen:
        folders = self.folders
        table = None if folders.table is None else folders.table.stat() if folders.table.exists() else None
        told = b"" if table is None else f"{table.st_size} {table.st_mtime_ns} {table.st_ino}".encode()
        return Seen(_hash(folders.vocabulary), _hash(folders.rules), _hash(folders.cases), told)

    def _read(self, seen: Seen) -> Snapshot | tuple[Problem, ...]:
        """Everything, read and compiled; or the problems by which it cannot be."""
        words = self.memory.under(seen.vocabulary)
        ready, problems = self.memory.under(seen.vocabulary, seen.rules)([b"ready"], self._ready(words))
        if ready is None:
            return problems
        knowledge = ready.knowledge
        files = [(path, shown_name(path)) for path in (self.folders.table,) if path is not None]
        table, wrong = words([b"table", seen.table], lambda: read_tables(files, knowledge))
        if wrong:
            return wrong
        tests, _ = read_rule_tests(self.folders.rules, knowledge, words)
        dossiers, unread = self._cases(knowledge, words)
        exercises, unasked = self.memory.under(seen.vocabulary, seen.rules, seen.cases)(
            [b"exercises"], lambda: read_exercises(self.folders.vocabulary, knowledge, self.folders.cases))
        key = hashlib.sha256(b"".join(seen)).hexdigest()[:12]
        made = {one.id: one for one in (*dossiers, *of_table(table, files, knowledge.vocabulary))}
        by_name = sorted(made.values(), key=lambda one: (one.case.authority.casefold(), one.id))
        assessor = OneAtATime(knowledge, self.folders.engine, ready.program)
        return Snapshot(key, self.folders, ready, assessor, tests, {one.id: one for one in by_name},
                        by_id(self.folders.rules), table, (), unread, seen.vocabulary,
                        {} if unasked else exercises, unasked)

    def _ready(self, words: Keep) -> Callable[[], tuple[Prepared | None, tuple[Problem, ...]]]:
        def make() -> tuple[Prepared | None, tuple[Problem, ...]]:
            knowledge, problems = load(self.folders.rules, self.folders.vocabulary, words)
            return (None, problems) if problems else (Prepared(knowledge, compile_rules(knowledge.rules)), ())
        return make

    def _cases(self, knowledge: Knowledge, words: Keep) -> tuple[list[Dossier], tuple[Problem, ...]]:
        """The cases of the folder that can be read, and the problems of the others."""
        found, unread = list[Dossier](), list[Problem]()
        for path in sorted(self.folders.cases.glob("*.yaml")) if self.folders.cases else ():
            case, problems = words([b"case", *_file(path)], lambda at=path: _case(at, knowledge))  # type: ignore[misc]
            answers = answers_nothing(case, knowledge.names()) if case is not None and case.disagreements else ()
            wrong = (*problems, *answers)
            unread += wrong
            if case is not None and not wrong:
                found.append(Dossier(file_name(path.stem), case, shown_name(path)))
        return found, tuple(sorted(unread))


def _hash(folder: Path | None) -> bytes:
    """What a folder holds, as a hash; a file that goes while we look is looked for again the next time."""
    try:
        return b"" if folder is None else kept.digest(kept.contents(folder))
    except OSError:
        return b"gone"


def _file(path: Path) -> tuple[bytes, bytes]:
    return path.name.encode(), path.read_bytes()


def _case(path: Path, knowledge: Knowledge) -> tuple[Case | None, tuple[Problem, ...]]:
    return read_case(path, knowledge.vocabulary, shown_name(path))
