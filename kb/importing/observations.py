"""Published figures as rows of the long table: each cell a value or a reason, about a day, of one authority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from kb.amounts import AmountError, read_amount
from kb.cells import Cells
from kb.importing.authorities import Unmatched, match
from kb.importing.kinds import Kind
from kb.importing.periods import last_day
from kb.model import Place, Problem, Vocabulary
from kb.problems import Code, did_you_mean, shown

MOST = 200
"""The most problems that are looked for in one file."""
NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,20})?([Ee]-?[0-9]{1,2})?$"
READ = pl.Schema({
    "authority_code": pl.String, "measure": pl.String, "indicator": pl.String, "about": pl.Date, "value": pl.Float64,
    "marker": pl.String, "source": pl.String, "release": pl.String, "base": pl.Float64, "row": pl.Int64,
    "column": pl.Int64,
})
"""`measure`: what the figure is called; `indicator`: null where none asks for it; `base`: the number behind a rate, if
the file has one; `row`, `column`: where it stands."""


class Figures(NamedTuple):
    """What a file holds: its figures, how many rows were left aside and why, whom it names that is not known."""

    frame: pl.DataFrame
    left_out: tuple[tuple[str, int], ...]
    unmatched: tuple[Unmatched, ...]
    not_used: tuple[tuple[str, int], ...]
    problems: tuple[Problem, ...]


def read_figures(cells: Cells, kind: Kind, vocabulary: Vocabulary) -> Figures:
    """The figures of a file of that kind, in the order of its rows; every problem names the cell."""
    problems: list[Problem] = []
    left: dict[str, int] = {}
    rows = _kept(cells.frame.with_columns(row=cells.rows), kind, cells, left, problems)
    matched, unmatched = _matched(rows, kind, vocabulary)
    figures, not_used = _figures(matched, kind)
    dated = _dated(figures, kind, cells, problems)
    valued = _valued(dated, kind, vocabulary, cells, problems)
    each = _each(valued, vocabulary, left)
    at = {column: place for place, column in enumerate(cells.frame.columns, 1)}
    found = each.with_columns(pl.col("column").replace_strict(at, return_dtype=pl.Int64)).select(READ.names())
    aside = tuple((why, rows) for why, rows in left.items() if rows)
    return Figures(found.cast(READ), aside, unmatched, not_used, tuple(problems))


def _kept(frame: pl.DataFrame, kind: Kind, cells: Cells, left: dict[str, int], problems: list[Problem],
          ) -> pl.DataFrame:
    """The rows that are about an authority, or all of them; a row of a level never seen is a problem."""
    for column, says in kind.only:
        mine = (pl.col(column).str.strip_chars() == says).fill_null(False)
        left[f"rows where {shown(column)} is not {shown(says)}"] = frame.filter(~mine).height
        frame = frame.filter(mine)
    if kind.levels is None:
        return frame
    column, levels = kind.levels.column, kind.levels
    frame = frame.with_columns(level=pl.col(column).fill_null("").str.strip_chars().str.strip_suffix(".0"))
    grouped = pl.col("level").is_in(levels.left_out)
    left["rows about groups of authorities"] = frame.filter(grouped).height
    if levels.each:
        allowed = (levels.each, levels.whole, *levels.left_out)
        problems += [Problem(_place(cells, row["row"], column), Code.NOT_ALLOWED,
                             f"{shown(row['level'])} is not a level that is known",
                             did_you_mean(row["level"], allowed) or f"use one of: {', '.join(allowed)}")
                     for row in _some(frame.filter(~pl.col("level").is_in(allowed)))]
    return frame.filter(~grouped)


def _matched(frame: pl.DataFrame, kind: Kind, vocabulary: Vocabulary,
             ) -> tuple[pl.DataFrame, tuple[Unmatched, ...]]:
    """The rows with the codes of the authorities that each is about, without those of none that is known."""
    if kind.levels is None or vocabulary.whole is None:
        matched, unmatched = match(frame, kind.authority, vocabulary)
        return matched.filter(pl.col("codes").list.len() > 0), unmatched
    together = pl.col("level") == kind.levels.whole
    matched, unmatched = match(frame.filter(~together), kind.authority, vocabulary)
    whole = frame.filter(together).with_columns(codes=pl.lit([vocabulary.whole.id], dtype=pl.List(pl.String)))
    both = pl.concat([matched.filter(pl.col("codes").list.len() > 0), whole]).sort("row", maintain_order=True)
    return both, unmatched


def _some(frame: pl.DataFrame) -> Iterator[dict[str, str]]:
    yield from frame.head(MOST).iter_rows(named=True)


def _place(cells: Cells, row: object, column: str) -> Place:
    return Place(cells.name, int(str(row)), cells.frame.columns.index(column) + 1)


def _figures(frame: pl.DataFrame, kind: Kind) -> tuple[pl.DataFrame, tuple[tuple[str, int], ...]]:
    """One row for each figure, with the cell's text and what the figure is; and how many figures nothing reads."""
    if kind.measure:
        asked = pl.col(kind.measure).is_in([says for measure in kind.measures for says in measure.at])
        other = frame.filter(~asked).group_by(kind.measure).len().sort(kind.measure)
        rows = frame.filter(asked).rename({kind.measure: "at", kind.value: "text"})
        described = _described(rows.with_columns(column=pl.lit(kind.value)), kind)
        return described.with_columns(base=pl.lit(None, pl.Float64)), tuple(other.iter_rows())
    columns = [next(column for column in measure.at if column in frame.columns) for measure in kind.measures]
    bases = {f"under {one}": one for one in sorted({measure.base for measure in kind.measures} & set(frame.columns))}
    held = frame.with_columns(pl.col(column).alias(name) for name, column in bases.items())
    rows = held.unpivot(on=columns, index=["row", "codes", kind.period, *bases], variable_name="at", value_name="text")
    read = {*columns, *kind.authority.named, kind.period, "row", "level", "codes"}
    others = [column for column in frame.columns if column not in read and frame[column].str.contains(NUMBER).any()]
    described = _described(rows.with_columns(column=pl.col("at")), kind)
    under = [pl.when(pl.col("under") == column).then(name) for name, column in bases.items()]
    base = pl.coalesce(*under, pl.lit(None, pl.String)).str.strip_chars()
    number = pl.when(base.str.contains(NUMBER)).then(base).cast(pl.Float64, strict=False)
    return described.with_columns(base=number), tuple((one, frame.height) for one in others)


