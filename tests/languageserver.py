"""A YAML language server as an editor speaks with it: it is started over stdio and asked about one open file."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

PATIENCE = 60
"""Seconds after which a server that says nothing is taken for broken; a sound one answers in one or two."""


class LanguageServer:
    """One server. Messages are numbered; what it asks of the editor is answered with nothing."""

    def __init__(self, node: str, program: Path, folder: Path) -> None:
        self._process = subprocess.Popen([node, str(program), "--stdio"], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._number = self._drafts = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities={})
        self._tell("initialized")
        self._tell("workspace/didChangeConfiguration", settings={"yaml": {
            "validate": True, "completion": True, "schemaStore": {"enable": False}}})

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    def open(self, path: Path, text: str) -> list[str]:
        """Shows a file to the server as if it held this text; what it underlines, as `line: message`."""
        uri = path.as_uri()
        self._tell("textDocument/didOpen",
                   textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
        while uri not in self._diagnostics:
            self._take()
        return [f"{told['range']['start']['line'] + 1}: {told['message']}" for told in self._diagnostics.pop(uri)]

    def draft(self, path: Path) -> Path:
        """A name beside a file for another text of it, not used before."""
        self._drafts += 1
        return path.with_name(f"draft {self._drafts} of {path.name}")

    def offered(self, path: Path, line: int, column: int) -> dict[str, str]:
        """What the server offers to write at a place (counted from 1), each with what it says beside it."""
        found = self.ask("textDocument/completion", textDocument={"uri": path.as_uri()},
                         position={"line": line - 1, "character": column - 1})
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"]: _words(item.get("documentation", "")) for item in items}

    def ask(self, method: str, **params: object) -> Any:
        """The answer to a request."""
        self._number += 1
        mine = self._number
        self._send({"id": mine, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == mine and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def _take(self) -> dict[str, Any]:
        message = self._said.get(timeout=PATIENCE)
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message

    def _tell(self, method: str, **params: object) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline() != b"\r\n":
                pass
            self._said.put(json.loads(stream.read(length)))


def _words(documentation: str | dict[str, str]) -> str:
    return documentation["value"] if isinstance(documentation, dict) else documentation
