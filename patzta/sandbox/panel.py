"""What the page shows beside the chat: the log and the plugins of each bot that tells of them, and bots' requests.

A bot opens /sandbox/panel/bot with its token and sends `log`, `plugins` and `report` frames; it hears `reload` (see
`patzta.framework.panel`). A page opens /sandbox/panel: first comes `hello` with all that is kept, then each frame of a
bot with its id as `bot`, a `bot` frame when one comes or goes, and a `request` frame for each request. It sends
`reload` with `bot` and `names`.
"""

import asyncio
import json
import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import cast

from aiohttp import WSMessage, web

from patzta.sandbox.http import authorised
from patzta.sandbox.live import send_from
from patzta.sandbox.models import Bot, Json

KEPT = 500
"""Lines of a bot, and requests, that a page which opens is shown."""
BEHIND = 1000
"""Frames that may wait for a page; one that falls further behind is told anew what there is."""
REPLACED = 4001
"""The close code for a bot whose place another connection took."""
_TOKEN = re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/]+")


@dataclass
class Shown:
    """What is known of a bot. It stays when the connection ends, so that a bot which died leaves its last words."""

    bot: Bot
    socket: web.WebSocketResponse | None = None
    lines: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=KEPT))
    plugins: list[Json] = field(default_factory=list[Json])

    def json(self) -> Json:
        """All of it, for a page that opens."""
        return self.status() | {"lines": list(self.lines), "plugins": self.plugins}

    def status(self) -> Json:
        """Who it is, and whether it is connected."""
        return {"bot": self.bot.id, "name": self.bot.user.username, "connected": self.socket is not None}


class Panel:
    """Relays between bots and pages. Nothing is written to disk."""

    def __init__(self) -> None:
        self._shown: dict[str, Shown] = {}
        self._requests: deque[Json] = deque(maxlen=KEPT)
        self._pages: dict[web.WebSocketResponse, asyncio.Queue[str]] = {}

    def note(self, exchange: Json) -> None:
        """Show a request that a bot made; see `record.Recorder`."""
        request = {
            "time": time.time(),
            "method": exchange["method"],
            "path": _TOKEN.sub(r"\1…", exchange["path"]),
            "status": exchange["status"],
        }
        self._requests.append(request)
        self._tell({"type": "request", "request": request})

    async def handle_bot(self, request: web.Request) -> web.WebSocketResponse:
        """Hear a bot until it leaves. Raises ApiError 401."""
        bot = authorised(request)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        shown = self._shown.setdefault(bot.id, Shown(bot))
        before, shown.socket = shown.socket, socket
        if before is not None:
            await before.close(code=REPLACED)
        self._tell({"type": "bot", **shown.status()})
        try:
            async for message in socket:
                self._hear(shown, message)
        finally:
            if shown.socket is socket:
                shown.socket = None
                self._tell({"type": "bot", **shown.status()})
        return socket

    def _hear(self, shown: Shown, message: WSMessage) -> None:
        match frame := _parsed(message):
            case {"type": "log", "lines": [*lines]}:
                shown.lines.extend(lines)
            case {"type": "plugins", "plugins": [*plugins]}:
                shown.plugins = plugins
            case {"type": "report"}:
                pass
            case _:
                return
        self._tell({**frame, "bot": shown.bot.id})

    async def handle_page(self, request: web.Request) -> web.WebSocketResponse:
        """Serve a page until it is closed."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        outbox = self._pages[socket] = asyncio.Queue[str](BEHIND)
        outbox.put_nowait(self._hello())
        writer = asyncio.get_running_loop().create_task(send_from(outbox, socket))
        try:
            async for message in socket:
                await self._ask(message)
        finally:
            del self._pages[socket]
            writer.cancel()
        return socket

    async def _ask(self, message: WSMessage) -> None:
        """Pass a wish on to the bot, if it is there."""
        match _parsed(message):
            case {"type": "reload", "bot": str(bot), "names": [*names]} if bot in self._shown:
                socket = self._shown[bot].socket
                if socket is not None and not socket.closed:
                    await socket.send_json({"type": "reload", "names": names})
            case _:
                pass

    def _hello(self) -> str:
        bots = [shown.json() for shown in self._shown.values()]
        return json.dumps({"type": "hello", "bots": bots, "requests": list(self._requests)})

    def _tell(self, frame: Json) -> None:
        if not self._pages:
            return
        text = json.dumps(frame)
        for outbox in self._pages.values():
            if outbox.full():
                while not outbox.empty():
                    outbox.get_nowait()
                outbox.put_nowait(self._hello())
            else:
                outbox.put_nowait(text)

    async def close(self) -> None:
        """Send everybody away."""
        bots = [shown.socket for shown in self._shown.values() if shown.socket is not None]
        for socket in [*self._pages, *bots]:
            await socket.close(code=1001, message=b"The server is ending.")


def _parsed(message: WSMessage) -> Json:
    """The object in a frame; empty for what is none."""
    try:
        frame = json.loads(message.data)
    except (TypeError, ValueError):
        return {}
    return cast("Json", frame) if isinstance(frame, dict) else {}
