"""Several published files as one set of tables: earlier and later editions, first and second hand, and their days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import polars as pl

from kb.cells import Cells
from kb.dates import Precision
from kb.importing.authorities import Unmatched
from kb.importing.calendar import Calendar
from kb.importing.editions import Settled, settle
from kb.importing.kinds import Kind
from kb.importing.neighbours import NEIGHBOURS, read_neighbours
from kb.importing.observations import READ, read_figures
from kb.importing.outcomes import OUTCOMES, Rows, read_outcomes
from kb.importing.recognise import Recognised
from kb.longtables import FRAME, read_long
from kb.model import Place, Problem, Vocabulary
from kb.problems import Code, shown


class Told(NamedTuple):
    """What became of one file: rows read, what was kept of them, and what was not and why."""

    name: str
    title: str
    rows: int
    kept: int
    marked: tuple[tuple[str, int], ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    not_used: tuple[tuple[str, int], ...] = ()
    revised: int = 0


class Gathered(NamedTuple):
    """The product's tables made of some files, an account of each file, and every problem."""

    observations: pl.DataFrame
    outcomes: pl.DataFrame
    neighbours: pl.DataFrame
    told: tuple[Told, ...]
    problems: tuple[Problem, ...]


def gather(files: Sequence[Recognised], vocabulary: Vocabulary, calendar: Calendar) -> Gathered:
    """The tables that the files make together; the order in which they are given does not show in them."""
    problems: list[Problem] = []
    titles = _titles(files, problems)
    figures, own, others = [_FIGURES.to_frame()], [FRAME.to_frame()], list[tuple[str, Rows]]()
    told: list[Told] = []
    for file in sorted(files, key=lambda one: (one.name, str(one.path))):
        if file.explains is not None:
            continue
        if file.kind is None:
            found = _own(file, vocabulary, problems)
            own.append(found)
            told.append(Told(file.name, "a table of observations", file.cells.frame.height, found.height))
        elif file.kind.holds == "observations":
            frame, account = _figures(file, file.kind, vocabulary, titles, problems)
            figures.append(frame)
            told.append(account)
        else:
            rows = READERS[file.kind.holds](file.cells, file.kind, vocabulary)
            others.append((file.kind.holds, rows))
            told.append(Told(file.name, file.kind.title, file.cells.frame.height, rows.frame.height, (), (),
                             rows.unmatched))
            problems += rows.problems
    settled = settle(pl.concat(figures), calendar)
    problems += settled.problems
    official = _as_long(settled.frame, vocabulary)
    return Gathered(pl.concat([official, *own]).drop("row").unique().sort(pl.all()),
                    _of("outcomes", others, OUTCOMES), _of("neighbours", others, NEIGHBOURS),
                    tuple(_account(one, settled) for one in told), tuple(problems))


READERS: dict[str, Callable[[Cells, Kind, Vocabulary], Rows]] = {
    "outcomes": read_outcomes, "neighbours": read_neighbours}
_FIGURES = pl.Schema([*READ.items(), ("file", pl.String()), ("edition", pl.Date()), ("second_hand", pl.Boolean())])


def _of(holds: str, others: Iterable[tuple[str, Rows]], schema: pl.Schema) -> pl.DataFrame:
    frames = [rows.frame for kind, rows in others if kind == holds]
    return pl.concat([schema.to_frame(), *frames], how="diagonal").unique().sort(pl.all())


def _titles(files: Sequence[Recognised], problems: list[Problem]) -> dict[str, str]:
    """What the dictionaries among the files call each measure; one that speaks of other years is a problem."""
    found: dict[str, str] = {}
    for file in (one for one in files if one.explains is not None):
        assert file.explains
        columns, asked = dict(file.explains.dictionary), {at: m for m in file.explains.measures for at in m.at}
        for at, row in enumerate(file.cells.frame.iter_rows(named=True)):
            measure, years = row[columns["measure"]] or "", row[columns["years"]] or ""
            found[measure] = row[columns["title"]] or ""
            if measure in asked and asked[measure].indicator and years != asked[measure].years:
                problems.append(Problem(file.cells.place(at, columns["years"]), Code.NOT_ALLOWED,
                                        f"the years of {shown(measure)} are {shown(years)}, and its figures are read "
                                        f"as {shown(asked[measure].years)}"))
    return found


def _figures(file: Recognised, kind: Kind, vocabulary: Vocabulary, titles: dict[str, str], problems: list[Problem],
             ) -> tuple[pl.DataFrame, Told]:
    """The figures of a file that some indicator asks for, and the account of it."""
    figures = read_figures(file.cells, kind, vocabulary)
    problems += figures.problems
    asked = figures.frame.filter(pl.col("indicator").is_not_null())
    if not figures.problems and not asked.height:
        problems.append(Problem(Place(file.cells.name), Code.EMPTY, "no row of the file is about a known authority",
                                "check that it is the one"))
    spare = figures.frame.filter(pl.col("indicator").is_null()).group_by("measure").len().sort("measure")
    not_used = (*spare.iter_rows(), *((titles.get(one) or one, rows) for one, rows in figures.not_used))
    newest = asked.group_by("release").agg(edition=pl.col("about").max())
    frame = asked.join(newest, on="release", how="left").with_columns(
        file=pl.lit(file.cells.name), second_hand=pl.lit(kind.second_hand))
    told = Told(file.cells.name, kind.title, file.cells.frame.height, 0, (), figures.left_out, figures.unmatched,
                not_used)
    return frame.select(_FIGURES.names()), told


def _own(file: Recognised, vocabulary: Vocabulary, problems: list[Problem]) -> pl.DataFrame:
    """A table that is the product's own already: the days of publication are in it."""
    table = read_long(file.path, vocabulary, file.name)
    problems += table.problems
    return FRAME.to_frame() if table.frame is None else table.frame


def _as_long(frame: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """Published figures as rows of the long table."""
    kinds = {id: one.kind.value for id, one in vocabulary.indicators.items()}
    kind = pl.col("indicator").replace_strict(kinds, default=None, return_dtype=pl.String)
    return frame.with_columns(start=pl.col("about"), precision=pl.lit(Precision.DAY.value), kind=kind).select(
        FRAME.names()).cast(FRAME)


def _account(told: Told, settled: Settled) -> Told:
    """The account of a file with what became of its figures beside those of the others."""
    mine = settled.frame.filter(pl.col("file") == told.name)
    if not mine.height and not any(file == told.name for file, _ in settled.left_out):
        return told
    markers = mine.group_by("marker").len().filter(pl.col("marker").is_not_null()).sort("marker")
    left = (*told.left_out, *((why, rows) for (file, why), rows in settled.left_out.items() if file == told.name))
    return told._replace(kept=mine.height, marked=tuple(markers.iter_rows()), left_out=left,
                         revised=settled.revised.get(told.name, 0))
