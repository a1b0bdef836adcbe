"""The commands of ``/job``."""

from __future__ import annotations

from cogs.jobs._cog import JobCommands
from cogs.jobs._list import Page
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.jobs.contract import JOBS

REQUIRES = (DATABASE, JOBS)


async def setup(bot: Bot) -> None:
    """See discord.py."""
    bot.add_dynamic_items(Page)
    await bot.add_cog(JobCommands(bot))
