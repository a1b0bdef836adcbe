"""One message that is edited while something goes on."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import aiohttp
import discord

EVERY = 1.5
"""Seconds between two edits: Discord allows about one a second in a channel."""


class Progress:
    """Shows the newest text, no more often than Discord likes.

    The message is edited as the bot's own: what ``interaction`` gave it can be edited for 15 minutes only.
    """

    def __init__(
        self, bot: discord.Client, channel_id: int, message_id: int, interaction: discord.Interaction | None = None
    ) -> None:
        self._message = bot.get_partial_messageable(channel_id).get_partial_message(message_id)
        self._interaction = interaction
        self._text = ""
        self._shown = ""
        self._changed = asyncio.Event()
        self._newest: asyncio.Task[None] | None = None

    def show(self, text: str) -> None:
        """Have it shown soon."""
        self._text = text
        self._changed.set()

    async def run(self) -> None:
        """Show texts until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._newest = asyncio.create_task(self._try())
            # Broken off, it could still reach Discord, and later than the last text.
            await asyncio.shield(self._newest)
            await asyncio.sleep(EVERY)

    async def _try(self) -> None:
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await self._edit(self._text)

    async def finish(self, text: str, files: Mapping[str, bytes] = MappingProxyType({})) -> None:
        """The last text, with files by their names; what can be pressed goes. Raises discord.HTTPException."""
        if self._newest:
            await asyncio.wait({self._newest})
        await self._edit(text, files, view=None)

    async def _edit(self, text: str, files: Mapping[str, bytes] = MappingProxyType({}), **more: Any) -> None:
        if text == self._shown and not more:
            return
        try:
            await self._message.edit(content=text, **_attached(files), **more)
        except (discord.Forbidden, discord.NotFound):
            # A place that the bot itself does not see.
            if self._interaction is None:
                raise
            await self._interaction.edit_original_response(content=text, **_attached(files), **more)
        self._shown = text


def _attached(files: Mapping[str, bytes]) -> dict[str, Any]:
    """To be made anew for each try: what was sent once is read to its end."""
    return {"attachments": [discord.File(io.BytesIO(data), name) for name, data in files.items()]} if files else {}
