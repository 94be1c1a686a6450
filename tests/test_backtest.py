"""Looking back: the published figures beside past judgements, and what must hold whatever the figures are."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import sigrisk
from engine.assess import Assessment, Assessor
from engine.backtest import Look, Seen, days_of, ends_of_months, seen, things, together
from engine.compiling import compile_rules
from engine.lifts import Counts, Draws, counted
from engine.roll import Roll
from engine.screen import screen
from engine.tablerows import observations
from kb.conditions import Rule
from kb.dates import add_months
from kb.dossier import Marker, Observation
from kb.knowledge import Knowledge
from kb.longtables import read_long, write_long
from tests import lookback
from tests.strategies import AS_AT, rule_bases
from tests.tabled import AUTHORITIES, TABLED, published, tables

Found = dict[str, Any]


@pytest.fixture(scope="module")
def imported(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The figures as `import` makes them of the files as published."""
    path, raw = tmp_path_factory.mktemp("table") / "obs.parquet", shared / "data" / "raw"
    files = sorted(str(file) for ending in ("csv", "parquet") for file in raw.glob(f"*.{ending}"))
    done = CliRunner().invoke(sigrisk, ["import", *files, "-o", str(path)])
    assert done.exit_code == 0, done.output
    return path


def parts_of(table: Path, shared: Path, area: str) -> dict[str, Found]:
    """What the command says of a table, framework by framework."""
    words = ["backtest", "--table", str(table), "--outcomes", str(shared / "data" / "outcomes.csv"), "--area", area,
             "--format", "json"]
    done = CliRunner().invoke(sigrisk, words)
    assert done.exit_code == 0, done.output
    return {part["framework"]: part for part in json.loads(done.stdout)["parts"]}


@pytest.fixture(scope="module")
def told(imported: Path, shared: Path) -> dict[tuple[str, str], Found]:
    """What the command says of the published figures, by area and framework."""
    return {(area, framework): part for area in ("overall", "leaders")
            for framework, part in parts_of(imported, shared, area).items()}


@pytest.fixture(scope="module")
def held(imported: Path, knowledge: Knowledge) -> list[Observation]:
    frame = read_long(imported, knowledge.vocabulary).frame
    assert frame is not None
    return observations(frame, knowledge.vocabulary)


@pytest.fixture(scope="module")
def alone(knowledge: Knowledge) -> Assessor:
    return Assessor(knowledge, "bits")


@pytest.fixture(scope="module")
def before() -> dict[tuple[str, date], Assessment]:
    return {}


PARTS = [("overall", "ILACS", "overall"), ("overall", "SIF", "overall"), ("leaders", "ILACS", "impact_of_leaders"),
         ("leaders", "ILACS-2026", "impact_of_leaders")]


@pytest.fixture(scope="module", params=PARTS, ids=lambda part: f"{part[0]}-{part[1]}")
def part(request: pytest.FixtureRequest, told: dict[tuple[str, str], Found], alone: Assessor, held: list[Observation],
         before: dict[tuple[str, date], Assessment], shared: Path) -> tuple[Found, list[lookback.One]]:
    """One framework as the command tells it, and its judgements one at a time."""
    area, framework, column = request.param
    asked = lookback.judgements(shared / "data" / "outcomes.csv", framework, column)
    return told[area, framework], lookback.assessed(alone, held, asked, before)


def thing_of(row: Found) -> lookback.Thing:
    return row["kind"], row["id"], row.get("level", "")


def test_every_count_is_that_of_the_single_cases(part: tuple[Found, list[lookback.One]]) -> None:
    told, found = part
    assert (told["judgements"], told["lowest"]) == (len(found), sum(one.lowest for one in found))
    assert len(told["rows"]) > 5
    for row in told["rows"]:
        some = lookback.looked_at(found, thing_of(row))
        wanted = lookback.counts((one.lowest, lookback.present(one.now, thing_of(row))) for one in some)
        assert tuple(row[name] for name in lookback.Counts._fields) == wanted, row["id"]


