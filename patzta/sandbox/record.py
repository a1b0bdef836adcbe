"""Writing down what bots and the sandbox say to each other, for tests that look at it."""

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from patzta.sandbox.http import API, Handler
from patzta.sandbox.models import Json
from patzta.sandbox.sessions import Session

KEPT = 500
"""Exchanges and events that stay readable without a file."""


class Recorder:
    """Keeps the last exchanges and events, and appends each as a JSON line to a file where one is named.

    A REST exchange has the keys method, path (without /api/v10), query, content_type, request (for multipart its
    `payload_json`), files (their names), status, response, unknown (the sandbox has no such route), refused (a planned
    fault or a rate limit answered, and nothing was done). A gateway event has event, bot (its username), shard, data.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.requests: deque[Json] = deque(maxlen=KEPT)
        self.dispatches: deque[Json] = deque(maxlen=KEPT)
        self.listeners: list[Callable[[Json], None]] = []
        """Each is told every exchange."""

    def middleware(self) -> Any:
        """The aiohttp middleware that does it."""

        @web.middleware
        async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            if request.path.startswith(API):
                exchange = await _exchange(request, response)
                self.requests.append(exchange)
                self._append(exchange)
                for listener in self.listeners:
                    listener(exchange)
            return response

        return record

    def dispatched(self, session: Session, name: str, data: Json) -> None:
        """Note an event that a bot is sent."""
        event = {"event": name, "bot": session.bot.user.username, "shard": session.shard.index, "data": data}
        self.dispatches.append(event)
        self._append(event)

    def _append(self, line: Json) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


async def _exchange(request: web.Request, response: web.StreamResponse) -> Json:
    sent, files = request.get("uploaded", (None, []))
    if sent is None and request.content_type == "application/json":
        sent = _json_or_none(await request.text())
    response = request.get("whole", response)
    body = response.body if isinstance(response, web.Response) else None
    return {
        "method": request.method,
        "path": request.path.removeprefix(API),
        "query": dict(request.query),
        "content_type": request.content_type if request.can_read_body or sent is not None else None,
        "request": sent,
        "files": files,
        "status": response.status,
        "unknown": request.get("unknown", False),
        "refused": request.get("refused", False),
        "response": _json_or_none(body.decode()) if isinstance(body, bytes) else None,
    }


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
