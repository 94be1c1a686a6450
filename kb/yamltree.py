"""One YAML file as a small typed tree in which every key and value keeps its file, line and column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml

from kb.model import Place, Problem
from kb.problems import Code, not_opened, shown, together
from kb.syntax import Fault, explain_syntax, leave_out, symbol_problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_TRIES = 20
_TOO_LARGE = (Code.TOO_LARGE, "the file is larger than 1 MB", "split it into smaller files")
_MARKED = {
    Code.ALIAS: ("anchors and aliases (& and *) are not allowed", "write it out, or put the text in quotes"),
    Code.TAG: ("tags (!) are not allowed", "delete it, or put the text in quotes"),
}
_MOST = 100  # problems that are worth listing for one file
_WORK = 2_000_000  # characters that may be parsed again in search of further syntax errors

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
# Control characters, unpaired surrogates, and what changes lines or direction of writing unseen.
_UNSEEN = "[^\t\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_TABBED = re.compile(r" *\t[ \t]*[^\s#]")
# Not the > at the end of a line, where a text begins, and not the key <<.
_SYMBOLS = re.compile(r"[<>≤≥](?<!<<)(?!(?<=<)<)(?!(?<=>)[-+]?\s*$)", re.MULTILINE)
_IN_VALUE = r"[<>](?=[\s=\d-])|[≤≥]|=[<>]|[\w-]+\s*(?:[<>]=?|[≤≥])\s*-?\d[\d.,]*\s*%?$"


class Scalar(NamedTuple):
    """One value as it was written, without its quotes."""

    place: Place
    text: str
    quoted: bool = False

    @property
    def value(self) -> str | int | float | bool | None:
        """A plain true, false or decimal number as such, None if nothing was written, all else as text."""
        if self.quoted:
            return self.text
        if self.text in ("true", "false"):
            return self.text == "true"
        if found := _NUMBER.fullmatch(self.text):
            return float(self.text) if found[1] else int(self.text)
        return self.text or None


class Sequence(NamedTuple):
    """A list."""

    place: Place
    items: tuple[Tree, ...]


class Entry(NamedTuple):
    """One key of a mapping with its value."""

    key: Scalar
    value: Tree


class Mapping(NamedTuple):
    """A group of keys, each once, in the order of the file."""

    place: Place
    entries: tuple[Entry, ...]


Tree: TypeAlias = Scalar | Sequence | Mapping
Reading: TypeAlias = tuple[Tree | None, tuple[Problem, ...], bool]


def read_tree(path: Path, name: str) -> Reading:
    """The tree of a file, the problems found in it, and whether parts were left out to get at the rest.

    `name` is what people see. Nothing that a file may hold raises, nor a file that cannot be opened: the tree is
    None where there is nothing to be had, and then there is at least one problem.
    """
    try:
        data = _contents(path)
    except (OSError, ValueError) as error:
        return _refused(Place(name), Code.CANNOT_READ, *not_opened(error))
    if len(data) > MAX_BYTES:
        return _refused(Place(name), *_TOO_LARGE)
    try:
        return parse_tree(data.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        head = _even(data[:error.start].decode("utf-8"))
        message = f"byte {error.start + 1} of the file (0x{data[error.start]:02X}) is not UTF-8 text"
        return _refused(_place(name, head, len(head)), Code.NOT_TEXT, message, "save the file again as UTF-8")


def parse_tree(text: str, name: str) -> Reading:
    """The same as `read_tree`, for a text already in memory."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return _refused(Place(name), *_TOO_LARGE)
    text = _even(text)
    if found := _unseen(text):
        return _refused(_place(name, text, found.start()), Code.NOT_TEXT, *_invisible(found[0]))
    tabbed = _tabbed(text, name)
    problems = together(tabbed, Code.TAB, "a tab is used for indentation", "use spaces")
    walk = _recovering(text.replace("\t", " "), name, {place.line for place in tabbed}, problems)
    if walk is None:
        return None, tuple(sorted(problems)), True
    problems += walk.found()
    if walk.root is None and not problems:
        return _refused(Place(name), Code.EMPTY, "the file is empty", "write something into it, or delete it")
    refused = any(problem.code in _MARKED for problem in problems)
    return None if refused else walk.root, tuple(sorted(problems)), bool(walk.lost or tabbed)