def test_nothing_present_is_left_untold(part: tuple[Found, list[lookback.One]], knowledge: Knowledge) -> None:
    told, found = part
    rows = {(row["kind"], row["id"]) for row in told["rows"]}
    program = found[0].now.program
    for thing in things(knowledge, program):
        there = [one for one in found if lookback.present(one.now, thing[:3])]
        if there and lookback.looked_at(there, thing[:3]):
            assert thing[:2] in rows


def test_shares_follow_from_counts_and_are_refused_below_ten(part: tuple[Found, list[lookback.One]]) -> None:
    for row in part[0]["rows"]:
        n, low, there, hits = (row[name] for name in lookback.Counts._fields)
        if low < 10 or there < 10:
            assert row["refused"] == "fewer than 10"
            assert not {"precision", "recall", "lift", "base_rate"} & set(row)
        else:
            assert row["precision"]["value"] == pytest.approx(hits / there, abs=1e-6)
            assert (row["recall"], row["base_rate"]) == (round(hits / low, 6), round(low / n, 6))
            assert row["lift"]["value"] == pytest.approx(hits / there / (low / n), abs=1e-5)


def test_intervals_come_out_the_same_in_plain_python(part: tuple[Found, list[lookback.One]]) -> None:
    told, found = part
    for row in [row for row in told["rows"] if row["kind"] in ("mechanism", "signature") and "lift" in row]:
        wanted = lookback.interval(found, lookback.looked_at(found, thing_of(row)), thing_of(row))
        assert (row["lift"]["low"], row["lift"]["high"]) == pytest.approx(wanted, abs=2e-6)


def test_the_lists_are_those_of_the_single_cases(part: tuple[Found, list[lookback.One]]) -> None:
    told, found = part
    for row in told["rows"]:
        some = lookback.looked_at(found, thing_of(row))
        for name, low, there in (("hit", True, True), ("missed", True, False), ("false_alarms", False, True)):
            wanted = {(one.authority, one.published.isoformat()) for one in some
                      if (one.lowest, lookback.present(one.now, thing_of(row))) == (low, there)}
            assert {(one["authority_code"], one["published"]) for one in row[name]} == wanted, (row["id"], name)
            names = [(one["authority"], one["published"]) for one in row[name]]
            assert [name for name, _ in names] == sorted(name for name, _ in names)


def test_the_ladder_is_that_of_the_single_cases(part: tuple[Found, list[lookback.One]], knowledge: Knowledge) -> None:
    told, found = part
    every = {place for _, place in found[0].now.program.atoms}
    some = [one for one in found if any(any(one.now.model[test]) for test in every)]
    many = [sum(one.now.level("signature", s.id) is not None for s in knowledge.signatures_in_order) for one in some]
    for rung in told["ladder"]:
        mine = [one for one, number in zip(some, many, strict=True) if number == rung["signatures"]]
        assert (rung["judgements"], rung["lowest"]) == (len(mine), sum(one.lowest for one in mine))
    assert sum(rung["judgements"] for rung in told["ladder"]) == len(some)


def test_it_had_stood_as_long_as_the_single_case_says(told: dict[tuple[str, str], Found], alone: Assessor,
                                                      held: list[Observation], shared: Path) -> None:
    asked = lookback.judgements(shared / "data" / "outcomes.csv", "ILACS", "overall")
    found = {(code, day.isoformat()): (code, day, began, low) for code, day, began, low in asked}
    rows = [row for row in told["overall", "ILACS"]["rows"] if row["kind"] == "mechanism" and row["hit"]]
    assert len(rows) >= 3
    for row in rows:
        months = []
        for hit in row["hit"]:
            [one] = lookback.assessed(alone, held, [found[hit["authority_code"], hit["published"]]], {})
            months.append(lookback.months_stood(alone, one, held, thing_of(row)))
            assert hit["months"] == months[-1]
        assert (row["lead"]["shortest"], row["lead"]["longest"]) == (min(months), max(months))


PAGE = Path(__file__).parents[1] / "docs" / "backtest.md"


