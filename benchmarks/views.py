"""What views cost the bot: ``PYTHONPATH=. .venv/bin/python benchmarks/views.py [--seconds N]``.

A real shellbot on a sandbox in another process: 50 jobs that write 20 lines a second each, 20 of them in views in four
channels. Measured are how late the bot's event loop is, and how long it takes from typing to the message that shows the
echo, in milliseconds. Prints one JSON object on its last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

from benchmarks.chat import percentiles
from patzta.framework.bot import Bot
from patzta.framework.sandbox import sandbox_settings
from patzta.framework.viewing import VIEWS
from patzta.jobs.contract import JOBS, Order
from patzta.sandbox.client import SandboxClient
from patzta.sandbox.pointing import point_discord
from patzta.sandbox.world import OWNER
from patzta.settings import SHELLBOT
from tests.sandbox.server import SandboxProcess

BUSY, SHOWN = 50, 20
CHANNELS = ("general", "random", "direct", "patztabot22-direct")
WORK = "i=0; while :; do i=$((i+1)); echo line $i of something that goes on and on; sleep 0.05; done"


async def main(seconds: float) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = sandbox_settings(Path(folder), SHELLBOT)
        async with SandboxProcess("--bot", "shellbot:a-token-of-the-sandbox") as sandbox:
            point_discord(sandbox.url, sandbox.gateway)
            async with Bot(settings, guild_wait=0.1) as bot:
                connection = asyncio.create_task(bot.start(sandbox.token("shellbot")))
                await bot.wait_until_ready()
                async with sandbox.client() as people:
                    found = await measured(bot, people, seconds)
                await bot.close()
                await connection
    print(json.dumps(found))


async def measured(bot: Bot, people: SandboxClient, seconds: float) -> dict[str, object]:
    """Lag of the loop at rest and at work, and from output to message."""
    rest = await lag(seconds / 3)
    jobs, views = bot.services.get(JOBS), bot.services.get(VIEWS)
    started = [await jobs.run(Order(WORK, shell=True), "benchmark") for _ in range(BUSY)]
    places = [int((await people.channel(name))["id"]) for name in CHANNELS]
    for number, job in enumerate(started[:SHOWN]):
        await views.open(job.id, places[number % len(places)], int(OWNER))
    work = await lag(seconds)
    for job in started:
        await jobs.kill(job.id, "benchmark", now=True)
    for job in started:
        while not (await jobs.get(job.id)).status.final:
            await asyncio.sleep(0.05)
    # Each of the 20 views still shows how its job ended.
    await asyncio.sleep(10)
    return {
        "loop lag at rest": percentiles(rest),
        "loop lag with 50 busy jobs and 20 views": percentiles(work),
        "output to message": percentiles(await shown(bot, people)),
    }


async def lag(seconds: float) -> list[float]:
    """How much later than asked the loop wakes up, in milliseconds."""
    late, end = list[float](), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        await asyncio.sleep(0.01)
        late.append(1000 * (time.perf_counter() - begin - 0.01))
    return late


async def shown(bot: Bot, people: SandboxClient) -> list[float]:
    """One view alone: milliseconds from typing to the event that shows the echo."""
    jobs, views = bot.services.get(JOBS), bot.services.get(VIEWS)
    channel = int((await people.channel("general"))["id"])
    job = await jobs.run(Order("cat"), "benchmark")
    await views.open(job.id, channel, int(OWNER))
    took: list[float] = []
    for turn in range(20):
        # Between two edits a channel rests.
        await asyncio.sleep(1.5)
        since = people.mark()
        begin = time.perf_counter()
        await jobs.write(job.id, f"turn {turn:02d}\n".encode(), "benchmark")
        bot.dispatch("job_touched", job.id)
        await people.wait_for(
            lambda event, turn=turn: event["type"] == "MESSAGE_UPDATE" and f"turn {turn:02d}" in json.dumps(event),
            since=since,
        )
        took.append(1000 * (time.perf_counter() - begin))
    await jobs.kill(job.id, "benchmark", now=True)
    return took


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30)
    asyncio.run(main(parser.parse_args().seconds))
