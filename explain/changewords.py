"""Phrases about change, beside the phrase table: what appears or goes, since when, and how evidence came to count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from explain import words
from kb.dates import long_date

BECAME_PUBLIC, REPLACED, OUT_OF_DATE = "became public", "replaced", "went out of date"
NOW_COUNTS, NO_LONGER_COUNTS = "now counts", "no longer counts"
"""How an observation came to count on a day, or ceased to."""
APPEARS, GOES, CHANGES = "appears", "goes", "changes"
OTHERWISE = "stays for another reason"
NOT_EVIDENCE, TAKEN_AWAY = "supposed, not evidence", "supposed to be taken away"
"""Of evidence on a card, where it is supposed to come or to go."""
AS_IT_IS, AS_SUPPOSED = "as it is", "as supposed"
MONTHS_FROM = 60
"""From so many days on, a time between two days is told in months."""


def then(before: str, after: str) -> str:
    """How something stands as it is, and as supposed."""
    return f"{before} {AS_IT_IS}; {after} {AS_SUPPOSED}"


def in_one_reading(titles: Sequence[str]) -> str:
    """What disputed evidence leaves open beside a result."""
    return f"in one reading of disputed evidence {words.several(titles)}"


def since(day: date | None) -> str:
    """Since when something stands as it does."""
    return f"since {long_date(day)}" if day else "from the start"


def earlier(months: int) -> str:
    """`6 months earlier`: how something is looked at as it stood before."""
    return f"{months} months earlier"


def later(before: date, day: date) -> str:
    """How long after one day another came, in days, or in whole months where those are many."""
    days = (day - before).days
    return f"{words.count_of(days, 'day')} later" if days < MONTHS_FROM else f"{round(days / 30.44)} months later"


def only_older(months: int) -> str:
    """What is held, where a period is asked for and all of it lies before."""
    return f"only evidence older than {months} months"
