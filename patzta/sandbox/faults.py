"""Trouble on purpose: rate limits, errors, delays and cut connections, for the next requests that fit.

https://discord.com/developers/docs/topics/rate-limits
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from patzta.sandbox.http import API, Handler, json_response
from patzta.sandbox.models import Json


@dataclass
class Fault:
    """What happens to the next ``times`` requests of ``method`` whose path (after the prefix) matches ``path``.

    After ``delay`` seconds the request is refused with ``status``, where that is not 0; ``cut`` carries it out and then
    hangs up without an answer. ``retry_after`` seconds go with a 429.
    """

    path: str
    method: str = ""
    status: int = 0
    times: int = 1
    retry_after: float = 0.1
    delay: float = 0.0
    cut: bool = False

    def fits(self, request: web.Request) -> bool:
        """Whether it is to happen to this request."""
        path = request.path.removeprefix(API)
        right = self.method in ("", request.method) and re.search(self.path, path)
        return bool(right) and self.times > 0


class Faults:
    """The faults that are still to happen."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def middleware(self) -> Any:
        """The aiohttp middleware that makes them happen."""

        @web.middleware
        async def disturb(request: web.Request, handler: Handler) -> web.StreamResponse:
            fault = self._next(request) if request.path.startswith(API) else None
            if fault is None:
                return await handler(request)
            await asyncio.sleep(fault.delay)
            if fault.status:
                request["refused"] = True
                return _refusal(fault)
            response = await handler(request)
            if fault.cut and request.transport:
                request.transport.close()
            return response

        return disturb

    def _next(self, request: web.Request) -> Fault | None:
        fault = next((fault for fault in self.planned if fault.fits(request)), None)
        if fault:
            fault.times -= 1
            self.planned = [one for one in self.planned if one.times > 0]
        return fault


def _refusal(fault: Fault) -> web.Response:
    body: Json = {"message": f"{fault.status}: made by the sandbox", "code": 0}
    if fault.status != 429:
        return json_response(body, fault.status)
    body = {"message": "You are being rate limited.", "retry_after": fault.retry_after, "global": False}
    response = json_response(body, 429)
    # discord.py takes a 429 without it for a ban by the network in front of Discord.
    response.headers.update({"Via": "1.1 sandbox", "Retry-After": str(fault.retry_after)})
    return response
