"""Dates as the evidence gives them: days, lasting periods, and loose dates that stay loose."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"(\d{4})")
MONTH_NAMES = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
               "November", "December")
"""By number from 1. The module calendar has them too, and takes longer to import than all of our dates."""


class Precision(StrEnum):
    """How firmly a span is dated."""

    DAY = "on"
    THROUGHOUT = "throughout"
    SOMETIME = "sometime in"


class Span(NamedTuple):
    """The day or period that an observation describes."""

    start: date
    end: date
    precision: Precision = Precision.DAY

    @property
    def anchor(self) -> date:
        """The date a window is counted from: a loose date counts only if its whole range is inside."""
        return self.start if self.precision is Precision.SOMETIME else self.end

    def __str__(self) -> str:
        """The span in words, as people read it."""
        if self.precision is Precision.DAY:
            return long_date(self.start)
        if self.precision is Precision.THROUGHOUT:
            return f"throughout {long_date(self.start)} to {long_date(self.end)}"
        return f"sometime in {_range_words(self.start, self.end)}"


@lru_cache(maxsize=65536)
def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later (or earlier); the month's last day where there is none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return date.min if year < 1 else date.max
    return date(year, month + 1, min(day.day, _last_day(year, month + 1)))


def _last_day(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - timedelta(1)).day


def months_apart(first: date, second: date) -> int | None:
    """The whole months between two days of the month alike (or both its last day), or None."""
    months = (second.year - first.year) * 12 + second.month - first.month
    if first.day == second.day:
        return months
    alike = add_months(first, months) == second or add_months(second, -months) == first
    last_days = all(day.day == _last_day(day.year, day.month) for day in (first, second))
    return months if alike or last_days else None


def within(span: Span, months: int, as_at: date) -> bool:
    """Whether the span ends inside the last `months` months before `as_at`, the boundary included."""
    return as_at <= add_months(span.anchor, months)


def may_be_within(span: Span, months: int, as_at: date) -> bool:
    """Whether some day of the span could lie inside the last `months` months before `as_at`."""
    return as_at <= add_months(span.end, months)


def first_day_beyond(span: Span, months: int) -> date:
    """The first day on which `within` no longer holds."""
    last = add_months(span.anchor, months)
    return last if last == date.max else last + timedelta(days=1)


def long_date(day: date) -> str:
    """A date as people write it, `30 November 2018`."""
    return f"{day.day} {MONTH_NAMES[day.month]} {day.year}"


def read_day(text: str) -> date | None:
    """The day that `YYYY-MM-DD` names, or None."""
    span = read_range(text)
    return span[0] if span and _DAY.fullmatch(text.strip()) else None


def read_latest_day(text: str) -> date | None:
    """The last day that a date, a month or a year can mean (a publication date at its latest)."""
    span = read_range(text)
    return span[1] if span else None


def read_range(text: str) -> tuple[date, date] | None:
    """First and last day of `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `X to Y`; None where it is none of these."""
    first, joined, second = text.strip().partition(" to ")
    head = _bounds(first.strip())
    tail = _bounds(second.strip()) if joined else head
    if head is None or tail is None or tail[1] < head[0]:
        return None
    return head[0], tail[1]


def read_span(text: str) -> Span | None:
    """A span from one cell of text: `2018-10-17`, `2018-10`, `throughout X to Y`, `sometime in X to Y`."""
    for precision in (Precision.THROUGHOUT, Precision.SOMETIME):
        if text.strip().startswith(precision.value):
            bounds = read_range(text.strip().removeprefix(precision.value))
            return Span(*bounds, precision) if bounds else None
    bounds = read_range(text)
    if bounds is None or " to " in text:
        return None
    return Span(*bounds, Precision.DAY if bounds[0] == bounds[1] else Precision.SOMETIME)


def _bounds(text: str) -> tuple[date, date] | None:
    try:
        if found := _DAY.fullmatch(text):
            day = date(*(int(part) for part in found.groups()))
            return day, day
        if found := _MONTH.fullmatch(text):
            year, month = (int(part) for part in found.groups())
            return date(year, month, 1), date(year, month, _last_day(year, month))
        if _YEAR.fullmatch(text):
            return date(int(text), 1, 1), date(int(text), 12, 31)
    except ValueError:
        return None
    return None


def _range_words(start: date, end: date) -> str:
    whole_month = start.day == 1 and end == _bounds(f"{start.year:04d}-{start.month:02d}")[1]  # type: ignore[index]
    if whole_month and start.month == end.month:
        return f"{MONTH_NAMES[start.month]} {start.year}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return str(start.year)
    return f"{long_date(start)} to {long_date(end)}"
