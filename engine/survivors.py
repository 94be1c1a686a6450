"""Slips in rules that no test notices: those that change nothing, and those that a further test would notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.meaning.unchanged import changing_nothing
from engine.mutants import noticed
from engine.variants import compile_versions
from engine.witnesses import Trying, Witness, witnesses
from kb.rereading import Changed
from kb.ruletests import RuleTest


class Survivor(NamedTuple):
    """A slip that no test notices. `same`: it is proved to change nothing; if not, what would tell it, where found."""

    changed: Changed
    same: bool
    witness: Witness | None


def survivors(tests: Sequence[RuleTest], changed: Sequence[Changed], trying: Trying) -> list[Survivor]:
    """The slips after which every test comes out as before; the tests hold of the rules as they are."""
    knowledge = trying.knowledge
    failing = noticed(tests, knowledge, [one.rules for one in changed])
    left = [one for one, tests_failing in zip(changed, failing, strict=True) if not tests_failing]
    versions = compile_versions(knowledge.in_force, [one.rules for one in left])
    proved = list(changing_nothing(versions, knowledge.vocabulary))
    open_ = [one for one, is_same in zip(left, proved, strict=True) if not is_same]
    found = iter(witnesses(trying, [one.rules for one in open_]))
    return [Survivor(one, is_same, None if is_same else next(found)) for one, is_same in zip(left, proved, strict=True)]
