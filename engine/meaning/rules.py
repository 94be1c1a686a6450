"""What each rule means by itself and beside the others of its conclusion: exact, over all evidence there can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.compiling import Compiler, compiled_bare
from engine.meaning.answers import clash, ground_of
from engine.meaning.asking import Asking
from engine.meaning.built import built
from engine.meaning.circuit import Circuit, Wires
from engine.meaning.examples import NONE, Examples, Kept
from engine.meaning.findings import Finding, Want
from engine.meaning.idle import Settled, called, idle
from engine.meaning.laws import Laws, laws
from engine.meaning.leftout import Path, Variant, variants
from engine.meaning.premisenodes import Premise, exceptions, premises
from engine.meaning.shapes import shape, shape_below
from engine.meaning.solving import Undecided, available
from engine.program import NOW, Context, Op, Program
from kb.conditions import LADDERS, Condition, Rule, by_head
from kb.keeping import Keep, made_anew
from kb.knowledge import Knowledge
from kb.problems import Code

NOTHING: Settled = MappingProxyType({})


@dataclass(frozen=True)
class Meaning:
    """The rules in force and their variants as one program, its laws, and its circuit.

    `usual`: the program of the rules alone, with which that of all begins. `settled`: conclusions of whose rules
    nothing is to be found but these conditions that decide nothing; their rules have no variants here.
    """

    knowledge: Knowledge
    compiler: Compiler
    usual: Program
    program: Program
    variants: dict[str, tuple[Variant, ...]]
    laws: Laws
    circuit: Circuit
    wires: Wires
    looks: dict[tuple[str, Context], int]
    settled: Settled

    def contexts(self, rule: Rule) -> tuple[Context, ...]:
        """How the rule is looked at, here or there: as asked now, and as conclusions that rest on it ask."""
        return tuple(context for id, context in self.looks if id == rule.id)

    def holds(self, rule: Rule) -> int:
        """The literal of the rule's holding."""
        return self.wires[self.program.rules[rule.id]].for_

    def literal(self, want: Want) -> int:
        """The literal of a node's mark for, there or not."""
        found = self.wires[want.node].for_
        return found if want.there else -found


def meaning_of(knowledge: Knowledge, settled: Settled = NOTHING) -> Meaning:
    """The rules in force made ready to be asked what they mean. Signatures are asked at their lowest grade."""
    made = variants(rule for rule in knowledge.in_force if (rule.head.kind != "signature" or _shows(rule))
                    and (rule.head.kind, rule.head.id) not in settled)
    in_force = sorted(knowledge.in_force, key=lambda rule: rule.id)
    compiler = Compiler(by_head(in_force))
    usual = compiled_bare(compiler, in_force)
    program = compiled_bare(compiler, [*in_force, *(variant.without for variant in made)], full=False)
    held = laws(program, knowledge.vocabulary)
    circuit = Circuit(len(held.points))
    by_rule: dict[str, tuple[Variant, ...]] = {}
    for variant in made:
        by_rule[variant.rule.id] = (*by_rule.get(variant.rule.id, ()), variant)
    looks = {(node.origin.id, node.context): i for i, node in enumerate(program.nodes)
             if node.op is Op.UNLESS and isinstance(node.origin, Rule)}
    return Meaning(knowledge, compiler, usual, program, by_rule, held, circuit, Wires(program, circuit), looks,
                   settled)


def _shows(rule: Rule) -> bool:
    return rule.head.found and rule.head.level == LADDERS[rule.head.kind][0]


def asker(meaning: Meaning, before: Kept = NONE, under: bytes = b"", keep: Keep = made_anew) -> Asking:
    """What answers questions about this meaning. `before`: combinations that were come upon, `under`: by which laws.

    Where there are none, some are built. Without a solver what is not shown may be left open, so then no more and no
    less is shown than with nothing kept.
    """
    ground = ground_of(meaning.circuit, meaning.laws, meaning.knowledge.vocabulary)
    earlier = before if available() else NONE
    rules = (meaning.program.rules[rule.id] for rule in meaning.knowledge.in_force if not earlier.columns)
    also = built(meaning.program, meaning.laws, rules)
    return Asking(meaning.wires, ground, Examples(meaning.program, meaning.laws, earlier, also, under), keep)


