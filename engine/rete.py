"""The second engine: the flat program as definite clauses over marks, chained forward by durable-rules."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from math import isqrt
from types import ModuleType
from typing import Self

from engine.bits import Plane
from engine.clauses import MAX_PREMISES, TRUE, Clause, Mark, Translation, translate
from engine.program import Program

# Beyond these durable-rules 2.0.28 crashes, hangs or loses answers without a word, so they are kept here.
# A fact matches two tests at once, `k` and `name`, however many rules read it: far from the engine's wall of 64.
ALIASES = "abcdefghijkl"[:MAX_PREMISES]
MAX_RULES, MAX_NAMES = 4_000, 200
BOOT = '{"k":"boot","name":"boot","id":"boot"}'
BOOT_RULE = '"0":{"all":[{"a":{"$and":[{"k":"boot"},{"name":"boot"}]}}]}'


class Unavailable(Exception):
    """durable-rules cannot be imported here; the message says why, in one sentence."""


class EngineError(Exception):
    """The program is beyond what durable-rules can be trusted with, or the engine reported an error."""


class Rete:
    """A program's ruleset, built once; each `run` is a fresh session over it. Close it after use.

    `firings`: the clauses that fired in the last run, as the agenda had them (no answer depends on that order).
    `possible`: the planes of the atoms in every column that will be run, where they are known beforehand; the ruleset
    then leaves out what no column gives. Raises Unavailable where durable-rules cannot be
    imported, EngineError beyond its limits.
    """

    def __init__(self, program: Program, possible: Sequence[Plane] | None = None) -> None:
        self.engine = _import()
        self.program = program
        self.translation = translate(program, possible)
        self.clauses = (Clause((), ()), *self.translation.clauses)
        self.firings: list[Clause] = []
        self.open: set[Mark] = set()
        rules, self.facts = _ruleset(self.translation)
        try:
            self.handle: int | None = self.engine.create_ruleset("rules", rules)
        except Exception as error:
            raise EngineError(f"durable-rules refused the program: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees the ruleset; it cannot run again."""
        handle, self.handle = self.handle, None
        if handle is not None:
            self.engine.delete_ruleset(handle)

    def run(self, atoms: Sequence[Plane]) -> list[Plane]:
        """The (for, against) marks, each 0 or 1, of every node, for one case in one reading of the evidence.

        `atoms`: one pair of 0 or 1 per `program.atoms`, in that order. Raises EngineError, and is closed by it.
        """
        memory = self.chain(_given(self.program, atoms))
        held = [int(mark in memory) for mark in self.translation.root]
        return list(zip(held[::2], held[1::2], strict=True))

    def chain(self, given: Iterable[Mark]) -> set[Mark]:
        """The working memory in the end, from the marks of the atoms given. Raises EngineError, and is closed by it."""
        memory: set[Mark] = {TRUE}
        self.firings, self.open = [], set()
        try:
            self._chain(list(dict.fromkeys(self.translation.root[mark] for mark in given)), memory)
        except Exception as error:
            self.close()
            raise EngineError(f"durable-rules stopped: {error}") from error
        return memory

    def _chain(self, given: list[Mark], memory: set[Mark]) -> None:
        """The given facts; then, stratum by stratum, what was not shown is assumed so, and the chaining goes on."""
        if not list(self._fired(BOOT)):
            raise EngineError("the first rule did not fire")  # deleting a session in which nothing fired crashes
        try:
            self._settle(given, memory)
            for pairs in self.translation.assumptions:
                self._assume({assumed for exception, assumed in pairs if exception not in memory}, memory)
        finally:
            self.engine.delete_state(self.handle, None)

    def _assume(self, open: set[Mark], memory: set[Mark]) -> None:
        """Asserts the assumptions that can matter yet; what follows may make others matter, of any stratum settled."""
        self.open |= open
        while ready := [fact for fact in sorted(self.open) if self._matters(fact, memory)]:
            self.open.difference_update(ready)
            self._settle(ready, memory)

    def _matters(self, assumed: Mark, memory: set[Mark]) -> bool:
        beside = self.translation.beside.get(assumed)
        return beside is None or not beside.isdisjoint(memory)

    def _settle(self, new: list[Mark], memory: set[Mark]) -> None:
        """Asserts one fact at a time, and what its firings conclude, until nothing fires any more."""
        agenda = deque(new)
        memory.update(new)
        while agenda:
            fact = self.facts.get(agenda.popleft())
            for clause in self._fired(fact) if fact else ():  # a fact that no rule reads is never asserted
                self.firings.append(clause)
                fresh = [head for head in clause.heads if head not in memory]
                memory.update(fresh)
                agenda.extend(fresh)

    def _fired(self, fact: str) -> Iterator[Clause]:
        """Asserts the fact and drains the firings; the name of the rule in each says which clause it was."""
        code, state = self.engine.assert_fact(self.handle, fact)
        if code:
            raise EngineError(f"return code {code} for the fact {fact}")
        _, firing = self.engine.start_action_for_state(self.handle, state) or (None, None)
        while firing:
            yield self.clauses[int(firing[2:firing.index('"', 2)])]
            firing = self.engine.complete_and_start_action(self.handle, state)


