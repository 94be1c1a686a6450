"""A page by itself: its style and its script stand in it, and may run only as they were written there."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256


def policy(script: str, style: str) -> str:
    """What the page may do: run its own script and use its own style, and nothing else."""
    return (f"default-src 'none'; script-src '{digest(script)}'; style-src '{digest(style)}'; img-src data:; "
            "base-uri 'none'; form-action 'none'")


def digest(text: str) -> str:
    """How a policy names an inline element, and what a browser compares it with."""
    return f"sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}"
