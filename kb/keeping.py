"""What a reader asks of a place where parts are kept: what was made before of the same, or else it is made now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Keep(Protocol):
    """Gives what was made before of something that rests on the same bytes, or makes it."""

    def __call__(self, rests_on: Iterable[bytes], make: Callable[[], T], /) -> T:
        """Nothing that is handed out may be changed."""


def made_anew(_: Iterable[bytes], make: Callable[[], T], /) -> T:
    """Where nothing is kept, everything is made."""
    return make()
