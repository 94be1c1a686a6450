"""The command as a person meets it: answers, exit codes, and one clear line for whatever is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def sigrisk(*words: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, without the cache of an earlier run."""
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], cwd=cwd, text=True, capture_output=True, timeout=60,
        env={**os.environ, "SIGRISK_CACHE": "off", "PYTHONPATH": str(ROOT), **environment}, check=False)


def test_assess_states_result_coverage_and_the_strength_of_its_language() -> None:
    done = sigrisk("assess", "examples/northamptonshire.yaml", "--as-at", "2018-11-30")
    assert done.returncode == 0
    assert "Result: Priority line of enquiry" in done.stdout
    assert "all may not in fact be well" in done.stdout
    assert "7 of the 17 signatures could be judged" in done.stdout
    assert "not a judgement of services" in done.stdout


def test_the_default_date_is_the_last_on_which_something_became_public() -> None:
    assert "as at 20 May 2025" in sigrisk("assess", "examples/ashby.yaml").stdout


def test_why_one_signature() -> None:
    done = sigrisk("why", "examples/ashby.yaml", "A2")
    assert done.returncode == 0
    assert "A2 Turnover and change in senior leadership [signature]: present (strong)" in done.stdout


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "dot"])
def test_why_as_a_picture(format: str, tmp_path: Path) -> None:
    target = tmp_path / f"chain.{format}"
    done = sigrisk("why", "examples/ashby.yaml", "--format", format, "-o", str(target))
    assert done.returncode == 0, done.stderr
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}
    assert target.read_bytes().startswith(starts[format])
    assert [p.name for p in tmp_path.iterdir()] == [target.name], "nothing half-written is left behind"


def test_a_picture_beside_the_text(tmp_path: Path) -> None:
    done = sigrisk("why", "examples/ashby.yaml", "--picture", str(tmp_path / "chain.svg"))
    assert done.stdout.startswith("Ashby (an invented authority)")
    assert "written to" in done.stderr
    assert (tmp_path / "chain.svg").is_file()


def test_the_same_question_gives_the_same_bytes(tmp_path: Path) -> None:
    ask = ("why", "examples/croydon.yaml", "--as-at", "2020-02-03")
    first = sigrisk(*ask, PYTHONHASHSEED="1").stdout
    assert sigrisk(*ask, PYTHONHASHSEED="2").stdout == first
    cached = {"SIGRISK_CACHE": "", "XDG_CACHE_HOME": str(tmp_path)}
    assert sigrisk(*ask, **cached).stdout == first
    assert sigrisk(*ask, **cached).stdout == first
    assert list(tmp_path.glob("sigrisk/*.ready")), "the second of these was answered from the cache"


def test_a_damaged_cache_is_no_cache(tmp_path: Path) -> None:
    cached = {"SIGRISK_CACHE": "", "XDG_CACHE_HOME": str(tmp_path)}
    first = sigrisk("assess", "examples/ashby.yaml", **cached)
    for kind in ("ready", "case"):
        (kept,) = tmp_path.glob(f"sigrisk/*.{kind}")
        kept.write_bytes(kept.read_bytes()[:1000])
    again = sigrisk("assess", "examples/ashby.yaml", **cached)
    assert (again.returncode, again.stdout) == (0, first.stdout)


def test_a_case_is_read_anew_when_a_byte_of_it_has_changed(tmp_path: Path) -> None:
    cached = {"SIGRISK_CACHE": "", "XDG_CACHE_HOME": str(tmp_path)}
    case, ask = tmp_path / "ashby.yaml", ("why", str(tmp_path / "ashby.yaml"))
    text = (ROOT / "examples" / "ashby.yaml").read_text(encoding="utf-8")
    case.write_text(text, encoding="utf-8")
    first = sigrisk(*ask, **cached)
    assert sigrisk(*ask, **cached).stdout == first.stdout
    case.write_text(text.replace("invented: true", "invented: tru"), encoding="utf-8")
    refused = sigrisk(*ask, **cached)
    assert refused.returncode == 3
    assert "ashby.yaml:" in refused.stderr
    case.write_text("\n" + text, encoding="utf-8")
    again = sigrisk(*ask, **cached)
    assert again.stdout == sigrisk(*ask).stdout
    assert again.stdout != first.stdout, "every line it points at is one further down"


