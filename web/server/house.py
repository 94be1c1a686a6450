"""What every page needs: what is served, the secrets of this run, what may be done, and how pages are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from jinja2 import Environment

from engine.kept import Parts
from web.server.guard import Keys
from web.server.shelf import Shelf
from web.server.trying import Check
from web.site import environment


@dataclass(frozen=True)
class House:
    """A server's settings.

    `edit`: rule files may be opened for editing; `read_only`: and yet nothing is ever written. `check` and `parts`:
    the checker of `sigrisk check`, and where it keeps what does not change. `saving`: one save at a time.
    """

    shelf: Shelf
    keys: Keys
    check: Check
    parts: Parts = field(default_factory=Parts)
    edit: bool = False
    read_only: bool = False
    templates: Environment = field(default_factory=environment)
    saving: Lock = field(default_factory=Lock)
