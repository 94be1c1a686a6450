"""The parts of an Excel workbook before they are read: what is refused unopened, and what a sheet hides or merges."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat

from kb.problems import Code
from kb.sheets.spreadsheets import MAX_BYTES, MAX_COLUMNS, MAX_ROWS

MAX_UNPACKED = 12_000_000
MAX_PARTS = 500
MAX_DEPTH, MAX_FORMAT = 60, 255
SAVE = "open it in Excel and save it as .xlsx"
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_CORNER = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_CONTENT = ("v", "is", "f")
_YES = ("1", "true")


class Shape(NamedTuple):
    """What a sheet has besides values, by row and column; `beyond`: the first cell with content that is not read."""

    formulas: frozenset[tuple[int, int]]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    merged: tuple[str, ...]
    comments: tuple[str, ...]
    beyond: tuple[int, int] | None


class _Refused(Exception):
    pass


def refusal(data: bytes) -> tuple[Code, str, str] | None:
    """Why these bytes are not opened at all: no workbook, a locked one, or one made to grow without end."""
    if data.startswith(_OLD_OR_LOCKED):
        if _LOCKED in data:
            return (Code.CANNOT_READ, "the workbook is protected by a password", "take it off and save it again")
        return Code.CANNOT_READ, "this is a workbook of an older kind", SAVE
    if len(data) > MAX_BYTES:
        return Code.TOO_LARGE, f"the workbook is larger than {MAX_BYTES // 1_000_000} MB", "keep only the evidence"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _refused_parts(archive)
    except _Refused:
        return Code.TOO_DEEP, "the workbook's parts are nested too deeply, or a format in it is too long", SAVE
    except Exception:  # zipfile and expat raise a dozen kinds for what is damaged
        return Code.CANNOT_READ, "this is not an Excel workbook, or it is damaged", SAVE


def shape_of(data: bytes, part: str) -> Shape:
    """What the sheet in one part of the workbook hides, merges and comments on. Raises what a damaged part raises."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        walk = _SheetWalk()
        _parse(archive.read(part), walk.start)
        comments = tuple(_comments(archive, part))
    return Shape(frozenset(walk.formulas), frozenset(walk.hidden_rows), frozenset(walk.hidden_columns),
                 tuple(walk.merged), comments, walk.beyond)


def corners(area: str) -> tuple[int, int, int, int]:
    """First row and column, last row and column of a cell or an area; row and column 1 where it is neither."""
    found = [(int(row), _column(letters)) for letters, row in _CORNER.findall(area)] or [(1, 1)]
    return (*found[0], *found[-1])


class _SheetWalk:
    """Takes note of what a sheet's part says, element by element."""

    def __init__(self) -> None:
        self.row = self.col = 0
        self.formulas: set[tuple[int, int]] = set()
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merged: list[str] = []
        self.beyond: tuple[int, int] | None = None

    def start(self, name: str, said: Mapping[str, str]) -> None:
        """One element begins."""
        if name == "row":
            self.row, self.col = _next(said.get("r"), self.row), 0
            if said.get("hidden") in _YES:
                self.hidden_rows.add(self.row)
        elif name == "c":
            self.col = _next(str(corners(said["r"])[1]) if "r" in said else None, self.col)
        elif name in _CONTENT and (self.row > MAX_ROWS or self.col > MAX_COLUMNS):
            self.beyond = self.beyond or (self.row, self.col)
        elif name == "f":
            self.formulas.add((self.row, self.col))
        elif name == "col" and said.get("hidden") in _YES:
            self.hidden_columns.update(range(int(said["min"]), min(int(said["max"]), MAX_COLUMNS) + 1))
        elif name == "mergeCell":
            self.merged.append(said["ref"])


def _refused_parts(archive: zipfile.ZipFile) -> tuple[Code, str, str] | None:
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > MAX_PARTS:
        return (Code.TOO_LARGE, f"the workbook unpacks to more than {MAX_UNPACKED // 1_000_000} MB",
                "keep only the sheets of the template")
    if "xl/workbook.xml" not in archive.namelist():
        return Code.CANNOT_READ, "this is not an Excel workbook, or it is damaged", SAVE
    for part in parts:
        data = archive.read(part)
        if b"<!DOCTYPE" in data.replace(b"\0", b""):  # Excel never writes one, and entities can grow without end
            return Code.NOT_ALLOWED, "the workbook declares a document type, as Excel never does", SAVE
        if part.filename.endswith((".xml", ".rels")):
            _parse(data, None)
    return None


def _parse(data: bytes, start: object) -> None:
    """Goes through a part, calling `start` with the plain name and attributes of each element.

    _Refused where elements are nested without end, or a format is so long that reading it would take for ever.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def begins(name: str, said: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH or len(said.get("formatCode", "")) > MAX_FORMAT:
            raise _Refused
        if callable(start):
            start(name.rpartition(" ")[2], said)

    def ends(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.Parse(data, True)


def _comments(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """The cells that a comment hangs on."""
    folder, file = posixpath.split(part)
    relations = f"{folder}/_rels/{file}.rels"
    targets, found = list[str](), list[str]()

    def relation(name: str, said: Mapping[str, str]) -> None:
        if name == "Relationship" and said["Type"].endswith("/comments"):
            targets.append(posixpath.normpath(posixpath.join("/", folder, said["Target"])).lstrip("/"))

    def comment(name: str, said: Mapping[str, str]) -> None:
        if name == "comment":
            found.append(said["ref"])

    if relations in archive.namelist():
        _parse(archive.read(relations), relation)
    for target in targets:
        _parse(archive.read(target), comment)
    yield from found


def _next(said: str | None, last: int) -> int:
    """The number of a row or column, which is beyond the last. ValueError where the order is lost: Excel keeps it."""
    number = last + 1 if said is None else int(said)
    if number <= last:
        raise ValueError(said)
    return number


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
