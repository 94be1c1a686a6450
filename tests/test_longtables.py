"""The long table: what is plain is read column by column, and means the same as read row by row; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.amounts import words_of
from kb.dates import Precision, Span
from kb.dossier import Marker, Observation
from kb.files import EXAMPLES
from kb.knowledge import Knowledge
from kb.longparts import LongFile, open_long
from kb.longtables import FRAME, SAME, LongTable, frame_of, read_long, write_long
from kb.model import Citation, Kind, Problem, Source, Vocabulary
from kb.tables import parse_table

HEADER = "authority_code,indicator,about,known,value,marker,source\n"
ROW = "E1,agency_worker_rate,2018-09-30,2019-02-28,3,,dfe-workforce\n"
CELLS = (
    ("E1", "E1", "E1", "E2", ""), ("agency_worker_rate", "turnover_rate", "judgement_outcome", "agency_rate"),
    ("2018-09-30", "2018-09-30", "2018-09", "2018-02-30", "throughout 2017-10-01 to 2018-09-30", "30/09/2018"),
    ("2019-02-28", "2019-02-28", "2019", "2018-01-01", ""),
    ("3", "3", "3.5", "30 per cent", "three", "130", "-1", "1e3", " 4 ", "good", ""),
    ("", "", "", "c", "low", "suppressed", "q"), ("dfe-workforce", '"a, b"', '"a ""b"""', ""))


steady = settings(max_examples=80, deadline=None, database=None, derandomize=True)


@pytest.fixture(scope="module")
def vocabulary(knowledge: Knowledge) -> Vocabulary:
    return knowledge.vocabulary


def read(text: str, vocabulary: Vocabulary, folder: Path) -> LongTable:
    (folder / "t.csv").write_text(text, encoding="utf-8", newline="")
    return read_long(folder / "t.csv", vocabulary)


rows = st.lists(st.one_of(st.tuples(*map(st.sampled_from, CELLS)).map(",".join), st.sampled_from(
    ("", "E1,agency_worker_rate", ROW.strip(), ROW.strip() + ",more", 'E1,"agency', '"E1" x,turnover_rate,,,,,',
     'E1,"turnover\nrate",2018-09-30,2019-02-28,3,,x'))), max_size=8)


@steady
@given(rows, st.sampled_from(("\n", "\r\n")))
def test_the_quick_way_means_the_same_as_the_reader_of_rows(vocabulary: Vocabulary, some: list[str], end: str) -> None:
    text = HEADER + end.join(some) + (end if some else "")
    observations, problems = parse_table(text, vocabulary, "t.csv")
    with TemporaryDirectory() as folder:
        table = read(text, vocabulary, Path(folder))
    once = frame_of(observations).unique((*SAME, "value", "marker"), keep="first", maintain_order=True)
    assert table.frame is None or table.frame.equals(once)
    assert (table.frame is None) == (not observations and not problems)
    disagree = {problem for problem in table.problems if problem.code in ("K025", "K030")}
    assert sorted(set(table.problems) - disagree) == sorted(problems)
    assert table.frame is None or bool(disagree) == table.frame.select(SAME).is_duplicated().any()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_is_written_reads_back_the_same(vocabulary: Vocabulary, ending: str, tmp_path: Path) -> None:
    text = HEADER + ROW + ROW.replace(",3,,", ",,c,") .replace("2018-09-30", "2017-09-30") + ROW.replace(
        "2018-09-30", "throughout 2017-10-01 to 2018-09-30")
    for table in (read(text, vocabulary, tmp_path), read_long(EXAMPLES / "observations.csv", vocabulary)):
        assert table.frame is not None
        assert table.problems == ()
        write_long(table.frame, tmp_path / f"again.{ending}", vocabulary)
        again = read_long(tmp_path / f"again.{ending}", vocabulary)
        assert again.problems == ()
        assert again.frame is not None
        assert again.frame.schema == FRAME
        assert again.frame.drop("row").equals(table.frame.drop("row"))


