"""``--say``: write to the double from a script and print what it answers."""

from __future__ import annotations

import asyncio
import sys

import discord

from patzta.framework.bot import Bot
from patzta.inference.contract import GENERATE
from patzta.sandbox.client import SandboxClient

SILENCE = 30.0
"""Seconds without a sign of life after which a script is told that nothing comes."""


async def say(bot: Bot, url: str, person: str, texts: list[str]) -> int:
    """Write each text as ``person``, print each sub-message of the answer as a line; the exit code.

    The next text is written when the whole answer to the one before has come.
    """
    await bot.services.get(GENERATE).ready()
    channel = f"{bot.settings.name}-direct"
    signs = _signs(bot, channel)
    async with SandboxClient(url) as client:
        for text in texts:
            sent = await client.send(person, channel, text)
            if not await _is_answered(signs, int(sent["id"])):
                sys.stderr.write(f"No answer within {SILENCE:.0f} s.\n")
                return 1
            # The gateway may tell of a message later than of the end of the answer; the history knows them all.
            for message in await client.messages(person, channel, after=sent["id"]):
                if message["author"]["id"] == str(bot.user and bot.user.id):
                    sys.stdout.write(message["content"].replace("\n", " ") + "\n")
            sys.stdout.flush()
    return 0


def _signs(bot: Bot, channel: str) -> asyncio.Queue[int]:
    """Signs of life in the channel from now on: 0 for each sub-message, an id once that message is answered."""
    signs: asyncio.Queue[int] = asyncio.Queue()

    async def on_message(message: discord.Message) -> None:
        if message.author == bot.user:
            signs.put_nowait(0)

    async def on_answered(message: discord.Message) -> None:
        if isinstance(message.channel, discord.TextChannel) and message.channel.name == channel:
            signs.put_nowait(message.id)

    bot.add_listener(on_message)
    bot.add_listener(on_answered)
    return signs


async def _is_answered(signs: asyncio.Queue[int], message_id: int) -> bool:
    """Wait for the end of the answer to that message, or to a newer one with it; False after a silence."""
    try:
        while await asyncio.wait_for(signs.get(), SILENCE) < message_id:
            pass
    except TimeoutError:
        return False
    return True