def shown(finding: Finding, meaning: Meaning, asking: Asking) -> Finding:
    """The finding with the smallest combination of evidence that shows it, and why an exception decides nothing.

    Where either cannot be settled, what was found stands.
    """
    try:
        if finding.code is Code.NEVER_DEFEATS:
            among, covering = _excluding(finding, meaning, asking)
            finding = finding._replace(clash=among, covered_by=covering)
        if finding.wants and not finding.shown:
            finding = finding._replace(shown=asking.smallest([meaning.literal(want) for want in finding.wants]))
    except Undecided:  # only how to show it best is left open
        pass
    return finding


def about_rules(meaning: Meaning, asking: Asking) -> Iterator[Finding]:
    """Everything found about single rules, and about rules beside others of the same conclusion."""
    heads = by_head(meaning.knowledge.in_force)
    asking.expected = (list(_expected(rules, meaning, asking)) for head, rules in heads.items()
                       if head not in meaning.settled)
    for head, rules in heads.items():
        if head in meaning.settled:
            yield from (one._replace(wants=(Want(meaning.program.rules[one.rule.id]),))
                        for one in called(meaning.settled[head], meaning.knowledge))
            continue
        for rule in rules:
            try:
                yield from _about(rule, rules, meaning, asking)
            except Undecided as error:
                yield Finding(Code.NOT_ANALYSED, rule, why=str(error))


def _expected(rules: Sequence[Rule], meaning: Meaning, asking: Asking) -> Iterator[int]:
    """What will be asked of each of these rules, as far as no example shows it."""
    for rule in rules:
        node = meaning.program.rules[rule.id]
        if not asking.examples.some((node,)):
            yield meaning.wires[node].for_
        without = (meaning.program.rules[variant.without.id] for variant in meaning.variants.get(rule.id, ()))
        yield from (asking.changed(node, other) for other in without if not asking.examples.differ(node, other))


def _about(rule: Rule, alike: Sequence[Rule], meaning: Meaning, asking: Asking) -> Iterator[Finding]:
    parts, stops = premises(meaning.program, rule), exceptions(meaning.program, rule)
    if not asking.some((meaning.program.rules[rule.id],)):
        yield _never(rule, parts, stops, meaning, asking)
        return
    yield from _repeats(rule, _beside(rule, alike), meaning, asking)
    yield from _idle(rule, meaning.variants.get(rule.id, ()), meaning, asking)


def _never(rule: Rule, parts: Sequence[Premise], stops: Sequence[Premise], meaning: Meaning, asking: Asking,
           ) -> Finding:
    """Why a rule never holds: its premises exclude one another, or it is always defeated."""
    needed = [Want(part.node) for part in parts]
    among = clash(asking, [meaning.literal(want) for want in needed])
    if among:
        return Finding(Code.NEVER_HOLDS, rule, clash=_conditions(parts, among, meaning))
    stopped = clash(asking, [*(-meaning.wires[stop.node].for_ for stop in stops), *map(meaning.literal, needed)])
    guilty = [stop for stop in stops if -meaning.wires[stop.node].for_ in stopped] or list(stops)
    return Finding(Code.ALWAYS_DEFEATED, rule, guilty[0].condition, clash=_conditions(parts, stopped, meaning),
                   wants=tuple(needed))


def _conditions(parts: Iterable[Premise], among: Iterable[int], meaning: Meaning) -> tuple[Condition, ...]:
    wanted = set(among)
    return tuple(part.condition for part in parts if meaning.wires[part.node].for_ in wanted)


def _beside(rule: Rule, alike: Sequence[Rule]) -> list[Rule]:
    """The other rules of the same conclusion that conclude at least as much."""
    others = [r for r in alike if r is not rule and r.head.found == rule.head.found]
    return [other for other in others if not rule.head.found or _levels(rule) <= _levels(other)]


