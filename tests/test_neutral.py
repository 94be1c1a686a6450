"""The Python knows no subject: everything about the first one stands in its YAML, as the second one shows."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.subject import CASE, SIGNATURE, SPEAKS, founding_runs, named, runs

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ("kb", "engine", "explain", "web", "commands", "cli.py")
OF_THE_SUBJECT: tuple[str, ...] = ()
"""Files or folders that may speak of the subject: importers that read its own official files, when they come."""
OPEN_EXAMPLES = ("commands/", "cli.py")
"""Where a shipped case may be named, because a command opens it or its help shows it."""
TREE_NAMES = ("child", "children")
"""What hangs below a node of a tree: a usage older than the subject. Allowed as a name in code, not in any text."""

CELLS = {"kb/sheets/writeworkbooks.py": ("A2", "B2")}
"""Modules that name cells of a sheet, which are written like signatures."""


def files() -> list[Path]:
    """Every module that must be neutral."""
    named_by = [[ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py") for name in PYTHON]
    found = [file for some in named_by for file in some]
    return sorted(file for file in found if not short(file).startswith(OF_THE_SUBJECT))


def short(file: Path) -> str:
    """The module's path as problems show it."""
    return file.relative_to(ROOT).as_posix()


def written(file: Path) -> Iterator[tuple[int, str]]:
    """Every name, string and comment of a module, line by line."""
    with io.StringIO(file.read_text(encoding="utf-8")) as text:
        for token in tokenize.generate_tokens(text.readline):
            if token.type == tokenize.NAME and token.string in TREE_NAMES:
                continue
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, _without_tree_names(line)


def _without_tree_names(line: str) -> str:
    """Before Python 3.12 an f-string is one token with the names inside it."""
    return re.sub(rf"\.(?:{'|'.join(TREE_NAMES)})\b", "", line)


def places(file: Path, wanted: re.Pattern[str]) -> list[str]:
    """`file:line word` for every hit in a module."""
    return [f"{short(file)}:{line} {hit.group()}" for line, text in written(file) for hit in wanted.finditer(text)]


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module, strings that run on joined, with its first line."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


@pytest.mark.parametrize("file", files(), ids=short)
def test_no_word_of_the_subject_and_no_signature_is_written_in_python(file: Path) -> None:
    codes = [place for place in places(file, SIGNATURE) if not place.endswith(CELLS.get(short(file), ()))]
    assert places(file, SPEAKS) + codes == []


@pytest.mark.parametrize("file", files(), ids=short)
def test_no_id_of_the_vocabulary_or_the_rules_is_written_in_python(file: Path) -> None:
    assert places(file, named()) == []


def test_no_founding_sentence_is_quoted_in_python() -> None:
    founding = founding_runs()
    found = [f"{short(file)}:{line} {run}" for file in files() for line, text in texts(file)
             for run in sorted(runs(text) & founding)]
    assert found == []


@pytest.mark.parametrize("file", sorted((ROOT / "web").rglob("*.*ml")), ids=short)
def test_no_word_of_the_subject_is_written_in_a_template(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert SPEAKS.findall(text) + SIGNATURE.findall(text) + named().findall(text) == []


def test_shipped_cases_are_named_only_where_a_command_opens_them() -> None:
    others = [file for file in files() if not short(file).startswith(OPEN_EXAMPLES)]
    assert [place for file in others for place in places(file, CASE)] == []


def test_the_patterns_see_whole_words_and_nothing_else() -> None:
    assert SPEAKS.findall("Children's services in England; national_figures, CHILD") == [
        "Children", "services", "England", "national", "CHILD"]
    assert not SPEAKS.search("directory, grandchildren, counsel, agenda, nationale, authority")
    assert SIGNATURE.findall("`A2`, C8_rule, A6, B5, AB1, A22, K021") == ["A2", "C8"]
    assert named().findall("turnover_rate, my_turnover_rate, watch, not-enough-evidence") == [
        "turnover_rate", "not-enough-evidence"]
