"""One exercise as one page that works offline: each question first, its answer on asking, and a sheet to print."""

from __future__ import annotations

from markupsafe import Markup

from explain.exercises import Sheet
from explain.render.exercises import REAL, STEP, parts
from web.alone import policy
from web.site import STATIC, environment, styles


def page(sheet: Sheet) -> bytes:
    """The page as HTML: style and script are in it, and may run only as they were written here."""
    style = styles() + (STATIC / "exercise.css").read_text(encoding="utf-8")
    script = (STATIC / "exercise.js").read_text(encoding="utf-8")
    told = environment().get_template("exercise.html").render(
        sheet=sheet, parts=parts, real=REAL, step=STEP, style=Markup(style), script=Markup(script),
        policy=policy(script, style))
    return told.encode("utf-8")
