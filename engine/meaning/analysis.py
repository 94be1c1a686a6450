"""The whole analysis of a knowledge base: what its rules mean, each finding proved or shown by a combination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from engine.bits import evaluate
from engine.compiling import Compiler, compiled
from engine.cones import cone
from engine.kept import Parts
from engine.meaning.alone import by_its_own_words
from engine.meaning.contexts import everywhere
from engine.meaning.examples import Kept
from engine.meaning.findings import Finding
from engine.meaning.idle import Before
from engine.meaning.laws import laws
from engine.meaning.notes import Note, at_length, in_short, of_notes
from engine.meaning.reach import about_reach, indicators_of
from engine.meaning.rules import about_rules, asker, meaning_of, shown
from engine.meaning.shapes import shapes
from engine.program import Program
from kb.conditions import Rule, by_head
from kb.knowledge import Knowledge, Signs
from kb.model import Place
from kb.problems import Code

NO_RULES = Program((), (), {}, {})
EXAMPLES = b"examples"
"""The name under which combinations are left for the next run."""


class Analysis(NamedTuple):
    """What was found, and as much of the program as the findings want something of, over which they are numbered."""

    program: Program
    findings: tuple[Finding, ...]


def without_words(knowledge: Knowledge) -> Knowledge:
    """The rules in force by what they ask for and where, without whatever else is said of them: all that they mean."""
    rules = (Rule(r.id, r.head, r.when, r.unless, order=r.order, place=r.place) for r in knowledge.in_force)
    signs = {id: Signs(id, s.needs, s.facets) for id, s in knowledge.signs.items()}
    return Knowledge(knowledge.vocabulary, tuple(rules), signs)


def analyse(knowledge: Knowledge, parts: Parts | None = None, brief: bool = False) -> Analysis:
    """Everything found about what the rules in force mean, in the order of their places; of rules without words.

    `parts`: where the answer, combinations that were come upon, and what was proved of parts of it, may be kept.
    `brief`: of what needs no mending it is said that it is so, and neither shown nor explained.
    """
    asked, kept = without_words(knowledge), parts or Parts()
    words = (repr(part).encode() for part in (b"analysis", brief, asked.signs, asked.rules))
    anew = cache(lambda: _analysed(asked, kept, brief))
    if brief:  # soon told, so they are looked for before all that is written is hashed
        return _by_notes(asked, kept, brief, anew) or kept.part(words, anew)
    return kept.part(words, lambda: _by_notes(asked, kept, brief, anew) or anew())


def _by_notes(knowledge: Knowledge, parts: Parts, brief: bool, anew: Callable[[], Analysis]) -> Analysis | None:
    """The same where there is nothing but what needs no mending: by what the rules mean, wherever that is written."""
    owned = {id: sorted(indicators) for id, indicators in indicators_of(knowledge).items()}
    orders = [(rule.id, rule.order) for rule in knowledge.in_force]
    rests_on = (b"notes", repr((brief, owned, orders)).encode(), *knowledge.once(shapes).values())
    notes = parts.part(rests_on, lambda: _noted(anew(), knowledge, brief))
    if notes is None:
        return None
    found = of_notes(notes, knowledge)
    return _shown(notes, found, knowledge) if not brief else Analysis(NO_RULES, tuple(sorted(found, key=_by_place)))


def _noted(analysis: Analysis, knowledge: Knowledge, brief: bool) -> tuple[Note, ...] | None:
    """What was found as notes; None where it is more than that, or where something about it was left open."""
    if brief:
        return in_short(analysis.findings, NO_RULES, ())
    if not all(finding.shown for finding in analysis.findings):
        return None
    program = knowledge.once(_program_of, frozenset(finding.rule.id for finding in analysis.findings))
    return in_short(analysis.findings, program, laws(program, knowledge.vocabulary).points)


def _program_of(knowledge: Knowledge, noted: frozenset[str]) -> Program:
    """What some rules rest on, in an order that is the same wherever rules mean the same."""
    in_force = sorted(knowledge.in_force, key=lambda rule: rule.id)
    return compiled(Compiler(by_head(in_force)), [rule for rule in in_force if rule.id in noted], full=False)


def _shown(notes: Sequence[Note], found: Sequence[Finding], knowledge: Knowledge) -> Analysis:
    """What the notes are about with what shows it: rules that mean the same have the same first combination."""
    program = knowledge.once(_program_of, frozenset(finding.rule.id for finding in found))
    points = laws(program, knowledge.vocabulary).points
    full = [at_length(note, finding, program, points) for note, finding in zip(notes, found, strict=True)]
    _replay(program, full)
    return Analysis(program, tuple(sorted(full, key=_by_place)))


def _analysed(knowledge: Knowledge, parts: Parts, brief: bool) -> Analysis:
    earlier = Before(knowledge, parts)
    meaning = meaning_of(knowledge, earlier.settled)
    asking = asker(meaning, parts.hint(EXAMPLES, Kept()), parts.shared, parts.part)
    by_rules = list(about_rules(meaning, asking))
    kept = everywhere(meaning, [*by_rules, *about_reach(meaning, asking)], asking)
    found = [finding._replace(wants=()) if brief and finding.chained else shown(finding, meaning, asking)
             for finding in by_its_own_words(meaning, kept, parts.part)]
    _replay(meaning.program, found)
    if not any(finding.code is Code.NOT_ANALYSED for finding in found):
        parts.leave(EXAMPLES, asking.examples.left())
        earlier.leave(by_rules)
    return _by_itself(meaning.program, sorted(found, key=_by_place))


def _by_place(finding: Finding) -> tuple[Place, Code, tuple[str, ...]]:
    return finding.rule.place, finding.code, finding.signatures


def _by_itself(program: Program, findings: Sequence[Finding]) -> Analysis:
    """The findings with nothing more of the program than they want something of."""
    wanted = {want.node for finding in findings for want in finding.wants}
    part = cone(program.gathered() if wanted else program, wanted)
    place = {old: new for new, old in enumerate(part.nodes)}
    return Analysis(part.program, tuple(finding._replace(wants=tuple(
        want._replace(node=place[want.node]) for want in finding.wants)) for finding in findings))


def _replay(program: Program, findings: Sequence[Finding]) -> None:
    """Works every combination out again by the evaluator: a solver proposes, the evaluator decides."""
    columns: dict[tuple[object, bool], int] = {}
    for bit, finding in enumerate(findings):
        for mark in finding.shown:
            columns[mark] = columns.get(mark, 0) | 1 << bit
    atoms = [(columns.get((atom, True), 0), columns.get((atom, False), 0)) for atom, _ in program.atoms]
    planes = evaluate(program, atoms, len(findings)) if columns else []
    for bit, finding in enumerate(findings):
        for want in finding.wants if finding.shown else ():
            if bool(planes[want.node][0] >> bit & 1) is not want.there:
                raise AssertionError(f"{finding.code} of {finding.rule.id}: the evaluator does not bear it out")
