"""Rules to the flat program: each operation made once, however many rules and contexts ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from engine.program import NOW, Atom, Context, Node, Op, Origin, Program, Proposition
from kb.alike import affected
from kb.conditions import (
    LADDERS,
    All,
    AnyOf,
    AtLeast,
    Condition,
    Corroborated,
    HeadIs,
    HeldFor,
    Judged,
    MoreThanNumbers,
    Not,
    ProtectiveIs,
    Rule,
    Test,
    TestIs,
    Within,
    by_head,
)
from kb.knowledge import Knowledge

Gathering = All | AnyOf | AtLeast | HeldFor
Key = tuple[Op, tuple[int, ...], int, int, Context]
"""What a node is: its operation, its arguments, how many, the id of what it was made from, in what context."""


class CircleError(ValueError):
    """Rules that rest on themselves: the reader reports circles first, so this is a programmer's mistake."""


def compile_rules(rules: Iterable[Rule], also: Iterable[Proposition] = ()) -> Program:
    """The flat program of every rule in force, each head at each of its levels; `also`: more that is looked at."""
    in_force = sorted((r for r in rules if r.status == "in force"), key=lambda r: r.id)
    return compiled(Compiler(by_head(in_force)), in_force, also)


def compiled(compiler: Compiler, rules: Iterable[Rule], also: Iterable[Proposition] = (), full: bool = True) -> Program:
    """The program of a compiler's rules, or else only of what is asked for: these rules as asked now, and `also`."""
    return compiled_bare(compiler, rules, also, full).gathered()


def compiled_bare(compiler: Compiler, rules: Iterable[Rule], also: Iterable[Proposition] = (), full: bool = True,
                  ) -> Program:
    """The same without what only reading evidence needs: which atoms look at the same tests, and their order."""
    heads = (Proposition(kind, id, level) for kind, id in sorted(compiler.by_head) for level in LADDERS[kind])
    for head in (*(heads if full else ()), *also):
        compiler.proposition(head)
    asked_now = {rule.id: compiler.rule(rule, NOW) for rule in rules}
    return Program(tuple(compiler.nodes), tuple(compiler.atoms), dict(compiler.heads), asked_now)


def compile_onto(was: Knowledge, old: Program, new: Knowledge) -> Program:
    """The program of edited rules, put on top of the one they were: its first nodes are those of the `old` program.

    Only what rests on a rule that is not the same to the letter is made anew. All else is the same node in both: what
    is known of a node of the old program is known of it in the new one. What nothing asks for any more stays there.
    """
    rules = [{rule.id: rule for rule in knowledge.in_force} for knowledge in (was, new)]
    edited = frozenset(id for id in rules[0].keys() | rules[1].keys() if rules[0].get(id) != rules[1].get(id))
    apart = affected(was, new, edited)
    compiler = Compiler(
        by_head(new.in_force), list(old.nodes), list(old.atoms),
        {head: node for head, node in old.heads.items() if (head.kind, head.id) not in apart},
        [node.stratum for node in old.nodes], atom_at=dict(old.atoms),
        rule_at={(id, NOW): node for id, node in old.rules.items()
                 if id in rules[1] and (rules[1][id].head.kind, rules[1][id].head.id) not in apart})
    return compiled(compiler, new.in_force)


