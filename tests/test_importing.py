"""Official files as they are published: what import makes of each, and that nothing in them is guessed or lost."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import sigrisk
from kb.cells import read_cells
from kb.dossier import Case
from kb.files import VOCABULARY
from kb.importing.authorities import Matching
from kb.importing.calendar import Calendar, read_calendar
from kb.importing.gather import gather
from kb.importing.kinds import Columns, Kind, read_kinds
from kb.importing.observations import Figures, read_figures
from kb.importing.periods import last_day
from kb.importing.recognise import Recognised, recognise
from kb.knowledge import Knowledge
from kb.longtables import read_long
from kb.model import Problem, Vocabulary
from kb.sources import who_says

WORKFORCE, BEFORE = "csww_indicators_2017_to_2025.csv", "csww_indicators_2017_to_2023.csv"
REFERRALS = "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
PLANS, CHANGES = "d3_cpps_subsequent_plan_2013_to_2025.csv", "la_cla_swcount.csv"
LAIT, DICTIONARY = "lait_bds_long_0.parquet", "lait_data_dictionary.csv"
OUTCOMES, NEIGHBOURS = "LA_Inspection_Outcomes_as_at_31_March_2025.ods", "sn_model_2025_wide.csv"
TIDY_NAMES = {"no_further_action_rate": "referrals_no_further_action_rate", "repeat_plan_rate": "repeat_cp_plan_rate",
              "three_or_more_social_workers": "cla_three_or_more_social_workers"}
"""What the tidy table calls the figures that have another name here."""
LETTERS = {"suppressed": "c", "unavailable": "x", "not applicable": "z", "unreliable": "u"}
ENGLAND = "E92000001"


@pytest.fixture(scope="module")
def vocabulary(knowledge: Knowledge) -> Vocabulary:
    return knowledge.vocabulary


@pytest.fixture(scope="module")
def kinds(vocabulary: Vocabulary) -> dict[str, Kind]:
    found, problems = read_kinds(VOCABULARY, vocabulary)
    assert problems == ()
    return found


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    found, problems = read_calendar(VOCABULARY)
    assert problems == ()
    return found


@pytest.fixture(scope="module")
def raw(shared: Path) -> Path:
    return shared / "data" / "raw"


def told(path: Path, kinds: dict[str, Kind]) -> Recognised:
    found = recognise(path, path.name, kinds)
    assert isinstance(found, Recognised), found
    return found


# each sample against the tidy table


def figures_of(path: Path, kinds: dict[str, Kind], vocabulary: Vocabulary) -> Figures:
    file = told(path, kinds)
    assert file.kind
    return read_figures(file.cells, file.kind, vocabulary)


@pytest.fixture(scope="module")
def tidy(shared: Path) -> pl.DataFrame:
    """The tidy table with what it holds, or the marker that stood there, in one column of text."""
    values, markers = (pl.read_csv(shared / "data" / name, infer_schema=False)
                       for name in ("observations.csv", "suppressed.csv"))
    rows = [frame.select("authority_code", "source", measure="indicator", about=pl.col("period_end").str.to_date(),
                         there=column) for frame, column in ((values, "value"), (markers, "marker"))]
    return pl.concat(rows)


def beside(figures: Figures, tidy: pl.DataFrame, source: str) -> pl.DataFrame:
    """Every figure of either table, `here` and `there`, a number written in one way."""
    here = pl.coalesce(pl.col("value").cast(pl.String), pl.col("marker").replace(LETTERS))
    mine = figures.frame.select("authority_code", "about", "indicator", "source", "marker",
                                measure=pl.col("measure").replace(TIDY_NAMES), here=here)
    theirs = tidy.filter(pl.col("source").str.starts_with(source)).drop("source")
    number = pl.col("there").cast(pl.Float64, strict=False).cast(pl.String)
    both = mine.join(theirs, on=("authority_code", "measure", "about"), how="full", coalesce=True)
    return both.with_columns(there=pl.coalesce(number, "there"))


def otherwise(both: pl.DataFrame) -> pl.DataFrame:
    return both.filter(pl.col("here").ne_missing(pl.col("there")))


@pytest.mark.parametrize(("file", "source", "size"), [
    (WORKFORCE, "DfE csww_", 15018), (PLANS, "DfE d3_", 1989), (CHANGES, "DfE la_cla_", 154)])
def test_a_sample_gives_the_tidy_table_and_nothing_else(file: str, source: str, size: int, raw: Path,
                                                        tidy: pl.DataFrame, kinds: dict[str, Kind],
                                                        vocabulary: Vocabulary) -> None:
    figures = figures_of(raw / file, kinds, vocabulary)
    both = beside(figures, tidy, source)
    assert (both.height, otherwise(both).height) == (size, 0)
    assert (figures.problems, figures.unmatched) == ((), ())


def test_the_referrals_give_the_tidy_table_and_one_figure_more(raw: Path, tidy: pl.DataFrame, kinds: dict[str, Kind],
                                                               vocabulary: Vocabulary) -> None:
    both = beside(figures_of(raw / REFERRALS, kinds, vocabulary), tidy, "DfE c1_")
    assert otherwise(both)["measure"].unique().to_list() == ["assessed_not_in_need_rate"], "the tidy table has it not"
    assert both.filter(pl.col("measure") != "assessed_not_in_need_rate").height == 3978


def test_the_interactive_tool_gives_the_tidy_table_but_for_what_is_explained(
        raw: Path, tidy: pl.DataFrame, kinds: dict[str, Kind], vocabulary: Vocabulary) -> None:
    both = beside(figures_of(raw / LAIT, kinds, vocabulary), tidy, "DfE LAIT")
    differ = otherwise(both)
    asked = pl.col("indicator").is_not_null()
    hyphen = pl.col("marker") == "not recorded"
    first_hand = asked & ~hyphen.fill_null(False) & (pl.col("about") > date(2016, 9, 30))
    gone = pl.col("here").is_null()
    # the tidy table leaves out a hyphen, and takes what the workforce file has from there
    assert differ.filter(~hyphen.fill_null(False) & ~first_hand & ~gone).height == 0
    assert differ.filter(hyphen.fill_null(False))["there"].null_count() == differ.filter(hyphen).height == 1362
    assert differ.filter(first_hand)["there"].null_count() == differ.filter(first_hand).height == 6846
    # it also has figures under authorities that were not in being on the day: none is theirs here
    absent = differ.filter(gone)
    assert absent.height == 13
    for code, about in absent.select("authority_code", "about").iter_rows():
        one = vocabulary.authorities[code]
        assert (one.began and about < one.began) or (one.ended and about > one.ended)
    assert both.height - differ.height == 26069


def test_the_outcomes_are_those_of_the_tidy_table(raw: Path, shared: Path, kinds: dict[str, Kind], calendar: Calendar,
                                                  vocabulary: Vocabulary) -> None:
    found = gather([told(raw / OUTCOMES, kinds)], vocabulary, calendar)
    tidy = pl.read_csv(shared / "data" / "outcomes.csv", try_parse_dates=True)
    tidy = tidy.filter(pl.col("source").str.contains("ILACS_inspection_history"))
    assert found.outcomes.columns == tidy.columns
    assert found.outcomes["source"].unique().to_list() == ["ofsted-outcomes-2025"], "an id for the tidy table's words"
    mine, theirs = (frame.drop("source").sort(pl.all()) for frame in (found.outcomes, tidy))
    assert mine.equals(theirs)
    assert (found.told[0].rows, mine.height, found.told[0].unmatched) == (271, 1187, ())


def test_the_neighbours_are_those_of_the_tidy_table(raw: Path, shared: Path, kinds: dict[str, Kind],
                                                    calendar: Calendar, vocabulary: Vocabulary) -> None:
    found = gather([told(raw / NEIGHBOURS, kinds)], vocabulary, calendar).neighbours
    tidy = pl.read_csv(shared / "data" / "neighbours.csv")
    assert found.columns == tidy.columns
    assert found.sort(pl.all()).equals(tidy.sort(pl.all()))


# the command on all of it


@pytest.fixture(scope="module")
def table(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The table that the command makes of the newest files."""
    out = tmp_path_factory.mktemp("table") / "observations.parquet"
    done = ask("import", *(str(raw / name) for name in (WORKFORCE, REFERRALS, PLANS, CHANGES, LAIT, DICTIONARY)),
               "-o", str(out))
    assert done[0] == 0, done[2]
    return pl.read_parquet(out)


