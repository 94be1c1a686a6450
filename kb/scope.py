"""What a condition may refer to, and where its problems go."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Table
from typing import NamedTuple

from kb.conditions import Test
from kb.knowledge import Sign, Signs
from kb.model import Place, Problem, Vocabulary
from kb.problems import Code

BASES = ("authoritative", "authoritative concept, local cut-off", "derived from statistics", "local judgement")


class Scope(NamedTuple):
    """What a condition may refer to, and where its problems go.

    `signs_of`: the signs that each indicator makes; `unread`: indicators whose sign has a mistake of its own.
    """

    vocabulary: Vocabulary
    conclusions: Table[str, str]
    protective: Table[str, Test]
    problems: list[Problem]
    repaired: bool = False
    signs: Signs | None = None
    basis: str = ""
    signs_of: Table[str, tuple[Sign, ...]] = {}  # a table that is never written to
    unread: Collection[str] = ()

    def say(self, place: Place, code: Code, message: str, hint: str = "") -> None:
        """Adds a problem."""
        self.problems.append(Problem(place, code, message, hint))
