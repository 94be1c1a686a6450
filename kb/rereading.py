"""What the rules would be, were one line of a file otherwise: only what that line touches is read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from kb.conditions import LADDERS, Head, HeadIs, Rule, conditions_of
from kb.knowledge import Knowledge
from kb.links import keys_of
from kb.rulefiles import Opened, opened, read_rule
from kb.scope import Scope
from kb.signfiles import by_indicator, grade, grading_trees, read_signature
from kb.slips import Slip, slips
from kb.vocabularyfiles import read_vocabulary
from kb.yamltree import Mapping, Scalar, Sequence, Tree

Asked = tuple[Head, frozenset[tuple[str, str, str]]]


class Changed(NamedTuple):
    """One slip, and the rules in force that are others by it, each as it would be."""

    slip: Slip
    rules: tuple[Rule, ...]


def changes(rules: Path, vocabulary: Path, knowledge: Knowledge) -> Iterator[Changed]:
    """Every single slip in the rules in force that can be read, in the order of files and lines.

    The two folders are those that the knowledge was read from, without problems.
    """
    words, protective, _ = read_vocabulary(vocabulary)
    again = _Again(knowledge, opened(rules, words, protective, []))
    for changed in sorted(again.changes(), key=lambda one: one.slip.place):
        if again.allowed(changed):
            yield changed


class _Again:
    """The files of a folder, and reading some of them again."""

    def __init__(self, knowledge: Knowledge, files: Opened) -> None:
        self.scope, self.signs = files.scope, files.signs
        self.trees = [tree for tree, _ in files.trees]
        self.signatures = [file.tree for file in files.files if "signature" in keys_of(file.tree)]
        self.grading = [tree for file in files.files for tree in grading_trees(file)]
        self.now = {rule.id: rule for rule in knowledge.in_force}
        self.asked = {rule.id: _asked(rule) for rule in knowledge.in_force}
        self.asked_as_signs = [(tree, set(_signs_named(tree))) for tree in self.trees]

    def changes(self) -> Iterator[Changed]:
        known = self.scope.vocabulary.indicators
        for tree in self.trees:
            yield from self._found((slip, self._rules([slip.tree], self.scope)) for slip in slips(tree, known))
        for file in self.signatures:
            yield from self._found((slip, self._signature(slip.tree)) for slip in slips(file, known))
        for line in self.grading:
            kept = (slip for slip in slips(line, known) if not slip.was.startswith("grade:"))
            yield from self._found((slip, self._graded(slip.tree)) for slip in kept)

    def _found(self, read: Iterator[tuple[Slip, list[Rule] | None]]) -> Iterator[Changed]:
        for slip, rules in read:
            others = tuple(r for r in rules or () if r.id in self.now and r != self.now[r.id])
            if others:
                yield Changed(slip, others)

    def allowed(self, changed: Changed) -> bool:
        """Whether `check` would let it pass: nothing asks for a level that nothing gives, or rests on itself."""
        rules = {**self.now, **{rule.id: rule for rule in changed.rules}}
        if all(_asked(rule) == _asked(self.now[rule.id]) for rule in changed.rules):
            return True
        asked = {**self.asked, **{rule.id: _asked(rule) for rule in changed.rules}}
        return _given(rules.values(), asked) and not _circle(rules, asked)

    def _clean(self) -> Scope:
        self.scope.problems.clear()
        return self.scope

    def _rules(self, trees: list[Tree], scope: Scope) -> list[Rule] | None:
        self._clean()
        read = [read_rule(tree, scope) for tree in trees if isinstance(tree, Mapping)]
        return None if scope.problems else [rule for rule in read if rule is not None]

    def _signature(self, tree: Tree) -> list[Rule] | None:
        """The grading of a signature with these signs, and the rules that ask for one of them as a sign."""
        scope = self._clean()
        signs = read_signature(tree, scope) if isinstance(tree, Mapping) else None
        if signs is None or scope.problems:
            return None
        old = {sign.test.test.indicator for sign in self.signs[signs.signature].all}
        scope = scope._replace(signs_of=by_indicator({**self.signs, signs.signature: signs}))
        using = self._rules([rule for rule, named in self.asked_as_signs if named & old], scope)
        graded = [grade(line, signs, scope) for line in self.grading]
        return None if using is None or scope.problems else [*using, *(rule for rule in graded if rule is not None)]

    def _graded(self, tree: Tree) -> list[Rule] | None:
        """One line of the grading for every signature."""
        scope = self._clean()
        assert isinstance(tree, Mapping)
        read = [grade(tree, signs, scope) for signs in self.signs.values()]
        return None if scope.problems else [rule for rule in read if rule is not None]


def _asked(rule: Rule) -> Asked:
    """Which signatures and conclusions a rule asks for at which level, and what it concludes."""
    return rule.head, frozenset((c.kind, c.id, c.level) for c in conditions_of(rule) if isinstance(c, HeadIs))


def _given(rules: Iterable[Rule], asked: Table[str, Asked]) -> bool:
    """Whether rules give everything that rules ask for."""
    given = {(rule.head.kind, rule.head.id, level) for rule in rules if rule.head.found
             for level in LADDERS[rule.head.kind][:LADDERS[rule.head.kind].index(rule.head.level) + 1]}
    return all(below <= given for _, below in asked.values())


def _circle(rules: Table[str, Rule], asked: Table[str, Asked]) -> bool:
    """Whether some conclusion at some level rests on itself."""
    sorter = TopologicalSorter[tuple[str, str, str]]()
    for id, rule in rules.items():
        for level in LADDERS[rule.head.kind]:
            if rule.head.gives(level) or not rule.head.found:
                sorter.add((rule.head.kind, rule.head.id, level), *asked[id][1])
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False


def _signs_named(tree: Tree) -> Iterator[str]:
    """The indicators that a rule asks for as signs."""
    for item in tree.items if isinstance(tree, Sequence) else ():
        yield from _signs_named(item)
    for key, value in tree.entries if isinstance(tree, Mapping) else ():
        if key.text == "sign" and isinstance(value, Scalar):
            yield value.text
        else:
            yield from _signs_named(value)
