"""The model that speaks: which there are, which one it is, how it is at the moment."""

from __future__ import annotations

from cogs.model._cog import Model
from patzta.framework.bot import Bot
from patzta.inference.contract import GENERATE

REQUIRES = (GENERATE,)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Model(bot))
