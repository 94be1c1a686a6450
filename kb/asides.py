"""What stands in a YAML file beside what it says: comments and empty lines, each kept where it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

GAP = "  "


class Aside(NamedTuple):
    """A comment in a line of its own, or an empty line (then its text is empty)."""

    line: int
    column: int
    text: str


class Asides:
    """The comments and empty lines of a text that stand outside its values, handed out from top to bottom.

    `values`: where each single value begins and ends (as offsets), and whether it is a block of text.
    """

    def __init__(self, text: str, values: Iterable[tuple[int, int, bool]]) -> None:
        self._alone: list[Aside] = []
        self._beside: dict[int, str] = {}
        self._given = False
        spans = [*_spans(text, values)][::-1]
        start = 0
        for number, line in enumerate(text.removesuffix("\n").split("\n")):
            self._note(number, start, line, spans)
            start += len(line) + 1
        self._alone.reverse()

    def _note(self, number: int, start: int, line: str, spans: list[tuple[int, int]]) -> None:
        """What one line holds outside the values; the last of them is the next, and those that ended are dropped."""
        while spans and spans[-1][1] <= start:
            spans.pop()
        if not line.strip():
            if not _within(start, spans):
                self._alone.append(Aside(number, 0, ""))
            return
        for at, letter in enumerate(line):
            if letter == "#" and not _within(start + at, spans):
                if line[:at].strip():
                    self._beside[number] = line[at:].rstrip()
                else:
                    self._alone.append(Aside(number, at, line[at:].rstrip()))
                return

    def comments(self) -> list[str]:
        """Every comment that has not been handed out, from top to bottom."""
        alone = {aside.line: aside.text for aside in self._alone if aside.text}
        return [text for _, text in sorted((alone | self._beside).items())]

    def before(self, line: int, column: int, indent: int) -> list[str]:
        """What stands alone above a line that is to begin at `indent` and began at `column`; one empty line at most."""
        found: list[str] = []
        while self._alone and self._alone[-1].line < line:
            aside = self._alone.pop()
            if aside.text:
                found.append(" " * (indent if aside.column <= column else aside.column) + aside.text)
            elif found[-1:] != [""] and (found or self._given):
                found.append("")
        self._given = True
        return found

    def rest(self) -> list[str]:
        """What stands under everything, without an empty line at the end."""
        found = self.before(1 << 60, 0, 0)
        return found[:-1] if found[-1:] == [""] else found

    def beside(self, first: int, upto: int) -> str:
        """The comment at the end of one of these lines, with the gap before it; "" where there is none."""
        found = [self._beside.pop(line) for line in range(first, upto) if line in self._beside]
        return GAP + " ".join(found) if found else ""

    def inside(self, first: int, last: int) -> bool:
        """Whether a comment stands in these lines before the last."""
        return any(line in self._beside for line in range(first, last)) or any(
            first < aside.line <= last and aside.text for aside in self._alone)

    def skip(self, first: int, last: int) -> None:
        """Forgets what stands in these lines before the end of the last: it has been written."""
        self.beside(first, last)
        self._alone = [aside for aside in self._alone if not first < aside.line <= last]


def _spans(text: str, values: Iterable[tuple[int, int, bool]]) -> Iterator[tuple[int, int]]:
    """Where values stand; of a block of text, from its second line to the end of its last words."""
    for start, end, is_block in values:
        if is_block:
            first = text.find("\n", start, end)
            yield (first, start + len(text[start:end].rstrip())) if first >= 0 else (end, end)
        else:
            yield start, end


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    """Whether an offset is inside a value; they follow one another, the next at the end of the list."""
    for start, end in reversed(spans):
        if start > at:
            return False
        if at < end:
            return True
    return False