@pytest.mark.parametrize("engine", ["bits", "auto"])
def test_nothing_in_an_answer_depends_on_the_engine_but_its_name(engine: str) -> None:
    done = sigrisk("why", "examples/ashby.yaml", "--engine", engine)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("Worked out by")]
    golden = (ROOT / "tests" / "golden" / "why-ashby-2025-05-20.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [line for line in golden if not line.startswith("Worked out by")]


def test_a_table_is_read_beside_a_case() -> None:
    done = sigrisk("why", "examples/derbyshire.yaml", "B2", "--table", "examples/observations.csv",
                   "--as-at", "2021-03-01")
    assert done.returncode == 0, done.stderr
    without = sigrisk("why", "examples/derbyshire.yaml", "B2", "--as-at", "2021-03-01")
    assert done.stdout != without.stdout


def test_check_is_clean_and_says_what_it_read() -> None:
    done = sigrisk("check", "--table", "examples/observations.csv")
    assert (done.returncode, done.stdout, done.stderr[:11]) == (0, "", "no problems")
    assert "117 rules" in done.stderr


def test_the_demonstration_takes_each_sign_away() -> None:
    done = sigrisk("demo")
    assert done.returncode == 0
    assert done.stdout.count("- without ") == 4
    assert done.stdout.count("Result: Not enough evidence") == 4
    assert done.stdout.count("unsettled teams - two or more of the three: present (watch)") == 3


HOSTILE: dict[str, bytes | None] = {
    "a hundred thousand brackets": b"[" * 100_000,
    "a billion laughs": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "a line of two megabytes": b"case: " + b"x" * 2_000_000,
    "bytes that are not UTF-8": b"case: \xff\xfe\n",
    "a NUL": b"case: a\x00b\n",
    "an empty file": b"",
    "a list where keys are due": b"- a\n- b\n",
    "a Python object": b"case: !!python/object/apply:os.system [id]\n",
    "a missing file": None,
}


@pytest.mark.parametrize("command", ["why", "check"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_case_gets_one_clear_line(name: str, command: str, tmp_path: Path) -> None:
    content, path = HOSTILE[name], tmp_path / "case.yaml"
    if content is not None:
        path.write_bytes(content)
    done = sigrisk(command, str(path))
    said = (done.stderr if command == "why" else done.stdout).strip().splitlines()
    assert done.returncode == (3 if command == "why" else 1)
    assert said
    assert "case.yaml:" in said[0]
    assert len(said) <= 3
    assert "Traceback" not in done.stderr


def test_a_folder_in_place_of_a_case(tmp_path: Path) -> None:
    done = sigrisk("why", str(tmp_path))
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1


HEADER = b"authority_code,indicator,about,known,value,marker,kind,source\n"
HOSTILE_TABLES = {
    "no columns": b"a,b\n1,2\n",
    "an unknown indicator": HEADER + b"E1,agency_rate,2018,2019,3,,,x\n",
    "a value and a marker": HEADER + b"E1,agency_worker_rate,2018-09-30,2019-02-28,3,c,,x\n",
    "text in a number": HEADER + b"E1,agency_worker_rate,2018-09-30,2019-02-28,three,,,x\n",
    "not text": b"\xff\xfe\x00",
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE_TABLES)
def test_a_broken_table_names_its_row_and_column(name: str, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(HOSTILE_TABLES[name])
    done = sigrisk("why", "examples/ashby.yaml", "--table", str(table))
    assert done.returncode == 3
    assert done.stderr.startswith("table.csv:")
    assert "Traceback" not in done.stderr


def test_words_from_a_file_cannot_steer_a_terminal_or_a_drawing(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "ashby.yaml").read_text(encoding="utf-8")
    path = tmp_path / "evil.yaml"
    path.write_text(text.replace("Ashby}", '"<script>alert(1)</script> \\e[31m \\u202e ]]> & \\"Ashby\\""}'),
                    encoding="utf-8")
    done = sigrisk("check", str(path))
    assert done.returncode == 1, "escape characters are refused"
    path.write_text(text.replace("name: Ashby}", 'name: "<script>alert(1)</script> & <b>Ashby</b> \\\\N"}'),
                    encoding="utf-8")
    drawn = sigrisk("why", str(path), "--format", "svg", "-o", str(tmp_path / "evil.svg"))
    assert drawn.returncode == 0, drawn.stderr
    assert "<script" not in (tmp_path / "evil.svg").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    done = sigrisk("why", "examples/ashby.yaml", "-o", str(tmp_path / "nowhere" / "a.txt"))
    assert done.returncode == 3
    assert "cannot be written" in done.stderr


def test_a_closed_pipe_is_no_mistake() -> None:
    done = subprocess.run(f'"{sys.executable}" cli.py why examples/ashby.yaml | head -1', shell=True, cwd=ROOT,
                          text=True, capture_output=True, timeout=60, check=False)
    assert done.stdout.startswith("Ashby")
    assert "Traceback" not in done.stderr
    assert "mistake" not in done.stderr


def test_text_needs_no_networkx() -> None:
    program = ("import sys, cli\nsys.argv = ['sigrisk', 'why', 'examples/ashby.yaml']\n"
               "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
               "print(sorted(m for m in ('networkx', 'graphviz', 'polars') if m in sys.modules))")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, text=True, capture_output=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_case_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("case: ../elsewhere/x\ntitle: T\nauthority: {code: X1, name: Y}\n", encoding="utf-8")
    done = sigrisk("why", str(path), "--as-at", "2020-01-01", "--format", "svg", cwd=tmp_path)
    assert done.returncode == 3
    assert "one plain word" in done.stderr
