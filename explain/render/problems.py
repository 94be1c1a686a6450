"""Problems of rule files as text, JSON, lines for GitHub, and SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from explain.render.text import WIDTH, clean
from kb.problems import CODES
from kb.told import Told, Verdict

if TYPE_CHECKING:
    from kb.codepages import Page  # the pages are read where they are wanted

Render = Callable[[Sequence[Told], dict[str, "Page"]], str]
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


IN_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}
SURE = {
    Verdict.READ: "", Verdict.PROVED: "proved, over every combination of evidence there can be",
    Verdict.WITNESS: "proved by example: the evidence below is enough", Verdict.OPEN: "not analysed",
}


def as_text(found: Sequence[Told], _pages: dict[str, Page]) -> str:
    """A block for each problem: where, what and what to do; why it matters (once for each code); what shows it."""
    first = {told.problem.code: i for i, told in reversed(list(enumerate(found)))}
    return "".join(f"{line}\n" for i, told in enumerate(found) for line in _lines(told, first[told.problem.code] == i))


def _lines(told: Told, first: bool) -> Iterator[str]:
    place, code, message, hint = told.problem
    kind = "" if told.level == "error" else f"{told.level}: "
    yield clean(f"{place}: {code} {kind}{message}{f' ({hint})' if hint else ''}")
    yield from _labelled("why", wrap(clean(told.why), WIDTH) if first else ())
    yield from _labelled("verdict", [SURE[told.verdict]] if SURE[told.verdict] else ())
    yield from _labelled("shown by", map(clean, told.shown_by))
    yield from _labelled("seen in", [clean(told.seen_in)] if told.seen_in else ())


def _labelled(label: str, lines: Iterable[str]) -> Iterator[str]:
    return (f"    {label if i == 0 else '':<10}{line}" for i, line in enumerate(lines))


def as_json(found: Sequence[Told], _pages: dict[str, Page]) -> str:
    """An object with every problem and how many there are."""
    problems = [_record(told) for told in found]
    counts = {f"{level}s": sum(told.level == level for told in found) for level in IN_GITHUB}
    return json.dumps({**counts, "problems": problems}, indent=2, ensure_ascii=False) + "\n"


def _record(told: Told) -> dict[str, Any]:
    place, code, message, hint = told.problem
    record = {"file": place.file, "line": place.line, "column": place.col, "code": str(code), "level": told.level,
              "title": CODES[code], "message": message, "hint": hint, "why": told.why, "verdict": str(told.verdict),
              "shown_by": list(told.shown_by), "seen_in": told.seen_in}
    return {key: value for key, value in record.items() if value not in ("", [])}


def as_github(found: Sequence[Told], _pages: dict[str, Page]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a change."""
    return "".join(map(_command, found))


def _command(told: Told) -> str:
    place, code, _, _ = told.problem
    properties = {"file": place.file, "line": str(place.line), "col": str(place.col), "title": f"{code} {CODES[code]}"}
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{IN_GITHUB[told.level]} {said}::{_data(_whole(told))}\n"


def _whole(told: Told) -> str:
    """The message with what to do, why it matters and what shows it, one line each."""
    _, _, message, hint = told.problem
    more = (("why", told.why), ("verdict", SURE[told.verdict]), ("shown by", "; ".join(told.shown_by)),
            ("seen in", told.seen_in))
    said = [f"{label}: {text}" for label, text in more if text]
    return "\n".join([f"{message} ({hint})" if hint else message, *said])


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
    return {"ruleId": code, "ruleIndex": codes.index(code), "level": told.level, "message": {"text": _whole(told)},
            "locations": [{"physicalLocation": where}]}


FORMATS: dict[str, Render] = {"text": as_text, "json": as_json, "github": as_github, "sarif": as_sarif}
