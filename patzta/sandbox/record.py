"""Writing down every REST exchange, so that a test can hold it against a description of the API."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from patzta.sandbox.http import API, Handler
from patzta.sandbox.models import Json


class Recorder:
    """Appends one JSON line for each exchange under /api/v10.

    Keys: method, path (without the prefix), query, content_type, request (for multipart its `payload_json`), files
    (their names), status, response.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def middleware(self) -> Any:
        """The aiohttp middleware that does it."""

        @web.middleware
        async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            if request.path.startswith(API):
                self._append(await _exchange(request, response))
            return response

        return record

    def _append(self, exchange: Json) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(exchange) + "\n")


async def _exchange(request: web.Request, response: web.StreamResponse) -> Json:
    sent, files = request.get("uploaded", (None, []))
    if sent is None and request.content_type == "application/json":
        sent = _json_or_none(await request.text())
    body = response.body if isinstance(response, web.Response) else None
    return {
        "method": request.method,
        "path": request.path.removeprefix(API),
        "query": dict(request.query),
        "content_type": request.content_type if request.can_read_body or sent is not None else None,
        "request": sent,
        "files": files,
        "status": response.status,
        "response": _json_or_none(body.decode()) if isinstance(body, bytes) else None,
    }


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
