"""The one layout of YAML files: two spaces, texts folded at 120 columns, comments where they were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from kb.asides import Asides
from kb.folding import WIDTH, can_be_folded, folded
from kb.yamltree import Mapping, Scalar, Tree, parse_tree
from kb.yamltree import Sequence as Listed

STEP = 2
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HEADER = re.compile(r"[|>][-+]?")


class ChangedError(ValueError):
    """In the layout a file would say something else, or lose a comment; it is left as it is."""


def laid_out(text: str, name: str) -> str:
    """The same file in the one layout. What it says is compared before and after: raises ChangedError.

    The text is one that `parse_tree` finds no problem in.
    """
    even = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    even += "" if even.endswith("\n") else "\n"
    before, problems, _ = parse_tree(even, name)
    assert not problems
    page = _Page(even, Asides(even, _values(even)))
    page.document(yaml.compose(even, Loader=_LOADER))
    found = "\n".join(page.lines) + "\n"
    after, wrong, _ = parse_tree(found, name)
    if wrong or _said(after) != _said(before) or _comments(found) != _comments(even):
        raise ChangedError(name)
    return found


def _comments(text: str) -> list[str]:
    return Asides(text, _values(text)).comments()


def _values(text: str) -> list[tuple[int, int, bool]]:
    """Where each single value begins and ends, and whether it is a block of text."""
    return [(one.start_mark.index, one.end_mark.index, _is_block(one)) for one in _leaves(text)]


def _said(tree: Tree | None) -> object:
    """What a tree says, without places and quotes."""
    match tree:
        case None:
            return None
        case Scalar():
            return tree.text, tree.value
        case Listed():
            return [_said(item) for item in tree.items]
        case Mapping():
            return [(entry.key.text, _said(entry.value)) for entry in tree.entries]


def _leaves(text: str) -> Iterator[Any]:
    return (event for event in yaml.parse(text, Loader=_LOADER) if isinstance(event, yaml.ScalarEvent))


def _is_block(node: Any) -> bool:
    return node.style in ("|", ">")


class _Spot(NamedTuple):
    """Where a value is to be written: what stands before it on its line, the column of its key, and its line so far."""

    before: str
    indent: int
    line: int

    @property
    def led(self) -> str:
        """What stands before it with the space that parts them."""
        return f"{self.before} " if self.before.strip() else self.before


class _Page:
    """The lines written so far of one file."""

    def __init__(self, text: str, asides: Asides) -> None:
        self.text, self.asides, self.lines = text, asides, list[str]()

    def document(self, root: Any) -> None:
        """The whole file, and what stands under it."""
        self.lines += self.asides.before(root.start_mark.line, 0, 0)
        self.value(root, _Spot("", -STEP, root.start_mark.line))
        self.lines += self.asides.rest()

    def value(self, node: Any, spot: _Spot) -> None:
        """One value of whatever shape after what stands before it."""
        if isinstance(node, yaml.ScalarNode):
            self._scalar(node, spot)
        elif node.flow_style:
            self._flow(node, spot)
        elif isinstance(node, yaml.MappingNode):
            self._mapping(node, spot)
        else:
            self._sequence(node, spot)

    def _mapping(self, node: Any, spot: _Spot) -> None:
        for beside, (key, value) in self._entries(node, spot):
            self.value(value, _Spot(f"{beside}{self._raw(key)}:", spot.indent + STEP, key.start_mark.line))

    def _sequence(self, node: Any, spot: _Spot) -> None:
        for beside, item in self._entries(node, spot):
            self.value(item, _Spot(f"{beside}-", spot.indent + STEP, item.start_mark.line))

    def _entries(self, node: Any, spot: _Spot) -> Iterator[tuple[str, Any]]:
        """The entries of a block, each with what begins its line: the first stands beside the dash of an item."""
        item = spot.before.endswith("-")
        if spot.before and not item:
            self._add(spot.before, spot.line, node.start_mark.line)
        for at, entry in enumerate(node.value):
            if at or not item:
                first = _first(entry)
                self.lines += self.asides.before(first.line, first.column, spot.indent + STEP)
            yield (spot.led if item and not at else " " * (spot.indent + STEP)), entry

    def _add(self, line: str, first: int, upto: int) -> None:
        """A line, with the comment that stood at the end of one of these lines of the file."""
        self.lines.append((line + self.asides.beside(first, upto)).rstrip())

    def _scalar(self, node: Any, spot: _Spot) -> None:
        last = node.end_mark.line
        if _is_block(node):
            self._block(node, spot)
            return
        line = spot.led + _joined(self._raw(node))
        if (len(line) > WIDTH or "\n" in line) and can_be_folded(node.value):
            self._add(f"{spot.led}>-", spot.line, last + 1)
            self.lines += folded(node.value, " " * (spot.indent + STEP))
        else:
            self._add(line, spot.line, last + 1)

    def _block(self, node: Any, spot: _Spot) -> None:
        raw, start = self._raw(node), node.start_mark.line
        head, _, body = raw.partition("\n")
        header, value = _HEADER.match(head), node.value.removesuffix("\n")
        plain = header is not None and head.partition("#")[0].strip() == header[0]
        self._add(spot.led + head.partition("#")[0].strip(), spot.line, start + 1)
        if plain and head[0] == ">" and not header[0].endswith("+") and can_be_folded(value):  # type: ignore[index]
            self.lines += folded(value, " " * (spot.indent + STEP))
        else:
            self.lines += _moved(body, spot.indent + STEP if plain else None)

    def _flow(self, node: Any, spot: _Spot) -> None:
        first, last = node.start_mark.line, node.end_mark.line
        if self.asides.inside(first, last):
            lines = self._raw(node).split("\n")
            shift = len(spot.led) - node.start_mark.column
            self.lines.append(spot.led + lines[0].rstrip())
            self.lines += [" " * max(0, len(one) - len(one.lstrip()) + shift) + one.strip() for one in lines[1:]]
            self.asides.skip(first, last)
            self.lines[-1] += self.asides.beside(last, last + 1)
        else:
            self.asides.skip(first, last)
            *whole, end = self._filled(node, spot.led)
            self.lines += whole
            self._add(end, spot.line, last + 1)

    def _filled(self, node: Any, led: str, after: str = "") -> list[str]:
        """A list or group in brackets, on one line or filled into several under its first part."""
        whole = led + self._one(node) + after
        if len(whole) <= WIDTH or not node.value:
            return [whole]
        is_map = isinstance(node, yaml.MappingNode)
        lines, pad = [led + ("{" if is_map else "[")], " " * (len(led) + 1)
        for at, part in enumerate(node.value):
            end = ("}" if is_map else "]") + after if at + 1 == len(node.value) else ","
            space = " " if at else ""
            if at and len(lines[-1] + space + self._part(part)) + len(end) > WIDTH:
                lines.append(pad)
                space = ""
            lines[-1:] = self._part_filled(part, lines[-1] + space, end)
        return lines

    def _part_filled(self, part: Any, led: str, end: str) -> list[str]:
        key, value = part if isinstance(part, tuple) else (None, part)
        led += f"{self._raw(key)}: " if key is not None else ""
        if isinstance(value, yaml.ScalarNode):
            return [led + self._one(value) + end]
        return self._filled(value, led, end)

    def _part(self, part: Any) -> str:
        return f"{self._one(part[0])}: {self._one(part[1])}" if isinstance(part, tuple) else self._one(part)

    def _one(self, node: Any) -> str:
        """A value on one line, as it stands between brackets."""
        if isinstance(node, yaml.ScalarNode):
            return _joined(self._raw(node))
        parts = ", ".join(self._part(part) for part in node.value)
        return f"{{{parts}}}" if isinstance(node, yaml.MappingNode) else f"[{parts}]"

    def _raw(self, node: Any) -> str:
        return self.text[node.start_mark.index:node.end_mark.index]


def _first(entry: Any) -> Any:
    """Where an entry begins; of an item that is a block itself, where the first thing in it begins."""
    node = entry[0] if isinstance(entry, tuple) else entry
    inner = isinstance(node, yaml.CollectionNode) and not node.flow_style
    return _first(node.value[0]) if inner else node.start_mark


def _joined(raw: str) -> str:
    """A text on one line, if it was broken over several in a way that only stands for spaces."""
    return raw if re.search(r"\n\s*\n|\\\n", raw) else re.sub(r"\s*\n\s*", " ", raw)


def _moved(body: str, indent: int | None) -> list[str]:
    """The lines of a text that is kept as it is, moved to another column; None keeps the column too."""
    *lines, last = body.split("\n")  # the last may be no more than what stands before the next key
    lines = [*lines, last] if last.strip() else lines
    while lines and not lines[-1]:
        lines.pop()
    if not any(line.strip() for line in lines):
        return []
    first = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    margin = " " * (first if indent is None else indent)
    return [margin + line[first:] if len(line) > first else "" for line in lines]
