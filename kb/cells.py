"""The cells of a published table as text in a frame: CSV, Parquet, or one sheet of a workbook."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

import polars as pl

from kb.model import Place, Problem
from kb.problems import Code, did_you_mean, not_opened, shown
from kb.tables import table_text

BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises of a file that is not what it should be."""
WORKBOOKS = (".ods", ".xlsx", ".xls")
NEEDED = "install the extra `excel`, which brings fastexcel, or save the sheet as CSV UTF-8"
_END = ";"
"""Put at the end of every line of a CSV, so that a line with fewer cells than the header is seen."""


class Cells(NamedTuple):
    """The cells of a table, the number of each row in its file, and what the file is called to people."""

    frame: pl.DataFrame
    rows: pl.Series
    name: str

    def place(self, at: int, column: str) -> Place:
        """Where the cell of the row at that place of the frame stands."""
        return Place(self.name, int(self.rows[at]), self.frame.columns.index(column) + 1)


class Unavailable(Exception):
    """A workbook cannot be read here, since fastexcel is not installed."""


def read_cells(path: Path, name: str, sheet: str = "") -> Cells | Problem:
    """The cells of a published table, all of them text. Raises Unavailable for a workbook without fastexcel."""
    if path.suffix.lower() in WORKBOOKS:
        return _sheet(path, name, sheet)
    if path.suffix.lower() not in (".csv", ".parquet") and path.is_file():
        return Problem(Place(name), Code.CANNOT_READ, "a published table ends in .csv, .parquet, .ods, .xlsx or .xls",
                       "save it as one of them")
    if path.suffix.lower() == ".parquet":
        table = read_parquet(path, name)
        if isinstance(table, Problem):
            return table
        nested = [at for at, kind in enumerate(table.dtypes) if kind.is_nested()]
        if nested:
            return Problem(Place(name, 1, nested[0] + 1), Code.WRONG_SHAPE,
                           f"the column {shown(table.columns[nested[0]])} holds several values in each cell",
                           "write one value in each")
        text_of_all = table.select(pl.all().cast(pl.String, strict=False))
        return Cells(text_of_all, pl.int_range(1, table.height + 1, eager=True), name)
    text = table_text(path, name)
    if isinstance(text, Problem):
        return text
    found = _columns(text)
    return _by_rows(text, name) if found is None else Cells(*found, name)


def read_parquet(path: Path, name: str) -> pl.DataFrame | Problem:
    """A Parquet file as it is, or why it cannot be read."""
    try:
        with path.open("rb") as file:
            return pl.read_parquet(file)
    except (OSError, *BROKEN) as error:
        return not_whole(error, name)


def not_whole(error: BaseException, name: str) -> Problem:
    """Why a Parquet file cannot be read, as the system or polars (BROKEN) says."""
    if isinstance(error, OSError):
        return Problem(Place(name), Code.CANNOT_READ, *not_opened(error))
    said = str(error).strip().splitlines()[0]
    return Problem(Place(name), Code.CANNOT_READ, f"this is no whole Parquet file: {said}", "write it again")


def read_csv(path: Path, name: str) -> pl.DataFrame | str | Problem:
    """A CSV file as columns of text; its text where its rows are not its lines, which takes a reader by rows."""
    text = table_text(path, name)
    if isinstance(text, Problem):
        return text
    found = _columns(text)
    if found is None or found[0].height != text.rstrip("\r\n").count("\n"):
        return text
    return found[0]


def _columns(text: str) -> tuple[pl.DataFrame, pl.Series] | None:
    """The cells of a CSV and the line on which each row begins; None where some row is not whole."""
    ended = text.rstrip("\r\n").replace("\r\n", "\n").replace("\n", f",{_END}\n") + f",{_END}"
    try:
        found = pl.read_csv(io.BytesIO(ended.encode()), infer_schema=False)
    except BROKEN:
        return None
    renamed = any(column not in ended.partition("\n")[0] for column in found.columns)
    if renamed or not found[found.columns[-1]].eq_missing(_END).all():
        return None
    frame, lines = found[:, :-1], ended.count("\n")
    if frame.height == lines:
        return frame, pl.int_range(2, lines + 2, eager=True)
    breaks = pl.sum_horizontal(pl.all().str.count_matches("\n").fill_null(0)).cast(pl.Int64)
    inside = frame.select(breaks + 1).to_series()
    frame = frame.with_columns(pl.all().str.replace_all(f",{_END}\n", "\n", literal=True))
    return (frame, inside.cum_sum() - inside + 2) if inside.sum() == lines else None


def _by_rows(text: str, name: str) -> Cells | Problem:
    """The cells of a CSV in which some cell runs over several lines; a problem at the row that is not whole."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows, lines = list[list[str]](), list[int]()
    last = 1
    try:
        for cells in reader:
            if header and cells and len(cells) != len(header):
                return Problem(Place(name, last), Code.WRONG_SHAPE,
                               f"the row has {len(cells)} cells where the header has {len(header)}")
            if header and cells:
                rows.append(cells)
                lines.append(last)
            header = header or cells
            last = reader.line_num + 1
    except csv.Error as error:
        return Problem(Place(name, last), Code.SYNTAX, f"the row cannot be read: {error}")
    twice = [at for at, column in enumerate(header) if column in header[:at]]
    if twice:
        return Problem(Place(name, 1, twice[0] + 1), Code.DUPLICATE_KEY,
                       f"the table has two columns {shown(header[twice[0]])}", "keep one of them")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")
    return Cells(frame.select(pl.all().replace("", None)), pl.Series(lines, dtype=pl.Int64), name)


def _sheet(path: Path, name: str, sheet: str) -> Cells | Problem:
    """The cells of one sheet, without a header: its rows are those of the sheet, and its columns are numbered."""
    try:
        import fastexcel
    except ImportError:
        raise Unavailable(NEEDED) from None
    try:
        book = fastexcel.read_excel(path.read_bytes())
        if sheet not in book.sheet_names:
            return Problem(Place(name), Code.MISSING_KEY, f"the workbook has no sheet {shown(sheet)}",
                           did_you_mean(sheet, book.sheet_names) or f"it has {', '.join(book.sheet_names)}")
        frame = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except OSError as error:
        return Problem(Place(name), Code.CANNOT_READ, *not_opened(error))
    except (fastexcel.FastExcelError, *BROKEN) as error:
        said = str(error).strip().splitlines()[0]
        return Problem(Place(name), Code.CANNOT_READ, f"this workbook cannot be read: {said}", "save it again")
    return Cells(frame, pl.int_range(1, frame.height + 1, eager=True), f"{name}, sheet {sheet}")


def under_headings(cells: Cells, due: tuple[str, ...]) -> Cells | Problem:
    """The cells of a sheet below the first row in which the headings stand, with these as their columns."""
    best, found = 0, list[str | None]()
    for at, row in enumerate(cells.frame.head(50).iter_rows()):
        if len(set(due) & set(row)) > len(set(due) & set(found)):
            best, found = at, list(row)
    missing = [column for column in due if column not in found]
    if missing:
        place = Place(cells.name, int(cells.rows[best]) if cells.frame.height else 1)
        return Problem(place, Code.MISSING_KEY, f"the table has no column {shown(missing[0])}",
                       did_you_mean(missing[0], [heading for heading in found if heading]))
    frame = cells.frame[best + 1:]
    frame.columns = [heading or f"column {at}" for at, heading in enumerate(found, 1)]
    return Cells(frame, cells.rows[best + 1:], cells.name)
