"""A knowledge base made ready once: read, checked and compiled, and kept in a cache until a byte of it changes."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from engine.program import Node, Program, compile_rules
from kb.knowledge import Knowledge
from kb.model import Problem

HERE = Path(__file__).resolve().parent
CODE = (HERE, HERE.parent / "kb")
KEPT = 4
OURS = ("kb.", "engine.", "datetime")


class Prepared(NamedTuple):
    """A knowledge base without problems, and its program."""

    knowledge: Knowledge
    program: Program


def prepare(rules: Path, vocabulary: Path) -> tuple[Prepared | None, tuple[Problem, ...]]:
    """The knowledge base of two folders, ready to run; or None and every problem of it.

    What was made ready is kept in the user's cache folder under the hash of every file that went into it, and used
    again while none has changed. SIGRISK_CACHE=off, or a folder that cannot be written, only makes it slower.
    """
    kept = _cache_file(rules, vocabulary)
    known = _fetch(kept)
    if known is not None:
        return known, ()
    from kb.load import load  # the readers are not needed where the cache answers

    knowledge, problems = load(rules, vocabulary)
    if problems:
        return None, problems
    prepared = Prepared(knowledge, compile_rules(knowledge.rules))
    if kept == _cache_file(rules, vocabulary):  # nobody saved a file between our hashing and our reading
        _keep(kept, prepared)
    return prepared, ()


def _cache_file(rules: Path, vocabulary: Path) -> Path | None:
    """The file named by the hash of everything that the answer depends on; None where no cache is wanted."""
    if os.environ.get("SIGRISK_CACHE") == "off":
        return None
    digest = hashlib.sha256(sys.version.encode())
    try:
        for part in (*_contents(rules), *_contents(vocabulary), *_code()):
            digest.update(len(part).to_bytes(8, "big") + part)
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except (OSError, RuntimeError):
        return None
    return Path(base) / "sigrisk" / f"{digest.hexdigest()}.ready"


def _contents(folder: Path) -> Iterator[bytes]:
    yield os.fsencode(folder.name)
    for path in sorted(folder.rglob("*.y*ml")):
        yield os.fsencode(path.relative_to(folder).as_posix())
        yield path.read_bytes()


def _code() -> Iterator[bytes]:
    """Our own modules by size and time: whoever changes the code must not be answered by yesterday's."""
    for folder in CODE:
        for path in sorted(folder.glob("*.py")):
            seen = path.stat()
            yield f"{path.name} {seen.st_size} {seen.st_mtime_ns}".encode()


class _Ours(pickle.Unpickler):
    """Reads back our own records and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith(OURS) and "." not in name else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not one of our records")
        return found


def _fetch(kept: Path | None) -> Prepared | None:
    if kept is None:
        return None
    try:
        seen = kept.stat()
        if hasattr(os, "getuid") and (seen.st_uid != os.getuid() or seen.st_mode & 0o022):
            return None
        with kept.open("rb") as file:
            found = _Ours(file).load()
            return _unpacked(found) if isinstance(found, Prepared) else None
    except Exception:  # a damaged cache is no cache
        return None


def _packed(prepared: Prepared) -> Prepared:
    """The same with the nodes of its program field by field, which are read back in half the time."""
    fields: tuple[Any, ...] = tuple(zip(*prepared.program.nodes, strict=True))
    return prepared._replace(program=prepared.program._replace(nodes=fields))


def _unpacked(packed: Prepared) -> Prepared:
    fields: tuple[Any, ...] = packed.program.nodes
    nodes = tuple(map(Node._make, zip(*fields, strict=True)))
    return packed._replace(program=packed.program._replace(nodes=nodes))


def _keep(kept: Path | None, prepared: Prepared) -> None:
    if kept is None:
        return
    from kb.files import write_whole

    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(kept, pickle.dumps(_packed(prepared), 5))
        kept.chmod(0o600)
        others = sorted(kept.parent.glob("*.ready"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
        for old in others[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return
