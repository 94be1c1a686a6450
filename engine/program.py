"""The flat program: an ordered list of operations on pairs of marks, which engine/compiling.py makes of rules."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from kb.conditions import (
    Condition,
    Rule,
    Test,
)
from kb.once import Once

ANY_AGE = -1


class Op(StrEnum):
    """What a node does to the marks of its arguments (design, section 3)."""

    ATOM = "atom"
    ALL = "all"
    ANY = "any"
    COUNT = "count"
    NOT = "not"
    JUDGED = "judged"
    UNLESS = "unless"
    HEAD = "head"
    __hash__ = str.__hash__  # the same, and many times quicker than that of members of an enumeration


class Context(NamedTuple):
    """How evidence is looked at: ending within `within` months, `shift` months earlier than the as-at date.

    `plus`: only what rests on an event or finding no older than so many months (ANY_AGE: of any age), on the side
    for, or (`refuting`, under a `not`) on the side against; the other side then says no more than it would without.
    """

    within: int | None = None
    shift: int = 0
    plus: int | None = None
    refuting: bool = False

    def narrowed(self, months: int | None) -> "Context":
        """The same, no wider than `months`: nested periods take the shorter."""
        if months is None or (self.within is not None and self.within <= months):
            return self
        return Context(months, *self[1:])

    def tagged(self, months: int | None) -> "Context":
        """The same, resting on an event or finding; nested demands take the younger."""
        asked = ANY_AGE if months is None else months
        if self.plus is None or self.plus == ANY_AGE:
            return self._replace(plus=asked)
        return self if asked == ANY_AGE else self._replace(plus=min(self.plus, asked))

    @property
    def plain(self) -> "Context":
        """The same, whatever it rests on."""
        return self if self.plus is None and not self.refuting else Context(*self[:2])

    @property
    def negated(self) -> "Context":
        """The same inside a `not`, where the side against is what will hold."""
        return self if self.plus is None else Context(*self[:3], not self.refuting)


NOW = Context()
"""As asked: today's evidence, whatever it rests on."""


class Atom(NamedTuple):
    """A test, or the corroboration of several tests, as looked at in a context."""

    tests: tuple[Test, ...]
    context: Context
    corroboration: bool = False


class Proposition(NamedTuple):
    """A signature or conclusion at one level, as looked at in a context."""

    kind: str
    id: str
    level: str
    context: Context = NOW


Origin = Atom | Proposition | Rule | Condition


class Node(NamedTuple):
    """One operation. `k`: how many parts (COUNT), or how many arguments are rules for the head (HEAD)."""

    op: Op
    args: tuple[int, ...]
    k: int
    origin: Origin
    context: Context
    stratum: int


class Group(NamedTuple):
    """Atoms, with their places, that look at the same tests at one time: they have marks together or not at all."""

    tests: tuple[Test, ...]
    shift: int
    corroboration: bool
    indicators: frozenset[str]
    atoms: tuple[Atom, ...]
    places: tuple[int, ...]


class _Parts(NamedTuple):
    nodes: tuple[Node, ...]
    atoms: tuple[tuple[Atom, int], ...]
    heads: dict[Proposition, int]
    rules: dict[str, int]
    groups: tuple[Group, ...] = ()
    by_words: tuple[int, ...] = ()


class Program(_Parts, Once):
    """Nodes in dependency order (arguments before use), the atoms among them, and where each head stands.

    `rules`: the node of each rule in force, by its id, as asked now. `groups`: the atoms by what they look at.
    `by_words`: of each atom its place among all in the order of their words.
    """

    def gathered(self) -> "Program":
        """The same with its `groups`, and the order of its atoms."""
        return self._replace(groups=_groups(self.atoms), by_words=_by_words(self.atoms))

    def head(self, kind: str, id: str, level: str) -> int | None:
        """The node of a signature or conclusion as asked today, or None where no rule speaks of it."""
        return self.heads.get(Proposition(kind, id, level))


def _groups(atoms: Sequence[tuple[Atom, int]]) -> tuple[Group, ...]:
    found: dict[tuple[tuple[Test, ...], int, bool], list[int]] = {}
    for place, (atom, _) in enumerate(atoms):
        found.setdefault((atom.tests, atom.context.shift, atom.corroboration), []).append(place)
    return tuple(Group(*key, frozenset(test.indicator for test in key[0]), tuple(atoms[p][0] for p in places),
                       tuple(places)) for key, places in found.items())


def _by_words(atoms: Sequence[tuple[Atom, int]]) -> tuple[int, ...]:
    told = cache(str)  # the same tests, and the same contexts, stand in many atoms
    words = [f"{told(tests)} {told(context)} {corroboration}" for (tests, context, corroboration), _ in atoms]
    in_order = sorted(range(len(words)), key=words.__getitem__)
    return tuple(sorted(range(len(words)), key=in_order.__getitem__))
