"""The answers of `backtest`: what is said, in which forms, whole in a file or not at all, and what is refused."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.backtest
from cli import sigrisk
from explain.account import closing
from kb.files import EXAMPLES, VOCABULARY
from kb.judgements import read_judgements
from kb.knowledge import Knowledge
from kb.longtables import write_frame
from kb.outcomes import read_judged

OBSERVATIONS = "authority_code,indicator,about,known,value,marker,source\n"
OUTCOMES = "authority_code,framework,judgement_area,judgement,date,inspection_date\n"
GRADES = ("outstanding", "good", "requires_improvement", "inadequate")
YEARS = range(2016, 2025)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty invented authorities, a return of each in every year, and three judgements; one code is in no list."""
    found, codes = tmp_path_factory.mktemp("country"), [f"I{place:02}" for place in range(1, 31)]
    shutil.copytree(VOCABULARY, found / "kb")
    listed = [f"  - {{code: {code}, name: Anyshire {code[1:]}}}" for code in codes]
    (found / "kb" / "authorities.yaml").write_text("authorities:\n" + "\n".join(listed) + "\n", encoding="utf-8")
    rows = [row for place, code in enumerate((*codes, "X1")) for year in YEARS for row in figures(place, code, year)]
    (found / "obs.csv").write_text(OBSERVATIONS + "\n".join(rows) + "\n", encoding="utf-8")
    rows = [row for place, code in enumerate((*codes, "X1")) for row in judged(place, code)]
    (found / "out.csv").write_text(OUTCOMES + "\n".join(rows) + "\n", encoding="utf-8")
    return found


def figures(place: int, code: str, year: int) -> Iterator[str]:
    """A workforce return; every ninth agency rate is withheld."""
    for at, (indicator, low) in enumerate((("agency_worker_rate", 4), ("turnover_rate", 6), ("average_caseload", 12))):
        value = low + (7 * place + 3 * at + 5 * (year % 4)) % (30 - 6 * at)
        withheld = indicator == "agency_worker_rate" and (place + year) % 9 == 0
        yield f"{code},{indicator},{year}-09-30,{year + 1}-02-28,{',c' if withheld else f'{value},'},r"


