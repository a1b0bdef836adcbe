"""A bot on the sandbox shown beside the chat: its log and its plugins as they change, and cogs reloaded from there.

One websocket, opened with the bot's own token, carries JSON objects by ``type``. To the sandbox: ``log`` (``lines``, as
in ``Tail``), ``plugins`` (all of them), ``report`` (what a reload did). From it: ``reload`` (``names`` of cogs; without
any, all).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict
from typing import Any, cast

import aiohttp

from patzta.framework.bot import Bot
from patzta.framework.logs import without_secrets
from patzta.framework.modules import content_hash, source_files
from patzta.framework.plugins import Plugin
from patzta.framework.reloading import reload_cogs
from patzta.framework.tail import Tail

AGAIN = 1.0
"""Seconds until a lost connection is tried again."""
LOOK = 1.0
"""Seconds between two looks at the plugins' files."""
REPLACED = 4001
"""The sandbox closes with it when another process of the same bot took the place."""
TOGETHER = 50
"""Lines in one frame."""
LONGEST = 8_000
"""Characters of a text that are sent."""

log = logging.getLogger("patzta.panel")


@contextlib.asynccontextmanager
async def shown(bot: Bot, url: str, token: str) -> AsyncGenerator[None]:
    """Show the bot on the sandbox at ``url`` for as long as the block lasts."""
    tail = Tail()
    logging.getLogger().addHandler(tail)
    running = asyncio.create_task(Panel(bot, tail, url, token).run())
    try:
        yield
    finally:
        logging.getLogger().removeHandler(tail)
        running.cancel()
        (end,) = await asyncio.gather(running, return_exceptions=True)
        if isinstance(end, Exception):
            log.error("the panel broke", exc_info=end)


class Panel:
    """Tells the sandbox of the bot, and does what it asks for."""

    def __init__(self, bot: Bot, tail: Tail, url: str, token: str) -> None:
        self._bot = bot
        self._tail = tail
        self._address = f"{url}/sandbox/panel/bot"
        self._token = token
        self._told: list[dict[str, Any]] | None = None

    async def run(self) -> None:
        """Stay connected until another process takes the place; what is logged meanwhile is told afterwards."""
        async with aiohttp.ClientSession(headers={"Authorization": f"Bot {self._token}"}) as session:
            replaced = False
            while not replaced:
                try:
                    async with session.ws_connect(self._address, heartbeat=30) as socket:
                        replaced = await self._serve(socket)
                except* (aiohttp.ClientError, OSError) as lost:
                    log.debug("the panel is not connected: %s", lost.exceptions[0])
                await asyncio.sleep(AGAIN)

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        """Whether another process took the place."""
        self._told = None
        async with asyncio.TaskGroup() as group:
            telling = [group.create_task(self._tell_lines(socket)), group.create_task(self._tell_plugins(socket))]
            async for message in socket:
                match message.json():
                    case {"type": "reload", "names": [*names]}:
                        group.create_task(self._reload(socket, cast("list[str]", names)))
                    case _:
                        pass
            for task in telling:
                task.cancel()
        return socket.close_code == REPLACED

    async def _tell_lines(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await self._send(socket, {"type": "log", "lines": await self._tail.take(TOGETHER)})

    async def _tell_plugins(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await self._look(socket)
            await asyncio.sleep(LOOK)

    async def _look(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Tell of the plugins if anything changed."""
        plugins = [await self._state(plugin) for plugin in list(self._bot.plugins.loaded.values())]
        if plugins != self._told:
            self._told = plugins
            await self._send(socket, {"type": "plugins", "plugins": plugins})

    async def _state(self, plugin: Plugin) -> dict[str, Any]:
        # Files are found here, since that may import, and read in a thread.
        now = await asyncio.to_thread(content_hash, source_files(plugin.name))
        failed = self._bot.plugins.failed.get(plugin.name)
        broken = failed is not None and failed.hash == now
        return {
            "name": plugin.name,
            "resident": plugin.resident,
            "cogs": [cog.qualified_name for cog in plugin.cogs],
            "state": "failed" if broken else "serving" if now == plugin.hash else "changed",
            "trace": failed.trace if failed and broken else "",
        }

    async def _reload(self, socket: aiohttp.ClientWebSocketResponse, names: Sequence[str]) -> None:
        report = await reload_cogs(self._bot, names or None)
        await self._look(socket)
        await self._send(socket, {"type": "report", **asdict(report)})

    async def _send(self, socket: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]) -> None:
        await socket.send_json(self._fit(frame))

    def _fit(self, value: Any) -> Any:
        """The value without secrets, and of each long text the end: there a traceback says what is wrong."""
        if isinstance(value, str):
            text = without_secrets(value, [self._token, self._bot.settings.model.key])
            return text if len(text) <= LONGEST else "…" + text[1 - LONGEST :]
        if isinstance(value, dict):
            return {key: self._fit(item) for key, item in cast("dict[str, Any]", value).items()}
        if isinstance(value, list | tuple):
            return [self._fit(item) for item in cast("list[Any]", value)]
        return value
