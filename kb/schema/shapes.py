"""The shapes that values have in a JSON Schema, each as the reader of files takes it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from typing import NamedTuple, TypeAlias

from kb.fields import MONTHS as MONTHS_WRITTEN

Schema: TypeAlias = dict[str, object]
Named: TypeAlias = Table[str, str]
"""Ids, each with the words by which people know it."""

SCALAR = ["string", "number", "boolean"]
TEXT: Schema = {"type": SCALAR}
TEXTS: Schema = {"type": [*SCALAR, "array"], "items": TEXT}
NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer", "errorMessage": "Write a whole number, without quotes."}
BOOLEAN: Schema = {"type": "boolean", "errorMessage": "Write true or false."}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "errorMessage": "Write the day as 2018-10-17."}
LOOSE_DAY: Schema = {"type": ["string", "integer"], "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$",
                     "errorMessage": "Write the day as 2018-10-17, the month as 2018-10, or the year."}
MONTHS: Schema = {"type": "string", "pattern": rf"^\s*{MONTHS_WRITTEN.pattern}\s*$", "examples": ["24 months"],
                  "errorMessage": "Write the months as 24 months."}
MANY = 12
"""More words than an editor should list in the message about a wrong one."""


class Key(NamedTuple):
    """One key of a group: what it says, in a sentence, and the shape of its value."""

    says: str
    shape: Schema
    required: bool = False


Keys: TypeAlias = dict[str, Key]


def group(title: str, keys: Keys, **more: object) -> Schema:
    """A group of keys and of no others; those that are required must be there."""
    found: Schema = {"title": title, "type": "object", "additionalProperties": False}
    found["properties"] = {name: {"description": key.says, **key.shape} for name, key in keys.items()}
    required = [name for name, key in keys.items() if key.required]
    return {**found, **({"required": required} if required else {}), **more}


def list_of(shape: Schema) -> Schema:
    """A list whose items have that shape."""
    return {"type": "array", "items": shape}


def word(words: Iterable[str]) -> Schema:
    """One of some words."""
    return {"enum": list(words)}


def id_of(named: Named) -> Schema:
    """One of the ids that are known, which an editor shows with their words. Editors read `errorMessage`."""
    told = {"errorMessage": "Not one of the known ids: let the editor list them."} if len(named) > MANY else {}
    return {"enum": list(named), "enumDescriptions": list(named.values()), **told}


def ids_of(named: Named) -> Schema:
    """One id, or a list of ids."""
    return {"anyOf": [list_of(id_of(named)), id_of(named)]}


def file(title: str, shape: Schema, definitions: Table[str, Schema]) -> Schema:
    """The schema of a whole file."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", **shape, "title": title,
            **({"definitions": dict(definitions)} if definitions else {})}


def defined(name: str) -> Schema:
    """A shape that stands once among the definitions of its file."""
    return {"$ref": f"#/definitions/{name}"}
