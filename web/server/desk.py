"""The desk of policy staff: a rule file with its problems as they type, what it would change, and saving it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from explain.asking import Unasked
from explain.impact import impact
from explain.render.moved import picture as moved
from explain.render.text import clean, sections
from kb.committing import Recorded, record
from kb.saving import Changed, save
from web.server.files import RuleFile
from web.server.guard import same
from web.server.house import House
from web.server.pages import page, picture
from web.server.shelf import Snapshot
from web.server.trying import Tries

FIELDS = 10
LONGEST_MESSAGE = 200
WORDS = ("look", "tests", "impact", "meaning")
PARTS = (*WORDS, "picture")
"""What the page is made of, in the order in which it is worked out: no word waits for the picture."""


class Given(NamedTuple):
    """What a form of the desk sends: the text, the hash of what was opened, what to do, and what to say of it."""

    text: str
    opened: str
    do: str
    message: str


class Kept(NamedTuple):
    """A save that was done: the name of the version before, and what git has of it."""

    before: str
    recorded: Recorded


async def form(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once. Raises HTTPException (400) where it is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "a form was expected")
    try:
        told = parse_qs((await request.body()).decode("ascii"), keep_blank_values=True, errors="strict",
                        max_num_fields=FIELDS)
    except ValueError:
        raise HTTPException(400, "the form cannot be read") from None
    return {name: values[-1] for name, values in told.items()}


def router(house: House) -> APIRouter:
    """The pages of the desk."""
    made, shelf = APIRouter(include_in_schema=False), house.shelf
    tries = Tries(shelf.memory, house.check, house.parts)

    @made.get("/edit/{id}")
    def opened(id: str) -> Response:
        snapshot = shelf.now()
        file = file_of(snapshot, id)
        return _desk(house, snapshot, file.text, file.hash, told_of(tries, snapshot, file, file.text, PARTS[:2]))

    @made.post("/edit/{id}")
    def sent(id: str, fields: Annotated[Mapping[str, str], Depends(form)]) -> Response:
        given, snapshot = read(house, fields), shelf.now()
        file = file_of(snapshot, id)
        if given.do == "save":
            return _save(house, tries, file, given)
        return _whole(house, tries, snapshot, file, given)

    @made.post("/edit/{id}/{part}")
    def part(id: str, part: str, fields: Annotated[Mapping[str, str], Depends(form)]) -> Response:
        given, snapshot = read(house, fields), shelf.now()
        file = file_of(snapshot, id)
        if part not in PARTS:
            raise HTTPException(404)
        told = told_of(tries, snapshot, file, given.text, (part,))
        text = house.templates.get_template(f"server/{part}.html").render(snapshot=snapshot, **told)
        return HTMLResponse(text, headers={"x-knowledge": snapshot.key})

    return made


def file_of(snapshot: Snapshot, id: str) -> RuleFile:
    """The rule file of that id, among those that were read. Raises HTTPException (404) where there is none."""
    found = snapshot.files.get(id)
    if found is None or found.linked:
        raise HTTPException(404, "no rule file of that name is here to edit")
    return found


def read(house: House, fields: Mapping[str, str]) -> Given:
    """What was sent. Raises HTTPException (403) where the form is not one that this server wrote."""
    if not same(fields.get("key", ""), house.keys.form):
        raise HTTPException(403, "this form was not written by this server: open the page anew")
    text = fields.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    message = clean(fields.get("message", ""))[:LONGEST_MESSAGE]
    return Given(f"{text.rstrip()}\n", fields.get("opened", ""), fields.get("do", ""), message)


def told_of(tries: Tries, snapshot: Snapshot, file: RuleFile, text: str, parts: Sequence[str]) -> dict[str, Any]:
    """What some parts of the page are written from."""
    looked = tries.look(snapshot, file, text)
    told: dict[str, Any] = {"file": file, "looked": looked, "sections": sections, "outcome": None, "account": None,
                            "moves": False, "drawing": None, "meaning": None}
    if looked.problems:
        return told
    if "tests" in parts:
        told["outcome"] = tries.outcome(looked)
    if {"impact", "picture"} & set(parts) and (found := tries.impact(snapshot, looked)) is not None:
        told["account"], told["moves"] = impact(found), found.moves
        told["drawing"] = picture(moved(found), "moved") if "picture" in parts and found.moves else None
    if "meaning" in parts:
        told["meaning"] = tries.meaning(snapshot, file, text)
    return told


def _desk(house: House, snapshot: Snapshot, text: str, opened: str, told: Mapping[str, Any], status: int = 200,
          **more: Any) -> Response:
    """The whole page, with what was worked out of the text."""
    content: dict[str, Any] = {"done": None, "refused": (), "changed": "", "message": "", **told, **more}
    numbers = "\n".join(map(str, range(1, text.count("\n") + 2)))
    return page(house, snapshot, "edit.html", f"Edit {content['file'].name}", status, opened=opened,
                text=_as_it_is(text), numbers=Markup(numbers), key=house.keys.form, **content)


def _as_it_is(text: str) -> Markup:
    """A text for a field, escaped, with every space and line as it stands."""
    return Markup("\n") + escape(text)  # a browser leaves the first line end of a field out


def _whole(house: House, tries: Tries, snapshot: Snapshot, file: RuleFile, given: Given, status: int = 200,
           **more: Any) -> Response:
    """The page with everything that can be worked out of a text, for whoever works without JavaScript."""
    told = told_of(tries, snapshot, file, given.text, PARTS)
    opened = more.pop("opened", given.opened)
    return _desk(house, snapshot, given.text, opened, told, status, message=given.message, **more)


def _save(house: House, tries: Tries, file: RuleFile, given: Given) -> Response:
    """Saves, or says why not: nothing may be written, there are problems, or somebody else was first."""
    try:
        kept = saved(house, tries, file, given)
    except Changed as other:
        snapshot = house.shelf.now()
        now = other.now.decode("utf-8", "replace")
        differing = "\n".join(clean(line) if not line.strip() else line.rstrip() for line in unified_diff(
            now.splitlines(), given.text.splitlines(), "on disk", "yours", lineterm="", n=2))
        file = snapshot.files.get(file.id, file)
        return _whole(house, tries, snapshot, file, given, 409, changed=_as_it_is(differing), opened=file.hash)
    except Unasked as no:
        return _whole(house, tries, house.shelf.now(), file, given, 400, refused=no.args)
    snapshot = house.shelf.now()
    file = snapshot.files[file.id]
    told = told_of(tries, snapshot, file, file.text, PARTS[:2])
    return _desk(house, snapshot, file.text, file.hash, told, done=kept)


def saved(house: House, tries: Tries, file: RuleFile, given: Given) -> Kept:
    """Saves a text that has no problems, and puts it on record in git.

    Raises Unasked where it may not be written, kb.saving.Changed where somebody else was first.
    """
    if house.read_only:
        raise Unasked("nothing is written here: the server was started with --read-only")
    with house.saving:
        if tries.look(house.shelf.now(), file, given.text).problems:
            raise Unasked("it has problems: mend them first, then save")
        try:
            before = save(file.path, given.text.encode("utf-8"), given.opened, house.shelf.folders.rules)
        except OSError as error:
            raise Unasked(f"{file.name} cannot be written: {(error.strerror or str(error)).lower()}") from error
        recorded = record(file.path, given.message or f"Edit {file.name}")
    return Kept(f"{before.parent.name}/{before.name}", recorded)
