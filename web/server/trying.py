"""An edited rule file tried in a copy: its problems, what it says, its tests, and what it would change."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from engine.compiling import compile_rules
from engine.kept import Parts
from engine.prepared import Prepared
from engine.ruletests import Ran, run
from explain.differences import in_force, told
from explain.impact import Impact
from explain.rulepages import Page, pages
from explain.weighing import weigh
from kb.knowledge import Knowledge
from kb.load import load
from kb.model import Problem
from kb.rulefiles import TESTS_FOLDER
from kb.ruletests import RuleTest, read_rule_tests
from kb.told import Found, Told
from web.rulepicture import Picture, rule_picture
from web.server.files import RuleFile
from web.server.shelf import Memory, Snapshot

Check = Callable[[Path, Path, Parts], Found]
"""What `check` finds in a folder of rules and one of vocabulary; parts that do not change are kept."""
MOST = 12
"""So many rules of one file are shown."""


class Said(NamedTuple):
    """A rule as it would be: all that is known of it, and its picture."""

    page: Page
    drawing: Picture | None


class Tested(NamedTuple):
    """A test that ran: its name, the rule, its place, and what came otherwise than it says."""

    name: str
    rule: str
    where: str
    otherwise: tuple[str, ...]


@dataclass(frozen=True)
class Looked:
    """What an edited file comes to. `here`: problems in it; `elsewhere`: in other files, because of it.

    `said`: its rules, where all can be read; `more`: how many there are beside these.
    """

    file: RuleFile
    knowledge: Knowledge
    tests: tuple[RuleTest, ...] = ()
    here: tuple[Problem, ...] = ()
    elsewhere: tuple[Problem, ...] = ()
    said: tuple[Said, ...] = ()
    more: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them: while there is one, nothing is saved."""
        return *self.here, *self.elsewhere

    @cached_property
    def ready(self) -> Prepared:
        """The rules with the edit, ready to run; not to be asked for while there are problems."""
        return Prepared(self.knowledge, compile_rules(self.knowledge.rules))


class Outcome(NamedTuple):
    """What became of all tests: those of the file's rules, those of others that come otherwise, and how many ran."""

    mine: tuple[Tested, ...]
    others: tuple[Tested, ...]
    many: int


class Tries:
    """Tries edits against a snapshot; what does not change from one to the next is kept."""

    def __init__(self, memory: Memory, check: Check, parts: Parts) -> None:
        self.memory, self.check, self.parts = memory, check, parts
        self.last: tuple[Snapshot, str, str, Looked] | None = None
        self.weighed: tuple[Looked, Impact] | None = None

    def look(self, snapshot: Snapshot, file: RuleFile, text: str) -> Looked:
        """The same as `look_anew`; asked twice in a row, as for each part of a page, it is worked out once."""
        last = self.last
        if last is None or last[0] is not snapshot or last[1:3] != (file.id, text):
            self.last = last = snapshot, file.id, text, self.look_anew(snapshot, file, text)
        return last[3]

    def look_anew(self, snapshot: Snapshot, file: RuleFile, text: str) -> Looked:
        """Its problems; where there are none, what its rules say."""
        with in_a_copy(snapshot, file, text) as rules:
            knowledge, tests, problems = self._read(snapshot, rules)
        here = tuple(problem for problem in problems if problem.place.file == file.name)
        elsewhere = tuple(problem for problem in problems if problem.place.file != file.name)
        if problems:
            return Looked(file, knowledge, (), here, elsewhere)
        ids = rules_in(file, knowledge)
        said = tuple(Said(page, rule_picture(page) if page.when else None)
                     for id in ids[:MOST] for page in pages(id, knowledge, tests)[:1])
        return Looked(file, knowledge, tests, (), (), said, max(0, len(ids) - MOST))

    def outcome(self, looked: Looked) -> Outcome | None:
        """What became of every test; None while there are problems."""
        if looked.problems:
            return None
        tests = [test for test in looked.tests if in_force(test, looked.knowledge)]
        ran = run(tests, looked.knowledge, looked.ready.program)
        return _outcome(ran, looked.file, looked.knowledge)

    def impact(self, snapshot: Snapshot, looked: Looked) -> Impact | None:
        """What the edit would change over all cases and the table; None while there are problems."""
        if looked.problems:
            return None
        last = self.weighed
        if last is None or last[0] is not looked:  # the words and the picture are asked for one after the other
            kept = snapshot.kept
            found = weigh(snapshot.ready, looked.knowledge, "the rules as they are saved", kept.cases, kept.table, kept)
            self.weighed = last = looked, found
        return last[1]

    def meaning(self, snapshot: Snapshot, file: RuleFile, text: str) -> tuple[Told, ...]:
        """What `check` finds beside problems: what the rules would mean, this file first."""
        with in_a_copy(snapshot, file, text) as rules:
            found = self.check(rules, snapshot.folders.vocabulary, self.parts)
        self.parts.trim()
        shown = [one for one in found.told if one.level != "note"]
        return tuple(sorted(shown, key=lambda one: one.problem.place.file != file.name))

    def _read(self, snapshot: Snapshot, rules: Path) -> tuple[Knowledge, tuple[RuleTest, ...], tuple[Problem, ...]]:
        words = self.memory.under(snapshot.words)
        knowledge, problems = load(rules, snapshot.folders.vocabulary, words)
        tests, wrong = read_rule_tests(rules, knowledge, words) if not problems else ((), ())
        return knowledge, tests, (*problems, *wrong)


@contextmanager
def in_a_copy(snapshot: Snapshot, file: RuleFile, text: str) -> Iterator[Path]:
    """The rules of a snapshot with another text in one file, in a folder of the same name that is gone afterwards."""
    home = snapshot.folders.rules
    with tempfile.TemporaryDirectory(prefix="sigrisk-") as name:
        copy = Path(name) / (home.name or home.resolve().name)
        for one in snapshot.files.values():
            path = copy / one.path.relative_to(home)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8") if one.id == file.id else one.data)
        yield copy


def rules_in(file: RuleFile, knowledge: Knowledge) -> list[str]:
    """The rules and signatures that are written in a file."""
    rules = [rule.id for rule in knowledge.rules_in_order
             if rule.place.file == file.name and rule.head.kind != "signature"]
    return [*rules, *(signs.signature for signs in knowledge.signs_in_order if signs.place.file == file.name)]


def _outcome(ran: Sequence[Ran], file: RuleFile, knowledge: Knowledge) -> Outcome:
    """The tests of a file's rules (of a file of tests, those in it), and those of others that come otherwise."""
    rules, ids = {rule.id: rule for rule in knowledge.rules}, rules_in(file, knowledge)
    of_tests = f"/{TESTS_FOLDER}/" in file.name

    def is_mine(one: Ran) -> bool:
        of = one.test.rule
        return one.test.place.file == file.name if of_tests else any(of == id or of.startswith(f"{id} ") for id in ids)

    def tell(one: Ran) -> Tested:
        place = one.test.place
        return Tested(one.test.name, one.test.rule, f"{place.file}:{place.line}",
                      () if one.as_expected else tuple(told(one, rules)))
    mine = [tell(one) for one in ran if is_mine(one)]
    others = [tell(one) for one in ran if not is_mine(one) and not one.as_expected]
    return Outcome(tuple(sorted(mine, key=lambda one: not one.otherwise)), tuple(others), len(ran))