def ask(*said: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(sigrisk, said)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.exit_code, done.stdout, done.stderr


def rate(table: pl.DataFrame, code: str = ENGLAND, indicator: str = "agency_worker_rate") -> pl.DataFrame:
    return table.filter((pl.col("authority_code") == code) & (pl.col("indicator") == indicator)).sort("about", "known")


def test_the_agency_rate_of_england(table: pl.DataFrame) -> None:
    rows = rate(table).filter(pl.col("about").dt.year() >= 2022)
    assert rows.select("about", "known", "value").rows() == [
        (date(2022, 9, 30), date(2023, 2, 28), 17.6), (date(2023, 9, 30), date(2024, 2, 29), 17.9),
        (date(2024, 9, 30), date(2025, 2, 28), 16.2), (date(2025, 9, 30), date(2026, 2, 28), 13.0)]


def test_the_whole_table(table: pl.DataFrame, vocabulary: Vocabulary) -> None:
    assert (table.height, table["indicator"].n_unique()) == (15765, 10)
    assert set(table["authority_code"]) == {*vocabulary.authorities, ENGLAND}
    assert (table["known"] > table["about"]).all()
    assert table["value"].is_null().eq(table["marker"].is_not_null()).all(), "a value, or else a reason"
    assert dict(table["marker"].value_counts().drop_nulls().rows()) == {
        "suppressed": 167, "unavailable": 47, "unreliable": 19, "not applicable": 17, "low": 6, "not recorded": 30}


def test_one_return_of_two_stands_under_both_as_rates(table: pl.DataFrame) -> None:
    for one, other, since in (("E09000021", "E09000027", 2017), ("E06000061", "E06000062", 2021)):
        mine, theirs = (rate(table, code).filter(pl.col("about").dt.year() >= max(since, 2017))["value"]
                        for code in (one, other))
        assert mine.equals(theirs)
        assert len(mine) == 2026 - since


def test_who_changed_code_keeps_one_line_and_dorset_has_two(table: pl.DataFrame) -> None:
    for code in ("E06000060", "E06000065", "E06000066", "E08000038", "E08000039"):
        assert rate(table, code)["about"].dt.year().to_list() == list(range(2016, 2026))
    assert rate(table, "E10000009")["about"].dt.year().to_list() == [2016, 2017, 2018]
    assert rate(table, "E06000059")["about"].dt.year().to_list() == list(range(2019, 2026))


def test_a_revised_figure_counts_from_the_day_of_the_edition_that_has_it(raw: Path, kinds: dict[str, Kind],
                                                                         calendar: Calendar,
                                                                         vocabulary: Vocabulary) -> None:
    both = [told(raw / name, kinds) for name in (WORKFORCE, BEFORE)]
    found = gather(both, vocabulary, calendar)
    assert rate(found.observations).filter(pl.col("about") == date(2023, 9, 30)).select("known", "value").rows() == [
        (date(2024, 2, 29), 17.8), (date(2026, 2, 28), 17.9)]
    assert [(one.name, one.revised) for one in found.told] == [(BEFORE, 0), (WORKFORCE, 5)]
    alone = gather(both[1:], vocabulary, calendar).observations
    before = found.observations.filter(pl.col("known") <= date(2024, 2, 29))
    assert before.equals(alone), "nothing of the later edition is known before its day"
    assert gather(both[::-1], vocabulary, calendar).observations.equals(found.observations)


def test_first_hand_goes_before_second_hand(raw: Path, kinds: dict[str, Kind], calendar: Calendar,
                                            vocabulary: Vocabulary) -> None:
    found = gather([told(raw / name, kinds) for name in (LAIT, WORKFORCE)], vocabulary, calendar)
    assert rate(found.observations)["source"].to_list() == ["lait", *["dfe-workforce"] * 9]
    aside = {why: rows for one in found.told for why, rows in one.left_out if "first hand" in why}
    assert aside == {"figures that are there at first hand, and the same": 6840,
                     "figures that are there at first hand, and not the same": 50}


def test_the_summary_accounts_for_every_file(raw: Path) -> None:
    code, said, talk = ask("import", str(raw / LAIT), str(raw / DICTIONARY), str(raw / CHANGES), "--all")
    assert code == 0
    assert "rows read: 641,070; rows made of them: 7,655" in said
    assert "rows about groups of authorities: 41,481" in said
    assert "figures of authorities that were not in being on the day: 1,339" in said
    assert "Low birth weight" in said, "what nothing asks for, by its title in the dictionary"
    assert "observations not written: -o FILE says where" in talk


# small files, and what may be wrong with them


HEADER = ("time_period,geographic_level,country_code,old_la_code,new_la_code,la_name,turnover_rate_fte,agency_fte,"
          "agency_rate_fte,agency_cover_rate_fte,vacancy_fte,vacancy_rate_fte,caseload_fte,absence_rate_fte,"
          "inpost_fte,starters_fte,leavers_fte\n")
DERBY = "2023,Local authority,E92000001,831,E06000015,Derby,11.5,20,13.2,60,30,15.1,16,3.2,200,30,25\n"
WHOLE = "2023,National,E92000001,,,,15.9,7000,17.8,80,7700,18.9,16,3.2,33000,6000,5200\n"
REGION = "2023,Regional,E92000001,,,,15.9,7000,17.8,80,7700,18.9,16,3.2,33000,6000,5200\n"
JOINT = DERBY.replace("831", "314 / 318").replace("E06000015", "E09000021 / E09000027")


def file_of(folder: Path, text: str, name: str = "census.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder / name


def problems_of(path: Path, kinds: dict[str, Kind], vocabulary: Vocabulary, calendar: Calendar) -> list[str]:
    found = recognise(path, path.name, kinds)
    return [str(one) for one in ([found] if isinstance(found, Problem) else
                                 gather([found], vocabulary, calendar).problems)]


BROKEN = {
    "a missing column": (HEADER.replace("agency_rate_fte", "agency_rate") + DERBY,
                         'census.csv:1:1: K014 the file has no column "agency_rate_fte", which files of the kind '
                         'workforce have (did you mean "agency_rate"?)'),
    "another missing column": (HEADER.replace("caseload_fte", "caseloads") + DERBY,
                               'census.csv:1:1: K014 the file has no column "caseload_fte"'),
    "a marker never seen": (HEADER + WHOLE + DERBY.replace("13.2", "q"),
                            'census.csv:3:9: K020 "q" is neither a number nor a marker of such files '
                            "(the markers are c, x, :, z, u, low, k)"),
    "text in a number": (HEADER + DERBY.replace("16", "sixteen"), 'census.csv:2:13: K020 "sixteen" is neither'),
    "a comma in a number": (HEADER + DERBY.replace("11.5", '"1,1"'), 'census.csv:2:7: K020 "1,1" is neither'),
    "a share above a hundred": (HEADER + DERBY.replace("13.2", "132"), "census.csv:2:9: K019 132 per cent is not"),
    "a number below nothing": (HEADER + DERBY.replace("13.2", "-1"), "census.csv:2:9: K019 -1 per cent is not"),
    "a level never seen": (HEADER + DERBY.replace("Local authority", "Ward"),
                           'census.csv:2:2: K019 "Ward" is not a level that is known'),
    "a year that is none": (HEADER + DERBY.replace("2023,", "30/09/2023,"),
                            'census.csv:2:1: K018 "30/09/2023" is not a year'),
    "a year nobody has announced": (HEADER + DERBY.replace("2023,", "2031,"),
                                    'census.csv:1:1: K014 the calendar does not say when the release "workforce" of '
                                    "2031-09-30 became public"),
    "rows that disagree": (HEADER + DERBY + DERBY.replace("13.2", "13.3"),
                           'census.csv:3:9: K030 "agency_worker_rate" of "E06000015" is 13.3 here, and 13.2 in row 2'),
    "a row that is cut off": (HEADER + DERBY + "2023,Local authority,E92000001\n",
                              "census.csv:3:1: K012 the row has 3 cells where the header has 17"),
    "an open quotation mark": (HEADER + DERBY.replace("Derby", '"Derby'), "census.csv:2:1: K004 the row cannot"),
    "no rows": (HEADER, "census.csv:1:1: K025 the file has no rows below its header"),
    "nothing at all": ("", "census.csv:1:1: K019 the columns are of no kind of file"),
    "nobody that is known": (HEADER + DERBY.replace("831", "999").replace("E06000015", "W06000015"),
                             "census.csv:1:1: K025 no row of the file is about a known authority"),
    "columns of something else": ("a,b\n1,2\n", "census.csv:1:1: K019 the columns are of no kind of file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gets_one_clear_message(name: str, kinds: dict[str, Kind], vocabulary: Vocabulary,
                                              calendar: Calendar, tmp_path: Path) -> None:
    text, said = BROKEN[name]
    (problem,) = problems_of(file_of(tmp_path, text), kinds, vocabulary, calendar)
    assert problem.startswith(said)


def test_a_rate_that_stands_there_twice_on_two_bases_is_told_at_its_column(
        kinds: dict[str, Kind], vocabulary: Vocabulary, calendar: Calendar, tmp_path: Path) -> None:
    text = HEADER + DERBY + DERBY.replace(",200,", ",190,")
    found = problems_of(file_of(tmp_path, text), kinds, vocabulary, calendar)
    assert len(found) == 4, "each rate that rests on those in post"
    assert any(one.startswith('census.csv:3:9: K030 the base of "agency_worker_rate" of "E06000015" is 190 here, and '
                              "200 in row 2, of the same day and source") for one in found)


def test_nothing_is_written_where_anything_is_wrong_and_what_was_there_stays(tmp_path: Path) -> None:
    out = tmp_path / "observations.csv"
    out.write_text("as it was", encoding="utf-8")
    for name, (text, said) in BROKEN.items():
        code, printed, talk = ask("import", str(file_of(tmp_path, text)), "-o", str(out))
        assert (code, printed) == (3, ""), name
        assert talk.startswith(said)
        assert len(talk.splitlines()) == 1
    assert out.read_text(encoding="utf-8") == "as it was"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["census.csv", "observations.csv"]


def test_other_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "census.csv").write_bytes((HEADER + DERBY.replace("Derby", "Dérby")).encode("latin-1"))
    (tmp_path / "lait.parquet").write_bytes(b"PAR1 and then the line went dead")
    (tmp_path / "outcomes.ods").write_bytes(b"PK no workbook at all")
    for name, cell, said in (("census.csv", "2:6", "is not UTF-8 text (save the table as CSV UTF-8)"),
                             ("lait.parquet", "1:1", "this is no whole Parquet file"),
                             ("outcomes.ods", "1:1", "this workbook cannot be read")):
        code, printed, talk = ask("import", str(tmp_path / name), "-o", str(tmp_path / "out.csv"))
        assert (code, printed) == (3, "")
        assert len(talk.splitlines()) == 1
        assert talk.startswith(f"{name}:{cell}: K00")
        assert said in talk
    assert not (tmp_path / "out.csv").exists()


def test_a_workbook_without_its_reader_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    (tmp_path / "outcomes.ods").write_bytes(b"PK")
    assert ask("import", str(tmp_path / "outcomes.ods")) == (
        3, "", "sigrisk: install the extra `excel`, which brings fastexcel, or save the sheet as CSV UTF-8\n")


def test_a_small_file(tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    path = file_of(tmp_path, HEADER + WHOLE + REGION + DERBY.replace("13.2", "low").replace("15.1", ":") + JOINT
                   + DERBY.replace("831", "999").replace("E06000015", "E99999999").replace("Derby", "Nowhere"))
    code, said, talk = ask("import", str(path), "-o", str(tmp_path / "out.csv"))
    assert (code, talk) == (0, f"written to {tmp_path / 'out.csv'}\n")
    golden("import-census.txt", said)
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "authority_code,indicator,about,known,value,marker,source,kind,base"
    assert "E06000015,agency_worker_rate,2023-09-30,2024-02-29,,low,dfe-workforce,statistic,200" in rows
    assert "E09000021,agency_worker_rate,2023-09-30,2024-02-29,13.2,,dfe-workforce,statistic,200" in rows
    assert "E09000027,agency_worker_rate,2023-09-30,2024-02-29,13.2,,dfe-workforce,statistic,200" in rows
    assert "E92000001,agency_worker_rate,2023-09-30,2024-02-29,17.8,,dfe-workforce,statistic,33000" in rows
    assert "E06000015,average_caseload,2023-09-30,2024-02-29,16,,dfe-workforce,statistic," in rows


def test_where_the_number_behind_a_rate_is_withheld_none_is_recorded(tmp_path: Path) -> None:
    text = HEADER + DERBY.replace(",200,30,", ",c,30,")
    ask("import", str(file_of(tmp_path, text)), "-o", str(tmp_path / "out.csv"))
    assert ",agency_worker_rate,2023-09-30,2024-02-29,13.2,,dfe-workforce,statistic" in (
        tmp_path / "out.csv").read_text(encoding="utf-8")


def test_an_empty_cell_is_blank_and_never_nothing(tmp_path: Path) -> None:
    ask("import", str(file_of(tmp_path, HEADER + DERBY.replace("13.2", ""))), "-o", str(tmp_path / "out.csv"))
    assert ",agency_worker_rate,2023-09-30,2024-02-29,,blank," in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_days_of_publication_can_be_corrected(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEADER + DERBY + DERBY.replace("2023,", "2031,"))
    mine = tmp_path / "days.yaml"
    mine.write_text("releases:\n  - id: workforce\n    known: {2023-09-30: 2024-03, 2031-09-30: 2032-02-29}\n",
                    encoding="utf-8")
    code, _, talk = ask("import", str(path), "-o", str(tmp_path / "out.csv"), "--calendar", str(mine))
    assert code == 0, talk
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "agency_worker_rate,2023-09-30,2024-03-31," in rows, "a month is its last day"
    assert "agency_worker_rate,2031-09-30,2032-02-29," in rows


@pytest.mark.parametrize(("text", "said"), [
    ("releases:\n  - id: workforc\n    known: {2023-09-30: 2024-03-01}\n", "K015 there is no release"),
    ("releases:\n  - id: workforce\n    known: {2023: 2024-03-01}\n", "K018 a day is due on both sides"),
    ("releases:\n  - id: workforce\n    known: {2023-09-30: soon}\n", "K018 a day is due on both sides"),
    ("releases:\n  - id: workforce\n    known: {2023-09-30: 2023-08-01}\n", "K019 public by 2023-08-01, before"),
    ("days: []\n", "K014 a list under `releases:` is due"),
])
def test_a_calendar_that_is_wrong(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "days.yaml").write_text(text, encoding="utf-8")
    code, _, talk = ask("import", str(file_of(tmp_path, HEADER + DERBY)), "--calendar", str(tmp_path / "days.yaml"))
    assert code == 3
    assert said in talk
    assert talk.startswith("days.yaml:")


def test_calendar_spreads_and_cases_have_one_day_for_each_release(
        calendar: Calendar, kinds: dict[str, Kind], vocabulary: Vocabulary, cases: dict[str, Case]) -> None:
    releases = {measure.indicator: measure.release for kind in kinds.values() for measure in kind.measures}
    official = {who_says(vocabulary.sources[measure.source]) for kind in kinds.values() for measure in kind.measures
                if measure.indicator}
    shipped = [(year.indicator, year.day, year.known) for year in vocabulary.years.values()]
    observed = [(o.indicator, o.about.end, o.known) for case in cases.values() for o in case.observations
                if o.indicator in releases and o.body in official]
    assert len(shipped) > 70
    assert len(observed) > 500
    for indicator, day, known in (*shipped, *observed):
        assert calendar[releases[indicator], day] == known, f"{indicator} of {day}"


def test_a_newer_edition_with_other_columns(tmp_path: Path, kinds: dict[str, Kind], vocabulary: Vocabulary,
                                            calendar: Calendar) -> None:
    text = ("time_period,geographic_level,old_la_code,new_la_code,la_name,cla_group,sw_stability,children_count,"
            "children_percent\n2024,Local authority,831,E06000015,Derby,{group},{what},40,{share}\n")
    three = "3 or more social workers during the year"
    rows = [text.format(group="CLA on 31 March", what=three, share="24"),
            *(text.format(group=group, what=what, share="99").splitlines()[1] + "\n" for group, what in (
                ("CLA 2 years on 31 March", three), ("CLA on 31 March", "Total children")))]
    found = gather([told(file_of(tmp_path, "".join(rows)), kinds)], vocabulary, calendar)
    assert found.problems == ()
    assert found.observations.select("indicator", "value").rows() == [("three_or_more_social_workers", 24.0)]


def test_a_table_of_ones_own_goes_beside(tmp_path: Path) -> None:
    own = file_of(tmp_path, "authority_code,indicator,about,known,value,marker,source\n"
                  "E06000015,section_114_notice,2023-11-29,2023-11-29,1,,notice\n"
                  "E06000015,staff_survey_missing,throughout 2022-01-01 to 2022-12-31,2023-01-31,yes,,council\n",
                  "own.csv")
    code, said, _ = ask("import", str(own), str(file_of(tmp_path, HEADER + DERBY)), "-o", str(tmp_path / "out.csv"))
    assert code == 0
    assert "a table of observations" in said
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "E06000015,section_114_notice,2023-11-29,2023-11-29,1,,notice,event" in rows
    assert "throughout 2022-01-01 to 2022-12-31,2023-01-31,yes,,council,event" in rows
    assert "agency_worker_rate" in rows


def test_a_dictionary_that_speaks_of_other_years(raw: Path, tmp_path: Path, kinds: dict[str, Kind],
                                                 vocabulary: Vocabulary, calendar: Calendar) -> None:
    text = ("Measure_short,Measure,Year_Type\nWork_Force_Agecy_Rate,Agency rate,Financial Year\n"
            "LowBirth,Low birth weight,Calendar Year\n")
    files = [told(raw / LAIT, kinds), told(file_of(tmp_path, text), kinds)]
    (problem,) = gather(files, vocabulary, calendar).problems
    assert str(problem).startswith('census.csv:2:3: K019 the years of "Work_Force_Agecy_Rate" are "Financial Year"')


def test_the_interactive_tool_as_csv_gives_the_same(raw: Path, tmp_path: Path, kinds: dict[str, Kind],
                                                    calendar: Calendar, vocabulary: Vocabulary) -> None:
    """Its texts run over several lines, and other programs write its numbers without a point."""
    table = pl.read_parquet(raw / LAIT).filter(pl.col("Short Desc").str.starts_with("Work_Force"))
    assert table["Data item"].str.contains("\n").any()
    table.write_parquet(tmp_path / "lait.parquet")
    table.write_csv(tmp_path / "with-points.csv")
    table.cast({"LA Number": pl.Int64}).write_csv(tmp_path / "quoted.csv", quote_style="always")
    first, *others = (gather([told(file, kinds)], vocabulary, calendar).observations
                      for file in sorted(tmp_path.iterdir()))
    assert first.height == 7655
    assert all(first.equals(other) for other in others)


# what the readers rest on


def test_which_authority_is_meant(vocabulary: Vocabulary) -> None:
    matching, columns = Matching(vocabulary), Columns(together=" / ")
    for number, code, codes in (
            ("831", "E06000015", ("E06000015",)), ("831.0", "", ("E06000015",)), ("", "E06000015", ("E06000015",)),
            ("370", "E08000016", ("E08000038",)), ("", "E08000016", ("E08000038",)), ("835", "", ("E10000009",)),
            ("838", "", ("E06000059",)), ("314 / 318", "", ("E09000021", "E09000027")),
            ("831", "E08000016", ()), ("831 / 370", "", ()), ("999", "", ()), ("", "", ())):
        assert matching.codes(number, code, columns) == codes, (number, code)


@given(st.integers(1990, 2098), st.sampled_from(("", " (Rev)", " (OT)")))
def test_years_as_they_are_published(year: int, note: str) -> None:
    ends = date(year + 1, 3, 31)
    for text in (f"{year}-{(year + 1) % 100:02d}", f"{year}/{(year + 1) % 100:02d}", f"{year}{(year + 1) % 100:02d}",
                 f"{year + 1}"):
        assert last_day(text + note, (3, 31)) == ends
    assert last_day(f"{year}-{(year + 2) % 100:02d}", (3, 31)) is None
    assert last_day(f"{year}-{year + 1}", (3, 31)) is None


@settings(max_examples=20, deadline=None, database=None, derandomize=True)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from((WHOLE, REGION, DERBY, JOINT)), max_size=6))
def test_the_order_of_rows_does_not_show(kinds: dict[str, Kind], vocabulary: Vocabulary, calendar: Calendar,
                                         tmp_path_factory: pytest.TempPathFactory, rng: random.Random,
                                         more: list[str]) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = [WHOLE, DERBY, *more]
    as_given, mixed = (gather([told(file_of(folder, HEADER + "".join(some)), kinds)], vocabulary, calendar)
                       for some in (rows, rng.sample(rows, len(rows))))
    assert as_given.observations.equals(mixed.observations)
    assert as_given.problems == mixed.problems == ()


def test_what_may_be_wrong_in_the_file_of_a_kind(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "imports").mkdir()
    (tmp_path / "imports" / "mine.yaml").write_text(
        "kind: mine\ntitle: Mine\nholds: observation\ntold_by: [a]\nperiod: {column: y, ends: 31 Marc}\n"
        "authority: {nummer: a}\nmarkers: {c: surpressed}\nmeasures:\n  - {column: b, indicator: agency_rate}\n"
        "more: 1\n", encoding="utf-8")
    codes = sorted(str(problem.code) for problem in read_kinds(tmp_path, vocabulary)[1])
    assert codes == ["K013", "K013", "K015", "K018", "K019", "K019"]


def test_a_kind_that_does_not_say_what_it_must(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "imports").mkdir()
    for name, text in (("a", "holds: observations\nmeasures: [{column: b, name: c}]\n"),
                       ("b", "holds: outcomes\ndates: {visit: V}\n"), ("c", "holds: neighbours\n")):
        (tmp_path / "imports" / f"{name}.yaml").write_text(f"kind: {name}\ntitle: T\ntold_by: [a]\n{text}",
                                                           encoding="utf-8")
    said = sorted(f"{problem.place.file[-6]} {problem.message}" for problem in read_kinds(tmp_path, vocabulary)[1])
    assert said == [
        'a this file has no "markers"', 'a this file has no "period"',
        "a this measure does not say on which day its year ends", 'b the day of publication is not among the dates',
        'b this file has no "areas"', 'b this file has no "framework"', 'b this file has no "judgements"',
        'c this file has no "closeness"', 'c this file has no "model"', 'c this file has no "neighbour"',
        'c this file has no "ranks"', 'c this file has no "words"']


def test_check_looks_at_the_kinds_of_files_and_the_calendar(tmp_path: Path) -> None:
    folder = tmp_path / "vocabulary"
    shutil.copytree(VOCABULARY, folder)
    for name, was, then in (("workforce", "agency_worker_rate", "agency_workers_rate"),
                            ("calendar", "2018-09-30: 2019-02-28", "2018-09-30: 2018-02-28")):
        path = folder / "imports" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(was, then), encoding="utf-8")
    code, said, _ = ask("check", "--kb", str(folder))
    assert code == 1
    assert [line.split()[1] for line in said.splitlines() if line.startswith("imports/")] == ["K019", "K015"]


