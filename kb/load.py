"""Loading a knowledge base: the vocabulary and the rules, with every problem of both."""

from __future__ import annotations

from pathlib import Path

from kb.checks import check
from kb.files import RULES, VOCABULARY
from kb.keeping import Keep, made_anew
from kb.knowledge import Knowledge
from kb.model import Problem
from kb.problems import sorted_problems
from kb.rulefiles import read_rules
from kb.vocabularyfiles import read_vocabulary


def load(rules: Path = RULES, vocabulary: Path = VOCABULARY, keep: Keep = made_anew,
         ) -> tuple[Knowledge, tuple[Problem, ...]]:
    """The knowledge base of two folders and its problems, sorted. With problems, it is not to be run.

    `keep`: where what is read of the same vocabulary may be kept.
    """
    words, protective, first = keep([b"vocabulary"], lambda: read_vocabulary(vocabulary))
    if not vocabulary.is_dir():  # nothing that the rules speak of would be known
        return Knowledge(words, (), {}), first
    ruleset, second = read_rules(rules, words, protective, keep)
    knowledge = Knowledge(words, ruleset.rules, ruleset.signs)
    return knowledge, sorted_problems((*first, *second, *check(ruleset)))
