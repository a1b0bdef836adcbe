"""Talking with people: when the double answers, what it sees, how it speaks."""

from __future__ import annotations

from cogs.communication._cog import Communication
from patzta.framework.bot import Bot
from patzta.inference.contract import GENERATE

REQUIRES = (GENERATE,)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Communication(bot))
