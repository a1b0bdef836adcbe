"""Levels of users: looking them up, changing them, and meeting strangers."""

from __future__ import annotations

from cogs.permissions._cog import Permissions
from cogs.permissions._strangers import Strangers, Verdict
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE

REQUIRES = (DATABASE,)


async def setup(bot: Bot) -> None:
    """Add the cogs and the buttons, which work on messages from before a restart, too."""
    await bot.add_cog(Permissions(bot))
    await bot.add_cog(Strangers(bot))
    bot.add_dynamic_items(Verdict)