@pytest.mark.parametrize(("year", "number", "code", "under"), [
    (2017, "314 / 318", "E09000021 / E09000027", ["E09000021", "E09000027"]),
    (2017, "318 / 314", "E09000027 / E09000021", ["E09000021", "E09000027"]),
    (2018, "314/318", "E09000021/E09000027", ["E09000021", "E09000027"]),
    (2019, "314 / 318", "z", ["E09000021", "E09000027"]),
    (2020, "", "E09000021 / E09000027", ["E09000021", "E09000027"]),
    (2020, "940 / 941", "E06000061 / E06000062", []),
    (2021, "940 / 941", "E06000061 / E06000062", ["E06000061", "E06000062"]),
    (2020, "928", "E10000021", ["E10000021"]),
    (2020, "314 / 319", "E09000021 / E09000029", []),
])
def test_joint_returns_of_every_year(year: int, number: str, code: str, under: list[str], tmp_path: Path,
                                     kinds: dict[str, Kind], vocabulary: Vocabulary, calendar: Calendar) -> None:
    """Two that send in one return, however that is written; without those that do not, or were not yet in being."""
    row = DERBY.replace("2023", str(year)).replace("831", number).replace("E06000015", code)
    others = DERBY.replace("2023", str(year))
    frame = gather([told(file_of(tmp_path, HEADER + others + row), kinds)], vocabulary, calendar).observations
    rates = frame.filter(pl.col("indicator") == "agency_worker_rate")["authority_code"].to_list()
    assert rates == sorted([*under, "E06000015"])


