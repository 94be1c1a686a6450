"""Records as JSON, for other programs: an account, or any other answer that is made of records."""

from __future__ import annotations

import json
from enum import Enum

from explain.account import Account
from kb.model import Place

INTERNAL = ("key", "about", "brief")
"""Fields that only our own renderers need."""


def render(account: Account) -> str:
    """The account as indented JSON text, keys in a fixed order, empty fields left out."""
    return dump(account)


def dump(record: object) -> str:
    """Any record of records, texts and numbers in the same form: every answer in JSON is written here."""
    return json.dumps(_plain(record), indent=2, ensure_ascii=False) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Place):
        return str(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        pairs = ((name, _plain(told)) for name, told in value._asdict().items() if name not in INTERNAL)
        return {name: told for name, told in pairs if told not in (None, "", [], False)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
