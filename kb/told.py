"""What `check` tells of one thing: the problem, why it matters, how sure it is, and the evidence that shows it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from kb.model import Problem
from kb.problems import WARNINGS


class Verdict(StrEnum):
    """How sure a finding is."""

    READ = "read"
    PROVED = "proved"
    WITNESS = "witness"
    OPEN = "not analysed"


class Told(NamedTuple):
    """A problem; the evidence that shows it, one line each; and the case in which it is seen, if there is one.

    `note`: nothing has to be mended, because what the rule itself says is in order.
    """

    problem: Problem
    shown_by: tuple[str, ...] = ()
    seen_in: str = ""
    verdict: Verdict = Verdict.READ
    why: str = ""
    note: bool = False

    @property
    def level(self) -> str:
        """`error`, `warning` (the rules can still be run) or `note`."""
        return "note" if self.note else "warning" if self.problem.code in WARNINGS else "error"


class Found(NamedTuple):
    """Everything that was found, in the order of places, and what was looked at."""

    told: tuple[Told, ...]
    looked_at: str
