"""The desk for programs: rule files, what an edit of one comes to, and saving it, described by OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from explain.account import Account
from explain.render.as_json import dump
from explain.render.text import clean
from kb.model import Problem
from kb.saving import Changed
from kb.told import Told
from web.server.api import REFUSED, Wrong
from web.server.desk import LONGEST_MESSAGE, WORDS, Given, file_of, saved, told_of
from web.server.guard import same
from web.server.house import House
from web.server.trying import Outcome, Tries

LARGEST = 1_000_000
LOOKED: dict[str, Any] = {
    "description": "Problems, tests, impact (an answer like any other) and findings; what is empty is left out",
    "content": {"application/json": {"schema": {"type": "object"}}}}


class File(BaseModel):
    """A file of rules or tests: its id, its name as problems call it, and the hash of what it holds."""

    id: str
    name: str
    hash: str


class Text(File):
    """The same with what it holds."""

    text: str


class Edited(BaseModel):
    """What a file would hold."""

    text: Annotated[str, Field(max_length=LARGEST)]


class Save(Edited):
    """What a file is to hold: `opened` is the hash of what it held when it was opened, `message` what the edit is for.
    """

    opened: Annotated[str, Field(max_length=64)]
    message: Annotated[str, Field(max_length=LONGEST_MESSAGE)] = ""


class Saved(BaseModel):
    """A save that was done: where the version before is kept, and the commit, or why there is none."""

    hash: str
    before: str
    commit: str
    not_committed: str


class LookedAt(NamedTuple):
    """What an edit comes to, as far as it was asked for."""

    problems: tuple[Problem, ...]
    tests: Outcome | None
    impact: Account | None
    check: tuple[Told, ...]


def router(house: House) -> APIRouter:
    """What programs may do with rule files, where editing was asked for."""
    made, shelf = APIRouter(prefix="/api", responses=REFUSED), house.shelf
    tries = Tries(shelf.memory, house.check, house.parts)

    def from_here(request: Request) -> None:
        """A change by cookie needs the key of our own forms; a program that brings the token needs none."""
        if request.scope["by_cookie"] and not same(request.headers.get("x-form-key", ""), house.keys.form):
            raise HTTPException(403, "bring the token as a bearer")

    @made.get("/rules")
    def files() -> list[File]:
        """Every file of rules and tests."""
        return [File(id=one.id, name=one.name, hash=one.hash) for one in shelf.now().files.values()]

    @made.get("/rules/{id}")
    def text(id: str) -> Text:
        """What one file holds."""
        one = file_of(shelf.now(), id)
        return Text(id=one.id, name=one.name, hash=one.hash, text=one.text)

    @made.post("/rules/{id}/look", dependencies=[Depends(from_here)], response_class=Response, responses={200: LOOKED})
    def look(id: str, edited: Edited, parts: Annotated[list[str], Query(max_length=4)] = []) -> Response:  # noqa: B006
        """Problems of an edit; with `parts` also what became of all tests (tests), what it would change (impact), and
        what check finds beside (meaning)."""
        snapshot = shelf.now()
        told = told_of(tries, snapshot, file_of(snapshot, id), written(edited), [p for p in parts if p in WORDS])
        found = LookedAt(told["looked"].problems, told["outcome"], told["account"], told["meaning"] or ())
        return Response(dump(found), media_type="application/json", headers={"x-knowledge": snapshot.key})

    @made.put("/rules/{id}", dependencies=[Depends(from_here)], responses={409: {"model": Wrong}})
    def save(id: str, wanted: Save) -> Saved:
        """Saves a text that has no problems, where the file still is what was opened."""
        file = file_of(shelf.now(), id)
        try:
            kept = saved(house, tries, file, Given(written(wanted), wanted.opened, "save", clean(wanted.message)))
        except Changed:
            raise HTTPException(409, "the file was changed since it was opened") from None
        return Saved(hash=file_of(shelf.now(), id).hash, before=kept.before, commit=kept.recorded.commit,
                     not_committed=kept.recorded.why_not)

    return made


def written(edited: Edited) -> str:
    """A text as it would stand in a file; what is no text is a space in it, and a problem like any other."""
    return edited.text.encode("utf-8", "replace").decode("utf-8").rstrip() + "\n"
