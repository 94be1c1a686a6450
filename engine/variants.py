"""Many versions of some rules in one program: the rules as they are, and beside them what each version has instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.bits import NOTHING, Forced, Plane, evaluate, settled, step
from engine.compiling import Compiler, compiled
from engine.program import NOW, Program, Proposition
from engine.ruletests import forced_by, nodes_of, seen
from kb.conditions import LADDERS, Rule, by_head
from kb.knowledge import Knowledge
from kb.model import State
from kb.ruletests import RuleTest

Version = Sequence[Rule]
"""Some rules in force, each as it would be; its id stays."""


class Instead(NamedTuple):
    """What one version has in place of the usual: for some nodes others, and the nodes of the rules that it changes.

    `own`: the nodes that only versions use, as far as this one uses them.
    """

    nodes: Mapping[int, int]
    rules: Mapping[str, int]
    own: frozenset[int]


class Versions(NamedTuple):
    """A program of rules and of some versions of them; its first `usual` nodes are the rules as they are."""

    program: Program
    usual: int
    instead: tuple[Instead, ...]


def compile_versions(rules: Sequence[Rule], versions: Sequence[Version]) -> Versions:
    """The program of the rules in force and of versions of them: one compilation for all."""
    compiler = Compiler(by_head(rules))
    compiled(compiler, rules)
    usual = len(compiler.nodes)
    heads = dict(compiler.heads)
    at_first: dict[tuple[str, str], list[int]] = {}
    for head, node in heads.items():
        at_first.setdefault((head.kind, head.id), []).append(node)
    instead = tuple(_instead(compiler, version, number, usual, at_first) for number, version in enumerate(versions))
    return Versions(compiled(compiler, rules), usual, instead)


def _instead(compiler: Compiler, version: Version, number: int, usual: int,
             at_first: Mapping[tuple[str, str], Sequence[int]]) -> Instead:
    new = {rule.id: rule._replace(id=f"{rule.id} (version {number})") for rule in version}
    touched = {(rule.head.kind, rule.head.id) for rule in version} | {
        key for key, rules in compiler.by_head.items() if any(rule.id in new for rule in rules)}
    given = {key: [new.get(rule.id, rule) for rule in compiler.by_head[key]] for key in touched}
    nodes, own = dict[int, int](), set[int]()
    agenda = [node for key in touched for node in at_first.get(key, ())]
    rules = {id: compiler.rule(rule, NOW) for id, rule in new.items()}
    agenda += _reached(compiler, rules.values(), usual, own, touched)
    while agenda:
        node = agenda.pop()
        head = compiler.nodes[node].origin
        if node not in nodes and isinstance(head, Proposition):
            nodes[node] = compiler.given_by(head, given[head.kind, head.id])
            agenda += _reached(compiler, (nodes[node],), usual, own, touched)
    return Instead({old: node for old, node in nodes.items() if old != node}, rules, frozenset(own))


def _reached(compiler: Compiler, nodes: Iterable[int], usual: int, own: set[int],
             touched: set[tuple[str, str]]) -> list[int]:
    """The nodes beyond the usual ones that these use, marked as their own; and those among them that are touched."""
    agenda, found = [node for node in nodes if node >= usual and node not in own], list[int]()
    while agenda:
        node = agenda.pop()
        own.add(node)
        for arg in compiler.nodes[node].args:
            if arg >= usual and arg not in own:
                agenda.append(arg)
                head = compiler.nodes[arg].origin
                if isinstance(head, Proposition) and (head.kind, head.id) in touched and compiler.heads[head] == arg:
                    found.append(arg)
    return found


class Trial:
    """Tests evaluated by the rules as they are and by each version in turn: bit i test i, in both readings."""

    def __init__(self, knowledge: Knowledge, versions: Versions, atoms: Sequence[Plane],
                 forced: Mapping[int, Forced], tests: int) -> None:
        self.knowledge, self.versions, self.forced, self.tests = knowledge, versions, forced, tests
        self.full = (1 << 2 * tests) - 1
        self.planes = evaluate(versions.program, atoms, 2 * tests, forced=forced)
        self.users: list[list[int]] = [[] for _ in versions.program.nodes]
        for index, node in enumerate(versions.program.nodes):
            for arg in node.args:
                self.users[arg].append(index)

    @staticmethod
    def of(tests: Sequence[RuleTest], knowledge: Knowledge, versions: Versions) -> Trial:
        """Of tests as they are written."""
        forced = forced_by(tests, nodes_of(versions.program, knowledge.in_force))
        return Trial(knowledge, versions, seen(tests, knowledge, versions.program), forced, len(tests))

    def usual(self) -> View:
        """What comes by the rules as they are."""
        return View(self, {}, {})

    def version(self, number: int) -> View:
        """What comes by one version."""
        instead = self.versions.instead[number]
        reached = self._reached(instead)
        found: dict[int, Plane] = {}
        for node in reached:
            self._find(node, instead, reached, found)
        return View(self, {node: plane for node, plane in found.items() if plane != self.planes[node]}, instead.rules)

    def _reached(self, instead: Instead) -> set[int]:
        """Every node that may be otherwise: what stands in its place is, or something that it uses may be."""
        places: dict[int, list[int]] = {}
        for old, new in instead.nodes.items():
            places.setdefault(new, []).append(old)
        agenda = [old for old, new in instead.nodes.items() if self._settled(old, self.planes[new]) != self.planes[old]]
        reached = set(agenda)
        while agenda:
            node = agenda.pop()
            for user in (*self.users[node], *places.get(node, ())):
                if user not in reached and (user < self.versions.usual or user in instead.own):
                    reached.add(user)
                    agenda.append(user)
        return reached

    def _find(self, node: int, instead: Instead, reached: set[int], found: dict[int, Plane]) -> Plane:
        if node not in reached:
            return self.planes[node]
        if node not in found:
            new = instead.nodes.get(node)
            if new is not None:
                plane = self._find(new, instead, reached, found)
            else:
                made = self.versions.program.nodes[node]
                plane = step(made, [self._find(arg, instead, reached, found) for arg in made.args], self.full)
            found[node] = self._settled(node, plane)
        return found[node]

    def _settled(self, node: int, plane: Plane) -> Plane:
        return settled(plane, self.forced[node]) if node in self.forced else plane



class View(NamedTuple):
    """What comes of tests by one version: the nodes that are `otherwise` than usual, and the nodes of its own rules."""

    trial: Trial
    otherwise: Mapping[int, Plane]
    rules: Mapping[str, int]

    def plane(self, node: int | None) -> Plane:
        """The marks of a node; none, where there is no such node."""
        return NOTHING if node is None else self.otherwise.get(node, self.trial.planes[node])

    def states(self, node: int | None) -> dict[State, int]:
        """The tests in which a node is in each state."""
        return states_of(self.plane(node), self.trial.tests)

    def stands(self, kind: str, id: str) -> tuple[int, ...]:
        """The tests in which something is in each state at its lowest level, then present at each level above."""
        program = self.trial.versions.program
        lowest, *above = (self.states(program.head(kind, id, level)) for level in LADDERS[kind])
        return (*(lowest[state] for state in State), *(states[State.PRESENT] for states in above))

    def holds(self, id: str) -> int:
        """The tests in which a rule holds in some reading; of a signature, some line of its grading."""
        nodes = self.trial.versions.program.rules
        held = 0
        for one in rules_called(id, self.trial.knowledge):
            node = self.rules.get(one, nodes.get(one))
            held |= self.plane(node)[0]
        return (held | held >> self.trial.tests) & (1 << self.trial.tests) - 1


def states_of(plane: Plane, tests: int) -> dict[State, int]:
    """The tests in which something with these marks is in each state, both readings taken together."""
    full = (1 << tests) - 1
    (f1, a1), (f2, a2) = ((plane[0] >> at & full, plane[1] >> at & full) for at in (0, tests))
    present, refuted = (f1 & ~a1, f2 & ~a2), (a1 & ~f1, a2 & ~f2)
    found = {State.PRESENT: present[0] & present[1], State.NOT_FOUND: refuted[0] & refuted[1],
             State.CONTESTED: f1 & a1 | f2 & a2 | present[0] ^ present[1]}
    taken = found[State.PRESENT] | found[State.NOT_FOUND] | found[State.CONTESTED]
    return {**found, State.NOT_KNOWN: full & ~taken}


def rules_called(id: str, knowledge: Knowledge) -> list[str]:
    """The rules that a test means by a name: the one so called, or the lines that grade a signature."""
    if id not in knowledge.vocabulary.signatures:
        return [id]
    return [rule.id for rule in knowledge.in_force if rule.head.id == id and rule.head.found]


def bits(plane: int) -> Iterator[int]:
    """The places that are set, in order."""
    while plane:
        low = plane & -plane
        yield low.bit_length() - 1
        plane ^= low
