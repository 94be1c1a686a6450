"""Many versions of some rules in one program: in its own columns, each version stands in place of the rules it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.bits import Forced, Plane, evaluate
from engine.program import NOW, Compiler, Op, Program, Proposition, compiled
from engine.ruletests import forced_by, nodes_of, seen
from kb.conditions import Condition, All, Rule, by_head
from kb.knowledge import Knowledge
from kb.model import State
from kb.ruletests import RuleTest

Version = Sequence[Rule]
"""Some rules in force, each as it would be; its id stays."""
SELECTOR = "version"
HERE: Condition = All(())


class Versions(NamedTuple):
    """A program of rules and of some versions of them.

    `chosen`: of each version the node that says in which columns it stands. `rules`: of each version, the node of every
    rule that it changes, by the rule's id.
    """

    program: Program
    chosen: tuple[int, ...]
    rules: tuple[dict[str, int], ...]


@dataclass
class _Choosing(Compiler):
    """Compiles each conclusion as its rules give it, and in the columns of a version as that version gives it."""

    versions: list[dict[tuple[str, str], list[Rule]]] = field(default_factory=list)

    def selector(self, number: int) -> int:
        """The node that is for in the columns of one version, and against in all others."""
        return self.proposition(Proposition(SELECTOR, str(number), ""))

    def given_by(self, head: Proposition, rules: Iterable[Rule]) -> int:
        usual, key = super().given_by(head, rules), (head.kind, head.id)
        others = [(number, super(_Choosing, self).given_by(head, version[key]))
                  for number, version in enumerate(self.versions) if key in version]
        chosen = [(self.selector(number), node) for number, node in others if node != usual]
        if not chosen:
            return usual
        unchanged = [self.add(Op.NOT, (selector,), HERE, NOW) for selector, _ in chosen]
        options = [self.add(Op.ALL, pair, HERE, NOW) for pair in chosen]
        return self.add(Op.ANY, (self.add(Op.ALL, (usual, *unchanged), HERE, NOW), *options), HERE, NOW)


def compile_versions(rules: Sequence[Rule], versions: Sequence[Version]) -> Versions:
    """The program of the rules in force and of versions of them: one compilation for all."""
    heads = by_head(rules)
    named = [{rule.id: rule._replace(id=f"{rule.id} (version {number})") for rule in version}
             for number, version in enumerate(versions)]
    touched = [{key: [new.get(rule.id, rule) for rule in heads[key]] for key in by_head(new.values())} for new in named]
    compiler = _Choosing(heads, versions=touched)
    program = compiled(compiler, [*rules, *(rule for new in named for rule in new.values())])
    chosen = tuple(program.heads[Proposition(SELECTOR, str(n), "")] if Proposition(SELECTOR, str(n), "") in
                   program.heads else -1 for n in range(len(versions)))
    return Versions(program, chosen, tuple({id: program.rules[rule.id] for id, rule in new.items()} for new in named))


class Blocks(NamedTuple):
    """The columns of one evaluation: a block for each version, in it the tests in one reading, then in the other."""

    tests: int
    versions: int

    @property
    def size(self) -> int:
        """How many columns a block has."""
        return 2 * self.tests

    @property
    def each(self) -> int:
        """The first column of every block."""
        return sum(1 << at * self.size for at in range(self.versions))

    @property
    def first(self) -> int:
        """Every test of every block, in the first reading."""
        return ((1 << self.tests) - 1) * self.each

    def readings(self, plane: Plane) -> tuple[Plane, Plane]:
        """Both readings, each on the columns of the first."""
        return ((plane[0] & self.first, plane[1] & self.first),
                (plane[0] >> self.tests & self.first, plane[1] >> self.tests & self.first))

    def block(self, columns: int, number: int) -> int:
        """The tests of one block."""
        return columns >> number * self.size & (1 << self.tests) - 1


class Outcome(NamedTuple):
    """Every node of a program of versions, a block of columns for each version, the last of them for the rules as they
    are."""

    knowledge: Knowledge
    versions: Versions
    planes: list[Plane]
    blocks: Blocks

    def states(self, node: int | None) -> dict[State, int]:
        """The tests of every block in which a node is in each state."""
        blocks = self.blocks
        (f1, a1), (f2, a2) = blocks.readings(self.planes[node] if node is not None else (0, 0))
        present, refuted = (f1 & ~a1, f2 & ~a2), (a1 & ~f1, a2 & ~f2)
        both = {State.PRESENT: present[0] & present[1], State.NOT_FOUND: refuted[0] & refuted[1],
                State.CONTESTED: f1 & a1 | f2 & a2 | present[0] ^ present[1]}
        taken = both[State.PRESENT] | both[State.NOT_FOUND] | both[State.CONTESTED]
        return {**both, State.NOT_KNOWN: blocks.first & ~taken}

    def holds(self, id: str) -> int:
        """The tests of every block in which a rule holds in some reading; of a signature, a line of its grading."""
        signature = id in self.knowledge.vocabulary.signatures and id not in self.versions.program.rules
        ids = [r.id for r in self.knowledge.in_force if r.head.id == id and r.head.found] if signature else [id]
        held = 0
        for one in ids:
            held |= self._rule(one)
        return held

    def _rule(self, id: str) -> int:
        usual = self.versions.program.rules.get(id)
        held = self._held(usual) if usual is not None else 0
        for number, changed in enumerate(self.versions.rules):
            if id in changed:
                block = (1 << self.blocks.size) - 1 << number * self.blocks.size
                held = held & ~block | self._held(changed[id]) & block
        return held

    def _held(self, node: int) -> int:
        first, second = self.blocks.readings(self.planes[node])
        return first[0] | second[0]


def evaluate_versions(tests: Sequence[RuleTest], knowledge: Knowledge, versions: Sequence[Version]) -> Outcome:
    """Every test under every version, in one evaluation; the last block is the rules as they are."""
    all_rules = [*knowledge.in_force, *(rule for version in versions for rule in version)]
    made = compile_versions(knowledge.in_force, versions)
    blocks = Blocks(len(tests), len(versions) + 1)
    wide = blocks.each
    forced = {node: Forced(*(mark * wide for mark in given))
              for node, given in forced_by(tests, nodes_of(made.program, all_rules)).items()}
    whole = (1 << blocks.size * blocks.versions) - 1
    for number, node in enumerate(made.chosen):
        if node >= 0:
            here = (1 << blocks.size) - 1 << number * blocks.size
            forced[node] = Forced(whole, here, whole & ~here)
    atoms = [(for_ * wide, against * wide) for for_, against in seen(tests, knowledge, made.program)]
    return Outcome(knowledge, made, evaluate(made.program, atoms, whole.bit_length(), forced=forced), blocks)
