"""An answer as a file to take away: words, data, tables, pictures, and provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from explain.asking import Unasked
from explain.render.as_json import render as as_json
from explain.render.drawing import Undrawn, drawn
from explain.render.markdown import render as as_markdown
from explain.render.table import csv as as_table
from explain.render.text import clean, render
from explain.report import evidence
from kb.sheets.spreadsheets import csv_bytes
from web.server.files import Dossier
from web.server.questions import Answer, Question, assessment
from web.server.shelf import Snapshot


class File(NamedTuple):
    """A file: its media type and its bytes."""

    media: str
    data: bytes


Write = Callable[[Answer], File | None]
UTF8 = "; charset=utf-8"


def _picture(format: str, media: str) -> Write:
    def write(answer: Answer) -> File | None:
        if answer.draw is None:
            return None
        try:
            return File(media, drawn(answer.draw(), format))
        except Undrawn as missing:
            raise Unasked(str(missing)) from missing
    return write


def _text(media: str, told: Callable[[Answer], str | None]) -> Write:
    def write(answer: Answer) -> File | None:
        text = told(answer)
        return None if text is None else File(media + UTF8, text.encode("utf-8"))
    return write


def _csv(answer: Answer) -> File | None:
    if answer.grids is None:
        return None
    return File("text/csv" + UTF8, as_table(answer.account, answer.grids()).encode("utf-8-sig"))


def _page(answer: Answer) -> File | None:
    return None if answer.page is None else File("text/html" + UTF8, answer.page())


FORMATS: Mapping[str, Write] = {
    "md": _text("text/markdown", lambda answer: as_markdown(answer.account)),
    "txt": _text("text/plain", lambda answer: render(answer.account)),
    "json": _text("application/json", lambda answer: as_json(answer.account)),
    "html": _page,
    "csv": _csv,
    "svg": _picture("svg", "image/svg+xml"),
    "png": _picture("png", "image/png"),
    "pdf": _picture("pdf", "application/pdf"),
    "prov": _text("application/json", lambda answer: answer.prov() if answer.prov else None),
}
"""By the ending of its name: how an answer is written, or None where it has no such form."""
ENDINGS = {"prov": "prov.json"}


def offered(answer: Answer) -> Iterator[str]:
    """The forms in which an answer can be taken away."""
    for name in FORMATS:
        lacking = (answer.draw is None and name in ("svg", "png", "pdf"), answer.grids is None and name == "csv",
                   answer.prov is None and name == "prov", answer.page is None and name == "html")
        if not any(lacking):
            yield name


def evidence_csv(snapshot: Snapshot, dossier: Dossier, question: Question) -> File:
    """Every observation public by the date, for a spreadsheet; whether the result rests on it."""
    table = evidence(assessment(snapshot, dossier, question))
    rows = ([clean(cell) for cell in row] for row in (table.columns, *table.rows))
    return File("text/csv" + UTF8, csv_bytes(rows))
