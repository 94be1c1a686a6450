"""One exercise as one page that works offline: each question first, its answer on asking, and a sheet to print."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from markupsafe import Markup

from explain.account import Line
from explain.exercises import Sheet
from explain.render.exercises import REAL, STEP, parts
from web.site import STATIC, environment, styles


def page(sheet: Sheet) -> bytes:
    """The page as HTML: style and script are in it, and may run only as they were written here."""
    style = styles() + (STATIC / "exercise.css").read_text(encoding="utf-8")
    script = (STATIC / "exercise.js").read_text(encoding="utf-8")
    told = environment().get_template("exercise.html").render(
        sheet=sheet, parts=parts, below=_below, real=REAL, step=STEP, style=Markup(style), style_hash=_hash(style),
        script=Markup(script), script_hash=_hash(script))
    return told.encode("utf-8")


def _below(line: Line) -> tuple[Line, ...]:
    """What stands under a line, for the template."""
    return line.children


def _hash(text: str) -> str:
    """How a policy names what may run: by what it says."""
    return f"sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}"
