"""How long people wait, and what the bot costs: ``.venv/bin/python benchmarks/chat.py [--messages N]``.

Runs ``bin/patztabot --sandbox`` as a user does and writes to the double as the owner. Prints the figures as one JSON
object on its last line; times in milliseconds, p50 and p99 over the messages.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psutil

from patzta.framework.bot import Bot
from patzta.framework.sandbox import OWNER, running_sandbox, sandbox_settings
from patzta.inference.contract import GENERATE
from patzta.sandbox.client import SandboxClient
from patzta.sandbox.pointing import point_discord
from patzta.settings import DATA, ROOT

QUESTIONS = ("ahoj", "co dnes děláš?", "jak bylo o víkendu?", "hi, what are you up to?", "co posloucháš?")


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p99 and the maximum, rounded."""
    ordered = sorted(values)
    at = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return {
        "p50": round(statistics.median(ordered), 2),
        "p99": round(at, 2),
        "max": round(ordered[-1], 2),
        "n": len(ordered),
    }


async def first_answer() -> float:
    """Seconds from the command in a checkout that has its packages but no double yet, to the first sub-message."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "PATZTA_DATA": data}
        start = time.perf_counter()
        command = [str(ROOT / "bin" / "patztabot"), "--sandbox", "--port", "0", "--say", "ahoj"]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
        assert process.stdout
        await process.stdout.readline()
        took = time.perf_counter() - start
        if await process.wait():
            sys.exit("the double did not answer")
        return took


@contextlib.asynccontextmanager
async def chatting() -> AsyncGenerator[tuple[Bot, SandboxClient]]:
    """A bot with the demo double on a sandbox, in this process, its model loaded."""
    async with running_sandbox("patztabot22", 0) as server:
        point_discord(server.url, server.gateway)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "models").mkdir()
            (Path(folder) / "models" / "demo").symlink_to(DATA / "models" / "demo")
            async with Bot(sandbox_settings(Path(folder)), guild_wait=0.2) as bot:
                connection = asyncio.create_task(bot.start(server.token))
                await bot.wait_until_ready()
                await bot.services.get(GENERATE).ready()
                async with SandboxClient(server.url) as client:
                    yield bot, client
                await bot.close()
                await connection


async def waits(client: SandboxClient, bot: Bot, count: int) -> dict[str, Any]:
    """Message sent to typing shown, to first sub-message and to the end of the answer."""
    done: asyncio.Queue[float] = asyncio.Queue()

    async def on_answered(_message: object) -> None:
        done.put_nowait(time.perf_counter())

    bot.add_listener(on_answered)
    typing: list[float] = []
    first: list[float] = []
    whole: list[float] = []
    for number in range(count):
        mark, start = client.mark(), time.perf_counter()
        await client.send(OWNER, "patztabot22-direct", QUESTIONS[number % len(QUESTIONS)])
        await client.wait_for(lambda event: event["type"] == "TYPING_START", 30, since=mark)
        typing.append((time.perf_counter() - start) * 1000)
        await client.wait_for_message(author="patztabot22", timeout=30, since=mark)
        first.append((time.perf_counter() - start) * 1000)
        whole.append((await done.get() - start) * 1000)
    return {
        "sent_to_typing_ms": percentiles(typing),
        "sent_to_first_message_ms": percentiles(first),
        "sent_to_whole_answer_ms": percentiles(whole),
    }


async def lag(until: asyncio.Event, every: float = 0.005) -> list[float]:
    """How late the event loop wakes, in milliseconds, until told to stop."""
    late: list[float] = []
    while not until.is_set():
        start = time.perf_counter()
        await asyncio.sleep(every)
        late.append((time.perf_counter() - start - every) * 1000)
    return late


async def lag_idle_and_busy(client: SandboxClient, bot: Bot, count: int) -> dict[str, Any]:
    """Idle first, for as long as the busy part takes about; then while the double answers."""
    stop = asyncio.Event()
    idle = asyncio.create_task(lag(stop))
    await asyncio.sleep(10)
    stop.set()
    stop = asyncio.Event()
    busy = asyncio.create_task(lag(stop))
    await waits(client, bot, count)
    stop.set()
    quiet, loaded = percentiles(await idle), percentiles(await busy)
    return {"idle": quiet, "generating": loaded, "p99_difference": round(loaded["p99"] - quiet["p99"], 2)}


async def main(count: int) -> None:
    figures: dict[str, Any] = {"first_answer_s": round(await first_answer(), 1)}
    async with chatting() as (bot, client):
        figures |= await waits(client, bot, count)
        figures["bot_memory_mib"] = round(psutil.Process().memory_info().rss / 2**20)
        figures["loop_lag_ms"] = await lag_idle_and_busy(client, bot, count)
    figures["cores"] = os.cpu_count()
    for key, value in figures.items():
        print(f"{key:28} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=50)
    asyncio.run(main(parser.parse_args().messages))
