"""What a reload costs and loses, beside stock discord.py; the gate; a new process with and without its model kept.

``.venv/bin/python benchmarks/reload.py [--rounds N]`` prints the figures as one JSON object on its last line; times in
milliseconds where nothing else is said. The last part runs ``bin/patztabot --sandbox`` with the demo double.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

import discord
from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, Gate
from patzta.framework.scope import record_tasks
from patzta.permissions import Level, Rules, authorize
from patzta.sandbox.client import SandboxClient
from patzta.services import Services
from patzta.settings import ROOT, read_settings
from patzta.store import grants
from patzta.store.database import Database
from patzta.store.migrate import upgrade

RATE = 200
"""Events a second while cogs are reloaded."""
CHANNEL = "patztabot22-direct"

COG = """
    import asyncio
    from discord import app_commands
    from discord.ext import commands

    class {name}(commands.Cog):
        def __init__(self, seen):
            self.seen = seen
        async def cog_load(self):
            await asyncio.sleep(0.005)  # a file, a connection: most cogs open something
        @commands.Cog.listener()
        async def on_thing(self, number):
            self.seen.append(number)
        @app_commands.command()
        async def {name_lower}(self, interaction): "Do it."

    async def setup(bot):
        await bot.add_cog({name}(bot.seen["{name}"]))
"""
COGS = ("First", "Second", "Third")


@contextmanager
def cogs_on_disk() -> Generator[list[str]]:
    """Three small cogs in a folder on ``sys.path``."""
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        for name in COGS:
            text = COG.format(name=name, name_lower=name.lower())
            (Path(folder) / f"bench_{name.lower()}.py").write_text(textwrap.dedent(text))
        try:
            yield [f"bench_{name.lower()}" for name in COGS]
        finally:
            sys.path.remove(folder)


def stock_bot() -> commands.Bot:
    """A bot as its library makes it."""
    return commands.Bot("!", intents=discord.Intents.none())


def own_bot() -> commands.Bot:
    """A bot of this project without plugins."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bot.ini"
        config.write_text("[permissions]\n[plugins]\nextensions =\ncogs =\n")
        bot = Bot(read_settings(config, Path(folder)))
    bot.sync.debounce = 3600  # there is no Discord to tell
    return bot


async def reloading(bot: Any, rounds: int) -> dict[str, Any]:
    """Reload all cogs ``rounds`` times under events; times of a whole round, and how many events each cog missed."""
    await bot._async_setup_hook()  # noqa: SLF001  what ``start`` would do first
    bot.seen = {name: list[int]() for name in COGS}
    record_tasks(asyncio.get_running_loop())
    times: list[float] = []
    with cogs_on_disk() as names:
        for name in names:
            await bot.load_extension(name)
        stop = asyncio.Event()
        load = asyncio.create_task(events(bot, stop))
        for _ in range(rounds):
            start = time.perf_counter()
            for name in names:
                await bot.reload_extension(name)
            times.append((time.perf_counter() - start) * 1000)
        stop.set()
        sent = await load
        await asyncio.sleep(0.1)
        for name in names:
            await bot.unload_extension(name)
    heard = [len(seen) for seen in bot.seen.values()]
    return {**percentiles(times), "events": sent, "lost": sum(sent - count for count in heard)}


async def events(bot: commands.Bot, stop: asyncio.Event) -> int:
    """Dispatch at the rate until told to stop; how many."""
    start, number = time.perf_counter(), 0
    while not stop.is_set():
        while number < (time.perf_counter() - start) * RATE:
            bot.dispatch("thing", number)
            number += 1
        await asyncio.sleep(1 / RATE)
    return number


def percentiles(values: list[float]) -> dict[str, float]:
    """p50 and p99."""
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 2), "p99": round(ordered[int(0.99 * (len(ordered) - 1))], 2)}


async def nobody(_user: int) -> list[Any]:
    """No memberships."""
    return []


async def deciding(count: int = 2000) -> dict[str, float]:
    """Decisions a second: by the pure function, and with the grant read from SQLite."""
    rules = Rules(Level.IGNORED, {1: Level.OWNER})
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/x.db"
        await upgrade(url)
        database, services = Database(url), Services()
        services.provide(DATABASE, database)
        async with database.write() as session:
            await grants.save(session, 2, Level.MOD, by=1)
        gate = Gate(rules, services, nobody)
        start = time.perf_counter()
        for _ in range(count):
            await gate.decide(2, Level.MOD)
        whole = count / (time.perf_counter() - start)
        await database.close()
    start = time.perf_counter()
    for _ in range(count):
        authorize(2, Level.MOD, rules, Level.MOD)
    return {"with_store": round(whole), "pure": round(count / (time.perf_counter() - start))}


@asynccontextmanager
async def program() -> AsyncGenerator[tuple[str, float]]:
    """The program with its sandbox; the page's address and the seconds at which it was started."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "patzta.framework", "--sandbox", "--port", "0"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    url = ""
    while "Open http" not in (line := await asyncio.to_thread(process.stderr.readline)):
        url = found[0] if (found := re.search(r"http://\S+", line)) else url
    reader = asyncio.create_task(asyncio.to_thread(process.stderr.read))
    try:
        yield url, start
    finally:
        process.terminate()
        await reader
        process.wait()


async def restarting(rounds: int) -> dict[str, float]:
    """Seconds from the command to the first answer: a first start, and /restart process:true."""
    again: list[float] = []
    async with program() as (url, start), SandboxClient(url) as people:
        await answered(people)
        first = time.perf_counter() - start
        for _ in range(rounds):
            asked, mark = time.perf_counter(), people.mark()
            await people.command("vilem", CHANNEL, "restart", {"process": True})
            await people.wait_for_message(contains="Back after", since=mark, timeout=60)
            await answered(people)
            again.append(time.perf_counter() - asked)
    kept = statistics.median(again)
    return {"first_start_s": round(first, 2), "again_s": round(kept, 2), "ratio": round(first / kept, 1)}


async def answered(people: SandboxClient) -> None:
    """Write, and wait for the first sub-message."""
    mark = people.mark()
    await people.send("vilem", CHANNEL, "ahoj")
    await people.wait_for_message(channel=CHANNEL, author="patztabot22", since=mark, timeout=120)


async def main(rounds: int) -> None:
    """Measure all and print."""
    stock, own = await reloading(stock_bot(), rounds), await reloading(own_bot(), rounds)
    figures = {
        "reload_stock": stock,
        "reload_own": own,
        "ratio_p50": round(cast("float", own["p50"]) / cast("float", stock["p50"]), 2),
        "decisions_per_s": await deciding(),
        "process": await restarting(5),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    asyncio.run(main(parser.parse_args().rounds))
