"""Trouble on purpose: rate limits, errors, delays and lost answers, for the next requests that fit.

https://discord.com/developers/docs/topics/rate-limits
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from patzta.sandbox.http import API, Handler, json_response, too_many_requests


@dataclass
class Fault:
    """What happens to the next ``times`` requests of ``method`` whose path (after the prefix) matches ``path``.

    After ``delay`` seconds the request is refused with ``status``, where that is not 0. ``cut`` carries it out and then
    hangs up without an answer, ``half`` in the middle of the answer. ``retry_after`` seconds go with a 429, which with
    ``everywhere`` is that of the global limit.
    """

    path: str
    method: str = ""
    status: int = 0
    times: int = 1
    retry_after: float = 0.1
    delay: float = 0.0
    cut: bool = False
    half: bool = False
    everywhere: bool = False

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
            if fault.half:
                request["whole"] = response
                response = await _half(request, response)
            if (fault.cut or fault.half) and request.transport:
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
    if fault.status == 429:
        return too_many_requests(fault.retry_after, everywhere=fault.everywhere)
    return json_response({"message": f"{fault.status}: made by the sandbox", "code": 0}, fault.status)


async def _half(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send the head and half of the body, then hang up."""
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    stream.content_length = len(body)
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    return stream
