"""Evidence without YAML: what is filled into a workbook or a CSV is the same case, and each mistake is told by cell."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from kb.dates import Precision, Span
from kb.dossier import Case, Marker, Observation
from kb.evidencefiles import Read, read_evidence
from kb.files import EXAMPLES, VOCABULARY
from kb.model import NOWHERE, Citation, Kind, Reading, Source, Vocabulary
from kb.sheets.casesheets import in_order, sheets_of, table_of
from kb.sheets.casetables import Facts
from kb.sheets.spreadsheets import MAX_BYTES, csv_bytes, escaped, number_text, unescaped
from kb.sheets.workbookparts import MAX_UNPACKED
from kb.sheets.writeworkbooks import workbook_bytes
from kb.vocabularyfiles import read_vocabulary
from kb.writecases import case_text

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted(EXAMPLES.glob("*.yaml"))
ABOUT = {2: "ashby", 3: "Ashby", 4: "X00000001", 5: "Ashby", 6: "yes"}
SHEET = "f.xlsx[evidence]"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_vocabulary(VOCABULARY)[0]


@pytest.fixture(scope="module")
def template(vocabulary: Vocabulary) -> bytes:
    return workbook_bytes(sheets_of(vocabulary))


def bare(thing: object) -> object:
    """The same without places."""
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return type(thing)(*(NOWHERE if name == "place" else bare(getattr(thing, name)) for name in thing._fields))
    return tuple(map(bare, thing)) if isinstance(thing, tuple) else thing


def facts_of(case: Case) -> Facts:
    return Facts(case.id, case.title, case.authority_code, case.authority, case.invented)


def back(data: bytes, name: str, folder: Path, vocabulary: Vocabulary, facts: Facts | None = None) -> Read:
    """What is read of these bytes as a file of that name."""
    path = folder / name
    path.write_bytes(data)
    return read_evidence(path, vocabulary, name, *([facts] if facts else []))


# Round trips

@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_case_comes_back_from_every_kind_of_file(path: Path, tmp_path: Path, vocabulary: Vocabulary) -> None:
    read = read_evidence(path, vocabulary)
    assert read.problems == ()
    case = read.case
    assert case is not None
    book = back(workbook_bytes(sheets_of(vocabulary, case, read.sources)), "f.xlsx", tmp_path, vocabulary)
    table = back(csv_bytes(table_of(vocabulary, case)), "f.csv", tmp_path, vocabulary, facts_of(case))
    text = back(case_text(case, vocabulary, read.sources).encode(), "f.yaml", tmp_path, vocabulary)
    assert book.problems == table.problems == text.problems == ()
    assert bare(book.case) == bare(text.case) == bare(case)
    assert bare(book.sources) == bare(text.sources) == bare(read.sources)
    assert table.case is not None
    assert bare(table.case.observations) == bare(case.observations)


WORDS = st.lists(st.sampled_from([
    "a", "word", "It", "=1+1", "+", "-5", "@x", "'", "'=", '"', ":", "a:", "#", "#N/A", "- ", "yes", "null", "~", "[x]",
    "{", "}", ",", "&b", "*c", "!d", "%", "|", ">", "<", ">= 3", "`", "\\", "\\n", "é", "\xa0", "  ", "\n", "\n\n", "€",
    "\U0001f600", "1,000", "0x1F", "2018-01-01", "01/02/2018", "TRUE", "x" * 130, "?", "---", "...",
]), min_size=1, max_size=40).map(" ".join).map(str.strip).filter(bool)
DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))


@st.composite
def observations(draw: st.DrawFn, vocabulary: Vocabulary) -> Observation:
    indicator = draw(st.sampled_from(list(vocabulary.indicators.values())))
    start, end = sorted((draw(DAYS), draw(DAYS)))
    span = draw(st.sampled_from([Span(start, start), Span(start, end, Precision.THROUGHOUT),
                                 Span(start, end, Precision.SOMETIME), Span(start, start, Precision.SOMETIME)]))
    share = 100.0 if indicator.unit.share else 1e6
    values: dict[str, st.SearchStrategy[float]] = {
        "yes/no": st.sampled_from([0.0, 1.0]), "scale": st.sampled_from([0.0, 1.0, 2.0, 3.0]),
        "grade": st.sampled_from([float(place) for place in range(len(indicator.values))])}
    value = draw(values.get(indicator.unit.id, st.floats(0, share).map(lambda number: round(number, 6))))
    marker = draw(st.none() | st.sampled_from(Marker))
    source = draw(st.sampled_from([Source("own", "A title: with a colon", "=a publisher"),
                                   *list(vocabulary.sources.values())[:3]]))
    of = tuple((name, draw(st.sampled_from(words))) for name, words in indicator.qualifiers)
    plain = value == 0.0 and indicator.reading is Reading.OCCURRENCES and span.precision is not Precision.THROUGHOUT
    return Observation(
        indicator.id, span, draw(st.dates(span.end, date(2031, 1, 1))), draw(st.sampled_from(Kind)),
        Citation(source, draw(st.sampled_from(["not recorded", "31", "3-4", "1/2", "007"])), draw(st.just("") | WORDS)),
        None if marker else (1.0 if plain else value), marker, draw(WORDS), None, draw(st.just("") | WORDS), "X1",
        draw(st.none() | st.floats(0, 1e6).map(lambda number: round(number, 3))), of)


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_observation_comes_back(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory,
                                    vocabulary: Vocabulary) -> None:
    found = tuple(data.draw(st.lists(observations(vocabulary), min_size=1, max_size=4)))
    case = Case("a", "A", "X1", "A, [b]: c", found, invented=True, summary=data.draw(st.just("") | WORDS))
    folder = tmp_path_factory.mktemp("round")
    text = back(case_text(case, vocabulary).encode(), "f.yaml", folder, vocabulary)
    assert (text.problems, bare(text.case)) == ((), bare(case))
    table = back(csv_bytes(table_of(vocabulary, case)), "f.csv", folder, vocabulary, facts_of(case))
    assert table.problems == ()
    assert table.case is not None
    assert bare(table.case.observations) == bare(found)


@given(texts=st.lists(WORDS, min_size=1, max_size=30))
@settings(max_examples=15)
def test_any_text_comes_back_from_a_workbook(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary,
                                             texts: list[str]) -> None:
    found = tuple(Observation("auditor_concern", Span(date(2020, 1, 1), date(2020, 1, 1)), date(2020, 2, 1),
                              Kind.EVENT, Citation(Source("own")), 1.0, body="=x", note=text, authority="X1")
                  for text in texts)
    case = Case("a", "A", "X1", "A", found, invented=True)
    read = back(workbook_bytes(sheets_of(vocabulary, case)), "f.xlsx", tmp_path_factory.mktemp("book"), vocabulary)
    assert (read.problems, bare(read.case)) == ((), bare(case))


@given(st.text(max_size=9) | st.sampled_from(["'", "''=", "=", "'+1", "\t", "-"]))
def test_no_text_is_a_formula_and_each_comes_back(text: str) -> None:
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(("value", "text"), [(0.1, "0.1"), (1e-7, "0.0000001"), (7.0, "7"), (100.0, "100"), (12, "12"),
                                             (0.0, "0"), (1e16, "10000000000000000")])
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number_text(value) == text


# The template

def test_the_template_has_a_row_for_every_indicator_by_signature_with_protective_signs_last(
        vocabulary: Vocabulary, template: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template))["evidence"]
    ids = [str(sheet.cell(row, 1).value) for row in range(2, sheet.max_row + 1)]
    assert ids == [indicator.id for indicator in in_order(vocabulary)]
    assert set(ids) == set(vocabulary.indicators)
    protective = [id in vocabulary.protective for id in ids]
    assert protective == sorted(protective)
    own = [vocabulary.indicators[id] for id in ids if id not in vocabulary.protective]
    orders = [vocabulary.signatures[i.signature].order for i in own if i.signature and not i.context]
    assert orders == sorted(orders)


def test_the_template_helps_to_fill_it_in(template: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template))
    assert book.sheetnames == ["how to fill this in", "about", "evidence", "sources", "notes", "outcomes", "answers"]
    sheet = book["evidence"]
    assert sheet.freeze_panes == "B2"
    lists = {check.formula1 for check in sheet.data_validations.dataValidation if check.type == "list"}
    assert '"statistic,event,finding"' in lists
    assert any(found and found.startswith('"suppressed,') for found in lists)
    assert sheet.column_dimensions["H"].number_format == "@", "Excel must not make dates of what is typed"


def test_an_empty_template_says_what_is_missing_and_nothing_else(
        tmp_path: Path, template: bytes, vocabulary: Vocabulary) -> None:
    read = back(template, "f.xlsx", tmp_path, vocabulary)
    assert [str(problem) for problem in read.problems] == [
        f'f.xlsx[about]:{row}:2: K014 "{key}" has no value (write one)'
        for row, key in enumerate(("case", "title", "code", "name"), 2)]


# Filling in

Fill = Callable[..., Read]


@pytest.fixture
def fill(tmp_path: Path, template: bytes, vocabulary: Vocabulary) -> Fill:
    """Fills rows of the evidence from row 200 on, changes the workbook as asked, and reads it."""
    def filled(*rows: dict[str, Any], change: Callable[[Any], object] = str) -> Read:
        book = openpyxl.load_workbook(io.BytesIO(template))
        for row, text in ABOUT.items():
            book["about"].cell(row, 2).value = text
        sheet = book["evidence"]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for row, cells in enumerate(rows, 200):
            for name, value in {"indicator": "agency_worker_rate", "about": "2024-09-30", "known": "2025-02-28",
                                "source": "dfe-workforce", **cells}.items():
                cell = sheet.cell(row, columns[name])
                usual = "yyyy-mm-dd" if isinstance(value, datetime) else "General"
                cell.value, cell.number_format = value if isinstance(value, tuple) else (value, usual)
        change(book)
        out = io.BytesIO()
        book.save(out)
        return back(out.getvalue(), "f.xlsx", tmp_path, vocabulary)
    return filled


def only(read: Read) -> Observation:
    assert [str(problem) for problem in read.problems] == []
    assert read.case is not None
    (observation,) = read.case.observations
    return observation


@pytest.mark.parametrize(("written", "value"), [
    (29.4, 29.4), ((0.294, "0.0%"), 29.4), ((0.07, "0%"), 7.0), ("29.4%", 29.4), ("29.4 per cent", 29.4), (30, 30.0),
    ((0.004, "0.0%"), 0.4), ("0.4%", 0.4), (0, 0.0), ((1, "0%"), 100.0), ((29.4, '0.0"%"'), 29.4),
])
def test_shares_as_excel_keeps_them(fill: Fill, written: object, value: float) -> None:
    assert only(fill({"value": written})).value == value


@pytest.mark.parametrize(("written", "marker"), [
    ("c", Marker.SUPPRESSED), ("[c]", Marker.SUPPRESSED), ("C", Marker.SUPPRESSED), ("x", Marker.UNAVAILABLE),
    ("z", Marker.NOT_APPLICABLE), ("u", Marker.UNRELIABLE), ("low", Marker.LOW), ("k", Marker.LOW),
    ("blank", Marker.BLANK), ("not recorded", Marker.NOT_RECORDED),
])
def test_a_published_letter_is_a_marker_and_never_0(fill: Fill, written: str, marker: Marker) -> None:
    for column in ("marker", "value"):
        found = only(fill({column: written}))
        assert (found.marker, found.value) == (marker, None)


@pytest.mark.parametrize(("cells", "span"), [
    ({"about": "30/09/2024"}, Span(date(2024, 9, 30), date(2024, 9, 30))),
    ({"about": "1.9.2024"}, Span(date(2024, 9, 1), date(2024, 9, 1))),
    ({"about": (datetime(2024, 9, 30), "dd/mm/yyyy")}, Span(date(2024, 9, 30), date(2024, 9, 30))),
    ({"about": (datetime(2024, 9, 1), "mmm-yy")}, Span(date(2024, 9, 1), date(2024, 9, 30), Precision.SOMETIME)),
    ({"about": (datetime(2024, 9, 2), "mmm-yy")}, Span(date(2024, 9, 2), date(2024, 9, 2))),
    ({"about": (datetime(2024, 1, 1), "yyyy")}, Span(date(2024, 1, 1), date(2024, 12, 31), Precision.SOMETIME)),
    ({"about": 2024, "known": 2025}, Span(date(2024, 1, 1), date(2024, 12, 31), Precision.SOMETIME)),
    ({"about": "2024-09"}, Span(date(2024, 9, 1), date(2024, 9, 30), Precision.SOMETIME)),
    ({"about": "01/03/2024", "until": datetime(2024, 5, 31), "period": "Throughout"},
     Span(date(2024, 3, 1), date(2024, 5, 31), Precision.THROUGHOUT)),
    ({"about": "2024-03", "until": "2024-05", "period": "sometime in"},
     Span(date(2024, 3, 1), date(2024, 5, 31), Precision.SOMETIME)),
])
def test_dates_as_people_and_excel_write_them(fill: Fill, cells: dict[str, object], span: Span) -> None:
    assert only(fill({"value": 20, **cells})).about == span


def test_words_for_people(fill: Fill) -> None:
    yes = only(fill({"indicator": "stable-permanent-director", "value": "Yes"}))
    assert yes.value == 1.0
    assert only(fill({"indicator": "stable-permanent-director", "value": True})).value == 1.0
    assert only(fill({"indicator": "workforce_finding", "value": "Serious weakness"})).value == 3.0
    assert only(fill({"indicator": "director_changes", "value": "none", "period": "throughout"})).value == 0.0
    assert only(fill({"indicator": "director_changes", "kind": "Event", "page": 31})).citation.page == "31"


def test_rows_that_are_not_filled_in_are_passed_over(fill: Fill) -> None:
    read = fill({"value": 20}, {"about": None, "known": None, "source": None}, {"value": "   "})
    assert [str(problem) for problem in read.problems] == [
        f'{SHEET}:202:1: K014 agency_worker_rate needs a value, or a marker that says why not '
        "(write value: in per cent)"]


MADE_A_DATE = ("holds a date, which Excel may have made of something else "
               "(format the cell as text, and write it again)")
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"indicator": "agency_rate", "value": 3},
     '1: K015 there is no indicator "agency_rate" (did you mean "vacancy_rate"?)'),
    ({"value": "three"}, '12: K020 "three" is not a number of per cent (write for example 30 per cent)'),
    ({"value": 300}, "12: K019 300 per cent is not between 0 and 100 (check the number)"),
    ({"value": 0.294}, '12: K019 "0.294" may be a fraction or a share below 1 (write 29.4% or 0.294%)'),
    ({"value": 3, "marker": "c"}, "12: K019 a value and a marker exclude one another (keep one of them)"),
    ({"marker": "supressed"}, '13: K019 "marker" cannot be "supressed" (did you mean "suppressed"?)'),
    ({"value": (datetime(2025, 4, 3), "d mmm")}, f'12: K019 "value" {MADE_A_DATE}'),
    ({"value": 3, "page": datetime(2025, 4, 3)}, f'17: K019 "page" {MADE_A_DATE}'),
    ({"value": 3, "known": "28/02/25"}, '11: K018 "28/02/25" has a year of two figures '
     "(write 2018-10-17, or 17/10/2018 with the day first)"),
    ({"value": 3, "known": "02/28/2025"},
     '11: K018 "known" must be a date, not "2025-28-02" (write 2018-10-17, 2018-10 or 2018)'),
    ({"value": 3, "known": 45716}, '11: K018 "45716" reads like a day that Excel keeps as a number '
     "(format the cell as a date, or write 2018-10-17)"),
    ({"value": 3, "known": "soon"}, '11: K018 "known" must be a date, not "soon" (write 2018-10-17, 2018-10 or 2018)'),
    ({"value": 3, "known": None}, '11: K014 "known" has no value (write one)'),
    ({"value": 3, "known": "2024-01-01"}, "11: K019 public by 2024-01-01, but it is about 30 September 2024 "
     "(an observation cannot be known before it happened)"),
    ({"value": 3, "about": None}, '8: K014 "about" has no value (write one, or delete the key)'),
    ({"value": 3, "about": datetime(2024, 9, 30, 14, 30)},
     "8: K018 this cell holds a time of day (write the day alone)"),
    ({"value": 3, "until": "2024-10-01"}, "9: K014 a period is due with the day it lasts until "
     "(choose throughout (all of it) or sometime in (one day of it))"),
    ({"value": 3, "until": "2024-10-01", "period": "thruout"},
     '10: K019 "period" cannot be "thruout" (did you mean "throughout"?)'),
    ({"value": 3, "kind": "evnt"}, '14: K019 "kind" cannot be "evnt" (did you mean "event"?)'),
    ({"value": 3, "source": "dfe-workfors"},
     '16: K015 there is no source "dfe-workfors" (did you mean "dfe-workforce"?)'),
    ({"value": 3, "source": None}, '16: K014 "source" has no value (write one)'),
    ({"value": "=1+1"}, "12: K014 the formula in this cell has no result stored with it "
     "(save the workbook in Excel, or write the value itself)"),
    ({"value": "#DIV/0!"}, '12: K019 this cell holds the error "#DIV/0!" (write the value itself)'),
    ({"value": 3, "note": "seen\u202eneb"},
     "18: K003 the invisible character U+202E is not allowed (delete it, or type the line again)"),
]


def test_every_mistake_is_told_by_row_and_column_in_one_run(fill: Fill) -> None:
    read = fill(*(cells for cells, _ in MISTAKES))
    assert [str(problem) for problem in read.problems] == [
        f"{SHEET}:{row}:{says}" for row, (_, says) in enumerate(MISTAKES, 200)]


def changed(book: Any) -> None:
    sheet = book["evidence"]
    sheet["A1"], sheet["AH1"], sheet["AJ200"] = "Indicator ", "notes", "beside"
    sheet.merge_cells("O200:P201")
    sheet.row_dimensions[200].hidden = sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["L"].hidden = True
    sheet["B200"].comment = Comment("seen?", "x")
    book["about"]["A8"], book["about"]["B8"] = "sumary", "x"
    book.create_sheet("workings")["A1"] = 1
    book["notes"].sheet_state = "hidden"
    book["sources"]["A2"] = book["sources"]["A3"] = "s"


def test_what_would_be_left_out_is_told_once_for_each(fill: Fill) -> None:
    read = fill({"value": 3, "source": None}, {"value": 4}, change=changed)
    assert [str(problem) for problem in read.problems] == [
        'f.xlsx[about]:8:1: K013 nothing about a case is called "sumary" (did you mean "summary"?)',
        f"{SHEET}:1:12: K019 a column with evidence is hidden (show it, or delete it)",
        f'{SHEET}:1:34: K013 no column is called "notes" (did you mean "note"?)',
        f"{SHEET}:200:1: K019 a row with evidence is hidden (show it, or delete it)",
        f"{SHEET}:200:2: K019 a comment hangs here, and comments are not read "
        "(write it into the note, and delete the comment)",
        f'{SHEET}:200:15: K012 the cells "O200:P201" are merged (unmerge them: every cell says something of its own)',
        f"{SHEET}:200:36: K013 this cell stands under no heading "
        "(move what it says into a column of the template, or delete it)",
        "f.xlsx[notes]:1:1: K019 the sheet notes is hidden (show it, so that all of it is seen)",
        'f.xlsx[sources]:3:1: K016 the source "s" is already there (the first is at f.xlsx[sources]:2:1)',
        'f.xlsx[workings]:1:1: K013 no sheet is called "workings" (keep it in a workbook of its own)',
    ]


def test_a_workbook_without_its_sheets_or_columns(fill: Fill) -> None:
    def rename(book: Any) -> None:
        book["evidence"].title = "evidnce"
        book["notes"]["A1"] = "txt"
        book["notes"]["A2"] = "A note."
    assert [str(problem) for problem in fill(change=rename).problems] == [
        'f.xlsx:1:1: K014 the workbook has no sheet "evidence" '
        "(begin with the workbook that `sigrisk case template` writes)",
        'f.xlsx[evidnce]:1:1: K013 no sheet is called "evidnce" (did you mean "evidence"?)']


def test_a_formula_that_excel_has_calculated_is_read(fill: Fill, tmp_path: Path, vocabulary: Vocabulary) -> None:
    fill({"value": "=88.2/3"})
    written = tmp_path / "f.xlsx"
    data = rezipped(written.read_bytes(), "xl/worksheets/sheet3.xml",
                    lambda xml: xml.replace(b"<v />", b"<v>29.400000000000002</v>").replace(
                        b"<v></v>", b"<v>29.400000000000002</v>").replace(b"<v/>", b"<v>29.400000000000002</v>"))
    assert only(back(data, "f.xlsx", tmp_path, vocabulary)).value == 29.4


# CSV

def rows_of(vocabulary: Vocabulary, *rows: dict[str, str]) -> bytes:
    head = [str(name) for name in table_of(vocabulary)[0]]
    base = {"indicator": "agency_worker_rate", "about": "2024-09-30", "known": "28/02/2025", "source": "dfe-workforce"}
    return csv_bytes([head, *([{**base, **cells}.get(name, "") for name in head] for cells in rows)])


def test_the_same_mistakes_in_a_csv(tmp_path: Path, vocabulary: Vocabulary) -> None:
    written = [({name: "" if value is None else str(value) for name, value in cells.items()}, says)
               for cells, says in MISTAKES if cells.get("value") not in ("=1+1", "#DIV/0!")
               and all(isinstance(value, str | int | float | None) for value in cells.values())]
    read = back(rows_of(vocabulary, *(cells for cells, _ in written)), "f.csv", tmp_path, vocabulary)
    assert [str(problem) for problem in read.problems] == [
        f"f.csv:{row}:{says}" for row, (_, says) in enumerate(written, 2)]


def test_a_csv_describes_its_sources_in_its_rows(tmp_path: Path, vocabulary: Vocabulary) -> None:
    own = {"value": "20", "source": "mine", "source title": "T"}
    read = back(rows_of(vocabulary, own, own, {"value": "21", "source": "mine"}), "f.csv", tmp_path, vocabulary)
    assert read.problems == ()
    assert read.case is not None
    assert {o.citation.source.title for o in read.case.observations} == {"T"}
    twice = back(rows_of(vocabulary, own, {**own, "source title": "U"}), "f.csv", tmp_path, vocabulary)
    assert [problem.code for problem in twice.problems] == ["K016"]


# Hostile files

def rezipped(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with one part changed (or added)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            after.writestr(part, change(before.read(part)) if part == name else before.read(part))
        if name not in before.namelist():
            after.writestr(name, change(b""))
    return out.getvalue()


EVIDENCE = "xl/worksheets/sheet3.xml"
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSE = b"</sheetData></worksheet>"
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
FAR = OPEN + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + CLOSE
ALL_MERGED = OPEN + b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
TWICE = OPEN + b'<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>' + CLOSE
LOST_STRING = OPEN + b'<row r="1"><c r="A1" t="s"><v>99999</v></c></row>' + CLOSE
HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "K001 this is not an Excel workbook, or it is damaged"),
    "text": (lambda _: b"a,b\n1,2\n", "K001 this is not an Excel workbook, or it is damaged"),
    "half of it": (lambda data: data[:len(data) // 2], "K001 this is not an Excel workbook, or it is damaged"),
    "one byte wrong": (lambda data: data[:2000] + b"\xff" + data[2001:], "K001 "),
    "an old workbook": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 999,
                        "K001 this is a workbook of an older kind"),
    "a password": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
                   "K001 the workbook is protected by a password"),
    "another kind of archive": (lambda _: rezipped(EMPTY_ZIP, "word/document.xml", lambda _: b"<a/>"),
                                "K001 this is not an Excel workbook"),
    "too large": (lambda _: b"PK" + b"\0" * MAX_BYTES, "K002 the workbook is larger than 5 MB"),
    "a bomb": (lambda data: rezipped(data, "xl/a.xml", lambda _: b" " * MAX_UNPACKED),
               "K002 the workbook unpacks to more than 12 MB"),
    "laughs": (lambda data: rezipped(data, EVIDENCE, lambda _: LAUGHS), "K019 the workbook declares a document type"),
    "laughs in another writing": (lambda data: rezipped(data, EVIDENCE, lambda _: LAUGHS.decode().encode("utf-16")),
                                  "K019 the workbook declares a document type"),
    "nested without end": (lambda data: rezipped(data, EVIDENCE, lambda _: OPEN + b"<a>" * 100_000),
                           "K008 the workbook's parts are nested too deeply"),
    "a format without end": (lambda data: rezipped(data, "xl/styles.xml", lambda xml: xml.replace(
        b"<numFmts", b'<numFmt formatCode="' + b"[" * 9999 + b'"/><numFmts')
        if b"<numFmts" in xml else b'<a formatCode="' + b"[" * 9999 + b'"/>'), "K008 "),
    "a cell at the far end": (lambda data: rezipped(data, EVIDENCE, lambda _: FAR),
                              "K002 the table has more than 2,000 rows or 60 columns"),
    "everything merged": (lambda data: rezipped(data, EVIDENCE, lambda _: ALL_MERGED),
                          'K012 the cells "A1:XFD1048576"'),
    "one cell twice": (lambda data: rezipped(data, EVIDENCE, lambda _: TWICE), "K001 Excel's own parts"),
    "a text that is not there": (lambda data: rezipped(data, EVIDENCE, lambda _: LOST_STRING),
                                 "K001 Excel's own parts"),
    "a sheet that is no sheet": (lambda data: rezipped(data, EVIDENCE, lambda _: b"<a/>"), "K025 the sheet is empty"),
}
EMPTY_ZIP = b"PK\x05\x06" + b"\0" * 18


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_workbook_gets_a_clear_line(what: str, tmp_path: Path, template: bytes,
                                              vocabulary: Vocabulary) -> None:
    spoil, says = HOSTILE[what]
    read = back(spoil(template), "f.xlsx", tmp_path, vocabulary)
    assert any(says in str(problem) for problem in read.problems), [str(problem) for problem in read.problems]
    assert len(read.problems) < 9


HOSTILE_CSV: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "f.csv:1:1: K025 the sheet is empty"),
    "a workbook": (b"PK\x03\x04\x00", "f.csv:1:1: K003 "),
    "latin-1": (b"a\xe9", "f.csv:1:1: K003 byte 2 is not UTF-8 text"),
    "NUL": (b"a\0b", "f.csv:1:1: K003 the file holds NUL characters"),
    "too large": (b"x" * (MAX_BYTES + 1), "f.csv:1:1: K002 the table is larger than 5 MB"),
    "an open quote": (b'indicator,about,known,source\n"a,b\n', "f.csv:2:1: K004 the row cannot be read: "),
    "a cell without end": (b"indicator," + b"x" * 200_000, "f.csv:1:1: K004 the row cannot be read: "),
    "too many columns": (b"," * 99, "f.csv:1:1: K002 the table has more than"),
    "too many rows": (b"a\n" * 9_999, "f.csv:2001:1: K002 the table has more than"),
    "other columns": (b"a,b\n1,2\n", 'f.csv:1:1: K013 no column is called "a"'),
    "semicolons": (b"indicator;about;known;source\n", "f.csv:1:1: K014 there is no column"),
    "a terminal's escape": (b"indicator,about,known,source\n\x1b[31m,,,\n", "f.csv:2:1: K003 the invisible character"),
}


@pytest.mark.parametrize("what", HOSTILE_CSV)
def test_a_hostile_csv_gets_a_clear_line(what: str, tmp_path: Path, vocabulary: Vocabulary) -> None:
    data, says = HOSTILE_CSV[what]
    read = back(data, "f.csv", tmp_path, vocabulary)
    assert any(str(problem).startswith(says) for problem in read.problems), [str(problem) for problem in read.problems]
    assert len(read.problems) < 9


@given(data=st.binary(max_size=99) | st.lists(st.sampled_from([
    b"indicator", b"about", b"known", b"source", b"value", b",", b",", b"\n", b'"', b"2024-01-01", b"x", b"'", b"="]),
    max_size=60).map(b"".join))
@settings(max_examples=150)
def test_any_bytes_give_a_case_or_problems(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary,
                                           data: bytes) -> None:
    for name in ("f.csv", "f.xlsx"):
        read = back(data, name, tmp_path_factory.mktemp("fuzz"), vocabulary)
        assert read.case is not None or read.problems
        assert all(problem.message.isprintable() and problem.place.line > 0 for problem in read.problems)


# The command

def sigrisk(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "case", *words], cwd=cwd, text=True, capture_output=True, timeout=60,
        env={**os.environ, "SIGRISK_CACHE": "off", "PYTHONPATH": str(ROOT), **environment}, check=False)


def test_from_a_case_to_a_workbook_and_back(tmp_path: Path) -> None:
    ashby = str(EXAMPLES / "ashby.yaml")
    first = sigrisk("template", "-o", "a.xlsx", "--of", ashby, cwd=tmp_path, PYTHONHASHSEED="1")
    second = sigrisk("template", "-o", "b.xlsx", "--of", ashby, cwd=tmp_path, PYTHONHASHSEED="2")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    done = sigrisk("from", "a.xlsx", "-o", "case.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "read 7 observations and 1 note from a.xlsx" in done.stderr
    assert sigrisk("check", "case.yaml", cwd=tmp_path).returncode == 0
    assert sigrisk("from", "a.xlsx", cwd=tmp_path).stdout == (tmp_path / "case.yaml").read_text(encoding="utf-8")


def test_from_a_csv(tmp_path: Path) -> None:
    assert sigrisk("template", "-o", "a.csv", "--of", str(EXAMPLES / "ashby.yaml"), cwd=tmp_path).returncode == 0
    refused = sigrisk("from", "a.csv", cwd=tmp_path)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    words = ("from", "a.csv", "--case", "ashby", "--authority-code", "X00000001", "--name", "Ashby", "--invented")
    done = sigrisk(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "authority: {code: X00000001, name: Ashby}" in done.stdout
    assert sigrisk("check", "a.csv", cwd=tmp_path).returncode == 0


def test_on_problems_nothing_is_written(tmp_path: Path) -> None:
    assert sigrisk("template", "-o", "a.xlsx", cwd=tmp_path).returncode == 0
    done = sigrisk("from", "a.xlsx", "-o", "case.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith("a.xlsx[about]:2:2: K014")
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_template_never_takes_the_place_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"somebody's work")
    done = sigrisk("template", "-o", "a.xlsx", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "a.xlsx").read_bytes()) == (2, b"somebody's work")


USAGE = {
    "another ending": (("template", "-o", "a.xls"), "does not end in .csv or .xlsx"),
    "a case file as a spreadsheet": (("from", "a.yaml"), "does not end in .csv or .xlsx"),
    "a case written over its spreadsheet": (("from", "a.xlsx", "-o", "a.xlsx"), "does not end in .yaml or .yml"),
    "options for a workbook": (("from", "a.xlsx", "--case", "a"), "leave the options out"),
}


@pytest.mark.parametrize("name", USAGE)
def test_a_bad_question_gets_one_clear_line(name: str, tmp_path: Path) -> None:
    words, says = USAGE[name]
    done = sigrisk(*words, cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert says in done.stderr


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
    for name in ("folder.xlsx", "pipe.csv", "missing.xlsx", "missing.csv", "missing.yaml"):
        done = sigrisk("check", name, cwd=tmp_path)
        assert (done.returncode, len(done.stderr.splitlines())) == (3, 1), name
        assert done.stderr.startswith(f"{name}:1:1: K001")


@pytest.fixture
def without_openpyxl(tmp_path: Path) -> str:
    """A path for Python on which openpyxl is not to be found."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "sitecustomize.py").write_text("import sys\nsys.modules['openpyxl'] = None\n")
    return os.pathsep.join((str(tmp_path / "hidden"), str(ROOT)))


def test_without_openpyxl_one_line_says_what_to_install(tmp_path: Path, without_openpyxl: str, template: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(template)
    for words in (("template", "-o", "b.xlsx"), ("from", "a.xlsx"), ("check", "a.xlsx")):
        done = sigrisk(*words, cwd=tmp_path, PYTHONPATH=without_openpyxl)
        assert (done.returncode, len(done.stderr.splitlines())) == (3, 1), done.stderr
        assert "install the extra `excel`" in done.stderr
    assert sigrisk("template", "-o", "b.csv", cwd=tmp_path, PYTHONPATH=without_openpyxl).returncode == 0


def test_yaml_needs_no_openpyxl(tmp_path: Path) -> None:
    program = (f"import sys, cli\nsys.argv = ['sigrisk', 'case', 'check', {json.dumps(str(EXAMPLES / 'ashby.yaml'))}]\n"
               "try:\n    cli.main()\nexcept SystemExit:\n    pass\nprint('openpyxl' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, text=True, capture_output=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert done.stdout.splitlines()[-1] == "False"
