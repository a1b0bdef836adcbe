"""The bot's database, brought to the newest revision at start."""

from __future__ import annotations

from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.store.database import Database
from patzta.store.migrate import upgrade

_open: dict[commands.Bot, Database] = {}


async def setup(bot: Bot) -> None:
    """Provide DATABASE. Raises StoreError."""
    await upgrade(bot.settings.database)
    _open[bot] = Database(bot.settings.database)
    bot.services.provide(DATABASE, _open[bot])


async def teardown(bot: commands.Bot) -> None:
    """Close the connections."""
    database = _open.pop(bot, None)
    if database:  # else its set-up failed
        await database.close()
