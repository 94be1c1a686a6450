"""Records as canonical JSON and their SHA-256: the same for the same content, wherever it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum

from kb.model import Place


def canonical(record: object) -> str:
    """JSON text with sorted keys and no spaces; where something was written is left out."""
    return json.dumps(plain(record), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def plain(record: object) -> object:
    """A record of records as lists, texts and numbers; mappings and sets in the order of their text."""
    if isinstance(record, Enum):
        return str(record.value)
    if isinstance(record, date):
        return record.isoformat()
    if isinstance(record, tuple) and hasattr(record, "_asdict"):
        return _named(record, record._asdict().items())
    if is_dataclass(record) and not isinstance(record, type):
        return _named(record, ((field.name, getattr(record, field.name)) for field in fields(record)))
    if isinstance(record, Mapping):
        return sorted(([plain(key), plain(value)] for key, value in record.items()), key=canonical_text)
    if isinstance(record, (set, frozenset)):
        return sorted((plain(one) for one in record), key=canonical_text)
    if isinstance(record, (list, tuple)):
        return [plain(one) for one in record]
    return record


def _named(record: object, pairs: Iterable[tuple[str, object]]) -> object:
    told = {name: plain(value) for name, value in pairs if not isinstance(value, Place)}
    return {"": type(record).__name__, **told}


def canonical_text(told: object) -> str:
    """What is plain already, as text to sort by."""
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(record: object) -> str:
    """The SHA-256 of a record's canonical JSON, in hexadecimal."""
    return _hashed(canonical(record))


def digest_of_all(records: Collection[object]) -> str:
    """The SHA-256 of several records, in whatever order they come."""
    return _hashed("\n".join(sorted(canonical(one) for one in records)))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
