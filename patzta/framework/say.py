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
    signs: asyncio.Queue[discord.Message | None] = asyncio.Queue()

    async def on_message(message: discord.Message) -> None:
        if message.author == bot.user:
            signs.put_nowait(message)

    async def on_answered(_message: discord.Message) -> None:
        signs.put_nowait(None)

    bot.add_listener(on_message)
    bot.add_listener(on_answered)
    async with SandboxClient(url) as client:
        for text in texts:
            await client.send(person, channel, text)
            if not await _print_answer(signs):
                sys.stderr.write(f"No answer within {SILENCE:.0f} s.\n")
                return 1
    return 0


async def _print_answer(signs: asyncio.Queue[discord.Message | None]) -> bool:
    """Print until the answer is whole; False after a silence, or when the answer was empty."""
    spoke = False
    try:
        while message := await asyncio.wait_for(signs.get(), SILENCE):
            sys.stdout.write(message.content + "\n")
            sys.stdout.flush()
            spoke = True
    except TimeoutError:
        return False
    return spoke
