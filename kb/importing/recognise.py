"""Which kind of published file one is, told by its columns and by nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kb.cells import WORKBOOKS, Cells, read_cells, under_headings
from kb.importing.kinds import Kind
from kb.importing.neighbours import columns_of
from kb.importing.outcomes import headings
from kb.model import Place, Problem
from kb.problems import Code, did_you_mean, shown
from kb.tables import COLUMNS, header_problem

LEAST = 3
"""So many columns in common make a file look like one of a kind of which it lacks others."""


class Recognised(NamedTuple):
    """A file with its cells and its kind: none for a table that is the product's own, or for a dictionary of a kind."""

    path: Path
    name: str
    cells: Cells
    kind: Kind | None
    explains: Kind | None = None


def recognise(path: Path, name: str, kinds: dict[str, Kind]) -> Recognised | Problem:
    """The file read, with its kind; or why it cannot be read, or what it looks like and lacks.

    Raises kb.cells.Unavailable for a workbook where it cannot be read.
    """
    if path.suffix.lower() in WORKBOOKS:
        return _workbook(path, name, kinds)
    cells = read_cells(path, name)
    if isinstance(cells, Problem):
        return cells
    columns = set(cells.frame.columns)
    if columns >= set(COLUMNS):
        return Recognised(path, name, cells, None)
    explained = [kind for kind in kinds.values() if kind.dictionary and columns >= {c for _, c in kind.dictionary}]
    if explained:
        return Recognised(path, name, cells, None, explained[0])
    told = [kind for kind in kinds.values() if not kind.sheet and columns >= set(kind.told_by)]
    kind = max(told, key=lambda one: len(one.told_by), default=None) or _nearest(columns, kinds)
    if kind is None and len(columns & set(COLUMNS)) >= LEAST and (lacking := header_problem(list(columns), name)):
        return lacking
    if kind is None:
        known = ", ".join(kinds) or "none"
        return Problem(Place(name), Code.NOT_ALLOWED, "the columns are of no kind of file that is known",
                       f"the kinds are {known}, and a table with the columns {', '.join(COLUMNS)}")
    missing = [column for column in due(kind) if not set(column) & columns]
    if missing:
        return Problem(Place(name), Code.MISSING_KEY, f"the file has no column {shown(missing[0][0])}, which files of "
                       f"the kind {kind.id} have", did_you_mean(missing[0][0], columns))
    if not cells.frame.height:
        return Problem(Place(name), Code.EMPTY, "the file has no rows below its header", "check that it is the one")
    return Recognised(path, name, cells, kind)


def due(kind: Kind) -> list[tuple[str, ...]]:
    """The columns that a file of that kind has; of each group any one."""
    if kind.holds == "neighbours":
        return [(column,) for column in columns_of(kind)]
    plain = [*kind.told_by, *kind.authority.named, kind.period, kind.measure, kind.value,
             *(column for column, _ in kind.only), *([kind.levels.column] if kind.levels else [])]
    figures = [] if kind.measure else [measure.at for measure in kind.measures]
    return [*((column,) for column in plain if column), *figures]


def _nearest(columns: set[str], kinds: dict[str, Kind]) -> Kind | None:
    """The one kind that a file looks most like; none where two are as near."""
    alike = sorted(((len(columns & {c for group in due(kind) for c in group}), kind.id) for kind in kinds.values()
                    if not kind.sheet), reverse=True)
    alone = len(alike) > 1 and alike[0][0] > alike[1][0]
    return kinds[alike[0][1]] if alone and alike[0][0] >= LEAST else None


def _workbook(path: Path, name: str, kinds: dict[str, Kind]) -> Recognised | Problem:
    refused = Problem(Place(name), Code.NOT_ALLOWED, "no kind of workbook is known")
    for kind in (one for one in kinds.values() if one.sheet):
        found = read_cells(path, name, kind.sheet)
        if isinstance(found, Problem):
            refused = found
        else:
            below = under_headings(found, headings(kind))
            if isinstance(below, Problem):
                return below
            if not below.frame.height:
                return Problem(Place(below.name), Code.EMPTY, "the sheet has no rows below its headings")
            return Recognised(path, name, below, kind)
    return refused
