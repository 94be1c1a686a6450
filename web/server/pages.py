"""Pages for people who look: authorities by the alphabet, every question of each, and files to take away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from explain.account import heading
from explain.asking import Unasked
from explain.names import Names
from explain.render.drawing import Drawing, Undrawn, drawn
from explain.render.table import NAMES
from explain.render.text import sections
from explain.timeline import HINDSIGHT
from explain.words import FOUND
from kb.dates import read_day
from kb.knowledge import Knowledge
from web.links import page_of
from web.server.files import Dossier
from web.server.house import House
from web.server.questions import KINDS, Question, answered
from web.server.sheets import can_be_asked_of
from web.server.shelf import Snapshot
from web.server.written import ENDINGS, FORMATS, evidence_csv, offered
from web.site import STATIC, styles

ASSETS = {"server.css": "text/css", "server.js": "text/javascript"}
NOT_HERE = "there is no such page here"
MODES = {"before": "only what could be known before a judgement", "all": "everything on record", "both": "both"}


def page(house: House, snapshot: Snapshot, template: str, title: str, status: int = 200, **content: Any) -> Response:
    """One page, with what every page has."""
    text = house.templates.get_template(f"server/{template}").render(
        title=title, snapshot=snapshot, edit=house.edit, read_only=house.read_only, **content)
    return HTMLResponse(text, status, {"x-knowledge": snapshot.key})


def wrong(house: House, status: int, *lines: str) -> Response:
    """A page that says what is wrong."""
    return page(house, house.shelf.now(), "wrong.html", "This cannot be shown", status, lines=lines)


def router(house: House) -> APIRouter:
    """The pages that only read."""
    made, shelf = APIRouter(include_in_schema=False), house.shelf

    @made.get("/")
    def authorities() -> Response:
        snapshot = shelf.now()
        return page(house, snapshot, "authorities.html", "Authorities", letters=list(by_letter(snapshot)))

    @made.get("/cases/{id}")
    def result(id: str, request: Request) -> Response:
        return _asked(house, shelf.now(), id, "assess", request)

    @made.get("/cases/{id}/{name}")
    def question(id: str, name: str, request: Request) -> Response:
        return _asked(house, shelf.now(), id, name, request)

    @made.get("/files/{id}/{name}/{form}")
    def file(id: str, name: str, form: str, request: Request) -> Response:
        snapshot = shelf.now()
        return taken_away(snapshot, dossier_of(snapshot, id), name, form, read_question(request))

    @made.get("/rules")
    def rules() -> Response:
        snapshot = shelf.now()
        return page(house, snapshot, "rules.html", "Rules", folders=list(by_folder(snapshot)))

    @made.get("/book/{path:path}")
    def book(path: str) -> Response:
        return _book(shelf.now(), path)

    @made.get("/limits")
    def limits() -> Response:
        return page(house, shelf.now(), "limits.html", "Limits of use")

    @made.get("/assets/{name}")
    def asset(name: str) -> Response:
        if name not in ASSETS:
            raise HTTPException(404)
        data = (STATIC / name).read_bytes()
        return Response(styles().encode() + data if name == "server.css" else data, media_type=ASSETS[name])

    return made


def by_letter(snapshot: Snapshot) -> Iterator[tuple[str, list[tuple[str, list[Dossier]]]]]:
    """Every authority under its first letter, with what is held of it."""
    def called(one: Dossier) -> str:
        return one.case.authority

    for letter, some in groupby(snapshot.dossiers.values(), key=lambda one: called(one)[:1].upper()):
        yield letter, [(name, list(held)) for name, held in groupby(some, key=called)]


def by_folder(snapshot: Snapshot) -> Iterator[tuple[str, list[tuple[Any, list[tuple[str, str, str]]]]]]:
    """Every file of rules by its folder, each with the rules in it: title, where its page is, and its status."""
    held: dict[str, list[tuple[str, str, str]]] = {}
    for rule in snapshot.knowledge.rules_in_order:
        if rule.head.kind != "signature":
            told = (rule.title, page_of("rule", rule.id), "" if rule.status == "in force" else rule.status)
            held.setdefault(rule.place.file, []).append(told)
    names = Names(snapshot.knowledge)
    for signs in snapshot.knowledge.signs_in_order:
        told = (names.title("signature", signs.signature), page_of("signature", signs.signature), "")
        held.setdefault(signs.place.file, []).append(told)
    for folder, some in groupby(snapshot.files.values(), key=lambda one: one.name.rpartition("/")[0]):
        yield folder, [(file, held.get(file.name, [])) for file in some]


def dossier_of(snapshot: Snapshot, id: str) -> Dossier:
    """The dossier of that id, among those that were read. Raises HTTPException (404) where there is none."""
    found = snapshot.dossiers.get(id)
    if found is None:
        raise HTTPException(404, "no case of that name is served here")
    return found


def read_question(request: Request) -> Question:
    """What is asked, from the words of an address. Raises Unasked where a date is none, or a mode is not known."""
    given = request.query_params
    pairs = zip(given.getlist("name"), given.getlist("value"), strict=False)
    sets = [*given.getlist("set"), *(f"{name}={value}" for name, value in pairs if name and value)]
    hindsight = tuple(word for word in given.getlist("hindsight") if word)
    if any(word not in MODES for word in hindsight):
        raise Unasked(f"{hindsight[0]!r} is none of {', '.join(MODES)}")
    return Question(_day(given.get("as_at", "")), given.get("conclusion", ""), tuple(filter(None, sets)),
                    tuple(filter(None, given.getlist("unset"))), "every" in given, "ways" in given, hindsight,
                    given.get("other", ""), _day(given.get("other_as_at", "")))


def _day(text: str) -> Any:
    found = read_day(text) if text else None
    if text and found is None:
        raise Unasked(f"{text!r} is not a date; write it as 2018-11-30")
    return found


def _asked(house: House, snapshot: Snapshot, id: str, name: str, request: Request) -> Response:
    """The page of one question: the form by which it is put, and its answer or why there is none."""
    dossier = dossier_of(snapshot, id)
    if name not in KINDS:
        raise HTTPException(404, "no question of that name can be asked")
    question, answer, lines = Question(), None, tuple[str, ...]()
    try:
        question = read_question(request)
        answer = answered(snapshot, dossier, name, question)
    except Unasked as wrong_with_it:
        lines = wrong_with_it.args
    put = any(value not in ("", None) for value in request.query_params.values())
    kind = KINDS[name]
    return page(
        house, snapshot, "question.html", f"{kind.title}: {dossier.case.authority}",
        400 if lines and put else 200, dossier=dossier, heading=heading(dossier.case), kind=kind, kinds=KINDS.values(),
        question=question, lines=lines, put=put, answer=answer, sections=sections, grid_names=NAMES,
        picture=picture(answer.draw() if answer and answer.draw else None),
        grids=answer.grids() if answer and answer.grids else (), modes=MODES, hindsights=HINDSIGHT,
        forms=[] if answer is None else list(offered(answer)), asked=request.url.query,
        puzzles=can_be_asked_of(snapshot, dossier), choices=choices(snapshot.knowledge),
        names=observable(snapshot.knowledge), held=held(dossier, snapshot))


def choices(knowledge: Knowledge) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every signature and conclusion by its kind, each with its id and title."""
    names = Names(knowledge)
    found = {"signature": [(s.id, names.title("signature", s.id)) for s in knowledge.signatures_in_order]}
    for kind, id in knowledge.conclusions():
        if kind != "signature":
            found.setdefault(kind, []).append((id, names.title(kind, id)))
    order = [kind for kind in ("signature", "mechanism", "picture", "channel", "result") if kind in found]
    return [(FOUND[kind], sorted(found[kind], key=lambda one: one[1] if kind != "signature" else "")) for kind in order]


