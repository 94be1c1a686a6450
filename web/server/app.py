"""The application: pages and the interface for programs, behind the guard, on this machine only."""

from __future__ import annotations

import gc

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from explain.asking import Unasked
from web.server import api, desk, deskapi, pages, training
from web.server.guard import Guard
from web.server.house import House

TOLD = ("The questions of the command line, for programs. Every answer is as of one state of the files, which its "
        "header x-knowledge names. Bring the token as a bearer: Authorization: Bearer TOKEN.")
SELDOM = (50_000, 20, 100)
"""How often cycles are looked for in what is served."""


def made(house: House) -> Guard:
    """The whole application: nobody comes to it but through the guard."""
    app = FastAPI(title="sigrisk", version="1", description=TOLD, docs_url=None, redoc_url=None,
                  openapi_url="/api/openapi.json", redirect_slashes=False)
    for part in (pages, training, api, *((desk, deskapi) if house.edit else ())):
        app.include_router(part.router(house))

    @app.exception_handler(HTTPException)
    def not_here(request: Request, error: HTTPException) -> Response:
        line = pages.NOT_HERE if error.detail == "Not Found" else str(error.detail)
        return _said(house, request, error.status_code, line)

    @app.exception_handler(Unasked)
    def not_asked(request: Request, error: Unasked) -> Response:
        return _said(house, request, 400, *error.args)

    return Guard(app, house.keys)


def _said(house: House, request: Request, status: int, *lines: str) -> Response:
    """What is wrong, in plain lines: as JSON for programs, as a page for people."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"wrong": lines}, status)
    return pages.wrong(house, status, *lines)


def at_rest() -> None:
    """What is loaded stays, so that cycles are looked for seldom, and not in it."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def serve(house: House) -> None:
    """Serves on 127.0.0.1 until it is stopped."""
    at_rest()
    uvicorn.run(made(house), host="127.0.0.1", port=house.keys.port, log_level="warning", access_log=False,
                server_header=False, timeout_keep_alive=5, limit_concurrency=200, h11_max_incomplete_event_size=32_768)
