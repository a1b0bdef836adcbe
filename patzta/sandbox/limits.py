"""Rate limits of the sandbox's own accord, with Discord's headers. Off unless asked for, so that tests are quick.

https://discord.com/developers/docs/topics/rate-limits
"""

import re
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from aiohttp import web

from patzta.sandbox.http import API, Handler, too_many_requests

GLOBAL_LIMIT = 50
GLOBAL_WINDOW_S = 1.0

_MAJOR = re.compile(r"^/(?:channels|guilds|webhooks)/(\d+)")
_FREE = re.compile(r"^/(interactions/|gateway$)")


@dataclass(frozen=True)
class Rule:
    """How many requests of a method and path a bot may make in a window, for each channel, server or webhook.

    The numbers are those that Discord's answers show at present; it changes them, so bots must read the headers.
    """

    method: str
    path: str
    limit: int
    window_s: float

    @property
    def bucket(self) -> str:
        """The opaque name in X-RateLimit-Bucket."""
        return sha256(f"{self.method} {self.path}".encode()).hexdigest()[:32]


RULES = (
    Rule("POST", r"/channels/\d+/messages", 5, 5.0),
    Rule("PATCH", r"/channels/\d+/messages/\d+", 5, 5.0),
    Rule("DELETE", r"/channels/\d+/messages/\d+", 5, 1.0),
    Rule("POST", r"/channels/\d+/messages/bulk-delete", 1, 3.0),
    Rule("PUT|DELETE", r"/channels/\d+/messages/\d+/reactions/.*", 1, 0.25),
    Rule("POST", r"/channels/\d+/typing", 5, 5.0),
    Rule("PATCH", r"/channels/\d+", 2, 600.0),
    Rule("POST|PATCH|DELETE", r"/webhooks/\d+/.*", 5, 2.0),
    Rule("GET", r"/channels/\d+/messages.*", 5, 5.0),
    Rule(".*", r"/.*", 10, 10.0),
)
"""The first that fits counts."""


@dataclass
class Window:
    """What is left until it ends; `ends` is in seconds of time.time()."""

    left: int
    ends: float


class Limits:
    """The windows of every bot."""

    def __init__(self, *, enabled: bool = False) -> None:
        self.enabled = enabled
        self._windows: dict[tuple[str, str, str], Window] = {}

    def middleware(self) -> Any:
        """The aiohttp middleware that counts and refuses."""

        @web.middleware
        async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
            path = request.path.removeprefix(API)
            if not self.enabled or path == request.path or _FREE.match(path):
                return await handler(request)
            caller = request.headers.get("Authorization", "")
            if caller and not self._take((caller, "", ""), GLOBAL_LIMIT, GLOBAL_WINDOW_S):
                return self._refusal(request, self._windows[caller, "", ""], everywhere=True)
            rule = next(r for r in RULES if re.fullmatch(r.method, request.method) and re.fullmatch(r.path, path))
            major = _MAJOR.match(path)
            key = caller, rule.bucket, major[1] if major else ""
            fits = self._take(key, rule.limit, rule.window_s)
            response = await handler(request) if fits else self._refusal(request, self._windows[key], everywhere=False)
            response.headers.update(_headers(rule, self._windows[key]))
            return response

        return limit

    def _take(self, key: tuple[str, str, str], limit: int, window_s: float) -> bool:
        window = self._windows.get(key)
        if window is None or window.ends <= time.time():
            window = self._windows[key] = Window(limit, time.time() + window_s)
        window.left -= 1
        return window.left >= 0

    @staticmethod
    def _refusal(request: web.Request, window: Window, *, everywhere: bool) -> web.StreamResponse:
        request["refused"] = True
        return too_many_requests(max(0.001, window.ends - time.time()), everywhere=everywhere)


def _headers(rule: Rule, window: Window) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(rule.limit),
        "X-RateLimit-Remaining": str(max(0, window.left)),
        "X-RateLimit-Reset": f"{window.ends:.3f}",
        "X-RateLimit-Reset-After": f"{max(0.0, window.ends - time.time()):.3f}",
        "X-RateLimit-Bucket": rule.bucket,
    }
