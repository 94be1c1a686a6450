"""An account as notebooks show it: as HTML through the one template, or as its text where that cannot be had."""

from __future__ import annotations

import html

from explain.account import Account
from explain.render.text import render


def as_html(account: Account) -> str:
    """The account as a part of a page; its text, escaped, where the extra web is not installed."""
    try:
        from web.embedded import part
    except ModuleNotFoundError:
        return f"<pre>{html.escape(render(account))}</pre>"
    return part(account)
