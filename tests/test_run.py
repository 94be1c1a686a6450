"""run.py as a program, in a copy of its own: everything but the installation itself, which needs a network.

The environment's `python` and `sigrisk` are small shell scripts here; run.py is the real one.
"""
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for the environment are shell scripts")

HERE = Path(__file__).resolve().parent.parent
SIGRISK = '#!/bin/sh\nprintf "%s\\n" sigrisk "$@"\nexit 7\n'
PYTHON = '#!/bin/sh\nprintf "%s\\n" python "$@"\nexit 0\n'
NO_COMPILER = '#!/bin/sh\ncase "$*" in *durable-rules*) echo "error: command cc failed"; exit 1;; esac\n'
NO_NETWORK = '#!/bin/sh\necho "could not reach any index"\nexit 1\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project as far as run.py cares, in a folder with a space in its name."""
    copy = tmp_path / "a copy"
    copy.mkdir()
    for name in ("run.py", "pyproject.toml"):
        shutil.copy(HERE / name, copy)
    return copy


def load(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_of_a_copy", folder / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def put_environment(folder: Path, python: str = PYTHON, **changes: str) -> ModuleType:
    """A finished environment, as its stamp tells it, with `changes` to the stamp."""
    run = load(folder)
    for name, text in (("python", python), ("sigrisk", SIGRISK)):
        program = run.program(name)
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    run.write_stamp({**run.marks(), "tool": "pip", "extras": "test", **changes})
    return run


def start(folder: Path, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(folder / "run.py"), *arguments], cwd=cwd or folder, env={**os.environ, **variables},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def call(folder: Path, *arguments: str, cwd: Path | None = None, **variables: str) -> tuple[int, list[str], str]:
    """Exit code, lines of stdout, stderr."""
    process = start(folder, *arguments, cwd=cwd, **variables)
    out, err = process.communicate(timeout=30)
    return process.returncode, out.splitlines(), err


@pytest.mark.parametrize("version", ["3, 6", "3, 10"])
def test_an_older_python_gets_one_line_and_exit_code_2(folder: Path, version: str) -> None:
    program = f"import sys, runpy; sys.version_info = ({version}, 1); runpy.run_path('run.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"run.py: this is Python {version.replace(', ', '.')}; Python 3.11 or newer is needed.\n"
    assert not (folder / ".venv").exists()


def test_the_text_of_run_py_can_be_read_by_old_pythons() -> None:
    import ast

    ast.parse((HERE / "run.py").read_text("utf-8"), feature_version=(3, 6))


def test_the_supported_pythons_are_those_of_pyproject() -> None:
    run = load(HERE)
    oldest = ".".join(str(part) for part in run.OLDEST)
    assert f'requires-python = ">={oldest}"' in (HERE / "pyproject.toml").read_text("utf-8")
    assert run.too_old((3, 11)) == run.too_old((3, 14)) == ""
    assert {extra for extra, _ in run.OPTIONAL} <= set(run.extras_of_project())


def test_arguments_go_to_sigrisk_and_its_exit_code_comes_back(folder: Path) -> None:
    put_environment(folder)
    words = ["check", "--rules", "my rules", "*"]
    assert call(folder, *words) == (7, ["sigrisk", *words], "")


def test_after_two_dashes_any_word_goes_to_sigrisk(folder: Path) -> None:
    put_environment(folder)
    assert call(folder, "--", "test", "--", "x")[1] == ["sigrisk", "test", "--", "x"]


def test_no_arguments_is_the_main_job_with_the_case_beside_run_py(folder: Path) -> None:
    job = list(put_environment(folder).MAIN_JOB)
    assert call(folder)[:2] == (7, ["sigrisk", *job])
    elsewhere = [f"../a copy/{word}" if word.startswith("examples/") else word for word in job]
    (folder.parent / "else where").mkdir()
    assert call(folder, cwd=folder.parent / "else where")[1] == ["sigrisk", *elsewhere]


def test_test_and_bench_run_in_the_environment(folder: Path) -> None:
    put_environment(folder)
    assert call(folder, "test", "-k", "a b", cwd=folder.parent)[1] == ["python", "-m", "pytest", "-k", "a b"]
    assert call(folder, "bench")[0] == 2
    (folder / "bench").mkdir()
    (folder / "bench" / "run.py").touch()
    assert call(folder, "bench", "-x")[1] == ["python", str(folder / "bench" / "run.py"), "-x"]


def test_setup_wants_extras_that_exist(folder: Path) -> None:
    put_environment(folder)
    assert call(folder, "setup", "test") == (0, [], "")
    code, _, err = call(folder, "setup", "tset")
    assert code == 2
    assert err.startswith("run.py: no such extra: tset (there are: ")


def test_the_stamp_tells_a_finished_environment_from_every_other(folder: Path) -> None:
    run = put_environment(folder)
    finished = run.read_stamp()
    assert run.is_ready(finished, ["test"])
    assert not run.is_ready(finished, ["test", "check"])
    assert not run.is_ready({}, [])
    assert not run.is_ready({**finished, "place": "another Python"}, [])
    with (folder / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert not run.is_ready(finished, [])


def test_an_environment_that_was_moved_or_lost_its_python_is_not_ready(folder: Path) -> None:
    run = put_environment(folder)
    moved = folder.rename(folder.parent / "moved")
    there = load(moved)
    assert not there.is_ready(there.read_stamp(), [])
    moved.rename(folder)
    assert run.is_ready(run.read_stamp(), [])
    run.program("python").unlink()
    assert not run.is_ready(run.read_stamp(), [])


def test_a_changed_project_is_installed_again_in_place(folder: Path) -> None:
    run = put_environment(folder, python='#!/bin/sh\necho "$@" >> installed\n', project="older")
    code, out, err = call(folder, "x")
    assert (code, out) == (7, ["sigrisk", "x"])
    assert err == "run.py: installing the project and what it needs\n"
    lines = (folder / "installed").read_text().splitlines()
    assert len(lines) == 1 + len(run.OPTIONAL)
    assert lines[0].endswith("pip install --only-binary pygraphviz,python-sat --editable .[test]")
    assert run.is_ready(run.read_stamp(), ["test"])


def test_without_a_compiler_it_says_so_in_one_line_and_goes_on(folder: Path) -> None:
    run = put_environment(folder, python=NO_COMPILER, project="older")
    code, out, err = call(folder, "x")
    assert (code, out) == (7, ["sigrisk", "x"])
    assert err.splitlines()[1:] == [
        "run.py: the second engine (durable-rules) could not be built here: everything works without it "
        "(why: .venv/run-durable.log)"
    ]
    assert "command cc failed" in (run.VENV / "run-durable.log").read_text()
    assert call(folder, "x")[2] == ""


def test_a_failed_installation_shows_what_the_tool_said_and_is_not_used(folder: Path) -> None:
    run = put_environment(folder, python=NO_NETWORK, project="older")
    code, out, err = call(folder, "x")
    assert (code, out) == (3, [])
    assert err.endswith("could not reach any index\nrun.py: installing the project failed\n")
    assert run.read_stamp() == {}


def test_an_unfinished_environment_is_cleared(folder: Path) -> None:
    run = put_environment(folder)
    run.STAMP.write_text("")
    run.clear()
    assert [path.name for path in run.VENV.iterdir()] == ["run-stamp"]
    assert run.read_stamp() == {}


def test_a_folder_that_is_no_environment_is_left_alone(folder: Path) -> None:
    precious = folder / ".venv" / "precious"
    precious.parent.mkdir()
    precious.write_text("mine")
    uv = folder / "uv"
    uv.write_text(NO_NETWORK)
    uv.chmod(0o755)
    code, _, err = call(folder, "x", PATH=str(folder))
    assert code == 3
    assert err.startswith(f"run.py: cannot go on: {precious.parent} is not an environment")
    assert precious.read_text() == "mine"


def test_a_python_without_ensurepip_is_told_the_package(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    code, out, err = call(folder, "x", PATH=str(folder), PYTHONPATH=str(folder))
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert (code, out) == (3, [])
    assert err.startswith("run.py: this Python cannot make environments; ")
    assert err.endswith(f": apt-get install {package}\n")
    assert not (folder / ".venv").exists()


def test_a_second_run_waits_for_the_first_and_uses_what_it_made(folder: Path) -> None:
    run = load(folder)
    with run.lock():
        second = start(folder, "x")
        assert second.stderr is not None
        assert second.stderr.readline() == "run.py: waiting for another run.py that is setting up\n"
        put_environment(folder)
    out, err = second.communicate(timeout=30)
    assert (second.returncode, out, err) == (7, "sigrisk\nx\n", "")


def test_what_is_built_for_newer_pythons_gets_the_missing_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPPFLAGS", "-DMINE")
    expected = "-DMINE" + " -DPyEval_CallObject=PyObject_CallObject" * (sys.version_info >= (3, 13))
    assert load(folder).build_variables()["CPPFLAGS"] == expected
