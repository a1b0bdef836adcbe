"""Terminals of jobs, live in messages."""

from __future__ import annotations

from cogs.views._buttons import Confirm, Press
from cogs.views._cog import Views
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.jobs.contract import JOBS

REQUIRES = (DATABASE, JOBS)


async def setup(bot: Bot) -> None:
    """Add the cog and its buttons, which work on messages from before a restart, too."""
    bot.add_dynamic_items(Press, Confirm)
    await bot.add_cog(Views(bot))
