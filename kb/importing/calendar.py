"""When each release became public, from a small file that whoever knows better can correct."""

from __future__ import annotations

from collections.abc import Mapping as Table
from datetime import date
from pathlib import Path

from kb.dates import read_day, read_latest_day
from kb.entries import listed
from kb.fields import Fields
from kb.importing.kinds import CALENDAR, FOLDER
from kb.model import Problem
from kb.problems import Code, did_you_mean, shown
from kb.yamltree import Mapping, Scalar, read_tree

Calendar = Table[tuple[str, date], date]
"""By release and last day of what it is about: the day on which it was public, at its latest."""


def read_calendar(folder: Path, corrections: Path | None = None, name: str = "",
                  ) -> tuple[Calendar, tuple[Problem, ...]]:
    """The calendar of a knowledge base with somebody's corrections laid over it, and every problem of both files."""
    problems: list[Problem] = []
    shipped = folder / FOLDER / f"{CALENDAR}.yaml"
    found = _read(shipped, f"{FOLDER}/{shipped.name}", problems) if shipped.exists() else {}
    if corrections is not None:
        releases = sorted({release for release, _ in found})
        found |= _read(corrections, name or corrections.name, problems, releases)
    return found, tuple(problems)


def _read(path: Path, name: str, problems: list[Problem], known: list[str] | None = None,
          ) -> dict[tuple[str, date], date]:
    tree, wrong, _ = read_tree(path, name)
    problems.extend(wrong)
    found: dict[tuple[str, date], date] = {}
    for fields in listed(tree, "releases", problems):
        id = fields.text("id", required=True)
        fields.text("title")
        days = fields.mapping("known", required=True)
        if known is not None and id not in known:
            fields.report(fields.place_of("id"), Code.UNKNOWN_ID, f"there is no release {shown(id)}",
                          did_you_mean(id, known) or f"use one of: {', '.join(known)}")
        elif days is not None:
            found.update(((id, about), day) for about, day in _days(days, fields))
    return found


def _days(tree: Mapping, fields: Fields) -> list[tuple[date, date]]:
    found = []
    for entry in tree.entries:
        about = read_day(entry.key.text)
        known = read_latest_day(entry.value.text) if isinstance(entry.value, Scalar) else None
        if about is None or known is None:
            place = entry.key.place if about is None else entry.value.place
            fields.report(place, Code.NOT_A_DATE, "a day is due on both sides", "write 2023-09-30: 2024-02-29")
        elif known < about:
            fields.report(entry.value.place, Code.NOT_ALLOWED, f"public by {known}, before the end of what it is about")
        else:
            found.append((about, known))
    return found
