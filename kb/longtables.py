"""The long table: observations of many authorities in one CSV or Parquet file, as a frame with typed columns.

Rows that are plainly right are taken over column by column. Every other row is read by kb.tables, cell by cell, so
that a table beside a case and a long one mean the same and are refused in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kb.amounts import words_of
from kb.cells import read_csv, read_parquet
from kb.dates import Precision, Span
from kb.dossier import Observation
from kb.files import whole
from kb.longtexts import TEXT, WORD, said_of, turning
from kb.model import NOT_RECORDED, Kind, Place, Problem, Vocabulary
from kb.problems import Code, shown
from kb.sheets.spreadsheets import number_text
from kb.tables import COLUMNS, MARKERS, OPTIONAL, header_problem, parse_table, read_rows
from kb.twice import KEEP_ONE, differing, disagreement

FRAME = pl.Schema({
    "authority_code": pl.String, "indicator": pl.String, "start": pl.Date, "about": pl.Date, "precision": pl.String,
    "known": pl.Date, "value": pl.Float64, "marker": pl.String, "kind": pl.String, "source": pl.String,
    "base": pl.Float64, "row": pl.UInt32,
})
"""`start`, `about`: first and last day of what a row is about; `precision`: how firmly it is dated (kb.dates). A row
has a value, or else a marker (the words of kb.dossier.Marker). `base`: the number behind a rate. `row`: where it stands
in its file."""
CODED = pl.Schema({column: TEXT if kind == pl.String else kind for column, kind in FRAME.items()})
"""The same with a number for each text, which takes a quarter of the memory and of the time."""
SAME = ("authority_code", "indicator", "start", "about", "precision", "known", "kind", "source")
"""What makes two rows one observation: they have to agree."""
ALIKE = (*SAME, "value", "marker")
"""What makes two rows say the same of it; one may leave its base out."""
MOSTLY_APART = ("authority_code", "indicator", "about")
"""Of these, the columns in which rows mostly differ."""
TEXTS = ("authority_code", "indicator", "source", "marker", "kind")
"""The columns that hold words of which most stand in many rows."""
FORMATS = (".csv", ".parquet")
TWO_TO_32 = 1 << 32
MOST = 1000
"""The most problems that are looked for in one file."""
_NUMBER, _DAY = r"^-?[0-9]{1,15}(\.[0-9]{1,24})?$", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_IN_WORDS = ("yes/no", "grade", "scale")
"""Units whose values are words, or few enough to be looked at one by one."""


class LongTable(NamedTuple):
    """The rows of a long table in the order of its file, and every problem. No frame where nothing could be read."""

    frame: pl.DataFrame | None
    problems: tuple[Problem, ...]


def read_long(path: Path, vocabulary: Vocabulary, name: str = "") -> LongTable:
    """The long table of a CSV or Parquet file; problems name the row (CSV: the line) and the column, from 1.

    Rows that say the same twice are one row; rows about one observation that disagree, on its base too, are problems.
    """
    frame, problems = read_coded(path, vocabulary, name or path.name)
    return LongTable(None if frame is None else frame.cast(FRAME), problems)


def read_coded(path: Path, vocabulary: Vocabulary, name: str) -> LongTable:
    """The same, with the columns CODED."""
    cells = _cells(path, name)
    if isinstance(cells, Problem):
        return LongTable(None, (cells,))
    if isinstance(cells, str):
        rows, problems = parse_table(cells, vocabulary, name)
        return _whole(frame_of(rows).cast(CODED), problems, name)
    if wrong := header_problem(cells.columns, name) or type_problem(cells, name):
        return LongTable(None, (wrong,))
    return typed(cells, vocabulary, name)


def write_long(frame: pl.DataFrame, path: Path, vocabulary: Vocabulary) -> None:
    """Writes the columns of the long table as CSV or Parquet, by the ending: whole, or not at all. Raises OSError.

    What is read of the file is what was written.
    """
    columns = (*COLUMNS, *(one for one in OPTIONAL if one in frame.columns and frame[one].null_count() < frame.height))
    dated = _periods_in_words(frame) if "precision" in frame.columns else frame
    write_frame(_values_in_words(dated, vocabulary).select(columns), path)


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Writes any table as CSV or Parquet, by the ending: whole, or not at all. Raises OSError."""
    with whole(path) as beside:
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(beside)
        else:
            frame.write_csv(beside, float_scientific=False)


def frame_of(observations: Iterable[Observation]) -> pl.DataFrame:
    """Observations as rows of the frame, in their own order."""
    rows = [(o.authority, o.indicator, o.about.start, o.about.end, o.about.precision.value, o.known, o.value,
             o.marker.value if o.marker else None, o.kind.value, o.citation.source.id, o.base, o.place.line)
            for o in observations]
    return pl.DataFrame(rows, schema=FRAME, orient="row")


