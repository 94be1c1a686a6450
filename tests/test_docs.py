"""Generated pages are current, and the README's commands exist. Renew the pages with pytest --update."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
FOLDERS = {
    "cli.py": "the command", "commands": "parse, call, print", "web": "pages",
    "explain": "why, in words and as a picture",
    "engine": "rules as a program, evidence as bits, two engines", "kb": "what is known, and reading it",
}
HEAD = """# Architecture

One-way order, enforced in CI: the commands call `web` and `explain`, `web` calls `explain`, which calls `engine`,
which calls `kb`. networkx is used only in `explain`, Jinja2 only in `web`, FastAPI and uvicorn only in
`web/server`, durable-rules only in `engine/rete.py`. `rules/` holds YAML only. One import goes the other way: in a
notebook an account shows itself through the template of `web` (`explain/render/shown.py`), and as text without it.

One case goes through it like this: files become frozen records with their places (`kb`), observations become marks of
tests at a date (`engine/evidence.py`), marks become bits (`engine/planes.py`), the program of the rules is evaluated
on them (`engine/bits.py`) and chained a second time by durable-rules (`engine/rete.py`), and the model is told as a
tree of lines (`explain/why.py`) that every renderer prints. This page is generated from the first line of each module.
"""


def captions() -> str:
    """The first line of every module's docstring, folder by folder."""
    parts = [HEAD]
    for name, what in FOLDERS.items():
        files = [ROOT / name] if name.endswith(".py") else sorted((ROOT / name).rglob("*.py"))
        rows = [f"| `{file.relative_to(ROOT).as_posix()}` | {caption(file)} |" for file in files]
        parts.append("\n".join([f"\n## {name}: {what}\n", "| module | |", "| --- | --- |", *rows, ""]))
    return "".join(parts)


def caption(file: Path) -> str:
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert told, f"{file.name} has no docstring"
    return told.splitlines()[0]


def test_the_architecture_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        PAGE.write_text(captions(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == captions(), "stale: run pytest tests/test_docs.py --update"


def test_every_file_that_the_readme_names_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(([\w./-]+)\)", text)) | set(re.findall(r"examples/[\w.-]+", text))
    assert named
    for name in named:
        assert (ROOT / name).exists(), name


def test_no_python_lives_among_the_rules() -> None:
    assert not list((ROOT / "rules").rglob("*.py"))


MODULES = sorted(p for f in ("kb", "engine", "explain", "web", "commands") for p in (ROOT / f).rglob("*.py"))


@pytest.mark.parametrize("file", MODULES, ids=lambda p: p.name)
def test_files_and_functions_stay_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 45, f"{file.name}: {node.name}"


TRIED = re.compile(r"^ {4}python3 run\.py ((?:assess|why|why-not|what-if|levers|fragile|enquire|trace|timeline|compare"
                   r"|exercise|rule|seed|explain-code)\b[^#\n]*)", re.MULTILINE)
"""The commands of a page that ask something of what is shipped."""


WRITING = ("-o", "--picture", "--receipt")


@pytest.mark.parametrize("page", ["README.md", "docs/exercises.md"])
def test_what_a_page_says_to_type_can_be_typed(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each as it stands, in the folder of the project; what it writes goes elsewhere."""
    from click.testing import CliRunner

    from cli import sigrisk

    monkeypatch.chdir(ROOT)
    asked = TRIED.findall((ROOT / page).read_text(encoding="utf-8"))
    assert asked
    for words in asked:
        told = words.split()
        for option in WRITING:
            if option in told:
                told[told.index(option) + 1] = str(tmp_path / told[told.index(option) + 1])
        done = CliRunner().invoke(sigrisk, told, input="")
        assert done.exit_code == 0, f"{words}: {done.output}"
