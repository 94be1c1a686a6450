"""Exercises: each question asked first, then the explanation as its answer; marked only of invented authorities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from engine.assess import Assessment, Assessor
from engine.puzzles import OF_A_HEAD, Answer, Puzzle, following, result
from explain import words
from explain.account import Line, closing, heading
from explain.casebook import as_if_known
from explain.puzzles import Choice, Ground, Told, reasons, told
from kb.dates import long_date
from kb.dossier import Case, Observation, Outcome
from kb.exercises import DISCUSS, Exercise, Task
from kb.model import NOT_RECORDED, Citation, Problem
from kb.problems import Code, shown

SENTENCE = "sentence"


class Question(NamedTuple):
    """One question. `right`: each answer that is right; none where nothing is marked.

    `several`: more than one thing may be named; `free`: it is answered in words of one's own, and `never` are words not
    to be used in it. Of an authority that is `real`, `since` is what was judged later. `step`: what is given tells the
    answer to the question before, so it is not to be seen with that.
    """

    kind: str
    heading: str
    asks: str
    lead: str = ""
    given: tuple[Line, ...] = ()
    choices: tuple[Choice, ...] = ()
    several: bool = False
    free: bool = False
    real: bool = False
    marked: bool = False
    right: tuple[Answer, ...] = ()
    answer: str = ""
    because: tuple[Line, ...] = ()
    since: tuple[Line, ...] = ()
    never: tuple[str, ...] = ()
    step: bool = False


class Sheet(NamedTuple):
    """An exercise with every question worked out."""

    id: str
    title: str
    aim: str
    questions: tuple[Question, ...]
    closing: tuple[str, ...]


class Room(NamedTuple):
    """What exercises are worked out with: the rules, cases by name, and what was judged of an authority."""

    assessor: Assessor
    case: Callable[[Task], Case]
    outcomes: Callable[[Case], tuple[Outcome, ...]]


def judgements(case: Case, others: Iterable[Case]) -> tuple[Outcome, ...]:
    """Every judgement of an authority in its own case and, unless that ends well, in other cases, in order of dates."""
    found = dict.fromkeys(case.outcomes)
    if all(outcome.adverse for outcome in case.outcomes[-1:]):
        for other in others:
            if other.authority_code == case.authority_code:
                found |= dict.fromkeys(other.outcomes)
    return tuple(sorted(found, key=lambda outcome: (outcome.published, outcome.words)))


def sheet(exercise: Exercise, room: Room) -> tuple[Sheet, tuple[Problem, ...]]:
    """The exercise worked out, and a problem at its line for each question that cannot be asked of its case."""
    problems, made = list[Problem](), list[Question]()
    for _, days in groupby(exercise.tasks, key=lambda task: task.place):
        made += _on_each_day(list(days), room, problems)
    ends = closing(room.assessor.knowledge.vocabulary)
    return Sheet(exercise.id, exercise.title, exercise.aim, tuple(made), ends), tuple(problems)


def _on_each_day(tasks: Sequence[Task], room: Room, problems: list[Problem]) -> Iterator[Question]:
    """One task of an exercise on each of its days: led in once, and what is to be drawn from it said once."""
    case, seen = room.case(tasks[0]), frozenset[Observation]()
    for number, task in enumerate(tasks, 1):
        said = task._replace(lead=task.lead if number == 1 else "", answer=task.answer if number == len(tasks) else "",
                             citations=task.citations if number == len(tasks) else ())
        asking = _Asking(said, case, room, seen)
        yield from asking.questions(problems)
        seen = frozenset(o for o in asking.held if task.as_at is None or o.known <= task.as_at)


def questions(task: Task, case: Case, room: Room) -> tuple[Question, ...]:
    """The questions of one task by itself, whether or not what was judged later is on file."""
    return tuple(_Asking(task, case, room, frozenset()).questions([]))


class _Asking:
    """One question of an exercise, asked of its case."""

    def __init__(self, task: Task, case: Case, room: Room, seen: frozenset[Observation]) -> None:
        self.task, self.case, self.room, self.seen = task, case, room, seen
        self.knowledge = room.assessor.knowledge
        self.day = task.as_at or case.latest_known
        self.held = tuple(self.evidence())

    def evidence(self) -> Iterator[Observation]:
        """What is looked at: all that is on file, or what some signatures show or leave."""
        day = self.day or date.min
        only, without = (self.signs(ids) for ids in (self.task.only, self.task.without))
        for o in self.case.observations:
            if (o.indicator in only if self.task.only else o.indicator not in without):
                yield as_if_known(o, day) if self.task.looking_back and o.about.end <= day else o

    def signs(self, ids: Sequence[str]) -> set[str]:
        """The indicators by which some signatures show."""
        return {sign.test.test.indicator for id in ids if id in self.knowledge.signs
                for sign in self.knowledge.signs[id].all}

    def questions(self, problems: list[Problem]) -> Iterator[Question]:
        """The question, or one for each step; a problem where it cannot be asked."""
        if self.day is None or not any(o.known <= self.day for o in self.case.observations):
            problems.append(self.problem(f"nothing on {self.case.authority} was public by then",
                                         "ask for a later day under as_at"))
            return
        judged = () if self.case.invented else _each_once(self.room.outcomes(self.case))
        later = tuple(outcome for outcome in judged if outcome.published > self.day)
        if not self.case.invented and (not later or later[-1].adverse):
            problems.append(self.problem(f"what was judged later of {self.case.authority} is not on file",
                                         "a real authority is shown with its later recovery: add it to the case"))
        it = self.room.assessor.assess(self.case, self.day, self.held)
        asked = list(self.asked(it))
        if not asked:
            problems.append(self.problem(f"of {self.case.id} as at {self.day}, {shown(self.task.ask)} has no answer"
                                         f"{f' about {self.task.of[1]}' if self.task.of[1] else ''}",
                                         "ask it of something else, or at another day"))
        for number, one in enumerate(asked, 1):
            drawn = self.drawn() if number == len(asked) else ()
            yield one._replace(lead=self.task.lead if number == 1 else "", step=number > 1, heading=self.heading(it),
                               since=tuple(map(_judged, later or judged[-1:])), real=not self.case.invented,
                               marked=self.case.invented and bool(one.right),
                               because=(*one.because, *drawn))

    def asked(self, it: Assessment) -> Iterator[Question]:
        """The question as computed, before anything of the exercise's own is added."""
        task = self.task
        if task.ask == DISCUSS:
            yield Question(task.ask, "", task.asks, answer=task.answer)
        elif task.ask == SENTENCE:
            yield from self.sentence(it)
        else:
            new, more = self.new(it)
            for puzzle in self.puzzles(it):
                yield _question(puzzle.kind, told(puzzle, Ground(it, self.held, new)), more)

    def puzzles(self, it: Assessment) -> Iterator[Puzzle]:
        """What the engine makes of it."""
        if self.task.ask == "next":
            yield from following(it)
        else:
            found = OF_A_HEAD[self.task.ask](it, self.task.of) if self.task.of[1] else result(it)
            yield from [] if found is None else [found]

    def sentence(self, it: Assessment) -> Iterator[Question]:
        """A conclusion that is to be put into words: the rule's own are the answer."""
        kind, id = self.task.of
        level = it.level(kind, id)
        said = [rule.because for rule in self.knowledge.in_force
                if rule.head.found and (rule.head.kind, rule.head.id, rule.head.level) == (kind, id, level)]
        if said:
            title = self.knowledge.conclusions()[kind, id].title
            line = Line(kind, title, it.head_state(kind, id), level or "", id=id)
            yield Question(SENTENCE, "", "Say in one sentence of your own what may be said of this, and no more.",
                           given=(line,), free=True, answer=said[0].replace("{authority}", self.case.authority),
                           because=reasons(it, (kind, id)), never=self.knowledge.vocabulary.never_said)

    def new(self, it: Assessment) -> tuple[tuple[Observation, ...], int]:
        """What met a test and was not shown with an earlier question of the exercise; and how many did not."""
        met = {o for atom, _ in it.program.atoms if not atom.context.shift for test in atom.tests
               for o in it.looking.verdict(test, 0).for_by}
        fresh = [o for o in self.held if o.known <= it.as_at and o not in self.seen]
        meeting = tuple(o for o in fresh if o in met)
        return meeting, len(fresh) - len(meeting)

    def drawn(self) -> tuple[Line, ...]:
        """What the exercise says after the explanation, with its sources."""
        sources = tuple(map(_cited, self.task.citations))
        text = "" if self.task.ask == DISCUSS else self.task.answer
        return (Line("drawn", text or "Sources", quoted=sources),) if text or sources else ()

    def heading(self, it: Assessment) -> str:
        """Whom it is asked of, on which day, and on how much of the evidence."""
        task = self.task
        part = f", on the evidence of {words.several(task.only)} alone" if task.only else ""
        part += f", without the evidence of {words.several(task.without)}" if task.without else ""
        part += ", as if all that is on file of the time before had been public" if task.looking_back else ""
        return f"{heading(self.case)}, as at {long_date(it.as_at)}{part}"

    def problem(self, message: str, hint: str) -> Problem:
        return Problem(self.task.place, Code.POINTS_AT_NOTHING, message, hint)


def _question(kind: str, one: Told, more: int) -> Question:
    meets = "meets" if more == 1 else "meet"
    beside = Line("given", f"{words.count_of(more, 'more observation')} on file, which {meets} no test of the rules")
    given = (*one.given, beside) if kind == "result" and more else one.given
    return Question(kind, "", one.asks, given=given, choices=one.choices, several=one.several, right=one.right,
                    answer=one.answer, because=one.because)


def _each_once(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Judgements in their order, each once: two cases of one authority may both tell of it."""
    return tuple({(outcome.published, outcome.words): outcome for outcome in outcomes}.values())


def _judged(outcome: Outcome) -> Line:
    """What was judged of a real authority, after the day or (where nothing was since) last."""
    return Line("since", f"{long_date(outcome.published)}: {outcome.words}", quoted=(_cited(outcome.citation),))


def _cited(citation: Citation) -> str:
    page = "" if citation.page == NOT_RECORDED else f", {citation.page}"
    return f"source: {words.named(citation.source)}{page}"