def test_the_page_has_these_figures(told: dict[tuple[str, str], Found]) -> None:
    """Who changes rules or figures has to look at the page again, and at its words too."""
    page = PAGE.read_text(encoding="utf-8")
    overall, leaders = told["overall", "ILACS"], told["leaders", "ILACS"]
    beside = {thing_of(row): row for row in leaders["rows"]}
    for row in overall["rows"]:
        if row["kind"] not in ("rule", "result"):
            other, name = beside[thing_of(row)], f"{row['id']} " if row["kind"] == "signature" else ""
            cells = [f"{name}{row['title']} ({row['level']})", str(row["evaluable"]), str(row["present"]),
                     str(row["hits"]), *shares_of(row), str(other["hits"]), *shares_of(other)]
            assert f"| {' | '.join(cells)} |" in page
    for one, other in zip(overall["ladder"], leaders["ladder"], strict=True):
        assert f"| {one['signatures']} | {one['judgements']} | {one['lowest']} | " in page
        assert one["judgements"] == other["judgements"]
    assert f"{overall['nothing_known']} conclusions, levels and rules" in page


def shares_of(row: Found) -> tuple[str, str]:
    """Precision and lift as the page has them."""
    if "refused" in row:
        return "fewer than ten", "-"
    lift = row["lift"]
    return (f"{100 * row['precision']['value']:.0f}%",
            f"{lift['value']:.1f} ({lift['low']:.1f} to {lift['high']:.1f})")


def test_the_picture_of_the_page_is_of_these_figures(imported: Path, shared: Path, tmp_path: Path) -> None:
    """Its description: how it is laid out depends on the Graphviz that drew it. Made by `backtest --picture`."""
    words = ["--table", imported, "--outcomes", shared / "data" / "outcomes.csv", "-o", tmp_path / "a.svg"]
    done = CliRunner().invoke(sigrisk, ["backtest", *map(str, words)])
    assert done.exit_code == 0, done.output
    made, kept = (path.read_text("utf-8").partition("<desc")[2].partition("</desc>")[0]
                  for path in (tmp_path / "a.svg", PAGE.with_suffix(".svg")))
    assert made
    assert made == kept


def test_the_tidy_table_says_nearly_the_same(imported: Path, knowledge: Knowledge, shared: Path,
                                             tmp_path: Path) -> None:
    """Made by other hands of the same publications, with other guesses of the days on which they came out. It does not
    say how many stand behind a rate, so that both are compared without."""
    frame = read_long(imported, knowledge.vocabulary).frame
    assert frame is not None
    write_long(frame.drop("base"), tmp_path / "mine.parquet", knowledge.vocabulary)
    mine = parts_of(tmp_path / "mine.parquet", shared, "overall")["ILACS"]["rows"]
    write_long(published(shared, knowledge.vocabulary), tmp_path / "obs.parquet", knowledge.vocabulary)
    tidy = {thing_of(row): row for row in parts_of(tmp_path / "obs.parquet", shared, "overall")["ILACS"]["rows"]}
    for row in mine:
        other = tidy[thing_of(row)]
        assert abs(row["evaluable"] - other["evaluable"]) <= 1
        assert abs(row["present"] - other["present"]) <= 5
        assert abs(row["hits"] - other["hits"]) <= 1


def test_what_cannot_be_claimed_is_not(told: dict[tuple[str, str], Found]) -> None:
    assert "fewer than 10" in told["overall", "SIF"]["refused"]
    assert "fewer than 10" in told["leaders", "ILACS-2026"]["refused"]
    assert ("overall", "ILACS-2026") not in told


# Whatever the table is.

LOOKS = st.lists(st.tuples(st.sampled_from(AUTHORITIES), st.integers(-40, 4)), min_size=1, max_size=5, unique=True)


def seen_of(rules: Sequence[Rule], table: pl.DataFrame, looks: Sequence[Look]) -> list[Seen]:
    knowledge = Knowledge(TABLED, tuple(rules), {})
    program, numbered = compile_rules(rules), dict(enumerate(looks))
    wide = screen(knowledge, program, table, Roll(AUTHORITIES, days_of(looks)))
    return list(seen(wide, things(knowledge, program), numbered))


