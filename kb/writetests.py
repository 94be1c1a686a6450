"""A test of a rule written as the files of tests say it, ready to paste."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

WIDEST = 78
"""A group stands in one line where that is no longer: so that it can be read, and copied, in a terminal."""
INDENT = "    "


def written_test(name: str, rule: str, given: Mapping[str, str], expect: Mapping[str, str], because: Sequence[str] = (),
                 not_because: Sequence[str] = (), as_at: date | None = None) -> str:
    """One test as it stands in a list of tests; `given` and `expect` in words as YAML says them."""
    lines = [f"  - test: {_plain(name)}", f"{INDENT}rule: {rule}"]
    lines += [f"{INDENT}as_at: {as_at}"] if as_at else []
    lines += [*_group("given", given), *_group("expect", expect)]
    lines += [f"{INDENT}{key}: [{', '.join(ids)}]" for key, ids in (
        ("because", because), ("not_because", not_because)) if ids]
    return "".join(f"{line}\n" for line in lines)


def _group(key: str, said: Mapping[str, str]) -> Iterable[str]:
    if not said:
        return []
    line = f"{INDENT}{key}: {{{', '.join(f'{name}: {text}' for name, text in said.items())}}}"
    nested = any("{" in text for text in said.values())
    if len(line) <= WIDEST and not nested:
        return [line]
    return [f"{INDENT}{key}:", *(line for name, text in said.items() for line in _listed(name, text))]


def _listed(name: str, text: str) -> list[str]:
    """One thing given; a list that is too long for a line, an item to a line."""
    line = f"{INDENT}  {name}: {text}"
    if len(line) <= WIDEST or not text.startswith("[{"):
        return [line]
    items = text[1:-1].replace("}, {", "}\n{").splitlines()
    return [f"{INDENT}  {name}:", *(f"{INDENT}    - {item}" for item in items)]


def _plain(name: str) -> str:
    """A name without quotes, where YAML lets it stand so."""
    unsafe = set("#:{}[]&*!|>'\"%@`,?-") & set(name[:1]) or ": " in name or " #" in name or name.endswith(":")
    return json.dumps(name, ensure_ascii=False) if unsafe or not name else name