def _values_in_words(frame: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """The same with the words that values stand for, as people write them; numbers stay so where there are no words."""
    words = [(id, number, word) for id, one in vocabulary.indicators.items() for word, number in words_of(one).items()]
    told = frame.join(pl.DataFrame(words, {"indicator": pl.String, "value": pl.Float64, "word": pl.String},
                                   orient="row"), on=("indicator", "value"), how="left", maintain_order="left")
    if told["word"].null_count() == told.height:
        return frame
    numbers = {value: number_text(value) for value in frame["value"].drop_nulls().unique()}
    number = pl.col("value").replace_strict(numbers, default=None, return_dtype=pl.String)
    return told.with_columns(value=pl.coalesce("word", number))


def _periods_in_words(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with `about` as a table is written: a day, or a period in words where a row is about one."""
    days = frame["precision"] == Precision.DAY.value
    if days.all():
        return frame
    day = pl.col("about").dt.to_string("%Y-%m-%d")
    period = pl.concat_str("precision", pl.lit(" "), pl.col("start").dt.to_string("%Y-%m-%d"), pl.lit(" to "), day)
    return frame.with_columns(about=pl.when(pl.col("precision") == Precision.DAY.value).then(day).otherwise(period))


def _cells(path: Path, name: str) -> pl.DataFrame | str | Problem:
    if path.suffix.lower() == ".parquet":
        return read_parquet(path, name)
    if path.suffix.lower() != ".csv" and path.is_file():
        return Problem(Place(name), Code.CANNOT_READ, "a long table ends in .csv or .parquet", "save it as one of them")
    return read_csv(path, name)


def type_problem(cells: pl.DataFrame, name: str) -> Problem | None:
    """The first column that holds neither text nor numbers nor days."""
    for at, (column, kind) in enumerate(cells.schema.items(), 1):
        plain = kind in (pl.Date, pl.Null, pl.String, pl.Categorical, pl.Enum) or kind.is_numeric()
        if column in (*COLUMNS, *OPTIONAL) and not plain:
            due = {"about": "days", "known": "days", "value": "numbers", "base": "numbers"}.get(column, "text")
            return Problem(Place(name, 1, at), Code.WRONG_SHAPE,
                           f"the column {shown(column)} holds {kind} where {due} should be", "write it as text")
    return None


def typed(cells: pl.DataFrame, vocabulary: Vocabulary, name: str, numbers: pl.Series | None = None) -> LongTable:
    """The columns CODED: the plain rows column by column, all others by the reader of rows.

    `numbers`: where each row stands in its file, if these are not all.
    """
    first = 2 if name.lower().endswith(".csv") else 1  # a CSV's header is its first line
    header = cells.columns
    row = pl.int_range(first, first + cells.height, eager=True) if numbers is None else numbers
    frame = _plain(cells, vocabulary).with_columns(row=row.cast(pl.UInt32))
    places = (~frame["plain"]).arg_true()
    numbered = ((row[place], [_text(cell) for cell in cells.row(place)]) for place in places)
    wrong, rows = list[Problem](), list[Observation]()
    for observation in read_rows(numbered, header, vocabulary, name, wrong):
        rows.append(observation)
        if len(wrong) >= MOST:
            break
    kept = (frame.filter("plain") if len(places) else frame).select(CODED.names())
    both = kept if not rows else pl.concat([kept, frame_of(rows).cast(CODED)]).sort("row")
    return _whole(both, tuple(wrong), name, header)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _plain(cells: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """Every row with typed columns, and whether it is plainly right: a day, a number in its range, a known marker."""
    known = {id: one for id, one in vocabulary.indicators.items() if one.unit.id not in _IN_WORDS}
    most = {id: 100.0 if one.unit.share else float("inf") for id, one in known.items()}
    usual = {id: one.kind.value for id, one in known.items()}
    markers = {word: marker.value for word, marker in MARKERS.items() if marker is not None}
    kind = cells["kind"] if "kind" in cells.columns else pl.repeat("", cells.height, eager=True)
    typed = pl.concat([
        said_of(cells["authority_code"], authority_code=WORD),
        said_of(cells["indicator"], indicator=WORD, usual=_told(usual),
                most=WORD.replace_strict(most, default=None, return_dtype=pl.Float64)),
        said_of(cells["marker"], unmarked=WORD == "", marker=_told(markers)),
        said_of(kind, unsaid=WORD == "", kind=_told({one.value: one.value for one in Kind})),
        said_of(cells["source"], source=WORD.replace("", NOT_RECORDED))], how="horizontal")
    days = cells.select(start=_day(cells, "about"), about=_day(cells, "about"), known=_day(cells, "known"),
                        value=_number(cells, "value"), empty=_empty(cells, "value"), base=_number(cells, "base"),
                        baseless=_empty(cells, "base"))
    number = pl.col("unmarked") & pl.col("value").is_between(0, pl.col("most"))
    marked = pl.col("marker").is_not_null() & pl.col("empty")
    dated, based = pl.col("about") <= pl.col("known"), (pl.col("base") >= 0) | pl.col("baseless")
    of_a_kind = (pl.col("unsaid") | pl.col("kind").is_not_null()) & pl.col("most").is_not_null()
    return pl.concat([typed, days], how="horizontal").with_columns(
        plain=(dated & of_a_kind & based & (number | marked) & (pl.col("authority_code") != "")).fill_null(False),
        precision=pl.lit(Precision.DAY.value, TEXT), kind=pl.when("unsaid").then("usual").otherwise("kind"))


def _told(words: Mapping[str, str]) -> pl.Expr:
    """What each of some words stands for; null for any other."""
    return WORD.replace_strict(words, default=None, return_dtype=pl.String)


def _stripped(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("").str.strip_chars()


def _day(cells: pl.DataFrame, column: str) -> pl.Expr:
    if cells.schema[column] == pl.Date:
        return pl.col(column)
    text = _stripped(column)
    return pl.when(text.str.contains(_DAY)).then(text).str.to_date("%Y-%m-%d", strict=False)


def _number(cells: pl.DataFrame, column: str) -> pl.Expr:
    if column not in cells.columns:
        return pl.lit(None, pl.Float64)
    if cells.schema[column].is_numeric():
        number = pl.col(column).cast(pl.Float64)
        return pl.when(number.is_finite()).then(number)
    text = _stripped(column)
    return pl.when(text.str.contains(_NUMBER)).then(text).cast(pl.Float64, strict=False)


def _empty(cells: pl.DataFrame, column: str) -> pl.Expr:
    if column not in cells.columns:
        return pl.lit(True)
    return pl.col(column).is_null() if cells.schema[column].is_numeric() else _stripped(column) == ""


def _whole(frame: pl.DataFrame, wrong: tuple[Problem, ...], name: str, header: Sequence[str] = ()) -> LongTable:
    """The frame with what is said twice once, and the problems of rows that disagree; none of no rows."""
    if not frame.height and not wrong:
        return LongTable(None, (Problem(Place(name), Code.EMPTY, "the table has no rows", "check that it is the one"),))
    if _in_order(frame):
        return LongTable(frame, wrong)
    numbers = frame.select(pl.sum_horizontal(
        pl.col(column).to_physical().hash(place) for place, column in enumerate(MOSTLY_APART))).to_series()
    if numbers.n_unique() == frame.height:  # what is the same has the same number: quicker than to compare
        return LongTable(frame, wrong)
    maybe = frame.filter(numbers.is_duplicated())
    again = maybe.filter(maybe.select(SAME).is_duplicated())
    if again.is_empty():
        return LongTable(frame, wrong)
    least = frame.select(pl.col("base").min().over(ALIKE)).to_series()
    columns = ("value", "base") if (frame["base"] != least).any() else ("value",)
    found = (*wrong, *_disagreeing(again.cast(FRAME), columns, header, name))
    once = frame.with_columns(least).unique(ALIKE, keep="first", maintain_order=True)
    return LongTable(once, found)


def _in_order(frame: pl.DataFrame) -> bool:
    """Whether the rows of one authority and indicator stand together, by day, so that no two can be alike."""
    authority, indicator, about = (frame[column].to_physical() for column in MOSTLY_APART)
    turns = turning(authority) | turning(indicator)
    runs = authority.filter(turns).cast(pl.UInt64) * TWO_TO_32 + indicator.filter(turns)  # both as one number
    return bool((turns | (about > about.shift())).all()) and runs.n_unique() == runs.len()


def _disagreeing(frame: pl.DataFrame, columns: Iterable[str], header: Sequence[str], name: str) -> Iterator[Problem]:
    """Each row that says something else than the first row about the same, or the same on another base."""
    for column in columns:
        place = header.index(column) + 1 if column in header else 1
        for row in differing(frame, column, SAME if column == "value" else ALIKE).head(MOST).iter_rows(named=True):
            yield Problem(Place(name, row["row"], place), Code.TWICE,
                          disagreement(row, column, f"row {row['first_row']}"), KEEP_ONE)


def span_of(row: dict[str, object]) -> Span:
    """The day or period of one row of the frame."""
    return Span(row["start"], row["about"], Precision(row["precision"]))  # type: ignore[arg-type]
