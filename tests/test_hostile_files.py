"""No file, however broken or malicious, may crash or stall the reader: it gets one clear problem, at its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import kb.yamltree
from kb.model import Place, Problem
from kb.problems import CODES
from kb.yamltree import MAX_BYTES, Mapping, Sequence, Tree, parse_tree, read_tree

ROOT = Path(__file__).resolve().parents[1]
NAME = "rules/a.yaml"
LOADERS = [yaml.SafeLoader] + ([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])
PROBE = """
import sys
from pathlib import Path
from kb.yamltree import read_tree
for file in sorted(Path(sys.argv[1]).iterdir()):
    _, problems, _ = read_tree(file, "rules/a.yaml")
    sys.stdout.buffer.write(" and ".join(map(str, problems)).encode("utf-8") + b"\\n")
    sys.stdout.flush()
"""


def laughs() -> bytes:
    """Nine lines that would grow to a thousand million words."""
    lines = (b"%c: &%c [*%c, *%c, *%c]\n" % (b + 1, b + 1, b, b, b) for b in b"abcdefgh")
    return b"a: &a [lol, lol]\n" + b"".join(lines)


EMPTY = "1:1: K025 the file is empty (write something into it, or delete it)"
LARGE = "1:1: K002 the file is larger than 1 MB (split it into smaller files)"
NOT_UTF8 = "{}: K003 byte {} of the file ({}) is not UTF-8 text (save the file again as UTF-8)"
UNSEEN = "{}: K003 the invisible character U+{} is not allowed (delete it, or type the line again)"
DEEP = "{}: K008 more than 40 levels inside one another (use fewer levels)"
ALIAS = "1:4: K009 anchors and aliases (& and *) are not allowed{} (write it out, or put the text in quotes)"
TAG = "{}: K010 tags (!) are not allowed{} (delete it, or put the text in quotes)"
TWO = "{}: K024 a second document begins here (delete the line ---, or use a file for each)"
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", EMPTY),
    "a byte order mark alone": (b"\xef\xbb\xbf", EMPTY),
    "blanks and comments": (b"\n  \n# x\n", EMPTY),
    "a document of nothing": (b"---\n", EMPTY),
    "200,000 lines": (b"a: 1 # x\n" * 200_000, LARGE),
    "one line of 2 MB": (b"x" * 2_000_000, LARGE),
    "one byte too many": (b"x" * (MAX_BYTES + 1), LARGE),
    "latin-1": (b"a: 1\nb: caf\xe9\n", NOT_UTF8.format("2:7", 12, "0xE9")),
    "utf-16": ("a: 1\n".encode("utf-16-le"), UNSEEN.format("1:2", "0000")),
    "utf-16 with its mark": (b"\xff\xfea\0", NOT_UTF8.format("1:1", 1, "0xFF")),
    "half a letter": ("a: é".encode()[:-1], NOT_UTF8.format("1:4", 4, "0xC3")),
    "half a pair": (b"a: \xed\xa0\x80\n", NOT_UTF8.format("1:4", 4, "0xED")),
    "a spreadsheet": (b"PK\x03\x04\x14\x00", UNSEEN.format("1:3", "0003")),
    "NUL": (b"a: 1\r\nb: x\0y\n", UNSEEN.format("2:5", "0000")),
    "a terminal's escape": (b"a: \x1b[31m\n", UNSEEN.format("1:4", "001B")),
    "the same, spelt out": (b'a: 1\nb: "\\x1b[31m"\n', UNSEEN.format("2:4", "001B")),
    "a line separator": ("a: x\u2028b: 2\n".encode(), UNSEEN.format("1:5", "2028")),
    "a paragraph separator": ("a: x\u2029b: 2\n".encode(), UNSEEN.format("1:5", "2029")),
    "a next-line character": ("a: x\x85b: 2\n".encode(), UNSEEN.format("1:5", "0085")),
    "writing turned round": ("a: \u202ex\n".encode(), UNSEEN.format("1:4", "202E")),
    "a second byte order mark": ("\ufeff\ufeffa: 1\n".encode(), UNSEEN.format("1:1", "FEFF")),
    "100,000 brackets": (b"[" * 100_000, DEEP.format("1:41")),
    "100,000 braces": (b"{" * 100_000, DEEP.format("1:41")),
    "100,000 dashes": (b"- " * 100_000, DEEP.format("1:81")),
    "100,000 question marks": (b"? " * 100_000, DEEP.format("1:81")),
    "500 levels of indentation": (b"".join(b" " * i + b"a:\n" for i in range(500)), DEEP.format("41:41")),
    "41 levels, closed": (b"[" * 41 + b"]" * 41, DEEP.format("1:41")),
    "a thousand million laughs": (laughs(), ALIAS.format(" (also in lines 2, 3, 4, 5, 6 and 3 more)")),
    "an alias to itself": (b"a: &a [*a]\n", ALIAS.format("")),
    "an alias to nothing": (b"a: *b\n", ALIAS.format("")),
    "a merged alias": (b"a: &a {b: 1}\nc: {<<: *a}\n", ALIAS.format(" (also in line 2)")),
    "an object": (b"a: !!python/object/apply:os.system [ls]\n", TAG.format("1:4", "")),
    "words with a tag": (b"- !important x\n- !!str y\n- ! z\n", TAG.format("1:3", " (also in lines 2, 3)")),
    "two documents": (b"a: 1\n---\nb: 2\n", TWO.format("2:1")),
    "200,000 documents": (b"---\n" * 200_000, TWO.format("2:1")),
    "a quote that never ends": (b'a: "' + b"x\n" * 100_000,
                                "1:4: K004 the quote that opens here is never closed (close it where its text ends)"),
}


def one_problem(text: str) -> list[str]:
    return [f"{NAME}:{text}"]


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@pytest.mark.parametrize("what", HOSTILE)
def test_one_problem(what: str, loader: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kb.yamltree, "_LOADER", loader)
    data, expected = HOSTILE[what]
    (tmp_path / "a.yaml").write_bytes(data)
    _, problems, _ = read_tree(tmp_path / "a.yaml", NAME)
    assert [str(problem) for problem in problems] == one_problem(expected)


def test_no_crash_and_no_stall_in_a_process_of_its_own(tmp_path: Path) -> None:
    for number, (data, _) in enumerate(HOSTILE.values()):
        (tmp_path / f"{number:03}.yaml").write_bytes(data)
    command = [sys.executable, "-c", PROBE, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.stdout.decode("utf-8").splitlines() == [f"{NAME}:{expected}" for _, expected in HOSTILE.values()]
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("text", [
    "a: b: c\n" * 125_000, '"' * 999_999, '"\n' * 499_999, "&a " * 333_333, "- *a\n" * 199_999, ":" * 999_999,
    "a: < 3\n" * 140_000, "\tx\n" * 333_333, "[" + "[]," * 333_000 + "]", "[[]" * 333_333, "%TAG ! a\n" * 99_999,
], ids=lambda text: repr(text[:9]))
def test_a_full_megabyte_of_mistakes_stays_readable(text: str) -> None:
    _, problems, _ = parse_tree(text, NAME)
    assert len(problems) <= 100


def test_forty_levels_are_read() -> None:
    tree, problems, repaired = parse_tree("[" * 40 + "]" * 40, NAME)
    assert isinstance(tree, Sequence)
    assert (problems, repaired) == ((), False)


def refused(path: Path) -> list[str]:
    tree, problems, repaired = read_tree(path, NAME)
    assert (tree, repaired) == (None, False)
    return [str(problem) for problem in problems]


def test_files_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = one_problem("1:1: K001 there is no such file (check its name and folder)")
    other = one_problem("1:1: K001 the file cannot be read (check its name and folder)")
    assert refused(tmp_path / "b.yaml") == refused(tmp_path / "b" / "c.yaml") == missing
    assert refused(tmp_path) == one_problem("1:1: K001 this is a folder, not a file (name a file inside it)")
    assert refused(tmp_path / ("x" * 5000)) == refused(Path("a\0b")) == other
    (tmp_path / "a.yaml").write_text("a: 1\n")

    def deny(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", deny)
    assert refused(tmp_path / "a.yaml") == one_problem(
        "1:1: K001 the file may not be opened (ask for permission to read it)")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    expected = one_problem("1:1: K001 the file cannot be read (check its name and folder)")
    assert refused(tmp_path / "pipe.yaml") == expected


PIECES = st.sampled_from([
    "a", "b: ", "- ", "[", "]", "{", "}", '"', "'", ">", "|", "&", "*", "!", "%", "@", "#", ",", "? ", " ", "  ",
    "\n", "\n  ", "\n- ", "\t", "\n\t", "<", ">=", "=", "0", "12", "true", ":", ": ", "---", "\\", "\\x00",
    "\\UFFFFFFFF", "é", "\xa0", "\u3000", "\U0001f600", "\r", "\r\n", "`", "%TAG ", "!!str ", "<<: ", "\ufeff",
    "\ud800",
])
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=30).map("".join)


def every_place(tree: Tree | None) -> list[Place]:
    found, left = [], [tree] if tree is not None else []
    while left:
        node = left.pop()
        found.append(node.place)
        if isinstance(node, Mapping):
            left += [part for entry in node.entries for part in (entry.key, entry.value)]
        elif isinstance(node, Sequence):
            left += node.items
    return found


def is_sound(problem: Problem) -> bool:
    said = problem.message + problem.hint
    return problem.code in CODES and said.isprintable() and len(said) < 240 and bool(problem.message and problem.hint)


@given(TEXTS)
@settings(max_examples=400)
def test_any_text_gives_a_tree_or_problems_with_places_inside_it(text: str) -> None:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for loader in LOADERS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kb.yamltree, "_LOADER", loader)
            tree, problems, _ = parse_tree(text, NAME)
        assert tree is not None or problems
        assert list(problems) == sorted(set(problems))
        assert all(is_sound(problem) for problem in problems)
        for place in [*every_place(tree), *(problem.place for problem in problems)]:
            assert place.file == NAME
            assert 1 <= place.line <= len(lines)
            assert 1 <= place.col <= len(lines[place.line - 1]) + 1


@given(st.binary(max_size=80) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=200)
def test_any_bytes_give_a_tree_or_problems(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "a.yaml"
    file.write_bytes(data)
    tree, problems, _ = read_tree(file, NAME)
    assert tree is not None or problems
    assert all(is_sound(problem) for problem in problems)
    assert all(problem.place.line <= data.count(b"\n") + data.count(b"\r") + 1 for problem in problems)
