"""A rules repository of one's own, and the page that leads from nothing to a merged rule, tried as a new user would."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "how-to-write-a-rule.md"
ANY = "..."
"""Stands for whatever a command answers, where that is long and told elsewhere."""
EDIT = re.compile(r"in\s+`([\w/.-]+)`,\s+write\s+`([^`]+)`\s+for\s+`([^`]+)`", re.IGNORECASE)
ON = ("--rules", "rules", "--kb", "vocabulary")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands of the pages are for a POSIX shell")


class Desk:
    """A folder in which somebody works at a shell, with `sigrisk` at hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder.parent / "bin" / "sigrisk"
        program.parent.mkdir()
        runs = f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'cli.py'))}"
        program.write_text(f'#!/bin/sh\nexec {runs} "$@"\n')
        program.chmod(0o755)
        who = {f"GIT_{role}_{what}": said for role in ("AUTHOR", "COMMITTER")
               for what, said in (("NAME", "Policy"), ("EMAIL", "policy@example.org"))}
        self.variables = {**os.environ, **who, "PATH": f"{program.parent}:{os.environ['PATH']}", "COLUMNS": "120"}

    def run(self, command: str) -> tuple[int, str]:
        """The exit code of a command and all that it says; `cd` moves for good."""
        if command.startswith("cd "):
            self.folder = self.folder / command.removeprefix("cd ")
            return 0, ""
        done = subprocess.run(["/bin/sh", "-c", command], cwd=self.folder, env=self.variables, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def edit(self, file: str, right: str, wrong: str) -> None:
        """What the page tells a reader to change."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(wrong) == 1, f"{wrong!r} stands {text.count(wrong)} times in {file}"
        path.write_text(text.replace(wrong, right), "utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "work").mkdir()
    return Desk(tmp_path / "work")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rules repository as it was made, which nobody changes."""
    (folder := tmp_path_factory.mktemp("made") / "work").mkdir()
    assert Desk(folder).run("sigrisk init own")[0] == 0
    return folder / "own"


@pytest.fixture
def own(desk: Desk, made: Path) -> Desk:
    """A desk with a rules repository of its own, in which one stands."""
    shutil.copytree(made, desk.folder / "own")
    desk.run("cd own")
    return desk


def steps(page: str) -> Iterator[list[str]]:
    """A page in parts: paragraphs, and blocks of code, each as its lines."""
    part: list[str] = []
    for line in page.splitlines():
        code = line.startswith("    ")
        if part and (not line or code != part[0].startswith("    ")):
            yield part
            part = []
        part += [line] if line else []
        if not line:
            yield [""]
    yield part


def tried(desk: Desk, block: list[str]) -> Iterator[str]:
    """A block of code with what its commands answer now, as the page should show it."""
    for at, line in enumerate(block):
        if not line.startswith("    $ "):
            continue
        end = next(end for end in range(at, len(block)) if not block[end].endswith("\\"))
        yield from block[at:end + 1]
        _, said = desk.run("\n".join(block[at:end + 1]).removeprefix("    $ "))
        if block[end + 1:end + 2] == [f"    {ANY}"]:
            assert said, line
            yield f"    {ANY}"
        else:
            yield from (f"    {line}".rstrip() for line in said.splitlines())


def test_the_page_on_writing_a_rule_is_true(desk: Desk, request: pytest.FixtureRequest) -> None:
    text, found, edits = PAGE.read_text("utf-8"), list[str](), 0
    for part in steps(text):
        if part and part[0].startswith("    $ "):
            found += tried(desk, part)
        else:
            found += part
            for file, right, wrong in EDIT.findall("\n".join(part)):
                desk.edit(file, right, re.sub(r"\s*\n\s*", " ", wrong))
                edits += 1
    shown = "\n".join(found).rstrip("\n") + "\n"
    if request.config.getoption("--update"):
        PAGE.write_text(shown, "utf-8")
    assert shown == PAGE.read_text("utf-8"), "stale: run pytest tests/test_own_rules.py --update, and read the page"
    assert edits == text.count("`, write")


def test_a_new_repository_is_in_the_one_layout(own: Desk) -> None:
    assert own.run("sigrisk fmt --check . .pre-commit-config.yaml .github/workflows/rules.yaml")[0] == 0
    assert "kb/" not in (own.folder / "rules" / "README.md").read_text("utf-8").replace("--kb", "")


def test_the_commands_of_its_readme_work(own: Desk) -> None:
    readme = (own.folder / "README.md").read_text("utf-8")
    commands = re.findall(r"(?m)^ +(sigrisk .*)$", readme)
    assert len(commands) == 8
    for command in commands:
        code, said = own.run(command)
        assert code == 0, f"{command}: {said}"


def test_hooks_and_workflow_run_what_is_there_and_find_everything_right(own: Desk) -> None:
    product = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    local = yaml.safe_load((own.folder / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    assert [{**hook, "language": "system"} for hook in product] == local
    workflow = yaml.safe_load((own.folder / ".github/workflows/rules.yaml").read_text("utf-8"))
    runs = [step["run"] for step in workflow["jobs"]["rules"]["steps"] if "sigrisk " in step.get("run", "")]
    assert {word for run in runs for word in run.split()} >= {"check", "cases/*.yaml", "test", "fmt", "schema"}
    assert len(runs) == 4
    for command in dict.fromkeys((*(hook["entry"] for hook in local), *runs)):
        code, said = own.run(command)
        assert code == 0, f"{command}: {said}"


def test_a_changed_threshold_is_seen(own: Desk) -> None:
    own.edit("rules/signatures/A3.yaml", "at_least: 25 per cent", "at_least: 5 per cent")
    code, said = own.run(f"sigrisk test {' '.join(ON)}")
    assert code == 1
    assert "A3: expected" in said
    own.edit("rules/signatures/A3.yaml", "at_least: 25 cases", "at_least: 25 per cent")
    code, said = own.run(f"sigrisk check {' '.join(ON)}")
    assert code == 1
    assert "rules/signatures/A3.yaml:11:" in said


@pytest.mark.parametrize(("there", "how"), [("a file in it", "not empty"), ("a file of that name", "a file")])
def test_what_is_there_is_left_alone(desk: Desk, there: str, how: str) -> None:
    target = desk.folder / "own"
    if there == "a file in it":
        target.mkdir()
        (target / "mine").write_text("mine")
    else:
        target.write_text("mine")
    code, said = desk.run("sigrisk init own")
    assert (code, said) == (2, f"sigrisk: own is {how}; name a folder that is new or empty\n")
    assert [path.name for path in desk.folder.rglob("*")] == (["own", "mine"] if target.is_dir() else ["own"])


def test_it_is_made_whole_or_not_at_all(desk: Desk) -> None:
    (desk.folder / "own").mkdir()
    assert desk.run("sigrisk init own")[0] == 0
    code, said = desk.run("sigrisk init nowhere/own")
    assert (code, said) == (3, "sigrisk: nowhere/own cannot be made: no such file or directory\n")
    assert sorted(path.name for path in desk.folder.iterdir()) == ["own"]


def test_another_knowledge_base_can_be_the_start(desk: Desk) -> None:
    home = ROOT / "examples" / "orchards"
    assert desk.run(f"sigrisk init own --rules {home / 'rules'} --kb {home / 'kb'}")[0] == 0
    desk.run("cd own")
    assert desk.run(f"sigrisk check {' '.join(ON)}")[0] == 0
    assert desk.run(f"sigrisk test {' '.join(ON)}")[0] == 0
