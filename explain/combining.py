"""What combines with what, in words: sets of signatures with the conclusions they reach only together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.interactions import Together
from explain import words
from explain.names import Names
from kb.conditions import HELD


class Gives(NamedTuple):
    """A conclusion that a set of signatures reaches; `themselves`: the signatures being present is enough."""

    kind: str
    id: str
    title: str
    level: str
    themselves: bool

    @property
    def called(self) -> str:
        """What it is, and how high it is reached."""
        sort = words.FOUND[self.kind]
        return sort if self.level in HELD else f"{sort}, {self.level}"


class Combination(NamedTuple):
    """Signatures, and what they reach together that fewer of them do not."""

    signatures: tuple[str, ...]
    gives: tuple[Gives, ...]

    @property
    def themselves(self) -> bool:
        """Whether for some conclusion it is enough that the signatures are present."""
        return any(one.themselves for one in self.gives)


def combinations(found: Iterable[Together], names: Names) -> tuple[Combination, ...]:
    """The sets in the order in which they come, each with all that it gives."""
    gives: dict[tuple[str, ...], list[Gives]] = {}
    for one in found:
        told = Gives(one.kind, one.id, names.title(one.kind, one.id), one.level, one.themselves)
        gives.setdefault(one.signatures, []).append(told)
    return tuple(Combination(signatures, tuple(given)) for signatures, given in gives.items())


def having(found: Iterable[Combination], code: str, size: int) -> list[Combination]:
    """The combinations of so many signatures that have this one among them."""
    return [one for one in found if code in one.signatures and len(one.signatures) == size]