def observable(knowledge: Knowledge) -> list[tuple[str, str]]:
    """What may be supposed to be observed: every indicator, in the order of the alphabet."""
    return sorted(((id, one.short) for id, one in knowledge.vocabulary.indicators.items()),
                  key=lambda one: (one[1].casefold(), one[0]))


def held(dossier: Dossier, snapshot: Snapshot) -> list[tuple[str, str]]:
    """What is held of a case, by indicator, in the order of the alphabet."""
    known = snapshot.knowledge.vocabulary.indicators
    ids = {o.indicator for o in dossier.case.observations}
    return sorted(((id, known[id].short) for id in ids), key=lambda one: (one[1].casefold(), one[0]))


def picture(drawing: Drawing | None, name: str = "drawing") -> Markup | None:
    """A drawing as a part of a page, its parts called after `name`; None where there is none or none can be drawn here.
    """
    if drawing is None:
        return None
    try:
        told = drawn(drawing, "svg", name).decode("utf-8")
    except Undrawn:
        return None
    return Markup(told[told.index("<svg "):])  # Graphviz escapes what it writes, and no script runs in a page


def taken_away(snapshot: Snapshot, dossier: Dossier, name: str, form: str, question: Question) -> Response:
    """An answer as a file, named after its case and question."""
    if name == "evidence" and form == "csv":
        file = evidence_csv(snapshot, dossier, question)
    elif name in KINDS and form in FORMATS:
        written = FORMATS[form](answered(snapshot, dossier, name, question))
        if written is None:
            raise HTTPException(404, f"this answer has no form {form}")
        file = written
    else:
        raise HTTPException(404)
    called = f"{dossier.id}-{name}.{ENDINGS.get(form, form)}"
    return Response(file.data, media_type=file.media, headers={
        "content-disposition": f'attachment; filename="{called}"', "x-knowledge": snapshot.key})


def _book(snapshot: Snapshot, path: str) -> Response:
    """A page of the rulebook, of the same rules as everything else."""
    name = path or "index.html"
    found = snapshot.book.get(name)
    if found is None:
        raise HTTPException(404)
    media = {"css": "text/css", "js": "text/javascript"}.get(name.rpartition(".")[2], "text/html; charset=utf-8")
    return Response(found, media_type=media, headers={"x-knowledge": snapshot.key})
