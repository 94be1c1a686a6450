"""Exercises for trainers: which question is asked of which case, in what words, and from which sources."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table
from datetime import date
from pathlib import Path
from typing import NamedTuple

from kb.dates import read_day
from kb.entries import by_id, listed, top
from kb.fields import Fields
from kb.files import EXAMPLES
from kb.keeping import Keep, made_anew
from kb.knowledge import Knowledge
from kb.model import Citation, Place, Problem
from kb.problems import Code, did_you_mean, shown, sorted_problems
from kb.rulechecks import own_words
from kb.ruletests import Subjects
from kb.sources import citations
from kb.yamltree import Scalar, Sequence

FILE = "exercises"
CONCLUSIONS = ("mechanism", "picture", "result", "channel")
WORDED = ("mechanism", "picture")
DISCUSS = "discuss"
ASKS: dict[str, tuple[str, ...]] = {
    "result": (), "state": ("signature", *CONCLUSIONS), "missing": CONCLUSIONS[:3], "smallest": CONCLUSIONS[:3],
    "defeater": WORDED, "protects": WORDED, "alarm": WORDED, "acts": ("signature", *WORDED), "next": (),
    "sentence": WORDED, DISCUSS: (),
}
"""What may be asked, and of which kinds of thing: of none, it is asked of the case as a whole."""
OUR_WORDS = ("lead", "asks", "answer")


class Task(NamedTuple):
    """One question: what is asked, of which case, as at which day (none: the last on which something became public).

    `of`: the signature or conclusion that it is about. `only`: the evidence of these signatures alone; `without`: all
    but theirs; `looking_back`: as if all that is on file had been public then.
    """

    ask: str
    case: str
    as_at: date | None = None
    of: tuple[str, str] = ("", "")
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    looking_back: bool = False
    lead: str = ""
    asks: str = ""
    answer: str = ""
    citations: tuple[Citation, ...] = ()
    place: Place = Place("")


class Exercise(NamedTuple):
    """A titled list of questions, and what people learn by them."""

    id: str
    title: str
    aim: str
    tasks: tuple[Task, ...]
    place: Place = Place("")


def read_exercises(folder: Path, knowledge: Knowledge, cases: Path | None = EXAMPLES, keep: Keep = made_anew,
                   ) -> tuple[dict[str, Exercise], tuple[Problem, ...]]:
    """The exercises of a vocabulary folder in the order of the file, and every problem in them; none without a file.

    `cases`: the folder of the cases that they may name; None: names are not looked up. `keep`: where they may be kept,
    with this folder on which they rest.
    """
    names = None if cases is None else frozenset(path.stem for path in cases.glob("*.yaml"))
    reading = _Reading(knowledge, Subjects.of(knowledge).heads, names)
    named = repr((list(reading.heads.items()), names and sorted(names))).encode()
    return keep((b"exercises", named), lambda: _read(folder, reading))


def _read(folder: Path, reading: _Reading) -> tuple[dict[str, Exercise], tuple[Problem, ...]]:
    problems: list[Problem] = []
    tree = top(folder, FILE, problems, (FILE,), optional=True)
    found = by_id([_exercise(fields, reading) for fields in listed(tree, FILE, problems)], problems)
    return found, sorted_problems(problems)


class _Reading(NamedTuple):
    """What exercises may refer to."""

    knowledge: Knowledge
    heads: Table[str, str]
    cases: frozenset[str] | None


def _exercise(fields: Fields, reading: _Reading) -> Exercise | None:
    id, title, aim = (fields.text(key, required=True) for key in ("id", "title", "aim"))
    own_words(fields, {"title": title, "aim": aim}, reading.knowledge.vocabulary)
    asked = (fields.inner(tree, "question") for tree in fields.mappings("questions", required=True))
    tasks = tuple(task for inner in asked for task in _tasks(inner, reading))
    return Exercise(id, title, aim, tasks, fields.place_of("id")) if id else None


def _tasks(fields: Fields, reading: _Reading) -> list[Task]:
    """One question for each of its days."""
    ask = fields.choice("ask", tuple(ASKS), required=True)
    case = fields.text("case", required=True)
    if case and reading.cases is not None and case not in reading.cases:
        fields.report(fields.place_of("case"), Code.UNKNOWN_ID, f"there is no case {shown(case)}",
                      did_you_mean(case, reading.cases) or "name a file of the folder of cases, without .yaml")
    signatures = reading.knowledge.vocabulary.signatures
    only, without = (fields.references(key, signatures, "signature") for key in ("only", "without"))
    said = {key: fields.text(key) for key in OUR_WORDS}
    task = Task(ask, case, None, _of(fields, ask, reading), only, without, fields.boolean("looking_back"), **said,
                citations=citations(fields, reading.knowledge.vocabulary.sources), place=fields.place)
    days = list(_days(fields))
    _to_the_point(task, fields, reading)
    fields.finish()
    return [task._replace(as_at=day) for day in days] or [task] if ask else []


def _days(fields: Fields) -> Iterator[date]:
    """The day or the days as at which it is asked."""
    tree = fields.tree("as_at")
    for item in tree.items if isinstance(tree, Sequence) else () if tree is None else (tree,):
        found = read_day(item.text) if isinstance(item, Scalar) else None
        if found is None:
            fields.report(item.place, Code.NOT_A_DATE, '"as_at" must be a date, or a list of dates', "write 2018-10-17")
        else:
            yield found


def _of(fields: Fields, ask: str, reading: _Reading) -> tuple[str, str]:
    """The signature or conclusion that the question is about, of a kind that can be asked so."""
    kinds = ASKS.get(ask, ())
    heads = {id: kind for id, kind in reading.heads.items() if kind in kinds} if kinds else reading.heads
    id = fields.reference("of", heads, " or ".join(kinds) or "signature or conclusion", required=bool(kinds))
    return (reading.heads[id], id) if id else ("", "")


def _to_the_point(task: Task, fields: Fields, reading: _Reading) -> None:
    """Nothing is said that the question has no use for, and nothing is missing that it needs."""
    if task.ask == DISCUSS and not task.asks:
        fields.report(fields.place_of("ask"), Code.MISSING_KEY, "what is to be discussed is not said", "add asks: ...")
    if task.asks and task.ask != DISCUSS:
        fields.report(fields.place_of("asks"), Code.NOT_ALLOWED, f"the words of {shown(task.ask)} are always the same",
                      "say what is to be said before it under lead: ...")
    if task.of[1] and not ASKS.get(task.ask):
        fields.report(fields.place_of("of"), Code.NOT_ALLOWED, f"{shown(task.ask)} is asked of a case as a whole",
                      "leave `of` out")
    if task.only and task.without:
        fields.report(fields.place_of("without"), Code.TWICE, "`only` already says which evidence is left",
                      "keep one of the two")
    own_words(fields, {key: getattr(task, key) for key in OUR_WORDS}, reading.knowledge.vocabulary)
