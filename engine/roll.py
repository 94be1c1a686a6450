"""The roll: every authority at every day of a screen, one column of a plane each."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from kb.dates import add_months


class Roll(NamedTuple):
    """Authorities (by code) and days, the days in order: bit `authority * len(days) + day` is one of each."""

    authorities: tuple[str, ...]
    days: tuple[date, ...]

    @property
    def columns(self) -> int:
        """How many bits each reading of a plane has."""
        return len(self.authorities) * len(self.days)

    def earlier(self, months: int) -> list[date]:
        """The days so many months before."""
        return [add_months(day, -months) for day in self.days]
