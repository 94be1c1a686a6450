"""A screen on Spark, in local mode: the same bytes as here, and the same problems."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from bench.load import write
from cli import sigrisk
from explain.screening import Answer, Lot
from kb.files import VOCABULARY

IN_CI = bool(os.environ.get("CI"))
"""Where the tests on Spark are never skipped: .ci/run installs Java and Spark."""
JAVA = bool(os.environ.get("JAVA_HOME") or shutil.which("java"))
needs_java = pytest.mark.skipif(not JAVA and not IN_CI, reason="Spark needs Java, which is not here")


def run(*words: object) -> Result:
    return CliRunner().invoke(sigrisk, ["screen", *map(str, words)])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A long table of 400 invented authorities over ten years, with many indicators."""
    path = tmp_path / "obs.parquet"
    write(4_000, path)
    return path


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """The shipped knowledge base without its list of authorities, on which invented ones are not."""
    copied = Path(shutil.copytree(VOCABULARY, tmp_path / "kb"))
    (copied / "authorities.yaml").unlink()
    return copied


@needs_java
def test_spark_gives_the_same_bytes_and_names_the_same_row(table: Path, kb: Path, tmp_path: Path) -> None:
    if not IN_CI:
        pytest.importorskip("pyspark")
    years = ("--kb", kb, "--from", 2016, "--to", 2025)
    for name, where in (("here", ()), ("there", ("--on", "spark"))):
        done = run("--table", table, *years, *where, "--out", tmp_path / f"{name}.parquet")
        assert done.exit_code == 0, done.output
    assert (tmp_path / "there.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()
    assert pl.read_parquet(tmp_path / "there.parquet").height == 4_000

    broken = tmp_path / "broken.parquet"
    row = pl.int_range(pl.len()) == 7_000
    pl.read_parquet(table).with_columns(value=pl.when(row).then(-1.0).otherwise("value")).write_parquet(broken)
    here, there = (run("--table", broken, *years, *where) for where in ((), ("--on", "spark")))
    assert here.exit_code == there.exit_code == 3
    assert here.stderr.startswith("broken.parquet:7001:")
    assert there.stderr.splitlines()[-1] == here.stderr.splitlines()[-1]


def test_many_tasks_at_once_do_not_make_more_lots_than_they_need(
        table: Path, kb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process of this machine takes empty is no matter of a cluster's."""
    made = list[int]()

    def on_spark(_: str, work: Callable[[Lot], Answer], parts: Callable[[int], Sequence[Lot]]) -> list[Answer]:
        made.append(len(parts(40)))
        return [work(part) for part in parts(1)]
    monkeypatch.setattr("commands.onspark.on_spark", on_spark)
    done = run("--table", table, "--kb", kb, "--as-at", "2020-12-31", "--on", "spark", "--out", tmp_path / "out.csv")
    assert (done.exit_code, made) == (0, [100]), done.output


def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    done = run("--table", tmp_path / "obs.parquet", "--on", "hadoop")
    assert done.exit_code == 2
    assert "'hadoop' is no place to run; write spark, or spark://HOST:PORT" in done.stderr


def test_spark_wants_parquet(tmp_path: Path, kb: Path) -> None:
    csv = tmp_path / "obs.csv"
    csv.write_text("authority_code,indicator,about,known,value,marker,source\n"
                   "X1,vacancy_rate,2020-09-30,2021-02-28,20,,return\n", encoding="utf-8")
    done = run("--table", csv, "--kb", kb, "--as-at", "2021-12-31", "--on", "spark")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "sigrisk: --on spark reads Parquet: sigrisk import obs.csv -o obs.parquet\n"