def any_rows(vocabulary: Vocabulary, rng: Random) -> Iterator[Observation]:
    """A row of every indicator there is: a value of its unit (any number, or each of its words), or a marker."""
    for id, indicator in vocabulary.indicators.items():
        words = list(words_of(indicator).values()) or ([0.0, 1.0, 2.0, 3.0] if indicator.unit.id == "scale" else [])
        whole, part = float(rng.randint(0, 100)), 100.0 if indicator.unit.share else 1e9
        part /= rng.randint(1, rng.choice((9, 10**6)))
        start = date(2000, 1, 1) + timedelta(rng.randrange(27 * 365))
        about = Span(start, start + timedelta(rng.choice((0, rng.randrange(365)))), rng.choice(tuple(Precision)[1:]))
        marker = rng.choice((None, rng.choice(tuple(Marker))))
        source = Source(rng.choice(("census", 'a "b", c', "d; e", "=f")))
        yield Observation(
            id, rng.choice((Span(start, start), about)), date(2028, 1, 1), rng.choice(tuple(Kind)), Citation(source),
            None if marker else rng.choice(words or (0.0, 100.0, whole, part)), marker,
            authority=rng.choice(("E1", "E2")),
            base=rng.choice((None, 0.0, 48.5, 1e6)))


@steady
@given(st.integers(0, 2**32), st.sampled_from((1, 3)))
def test_every_unit_reads_back_as_it_was_written(vocabulary: Vocabulary, seed: int, every: int) -> None:
    """The rows are drawn by a seed: drawn cell by cell by hypothesis they would take eight times as long."""
    some = frame_of(list(any_rows(vocabulary, Random(seed)))[::every])
    with TemporaryDirectory() as folder:
        for ending in ("csv", "parquet"):
            write_long(some, Path(folder) / f"t.{ending}", vocabulary)
            again = read_long(Path(folder) / f"t.{ending}", vocabulary)
            assert again.problems == ()
            assert again.frame is not None
            assert again.frame.drop("row").equals(some.drop("row"))


def test_numbers_alone_stay_numbers(vocabulary: Vocabulary, tmp_path: Path) -> None:
    table = read(HEADER + ROW, vocabulary, tmp_path)
    assert table.frame is not None
    write_long(table.frame, tmp_path / "t.parquet", vocabulary)
    assert pl.read_parquet(tmp_path / "t.parquet").schema["value"] == pl.Float64


def one(table: LongTable) -> Problem:
    (problem,) = table.problems
    return problem


BROKEN = {
    "a missing column": (HEADER.replace("known,", "") + "E1,agency_worker_rate,2018,3,,x\n",
                         't.csv:1:1: K014 the table has no column "known"'),
    "a column twice": (HEADER.replace("source", "value") + ROW, 't.csv:1:1: K014 the table has no column "source"'),
    "two columns of one name": (HEADER.strip() + ",value\n" + ROW.strip() + ",4\n",
                                't.csv:1:8: K011 the table has two columns "value"'),
    "a marker never seen": (HEADER + ROW + ROW.replace("3,,", ",q,"), 't.csv:3:6: K019 "q" is not a known marker'),
    "text in a number": (HEADER + ROW.replace(",3,", ",three,"),
                         't.csv:2:5: K020 "three" is not a number of per cent'),
    "a value and a marker": (HEADER + ROW.replace(",3,,", ",3,c,"), "t.csv:2:5: K019 a value and a marker exclude"),
    "a date in another form": (HEADER + ROW + ROW.replace("2018-09-30", "30/09/2018"),
                               't.csv:3:3: K018 "30/09/2018" is not a date'),
    "public before it was so": (HEADER + ROW.replace("2019-02-28", "2018-02-28"),
                                "t.csv:2:4: K019 public by 2018-02-28, before the end"),
    "rows that disagree": (HEADER + ROW + ROW.replace(",3,", ",4.5,"),
                           't.csv:3:5: K030 "agency_worker_rate" of "E1" is 4.5 here, and 3 in row 2'),
    "a value and a marker of the same": (HEADER + ROW + ROW.replace(",3,,", ",,c,"),
                                         't.csv:3:5: K030 "agency_worker_rate" of "E1" is suppressed here, and 3'),
    "a base that is no number": (HEADER.strip() + ",base\n" + ROW.strip() + ",few\n",
                                 't.csv:2:8: K020 "few" is not the number behind a rate'),
    "a base below nought": (HEADER.strip() + ",base\n" + ROW.strip() + ",-3\n",
                            't.csv:2:8: K020 "-3" is not the number behind a rate'),
    "no authority": (HEADER + ROW.replace("E1", ""), "t.csv:2:1: K014 the row says of no authority"),
    "no rows": (HEADER, "t.csv:1:1: K025 the table has no rows"),
    "nothing at all": ("", 't.csv:1:1: K014 the table has no column "authority_code"'),
}


