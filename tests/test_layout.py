"""One layout of YAML files: what it does, that it keeps comments and meaning, and that it has nothing to do twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cli import sigrisk
from engine.canonical import digest
from kb.files import EXAMPLES, RULES, VOCABULARY
from kb.layout import ChangedError, laid_out
from kb.load import load
from kb.yamltree import Mapping, parse_tree
from tests.test_schema import plain

SHIPPED = sorted(path for home in (RULES, VOCABULARY, EXAMPLES) for path in home.rglob("*.yaml"))
RUFFLED = """\
# What stands at the top stays there.


rule:   a-rule   #   beside the name
title: "A rule"
when:
    all:
    # above the first part
    - signature: A1 # beside it
    -   signature:   A2

    - any: [ {signature: C7,grade: weak} ,
       {signature: C8} ]
    # under the last part
because: >
   A sentence that
   was folded by hand.

   And another paragraph.
rationale: This text is longer than a line may be, so it is folded under its key, and the words stay what they were to the last.
statements: [S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15, S16, S17, S18, S19, S20, S21, S22, S23, S24]
sources:
- {source: one,
   # a comment inside brackets keeps them as they are
   page: 4}
# at the end

"""  # noqa: E501
LAID_OUT = """\
# What stands at the top stays there.

rule: a-rule  #   beside the name
title: "A rule"
when:
  all:
    # above the first part
    - signature: A1  # beside it
    - signature: A2

    - any: [{signature: C7, grade: weak}, {signature: C8}]
    # under the last part
because: >
  A sentence that was folded by hand.

  And another paragraph.
rationale: >-
  This text is longer than a line may be, so it is folded under its key, and the words stay what they were to the last.
statements: [S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15, S16, S17, S18, S19, S20, S21, S22, S23,
             S24]
sources:
  - {source: one,
     # a comment inside brackets keeps them as they are
     page: 4}
