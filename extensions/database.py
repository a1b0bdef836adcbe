"""The bot's database, brought to the newest revision at start."""

from __future__ import annotations

from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.store.database import Database
from patzta.store.migrate import upgrade


async def setup(bot: Bot) -> None:
    """Provide DATABASE. Raises StoreError."""
    await upgrade(bot.settings.database)
    bot.services.provide(DATABASE, Database(bot.settings.database))


async def teardown(bot: commands.Bot) -> None:
    """Close the connections."""
    assert isinstance(bot, Bot)
    database = bot.services.get(DATABASE)
    bot.services.withdraw(DATABASE)
    await database.close()
