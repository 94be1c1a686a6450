"""Schemas as files, and the two lines at the top of each YAML file by which editors find the one it goes by."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kb.importing.kinds import FOLDER as IMPORTS
from kb.knowledge import Knowledge
from kb.links import keys_of
from kb.rulefiles import TESTS_FOLDER
from kb.schema.cases import case_file, tests_file
from kb.schema.imports import import_files, schema_of
from kb.schema.known import known_in
from kb.schema.rules import grading_file, rule_file, rules_file, signature_file
from kb.schema.shapes import Schema
from kb.schema.vocabulary import vocabulary_files
from kb.yamltree import read_tree

FOLDER = "schemas"
CASE, TESTS, RULE = "case.json", "tests.json", "rule.json"
TOLD_BY = {"signature": "signature.json", "grading": "grading.json", "rules": "rules.json"}
"""By which key at its top a rule file is told from one that holds a single rule."""
_MODELINE = re.compile(r"#\s*(?:yaml-language-server\s*:.*|\$schema\s*:.*)\n?")


class Room(NamedTuple):
    """Where a knowledge base lives: its rules, its vocabulary, its schemas, and cases beside them."""

    rules: Path
    vocabulary: Path
    schemas: Path
    cases: tuple[Path, ...] = ()


def schemas(knowledge: Knowledge) -> dict[str, Schema]:
    """The schema of each sort of file, by the name of the schema's file."""
    known = known_in(knowledge)
    found = {RULE: rule_file(known), "rules.json": rules_file(known), "signature.json": signature_file(known),
             "grading.json": grading_file(known), TESTS: tests_file(known), CASE: case_file(known)}
    found |= import_files(known)
    return found | {f"vocabulary-{name}.json": schema for name, schema in vocabulary_files(known).items()}


def yaml_files(room: Room) -> Iterator[tuple[Path, str]]:
    """Every YAML file of a room, with the name of its schema."""
    for path in _yaml_in(room.rules):
        tests = path.relative_to(room.rules).parts[0] == TESTS_FOLDER
        yield path, TESTS if tests else rule_schema(path)
    for path in sorted(room.vocabulary.glob("*.yaml")):
        yield path, f"vocabulary-{path.stem}.json"
    for path in sorted((room.vocabulary / IMPORTS).glob("*.yaml")):
        yield path, schema_of(path.stem)
    for path in room.cases:
        yield path, CASE


def rule_schema(path: Path) -> str:
    """The name of the schema that a file among the rules goes by."""
    tree, _, _ = read_tree(path, path.name)
    keys = keys_of(tree) if tree is not None else set()
    return next((schema for key, schema in TOLD_BY.items() if key in keys), RULE)


def _yaml_in(folder: Path) -> list[Path]:
    return sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml")))


def wanted(room: Room, knowledge: Knowledge) -> dict[Path, bytes]:
    """What the files of the schemas, and the top of each YAML file, should be; the rest of a file is as it is."""
    found = {room.schemas / name: as_bytes(schema) for name, schema in schemas(knowledge).items()}
    for path, name in yaml_files(room):
        if room.schemas / name in found:
            found[path] = with_modelines(path.read_text("utf-8"), path, room.schemas / name).encode()
    return found


def stale(files: dict[Path, bytes]) -> list[Path]:
    """Those of the files that are not there, or not as they should be."""
    return [path for path, data in files.items() if not path.is_file() or path.read_bytes() != data]


def as_bytes(schema: Schema) -> bytes:
    """A schema as its file holds it."""
    return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()


def modelines(path: Path, schema: Path) -> str:
    """The two lines for one file: the YAML language server reads the first, the JetBrains editors the second."""
    way = Path(os.path.relpath(schema, path.parent)).as_posix()
    return f"# yaml-language-server: $schema={way}\n# $schema: {way}\n"


def with_modelines(text: str, path: Path, schema: Path) -> str:
    """The text of a file under its two lines, in place of such lines as it may have begun with."""
    lines = text.splitlines(keepends=True)
    first = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    kept: Iterable[str] = (line for at, line in enumerate(lines) if at >= first or not _MODELINE.fullmatch(line))
    return modelines(path, schema) + "".join(kept)
