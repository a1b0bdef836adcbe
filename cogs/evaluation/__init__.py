"""Looking how alike the double is: runs over test channels, blind votes, and what is measured on held-out chats."""

from __future__ import annotations

from cogs.evaluation._blind import BlindVotes, Vote
from cogs.evaluation._cog import Cancel, Evaluation
from cogs.evaluation._likeness import CancelMeasuring, Likeness
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.talking import TALK
from patzta.inference.contract import GENERATE

REQUIRES = (DATABASE, TALK, GENERATE)


async def setup(bot: Bot) -> None:
    """Add the cog and its buttons, which work on messages from before a restart, too."""
    await bot.add_cog(Evaluation(bot))
    await bot.add_cog(BlindVotes(bot))
    await bot.add_cog(Likeness(bot))
    bot.add_dynamic_items(Cancel, CancelMeasuring, Vote)