@settings(max_examples=30, deadline=None)
@given(rules=rule_bases(), table=tables(), picked=LOOKS, random=st.randoms(use_true_random=False))
def test_what_is_published_later_and_the_order_of_rows_change_nothing(
        rules: Sequence[Rule], table: pl.DataFrame, picked: list[tuple[str, int]], random: random.Random) -> None:
    looks = [Look(code, add_months(AS_AT, months)) for code, months in picked]
    last = {code: max(look.day for look in looks if look.authority == code) for code, _ in looks}
    order = random.sample(range(table.height), table.height)
    before = table[order].filter(pl.col("known") <= pl.col("authority_code").replace_strict(
        last, default=date.max, return_dtype=pl.Date))
    assert seen_of(rules, before, looks) == seen_of(rules, table, looks)


@settings(max_examples=30, deadline=None)
@given(rules=rule_bases(), table=tables(), picked=LOOKS)
def test_what_is_withheld_is_never_nought(rules: Sequence[Rule], table: pl.DataFrame, picked: list[tuple[str, int]],
                                          ) -> None:
    looks = [Look(code, add_months(AS_AT, months)) for code, months in picked]
    withheld = table.with_columns(value=pl.lit(None, pl.Float64), marker=pl.lit(Marker.SUPPRESSED.value))
    assert not any(one.evaluable for one in seen_of(rules, withheld, looks))


@settings(max_examples=15, deadline=None)
@given(rules=rule_bases(), table=tables(), picked=LOOKS)
def test_some_authorities_at_a_time_give_the_same(rules: Sequence[Rule], table: pl.DataFrame,
                                                  picked: list[tuple[str, int]]) -> None:
    looks = [Look(code, add_months(AS_AT, months)) for code, months in picked]
    knowledge, program, parts = Knowledge(TABLED, tuple(rules), {}), compile_rules(rules), []
    for code in AUTHORITIES:
        mine = {n: look for n, look in enumerate(looks) if look.authority == code}
        wide = screen(knowledge, program, table, Roll((code,), days_of(looks)))
        parts.append(list(seen(wide, things(knowledge, program), mine)))
    assert together(parts) == seen_of(rules, table, looks)


def test_the_ends_of_months_are_told_whatever_the_year() -> None:
    assert list(ends_of_months(date(2023, 12, 31), date(2024, 3, 1))) == [
        date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29)]


PLANES = st.integers(0, (1 << 40) - 1)


@given(PLANES, PLANES, PLANES)
def test_counts_are_of_what_can_be_looked_at(evaluable: int, events: int, there: int) -> None:
    pairs = [(bool(events >> n & 1), bool(there >> n & 1)) for n in range(40) if evaluable >> n & 1]
    assert counted(evaluable, events, there) == Counts(*lookback.counts(pairs))


def test_one_authority_judged_often_widens_the_interval() -> None:
    """Forty judgements of forty authorities say more than the same forty of eight."""
    whole, events, there = (1 << 40) - 1, sum(1 << n for n in range(0, 40, 2)), sum(1 << n for n in range(24))
    widths = []
    for size in (1, 5):
        groups = [sum(1 << n for n in range(start, start + size)) for start in range(0, 40, size)]
        alike = sum(1 << n for n in range(40) if n // 5 % 2)
        found = Draws(groups).shares(whole, alike, there)
        assert found.lift_within is not None
        widths.append(found.lift_within[1] - found.lift_within[0])
    assert events
    assert widths[1] > widths[0]


def test_what_went_with_the_grade_never_or_always_gets_no_interval() -> None:
    groups, whole, events = [1 << n for n in range(40)], (1 << 40) - 1, (1 << 12) - 1
    assert Draws(groups).shares(whole, events, events << 20).lift_within is None
    assert Draws(groups).shares(whole, events, events).precision_within is None