def judged(place: int, code: str) -> Iterator[str]:
    """Judged twice under one framework, once under another of which it is not published when it began."""
    for year, at in ((2019, place), (2023, place // 2)):
        for area in ("overall", "impact_of_leaders"):
            yield f"{code},ILACS,{area},{GRADES[at % 4]},{year}-{place % 12 + 1:02}-20,{year}-{place % 12 + 1:02}-02"
    yield f"{code},SIF,overall,{GRADES[(place + 1) % 4]},2017-{place % 12 + 1:02}-15,"
    yield f"{code},ILACS-2026,impact_of_leaders,good,2026-06-17,2026-05-11"


def asked(folder: Path, *words: object) -> Result:
    given = ["backtest", "--table", folder / "obs.csv", "--outcomes", folder / "out.csv", "--kb", folder / "kb", *words]
    return CliRunner().invoke(sigrisk, list(map(str, given)))


@pytest.fixture
def other(folder: Path, tmp_path: Path) -> Path:
    """A folder with the same vocabulary and tables, to be changed."""
    shutil.copytree(folder / "kb", tmp_path / "kb")
    for name in ("obs.csv", "out.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    return tmp_path


def changed(other: Path, old: str, new: str, times: int = -1) -> None:
    """The table of outcomes with something else in place of a text."""
    path = other / "out.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, times), encoding="utf-8")


def run(folder: Path, *words: object) -> str:
    done = asked(folder, *words)
    assert done.exit_code == 0, done.output
    return done.stdout


Hold = Callable[[str, str], None]


def test_in_words(folder: Path, golden: Hold) -> None:
    golden("backtest.txt", run(folder, "--of", "capacity-spiral"))


def test_as_json(folder: Path, golden: Hold) -> None:
    golden("backtest.json", run(folder, "--area", "leaders", "--to", 2020, "--format", "json"))


def test_the_false_picture_in_words(folder: Path, golden: Hold) -> None:
    golden("backtest-leaky.txt", run(folder, "--leaky"))


def test_the_picture_s_text(folder: Path, golden: Hold) -> None:
    golden("backtest.dot", run(folder, "--format", "dot"))


@pytest.mark.parametrize("format", ["text", "json", "markdown", "dot"])
@pytest.mark.parametrize("words", [(), ("--leaky",), ("--area", "leaders")], ids=" ".join)
def test_every_page_says_what_it_is_not(format: str, words: tuple[str, ...], folder: Path) -> None:
    known, _ = read_judgements(VOCABULARY)
    told = " ".join(re.sub(r'<BR ALIGN="LEFT"/>|\\\\', " ", run(folder, "--format", format, *words)).split())
    assert "association, not prediction" in known.association.lower()
    assert known.association in told
    assert (known.leaky in told) == ("--leaky" in words)
    assert told.count("a false picture") + told.count('"leaky"') >= 1 or "--leaky" not in words


@pytest.mark.parametrize("words", [(), ("--leaky",)], ids=["honest", "leaky"])
def test_no_word_is_used_that_is_never_said(words: tuple[str, ...], folder: Path, knowledge: Knowledge) -> None:
    """Grades stand in quotation marks; warnings are the vocabulary's own, and say what it is not."""
    known, _ = read_judgements(VOCABULARY)
    never = re.compile(rf"\b(?:{'|'.join(map(re.escape, knowledge.vocabulary.never_said))})\b", re.IGNORECASE)
    told = " ".join(run(folder, *words).split())
    assert never.search(told)
    for text in (known.association, known.leaky, *closing(knowledge.vocabulary)):
        told = told.replace(text, "")
    assert not never.search(re.sub(r'"[^"]*"', "", told))


@pytest.mark.parametrize("format", ["text", "json", "markdown", "csv", "dot"])
def test_the_order_of_rows_changes_no_byte(format: str, folder: Path, other: Path) -> None:
    for name in ("obs.csv", "out.csv"):
        header, *rows = (folder / name).read_text(encoding="utf-8").splitlines()
        random.Random(7).shuffle(rows)
        (other / name).write_text("\n".join([header, *rows, rows[0]]) + "\n", encoding="utf-8")
    assert run(other, "--format", format) == run(folder, "--format", format)


@pytest.mark.parametrize("format", ["text", "json", "csv"])
def test_what_is_published_on_the_day_it_begins_or_later_changes_nothing(format: str, folder: Path, other: Path,
                                                                        ) -> None:
    """Of every authority a rate beyond all others, on the first day of its last inspection, and one much later."""
    began = {row[0]: row[5] for row in (line.split(",") for line in (other / "out.csv").read_text("utf-8").splitlines())
             if row[1:3] == ["ILACS", "overall"]}
    late = [f"{code},agency_worker_rate,{day},{day},99,,r" for code, last in began.items()
            for day in (last, "2025-06-01")]
    with (other / "obs.csv").open("a", encoding="utf-8") as file:
        file.write("\n".join(late) + "\n")
    words = ("--from", 2019, "--format", format)
    assert run(other, *words) == run(folder, *words)
    assert run(other, "--leaky", *words) != run(folder, "--leaky", *words)


def test_names_stand_in_the_order_of_the_alphabet(folder: Path) -> None:
    run(folder, "--out", folder / "a.csv")
    rows = pl.read_csv(folder / "a.csv")
    assert rows["authority"].to_list() == sorted(rows["authority"].to_list(), key=str.casefold)
    assert rows.height == 90
    assert rows["figures_after"].sum() == 0


def test_the_table_says_what_each_judgement_was_looked_at_with(folder: Path) -> None:
    run(folder, "--out", folder / "b.parquet")
    rows = pl.read_parquet(folder / "b.parquet")
    honest = rows.filter(framework="ILACS")
    assert (honest["began"] - honest["as_at"]).dt.total_days().unique().to_list() == [1]
    assert not honest["began_estimated"].any()
    estimated = rows.filter(framework="SIF")
    assert (estimated["published"] - estimated["as_at"]).dt.total_days().unique().to_list() == [71]
    assert estimated["began_estimated"].all()
    assert rows.filter(pl.col("after_lowest") > 0)["lowest_stood"].is_not_null().all()
    assert (rows["lowest_stood"] < rows["began"]).all()


def test_the_false_picture_uses_figures_that_were_not_there(folder: Path) -> None:
    run(folder, "--leaky", "--out", folder / "c.parquet")
    rows = pl.read_parquet(folder / "c.parquet")
    assert rows["false_picture"].all()
    assert rows["authority_code"].is_unique().all()
    assert (rows["figures_after"] > 0).all()
    assert (rows["as_at"] >= rows["published"]).all()


def test_areas_and_frameworks_are_kept_apart(folder: Path) -> None:
    overall, leaders = (json.loads(run(folder, "--area", area, "--format", "json")) for area in ("overall", "leaders"))
    assert [part["framework"] for part in overall["parts"]] == ["ILACS", "SIF"]
    assert [part["framework"] for part in leaders["parts"]] == ["ILACS", "ILACS-2026"]
    assert "No judgement of this area is in the table under ILACS-2026." in overall["facts"]
    assert "so nothing is claimed" in leaders["parts"][1]["refused"]


def test_an_area_may_be_named_as_the_table_does(folder: Path) -> None:
    by_id, by_name = (json.loads(run(folder, "--area", area, "--format", "json"))["parts"][0]
                      for area in ("leaders", "impact_of_leaders"))
    assert by_id["rows"] == by_name["rows"]


def test_judgements_whose_authority_or_day_nobody_knows_are_left_aside_and_counted(other: Path) -> None:
    changed(other, ",SIF,", ",CPI,")
    facts = json.loads(run(other, "--format", "json"))["facts"]
    assert any("1 authority whose code is not in the list of authorities: X1" in fact for fact in facts)
    assert any("30 judgements under CPI, of which neither" in fact for fact in facts)


@pytest.mark.parametrize("ending", ["csv", "json", "md"])
def test_little_memory_changes_no_byte(ending: str, folder: Path, tmp_path: Path) -> None:
    write_frame(pl.read_csv(folder / "obs.csv"), tmp_path / "obs.parquet")
    for name, memory in (("large", "2GB"), ("small", "400KB")):
        run(folder, "--table", tmp_path / "obs.parquet", "--out", tmp_path / f"{name}.{ending}", "--memory", memory)
    assert (tmp_path / f"large.{ending}").read_bytes() == (tmp_path / f"small.{ending}").read_bytes()


BROKEN = [
    ("authority_code", "code", 'out.csv:1:1: K014 the table has no column "authority_code"'),
    (",2023-01-20,", ",20/01/2023,", 'K018 "20/01/2023" is not a date (write 2018-09-30)'),
    (",2023-01-02", ",2023-01-32", 'K018 "2023-01-32" is not a date'),
    (",2023-01-02", ",2023-02-02", "K019 2023-02-02 comes after the publication on 2023-01-20"),
    (",outstanding,", ",outstandng,", '"outstandng" is not a grade that is known (did you mean "outstanding"?)'),
    (",2023-01-20,", ",0023-01-20,", "K019 0023-01-20 is not between 1950 and 2100 (check the year)"),
    (",2023-01-20,", ",9999-01-20,", "K019 9999-01-20 is not between 1950 and 2100"),
    (",ILACS,overall,", ",,overall,", 'K014 the cell of "framework" is empty'),
]


@pytest.mark.parametrize(("old", "new", "said"), BROKEN, ids=[said for _, _, said in BROKEN])
def test_a_broken_row_of_outcomes_is_told_in_one_line(old: str, new: str, said: str, other: Path) -> None:
    out = other / "old.json"
    out.write_bytes(b"old")
    changed(other, old, new, 1)
    done = asked(other, "--out", out)
    assert (done.exit_code, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert out.read_bytes() == b"old"


def test_judgements_that_disagree_are_told_with_both_rows(other: Path) -> None:
    lines = (other / "out.csv").read_text(encoding="utf-8").splitlines()
    changed(other, lines[-1], f"{lines[-1]}\n{lines[1].replace('outstanding', 'good')}")
    done, last = asked(other), len(lines) + 1
    assert done.exit_code == 3
    assert done.stderr.startswith(f"out.csv:{last}:4: K030 ")
    assert "is good here, and outstanding in row 2 (keep the row that is right)" in done.stderr


WHOLE = [
    ("out.csv", OUTCOMES.encode(), "out.csv:1:1: K025 the table has no rows"),
    ("out.csv", b"", "K014 the table has no column"),
    ("out.csv", "é".encode("latin-1"), "out.csv:1:1: K003 byte 1 is not UTF-8 text"),
    ("out.parquet", b"PAR1 and no more", "out.parquet:1:1: K001 this is no whole Parquet file"),
    ("out.ods", b"PK", "a table of outcomes ends in .csv or .parquet (sigrisk import --outcomes writes one)"),
]


@pytest.mark.parametrize(("name", "data", "said"), WHOLE, ids=[said for *_, said in WHOLE])
def test_a_broken_file_of_outcomes_is_told_in_one_line(name: str, data: bytes, said: str, folder: Path,
                                                       tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    done = asked(folder, "--outcomes", tmp_path / name)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (3, "", 1)
    assert said in done.stderr


def test_a_table_of_outcomes_may_be_parquet_with_days_or_times(folder: Path, tmp_path: Path) -> None:
    rows = pl.read_csv(folder / "out.csv", try_parse_dates=True)
    rows.with_columns(pl.col("date").cast(pl.Datetime)).write_parquet(tmp_path / "out.parquet")
    assert run(folder, "--outcomes", tmp_path / "out.parquet") == run(folder)


def test_a_parquet_of_lists_is_told(folder: Path, tmp_path: Path) -> None:
    pl.read_csv(folder / "out.csv").with_columns(pl.concat_list("framework")).write_parquet(tmp_path / "out.parquet")
    done = asked(folder, "--outcomes", tmp_path / "out.parquet")
    assert done.exit_code == 3
    assert 'out.parquet:1:2: K012 the column "framework" holds several values in each cell' in done.stderr


CELLS = st.sampled_from(["", "I01", "I02", "ILACS", "overall", "good", "inadequate", "2023-01-20", "2023-13-01", "x",
                         '"', "0001-01-01", "é", " ", "=1+1", "2023-01-20T00:00:00"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=5, max_size=7), max_size=4))
def test_whatever_a_table_of_outcomes_holds_it_is_read_or_told(rows: list[list[str]]) -> None:
    with TemporaryDirectory() as place:
        path = Path(place) / "out.csv"
        path.write_text(OUTCOMES + "\n".join(",".join(row) for row in rows), encoding="utf-8")
        found = read_judged(path, read_judgements(VOCABULARY)[0], "out.csv")
    assert found.judgements or found.problems
    assert all(problem.place.file == "out.csv" for problem in found.problems)


def test_very_many_problems_are_counted(other: Path) -> None:
    changed(other, ",ILACS,", ",,")
    lines = asked(other).stderr.splitlines()
    assert lines[-1] == "and 104 more problems"
    assert len(lines) == 21


@pytest.mark.parametrize("ending", ["csv", "json", "txt", "svg"])
def test_what_is_interrupted_leaves_the_old_file_in_place(ending: str, folder: Path, tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / f"a.{ending}"
    out.write_bytes(b"old")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt
    monkeypatch.setattr(engine.backtest, "seen", stopped)
    assert asked(folder, "--out", out).exit_code != 0
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert out.read_bytes() == b"old"


@pytest.mark.parametrize(("words", "said"), [
    (("--area", "leadrs"), "has no judgement of the area 'leadrs'; did you mean \"leaders\"?"),
    (("--to", 2010), "has no judgement of the area 'overall' published in those years; they go from 2017 to 2023"),
    (("--from", 2020, "--to", 2019), "no year goes from 2020 to 2019"),
    (("--of", "capacity-spirl"), "did you mean \"capacity-spiral\"?"),
    (("--out", "a.docx"), "a.docx does not end in .txt, .md, .json, .csv, .parquet or .svg"),
    (("--format", "png"), "png is written to a file: --out backtest.png"),
])
def test_what_cannot_be_asked(words: tuple[object, ...], said: str, folder: Path) -> None:
    done = asked(folder, *words)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr


def test_a_vocabulary_without_judgements_is_told(folder: Path) -> None:
    done = asked(folder, "--kb", EXAMPLES / "orchards" / "kb", "--rules", EXAMPLES / "orchards" / "rules")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "this vocabulary knows no judgements: judgements.yaml is not in it" in done.stderr