def test_a_cell_of_several_lines_keeps_the_rows_right(tmp_path: Path) -> None:
    cells = read_cells(file_of(tmp_path, 'a,b\n1,"x\ny"\n2,z\n'), "t.csv")
    assert not isinstance(cells, Problem)
    assert (cells.rows.to_list(), cells.frame.rows()) == ([2, 4], [("1", "x\ny"), ("2", "z")])


# the yearly spreads


def test_the_shipped_spreads_are_those_of_the_table(table: pl.DataFrame, tmp_path: Path) -> None:
    table.write_parquet(tmp_path / "t.parquet")
    code, said, _ = ask("thresholds", "--from", str(tmp_path / "t.parquet"))
    head, _, rest = said.partition("Not shipped:")
    assert head.startswith("t.parquet: 103 yearly spreads worked out, 74 of which are shipped too\n")
    assert (code, head.count(" shipped (")) == (0, 0), "no figure differs"
    assert "by the table" not in head, "and no day of publication does"
    assert "Shipped, and not in the table" not in rest


def test_a_figure_that_differs_is_named(table: pl.DataFrame, tmp_path: Path) -> None:
    year = (pl.col("indicator") == "agency_worker_rate") & (pl.col("about") == date(2024, 9, 30))
    other = table.with_columns(value=pl.when(year).then(pl.col("value") / 2).otherwise("value"),
                               known=pl.when(year).then(pl.col("known") + timedelta(1)).otherwise("known"))
    other.filter(pl.col("indicator") == "agency_worker_rate").write_csv(tmp_path / "t.csv")
    code, said, _ = ask("thresholds", "--from", str(tmp_path / "t.csv"))
    assert code == 1
    assert "agency rate, 30 September 2024: median 8.1 from the table, 16.2 shipped (145 authorities)" in said
    assert "agency rate, 30 September 2024: public on 1 March 2025 by the table" in said
    assert "agency rate, 30 September 2025" not in said
    assert "  re-referral rate, 31 March 2024" in said.partition("Shipped, and not in the table:")[2]


