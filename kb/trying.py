"""Changes to a knowledge base: composed as texts, tried in a copy, and written whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from kb.files import write_whole
from kb.knowledge import Knowledge
from kb.layout import laid_out
from kb.load import load
from kb.model import Problem
from kb.ruletests import RuleTest, read_rule_tests
from kb.schema.files import FOLDER, Room, stale, wanted, with_modelines
from kb.yamltree import Mapping, Sequence, parse_tree

Files = dict[Path, str]


class Tried(NamedTuple):
    """What a knowledge base is, or would be: its rules, their tests, and every problem."""

    knowledge: Knowledge
    tests: tuple[RuleTest, ...]
    problems: tuple[Problem, ...]


def read(rules: Path, vocabulary: Path) -> Tried:
    """The knowledge base of two folders, with the tests of its rules."""
    knowledge, problems = load(rules, vocabulary)
    tests, wrong = read_rule_tests(rules, knowledge) if not problems else ((), ())
    return Tried(knowledge, tests, (*problems, *wrong))


def tried(files: Files, rules: Path, vocabulary: Path) -> Tried:
    """What the knowledge base would be with these files in it; nothing is written to it."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        homes = {rules: folder / "r" / rules.resolve().name, vocabulary: folder / "v" / vocabulary.resolve().name}
        for home, copy in homes.items():
            shutil.copytree(home, copy)
        for path, text in files.items():
            home = rules if path.is_relative_to(rules) else vocabulary
            copy = homes[home] / path.relative_to(home)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
        return read(homes[rules], homes[vocabulary])


def lengthened(text: str, key: str, lines: list[str], name: str) -> str | None:
    """A file with one more entry at the end of the list under a key; None where that list does not end the file."""
    longer = text.rstrip("\n") + "\n" + "".join(f"{line}\n" for line in lines)
    before, problems, _ = parse_tree(text, name)
    after, wrong, _ = parse_tree(longer, name)
    if problems or wrong or _length(after, key) != _length(before, key) + 1:
        return None
    return laid_out(longer, name) if laid_out(text, name) == text else longer


def _length(tree: object, key: str) -> int:
    found = next((e.value for e in tree.entries if e.key.text == key), None) if isinstance(tree, Mapping) else None
    return len(found.items) if isinstance(found, Sequence) else -1


def named(text: str, path: Path, schemas: Path, schema: str) -> str:
    """The text of a new file, laid out, under the lines that name its schema where schemas are kept near it."""
    near = schemas.is_dir() and path.resolve().is_relative_to(schemas.resolve().parent.parent)
    return laid_out(with_modelines(text, path, schemas / schema) if near else text, path.name)


def write_all(files: dict[Path, bytes]) -> None:
    """Every file, or none: what was written is taken back where one cannot be. Raises OSError."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    made = [folder for path in files for folder in path.parents if not folder.exists()]
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
    except BaseException:
        for path, data_before in before.items():
            if data_before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(data_before)
        for folder in sorted({*made}, key=lambda one: -len(one.parts)):
            if folder.is_dir():
                folder.rmdir()
        raise


def renewed(rules: Path, vocabulary: Path) -> dict[Path, bytes]:
    """What of the schemas, and of the lines that name them, is not current; nothing where no schemas are kept."""
    room = Room(rules, vocabulary, vocabulary.parent / FOLDER)
    if not room.schemas.is_dir():
        return {}
    files = wanted(room, read(rules, vocabulary).knowledge)
    return {path: files[path] for path in stale(files)}
