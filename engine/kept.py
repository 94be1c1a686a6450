"""Answers kept in the user's cache folder under the hash of everything they depend on, until a byte of it changes."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = 4
"""How many answers of one kind are kept."""
OURS = ("kb.", "engine.", "datetime")


def place(kind: str, parts: Iterable[bytes]) -> Path | None:
    """The file named by the hash of everything that the answer depends on; None where no cache is wanted."""
    if os.environ.get("SIGRISK_CACHE") == "off":
        return None
    digest = hashlib.sha256(sys.version.encode())
    try:
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except (OSError, RuntimeError):
        return None
    return Path(base) / "sigrisk" / f"{digest.hexdigest()}.{kind}"


def contents(folder: Path) -> Iterator[bytes]:
    """Every YAML file of a folder, with the name by which messages call it."""
    yield os.fsencode(folder.name)
    for path in sorted(folder.rglob("*.y*ml")):
        yield os.fsencode(path.relative_to(folder).as_posix())
        yield path.read_bytes()


def code(*packages: str) -> Iterator[bytes]:
    """Our own modules by size and time: whoever changes the code must not be answered by yesterday's."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            seen = path.stat()
            yield f"{path.relative_to(ROOT)} {seen.st_size} {seen.st_mtime_ns}".encode()


class _Ours(pickle.Unpickler):
    """Reads back our own records and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith(OURS) and "." not in name else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not one of our records")
        return found


def fetch(kept: Path | None) -> Any:
    """What was kept there; None where nothing was, or where anybody else may have written it. Raises on damage."""
    if kept is None:
        return None
    seen = kept.stat()
    if hasattr(os, "getuid") and (seen.st_uid != os.getuid() or seen.st_mode & 0o022):
        return None
    with kept.open("rb") as file:
        return _Ours(file).load()


def keep(kept: Path | None, answer: object) -> None:
    """Keeps an answer, and no more than a few of its kind; a folder that cannot be written only makes it slower."""
    if kept is None:
        return
    from kb.files import write_whole

    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(kept, pickle.dumps(answer, 5))
        kept.chmod(0o600)
        others = sorted(kept.parent.glob(f"*{kept.suffix}"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
        for old in others[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return