@dataclass
class Compiler:
    """Turns rules into nodes, each once."""
    by_head: dict[tuple[str, str], list[Rule]]
    nodes: list[Node] = field(default_factory=list)
    atoms: list[tuple[Atom, int]] = field(default_factory=list)
    heads: dict[Proposition, int] = field(default_factory=dict)
    strata: list[int] = field(default_factory=list)
    known: dict[Key, int] = field(default_factory=dict)
    atom_at: dict[Atom, int] = field(default_factory=dict)
    rule_at: dict[tuple[str, Context], int] = field(default_factory=dict)
    made_of: dict[tuple[int, Context], tuple[Condition, int]] = field(default_factory=dict)
    open: list[Proposition] = field(default_factory=list)

    def add(self, op: Op, args: tuple[int, ...], origin: Origin, context: Context, k: int = 0) -> int:
        """The node of this operation, made once however often it is asked for."""
        key = (op, args, k, id(origin), context)
        found = self.known.get(key)
        return self.made_new(key, origin) if found is None else found

    def made_new(self, key: Key, origin: Origin) -> int:
        op, args, k, _, context = key
        found = self.known[key] = len(self.nodes)
        stratum = self.stratum(op, args) if args else 0
        self.strata.append(stratum)
        self.nodes.append(Node(op, args, k, origin, context, stratum))
        return found

    def stratum(self, op: Op, args: tuple[int, ...]) -> int:
        """How many rounds of exceptions must be settled before this node can be."""
        below = [self.strata[a] for a in args]
        return max(below) if op is not Op.UNLESS else max(below[0], 1 + max(below[1:], default=-1))

    def atom(self, tests: tuple[Test, ...], context: Context, corroboration: bool = False) -> int:
        atom = Atom(tests, context._replace(refuting=False) if context.refuting else context, corroboration)
        found = self.atom_at.get(atom)
        if found is None:
            found = self.atom_at[atom] = self.add(Op.ATOM, (), atom, context)
            self.atoms.append((atom, found))
        return found

    def proposition(self, head: Proposition) -> int:
        known = self.heads.get(head)
        if known is not None:
            return known
        if head in self.open:
            raise CircleError(" -> ".join(p.id for p in [*self.open, head]))
        self.open.append(head)
        found = self.given_by(head, self.by_head.get((head.kind, head.id), []))
        self.open.pop()
        self.heads[head] = found
        return found

    def given_by(self, head: Proposition, rules: Iterable[Rule]) -> int:
        """The node of a signature or conclusion as these rules give it."""
        for_it = [r for r in rules if r.head.found and r.head.gives(head.level)]
        against_it = [] if head.context.plus is not None and not head.context.refuting else [
            r for r in rules if not r.head.found]
        args = tuple(self.rule(rule, head.context) for rule in (*for_it, *against_it))
        return self.add(Op.HEAD, args, head, head.context, len(for_it))

    def rule(self, rule: Rule, context: Context) -> int:
        key = (rule.id, context)
        if key not in self.rule_at:
            when = self.condition(rule.when, context)
            exceptions = [self.condition(e, Context(shift=context.shift)) for e in rule.unless]
            self.rule_at[key] = self.add(Op.UNLESS, (when, *exceptions), rule, context)
        return self.rule_at[key]

    def condition(self, c: Condition, context: Context) -> int:
        """The node of a condition in a context; in a `plus` context its marks rest on more than numbers."""
        key = id(c), context
        found = self.made_of.get(key)
        if found is None:  # kept with the condition, whose id is then nobody else's
            found = self.made_of[key] = c, self.made(c, context)
        return found[1]

    def made(self, c: Condition, context: Context) -> int:
        match c:
            case TestIs() | ProtectiveIs():
                return self.atom((c.test,), context)
            case Corroborated():
                return self.atom(c.tests, context, corroboration=True)
            case HeadIs():
                return self.proposition(Proposition(c.kind, c.id, c.level, context))
            case Within():
                return self.condition(c.part, context.narrowed(c.months))
            case HeldFor():
                earlier = context._replace(shift=context.shift + c.months)
                return self.gathered(c, [(c.part, context), (c.part, earlier)], context)
            case MoreThanNumbers():
                tagged = self.condition(c.part, context.tagged(c.months))
                if context.plus is not None:
                    return tagged
                return self.add(Op.ALL, (self.condition(c.part, context), tagged), c, context)
            case Not():
                return self.add(Op.NOT, (self.condition(c.part, context.negated),), c, context)
            case Judged():
                if context.plus is None:
                    return self.add(Op.JUDGED, (self.condition(c.part, context),), c, context)
                return self.either_way(c, context)
            case All() | AnyOf() | AtLeast():
                return self.gathered(c, [(part, context) for part in c.parts], context)
            case _:
                assert_never(c)

    def either_way(self, c: Judged, context: Context) -> int:
        """Judged for or against, each side as tagged: a head that either would refute, turned round."""
        found = self.condition(c.part, context)
        refuted = self.add(Op.NOT, (self.condition(c.part, context.negated),), c, context)
        return self.add(Op.NOT, (self.add(Op.HEAD, (found, refuted), c, context),), c, context)

    def gathered(self, c: Gathering, parts: list[tuple[Condition, Context]], context: Context) -> int:
        """All, any, or some number of parts; in a `plus` context, resting on more than numbers."""
        if context.plus is None or not parts:
            return self.several(c, tuple([self.condition(part, inside) for part, inside in parts]), context)
        whole = self.gathered(c, [(part, inside.plain) for part, inside in parts], context.plain)
        tagged = tuple([self.condition(part, inside) for part, inside in parts])
        outer, inner = (Op.ANY, Op.ALL) if context.refuting else (Op.ALL, Op.ANY)
        return self.add(outer, (whole, self.add(inner, tagged, c, context)), c, context)

    def several(self, c: Gathering, args: tuple[int, ...], context: Context) -> int:
        match c:
            case All() | HeldFor():
                return self.add(Op.ALL, args, c, context)
            case AnyOf():
                return self.add(Op.ANY, args, c, context)
            case AtLeast():
                return self.add(Op.COUNT, args, c, context, c.count)
            case _:
                assert_never(c)
