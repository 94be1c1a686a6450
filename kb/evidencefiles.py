"""A case from whichever file keeps it: YAML, a workbook, or a CSV of its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kb.casefiles import case_of_tree, read_case
from kb.dossier import Case
from kb.fields import Fields
from kb.model import Problem, Source, Vocabulary
from kb.problems import Code, sorted_problems
from kb.sheets.casecolumns import GUIDE, sheet_columns
from kb.sheets.caserows import Reader
from kb.sheets.casetables import Facts, tree_of_table, tree_of_workbook
from kb.sheets.spreadsheets import FORMATS, Sheet, read_sheets
from kb.sources import read_source
from kb.yamltree import Mapping, read_tree

UNNAMED = Facts("unnamed", "unnamed", "none", "none", invented=True)
"""Which case a CSV is, where it does not matter."""


class Read(NamedTuple):
    """A case as far as it could be read, what its file says word by word, and every problem."""

    case: Case | None
    tree: Mapping | None
    problems: tuple[Problem, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that the file itself describes, whether or not anything cites them."""
        if self.tree is None:
            return ()
        found = (read_source(Fields(tree, [])) for tree in Fields(self.tree, []).mappings("sources"))
        return tuple(source for source in found if source is not None)


def read_evidence(path: Path, vocabulary: Vocabulary, name: str = "", facts: Facts = UNNAMED) -> Read:
    """The case of a file, by its ending. Raises kb.sheets.spreadsheets.Unavailable for a workbook without openpyxl."""
    shown_name = name or path.name
    if path.suffix.lower() in FORMATS:
        return _from_spreadsheet(path, vocabulary, shown_name, facts)
    case, problems = read_case(path, vocabulary, shown_name)
    tree, _, _ = read_tree(path, shown_name)
    return Read(case, tree if isinstance(tree, Mapping) else None, sorted_problems(problems))


def _from_spreadsheet(path: Path, vocabulary: Vocabulary, name: str, facts: Facts) -> Read:
    sheets, found = read_sheets(path, name, tuple(sheet_columns(vocabulary)), (GUIDE,))
    problems, later = list(found), list[Problem]()
    reader = Reader(problems)
    tree = None if sheets is None else _tree(sheets, vocabulary, name, facts, reader)
    if tree is None:
        return Read(None, None, sorted_problems(problems))
    case = case_of_tree(Fields(tree, later, what="case"), vocabulary)
    told_before = {p for p in later if p.code == Code.MISSING_KEY and (p.place.file, p.place.line) in reader.lost}
    return Read(case, tree, sorted_problems([*problems, *(p for p in later if p not in told_before)]))


def _tree(sheets: tuple[Sheet, ...], vocabulary: Vocabulary, name: str, facts: Facts, reader: Reader) -> Mapping | None:
    if len(sheets) == 1 and not sheets[0].title:
        return tree_of_table(sheets[0], vocabulary, facts, reader)
    return tree_of_workbook(sheets, vocabulary, name, reader)
