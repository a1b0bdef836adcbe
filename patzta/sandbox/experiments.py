"""The control API for tests: the clock, rate limits, and what bots and the sandbox said. JSON under /sandbox/api."""

from typing import Any

from aiohttp import web

from patzta.sandbox.control import BASE
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import STATE, json_response, no_content, read_json
from patzta.sandbox.limits import Limits
from patzta.sandbox.models import Json
from patzta.sandbox.record import Recorder
from patzta.sandbox.serialise import timestamp

LIMITS = web.AppKey("limits", Limits)
RECORDER = web.AppKey("recorder", Recorder)


async def move_clock(request: web.Request) -> web.Response:
    """POST clock {seconds} -> {now}: let that much time pass at once."""
    clock, body = request.app[STATE].clock, await read_json(request)
    try:
        clock.move(float(body.get("seconds", 0)))
    except (TypeError, ValueError) as error:
        raise ApiError.invalid("seconds", "NUMBER_TYPE_MIN", str(error)) from error
    return json_response({"now": timestamp(clock.now())})


async def set_limits(request: web.Request) -> web.Response:
    """POST limits {on}: whether Discord's rate limits hold."""
    request.app[LIMITS].enabled = bool((await read_json(request)).get("on"))
    return no_content()


async def get_requests(request: web.Request) -> web.Response:
    """GET requests?method&path: the last REST exchanges, oldest first; see `record.Recorder`."""
    query = request.query
    return json_response(_fitting(request.app[RECORDER].requests, method=query.get("method"), path=query.get("path")))


async def get_dispatches(request: web.Request) -> web.Response:
    """GET dispatches?event&bot: the last events that bots were sent, oldest first; see `record.Recorder`."""
    query = request.query
    return json_response(_fitting(request.app[RECORDER].dispatches, event=query.get("event"), bot=query.get("bot")))


def _fitting(lines: Any, **wanted: str | None) -> list[Json]:
    given = {key: value for key, value in wanted.items() if value}
    return [line for line in lines if all(line[key] == value for key, value in given.items())]


ROUTES = [
    web.post(f"{BASE}/clock", move_clock),
    web.post(f"{BASE}/limits", set_limits),
    web.get(f"{BASE}/requests", get_requests),
    web.get(f"{BASE}/dispatches", get_dispatches),
]