# at the end
"""


def test_what_the_layout_is() -> None:
    assert laid_out(RUFFLED, "rule.yaml") == LAID_OUT
    assert laid_out(LAID_OUT, "rule.yaml") == LAID_OUT


def comments(text: str) -> list[str]:
    """Every comment of a text, in order, wherever it stands."""
    return [found.rstrip() for found in re.findall(r"(?m)(?:^|(?<=\s))#(?!\)).*$", text)]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_files_are_laid_out(path: Path) -> None:
    text = path.read_text("utf-8")
    assert laid_out(text, path.name) == text, "run: sigrisk fmt"


def ruffled(text: str) -> str:
    """The same file as somebody in a hurry would have left it: other gaps, other folds, lines that end in blanks."""
    text = re.sub(r"(?m)^(\s*(?:- )?[\w-]+:) (?=[\w{\[>])", r"\1   ", text)
    text = re.sub(r"(?m)^((?: {6}| {8})(?! )[\w ,.']{40,70}) (?=\w+ \w+)", r"\1\n        ", text)
    return "\n\n" + re.sub(r"\n(?=\s*- (?:rule|id|test|indicator):)", "   \n\n\n", text).replace(", ", " ,  ", 1)


@pytest.mark.parametrize("path", [path for path in SHIPPED if "orchards" not in path.parts], ids=lambda path: path.name)
def test_comments_and_meaning_are_kept(path: Path) -> None:
    text = path.read_text("utf-8")
    other = ruffled(text)
    if parse_tree(other, path.name)[1]:
        other = "\n\n" + text.replace("\n- ", "\n\n\n-   ")
    found = laid_out(other, path.name)
    assert comments(found) == comments(other)
    assert plain(parse_tree(found, path.name)[0]) == plain(parse_tree(other, path.name)[0])
    assert laid_out(found, path.name) == found


def test_a_receipt_does_not_notice_the_layout(tmp_path: Path) -> None:
    for home in (RULES, VOCABULARY):
        for path in home.rglob("*.yaml"):
            copy = tmp_path / home.name / path.relative_to(home)
            copy.parent.mkdir(parents=True, exist_ok=True)
            doubled = re.sub(r"(?m)^( +)", r"\1\1", path.read_text("utf-8"))
            copy.write_text(re.sub(r"(?m)^( *)- ", r"\1-   ", doubled), "utf-8")
    ragged, problems = load(tmp_path / "rules", tmp_path / "vocabulary")
    assert problems == ()
    assert CliRunner().invoke(sigrisk, ["fmt", str(tmp_path)]).exit_code == 0
    again, _ = load(tmp_path / "rules", tmp_path / "vocabulary")
    assert digest(again) == digest(ragged) == digest(load()[0])
    for home in (RULES, VOCABULARY):
        for path in home.rglob("*.yaml"):
            assert (tmp_path / home.name / path.relative_to(home)).read_bytes() == path.read_bytes()


WORDS = st.text("abc def", min_size=1, max_size=200).map(str.strip).filter(bool)
TREES = st.recursive(WORDS, lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(
    st.text("abcdef", min_size=1, max_size=8), inner, min_size=1, max_size=4), max_leaves=12)


def written(tree: object, indent: int, comment: int) -> str:
    """A tree as YAML with a comment above and beside each entry, at a careless indentation."""
    pad = "\n" + " " * indent
    if isinstance(tree, dict):
        return "".join(f"{pad}# k{comment}{pad}{key}: {written(value, indent + 3, comment + 1)}" for key, value in
                       tree.items())
    if isinstance(tree, list):
        return "".join(f"{pad}# i{comment}{pad}- {_item(item, indent, comment)}" for item in tree)
    return f"{tree}   # v{comment}"


def _item(item: object, indent: int, comment: int) -> str:
    text = written(item, indent + 2, comment + 1)
    return text.lstrip("\n ") if isinstance(item, dict) and not text.lstrip().startswith("#") else text


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=8), TREES, min_size=1, max_size=4))
def test_any_file_keeps_what_it_says_and_its_comments(tree: dict[str, object]) -> None:
    text = written(tree, 0, 0).lstrip("\n") + "\n"
    before, problems, _ = parse_tree(text, "any.yaml")
    assert not problems
    found = laid_out(text, "any.yaml")
    assert plain(parse_tree(found, "any.yaml")[0]) == plain(before)
    assert comments(found) == [c.rstrip() for c in comments(text)]
    assert laid_out(found, "any.yaml") == found


PIECES = st.sampled_from([
    "a", "b: ", "c: ", "- ", "  ", "    ", "\n", "\n\n", "# c", " #x", "{", "}", "[", "]", ", ", ">\n", ">-\n", "|\n",
    '"', "'", "key: v\n", "\n  - x: 1\n", "\n    y: 2\n", "many words " * 12, "---\n", "  # own\n",
    "k: {a: 1, b: [x, y]}\n", "m: [a,\n   b]\n", "\n      text\n", "when:  # beside\n  # alone\n  all: x\n"])


@given(st.lists(PIECES, min_size=2, max_size=12).map("".join))
def test_a_file_that_can_be_read_is_laid_out_once_or_left_alone(text: str) -> None:
    tree, problems, _ = parse_tree(text, "any.yaml")
    if problems or not isinstance(tree, Mapping):
        return
    try:
        found = laid_out(text, "any.yaml")
    except ChangedError:
        return
    assert plain(parse_tree(found, "any.yaml")[0]) == plain(parse_tree(f"{text}\n", "any.yaml")[0])
    assert found.count("#") == text.count("#")
    assert laid_out(found, "any.yaml") == found


def test_what_cannot_be_kept_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "kept.yaml"
    file.write_text("note: |+\n\n\n", "utf-8")
    done = CliRunner().invoke(sigrisk, ["fmt", str(file)])
    assert (done.exit_code, done.output) == (3, "sigrisk: kept.yaml cannot be laid out without changing what it says; "
                                                "nothing was written\n")
    assert file.read_text("utf-8") == "note: |+\n\n\n"


def test_the_command_lists_what_would_change_and_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("rules of ours", "rule.yaml")
    file.parent.mkdir()
    file.write_text(RUFFLED, "utf-8")
    run = CliRunner().invoke
    asked = run(sigrisk, ["fmt", "--check", "rules of ours"])
    assert (asked.exit_code, asked.output) == (
        1, "would change: rules of ours/rule.yaml\n1 of 1 files would change: sigrisk fmt 'rules of ours'\n")
    assert file.read_text("utf-8") == RUFFLED
    assert run(sigrisk, ["fmt", str(file)]).exit_code == 0
    assert file.read_text("utf-8") == LAID_OUT
    assert run(sigrisk, ["fmt", "--check", str(file)]).exit_code == 0


def test_a_file_with_a_mistake_in_its_yaml_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RUFFLED, "utf-8")
    (tmp_path / "b.yaml").write_text("rule: x\nrule: y\n", "utf-8")
    done = CliRunner().invoke(sigrisk, ["fmt", str(tmp_path)])
    assert done.exit_code == 3
    assert done.output == ('b.yaml:2:1: K011 the key "rule" is already in line 1 (keep one of the two)\n')
    assert (tmp_path / "a.yaml").read_text("utf-8") == RUFFLED
