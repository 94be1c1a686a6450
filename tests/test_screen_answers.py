"""The answers of `screen`: each row is what `assess` says of the same observations, whole in a file or not at all."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import sigrisk
from commands import screening
from engine.assess import Asked, Assessment, Assessor
from engine.compiling import compile_rules
from engine.evidence import in_date, small_base
from engine.packing import numbers, packed, packed_all, unpacked
from engine.proofs import Mark, Provenance
from engine.roll import Roll
from engine.screen import screen
from engine.tablerows import observations
from explain.render.screened import marked_as_text, write
from explain.routes import count
from explain.screening import answer, names
from kb.conditions import LADDERS
from kb.dossier import Case
from kb.knowledge import Knowledge
from kb.longtables import frame_of, read_long, write_long
from kb.model import Reading, State
from kb.sheets.spreadsheets import escaped
from tests.invented import everything

DAYS = (date(2024, 12, 31), date(2025, 3, 1), date(2025, 12, 31))
HEADER = "authority_code,indicator,about,known,value,marker,source\n"


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_a_plane_packed_and_unpacked_is_the_same(marks: list[bool]) -> None:
    plane = packed(pl.Series(marks))
    assert [bool(plane >> row & 1) for row in range(len(marks))] == marks
    assert unpacked(plane, len(marks)).to_list() == marks


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40), st.integers(1, 64))
def test_planes_are_the_digits_of_a_number_in_each_row(wanted: list[int], digits: int) -> None:
    cut = [number % (1 << digits) for number in wanted]
    planes = [sum((number >> digit & 1) << row for row, number in enumerate(cut)) for digit in range(digits)]
    assert numbers(planes, len(cut)).to_list() == cut
    marks = pl.DataFrame([unpacked(plane, len(cut)).alias(f"{digit}") for digit, plane in enumerate(planes)])
    assert packed_all(marks, [pl.col(column) for column in marks.columns]) == planes


def told(found: Assessment, kind: str, id: str) -> list[str]:
    """What a screen says of a signature or conclusion, from an assessment."""
    level = found.level(kind, id)
    above = LADDERS[kind][LADDERS[kind].index(level) + 1:] if level else LADDERS[kind]
    contested = any(found.head_state(kind, id, one) is State.CONTESTED for one in above)
    return ([f"{id} {level}"] if level else []) + ([f"{id} contested"] if contested else [])


def routes(found: Assessment, kind: str, id: str) -> list[str]:
    """The routes to its highest level, in the reading with fewer of them."""
    level = found.level(kind, id)
    if level is None:
        return []
    node = found.program.head(kind, id, level)
    assert node is not None
    return [f"{id} {min(count(Provenance(found.program, found.model, r), Mark(node)) for r in (0, 1))}"]


def small_bases(found: Assessment) -> set[str]:
    """The indicators of which a figure that some test looks at, and that is in date, stands on a small base."""
    known = found.knowledge.vocabulary.indicators
    return {o.indicator for test, shift in {(t, a.context.shift) for a in found.atom_at for t in a.tests}
            if not shift and known[test.indicator].reading is Reading.LATEST
            for o in found.looking.verdict(test, 0).looked_at
            if small_base(o, known[o.indicator]) and in_date(o, known[o.indicator], found.as_at)}


def row_of(found: Assessment) -> dict[str, object]:
    """The row that a screen has to give."""
    heads = sorted(found.knowledge.conclusions())
    signatures = [s.id for s in found.knowledge.signatures_in_order]
    combined = [(kind, id) for kind in ("picture", "mechanism") for of, id in heads if of == kind]
    counted = [*(("result", id) for of, id in heads if of == "result" and id in found.knowledge.questions()
                 and id == found.result), *(("channel", id) for of, id in heads if of == "channel"), *combined]
    held = found.looking.column.evidence.by_indicator
    tests = {atom.tests[0] for atom in found.atom_at if not atom.corroboration}
    settled = {t.indicator for t in tests if t.indicator in held
               and (found.looking.verdict(t, 0).for_by or found.looking.verdict(t, 0).against_by)}
    return {
        "authority_code": found.case.id, "as_at": found.as_at, "result": found.result,
        "in_one_reading": "; ".join(id for id in found.knowledge.results() if id in found.contested_results),
        "signatures": "; ".join(one for id in signatures for one in told(found, "signature", id)),
        "conclusions": "; ".join(one for head in combined for one in told(found, *head)),
        "messages": "; ".join(found.channels), "judged": len(found.judged), "settled": len(settled),
        "small_bases": "; ".join(sorted(small_bases(found))),
        "routes": "; ".join(one for head in counted for one in routes(found, *head)),
    }


def some_of_everything(knowledge: Knowledge, seed: int) -> list[Case]:
    """Invented authorities that each show some of all that can be shown, sometimes with sources that disagree."""
    rng = random.Random(seed)
    everywhere = everything(knowledge, knowledge.signs)
    cases = []
    for place in range(6):
        drawn = [o for o in everywhere if rng.random() < (0.35, 0.03)[place % 2]]
        some = [o._replace(authority=f"Z{place}", of=(), body="", base=rng.choice((None, 20.0, 500.0))) for o in drawn]
        against = [o._replace(value=0.0, citation=o.citation._replace(source=rng.choice(some).citation.source))
                   for o in some if rng.random() < 0.1]
        held = observations(frame_of([*some, *against]).unique(maintain_order=True), knowledge.vocabulary)
        cases.append(Case(f"Z{place}", f"Z{place}", f"Z{place}", f"Z{place}", tuple(held)))
    return cases


@pytest.mark.parametrize("seed", range(3))
def test_each_row_is_what_assess_says(seed: int, knowledge: Knowledge) -> None:
    cases = some_of_everything(knowledge, seed)
    table = frame_of(o for case in cases for o in case.observations)
    program = compile_rules(knowledge.rules)
    found = answer(screen(knowledge, program, table, Roll(tuple(c.id for c in cases), DAYS)), "")
    assessed = Assessor(knowledge, "bits", program).assess_all([Asked(case, day) for case in cases for day in DAYS])
    wanted = [row_of(one) for one in assessed]
    assert found.select(wanted[0].keys()).to_dicts() == wanted
    assert len({row["result"] for row in wanted}) > 1
    assert any(row["routes"] for row in wanted)
    assert any(row["small_bases"] for row in wanted)


@pytest.fixture(scope="module")
def table(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A long table of four authorities that the shipped list has, and one that it does not."""
    path = tmp_path_factory.mktemp("table") / "obs.csv"
    codes = [*list(knowledge.vocabulary.authorities)[3:7], "X1"]
    rows = [f"{code},{id},{year}-09-30,{year + 1}-02-27,{10 + 7 * place + year % 5},,return"
            for place, code in enumerate(codes) for id in ("agency_worker_rate", "turnover_rate", "vacancy_rate")
            for year in range(2016, 2025)]
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(*words: object) -> Result:
    done = CliRunner().invoke(sigrisk, ["screen", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done


YEARS = ("--from", 2017, "--to", 2024)
ROOT = Path(__file__).resolve().parents[1]
WITH_PROCESSES = """
import sys
from cli import main
from commands import screening
if __name__ == "__main__":
    at_once = int(sys.argv.pop(1))
    screening.processes = lambda _: at_once
    main()
"""


def test_authorities_stand_in_the_order_of_the_alphabet_at_every_day(table: Path) -> None:
    rows = json.loads(run("--table", table, *YEARS, "--format", "json").stdout)["rows"]
    places = [(row["authority"].casefold(), row["as_at"]) for row in rows]
    assert places == sorted(places)
    assert len(places) == 4 * 8
    assert {row["evidence"] for row in rows} == {"numbers only"}


def test_codes_that_the_list_does_not_have_are_named_and_left_aside(table: Path) -> None:
    done = run("--table", table, "--as-at", "2024-12-31")
    assert done.stderr == "obs.csv: 27 rows are left aside, the list of authorities does not have their codes: X1\n"


def test_a_screen_in_words_is_the_same_every_time(table: Path, golden: Callable[[str, str], None]) -> None:
    golden("screen.txt", run("--table", table, "--as-at", "2024-12-31").stdout)


def test_the_account_of_one_authority_is_that_of_why(table: Path, knowledge: Knowledge) -> None:
    code, name = next(iter(names([list(knowledge.vocabulary.authorities)[6]], knowledge.vocabulary).items()))
    by_name = run("--table", table, "--as-at", "2024-12-31", "--why", name.upper()).stdout
    assert by_name == run("--table", table, "--as-at", "2024-12-31", "--why", code).stdout
    assert by_name.startswith(f"{name}\nas at 31 December 2024")
    assert "agency" in by_name


def test_a_slip_in_a_name_gets_the_nearest_right_one(table: Path, knowledge: Knowledge) -> None:
    name = knowledge.vocabulary.authorities[list(knowledge.vocabulary.authorities)[4]].name
    done = CliRunner().invoke(sigrisk, ["screen", "--table", str(table), "--why", name.replace("e", "", 1)])
    assert done.exit_code == 2
    assert f'did you mean "{name}"?' in done.stderr


def test_a_date_before_anything_was_public_gets_the_first_that_was(table: Path) -> None:
    done = CliRunner().invoke(sigrisk, ["screen", "--table", str(table), "--as-at", "1990-01-01"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "sigrisk: nothing in obs.csv was public by 1990-01-01: ask for 2017-02-27 or later\n"


@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_little_memory_changes_no_byte(ending: str, at_once: int, table: Path, tmp_path: Path, knowledge: Knowledge,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do several processes."""
    monkeypatch.setattr(screening, "processes", lambda _: at_once)
    long = tmp_path / "long.parquet"
    frame = read_long(table, knowledge.vocabulary).frame
    assert frame is not None
    write_long(frame, long, knowledge.vocabulary)
    for name, memory in (("large", "2GB"), ("small", "1KB")):
        run("--table", long, *YEARS, "--out", tmp_path / f"{name}.{ending}", "--memory", memory)
    assert (tmp_path / f"large.{ending}").read_bytes() == (tmp_path / f"small.{ending}").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["long.parquet", f"large.{ending}", f"small.{ending}"])


@pytest.mark.parametrize("at_once", [1, 2])
@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT], ids=["terminated", "interrupted"])
def test_a_screen_told_to_stop_leaves_the_old_file_and_nothing_else(order: signal.Signals, at_once: int, table: Path,
                                                                    tmp_path: Path, knowledge: Knowledge) -> None:
    """The real command, with as many processes as lots are worked on at once, stopped while some of its pieces are
    written and others are not. All of them get the signal, as from a terminal."""
    frame = read_long(table, knowledge.vocabulary).frame
    assert frame is not None
    write_long(frame, tmp_path / "long.parquet", knowledge.vocabulary)
    out = tmp_path / "out.csv"
    out.write_text("what was there before", encoding="utf-8")
    asked = ("screen", "--table", tmp_path / "long.parquet", "--from", 2000, "--to", 2025, "--out", out,
             "--memory", "1KB")
    process = subprocess.Popen([sys.executable, "-c", WITH_PROCESSES, str(at_once), *map(str, asked)], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    while process.poll() is None and not list(tmp_path.glob(".out.csv.*/*.parquet")):
        time.sleep(0.01)
    os.killpg(process.pid, order)
    _, said = process.communicate(timeout=60)
    assert process.returncode == {signal.SIGTERM: 143, signal.SIGINT: 1}[order], said
    assert "Traceback" not in said
    assert out.read_text(encoding="utf-8") == "what was there before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.parquet", "out.csv"]


def test_every_form_says_the_same(table: Path, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    for ending in ("csv", "parquet", "json", "xlsx"):
        run("--table", table, *YEARS, "--out", tmp_path / f"a.{ending}")
    wanted = pl.read_parquet(tmp_path / "a.parquet").with_columns(pl.col("as_at").cast(pl.String)).to_dicts()
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["rows"] == wanted
    assert pl.read_csv(tmp_path / "a.csv").fill_null("").to_dicts() == wanted
    heading, *cells = openpyxl.load_workbook(tmp_path / "a.xlsx")["screen"].iter_rows(values_only=True)
    assert [{k: "" if v is None else v for k, v in zip(heading, row, strict=True)} for row in cells] == wanted


def test_a_problem_leaves_the_old_file_in_place(table: Path, tmp_path: Path) -> None:
    out, broken = tmp_path / "a.csv", tmp_path / "broken.csv"
    run("--table", table, *YEARS, "--out", out)
    before = out.read_bytes()
    broken.write_text(table.read_text(encoding="utf-8").replace(",return", ",return,more", 1), encoding="utf-8")
    done = CliRunner().invoke(sigrisk, ["screen", "--table", str(broken), "--as-at", "2024-12-31", "--out", str(out)])
    assert (done.exit_code, done.stdout) == (3, "")
    assert "broken.csv:2" in done.stderr
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "broken.csv"]


@given(st.text(alphabet="'=+-@\t\rab ", max_size=5))
@settings(max_examples=200, deadline=None)
def test_what_looks_like_a_formula_is_written_as_text(text: str) -> None:
    written = pl.DataFrame({"authority": [text]}).select(marked_as_text(pl.Schema({"authority": pl.String})))
    assert written.item() == escaped(text)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_is_interrupted_leaves_the_old_file_in_place(ending: str, tmp_path: Path) -> None:
    out = tmp_path / f"a.{ending}"
    out.write_bytes(b"old")

    def pieces() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame({"authority": ["A"]})
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        write(pieces(), out, ending)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert out.read_bytes() == b"old"
