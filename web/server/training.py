"""The trainers' room: exercises and puzzles, each question asked before its answer; nothing is counted or kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.datastructures import QueryParams

from explain.exercises import Question, Sheet
from explain.marking import Unread, marked, on_words, read_answer
from explain.render.as_json import dump
from explain.render.exercises import REAL, markdown, parts
from web.exercise import page as by_itself
from web.links import file_name
from web.server.house import House
from web.server.pages import dossier_of, page, read_question
from web.server.sheets import ASKED, Sheets, can_be_asked_of
from web.server.shelf import Snapshot
from web.server.written import UTF8

FORMS: Mapping[str, tuple[str, str]] = {
    "html": ("Page that works offline (HTML)", "text/html"), "md": ("Sheet to print (Markdown)", "text/markdown"),
    "json": ("JSON", "application/json")}
"""The forms in which an exercise can be taken away: what each is called, and its media type."""
CHOOSE = "choose an answer first, or show the answer"
LONGEST = 600
"""Letters of a sentence of one's own."""


class Place(NamedTuple):
    """A sheet, and by which address it is asked: the path, and what it is made of."""

    path: str
    made_of: tuple[tuple[str, str], ...]
    sheet: Sheet

    def at(self, number: int) -> str:
        """The address of a question."""
        return f"{self.path}?{urlencode([*self.made_of, ('question', str(number))])}"

    def file(self, form: str) -> str:
        """The address of the sheet as a file."""
        return f"{self.path}/{form}{'?' * bool(self.made_of)}{urlencode(self.made_of)}"


class Reply(NamedTuple):
    """What somebody answered: the titles of what was chosen (or a sentence), what there is to say of it, or why it
    cannot be read. `shown`: the answer is shown now.
    """

    shown: bool = False
    chose: tuple[str, ...] = ()
    said: str = ""
    wrong: str = ""


def router(house: House) -> APIRouter:
    """The pages of the room. All are asked for by their addresses: nothing is changed by them."""
    made, shelf, sheets = APIRouter(include_in_schema=False), house.shelf, Sheets(house.shelf.memory)

    def exercise(snapshot: Snapshot, id: str) -> Place:
        return Place(f"/training/exercises/{quote(id)}", (), sheets.exercise(snapshot, id))

    def puzzles(snapshot: Snapshot, given: QueryParams, request: Request) -> Place:
        as_at, kinds = read_question(request).as_at, [kind for kind in given.getlist("kind") if kind]
        dossier = dossier_of(snapshot, given.get("case", ""))
        words = [("case", dossier.id), *(("kind", kind) for kind in kinds)]
        words += [("as_at", str(as_at))] if as_at else []
        return Place("/training/puzzles", tuple(words), sheets.puzzles(snapshot, dossier, as_at, kinds))

    @made.get("/training")
    def listed() -> Response:
        snapshot = shelf.now()
        cases = [one for one in snapshot.dossiers.values() if can_be_asked_of(snapshot, one)]
        return page(house, snapshot, "training.html", "Training", cases=cases, kinds=ASKED)

    @made.get("/training/exercises/{id}")
    def question(id: str, request: Request) -> Response:
        snapshot = shelf.now()
        return _asked(house, snapshot, exercise(snapshot, id), request.query_params)

    @made.get("/training/exercises/{id}/{form}")
    def file(id: str, form: str) -> Response:
        snapshot = shelf.now()
        return _taken(snapshot, exercise(snapshot, id).sheet, form, id)

    @made.get("/training/puzzles")
    def puzzle(request: Request) -> Response:
        snapshot, given = shelf.now(), request.query_params
        return _asked(house, snapshot, puzzles(snapshot, given, request), given)

    @made.get("/training/puzzles/{form}")
    def puzzle_file(form: str, request: Request) -> Response:
        snapshot, given = shelf.now(), request.query_params
        return _taken(snapshot, puzzles(snapshot, given, request).sheet, form, given["case"])

    return made


def _asked(house: House, snapshot: Snapshot, place: Place, given: QueryParams) -> Response:
    """One question: asked, or with what there is to say of an answer, and the explanation."""
    questions = place.sheet.questions
    number = _number(given.get("question", "1"), len(questions))
    question = questions[number - 1]
    reply = replied(question, given)
    return page(house, snapshot, "exercise.html", f"Question {number} of {len(questions)}: {place.sheet.title}",
                400 if reply.wrong else 200, place=place, sheet=place.sheet, question=question, number=number,
                reply=reply, steps=taken(questions, number), parts=parts, real=REAL, forms=FORMS, longest=LONGEST)


def _number(text: str, total: int) -> int:
    """Which question is meant. Raises HTTPException (404) where there is none."""
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or not 1 <= int(text) <= total:
        raise HTTPException(404, f"there is no such question here: they are numbered from 1 to {total}")
    return int(text)


def replied(question: Question, given: QueryParams) -> Reply:
    """What to make of an address: a question not answered yet, an answer with what there is to say of it, or neither.
    """
    if given.get("do") == "show":
        return Reply(shown=True)
    if given.get("do") != "check" or not (question.free or question.marked):
        return Reply()
    answers = [text.strip() for text in given.getlist("answer") if text.strip()]
    if question.free:
        text = " ".join(answers)[:LONGEST]
        return Reply(True, (text,), on_words(text, question)) if text else Reply(shown=True)
    if not answers:
        return Reply(wrong=CHOOSE)
    try:
        chosen = read_answer(", ".join(answers), question)
    except Unread as wrong:
        return Reply(wrong=str(wrong))
    titles = tuple(choice.title for choice in question.choices if choice.id in chosen)
    return Reply(True, titles, marked(chosen, question))


def taken(questions: Sequence[Question], number: int) -> list[tuple[int, str]]:
    """The steps before a question that is a step further: the number and the answer of each."""
    first = number
    while questions[first - 1].step:
        first -= 1
    return [(at, questions[at - 1].answer) for at in range(first, number)]


def _taken(snapshot: Snapshot, made: Sheet, form: str, called: str) -> Response:
    """An exercise as a file, as the command writes it."""
    if form not in FORMS:
        raise HTTPException(404)
    data = by_itself(made) if form == "html" else (markdown(made) if form == "md" else dump(made)).encode("utf-8")
    return Response(data, media_type=FORMS[form][1] + UTF8, headers={
        "content-disposition": f'attachment; filename="{file_name(called)}.{form}"', "x-knowledge": snapshot.key})
