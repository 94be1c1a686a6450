"""A site written into a folder of its own: what an earlier one left behind goes, and nobody else's file is touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kb.files import write_whole

LISTED = "assets/files.txt"
"""The list of the files that belong to the site, in the site itself."""
OURS = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)?")


class NotOurs(Exception):
    """The folder holds something, and no list of a site that was written there."""


def write_site(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Writes every file, each whole or not at all, and takes away those of an earlier site; how many there are.

    Raises NotOurs where the folder is in use for something else, OSError where it cannot be written to.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / LISTED).is_file():
        raise NotOurs
    made = dict(files)
    before = set(_listed(folder))
    (folder / LISTED).parent.mkdir(parents=True, exist_ok=True)
    for path, data in made.items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        if path not in before or not target.is_file() or target.read_bytes() != data:
            write_whole(target, data)
    write_whole(folder / LISTED, "".join(f"{path}\n" for path in sorted(made)).encode("utf-8"))
    for path in sorted(before - made.keys()):
        (folder / path).unlink(missing_ok=True)
    return len(made)


def _listed(folder: Path) -> Iterator[str]:
    """The files of an earlier site: names such as this one gives, inside the folder, and nothing else."""
    listed = folder / LISTED
    if listed.is_file():
        lines = listed.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (line for line in lines if OURS.fullmatch(line) and (folder / line).is_file())
