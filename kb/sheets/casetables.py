"""The sheets of a case turned into what its case file would say, so that each mistake is told in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kb.dossier import Marker
from kb.model import Indicator, Place, Vocabulary
from kb.problems import Code, did_you_mean, shown
from kb.sheets.casecolumns import (
    ANSWERS,
    CITING,
    FACTS,
    IN_CSV,
    LETTERS,
    NOTES,
    OUTCOMES,
    PER_CENT,
    PERIODS,
    SOURCES,
    evidence_columns,
)
from kb.sheets.caserows import Reader, Row, entry
from kb.sheets.spreadsheets import Sheet
from kb.tables import MARKERS
from kb.yamltree import Entry, Mapping, Scalar, Sequence, Tree

AS_WORDS = ("yes/no", "scale", "grade", "times")
"""Units in which a value may be a word or a tick, so that a letter there need not be a published marker."""
ABOUT = ("case", "title", "authority code", "authority name", "invented", "summary")
AUTHORITY, MAY_BE_EMPTY = ABOUT[2:4], ABOUT[4:]
UNFILLED = ("indicator",)
"""What a row of the template has before anybody fills it in."""


class Facts(NamedTuple):
    """What a CSV has no place for: which case it is."""

    case: str = ""
    title: str = ""
    code: str = ""
    name: str = ""
    invented: bool = False


def tree_of_workbook(sheets: Iterable[Sheet], vocabulary: Vocabulary, name: str, reader: Reader) -> Mapping | None:
    """The case of a workbook's sheets as its file would say it; None where a sheet that it takes is missing."""
    found = {sheet.title: sheet for sheet in sheets}
    for title in ("about", "evidence"):
        if title not in found:
            reader.lose(Place(name), Code.MISSING_KEY, f"the workbook has no sheet {shown(title)}",
                        "begin with the workbook that `sigrisk case template` writes")
    if not {"about", "evidence"} <= found.keys():
        return None
    parts = {title: () if title not in found else tuple(reader.rows(found[title], columns))
             for title, columns in (("sources", SOURCES), ("notes", NOTES), ("outcomes", OUTCOMES),
                                    ("answers", ANSWERS))}
    evidence = reader.rows(found["evidence"], evidence_columns(vocabulary), UNFILLED)
    place = Place(found["about"].file)
    answers = [(row, _group(row, reader.entries(row, ANSWERS[1:]))) for row in parts["answers"]]
    return Mapping(place, (
        *_facts(found["about"], reader),
        _list(place, "sources", (_group(row, reader.entries(row, SOURCES)) for row in parts["sources"])),
        _list(place, "observations", [_observation(row, vocabulary, reader) for row in evidence]),
        _list(place, "notes", (_group(row, reader.entries(row, NOTES)) for row in parts["notes"])),
        _list(place, "outcomes", (_group(row, reader.entries(row, OUTCOMES)) for row in parts["outcomes"])),
        _list(place, "responses", (answer for row, answer in answers if not row.text("to"))),
        _list(place, "disagreements", (Mapping(answer.place, (entry(row, "to", "conclusion"), *answer.entries))
                                       for row, answer in answers if row.text("to")))))


def tree_of_table(sheet: Sheet, vocabulary: Vocabulary, facts: Facts, reader: Reader) -> Mapping:
    """The case of one table of evidence, with what the table has no place for."""
    place = Place(sheet.file)
    rows = list(reader.rows(sheet, (*evidence_columns(vocabulary), *IN_CSV), UNFILLED))
    said = {"case": facts.case, "title": facts.title, "invented": "true" if facts.invented else ""}
    authority = Mapping(place, (_said(place, "code", facts.code), _said(place, "name", facts.name)))
    return Mapping(place, (
        *(_said(place, key, text) for key, text in said.items() if text or key != "invented"),
        Entry(Scalar(place, "authority"), authority),
        _list(place, "sources", _described(rows, reader)),
        _list(place, "observations", [_observation(row, vocabulary, reader) for row in rows])))


def _facts(sheet: Sheet, reader: Reader) -> Iterator[Entry]:
    """What the sheet `about` says, row by row."""
    rows = {" ".join(row.text("what").lower().split()): row for row in reader.rows(sheet, FACTS)}
    for name, row in rows.items():
        if name not in ABOUT:
            reader.lose(row.place_of("what"), Code.UNKNOWN_KEY, f"nothing about a case is called {shown(name)}",
                        did_you_mean(name, ABOUT) or "write it into the summary")
    told = [(name, _fact(name, rows[name])) for name in ABOUT if name in rows
            and (rows[name].text("write here") or name not in MAY_BE_EMPTY)]
    yield from (found for name, found in told if name not in AUTHORITY)
    inner = tuple(found for name, found in told if name in AUTHORITY)
    place = inner[0].key.place if inner else Place(sheet.file)
    yield Entry(Scalar(place, "authority"), Mapping(place, inner))


