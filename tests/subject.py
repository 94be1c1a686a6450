"""What belongs to the first subject and to no other: its words, the codes of its signatures, its ids and sentences."""

from __future__ import annotations

import re

from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.vocabularyfiles import read_vocabulary

WORDS = (
    "child", "children", "childhood", "care leavers?", "looked after", "foster(?:ing|ed)?", "referrals?",
    "directors?", "councils?", "councillors?", "lead members?", "local authorit(?:y|ies)", "social work(?:ers?)?",
    "social care", "caseloads?", "agency", "safeguarding", "vacanc(?:y|ies)", "turnover", "workforce", "extremism",
    "ofsted", "ilacs", "dfe", "department for education", "inspectors?", "inspections?", "section 114", "s114",
    "services?", "england", "national(?:ly)?", "seventeen", "17 signatures", "three groups", "54 statements",
)
"""Whole words, whatever their case; an underscore ends a word. `authority` is the product's own and is not here."""
SPEAKS = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(WORDS)})(?![a-z0-9])", re.IGNORECASE)
SIGNATURE = re.compile(r"(?<![A-Za-z0-9])(?:A[1-5]|B[1-4]|C[1-8])(?![A-Za-z0-9])")
CASE = re.compile(rf"\b(?:{'|'.join(sorted(path.stem for path in EXAMPLES.glob('*.yaml')))})\b", re.IGNORECASE)
RUN = 5
"""So many words in a row, the same as in a founding statement, were not written by chance."""


def named() -> re.Pattern[str]:
    """The ids of the shipped vocabulary and rules that nobody writes by chance: those of several words."""
    keys = re.compile(r"^\s*(?:- )?(?:\{)?(?:id|rule|mechanism|picture|result|channel): *([\w-]+)", re.MULTILINE)
    files = [*VOCABULARY.glob("*.yaml"), *RULES.rglob("*.yaml")]
    ids = {id for file in files for id in keys.findall(file.read_text(encoding="utf-8"))}
    several = sorted(id for id in ids if re.search(r"[a-z][_-][a-z]", id))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(several)})(?![\w-])")


def runs(text: str) -> set[str]:
    """Every run of so many words in a text."""
    words = re.findall(r"[a-z']+", text.lower())
    return {" ".join(words[at:at + RUN]) for at in range(len(words) - RUN + 1)}


def founding_runs() -> set[str]:
    """The runs of words of the founding statements."""
    return set().union(*(runs(statement.quote) for statement in read_vocabulary(VOCABULARY)[0].statements.values()))
