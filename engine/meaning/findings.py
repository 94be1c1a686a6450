"""What the analysis finds, as data: which rule, which condition, and the combination that shows it."""

from __future__ import annotations

from typing import NamedTuple

from engine.program import Atom
from kb.conditions import Condition, Head, Rule
from kb.problems import Code


class Mark(NamedTuple):
    """Evidence that leaves a mark on a test (or on the corroboration of several), as looked at."""

    atom: Atom
    for_: bool


class Want(NamedTuple):
    """That a node of the program has a mark for."""

    node: int
    there: bool = True


class Finding(NamedTuple):
    """One thing found about the rules.

    `condition`: what in the rule it is about. `others`: the rules that it repeats. `clash`: conditions that never hold
    together. `covered_by`: exceptions of which one is always shown with the one that it is about. `shown`: the smallest
    combination of evidence that shows it, () where none is needed; `wants`: what holds in it. `without`: the rule with
    the condition left out. `chained`: the condition would decide by the rule's own words, and does not because of what
    the conclusions that it names rest on. `signatures`: those from which alone a conclusion (`head`) is reached. `why`:
    why something was left open.
    """

    code: Code
    rule: Rule
    condition: Condition | None = None
    others: tuple[Rule, ...] = ()
    clash: tuple[Condition, ...] = ()
    covered_by: tuple[Condition, ...] = ()
    shown: tuple[Mark, ...] = ()
    wants: tuple[Want, ...] = ()
    without: Rule | None = None
    chained: bool = False
    signatures: tuple[str, ...] = ()
    head: Head | None = None
    why: str = ""
