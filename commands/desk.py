"""The desk of those who write rules: schemas for editors, one layout, new files, a repository of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from commands.common import FINDINGS, UNREADABLE, kb_option, rules_option, shown_name, stop
from commands.placing import written
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
    if write:
        written(old)
    elif old:
        click.echo("\n".join(f"not current: {shown_name(path)}" for path in old))
        stop([f"{len(old)} of {len(files)} files are not current: sigrisk schema --write"], FINDINGS)
    click.echo(f"{len(files)} files are current", err=True)


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
    after = {file: text for file in files if (text := _laid_out(file)) is not None}
    if not check:
        written({file: text.encode() for file, text in after.items()})
    elif after:
        click.echo("\n".join(f"would change: {shown_name(file)}" for file in after))
        stop([f"{len(after)} of {len(files)} files are not laid out: sigrisk fmt"], FINDINGS)
    click.echo(f"{len(files)} file{'' if len(files) == 1 else 's'} laid out", err=True)


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
