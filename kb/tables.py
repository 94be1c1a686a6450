"""The generic table of observations: one CSV row each, read beside a case, with the same problems by row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kb.amounts import AmountError, read_amount
from kb.dates import read_latest_day, read_span
from kb.dossier import Marker, Observation
from kb.model import Citation, Indicator, Kind, Place, Problem, Source, Vocabulary
from kb.problems import Code, did_you_mean, not_opened, shown
from kb.sources import who_says

COLUMNS = ("authority_code", "indicator", "about", "known", "value", "marker", "source")
OPTIONAL = ("kind", "base")
"""Columns that may be left out: an observation is then of its indicator's own kind, on a base that is not recorded."""
MARKERS = {
    "": None, "c": Marker.SUPPRESSED, "x": Marker.UNAVAILABLE, "z": Marker.NOT_APPLICABLE, "u": Marker.UNRELIABLE,
    "low": Marker.LOW, "k": Marker.LOW, **{marker.value: marker for marker in Marker},
}
MAX_BYTES = 200_000_000
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,24})?")


def read_table(path: Path, vocabulary: Vocabulary, name: str = "",
               ) -> tuple[tuple[Observation, ...], tuple[Problem, ...]]:
    """The observations of a CSV file, and every problem with its row (line) and column (counted from 1)."""
    shown_name = name or path.name
    text = table_text(path, shown_name)
    return ((), (text,)) if isinstance(text, Problem) else parse_table(text, vocabulary, shown_name)


def table_text(path: Path, name: str, most: int = MAX_BYTES) -> str | Problem:
    """What a CSV file of at most so many bytes holds, or why it cannot be read."""
    try:
        if path.stat().st_size > most:
            return Problem(Place(name), Code.TOO_LARGE, f"the table is larger than {most // 1_000_000} MB")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Problem(_cell_at(error.object[:error.start], name), Code.NOT_TEXT,
                       f"byte {error.start + 1} is not UTF-8 text", "save the table as CSV UTF-8")
    except OSError as error:
        return Problem(Place(name), Code.CANNOT_READ, *not_opened(error))
    if "\0" in text:
        return Problem(Place(name), Code.NOT_TEXT, "the file holds NUL characters, so it is not a table")
    return text


def _cell_at(before: bytes, name: str) -> Place:
    """The line and the cell that come after so much of a CSV file."""
    line, begun = before.count(b"\n") + 1, before.rpartition(b"\n")[2].decode("utf-8", "replace")
    try:
        return Place(name, line, len(next(csv.reader([f"{begun}-"]))))
    except csv.Error:  # no table at all
        return Place(name, line)


def parse_table(text: str, vocabulary: Vocabulary, name: str) -> tuple[tuple[Observation, ...], tuple[Problem, ...]]:
    """The same for a table already in memory."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems: list[Problem] = []
    try:
        header = next(reader, [])
        if wrong := header_problem(header, name):
            return (), (wrong,)
        numbered = ((reader.line_num, cells) for cells in reader if any(cells))
        rows = list(read_rows(numbered, header, vocabulary, name, problems))
    except csv.Error as error:
        problems.append(Problem(Place(name, reader.line_num), Code.SYNTAX, f"the row cannot be read: {error}"))
        return (), tuple(problems)
    return tuple(rows), tuple(problems)


def header_problem(header: Sequence[str], name: str) -> Problem | None:
    """What is wrong with the names of a table's columns: one is missing, or stands there twice."""
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        hint = "the columns are " + ", ".join((*COLUMNS, *OPTIONAL))
        return Problem(Place(name), Code.MISSING_KEY, f"the table has no column {shown(missing[0])}", hint)
    twice = [at for at, column in enumerate(header) if column in (*COLUMNS, *OPTIONAL) and column in header[:at]]
    if twice:
        return Problem(Place(name, 1, twice[0] + 1), Code.DUPLICATE_KEY,
                       f"the table has two columns {shown(header[twice[0]])}", "keep one of them")
    return None


