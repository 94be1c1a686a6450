"""A server on a port of this machine, with rules of its own, for as long as a test lasts."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import httpx
import uvicorn

from commands.serving import checked, kept_parts
from kb.files import EXAMPLES, RULES, VOCABULARY
from web.server.app import made
from web.server.files import Folders
from web.server.guard import Guard, Keys
from web.server.house import House
from web.server.shelf import Shelf

BLANK = ("br", "hr", "img", "input", "link", "meta")
ASIDE = ("drawn", "grid", "small hint")
"""Parts of an answer's page that show the same once more (the picture and the table), and how a form is filled in."""


@dataclass(frozen=True)
class Served:
    """A server that runs: its house, its door, where its rules are, and somebody who has come in."""

    house: House
    door: Guard
    rules: Path
    client: httpx.Client

    @property
    def top(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.house.keys.port}"

    def post(self, path: str, cookies: bool = True, **fields: str) -> httpx.Response:
        """Sends a form as a page of the server would."""
        told = {"key": self.house.keys.form, **fields}
        send = self.client.post if cookies else httpx.post
        return send(f"{self.top}{path}", data=told, headers={"origin": self.top}, timeout=120)

    def text(self, id: str) -> str:
        """What a rule file holds."""
        return self.house.shelf.now().files[id].path.read_text("utf-8")

    def hash(self, id: str) -> str:
        """The hash of a rule file, as its page has it."""
        return self.house.shelf.now().files[id].hash


@contextmanager
def served(folder: Path, edit: bool = False, read_only: bool = False, cases: Path = EXAMPLES,
           table: Path | None = None, engine: str = "auto", vocabulary: Path = VOCABULARY) -> Iterator[Served]:
    """Serves a copy of the shipped rules from a folder (or the rules that are in it already)."""
    rules = folder / "rules"
    if not rules.exists():
        shutil.copytree(RULES, rules)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shelf = Shelf(Folders(rules, vocabulary, cases, table, engine))
    house = House(shelf, Keys(port), checked, kept_parts(rules, vocabulary), edit, read_only)
    door = made(house)
    server = uvicorn.Server(uvicorn.Config(door, host="127.0.0.1", port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        assert client.get(f"/?token={house.keys.token}").status_code == 303
        yield Served(house, door, rules, client)
    server.should_exit = True
    thread.join()


class Page(HTMLParser):
    """A page: its tags, and the text of its answer without what is shown there once more."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.text, self.tags = list[tuple[str, str]](), "", list[tuple[str, dict[str, str]]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        self.text += " " if tag in ("p", "li", "td", "th", "h2", "div", "span", "strong") else ""
        if tag not in BLANK:
            self.open.append((tag, told.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            continue

    def handle_data(self, data: str) -> None:
        inside = ("article", "account") in self.open
        if inside and not any(look in ASIDE for _, look in self.open):
            self.text += data
