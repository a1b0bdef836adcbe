"""The commands that every bot of this project has: /ping, /status, /asdf, /restart, /shutdown."""

from __future__ import annotations

from cogs.lifecycle._cog import Lifecycle
from patzta.framework.bot import Bot


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Lifecycle(bot))