def test_dates_in_other_forms_are_each_named_and_none_is_guessed(vocabulary: Vocabulary, tmp_path: Path) -> None:
    forms = ("30/09/2018", "09-30-2018", "30 September 2018", "2018-09-30T00:00:00", "43373")
    table = read(HEADER + ROW + "".join(ROW.replace("2018-09-30", form) for form in forms), vocabulary, tmp_path)
    assert [(problem.place.line, problem.place.col, problem.code) for problem in table.problems] == [
        (line, 3, "K018") for line in range(3, 8)]
    assert table.frame is not None
    assert table.frame.height == 1


BASED = HEADER.strip() + ",base\n"


def on(*bases: str) -> str:
    """The same row once on each base."""
    return BASED + "".join(f"{ROW.strip()},{base}\n" for base in bases)


@pytest.mark.parametrize("bases", [("", "48.5"), ("48.5", ""), ("48.5", "48.50"), ("", "48.5", "48.5")])
def test_of_a_row_said_twice_either_may_leave_its_base_out(bases: tuple[str, ...], vocabulary: Vocabulary,
                                                           tmp_path: Path) -> None:
    table = read(on(*bases), vocabulary, tmp_path)
    assert table.problems == ()
    assert table.frame is not None
    assert table.frame["base"].to_list() == [48.5]


def test_each_row_on_another_base_is_told_with_the_first_that_has_one(vocabulary: Vocabulary, tmp_path: Path) -> None:
    said = [str(problem) for problem in read(on("", "70", "48.5", "70", "0"), vocabulary, tmp_path).problems]
    whose = 'K030 the base of "agency_worker_rate" of "E1" is'
    assert said == [f"t.csv:{row}:8: {whose} {base} here, and 70 in row 3, of the same day and source "
                    "(keep the row that is right)" for row, base in ((4, "48.5"), (6, "0"))]


def test_a_row_that_disagrees_is_told_once_whatever_its_base(vocabulary: Vocabulary, tmp_path: Path) -> None:
    text = BASED + f"{ROW.strip()},70\n" + f"{ROW.replace(',3,', ',4,').strip()},48.5\n"
    assert "is 4 here, and 3 in row 2" in str(one(read(text, vocabulary, tmp_path)))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_names_its_row_and_column(name: str, vocabulary: Vocabulary, tmp_path: Path) -> None:
    text, said = BROKEN[name]
    problems = read(text, vocabulary, tmp_path).problems
    assert str(problems[0]).startswith(said)


