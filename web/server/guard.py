"""The door: who may ask, from where, and how much they may send. Nothing behind it is reached by anybody else."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 1_100_000
"""Bytes of a request: a rule file may have a million."""
LONGEST_BODY = 10.0
"""Seconds in which a request has to arrive."""
LONGEST_QUERY = 8_000
ASKING = ("GET", "HEAD")
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
HEADERS = {
    "content-security-policy": POLICY, "x-content-type-options": "nosniff", "x-frame-options": "DENY",
    "referrer-policy": "same-origin", "cache-control": "no-store", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin", "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
ALLOWED_NAMES = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Keys:
    """The secrets of one run: what stands in the address printed at start, in the cookie, and in every form."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    form: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def cookie(self) -> str:
        """The name of the cookie: programs on other ports of this machine see the same cookies."""
        return f"sigrisk-{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names by which this server may be asked."""
        return tuple(f"{name}:{self.port}" for name in ALLOWED_NAMES)

    @property
    def address(self) -> str:
        """The address to open in a browser of this machine."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"


class Refused(Exception):
    """A request that goes no further: its status, and one line that says why."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status, self.line = status, line


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in the same time wherever they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


class Guard:
    """Stands before an application: what it refuses is answered here in one line of plain text."""

    def __init__(self, app: App, keys: Keys, largest: int = LARGEST_BODY, longest: float = LONGEST_BODY) -> None:
        self.app, self.keys, self.largest, self.longest = app, keys, largest, longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, opens the door for whoever brings the token, or refuses."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        sent = _with_headers(send)
        try:
            headers = _headers(scope["headers"])
            self._from_here(scope, headers)
            if self._opens(scope):
                await _answer(sent, 303, "", [("location", "/"), ("set-cookie", self._cookie())])
                return
            scope["by_cookie"] = self._known(headers)
            body = await self._body(headers, receive)
        except Refused as no:
            await _answer(sent, no.status, no.line)
            return
        await self.app(scope, _replayed(body, receive), sent)

    def _from_here(self, scope: Scope, headers: dict[str, str]) -> None:
        """Refuses what another site or name sends: the name asked for, and the page that asks."""
        if headers.get("host", "") not in self.keys.hosts:
            raise Refused(421, "this server answers to 127.0.0.1 and localhost only")
        own = f"http://{headers['host']}"
        origin, asking = headers.get("origin"), scope["method"] in ASKING
        if origin is not None and origin != own:
            raise Refused(403, "asked by a page of another site")
        if not asking and headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refused(403, "asked by a page of another site")
        if not asking and origin is None and "authorization" not in headers:
            raise Refused(403, "a change has to say from which page it comes (Origin)")
        if len(scope.get("query_string", b"")) > LONGEST_QUERY:
            raise Refused(414, "the question is too long")

    def _opens(self, scope: Scope) -> bool:
        """Whether this is the address that was printed at start."""
        if scope["path"] != "/" or scope["method"] != "GET":
            return False
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        return bool(given) and same(given, self.keys.token)

    def _cookie(self) -> str:
        return f"{self.keys.cookie}={self.keys.session}; HttpOnly; SameSite=Strict; Path=/"

    def _known(self, headers: dict[str, str]) -> bool:
        """Whether the cookie was brought (True) or the token (False); refuses who brings neither."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and same(token, self.keys.token):
            return False
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self.keys.cookie)
        except CookieError:
            cookie = None
        if cookie is not None and same(cookie.value, self.keys.session):
            return True
        raise Refused(401, "open the address that was printed when the server was started")

    async def _body(self, headers: dict[str, str], receive: Receive) -> bytes:
        """What is sent, whole: no more than is allowed, and in time."""
        said = headers.get("content-length", "0")
        if not said.isdecimal() or int(said) > self.largest:
            raise Refused(413, f"more than {self.largest:,} bytes are not taken")
        try:
            return await asyncio.wait_for(self._read(receive), self.longest)
        except TimeoutError:
            raise Refused(408, f"the request did not arrive within {self.longest:g} seconds") from None

    async def _read(self, receive: Receive) -> bytes:
        found = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "the request broke off")
            found += message.get("body", b"")
            if len(found) > self.largest:
                raise Refused(413, f"more than {self.largest:,} bytes are not taken")
            if not message.get("more_body"):
                return bytes(found)


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by name; refuses a request that says from or to whom it is twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.decode("latin-1").lower()
        if key in found and key in ("host", "origin", "authorization", "content-length"):
            raise Refused(400, f"the request says {key} twice")
        found[key] = value.decode("latin-1")
    return found


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What hands a body on that was read already."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}
    return again


def _with_headers(send: Send) -> Send:
    """What adds the headers by which a browser keeps others out."""
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message.get("headers", [])}
            message["headers"] = [*message.get("headers", []), *(
                (name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in there)]
        await send(message)
    return sent


async def _answer(send: Send, status: int, line: str, more: Iterable[tuple[str, str]] = ()) -> None:
    """A line of plain text. The connection is closed: whatever else was being sent on it is not read."""
    data = f"{line}\n".encode() if line else b""
    headers = [("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(data))), *more]
    if status >= 400:
        headers.append(("connection", "close"))
    await send({"type": "http.response.start", "status": status,
                "headers": [(name.encode(), value.encode()) for name, value in headers]})
    await send({"type": "http.response.body", "body": data})
