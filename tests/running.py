"""A bot of this project on a sandbox, in the process of the tests: real discord.py over HTTP and websocket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import discord

from patzta.chat.patience import Patience
from patzta.framework.bot import Bot
from patzta.permissions import Level, Rules
from patzta.sandbox.client import SandboxClient
from patzta.sandbox.pointing import pointed
from patzta.sandbox.world import FRIEND, OWNER
from patzta.services import ServiceKey
from patzta.settings import Settings, read_settings
from tests.sandbox.server import SandboxProcess

DIRECT = "patztabot22-direct"


async def eventually(condition: Callable[[], object], within: float = 30) -> None:
    """Wait for something that no event tells of."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)


@dataclass
class Talk:
    """A running bot and the people around it. ``answered`` holds the ids of the messages that it dealt with."""

    bot: Bot
    people: SandboxClient
    answered: set[int] = field(default_factory=set)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def note(self, message: discord.Message) -> None:
        async with self._changed:
            self.answered.add(message.id)
            self._changed.notify_all()

    async def until_answered(self, message: dict[str, Any], within: float = 30) -> None:
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: int(message["id"]) in self.answered)

    async def ask(self, person: str, channel: str, text: str) -> list[dict[str, Any]]:
        """Write, wait for the whole answer, return the bot's messages since."""
        sent = await self.people.send(person, channel, text)
        await self.until_answered(sent)
        return await self.said(person, channel, sent)

    async def said(self, person: str, channel: str, after: dict[str, Any]) -> list[dict[str, Any]]:
        history = await self.people.messages(person, channel, after=after["id"])
        return [message for message in history if message["author"].get("bot")]


@contextlib.asynccontextmanager
async def talking(
    sandbox: SandboxProcess,
    folder: Path,
    config: str,
    services: Mapping[ServiceKey[Any], object] = MappingProxyType({}),
    **settings: Any,
) -> AsyncIterator[Talk]:
    """Log the bot in and out. ``config`` is added to one in which the sandbox's owner owns it.

    ``services`` stand in for what extensions would provide.
    """
    file = folder / "bot.ini"
    file.write_text(config or "[permissions]\n", encoding="utf-8")
    wanted = read_settings(file, folder)
    if "[communication]" not in config:
        # Most tests are not about waiting, nor about the first contact, nor about answers an hour: they share a bot.
        quick = replace(
            wanted.communication, patience=Patience(0, 15), greeting="", per_user=100_000, per_place=100_000
        )
        wanted = replace(wanted, communication=quick)
    rules = Rules(Level.IGNORED, {int(OWNER): Level.OWNER, int(FRIEND): Level.VISIBLE})
    async with connected(sandbox, replace(wanted, rules=rules, **settings), services) as talk:
        yield talk


@contextlib.asynccontextmanager
async def connected(
    sandbox: SandboxProcess, settings: Settings, services: Mapping[ServiceKey[Any], object] = MappingProxyType({})
) -> AsyncIterator[Talk]:
    """Log a bot with these settings in and out."""
    # A bot of other tests may run on another sandbox, and goes on to ask there.
    with pointed(sandbox.url, sandbox.gateway):
        async with Bot(settings, guild_wait=0.1) as bot:
            for key, service in services.items():
                bot.services.provide(key, service)
            connection = asyncio.create_task(bot.start(sandbox.token(next(iter(sandbox.bots)))))
            ready = asyncio.create_task(bot.wait_until_ready())
            await asyncio.wait([connection, ready], return_when=asyncio.FIRST_COMPLETED, timeout=30)
            if connection.done():
                await connection
            async with sandbox.client() as people:
                talk = Talk(bot, people)
                bot.add_listener(talk.note, "on_answered")
                yield talk
            await bot.close()
            await connection
