"""A real bot whose model repeats the marks (m1, m2…) in what it was last told: ``python -m tests.e2e.echo_bot``.

Its arguments are the sandbox's address, its gateway, the bot's token and a folder for the database.
"""

import asyncio
import random
import re
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import discord
import yarl

from patzta.chat.patience import Patience
from patzta.chat.transcript import EndOfMessage, Text
from patzta.framework.bot import Bot
from patzta.inference.contract import GENERATE, Piece, Request, Started, Status, Stop
from patzta.permissions import Level, Rules
from patzta.sandbox.world import FRIEND, OWNER
from patzta.settings import read_settings


class Echo:
    """Answers in two sub-messages, taking its time."""

    async def stream(self, request: Request) -> AsyncGenerator[Piece]:
        last: list[str] = []
        for message in reversed(request.conversation.messages):
            if message.author == request.double:
                break
            last += re.findall(r"\bm\d+\b", message.text)
        yield Started()
        await asyncio.sleep(random.random() * 0.2)
        yield Text(" ".join(["re", *last[::-1]]))
        yield EndOfMessage()
        await asyncio.sleep(random.random() * 0.1)
        yield Text("and so on")
        yield EndOfMessage()
        yield Stop("end")

    async def ready(self) -> Status:
        return await self.status()

    async def status(self) -> Status:
        return Status("ready", "echo", "Echo")

    async def models(self) -> list[str]:
        return ["echo"]

    async def use(self, name: str) -> Status:
        return await self.status()


async def main(url: str, gateway: str, token: str, folder: Path) -> None:
    discord.http.Route.BASE = f"{url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    config = folder / "bot.ini"
    config.write_text("[permissions]\n", encoding="utf-8")
    settings = read_settings(config, folder)
    talking = replace(
        settings.communication, patience=Patience(0.05, 2), greeting="", per_user=10_000, per_place=10_000
    )
    rules = Rules(Level.IGNORED, {int(OWNER): Level.OWNER, int(FRIEND): Level.VISIBLE})
    settings = replace(settings, communication=talking, rules=rules, extensions=("database",))
    async with Bot(settings, guild_wait=0.05) as bot:
        bot.services.provide(GENERATE, Echo())
        await bot.start(token)


if __name__ == "__main__":
    url, gateway, token, folder = sys.argv[1:]
    asyncio.run(main(url, gateway, token, Path(folder)))
