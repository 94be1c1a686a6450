"""Saving an edited file: refused where it changed meanwhile, whole or not at all, the version before kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from kb.files import write_whole

BEFORE = ".before"
"""The folder, in the folder of rules, where versions before an edit are kept; git is told to leave it alone."""
_HERE = Lock()


class Changed(Exception):
    """The file is no longer what was opened; `now`: what it holds."""

    def __init__(self, now: bytes) -> None:
        super().__init__("the file was changed since it was opened")
        self.now = now


def hash_of(data: bytes) -> str:
    """What a file holds, as a hash by which it is known again."""
    return hashlib.sha256(data).hexdigest()


def save(path: Path, data: bytes, opened: str, rules: Path) -> Path:
    """Puts the data in the place of a file of some rules that still is what was opened (its hash).

    Returns where the version before is kept. Raises Changed where somebody else was first, OSError where it cannot be
    written. Whenever it is broken off, the file is the old one or the new one.
    """
    home = rules / BEFORE
    with _alone(home):
        before = path.read_bytes()
        if hash_of(before) != opened:
            raise Changed(before)
        inside = ".".join(path.relative_to(rules).parts)
        kept = home / f"{inside}.{opened[:12]}.txt"
        write_whole(kept, before)
        write_whole(path, data)
    return kept


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One save at a time, of all servers that edit these rules."""
    home.mkdir(exist_ok=True)
    if not (home / ".gitignore").exists():
        write_whole(home / ".gitignore", b"*\n")
    with _HERE, (home / "lock").open("w") as file:
        try:
            import fcntl
        except ModuleNotFoundError:  # another system: one server at a time is all that is promised there
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
