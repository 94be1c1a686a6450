"""The desk of those who write rules: schemas for editors, one layout, new files, a repository of one's own."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

import click

from commands.common import FINDINGS, UNREADABLE, kb_option, rules_option, shown_name, stop
from commands.placing import on, written
from kb.files import EXAMPLES, RULES, VOCABULARY


@click.command()
@click.argument("cases", type=click.Path(path_type=Path), nargs=-1)
@click.option("--write", is_flag=True, help="Write what is not current.")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Another folder for the schemas.")
@rules_option
@kb_option
def schema(cases: tuple[Path, ...], write: bool, folder: Path | None, rules: Path, vocabulary: Path) -> None:
    """Are the schemas current by which editors complete ids, and the lines in each YAML file that name them?

    They stand in the folder `schemas` beside the vocabulary. CASES: case files to include (default: the shipped ones).

    \b
    sigrisk schema
    sigrisk schema --write
    """
    from kb.load import load
    from kb.schema.files import FOLDER, Room, stale, wanted

    knowledge, problems = load(rules, vocabulary)
    if problems:
        stop(problems, UNREADABLE)
    shipped = sorted(EXAMPLES.glob("*.yaml")) if vocabulary == VOCABULARY else []
    room = Room(rules, vocabulary, folder or vocabulary.parent / FOLDER, cases or tuple(shipped))
    for case in cases:
        _read(case)
    files = wanted(room, knowledge)
    old = {path: files[path] for path in stale(files)}
    to = f" --to {shlex.quote(folder.as_posix())}" if folder else ""
    _change(old, len(files), "" if write else _again("schema --write", cases) + to + on(rules, vocabulary))
    ours = "shipped " if (rules, vocabulary) == (RULES, VOCABULARY) else ""
    click.echo(f"{len(files)} {ours}files are current", err=True)


@click.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; list what would change, and exit 1 where anything would.")
def fmt(paths: tuple[Path, ...], check: bool) -> None:
    """Lays YAML files out in the one way: two spaces, texts folded at 120 columns, comments kept.

    PATHS: files, or folders with all that is in them (default: the shipped rules, vocabulary and cases). What a file
    says is compared before and after, and nothing is written where a file has a mistake in its YAML.

    \b
    sigrisk fmt rules
    sigrisk fmt --check rules vocabulary cases
    """
    files = [file for path in paths or (RULES, VOCABULARY, EXAMPLES) for file in _yaml_files(path)]
    after = {file: text.encode() for file in files if (text := _laid_out(file)) is not None}
    _change(after, len(files), _again("fmt", paths) if check else "")
    click.echo(f"{len(files)} {'' if paths else 'shipped '}{'file' if len(files) == 1 else 'files'} laid out", err=True)


def _change(files: dict[Path, bytes], among: int, instead: str) -> None:
    """Writes the files; or, where another command is to do it instead, lists them and ends with that command."""
    if not instead:
        written(files)
    elif files:
        click.echo("\n".join(f"would change: {shown_name(path)}" for path in files))
        stop([f"{len(files)} of {among} files would change: {instead}"], FINDINGS)


def _again(command: str, paths: Iterable[Path]) -> str:
    """The command for the same paths."""
    return " ".join((f"sigrisk {command}", *(shlex.quote(path.as_posix()) for path in paths)))


def _yaml_files(path: Path) -> list[Path]:
    """The file named, or all in a folder; what begins with a dot (an environment, say) is left alone there."""
    if not path.is_dir():
        return [path]
    found = sorted((*path.rglob("*.yaml"), *path.rglob("*.yml")))
    return [file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts)]


def _laid_out(file: Path) -> str | None:
    """The new text of a file; None where it is laid out already; an end where it has a mistake in its YAML."""
    from kb.layout import ChangedError, laid_out

    data = _read(file)
    try:
        found = laid_out(data.decode(), shown_name(file))
    except ChangedError as changed:
        stop([f"sigrisk: {changed} cannot be laid out without changing what it says; nothing was written"], UNREADABLE)
    return None if found.encode() == data else found


def _read(file: Path) -> bytes:
    """What a file holds; an end where it cannot be read as YAML."""
    from kb.yamltree import read_tree

    _, problems, _ = read_tree(file, shown_name(file))
    if problems:
        stop(problems, UNREADABLE)
    return file.read_bytes()
