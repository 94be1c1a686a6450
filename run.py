"""Set up what the project needs, once, and run it.

    python3 run.py                  the main job: why Northamptonshire, November 2018, with the picture
    python3 run.py test [ARGS]      every test of the project; ARGS go to pytest
    python3 run.py bench [ARGS]     the benchmarks
    python3 run.py setup [EXTRAS]   only the environment, with these extras of pyproject.toml
    python3 run.py ANYTHING ELSE    the same as: sigrisk ANYTHING ELSE (after --, any word: run.py -- test)

The environment is .venv beside this file. A stamp inside it says what it was made from, so a later run starts
at once and offline, and an installation that was interrupted is made again.
"""
import hashlib
import os
import sys
from io import TextIOWrapper
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "run-stamp"
CASE = "examples/northamptonshire.yaml"
MAIN_JOB = ("why", CASE, "--as-at", "2018-11-30", "--picture", "northamptonshire.svg")
OPTIONAL = (
    ("pictures", "no pygraphviz wheel for this Python and system: pictures need the 'dot' command of Graphviz"),
    ("durable", "the second engine (durable-rules) could not be built here: everything works without it"),
    ("analysis", "no python-sat wheel for this Python and system: check leaves some questions about the rules open"),
)


def too_old(version: "tuple[int, ...]") -> str:
    """The line to print on a Python older than the project supports, else nothing."""
    line = "run.py: this is Python {}.{}; Python {}.{} or newer is needed.\n".format(*version, *OLDEST)
    return "" if version >= OLDEST else line


if too_old(sys.version_info[:2]):  # here, before any line that an older Python could not run
    sys.stderr.write(too_old(sys.version_info[:2]))
    sys.exit(2)


class SetupError(Exception):
    """Something that ends the run: one line for the reader, an exit code, and what a tool printed."""

    def __init__(self, line: str, code: int = 3, output: str = "") -> None:
        super().__init__(line)
        self.code = code
        self.output = output


def say(line: str) -> None:
    """Talk goes to stderr: stdout belongs to what is run."""
    print(f"run.py: {line}", file=sys.stderr, flush=True)


def program(name: str) -> Path:
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def marks() -> dict[str, str]:
    """Another place (this folder, this Python) needs another environment; another project, only installing again."""
    parts = {
        "place": f"{VENV}\0{sys.version}\0{sys.platform}".encode("utf-8", "surrogateescape"),
        "project": (ROOT / "pyproject.toml").read_bytes(),
    }
    return {name: hashlib.sha256(part).hexdigest()[:20] for name, part in parts.items()}


def read_stamp() -> dict[str, str]:
    """The stamp is lines of key and value, written last and in one step; an empty one means unfinished."""
    try:
        lines = STAMP.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


def write_stamp(stamp: dict[str, str]) -> None:
    fresh = STAMP.with_suffix(".new")
    fresh.write_text("".join(f"{key} {value}\n" for key, value in stamp.items()), "utf-8")
    fresh.replace(STAMP)


def is_ready(stamp: dict[str, str], extras: list[str]) -> bool:
    """Is the environment finished, made from this project by this Python, and has it these extras?"""
    return (
        marks().items() <= stamp.items()
        and {*extras} <= {*stamp.get("extras", "").split()}
        and all(program(name).exists() for name in ("python", "sigrisk"))
    )


def tools() -> list[str]:
    """The tools that can be tried, the quicker one first."""
    from shutil import which

    return ["uv", "pip"] if which("uv") else ["pip"]


