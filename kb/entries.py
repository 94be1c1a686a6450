"""Lists of entries as every vocabulary file writes them, each entry with its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from kb.fields import Fields
from kb.model import Place, Problem
from kb.problems import Code, shown
from kb.yamltree import Mapping, Sequence, Tree, read_tree


class Entry(Protocol):
    """Anything with an id and a place."""

    @property
    def id(self) -> str: ...

    @property
    def place(self) -> Place: ...


T = TypeVar("T", bound=Entry)


def top(folder: Path, name: str, problems: list[Problem], keys: Iterable[str] = (), *, optional: bool = False,
        ) -> Tree | None:
    """The tree of `name.yaml` in the folder; None where it cannot be read, or is not there and need not be.

    `keys`: what may stand at its top, where that is said; anything else there is a problem.
    """
    path = folder / f"{name}.yaml"
    if optional and not path.exists():
        return None
    tree, found, _ = read_tree(path, f"{folder.name}/{name}.yaml")
    problems.extend(found)
    if isinstance(tree, Mapping) and keys:
        fields = Fields(tree, problems, what="file")
        for key in keys:
            fields.tree(key)
        fields.finish()
    return tree


def listed(tree: Tree | None, key: str, problems: list[Problem], *, optional: bool = False) -> Iterator[Fields]:
    """The entries of the list under a key, each finished after it was read."""
    value = next((entry.value for entry in (tree.entries if isinstance(tree, Mapping) else ())
                  if entry.key.text == key), None)
    if not isinstance(value, Sequence):
        if tree is not None and not (optional and value is None):
            problems.append(Problem(tree.place, Code.MISSING_KEY, f"a list under `{key}:` is due in this file"))
        return
    for item in value.items:
        if isinstance(item, Mapping):
            fields = Fields(item, problems, what=f"entry of {key}")
            yield fields
            fields.finish()
        else:
            problems.append(Problem(item.place, Code.WRONG_SHAPE, f"an entry of `{key}` begins with `id:`"))


def texts(tree: Tree | None, key: str, problems: list[Problem]) -> tuple[str, ...]:
    """The list of texts under a key of a file."""
    return Fields(tree, problems).texts(key) if isinstance(tree, Mapping) else ()


def by_id(entries: Iterable[T | None], problems: list[Problem]) -> dict[str, T]:
    """The entries by id; one that is used twice is a problem, and the first stands."""
    found: dict[str, T] = {}
    for entry in entries:
        if entry is None:
            continue
        first = found.setdefault(entry.id, entry)
        if first is not entry:
            problems.append(Problem(entry.place, Code.DUPLICATE_ID, f"the id {shown(entry.id)} is already used",
                                    f"the first is at {first.place}"))
    return found
