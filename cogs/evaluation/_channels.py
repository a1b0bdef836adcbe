"""The test channels, and clearing them of the double's earlier answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import timedelta

import discord

BULK_AGE = timedelta(days=14) - timedelta(hours=1)
"""Discord deletes no older messages in bulk; the hour is for clocks that differ."""
BULK = 100
"""Messages in one request."""
LOOKED_AT = 1000
"""How far back the double's messages are looked for."""


def test_channels(guilds: Iterable[discord.Guild], name: str) -> list[discord.TextChannel]:
    """Channels whose name, or whose category's name, begins with ``NAME-test``."""
    prefix = f"{name}-test"
    return [
        channel
        for guild in guilds
        for channel in guild.text_channels
        if channel.name.startswith(prefix) or (channel.category and channel.category.name.startswith(prefix))
    ]


async def clear(channel: discord.TextChannel, me: discord.abc.User, before: int) -> int:
    """Delete the double's messages older than the id ``before``; how many. Raises discord.HTTPException.

    In bulk where Discord allows it (it needs Manage Messages), else one by one.
    """
    history = channel.history(limit=LOOKED_AT, before=discord.Object(before))
    mine = [message async for message in history if message.author == me]
    young = [message for message in mine if discord.utils.utcnow() - message.created_at < BULK_AGE]
    if not channel.permissions_for(channel.guild.me).manage_messages:
        young = []
    for start in range(0, len(young), BULK):
        await channel.delete_messages(young[start : start + BULK])
    for message in mine:
        if message not in young:
            with contextlib.suppress(discord.NotFound):
                await message.delete()
    return len(mine)
