"""The years of published tables as days: `2025`, `202425`, `2024-25 (OT)`, each with the day on which a year ends."""

from __future__ import annotations

import re
from datetime import date

from kb.importing.kinds import MonthDay

_YEAR = re.compile(r"(\d{4})(?:\s*\([^()]*\))?")
_TWO_YEARS = re.compile(r"(\d{4})[-/]?(\d{2})(?:\s*\([^()]*\))?")


def last_day(text: str, ends: MonthDay) -> date | None:
    """The last day of the year that the text names, or None where it names none."""
    text = text.strip()
    if found := _YEAR.fullmatch(text):
        return _day(int(found[1]), ends)
    if (found := _TWO_YEARS.fullmatch(text)) and (int(found[1]) + 1) % 100 == int(found[2]):
        return _day(int(found[1]) + 1, ends)
    return None


def _day(year: int, ends: MonthDay) -> date | None:
    try:
        return date(year, *ends)
    except ValueError:
        return None