def base_python() -> str:
    """The Python behind this one: run.py may itself be run from inside .venv, which may have to go."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def check_venv_module() -> None:
    """Debian and Ubuntu keep part of the standard library in a package of its own."""
    from importlib.util import find_spec

    if not all(getattr(find_spec(name), "origin", None) for name in ("venv", "ensurepip")):
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise SetupError(f"this Python cannot make environments; on Debian or Ubuntu run: apt-get install {package}")


def build_variables() -> dict[str, str]:
    """The variables for the tools. durable-rules names a function that Python 3.13 took away and never calls it."""
    variables = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
    variables.pop("UV_SYSTEM_PYTHON", None)
    if sys.version_info >= (3, 13):
        variables["CPPFLAGS"] = variables.get("CPPFLAGS", "") + " -DPyEval_CallObject=PyObject_CallObject"
    return variables


def quietly(what: str, command: list[str]) -> None:
    """Run a tool; what it prints is kept for the failure. It inherits the lock, so an orphan still holds it."""
    import subprocess

    done = subprocess.run(
        command, cwd=ROOT, env=build_variables(), close_fds=os.name == "nt", check=False, errors="replace",
        encoding="utf-8", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise SetupError(f"{what} failed", output=done.stdout)


def make(tool: str) -> None:
    """An empty environment, marked unfinished from its first moment."""
    if tool == "pip":
        check_venv_module()
    clear()
    say(f"making .venv with {'uv' if tool == 'uv' else 'venv and pip'} (once; later runs need no network)")
    with_uv = ["uv", "venv", "--no-project", "--allow-existing", "--python", base_python()]
    with_venv = [base_python(), "-I", "-m", "venv"]
    quietly("making .venv", [*(with_uv if tool == "uv" else with_venv), str(VENV)])


def clear() -> None:
    """Take away what is there, by renaming first so that no half of it can be mistaken for an environment."""
    import shutil

    old = ROOT / ".venv.old"
    shutil.rmtree(old, ignore_errors=True)
    if VENV.is_dir() and any(VENV.iterdir()):
        if not STAMP.exists() and not (VENV / "pyvenv.cfg").exists():
            raise FileExistsError(f"{VENV} is not an environment of venv, uv or run.py: move it away and run again")
        VENV.replace(old)
        shutil.rmtree(old, ignore_errors=True)
    VENV.mkdir(exist_ok=True)
    STAMP.write_text("", "utf-8")


def install(tool: str, what: str, requirements: list[str]) -> None:
    """Some are only ever taken as wheels: building them takes a compiler, headers that are seldom there, or minutes."""
    python = str(program("python"))
    start = ["uv", "pip", "install", "--python", python] if tool == "uv" else [python, "-I", "-m", "pip", "install"]
    quietly(f"installing {what}", [*start, "--only-binary", "pygraphviz,python-sat", *requirements])


def extras_of_project() -> dict[str, list[str]]:
    import tomllib

    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])


def install_optional(tool: str, extra: str, without: str) -> None:
    """An extra that cannot be had everywhere: said in one line, and no reason to stop."""
    log = VENV / f"run-{extra}.log"
    log.unlink(missing_ok=True)
    try:
        install(tool, f"the extra '{extra}'", extras_of_project()[extra])
    except SetupError as failure:
        log.write_text(f"{failure}\n{failure.output}", "utf-8")
        say(f"{without} (why: {log.relative_to(ROOT)})")


def lock() -> TextIOWrapper:
    """An open file that only one run.py at a time can have; closing it lets go."""
    handle = (ROOT / ".venv.lock").open("a", encoding="utf-8")
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        os.set_inheritable(handle.fileno(), True)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run.py that is setting up")
            fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def fill(tool: str, extras: list[str]) -> None:
    """Install everything, and only then say so in the stamp."""
    stamp = {**marks(), "tool": tool, "extras": " ".join(extras)}
    STAMP.write_text("", "utf-8")
    say("installing the project and what it needs")
    install(tool, "the project", ["--editable", f".[{','.join(extras)}]" if extras else "."])
    for extra, without in OPTIONAL:
        install_optional(tool, extra, without)
    write_stamp(stamp)


def set_up(stamp: dict[str, str], extras: list[str]) -> None:
    """Install into a finished environment again with the tool that made it, else make it afresh.

    Some machines tell only pip where packages are, so a failure of uv is not the end.
    """
    extras = sorted({*extras, *stamp.get("extras", "").split()})
    made_here = stamp.get("place") == marks()["place"] and program("python").exists()
    again = made_here and stamp.get("tool") in tools()
    for tool in [stamp["tool"]] if again else tools():
        try:
            if not again:
                make(tool)
            fill(tool, extras)
            return
        except SetupError as failure:
            if again or tool == "pip":
                raise
            say(f"with uv, {failure}; trying venv and pip. What uv said:\n{failure.output.rstrip()}")


def ensure(extras: list[str]) -> None:
    if is_ready(read_stamp(), extras):
        return
    with lock():
        stamp = read_stamp()
        if not is_ready(stamp, extras):
            set_up(stamp, extras)


def hand_over(*command: str) -> int:
    """Become the command where the system can, so that signals and the exit code are its own."""
    if os.name != "nt":
        os.execv(command[0], command)
    import subprocess

    return subprocess.call(command)


def run_setup(extras: list[str]) -> int:
    unknown = sorted({*extras} - {*extras_of_project()})
    if unknown:
        raise SetupError(f"no such extra: {', '.join(unknown)} (there are: {', '.join(extras_of_project())})", 2)
    ensure(extras)
    return 0


def run_tests(arguments: list[str]) -> int:
    ensure(["test"])
    os.chdir(ROOT)
    return hand_over(str(program("python")), "-m", "pytest", *arguments)


def run_bench(arguments: list[str]) -> int:
    bench = ROOT / "bench" / "run.py"
    if not bench.exists():
        raise SetupError("there is no bench/run.py to run", 2)
    ensure(["bench", "test"])  # a browser for the page, and the tables that tests make
    return hand_over(str(program("python")), str(bench), *arguments)


def run_sigrisk(arguments: list[str]) -> int:
    """With no arguments the main job: its case is beside this file, its picture goes to the current directory."""
    if not arguments:
        arguments = [os.path.relpath(ROOT / CASE) if word == CASE else word for word in MAIN_JOB]
    ensure([])
    return hand_over(str(program("sigrisk")), *(arguments[1:] if arguments[0] == "--" else arguments))


def main(arguments: list[str]) -> int:
    own = {"test": run_tests, "bench": run_bench, "setup": run_setup}.get("".join(arguments[:1]))
    try:
        return own(arguments[1:]) if own else run_sigrisk(arguments)
    except SetupError as failure:
        sys.stderr.write(failure.output)
        say(str(failure))
        return failure.code
    except OSError as error:
        say(f"cannot go on: {error}")
        return 3
    except KeyboardInterrupt:
        say("stopped; the next run does the unfinished work again")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