def _described(rows: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """The rows beside what the kind of file says of the measure that each is under."""
    said = [(at, one.name, one.indicator or None, one.source, one.release, one.counted, one.decimals, one.base,
             place)
            for place, one in enumerate(kind.measures) for at in one.at]
    table = pl.DataFrame(said, orient="row", schema={
        "at": pl.String, "name": pl.String, "indicator": pl.String, "source": pl.String, "release": pl.String,
        "counted": pl.Boolean, "decimals": pl.Int64, "under": pl.String, "which": pl.Int64})
    return rows.join(table, on="at", how="left", maintain_order="left").with_columns(
        pl.col("text").fill_null("").str.strip_chars())


def _dated(rows: pl.DataFrame, kind: Kind, cells: Cells, problems: list[Problem]) -> pl.DataFrame:
    """The rows with the last day of what each is about; a year that cannot be read is a problem."""
    years = rows.select(kind.period, "which").unique(maintain_order=True)
    days = [last_day(text or "", kind.measures[which].ends) for text, which in years.iter_rows()]
    dated = rows.join(years.with_columns(about=pl.Series(days, dtype=pl.Date)), on=(kind.period, "which"), how="left",
                      nulls_equal=True, maintain_order="left")
    undated = dated.filter(pl.col("about").is_null()).unique("row", maintain_order=True)
    problems += [Problem(_place(cells, row["row"], kind.period), Code.NOT_A_DATE,
                         f"{shown(row[kind.period] or '')} is not a year", "write 2024, 202324 or 2023-24")
                 for row in _some(undated)]
    return dated.filter(pl.col("about").is_not_null())


def _valued(rows: pl.DataFrame, kind: Kind, vocabulary: Vocabulary, cells: Cells, problems: list[Problem],
            ) -> pl.DataFrame:
    """The rows with a value or a marker; a cell that is neither is a problem, and an empty one is blank."""
    markers = {letter: marker.value for letter, marker in kind.markers} | {"": "blank"}
    number = pl.when(pl.col("text").str.contains(NUMBER)).then("text").cast(pl.Float64, strict=False)
    marker = pl.col("text").replace_strict(markers, default=None, return_dtype=pl.String)
    rows = rows.with_columns(value=number, marker=marker)
    rounded = [pl.when(pl.col("decimals") == places).then(pl.col("value").round(places)) for places in range(7)]
    rows = rows.with_columns(value=pl.coalesce(*rounded, pl.col("value").round(6)))
    share = [id for id, one in vocabulary.indicators.items() if one.unit.share]
    above = pl.col("indicator").is_in(share) & (pl.col("value") > 100)
    wrong = rows.filter((pl.col("value").is_null() & pl.col("marker").is_null())
                        | (pl.col("indicator").is_not_null() & ((pl.col("value") < 0) | above)))
    problems += [_wrong(row, kind, vocabulary, cells) for row in _some(wrong)]
    return rows


def _wrong(row: dict[str, str], kind: Kind, vocabulary: Vocabulary, cells: Cells) -> Problem:
    """Why a cell is neither a number of its unit nor a marker."""
    place = _place(cells, row["row"], row["column"])
    letters = [letter for letter, _ in kind.markers]
    try:
        if row["indicator"]:
            read_amount(row["text"], vocabulary.indicators[row["indicator"]])
    except AmountError as error:
        if error.code != Code.NOT_A_NUMBER:
            return Problem(place, error.code, error.message, error.hint)
    return Problem(place, Code.NOT_A_NUMBER, f"{shown(row['text'])} is neither a number nor a marker of such files",
                   f"the markers are {', '.join(letters)}")


def _each(rows: pl.DataFrame, vocabulary: Vocabulary, left: dict[str, int]) -> pl.DataFrame:
    """One row for each authority; without counts of several together, and without those not in being on the day."""
    whole = vocabulary.whole.id if vocabulary.whole else ""
    several = pl.col("codes").list.len() > 1
    left["figures that count several authorities together"] = rows.filter(several & pl.col("counted")).height
    each = rows.filter(~(several & pl.col("counted"))).explode("codes")
    life = pl.DataFrame([(one.id, one.began, one.ended) for one in vocabulary.authorities.values()], orient="row",
                        schema={"codes": pl.String, "began": pl.Date, "ended": pl.Date})
    each = each.join(life, on="codes", how="left", maintain_order="left")
    there = (pl.col("about") >= pl.col("began")).fill_null(True) & (pl.col("about") <= pl.col("ended")).fill_null(True)
    left["figures of authorities that were not in being on the day"] = each.filter(~there).height
    each = each.filter(there & ((pl.col("codes") == whole) | pl.col("codes").is_in(list(vocabulary.authorities))))
    return each.rename({"codes": "authority_code", "name": "measure"})
