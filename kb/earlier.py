"""An earlier version of rules and vocabulary: another folder, or what git kept under a name, written to a folder."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple


class NoVersion(Exception):
    """There is no such version; the message says what was looked for and what to write instead."""


class Earlier(NamedTuple):
    """Where the folders of an earlier version are, and its name."""

    rules: Path
    vocabulary: Path
    name: str


def earlier(against: str, rules: Path, vocabulary: Path, into: Path) -> Earlier:
    """The version in a folder of that name (its `rules`, where it has one), or else that git knows by it.

    What git kept is written below `into`, and nothing is checked out. The vocabulary is taken from the same version
    where it stands beside the rules there; else it is the one given. Raises NoVersion.
    """
    folder = Path(against)
    if folder.is_dir():
        return _in_folder(folder, vocabulary)
    top = _top(rules, against)
    commit = _git(rules, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{against}^{{commit}}")
    if commit is None:
        raise NoVersion(f"there is no folder {against!r}, and git knows no version of that name")
    id = commit.decode().strip()
    if not _write(top, id, rules, into):
        raise NoVersion(f"at {against} there is no folder {_inside(top, rules)}")
    kept = _write(top, id, vocabulary, into)
    short = id[:7]
    return Earlier(into / _inside(top, rules), into / _inside(top, vocabulary) if kept else vocabulary,
                   short if id.startswith(against) else f"{against} ({short})")


def _in_folder(folder: Path, vocabulary: Path) -> Earlier:
    """The rules of a folder: its own, or those of the whole repository that it is."""
    inner = folder / "rules"
    own = (words for words in (folder / "kb" / "vocabulary", folder / vocabulary.name) if words.is_dir())
    name = folder.resolve().name if folder.is_absolute() else folder.as_posix()
    return Earlier(inner if inner.is_dir() else folder, next(own, vocabulary), name)


def _top(rules: Path, against: str) -> Path:
    """The folder of the repository in which the rules are."""
    found = _git(rules, "rev-parse", "--show-toplevel")
    if found is None:
        raise NoVersion(f"there is no folder {against!r}, and {rules.name} is not in a git repository; "
                        "name a folder: --against DIR")
    return Path(found.decode().rstrip("\n"))


def _write(top: Path, commit: str, folder: Path, into: Path) -> bool:
    """Writes what a commit has in a folder; False where it has no such folder."""
    inside = _inside(top, folder)
    packed = None if inside is None else _git(top, "archive", "--format=tar", commit, "--", inside.as_posix())
    if packed is None:
        return False
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            held = tar.extractfile(member) if member.isfile() else None
            if held is not None:
                path = into / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(held.read())
    return True


def _inside(top: Path, folder: Path) -> Path:
    try:
        return folder.resolve().relative_to(top.resolve())
    except ValueError:
        return Path(folder.name)


def _git(folder: Path, *words: str) -> bytes | None:
    """What git says in a folder; None where it says no. Raises NoVersion where there is no git, or no such folder."""
    if not folder.is_dir():
        raise NoVersion(f"{folder.name}: there is no such folder")
    try:
        done = subprocess.run(["git", "-C", os.fspath(folder), *words], capture_output=True, check=False)
    except FileNotFoundError:
        raise NoVersion("git is not here; name a folder: --against DIR") from None
    return done.stdout if done.returncode == 0 else None
