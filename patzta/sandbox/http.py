"""What every HTTP route shares: who may knock, request bodies, JSON answers, errors.

The server is for this computer only. A page of another site can still make a browser here send requests; the `guard`
refuses those by their Host (DNS rebinding) and Origin.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import BodyPartReader, web

from patzta.sandbox.answers import Answers
from patzta.sandbox.drafts import Upload
from patzta.sandbox.errors import ApiError
from patzta.sandbox.gateway import Gateway
from patzta.sandbox.interactions import Interactions
from patzta.sandbox.models import Bot, Json
from patzta.sandbox.payloads import ATTACHMENT_LIMIT
from patzta.sandbox.state import State

log = logging.getLogger(__name__)

API = "/api/v10"
STATE = web.AppKey("state", State)
GATEWAY = web.AppKey("gateway", Gateway)
INTERACTIONS = web.AppKey("interactions", Interactions)
ANSWERS = web.AppKey("answers", Answers)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OWN_HOSTS = {"127.0.0.1", "localhost"}


def json_response(body: Any, status: int = 200) -> web.Response:
    """JSON with the bare content type: bot libraries compare it with "application/json" as a whole."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"})


def too_many_requests(retry_after: float, *, everywhere: bool = False) -> web.Response:
    """A 429 as Discord's API sends it; `everywhere` is its global limit. `retry_after` is in seconds."""
    body = {"message": "You are being rate limited.", "retry_after": round(retry_after, 3), "global": everywhere}
    response = json_response(body, 429)
    # discord.py takes a 429 without it for a ban by the network in front of Discord.
    response.headers.update({"Via": "1.1 sandbox", "Retry-After": f"{retry_after:.3f}"})
    response.headers["X-RateLimit-Scope"] = "global" if everywhere else "user"
    if everywhere:
        response.headers["X-RateLimit-Global"] = "true"
    return response


def no_content() -> web.Response:
    """The answer of requests that have nothing to say."""
    return web.Response(status=204)


def _is_own(host: str, port: int | None) -> bool:
    parts = urlsplit(f"//{host}")
    try:
        return parts.hostname in _OWN_HOSTS and parts.port == port and parts.username is None
    except ValueError:
        return False


def _origin_is_own(origin: str, port: int | None) -> bool:
    scheme, _, host = origin.partition("://")
    return scheme == "http" and _is_own(host, port)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only what was addressed to this server by itself: 403 for any other Host or Origin."""
    transport = request.transport
    port = transport.get_extra_info("sockname")[1] if transport else None
    origin = request.headers.get("Origin")
    if not _is_own(request.headers.get("Host", ""), port) or (origin is not None and not _origin_is_own(origin, port)):
        return json_response({"message": "This server answers only to its own address.", "code": 0}, 403)
    return await handler(request)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into Discord's error bodies."""
    try:
        return await handler(request)
    except ApiError as error:
        return json_response(error.body(), error.status)
    except (AttributeError, KeyError, TypeError, ValueError):
        # Bodies are read without a schema. A 500 would make clients try the same again and again.
        log.exception("%s %s could not be read", request.method, request.path)
        return json_response({"message": "The sandbox could not read this request; see its log.", "code": 50035}, 400)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        log.warning("%s %s: %s", request.method, request.path, error.reason)
        return json_response({"message": f"{error.status}: {error.reason}", "code": 0}, error.status)


async def unknown_route(request: web.Request) -> web.Response:
    """Anything that the sandbox does not have: loudly refused, never a pretended success."""
    request["unknown"] = True
    log.error("UNKNOWN ROUTE %s %s: the sandbox does not have this part of Discord's API", request.method, request.path)
    raise ApiError(404, 0, "404: Not Found")


def authorised(request: web.Request) -> Bot:
    """The bot that calls. Raises ApiError 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bot = request.app[STATE].bot_by_token(token) if scheme == "Bot" else None
    if bot is None:
        raise ApiError(401, 0, "401: Unauthorized")
    return bot


async def read_json(request: web.Request) -> Any:
    """The JSON body, `{}` where there is none. Raises ApiError 50109."""
    text = await request.text()
    return parse_json(text) if text else {}


def parse_json(text: str) -> Any:
    """Raises ApiError 50109 for what is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


async def read_form(request: web.Request) -> tuple[Json, dict[int, Upload]]:
    """A body with or without files: its JSON, and the uploads by their number."""
    if request.content_type != "multipart/form-data":
        return await read_json(request), {}
    body: Json = {}
    uploads: dict[int, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ApiError(400, 50109, "Nested multipart bodies are not understood.")
        if part.name == "payload_json":
            body = parse_json((await _read_part(part)).decode())
        else:
            number = (part.name or "").removeprefix("files[").removesuffix("]")
            index = int(number) if number.isdigit() else len(uploads)
            uploads[index] = Upload(part.filename or "file", await _read_part(part))
    request["uploaded"] = body, [upload.filename for upload in uploads.values()]
    return body, uploads


async def _read_part(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > ATTACHMENT_LIMIT:
            raise ApiError(413, 40005, "Request entity too large")
    return bytes(content)


def whole_number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A query parameter within its bounds. Raises ApiError 50035."""
    text = request.query.get(name, str(default))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ApiError.invalid(name, "NUMBER_TYPE_MAX", f"int value should be between {low} and {high}.")
    return int(text)
