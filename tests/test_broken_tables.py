"""Tables that are broken, by every command that reads them: one clear message that names file, row and column."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from cli import sigrisk

HEADER = "authority_code,indicator,about,known,value,marker,source\n"
ROW = "E09000021,agency_worker_rate,2018-09-30,2019-02-28,3,,dfe-workforce\n"
COMMANDS = {
    "import": ("import", "@", "-o", "out.csv"), "screen": ("screen", "--table", "@", "--out", "out.csv"),
    "screen in parts": ("screen", "--table", "@", "--as-at", "2024-12-31", "--memory", "1KB", "--out", "out.csv"),
    "thresholds": ("thresholds", "--from", "@", "-o", "out.csv"),
    "impact": ("impact", "--against", "rules", "--table", "@", "-o", "out.csv"),
}
TEXTS = {
    "no rows": (HEADER, "1:1: K025 the table has no rows"),
    "a column missing": (HEADER.replace("known,", "") + ROW.replace("2019-02-28,", ""),
                         '1:1: K014 the table has no column "known"'),
    "a marker never seen": (HEADER + ROW + ROW.replace("3,,", ",q,"), '3:6: K019 "q" is not a known marker'),
    "text in a number": (HEADER + ROW + ROW.replace(",3,", ",three,"), '3:5: K020 "three" is not a number'),
    "rows that disagree": (HEADER + ROW + ROW.replace(",3,", ",4,"), '3:5: K030 "agency_worker_rate" of "E09000021" '),
    "a date in figures": (HEADER + ROW + ROW.replace("2018-09-30", "30/09/2018"), '3:3: K018 "30/09/2018" is not a'),
    "a date in words": (HEADER + ROW + ROW.replace("2018-09-30", "30 September 2018"), "3:3: K018 "),
    "a date the American way": (HEADER + ROW + ROW.replace("2018-09-30", "09-30-2018"), "3:3: K018 "),
}


def as_parquet(text: str) -> bytes:
    out = io.BytesIO()
    pl.read_csv(io.StringIO(text), infer_schema=False).write_parquet(out)
    return out.getvalue()


def one_row_up(said: str) -> str:
    """Rows of a Parquet file are counted without the header."""
    row, rest = said.split(":", 1)
    return f"{int(row) - 1}:{rest}" if row != "1" else said


FILES: dict[str, tuple[str, bytes, str]] = {
    **{name: ("t.csv", text.encode(), said) for name, (text, said) in TEXTS.items()},
    **{f"{name} (Parquet)": ("t.parquet", as_parquet(text), one_row_up(said)) for name, (text, said) in TEXTS.items()},
    "another encoding": ("t.csv", (HEADER + ROW + ROW.replace("dfe", "café")).encode("latin-1"),
                         "3:7: K003 byte 183 is not UTF-8 text"),
    "a Parquet file cut short": ("t.parquet", as_parquet(HEADER + ROW)[:-9], "1:1: K001 this is no whole Parquet file"),
}


@pytest.fixture(params=FILES)
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    name, data, said = FILES[request.param]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "out.csv").write_text("what was there before", encoding="utf-8")
    return tmp_path / name, said


@pytest.mark.parametrize("command", COMMANDS)
def test_one_message_names_the_cell_and_nothing_is_written(command: str, broken: tuple[Path, str],
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    path, said = broken
    root = Path(__file__).resolve().parents[1]
    words = [str(path) if word == "@" else str(root / "rules") if word == "rules" else word
             for word in COMMANDS[command]]
    monkeypatch.chdir(path.parent)
    done = CliRunner().invoke(sigrisk, words)
    lines = done.stderr.splitlines()
    assert (done.exit_code, done.stdout, len(lines)) == (3, "", 1), done.output
    assert lines[0].startswith(f"{path.name}:{said}")
    assert (path.parent / "out.csv").read_text(encoding="utf-8") == "what was there before"
    assert len(list(path.parent.iterdir())) == 2
