"""What was written while the bot was away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import discord

from cogs.communication._triggers import is_text_place
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.talking import TextPlace
from patzta.store import places
from patzta.store.places import EVERYWHERE, Mark

log = logging.getLogger("patzta.communication")

AT_ONCE = 5
"""Places whose history is asked for at the same time."""
MOST = 200
"""Messages looked at in one place."""
KEPT = timedelta(days=90)
"""How long it is remembered whom a message answered."""


async def missed(bot: Bot, hours: float) -> list[discord.Message]:
    """Messages of the last ``hours`` that nobody has dealt with, oldest first; not all of them speak to the double."""
    now = discord.utils.utcnow()
    async with bot.services.get(DATABASE).write() as session:
        begin = await places.open_from(session, discord.utils.time_snowflake(now))
        marks = await places.everything(session)
        await places.forget_answers(session, discord.utils.time_snowflake(now - KEPT))
    oldest = discord.utils.time_snowflake(now - timedelta(hours=hours))
    marks.pop(EVERYWHERE, None)
    turn = asyncio.Semaphore(AT_ONCE)

    async def look(place: TextPlace) -> list[discord.Message]:
        mark = marks.get(place.id, Mark(place.id, answered=begin))
        after = max(mark.answered or begin, oldest)
        # Discord says what a channel's newest message is; of direct chats it says nothing.
        if not isinstance(place, discord.DMChannel) and (place.last_message_id or 0) <= after:
            return []
        async with turn:
            return await _written(place, after)

    found = await asyncio.gather(*[look(place) async for place in _places(bot, marks)])
    return sorted((message for messages in found for message in messages), key=lambda message: message.id)


async def _written(place: TextPlace, after: int) -> list[discord.Message]:
    try:
        return [message async for message in place.history(after=discord.Object(after), limit=MOST)]
    except discord.HTTPException as error:
        log.debug("%s cannot be read: %s", place, error)
        return []


async def _places(bot: Bot, marks: dict[int, Mark]) -> AsyncIterator[TextPlace]:
    for guild in bot.guilds:
        for place in (*guild.text_channels, *guild.threads):
            yield place
    for mark in marks.values():
        if mark.user_id and not bot.settings.shard:  # Discord sends direct chats to the first shard
            with contextlib.suppress(discord.HTTPException):
                place = bot.get_channel(mark.place_id) or await bot.fetch_channel(mark.place_id)
                if is_text_place(place):
                    yield place