def read_rows(numbered: Iterable[tuple[int, Sequence[str]]], header: Sequence[str], vocabulary: Vocabulary, name: str,
              problems: list[Problem]) -> Iterator[Observation]:
    """The observations of rows of cells, each with its number, as far as each row can be read."""
    for line, cells in numbered:
        if any("\n" in cell for cell in cells):
            problems.append(Problem(Place(name, line), Code.SYNTAX, "a cell runs over several lines",
                                    "close the quotation mark where the cell ends"))
            continue
        if len(cells) != len(header):
            problems.append(Problem(Place(name, line), Code.WRONG_SHAPE,
                                    f"the row has {len(cells)} cells where the header has {len(header)}"))
            continue
        row = _Row(dict(zip(header, cells, strict=True)), header, Place(name, line), problems)
        observation = row.observation(vocabulary)
        if observation is not None:
            yield observation


class _Row:
    """One row: its cells by column, and its problems."""

    def __init__(self, cells: dict[str, str], header: Sequence[str], place: Place, problems: list[Problem]) -> None:
        self.cells = {column: cell.strip() for column, cell in cells.items()}
        self.header, self.line, self.problems = header, place, problems

    def place(self, column: str) -> Place:
        return Place(self.line.file, self.line.line, self.header.index(column) + 1)

    def say(self, column: str, code: Code, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.place(column), code, message, hint))

    def observation(self, vocabulary: Vocabulary) -> Observation | None:
        """The row as an observation, or None where it has problems."""
        before = len(self.problems)
        indicator = vocabulary.indicators.get(self.cells["indicator"])
        if indicator is None:
            text = self.cells["indicator"]
            self.say("indicator", Code.UNKNOWN_ID, f"no indicator is called {shown(text)}",
                     did_you_mean(text, vocabulary.indicators))
            return None
        span, known = read_span(self.cells["about"]), read_latest_day(self.cells["known"])
        for column, found in (("about", span), ("known", known)):
            if found is None:
                self.say(column, Code.NOT_A_DATE, f"{shown(self.cells[column])} is not a date", "write 2018-09-30")
        if span is not None and known is not None and span.end > known:
            self.say("known", Code.NOT_ALLOWED, f"public by {known}, before the end of what it is about ({span.end})")
        marker, kind = self.marker(), self.kind(indicator)
        value, base = self.value(indicator, marker), self.base()
        if not self.cells["authority_code"]:
            self.say("authority_code", Code.MISSING_KEY, "the row says of no authority that this is so",
                     "write the authority's code")
        if len(self.problems) > before or span is None or known is None:
            return None
        source = Source(self.cells["source"] or "not recorded")
        source = vocabulary.sources.get(source.id, source)
        return Observation(indicator.id, span, known, kind, Citation(source), value, marker, who_says(source),
                           authority=self.cells["authority_code"], base=base, place=self.line)

    def marker(self) -> Marker | None:
        text = self.cells["marker"]
        if text not in MARKERS:
            self.say("marker", Code.NOT_ALLOWED, f"{shown(text)} is not a known marker",
                     did_you_mean(text, MARKERS) or "write c, x, z, u or low")
        return MARKERS.get(text)

    def kind(self, indicator: Indicator) -> Kind:
        text = self.cells.get("kind", "")
        if text and text not in tuple(Kind):
            self.say("kind", Code.NOT_ALLOWED, f"{shown(text)} is not a kind of evidence",
                     did_you_mean(text, tuple(Kind)) or "write statistic, event or finding")
        return Kind(text) if text in tuple(Kind) else indicator.kind

    def base(self) -> float | None:
        """The number behind a rate, if the row has one."""
        text = self.cells.get("base", "")
        if not text or _NUMBER.fullmatch(text):
            return float(text) if text else None
        self.say("base", Code.NOT_A_NUMBER, f"{shown(text)} is not the number behind a rate",
                 "write 48.5, or leave it empty")
        return None

    def value(self, indicator: Indicator, marker: Marker | None) -> float | None:
        text = self.cells["value"]
        if text and marker is not None:
            self.say("value", Code.NOT_ALLOWED, "a value and a marker exclude one another", "keep one of them")
            return None
        if not text:
            if not self.cells["marker"]:
                self.say("value", Code.MISSING_KEY, "the row has neither a value nor a marker",
                         "write blank as the marker of an empty cell")
            return None
        try:
            return 0.0 if text == "none" and indicator.unit.id == "times" else read_amount(text, indicator)
        except AmountError as error:
            self.say("value", error.code, error.message, error.hint)
            return None