def _fact(name: str, row: Row) -> Entry:
    text = row.text("write here")
    truths = {"yes": "true", "no": "false"} if name == "invented" else {}
    return entry(row, "write here", name.removeprefix("authority "), truths.get(text.lower(), text))


def _observation(row: Row, vocabulary: Vocabulary, reader: Reader) -> Mapping:
    columns = {column.name: column for column in evidence_columns(vocabulary)}
    against = [column for name, column in columns.items() if name.startswith("disagreement")]
    plain = [column for name, column in columns.items() if not column.shown and column not in against
             and name not in ("about", "until", "period", "value", "marker")]
    told = (*_span(row, reader), *_value(row, vocabulary, reader), *reader.entries(row, plain))
    if any(row.text(column.name) for column in against):
        told = (*told, Entry(Scalar(row.place_of("disagreement"), "disagreement"), _group(row, (
            entry(row, "disagreement", "text"), entry(row, "disagreement known", "known"),
            *reader.entries(row, against[2:], "disagreement ")))))
    return _group(row, told)


def _span(row: Row, reader: Reader) -> tuple[Entry, ...]:
    """The date or period, under the key that says how firm it is."""
    about, until, period = (row.text(name) for name in ("about", "until", "period"))
    if period and period not in PERIODS:
        about = reader.lose(row.place_of("period"), Code.NOT_ALLOWED, f'"period" cannot be {shown(period)}',
                            did_you_mean(period, PERIODS) or f"use one of: {', '.join(PERIODS)}")
    elif until and not period:
        about = reader.lose(row.place_of("until"), Code.MISSING_KEY, "a period is due with the day it lasts until",
                            f"choose {PERIODS[0]} (all of it) or {PERIODS[1]} (one day of it)")
    key = period if about and period in PERIODS else "about"
    return (entry(row, "about", key, f"{about} to {until}" if about and until else about),)


def _value(row: Row, vocabulary: Vocabulary, reader: Reader) -> tuple[Entry, ...]:
    """The value, the marker, or both as they stand; a published letter in the place of a number is a marker."""
    value, marker = row.text("value"), row.text("marker")
    indicator = vocabulary.indicators.get(row.text("indicator"))
    told = []
    if value and _is_marker(value, indicator is None or indicator.unit.id in AS_WORDS):
        told.append(entry(row, "value", "marker", _marker(value)))
    elif indicator is not None and _may_be_a_fraction(value, indicator):
        reader.lose(row.place_of("value"), Code.NOT_ALLOWED, f"{shown(value)} may be a fraction or a share below 1",
                    f"write {float(value) * 100:g}{PER_CENT} or {value}{PER_CENT}")
    elif value:
        own = value in (indicator.values if indicator else ())
        told.append(entry(row, "value", "value", value if own else value.lower()))
    return (*told, *([entry(row, "marker", "marker", _marker(marker))] if marker else []))


def _may_be_a_fraction(text: str, indicator: Indicator) -> bool:
    digits = text.replace(".", "", 1)
    return PER_CENT in indicator.unit.also and digits.isascii() and digits.isdigit() and 0 < float(text) < 1


def _is_marker(text: str, words_only: bool) -> bool:
    bare = _bare(text)
    return bare in MARKERS and not (words_only and bare in LETTERS)


def _marker(text: str) -> str:
    found: Marker | None = MARKERS.get(_bare(text))
    return found.value if found else text


def _bare(text: str) -> str:
    """A published marker without its brackets, [c]."""
    return text.lower().removeprefix("[").removesuffix("]")


def _described(rows: Iterable[Row], reader: Reader) -> list[Mapping]:
    """The sources that rows describe, each once where it is described alike."""
    found: dict[tuple[str, ...], Mapping] = {}
    for row, citing in ((row, citing) for row in rows for citing in CITING):
        columns = [column for column in IN_CSV if column.name.startswith(f"{citing} ")]
        if any(row.text(column.name) for column in columns):
            said = tuple(row.text(name) for name in (citing, *(column.name for column in columns)))
            told = (entry(row, citing, "id"), *reader.entries(row, columns, f"{citing} "))
            found.setdefault(said, _group(row, told))
    return list(found.values())


def _group(row: Row, entries: Iterable[Entry]) -> Mapping:
    return Mapping(row.place, tuple(entries))


def _said(place: Place, key: str, text: str) -> Entry:
    return Entry(Scalar(place, key), Scalar(place, text))


def _list(place: Place, key: str, items: Iterable[Tree]) -> Entry:
    return Entry(Scalar(place, key), Sequence(place, tuple(items)))
