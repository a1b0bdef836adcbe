"""One message that is edited while something goes on."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import discord

EVERY = 1.5
"""Seconds between two edits: Discord allows about one a second in a channel."""


class Progress:
    """Shows the newest text, no more often than Discord likes.

    The message is edited as the bot's own: what an interaction gives can be edited for 15 minutes only.
    """

    def __init__(self, interaction: discord.Interaction, message: discord.InteractionMessage) -> None:
        self._interaction = interaction
        self._message = message
        self._text = ""
        self._shown = ""
        self._changed = asyncio.Event()

    def show(self, text: str) -> None:
        """Have it shown soon."""
        self._text = text
        self._changed.set()

    async def run(self) -> None:
        """Show texts until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            with contextlib.suppress(discord.HTTPException):
                await self._edit(self._text)
            await asyncio.sleep(EVERY)

    async def finish(self, text: str) -> None:
        """The last text; what can be pressed goes. Raises discord.HTTPException."""
        await self._edit(text, view=None)

    async def _edit(self, text: str, **more: Any) -> None:
        if text == self._shown and not more:
            return
        assert self._interaction.channel_id
        channel = self._interaction.client.get_partial_messageable(self._interaction.channel_id)
        try:
            await channel.get_partial_message(self._message.id).edit(content=text, **more)
        except (discord.Forbidden, discord.NotFound):
            # A place that the bot itself does not see.
            await self._interaction.edit_original_response(content=text, **more)
        self._shown = text
