"""An account inside somebody else's page, such as a notebook: its own small style, no script, no request."""

from __future__ import annotations

from functools import cache

from jinja2 import Template

from explain.account import Account
from explain.render.text import sections
from web.site import environment


def part(account: Account) -> str:
    """The account as HTML by the server's template, so in the same words; every text of it is escaped."""
    return _template().render(account=account, sections=sections)


@cache
def _template() -> Template:
    return environment().get_template("embedded.html")
