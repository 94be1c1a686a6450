"""What git recorded of a file: the day and the first line of every change, as data."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

QUIET = ("git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
"""Nothing that a repository's own settings name is run."""
LONGEST = 30


class Change(NamedTuple):
    """One recorded change: the day (YYYY-MM-DD) and what was said of it. Who made it is left out."""

    day: str
    said: str


def changes(path: Path) -> tuple[Change, ...]:
    """The recorded changes of a file, latest first, under the names it had before too; none without git."""
    asked = [*QUIET, "log", "--follow", "--no-ext-diff", "--no-textconv", "--format=%ad%x00%s", "--date=short", "--",
             path.name]
    try:
        done = subprocess.run(asked, cwd=path.parent, capture_output=True, check=True, timeout=LONGEST,
                              env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"})
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    return tuple(Change(*line.split("\0", 1)) for line in lines if "\0" in line)
