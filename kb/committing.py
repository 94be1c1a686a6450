"""One edited file put on record in git, and nothing else with it; nothing that a repository names is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from kb.history import LONGEST, QUIET

WITHOUT = ("-c", f"core.hooksPath={os.devnull}", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")


class Recorded(NamedTuple):
    """The short name of the commit, or in a sentence why there is none; both empty outside of a repository."""

    commit: str = ""
    why_not: str = ""


def record(path: Path, message: str) -> Recorded:
    """Commits one file with a message, where it lies in a git repository."""
    try:
        if _git(path, "rev-parse", "--is-inside-work-tree").stdout.strip() != "true":
            return Recorded()
        added = _git(path, "add", "--", path.name)
        done = _git(path, *WITHOUT, "commit", "--quiet", "--no-verify", "--only", f"--message={message}", "--",
                    path.name) if added.returncode == 0 else added
        if done.returncode == 0:
            return Recorded(_git(path, "rev-parse", "--short", "HEAD").stdout.strip())
        return Recorded(why_not=_said(done))
    except (OSError, subprocess.SubprocessError):
        return Recorded(why_not="git could not be run")


def _git(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*QUIET, *words], cwd=path.parent, capture_output=True, text=True, check=False,
                          timeout=LONGEST, env={**os.environ, "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0"})


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Why git did not commit, in words of ours where they are known."""
    told = f"{done.stdout}\n{done.stderr}"
    if "tell me who you are" in told or "user.email" in told:
        return "git does not know who commits here: set user.name and user.email"
    if "nothing to commit" in told or "no changes added" in told or "nothing added" in told:
        return "it is the same as what was committed last"
    if "ignored by" in told:
        return "git is told to leave this file alone"
    return "git did not take it: " + next((line.strip() for line in told.splitlines() if line.strip()), "no reason")
