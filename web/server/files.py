"""The files that are served, each by an id: cases, what a table holds of each authority, and files of rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from explain.weighing import Table
from kb.dossier import Case, Observation
from kb.model import Vocabulary
from kb.saving import hash_of
from web.links import file_name


class Folders(NamedTuple):
    """What a server reads, each named by whoever started it and by nobody else."""

    rules: Path
    vocabulary: Path
    cases: Path | None = None
    table: Path | None = None
    engine: str = "auto"


class Dossier(NamedTuple):
    """A case by the id under which it is served; `origin`: the file in which it is kept."""

    id: str
    case: Case
    origin: str


class RuleFile(NamedTuple):
    """A file of rules, or of their tests, by its id; `name`: as problems call it.

    `linked`: it is a link that leads out of the folder, and is nobody's to edit here.
    """

    id: str
    path: Path
    name: str
    data: bytes
    linked: bool = False

    @property
    def hash(self) -> str:
        """What it holds, as a hash by which it is known again."""
        return hash_of(self.data)

    @property
    def text(self) -> str:
        """What it holds."""
        return self.data.decode("utf-8", "replace")


def of_table(table: Table | None, files: Sequence[tuple[Path, str]], vocabulary: Vocabulary) -> Iterator[Dossier]:
    """What a table holds of each authority, as a case; codes stand for the authorities that have them today."""
    by_code: dict[str, list[Observation]] = {}
    for row in table.rows if table else ():
        by_code.setdefault(row.authority, []).append(row)
    if not by_code:
        return
    from explain.screening import names, placed  # polars is not needed where there is no table

    today, _ = placed(by_code, vocabulary)
    for code, name in names(set(today.values()), vocabulary).items():
        held = tuple(row for old, now in today.items() if now == code for row in by_code[old])
        case = Case(code, name, code, name, held)
        yield Dossier(f"table-{file_name(code)}", case, files[0][1])


def by_id(folder: Path) -> dict[str, RuleFile]:
    """The files of rules and tests in a folder by their ids."""
    return {one.id: one for one in rule_files(folder)}


def rule_files(folder: Path) -> Iterator[RuleFile]:
    """Every file of rules and tests in a folder, each with an id made of its name."""
    taken: set[str] = set()
    for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))):
        inside = path.relative_to(folder)
        id = ".".join(map(file_name, inside.with_suffix("").parts))
        id = id if id not in taken else f"{id}{path.suffix}"
        taken.add(id)
        linked = not path.resolve().is_relative_to(folder.resolve())
        yield RuleFile(id, path, f"{folder.name}/{inside.as_posix()}", path.read_bytes(), linked)
