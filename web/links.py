"""Where each thing has its page, and which addresses from files may become links."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

FOLDERS = {
    "rule": "rules", "signature": "signatures", "mechanism": "mechanisms", "picture": "pictures",
    "result": "results", "channel": "channels", "indicator": "indicators", "protective": "protective",
}
"""The folder of each sort of thing that has a page of its own."""


def file_name(id: str) -> str:
    """An id as the name of a file on any system: what is no plain letter, digit, - or _ becomes its number."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: f".{ord(found.group()):x}", id)


def page_of(kind: str, id: str) -> str:
    """The page of a thing from the top of the site; "" for what has none."""
    if kind == "statement":
        return f"statements.html#{file_name(id)}"
    return f"{FOLDERS[kind]}/{file_name(id)}.html" if kind in FOLDERS else ""


def outside(address: str) -> str:
    """An address as a link that may be followed: http or https with a host; "" for anything else."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    plain = address.isprintable() and not re.search(r"[\s\\]", address)
    return address if plain and parts.scheme in ("http", "https") and parts.netloc else ""


def host(address: str) -> str:
    """The site that an address leads to, where it may be followed; else ""."""
    return (urlsplit(outside(address)).hostname or "").removeprefix("www.")
