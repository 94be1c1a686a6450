"""Answers kept in the user's cache folder under the hash of everything they depend on, until a byte of it changes."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from enum import EnumType
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

ROOT = Path(__file__).resolve().parents[1]
KEPT = 4
"""How many answers of one kind are kept."""
ROOM = 8_000_000
"""How many bytes of parts are kept."""
OURS = ("kb.", "engine.", "datetime")
T = TypeVar("T")


def place(kind: str, parts: Iterable[bytes]) -> Path | None:
    """The file named by the hash of everything that the answer depends on; None where no cache is wanted."""
    if os.environ.get("SIGRISK_CACHE") == "off":
        return None
    try:
        name = digest([sys.version.encode(), *parts]).hex()
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except (OSError, RuntimeError):
        return None
    return Path(base) / "sigrisk" / f"{name}.{kind}"


def digest(parts: Iterable[bytes]) -> bytes:
    """The hash of some parts, of which none can pass for two."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


def contents(folder: Path, but: str = "") -> Iterator[bytes]:
    """Every YAML file of a folder (but for those of one folder in it), with the name by which messages call it."""
    yield os.fsencode(folder.name)
    for inside, entry in sorted(_files(str(folder), (".yaml", ".yml"))):
        if inside.split("/")[0] != but:
            yield os.fsencode(inside)
            yield Path(entry.path).read_bytes()


def code(*packages: str) -> Iterator[bytes]:
    """Our own modules by size and time: whoever changes the code must not be answered by yesterday's."""
    for package in packages:
        for inside, entry in sorted(_files(str(ROOT / package), (".py",))):
            seen = entry.stat()
            yield f"{package}/{inside} {seen.st_size} {seen.st_mtime_ns}".encode()


def _files(folder: str, endings: tuple[str, ...], inside: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The files of a folder, and of those in it, that end so, by their names in it."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, endings, f"{inside}{entry.name}/")
        elif entry.name.lower().endswith(endings):  # as some systems look for files
            yield inside + entry.name, entry


class _Ours(pickle.Unpickler):
    """Reads back our own records and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):  # so some versions of Python write the member of an enumeration
            return _member
        found = super().find_class(module, name) if module.startswith(OURS) and "." not in name else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not one of our records")
        return found


def _member(of: Any, name: str) -> Any:
    if not isinstance(of, EnumType):
        raise pickle.UnpicklingError(f"{name} is no member of an enumeration of ours")
    return of[name]


def fetch(kept: Path | None) -> Any:
    """What was kept there; None where nothing was, or where anybody else may have written it. Raises on damage."""
    if kept is None:
        return None
    seen = kept.stat()
    if hasattr(os, "getuid") and (seen.st_uid != os.getuid() or seen.st_mode & 0o022):
        return None
    with kept.open("rb") as file:
        return _Ours(file).load()


def once(kind: str, parts: Callable[[], Iterable[bytes]], make: Callable[[], T], most: int = KEPT) -> T:
    """What was made of these parts before, or is made of them now and kept, if nobody changed them meanwhile."""
    file = place(kind, parts())
    try:
        found = fetch(file)
    except Exception:  # a damaged cache is no cache
        found = None
    if found is None:
        found = make()
        if file == place(kind, parts()):
            keep(file, found, most)
    return cast(T, found)


def keep(kept: Path | None, answer: object, most: int = KEPT) -> None:
    """Keeps an answer, and no more than a few of its kind; a folder that cannot be written only makes it slower."""
    if kept is None:
        return
    from kb.files import write_whole

    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(kept, pickle.dumps(answer, 5))
        kept.chmod(0o600)
        others = sorted(kept.parent.glob(f"*{kept.suffix}"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
        for old in others[most:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


class Parts:
    """What earlier runs made of parts of what they were given, each under the hash of all that it rests on.

    A run takes what it finds, makes the rest, and keeps both; what was of no use for longest goes first.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file, self.shared, self.kept = file, b"", dict[bytes, bytes]()
        try:
            self.kept = dict(fetch(file) or {})
        except Exception:  # a damaged cache is no cache
            return

    def under(self, rests_on: Iterable[bytes]) -> Parts:
        """The same, for parts that all rest on this as well."""
        below = copy(self)
        try:
            below.shared = digest(chain([self.shared], rests_on)) if self.file else b""
        except OSError:  # a file that is gone meanwhile
            below.file = None
        return below

    def part(self, rests_on: Iterable[bytes], make: Callable[[], T], /) -> T:
        """What was made of this before, or is made of it now. Nothing that is handed out may be changed."""
        if self.file is None:
            return make()
        try:
            name = digest(chain([self.shared], rests_on))
        except OSError:  # a file that is gone meanwhile
            return make()
        known, found = self._taken(name)
        if not known:
            found = make()
            self.leave(name, found)
        return cast(T, found)

    def hint(self, name: bytes, otherwise: T) -> T:
        """What was left by that name, whatever it rests on: it has to be tried before it is believed."""
        _, found = self._taken(name)
        return found if isinstance(found, type(otherwise)) else otherwise

    def leave(self, name: bytes, found: object) -> None:
        """Leaves something by a name, for the next run."""
        self.kept.pop(name, None)
        self.kept[name] = pickle.dumps(found, 5)

    def _taken(self, name: bytes) -> tuple[bool, Any]:
        """Whether something is there by that name, and what; it goes to the end of those that may go."""
        try:
            self.kept[name] = self.kept.pop(name)
            return True, _Ours(BytesIO(self.kept[name])).load()
        except Exception:  # not there, or damaged
            return False, None

    def keep(self) -> None:
        """Keeps as much of it as there is room for."""
        self.trim()
        keep(self.file, self.kept)

    def trim(self) -> None:
        """Lets go of what there is no room for."""
        room = ROOM
        for name, part in reversed(list(self.kept.items())):
            room -= len(part)
            if room <= 0:
                self.kept.pop(name, None)
