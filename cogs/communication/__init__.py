"""Talking with people: when the double answers, what it sees, how it speaks."""

from __future__ import annotations

from cogs.communication._cog import Communication
from cogs.communication._commands import TalkCommands
from cogs.communication._judgements import Consent, Judgements
from cogs.communication._menus import Menus
from cogs.communication._privacy import About, Privacy
from cogs.communication._talk import Talk
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.talking import TALK
from patzta.inference.contract import GENERATE

REQUIRES = (GENERATE, DATABASE)


async def setup(bot: Bot) -> None:
    """Add the cogs, and offer the double's eyes and voice to others."""
    talk = Talk(bot)
    bot.services.provide(TALK, talk)
    for cog in (Communication, TalkCommands, Judgements, About):
        await bot.add_cog(cog(bot, talk))
    for menu in Menus(bot, talk).commands():
        bot.tree.add_command(menu)
    bot.add_dynamic_items(Consent, Privacy)