def test_the_spreads_as_yaml_are_read_back(table: pl.DataFrame, tmp_path: Path, vocabulary: Vocabulary) -> None:
    from kb.figures import read_figures as read_shipped
    from kb.yamltree import read_tree

    table.write_parquet(tmp_path / "t.parquet")
    assert ask("thresholds", "--from", str(tmp_path / "t.parquet"), "-o", str(tmp_path / "years.yaml"))[0] == 0
    problems: list[Problem] = []
    again = read_shipped(read_tree(tmp_path / "years.yaml", "years.yaml")[0], vocabulary.indicators,
                         vocabulary.sources, problems)
    assert problems == []
    assert set(again) >= set(vocabulary.years)
    for key, year in vocabulary.years.items():
        assert (again[key].day, again[key].known, again[key].source) == (year.day, year.known, year.source)
        assert all(abs(again[key].get(name) - figure) < 0.11 for name, figure in year.figures), key  # type: ignore[operator]


def test_too_few_authorities_have_no_spread(tmp_path: Path) -> None:
    ask("import", str(file_of(tmp_path, HEADER + DERBY)), "-o", str(tmp_path / "out.csv"))
    code, said, talk = ask("thresholds", "--from", str(tmp_path / "out.csv"))
    assert (code, said) == (2, "")
    assert talk == "sigrisk: out.csv holds too few figures of any one day to say how they are spread\n"


def test_what_import_writes_is_read_back(table: pl.DataFrame, tmp_path: Path, vocabulary: Vocabulary) -> None:
    for ending in ("csv", "parquet"):
        path = tmp_path / f"t.{ending}"
        (table.write_csv if ending == "csv" else table.write_parquet)(path)
        read = read_long(path, vocabulary)
        assert read.problems == ()
        assert read.frame is not None
        assert read.frame.select(table.columns).equals(table)


