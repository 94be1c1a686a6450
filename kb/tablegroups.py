"""What a table says of its authorities beside observations: region, size, deprivation, in columns of these names."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kb.cells import read_cells
from kb.model import Problem
from kb.problems import Code, shown

GROUPS = ("region", "size", "deprivation")
CODE = "authority_code"


class Groups(NamedTuple):
    """For each of the columns that the table has, the group of each authority by its code; blank where it has none."""

    of: dict[str, dict[str, str]]


def read_groups(path: Path, name: str = "") -> tuple[Groups, tuple[Problem, ...]]:
    """The groups of a table that `read_long` can read, and a problem wherever an authority is put into two."""
    cells = read_cells(path, name or path.name)
    if isinstance(cells, Problem) or CODE not in cells.frame.columns:
        return Groups({}), ()  # the reader of its rows says so
    columns = [group for group in GROUPS if group in cells.frame.columns]
    found: dict[str, dict[str, str]] = {column: {} for column in columns}
    problems: list[Problem] = []
    for at, row in enumerate(cells.frame.select(CODE, *columns).iter_rows() if columns else ()):
        code, *groups = ((cell or "").strip() for cell in row)
        for column, told in zip(columns, groups, strict=True):
            first = found[column].setdefault(code, told)
            if told != first:
                message = f"{shown(code)} is in {column} {shown(told)}, and was in {shown(first)} further up"
                problems.append(Problem(cells.place(at, column), Code.NOT_ALLOWED, message,
                                        "give an authority one group throughout"))
    return Groups(found), tuple(problems)
