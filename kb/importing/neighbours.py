"""The statistical neighbours of each authority as one row for each pair, the nearest first."""

from __future__ import annotations

import polars as pl

from kb.cells import Cells
from kb.importing.authorities import Matching, match
from kb.importing.kinds import Kind
from kb.importing.outcomes import Rows
from kb.model import Problem, Vocabulary
from kb.problems import Code, did_you_mean, shown

NEIGHBOURS = pl.Schema({
    "authority_code": pl.String, "authority": pl.String, "rank": pl.Int64, "neighbour_code": pl.String,
    "neighbour": pl.String, "closeness": pl.String, "model": pl.String,
})


def columns_of(kind: Kind) -> tuple[str, ...]:
    """The columns that such a file has."""
    pairs = (kind.get(key).format(rank=rank) for rank in range(1, kind.ranks + 1) for key in ("neighbour", "closeness"))
    return (*kind.authority.named, *pairs)


def read_neighbours(cells: Cells, kind: Kind, vocabulary: Vocabulary) -> Rows:
    """The pairs of a file; a neighbour or a word that is not known is a problem, and names its cell."""
    problems: list[Problem] = []
    matching, found = Matching(vocabulary), list[tuple[object, ...]]()
    matched, unmatched = match(cells.frame, kind.authority, vocabulary)
    for at, row in enumerate(matched.iter_rows(named=True)):
        for rank in range(1, kind.ranks + 1):
            near, close = (kind.get(key).format(rank=rank) for key in ("neighbour", "closeness"))
            other, word = (row[near] or "").strip(), (row[close] or "").strip()
            codes = matching.codes(other, "", kind.authority)
            if not codes:
                said = f"there is no authority {shown(other)}"
                problems.append(Problem(cells.place(at, near), Code.UNKNOWN_ID, said))
            if word not in kind.words:
                problems.append(Problem(cells.place(at, close), Code.NOT_ALLOWED, f"{shown(word)} is not a word of the "
                                        "model", did_you_mean(word, kind.words) or f"use {', '.join(kind.words)}"))
            found += [(code, vocabulary.authorities[code].name, rank, codes[0], vocabulary.authorities[codes[0]].name,
                       word, kind.get("model")) for code in row["codes"] if codes]
    frame = pl.DataFrame(found, schema=NEIGHBOURS, orient="row")
    return Rows(frame.sort("authority_code", "rank"), unmatched, tuple(problems))
