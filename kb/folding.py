"""Texts as YAML: plain where they cannot be misread, else in quotes, and long ones folded."""

from __future__ import annotations

import json
from collections.abc import Iterator

WIDTH = 120


def entry(key: str, text: str, indent: str = "") -> list[str]:
    """A key and its text: in one line where it fits, else folded where nothing of it is lost by that."""
    line = f"{indent}{key}: {scalar(text)}"
    if (len(line) <= WIDTH and "\n" not in text) or not can_be_folded(text):
        return [line]
    return [f"{indent}{key}: >", *folded(text, f"{indent}  ")]


def folded(text: str, indent: str) -> Iterator[str]:
    """The text in lines; as many empty lines stand between two paragraphs as there are line ends in the text."""
    for place, paragraph in enumerate(text.split("\n")):
        if place:
            yield ""
        line = ""
        for word in paragraph.split(" ") if paragraph else ():
            if line and len(indent) + len(line) + 1 + len(word) > WIDTH:
                yield indent + line
                line = ""
            line = f"{line} {word}" if line else word
        if line:
            yield indent + line


def can_be_folded(text: str) -> bool:
    """Whether folding can tell a text again: words with one space between them."""
    plain = " " in text and "\t" not in text and "  " not in text
    return plain and text == text.strip() and all(part == part.strip(" ") for part in text.split("\n"))


def scalar(text: str, also: str = "") -> str:
    """The text as YAML: plain where it cannot be misread, else in double quotes."""
    plain = text[:1].isalnum() and text.isprintable() and not text.endswith((":", " "))
    misread = ": " in text or " #" in text or set(text) & {*"<>≤≥", *also}
    return text if plain and not misread else json.dumps(text, ensure_ascii=False)
