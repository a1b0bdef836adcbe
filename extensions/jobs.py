"""Jobs, which live in processes of their own: offered to the cogs, and watched."""

from __future__ import annotations

import asyncio

from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.jobs.contract import JOBS
from patzta.jobs.engines import engines
from patzta.jobs.service import Jobs

REQUIRES = (DATABASE,)

_watching: dict[commands.Bot, asyncio.Task[None]] = {}


async def setup(bot: Bot) -> None:
    """Provide JOBS. Raises StoreUnavailable."""
    jobs = Jobs(bot.services.get(DATABASE), bot.settings.jobs, engines())
    _watching[bot] = asyncio.create_task(jobs.keep_watch(), name="watching the jobs")
    bot.services.provide(JOBS, jobs)


async def teardown(bot: commands.Bot) -> None:
    """Watch no more; the jobs go on."""
    if task := _watching.pop(bot, None):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
