"""The program and the evidence of one case as data for a page: what its evaluator in JavaScript works from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from engine.evidence import Verdict
from engine.planes import Looking, adverse
from engine.program import Atom, Context, Op, Program
from kb.conditions import LADDERS, Test
from kb.dossier import Observation

SIGNS = {Op.ATOM: "t", Op.ALL: "l", Op.ANY: "y", Op.COUNT: "c", Op.NOT: "n", Op.JUDGED: "j", Op.UNLESS: "u",
         Op.HEAD: "h"}
"""One letter for what a node does, as `evaluator.js` reads it."""
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
Pair = tuple[int, int]
"""A test by its place among all, and how many months earlier it is looked at."""
Sides = str
"""The places of the observations for a test and against it, as `3.a|`: numbers to the base of 36."""
NONE: Sides = "|"


class Ground(NamedTuple):
    """What a program looks at, each thing in its place: tests, pairs of a test and a time, contexts and heads."""

    program: Program
    tests: tuple[Test, ...]
    pairs: tuple[Pair, ...]
    contexts: tuple[Context, ...]
    heads: tuple[tuple[str, str], ...]


def ground(program: Program) -> Ground:
    """The things that a program looks at, in an order of their own."""
    atoms = [atom for atom, _ in program.atoms]
    tests = tuple(sorted({test for atom in atoms for test in atom.tests}, key=str))
    place = {test: at for at, test in enumerate(tests)}
    pairs = sorted({(place[test], atom.context.shift) for atom in atoms for test in atom.tests})
    contexts = dict.fromkeys(atom.context for atom in atoms)
    heads = dict.fromkeys((head.kind, head.id) for head in program.heads)
    return Ground(program, tests, tuple(pairs), tuple(contexts), tuple(heads))


def program_of(on: Ground) -> dict[str, object]:
    """The flat program: nodes as short words (what, how many, its arguments counted backwards), and what they are of.

    `heads`: of each proposition its node, head and level, and whether it is as asked now.
    """
    tests = {test: at for at, test in enumerate(on.tests)}
    contexts = {context: at for at, context in enumerate(on.contexts)}
    heads = {head: at for at, head in enumerate(on.heads)}
    return {
        "nodes": " ".join(_node(at, on.program) for at in range(len(on.program.nodes))),
        "atoms": " ".join(_atom(atom, tests, contexts) for atom, _ in on.program.atoms),
        "contexts": [[c.within, c.shift, c.plus] for c in on.contexts],
        "pairs": [list(pair) for pair in on.pairs],
        "heads": " ".join(".".join(map(short, (node, heads[p.kind, p.id], LADDERS[p.kind].index(p.level),
                                               int(p.context == Context())))) for p, node in on.program.heads.items()),
    }


def _node(at: int, program: Program) -> str:
    node = program.nodes[at]
    args = ".".join(short(at - arg) for arg in node.args)
    return f"{SIGNS[node.op]}{f'{short(node.k)}:' if node.op in (Op.COUNT, Op.HEAD) else ''}{args}"


def _atom(atom: Atom, tests: Mapping[Test, int], contexts: Mapping[Context, int]) -> str:
    both = "+" if atom.corroboration else ""
    return both + ".".join(map(short, (contexts[atom.context], *(tests[test] for test in atom.tests))))


def short(number: int) -> str:
    """A number from 0 in as few letters as parseInt(..., 36) reads again."""
    told = ""
    while number or not told:
        number, digit = divmod(number, len(DIGITS))
        told = DIGITS[digit] + told
    return told


class Filed(NamedTuple):
    """Observations in an order of their own, each found by what it is."""

    all: tuple[Observation, ...]
    place: Mapping[tuple[object, ...], int]


def filed(observations: Iterable[Observation]) -> Filed:
    """Every observation once, in the order in which answers tell them."""
    found = sorted({o.sort_key: o for o in observations}.values(), key=lambda o: repr(o.sort_key))
    return Filed(tuple(found), {o.sort_key: at for at, o in enumerate(found)})


def observations_of(files: Filed) -> str:
    """Of each observation its kind, the day from which its age is told, and the number of its document."""
    documents = {id: at for at, id in enumerate(dict.fromkeys(o.citation.source.id for o in files.all))}
    anchors = (o.about.anchor.isoformat().replace("-", "") for o in files.all)
    return " ".join(f"{str(o.kind)[0]}{anchor}{short(documents[o.citation.source.id])}"
                    for o, anchor in zip(files.all, anchors, strict=True))


def days(day: date) -> list[int]:
    """A day as year, month and day of the month."""
    return [day.year, day.month, day.day]


def evidence_of(looking: Looking, on: Ground, files: Filed) -> dict[str, object]:
    """What the evidence says at one date."""
    return {"day": days(looking.column.as_at), "sides": sides_at(looking, on, files)}


def sides_at(looking: Looking, on: Ground, files: Filed) -> dict[str, Sides]:
    """The sides of each pair, where there are any."""
    sides = {at: sides_of(looking.verdict(on.tests[test], shift), files) for at, (test, shift) in enumerate(on.pairs)}
    return {str(at): some for at, some in sides.items() if some != NONE}


def sides_of(verdict: Verdict, files: Filed) -> Sides:
    """The places of the observations on either side of one test."""
    return "|".join(".".join(short(files.place[o.sort_key]) for o in side)
                    for side in (verdict.for_by, verdict.against_by))


def adverse_of(on: Ground, looking: Looking) -> list[int]:
    """Of each test whether meeting it speaks against the authority."""
    return [int(adverse(test, looking.column.evidence.vocabulary)) for test in on.tests]


def grounded(on: Ground, looking: Looking, files: Filed) -> dict[str, object]:
    """The program and the evidence of one case at one date: all that `evaluator.js` needs to work everything out.

    `files`: every observation that may come up, on this date or as supposed.
    """
    return {"program": program_of(on), "adverse": adverse_of(on, looking), "observations": observations_of(files),
            "evidence": evidence_of(looking, on, files)}
