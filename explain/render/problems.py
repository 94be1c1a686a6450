"""Problems of rule files as text, JSON, lines for GitHub, and SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from explain.found import Told
from explain.render.text import clean
from kb.codepages import Page
from kb.problems import CODES

Render = Callable[[Sequence[Told], dict[str, Page]], str]
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def level(told: Told) -> str:
    """`error` or `warning`, as every format calls it."""
    return "warning" if told.warning else "error"


def as_text(found: Sequence[Told], _pages: dict[str, Page]) -> str:
    """One line a problem, with the evidence that shows it below."""
    return "".join(f"{clean(line) if not line.startswith(' ') else line}\n" for told in found for line in _lines(told))


def _lines(told: Told) -> list[str]:
    place, code, message, hint = told.problem
    tail = f" ({hint})" if hint else ""
    first = f"{place}: {code} {'warning: ' if told.warning else ''}{message}{tail}"
    shown = [f"    {'shown by' if i == 0 else '        '}  {clean(line)}" for i, line in enumerate(told.shown_by)]
    return [first, *shown, *([f"    seen in   {clean(told.seen_in)}"] if told.seen_in else [])]


def as_json(found: Sequence[Told], _pages: dict[str, Page]) -> str:
    """An object with every problem and how many there are."""
    problems = [_record(told) for told in found]
    errors = sum(not told.warning for told in found)
    return json.dumps({"errors": errors, "warnings": len(found) - errors, "problems": problems}, indent=2,
                      ensure_ascii=False) + "\n"


def _record(told: Told) -> dict[str, Any]:
    place, code, message, hint = told.problem
    record = {"file": place.file, "line": place.line, "column": place.col, "code": str(code), "level": level(told),
              "title": CODES[code], "message": message, "hint": hint, "shown_by": list(told.shown_by),
              "seen_in": told.seen_in}
    return {key: value for key, value in record.items() if value not in ("", [])}


def as_github(found: Sequence[Told], _pages: dict[str, Page]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a change."""
    return "".join(map(_command, found))


def _command(told: Told) -> str:
    place, code, _, _ = told.problem
    properties = {"file": place.file, "line": str(place.line), "col": str(place.col), "title": f"{code} {CODES[code]}"}
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level(told)} {said}::{_data(_whole(told))}\n"


def _whole(told: Told) -> str:
    """The message with what to do and what shows it, one line each."""
    _, _, message, hint = told.problem
    shown = [f"shown by: {'; '.join(told.shown_by)}"] if told.shown_by else []
    return "\n".join([f"{message} ({hint})" if hint else message, *shown,
                      *([f"seen in: {told.seen_in}"] if told.seen_in else [])])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(found: Sequence[Told], pages: dict[str, Page]) -> str:
    """One run in the Static Analysis Results Interchange Format, with the page of every code that was raised."""
    codes = sorted({str(told.problem.code) for told in found})
    rules = [{"id": code, "shortDescription": {"text": CODES[code]},
              "fullDescription": {"text": pages[code].what}, "help": {"text": pages[code].mend}} for code in codes]
    driver = {"name": "sigrisk", "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints",
           "results": [_result(told, codes) for told in found]}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(told: Told, codes: Sequence[str]) -> dict[str, Any]:
    place, code = told.problem.place, str(told.problem.code)
    where = {"artifactLocation": {"uri": quote(place.file)},
             "region": {"startLine": place.line, "startColumn": place.col}}
    return {"ruleId": code, "ruleIndex": codes.index(code), "level": level(told), "message": {"text": _whole(told)},
            "locations": [{"physicalLocation": where}]}


FORMATS: dict[str, Render] = {"text": as_text, "json": as_json, "github": as_github, "sarif": as_sarif}
