"""What is worked out from a record alone: once for the life of a process, and kept with the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, TypeVar, TypeVarTuple, cast

Asked = TypeVarTuple("Asked")
T = TypeVar("T")


class Once:
    """A record that keeps what is worked out from it, by what works it out and what that is asked."""

    def once(self, make: Callable[[Self, *Asked], T], /, *asked: *Asked) -> T:
        """What `make` makes of the record, and of nothing else. What is handed out may not be changed."""
        made = self.__dict__.setdefault("made", {})
        if (make, asked) not in made:
            made[make, asked] = make(self, *asked)
        return cast(T, made[make, asked])

    def __getstate__(self) -> None:
        """A copy, and a file, takes the record alone."""