def test_a_table_in_another_encoding_is_refused(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes((HEADER + ROW.replace("dfe", "café")).encode("latin-1"))
    assert "is not UTF-8 text" in str(one(read_long(tmp_path / "t.csv", vocabulary)))


def test_a_row_that_is_there_twice_is_one_row(vocabulary: Vocabulary, tmp_path: Path) -> None:
    table = read(HEADER + ROW + ROW, vocabulary, tmp_path)
    assert table.frame is not None
    assert (table.frame.height, table.problems) == (1, ())


@steady
@given(st.integers(0, 3000), st.integers(0, 255))
def test_no_part_of_a_parquet_file_breaks_the_reader(vocabulary: Vocabulary, at: int, byte: int) -> None:
    good = read_long(EXAMPLES / "observations.csv", vocabulary).frame
    assert good is not None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.parquet"
        write_long(good, path, vocabulary)
        data = path.read_bytes()
        for broken in (data[:at % len(data)], data[:at % len(data)] + bytes([byte]) + data[at % len(data) + 1:]):
            path.write_bytes(broken)
            table = read_long(path, vocabulary)
            assert table.problems or table.frame is not None
            parts = open_long(path, vocabulary, 1, "t.parquet")
            found = [parts.part([code]) for code in parts.rows] if isinstance(parts, LongFile) else []
            assert all(part.problems or part.frame is not None for part in found)


def test_both_ways_of_reading_say_the_same_of_a_parquet_file_cut_short(vocabulary: Vocabulary, tmp_path: Path) -> None:
    good = read_long(EXAMPLES / "observations.csv", vocabulary).frame
    assert good is not None
    path = tmp_path / "[t].parquet"
    write_long(good, path, vocabulary)
    assert isinstance(open_long(path, vocabulary, 1, "t.parquet"), LongFile)
    for size in (0, 3, path.stat().st_size // 2, path.stat().st_size - 1):
        path.write_bytes(path.read_bytes()[:size])
        (said,) = read_long(path, vocabulary, "t.parquet").problems
        assert str(said).startswith("t.parquet:1:1: K001 this is no whole Parquet file")
        assert open_long(path, vocabulary, 1, "t.parquet") == (said,)
        write_long(good, path, vocabulary)


def test_a_parquet_file_with_wrong_columns(vocabulary: Vocabulary, tmp_path: Path) -> None:
    frame = read_long(EXAMPLES / "observations.csv", vocabulary).frame
    assert frame is not None
    path = tmp_path / "t.parquet"
    frame.drop("known").write_parquet(path)
    assert str(one(read_long(path, vocabulary))).startswith('t.parquet:1:1: K014 the table has no column "known"')
    frame.with_columns(value=pl.lit(float("nan"))).head(1).write_parquet(path)
    assert str(one(read_long(path, vocabulary))).startswith('t.parquet:1:7: K020 "nan" is not a number of per cent')
    frame.with_columns(value=pl.lit([1])).head(1).write_parquet(path)
    assert "the column \"value\" holds List(Int64) where numbers should be" in str(one(read_long(path, vocabulary)))


def test_an_interrupted_write_leaves_the_old_file(vocabulary: Vocabulary, tmp_path: Path) -> None:
    frame = read_long(EXAMPLES / "observations.csv", vocabulary).frame
    assert frame is not None
    path = tmp_path / "t.parquet"
    write_long(frame, path, vocabulary)
    before = path.read_bytes()
    with pytest.raises(pl.exceptions.PolarsError):
        write_long(frame.drop("source"), path, vocabulary)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["t.parquet"]


def test_a_part_of_a_parquet_file_is_the_same_rows_as_of_the_whole(vocabulary: Vocabulary, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    rows = [("E2 ", "agency_worker_rate", "2018-09-30", "2019-02-28", "3", "", "a"),
            ("E1", "turnover_rate", "2018-09-30", "2019-02-28", "", "c", "a"),
            ("E2", "agency_worker_rate", "2019-09-30", "2020-02-28", "4", "", "a"),
            ("E3", "agency_worker_rate", "2019-09-30", "2020-02-28", "400", "", "a")]
    pl.DataFrame(rows, HEADER.strip().split(","), orient="row").write_parquet(path)
    parts = open_long(path, vocabulary, 1, "t.parquet")
    assert isinstance(parts, LongFile)
    assert (dict(parts.rows), parts.whole) == ({"E1": 1, "E2": 2, "E3": 1}, None)
    whole, problems = read_long(path, vocabulary)
    assert whole is not None
    for codes in (["E1"], ["E2"], ["E1", "E2"]):
        part = parts.part(codes)
        assert part.problems == ()
        assert part.frame is not None
        assert part.frame.equals(whole.filter(pl.col("authority_code").is_in(codes)))
    assert parts.part(["E3"]).problems == problems
    assert problems[0].place.line == 4