def _contents(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe or a device could go on for ever
        raise IsADirectoryError if path.is_dir() else OSError
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _unseen(text: str) -> re.Match[str] | None:
    """The first character that is not to be seen; the long pattern is compiled only where plain text does not do."""
    plain = text.isascii() and text.replace("\n", " ").replace("\t", " ").isprintable()
    return None if plain else re.search(_UNSEEN, text)


def _even(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _refused(place: Place, code: Code, message: str, hint: str) -> Reading:
    return None, (Problem(place, code, message, hint),), False


def _invisible(char: str) -> tuple[str, str]:
    return f"the invisible character U+{ord(char):04X} is not allowed", "delete it, or type the line again"


def _place(name: str, text: str, offset: int) -> Place:
    return Place(name, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _tabbed(text: str, name: str) -> list[Place]:
    lines = enumerate(text.split("\n") if "\t" in text else (), 1)
    return [Place(name, number, line.index("\t") + 1) for number, line in lines if _TABBED.match(line)]


class _Walk:
    """Builds the tree from the parser's events, on a stack of its own that no nesting can exhaust."""

    def __init__(self, name: str, text: str, lost: bool) -> None:
        self.name, self.text, self.lost, self.rows = name, text, lost, text.count("\n") + 1
        self.symbols = _SYMBOLS.search(text) is not None
        self.root: Tree | None = None
        self.done = False
        self.stack: list[tuple[Place, list[Tree], bool]] = []
        self.problems: list[Problem] = []
        self.marked: dict[Code, list[Place]] = {code: [] for code in _MARKED}
        self.last_quoted: Any = None

    def run(self, loader: Any) -> None:
        """Takes every event of the first document; raises what the parser raises."""
        steps = {
            yaml.ScalarEvent: self._scalar, yaml.AliasEvent: self._alias, yaml.DocumentStartEvent: self._document,
            yaml.SequenceStartEvent: self._open, yaml.MappingStartEvent: self._open, yaml.StreamEndEvent: self._end,
            yaml.SequenceEndEvent: self._close, yaml.MappingEndEvent: self._close,
        }
        while not self.done:
            event = loader.get_event()
            if step := steps.get(type(event)):
                step(event)

    def found(self) -> list[Problem]:
        """What is wrong with the document, though it could be read."""
        return self.problems + [problem for code, places in self.marked.items()
                                for problem in together(places, code, *_MARKED[code])]

    def _scalar(self, event: Any) -> None:
        place = self._node(event)
        style = event.style
        if style in ("'", '"'):
            self.last_quoted = event
            if found := _unseen(event.value):  # written as an escape
                self._note(Problem(place, Code.NOT_TEXT, *_invisible(found[0])))
        elif self.symbols:
            self._refuse_symbol(event, place)
        self._add(Scalar(place, event.value, bool(style)))

    def _alias(self, event: Any) -> None:
        place = self._place(event.start_mark)
        self.marked[Code.ALIAS].append(place)
        self.lost = True
        self._add(Scalar(place, ""))

    def _open(self, event: Any) -> None:
        place = self._node(event)
        if len(self.stack) == MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels inside one another"
            self._note(Problem(place, Code.TOO_DEEP, message, "use fewer levels"))
            self.done = self.lost = True
        self.stack.append((place, [], type(event) is yaml.MappingStartEvent))

    def _close(self, _: Any) -> None:
        place, items, is_mapping = self.stack.pop()
        self._add(Mapping(place, self._entries(items)) if is_mapping else Sequence(place, tuple(items)))

    def _document(self, event: Any) -> None:
        if self.root is not None:
            self._note(Problem(self._place(event.start_mark), Code.SEVERAL_DOCUMENTS, "a second document begins here",
                               "delete the line ---, or use a file for each"))
            self.done = self.lost = True

    def _end(self, _: Any) -> None:
        self.done = True
        if isinstance(self.root, Scalar) and self.root.value is None:
            self.root = None

    def _add(self, tree: Tree) -> None:
        if self.stack:
            self.stack[-1][1].append(tree)
        else:
            self.root = tree

    def _entries(self, items: list[Tree]) -> tuple[Entry, ...]:
        entries: dict[str, Entry] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Scalar) or not key.text:
                self._note(Problem(key.place, Code.WRONG_SHAPE, "a key must be a word or words",
                                   "put a text that begins with { or [ in quotes"))
                self.lost = True
            elif key.text in entries:
                message = f"the key {shown(key.text)} is already in line {entries[key.text].key.place.line}"
                self._note(Problem(key.place, Code.DUPLICATE_KEY, message, "keep one of the two"))
            else:
                entries[key.text] = Entry(key, value)
        return tuple(entries.values())

    def _refuse_symbol(self, event: Any, place: Place) -> None:
        _, siblings, in_mapping = self.stack[-1] if self.stack else (place, [], False)
        is_key = in_mapping and len(siblings) % 2 == 0
        text: str = event.value
        if event.style:  # YAML itself refuses `> 3`, but takes `>3` for the beginning of a block of text
            start = event.start_mark.index
            text = self.text[start:start + 3] if self.text[start + 1:start + 2].isdigit() else ""
        if (_SYMBOLS.search(text) if is_key else re.match(_IN_VALUE, text)):
            key = siblings[-1] if in_mapping and not is_key else None
            self._note(symbol_problem(place, text, key.text if isinstance(key, Scalar) else ""))

    def _node(self, event: Any) -> Place:
        if event.anchor is not None:
            self.marked[Code.ALIAS].append(self._place(event.start_mark))
        if event.tag is not None:
            self.marked[Code.TAG].append(self._place(event.start_mark))
        return self._place(event.start_mark)

    def _place(self, mark: Any) -> Place:
        row = mark.line + 1
        return Place(self.name, row if row < self.rows else self.rows, mark.column + 1)  # libyaml may end beyond

    def _note(self, problem: Problem) -> None:
        if len(self.problems) < _MOST:
            self.problems.append(problem)


def _recovering(text: str, name: str, tabbed: set[int], problems: list[Problem]) -> _Walk | None:
    """The walk over what can be read; each line that cannot is added to the problems and left out."""
    lines: list[str] = []
    for attempt in range(1 + min(MAX_TRIES, _WORK // (len(text) + 1))):
        walk = _Walk(name, "\n".join(lines) if attempt else text, lost=attempt > 0)
        try:
            walk.run(_LOADER(walk.text))
            return walk
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            lines = lines or text.split("\n")
            problem = explain_syntax(_fault(error, walk, lines))
        if problem.place.line not in tabbed:
            problems.append(problem)
        leave_out(problem.place.line - 1, lines)
    return None


def _fault(error: Exception, walk: _Walk, lines: list[str]) -> Fault:
    """The parser's complaint, without the parser."""
    told = f"{getattr(error, 'context', '')}: {getattr(error, 'problem', 'unknown escape')}"
    at = _spot(getattr(error, "problem_mark", None)) or (len(lines), 0)
    opened, quoted = _spot(getattr(error, "context_mark", None)), walk.last_quoted
    if quoted is not None and quoted.start_mark.line < quoted.end_mark.line == at[0]:
        told, opened = "the quote runs on", _spot(quoted.start_mark)
    if opened is None and walk.stack:
        opened = (walk.stack[-1][0].line - 1, walk.stack[-1][0].col - 1)
    return Fault(walk.name, told, at, opened or at, lines)


def _spot(mark: Any) -> tuple[int, int] | None:
    return (mark.line, mark.column) if mark else None
