"""A rules repository of one's own: a copy of rules and vocabulary to be changed, with what checks each change."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.common import UNREADABLE, USAGE, kb_option, prepared, rules_option, shown_name, stop
from kb.files import EXAMPLES

if TYPE_CHECKING:
    from kb.knowledge import Knowledge

TEMPLATES = EXAMPLES / "own-rules"
PLACED = {"README.md": "README.md", "ci.yaml": ".github/workflows/rules.yaml",
          "pre-commit.yaml": ".pre-commit-config.yaml"}
"""Where each template goes."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@rules_option
@kb_option
def init(folder: Path, rules: Path, vocabulary: Path) -> None:
    """Makes FOLDER, which is new or empty, a rules repository of your own.

    It gets a copy of the rules, their tests and the vocabulary, invented cases to try a change on, schemas for editors,
    hooks for pre-commit, a workflow that checks each proposed change, and a README for those who write the rules.

    \b
    sigrisk init our-rules
    """
    import tempfile

    knowledge = prepared(rules, vocabulary).knowledge
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "not empty" if folder.is_dir() else "a file"
        stop([f"sigrisk: {shown_name(folder)} is {what}; name a folder that is new or empty"], USAGE)
    try:
        with tempfile.TemporaryDirectory(dir=folder.absolute().parent, prefix=".sigrisk-") as name:
            whole = Path(name) / "whole"
            _fill(whole, knowledge, rules, vocabulary)
            if folder.exists():
                folder.rmdir()
            whole.rename(folder)
    except OSError as error:
        stop([f"sigrisk: {shown_name(folder)} cannot be made: {(error.strerror or str(error)).lower()}"], UNREADABLE)
    click.echo(f"made {folder}; now\n    cd {folder}\n    sigrisk check cases/*.yaml --rules rules --kb vocabulary\n"
               "and read README.md", err=True)


def _fill(folder: Path, knowledge: Knowledge, rules: Path, vocabulary: Path) -> None:
    """Everything that such a repository holds, in a folder that nobody sees yet."""
    from kb.schema.files import FOLDER, Room, wanted

    _copy(rules, folder / "rules")
    _copy(vocabulary, folder / "vocabulary")
    (folder / "cases").mkdir()
    cases = tuple(_copied(case, folder / "cases") for case in _invented(knowledge))
    for template, place in PLACED.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TEMPLATES / template, folder / place)
    (folder / FOLDER).mkdir()
    room = Room(folder / "rules", folder / "vocabulary", folder / FOLDER, cases)
    for path, data in wanted(room, knowledge).items():
        path.write_bytes(data)


def _copy(home: Path, folder: Path) -> None:
    """The YAML files of a folder, and its README with the places as they are in the copy."""
    folder.mkdir(parents=True)
    for path in sorted((*home.rglob("*.yaml"), *home.rglob("*.yml"), *home.rglob("*.md"))):
        copy = folder / path.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            copy.write_text(path.read_text("utf-8").replace("kb/vocabulary/", "vocabulary/"), "utf-8")
        else:
            shutil.copyfile(path, copy)


def _copied(case: Path, folder: Path) -> Path:
    return Path(shutil.copyfile(case, folder / case.name))


def _invented(knowledge: Knowledge) -> list[Path]:
    """The shipped cases that are made up, as far as this vocabulary can read them."""
    from kb.casefiles import read_case

    read = {path: read_case(path, knowledge.vocabulary) for path in sorted(EXAMPLES.glob("*.yaml"))}
    return [path for path, (case, problems) in read.items() if case and case.invented and not problems]