def _given(program: Program, atoms: Sequence[Plane]) -> list[Mark]:
    """The marks that the atoms have, in any of their readings."""
    return [2 * index + side for (_, index), plane in zip(program.atoms, atoms, strict=True)
            for side in (0, 1) if plane[side]]


def run(program: Program, atoms: Sequence[Plane]) -> list[Plane]:
    """What `engine.bits.evaluate(program, atoms, 1)` gives, by forward chaining. Raises Unavailable, EngineError."""
    with Rete(program) as rete:
        return rete.run(atoms)


def available() -> str | None:
    """None where durable-rules can be imported, else one plain sentence that says why not."""
    try:
        _import()
    except Unavailable as reason:
        return str(reason)
    return None


def _import() -> ModuleType:
    """The extension module alone: the package around it starts threads that fire rules unasked."""
    before = sys.getdlopenflags() if sys.version_info >= (3, 13) and hasattr(sys, "getdlopenflags") else None
    try:
        if before is not None:  # it names one symbol that 3.13 dropped, and never uses it: bind lazily
            sys.setdlopenflags(before & ~os.RTLD_NOW | os.RTLD_LAZY)
        return import_module("durable_rules_engine")
    except ModuleNotFoundError:
        raise Unavailable("durable-rules is not installed (the extra `durable`, which needs a C compiler).") from None
    except Exception as error:
        raise Unavailable(f"durable-rules is installed but cannot be loaded: {error}.") from error
    finally:
        if before is not None:
            sys.setdlopenflags(before)


def _ruleset(translation: Translation) -> tuple[str, dict[Mark, str]]:
    """The rules in the engine's form, and of each mark that some rule reads the fact to assert."""
    read = sorted({premise for clause in translation.clauses for premise in clause.body})
    needed, buckets = len(translation.clauses) + 1, isqrt(len(read)) + 1
    if needed > MAX_RULES or buckets > MAX_NAMES:
        raise EngineError(f"the program needs {needed:,} rules over {len(read):,} facts, and durable-rules can be"
                          f" trusted with {MAX_RULES:,} over {MAX_NAMES ** 2:,}: the evaluator alone can answer")
    facts, tests, rules = {}, {}, [BOOT_RULE]  # ids are hashed to 32 bits, and of these names no two hashes are one
    for place, mark in enumerate(read):
        k, name = f"k{place % buckets}", translation.name(mark)
        facts[mark] = f'{{"k":"{k}","name":"{name}","id":"{name}"}}'
        tests[mark] = f'{{"$and":[{{"k":"{k}"}},{{"name":"{name}"}}]}}'
    for number, clause in enumerate(translation.clauses, 1):
        premises = ",".join(f'{{"{alias}":{tests[p]}}}' for alias, p in zip(ALIASES, clause.body, strict=False))
        rules.append(f'"{number}":{{"all":[{premises}]}}')
    return "{" + ",".join(rules) + "}", facts
