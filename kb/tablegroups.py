"""What a table says of its authorities beside observations: region, size, deprivation, in columns of these names."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

from kb.model import Place, Problem
from kb.problems import Code, shown
from kb.tables import table_text

GROUPS = ("region", "size", "deprivation")
CODE = "authority_code"


class Groups(NamedTuple):
    """For each of the columns that the table has, the group of each authority by its code; blank where it has none."""

    of: dict[str, dict[str, str]]


def read_groups(path: Path, name: str = "") -> tuple[Groups, tuple[Problem, ...]]:
    """The groups of a table that `read_table` can read, and a problem wherever an authority is put into two."""
    text = table_text(path, name or path.name)
    if isinstance(text, Problem):
        return Groups({}), ()
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = [group for group in GROUPS if group in (reader.fieldnames or ())]
    found: dict[str, dict[str, str]] = {column: {} for column in columns}
    problems: list[Problem] = []
    for row in reader if columns else ():
        code = (row.get(CODE) or "").strip()
        for column in columns:
            told = (row.get(column) or "").strip()
            first = found[column].setdefault(code, told)
            if told != first:
                place = Place(name or path.name, reader.line_num, (reader.fieldnames or []).index(column) + 1)
                message = f"{shown(code)} is in {column} {shown(told)}, and was in {shown(first)} further up"
                problems.append(Problem(place, Code.NOT_ALLOWED, message, "give an authority one group throughout"))
    return Groups(found), tuple(problems)
