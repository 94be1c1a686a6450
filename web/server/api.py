"""The interface for programs: the same questions as JSON, described by OpenAPI."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from explain.render.as_json import dump
from web.server.house import House
from web.server.pages import MODES, dossier_of
from web.server.questions import KINDS, Question, answered
from web.server.sheets import ASKED, Sheets

Name = StrEnum("Name", {name.replace("-", "_"): name for name in KINDS})  # type: ignore[misc]
Mode = StrEnum("Mode", {name: name for name in MODES})  # type: ignore[misc]
Puzzle = StrEnum("Puzzle", {name: name for name in ASKED})  # type: ignore[misc]
LONGEST = 2_000


class Wrong(BaseModel):
    """Why a question cannot be asked, a line each."""

    wrong: list[str]


class Held(BaseModel):
    """A case that is served: its id, whose it is, and the last day on which something in it became public."""

    id: str
    authority: str
    authority_code: str
    title: str
    last: date | None


class Asks(BaseModel):
    """A question that can be put, and what it takes beside the date."""

    name: str
    tells: str
    takes: list[str]


class Listed(BaseModel):
    """An exercise in the list of them."""

    id: str
    title: str
    aim: str


IN_WORDS: dict[int | str, dict[str, Any]] = {code: {"model": Wrong} for code in (400, 404)}
REFUSED: dict[int | str, dict[str, Any]] = IN_WORDS | {
    code: {"description": said, "content": {"text/plain": {"schema": {"type": "string"}}}} for code, said in (
        (401, "no token was brought"), (403, "asked by a page of another site"), (414, "the question is too long"),
        (421, "asked by a name that is not this server's"))}
ANSWER: dict[str, Any] = {
    "description": "Heading, result, and lines with their states, as `--format json` of the command gives them",
    "content": {"application/json": {"schema": {"type": "object", "required": ["heading", "answer", "closing"]}}}}
SHEET: dict[str, Any] = {
    "description": "Title, aim and questions with their answers, as `--format json` of the command gives them",
    "content": {"application/json": {"schema": {"type": "object", "required": ["title", "questions", "closing"]}}}}
Text = Annotated[str, Query(max_length=LONGEST)]
Texts = Annotated[list[Text], Query(max_length=20)]


def router(house: House) -> APIRouter:
    """Everything that programs may ask; whoever asks brings the cookie, or the token as a bearer."""
    made, shelf = APIRouter(prefix="/api", responses=REFUSED), house.shelf
    _for_trainers(made, house)

    @made.get("/questions")
    def questions() -> list[Asks]:
        """The questions that can be put about a case."""
        return [Asks(name=kind.name, tells=kind.tells, takes=list(kind.takes)) for kind in KINDS.values()]

    @made.get("/cases")
    def cases(response: Response) -> list[Held]:
        """Every case, in the order of the alphabet, which says nothing about them."""
        snapshot = shelf.now()
        response.headers["x-knowledge"] = snapshot.key
        return [Held(id=one.id, authority=one.case.authority, authority_code=one.case.authority_code,
                     title=one.case.title, last=one.case.latest_known) for one in snapshot.dossiers.values()]

    @made.get("/cases/{id}/{name}", response_class=Response, responses={200: ANSWER})
    def question(
        id: str, name: Name, as_at: date | None = None, conclusion: Text = "", set: Texts = [],  # noqa: B006
        unset: Texts = [], every: bool = False, ways: bool = False, hindsight: Annotated[list[Mode], Query()] = [],  # noqa: B006
        other: Text = "", other_as_at: date | None = None,
    ) -> Response:
        """The answer to one question about one case."""
        snapshot = shelf.now()
        asked = Question(as_at, conclusion, tuple(set), tuple(unset), every, ways, tuple(map(str, hindsight)), other,
                         other_as_at)
        found = answered(snapshot, dossier_of(snapshot, id), str(name), asked)
        return Response(dump(found.account), media_type="application/json", headers={"x-knowledge": snapshot.key})

    return made


def _for_trainers(made: APIRouter, house: House) -> None:
    """Adds what trainers may ask for: exercises, and puzzles of a case."""
    shelf, sheets = house.shelf, Sheets(house.shelf.memory)

    @made.get("/exercises")
    def exercises() -> list[Listed]:
        """The exercises for trainers, in the order of their file."""
        return [Listed(id=one.id, title=one.title, aim=one.aim) for one in shelf.now().exercises.values()]

    @made.get("/exercises/{id}", response_class=Response, responses={200: SHEET})
    def exercise(id: str) -> Response:
        """One exercise: every question with its answer."""
        snapshot = shelf.now()
        return Response(dump(sheets.exercise(snapshot, id)), media_type="application/json",
                        headers={"x-knowledge": snapshot.key})

    @made.get("/puzzles/{id}", response_class=Response, responses={200: SHEET})
    def puzzles(id: str, as_at: date | None = None, kind: Annotated[list[Puzzle], Query()] = []) -> Response:  # noqa: B006
        """Puzzles that the rules make of a case, each with its answer."""
        snapshot = shelf.now()
        made_of = sheets.puzzles(snapshot, dossier_of(snapshot, id), as_at, tuple(map(str, kind)))
        return Response(dump(made_of), media_type="application/json", headers={"x-knowledge": snapshot.key})
