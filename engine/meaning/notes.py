"""What needs no mending, told by names and places that stay the same as long as what the rules mean does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.meaning.findings import Finding, Mark, Want
from engine.meaning.idle import Idle, called, named
from engine.meaning.premisenodes import premises
from engine.program import Atom, Program
from kb.conditions import Condition
from kb.knowledge import Knowledge


class Note(NamedTuple):
    """A condition that decides nothing by its name, and why and what shows it by places.

    `clash`: among the premises of its rule. `covered_by`: among its exceptions. `shown`: among the points at which
    evidence may leave marks on what all the notes rest on, and on which side.
    """

    name: Idle
    clash: tuple[int, ...]
    covered_by: tuple[int, ...]
    shown: tuple[tuple[int, bool], ...]


def in_short(findings: Sequence[Finding], program: Program, points: Iterable[Atom]) -> tuple[Note, ...] | None:
    """The findings as notes; None where they are not all about conditions that need no mending."""
    names = named(findings) if all(finding.chained for finding in findings) else None
    if names is None:
        return None
    place = {atom: point for point, atom in enumerate(points)}
    return tuple(Note(name, _places(finding.clash, (part.condition for part in premises(program, finding.rule))
                                    if finding.clash else ()),
                      _places(finding.covered_by, finding.rule.unless),
                      tuple((place[mark.atom], mark.for_) for mark in finding.shown))
                 for name, finding in zip(names, findings, strict=True))


def _places(some: Iterable[Condition], among: Iterable[Condition]) -> tuple[int, ...]:
    place = {id(condition): i for i, condition in enumerate(among)}
    return tuple(place[id(condition)] for condition in some)


def of_notes(notes: Iterable[Note], knowledge: Knowledge) -> tuple[Finding, ...]:
    """What the notes are about, and nothing of why it is so."""
    return tuple(found._replace(chained=True) for found in called([note.name for note in notes], knowledge))


def at_length(note: Note, finding: Finding, program: Program, points: Sequence[Atom]) -> Finding:
    """What a note is about, and why it is so, by the program and the points as they are now."""
    return finding._replace(
        clash=tuple(premises(program, finding.rule)[i].condition for i in note.clash),
        covered_by=tuple(finding.rule.unless[i] for i in note.covered_by),
        shown=tuple(Mark(points[point], for_) for point, for_ in note.shown),
        wants=(Want(program.rules[finding.rule.id]),))
