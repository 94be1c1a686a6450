"""The shipped cases, for whatever is measured on them."""

from __future__ import annotations

from pathlib import Path

from kb.casefiles import read_case
from kb.dossier import Case
from kb.model import Vocabulary

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def cases(vocabulary: Vocabulary) -> list[Case]:
    """Every one that can be read, in the order of their files, called as somebody in the project's folder would."""
    return [case for path in sorted(EXAMPLES.glob("*.yaml"))
            if (case := read_case(path, vocabulary, f"examples/{path.name}")[0]) is not None]