def _levels(rule: Rule) -> set[str]:
    ladder, head = LADDERS[rule.head.kind], rule.head
    lowest = 0 if head.raised_from is None else ladder.index(head.raised_from) + 1
    return set(ladder[lowest:ladder.index(head.level) + 1])


def _repeats(rule: Rule, beside: Sequence[Rule], meaning: Meaning, asking: Asking) -> Iterator[Finding]:
    """Whether wherever the rule holds another does that concludes as much; of two that are the same, the later.

    As asked now: where a conclusion is asked for on more than numbers, a rule that asks for more may still bring an
    event or a finding that the other does not look at. Two rules are the same only if they are however looked at.
    """
    here, left = Want(meaning.program.rules[rule.id]), list[Rule]()
    for other in beside:
        if not _covered(rule, (other,), meaning, asking, (NOW,)):
            left.append(other)
            continue
        mutual = _levels(rule) == _levels(other) and _covered(other, (rule,), meaning, asking, (NOW,))
        if mutual and (rule.place, rule.id) < (other.place, other.id):
            continue
        same = mutual and all(_covered(a, (b,), meaning, asking, meaning.contexts(rule))
                              for a, b in ((rule, other), (other, rule)))
        wants = (here, Want(meaning.program.rules[other.id]))
        yield Finding(Code.SAME_AS if same else Code.REPEATS, rule, others=(other,), wants=wants)
        return
    if len(left) > 1 and _covered(rule, left, meaning, asking, (NOW,)):
        yield Finding(Code.REPEATS, rule, others=tuple(left), wants=(here,))


def _covered(rule: Rule, others: Sequence[Rule], meaning: Meaning, asking: Asking, contexts: Iterable[Context],
             ) -> bool:
    """Whether one of the others holds wherever the rule does, in each of these ways to look at evidence."""
    for context in contexts:
        here, *there = (meaning.looks[r.id, context] for r in (rule, *others))
        if asking.some((here,), there):
            return False
    return True


def _idle(rule: Rule, made: Sequence[Variant], meaning: Meaning, asking: Asking) -> Iterator[Finding]:
    """The conditions without which the rule stands the same, the outermost of each."""
    found: list[Path] = []
    here = meaning.program.rules[rule.id]
    for variant in made:
        if any(variant.path[:len(outer)] == outer for outer in found):
            continue
        if not asking.differ(here, meaning.program.rules[variant.without.id]):
            found.append(variant.path)
            yield idle(variant)._replace(wants=(Want(here),))


def _excluding(finding: Finding, meaning: Meaning, asking: Asking,
               ) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """The premises beside which an exception is never shown; or the others of which one is always shown with it."""
    rule = finding.rule
    which = next(i for i, exception in enumerate(rule.unless) if exception is finding.condition)
    means = [shape(rule, meaning.knowledge), *shape_below(meaning.knowledge, [(rule.head.kind, rule.head.id)])]
    among, covering = asking.keep((b"excluding %d" % which, *means), lambda: _clashing(rule, which, meaning, asking))
    parts = premises(meaning.program, rule)
    return tuple(parts[i].condition for i in among), tuple(rule.unless[i] for i in covering)


def _clashing(rule: Rule, which: int, meaning: Meaning, asking: Asking) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The same by their numbers in the rule."""
    parts, stops = premises(meaning.program, rule), exceptions(meaning.program, rule)
    needed = [meaning.wires[part.node].for_ for part in parts]
    shown = [meaning.wires[stops[which].node].for_, *needed]
    among = clash(asking, shown)
    if among:
        return tuple(i for i, literal in enumerate(needed) if literal in among), ()
    others = {-meaning.wires[stop.node].for_: i for i, stop in enumerate(stops) if i != which}
    return (), tuple(others[x] for x in clash(asking, [*shown, *others]) if x in others)
