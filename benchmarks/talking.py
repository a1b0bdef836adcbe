"""What the bot itself adds to an answer: ``PYTHONPATH=. .venv/bin/python benchmarks/talking.py [--seconds N]``.

A real bot on a sandbox in another process, with a model that answers at once, in 1, 10 and 50 busy threads, without
waiting for the end of bursts. People write every two seconds in each thread: in 50 of them these are the 25 answers a
second, each a typing and a sending, that Discord permits to one bot. Measured are the time from the event of a message
to the request for its answer, and from a piece to the request that sends it, in milliseconds. Prints one JSON object on
its last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord

from benchmarks.chat import percentiles
from patzta.chat.patience import Patience
from patzta.chat.transcript import EndOfMessage, Text
from patzta.framework.bot import Bot
from patzta.framework.sandbox import sandbox_settings
from patzta.inference.contract import GENERATE, Piece, Request, Started, Status, Stop
from patzta.sandbox.client import SandboxClient
from patzta.sandbox.pointing import point_discord
from tests.sandbox.server import SandboxProcess

PLACES = (1, 10, 50)
CHANNEL = "patztabot22-direct"
EVERY_S = 2.0


class Instant:
    """Repeats what it was told, and notes when it was asked and when it answered."""

    def __init__(self) -> None:
        self.asked: dict[str, float] = {}
        self.answered: dict[str, float] = {}

    async def stream(self, request: Request) -> AsyncGenerator[Piece]:
        """The text of the last message."""
        text = request.conversation.messages[-1].text
        self.asked[text] = time.perf_counter()
        yield Started()
        yield Text(f"re {text}")
        self.answered[text] = time.perf_counter()
        yield EndOfMessage()
        yield Stop("end")

    async def ready(self) -> Status:
        """At once."""
        return await self.status()

    async def status(self) -> Status:
        """Always ready."""
        return Status("ready", "instant", "Instant")

    async def models(self) -> list[str]:
        """The only one."""
        return ["instant"]

    async def use(self, name: str) -> Status:  # noqa: ARG002  the contract's name
        """Nothing changes."""
        return await self.status()


class Watch:
    """Notes when messages come and when answers are sent."""

    def __init__(self, bot: Bot) -> None:
        self.came: dict[str, float] = {}
        self.sent: dict[str, float] = {}
        parse = bot._connection.parsers["MESSAGE_CREATE"]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

        def parsed(data: Any) -> None:
            self.came[data["content"]] = time.perf_counter()
            parse(data)

        bot._connection.parsers["MESSAGE_CREATE"] = parsed  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
        send = discord.Thread.send

        async def sending(place: discord.Thread, content: str, **options: Any) -> discord.Message:
            self.sent[content.removeprefix("re ")] = time.perf_counter()
            return await send(place, content, **options)

        discord.Thread.send = sending  # pyright: ignore[reportAttributeAccessIssue]

    async def until_said(self, texts: list[str]) -> None:
        """Wait for the answers to these messages."""
        while not all(f"re {text}" in self.came for text in texts):
            await asyncio.sleep(0.05)


async def chat(client: SandboxClient, place: str, number: int, seconds: float) -> list[str]:
    """Write in one place every two seconds, beginning at any moment of them."""
    texts: list[str] = []
    await asyncio.sleep(random.uniform(0, EVERY_S))
    for message in range(round(seconds / EVERY_S)):
        texts.append(f"{number} {message}")
        await asyncio.gather(client.send("vilem", place, texts[-1]), asyncio.sleep(EVERY_S))
    return texts


async def busy(
    client: SandboxClient, watch: Watch, model: Instant, threads: list[str], seconds: float
) -> dict[str, Any]:
    """The figures while people write in these threads."""
    chats = [chat(client, thread, len(threads) * 1000 + n, seconds) for n, thread in enumerate(threads)]
    texts = [text for said in await asyncio.gather(*chats) for text in said]
    await watch.until_said(texts)
    return {
        "message_to_request_ms": percentiles([(model.asked[text] - watch.came[text]) * 1000 for text in texts]),
        "piece_to_sending_ms": percentiles([(watch.sent[text] - model.answered[text]) * 1000 for text in texts]),
    }


async def measure(seconds: float) -> dict[str, Any]:
    """The figures for each number of places."""
    model = Instant()
    with tempfile.TemporaryDirectory() as folder:
        settings = sandbox_settings(Path(folder))
        talking = replace(
            settings.communication, patience=Patience(0, 15), greeting="", per_user=10**6, per_place=10**6
        )
        settings = replace(settings, communication=talking, extensions=("database",))
        async with SandboxProcess() as server, Bot(settings, guild_wait=0.2) as bot, server.client() as client:
            point_discord(server.url, server.gateway)
            bot.services.provide(GENERATE, model)
            connection = asyncio.create_task(bot.start(server.bots[settings.name]["token"]))
            await bot.wait_until_ready()
            watch = Watch(bot)
            threads = [(await client.create_thread("vilem", CHANNEL, f"t{n}"))["id"] for n in range(max(PLACES))]
            figures = {str(n): await busy(client, watch, model, threads[:n], seconds) for n in PLACES}
            await bot.close()
            await connection
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60, help="for each number of places")
    print(json.dumps({"busy_places": asyncio.run(measure(parser.parse_args().seconds))}))
