"""Starting over and ending: /ping, /restart, /shutdown."""

from __future__ import annotations

import time

import discord
from discord import app_commands
from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.permissions import Level


class Lifecycle(commands.Cog):
    """The commands that every bot of this project has."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @app_commands.command()
    @requires(Level.VISIBLE)
    async def ping(self, interaction: discord.Interaction) -> None:
        """See whether the bot listens."""
        await interaction.response.send_message("Pong.")

    @app_commands.command()
    @requires(Level.ADMIN)
    async def restart(self, interaction: discord.Interaction) -> None:
        """Load the cogs anew, with what changed in their source."""
        await interaction.response.defer(ephemeral=True)
        start = time.perf_counter()
        lines = [await self._reload(name) for name in list(self._bot.extensions) if name.startswith("cogs.")]
        took = (time.perf_counter() - start) * 1000
        await interaction.followup.send("\n".join([*lines, f"in {took:.0f} ms"]), ephemeral=True)

    async def _reload(self, name: str) -> str:
        try:
            await self._bot.reload_extension(name)
        except commands.ExtensionError as error:
            return f"❌ {name} keeps its old code: {error.__cause__ or error}"
        return f"✅ {name}"

    @app_commands.command()
    @requires(Level.ADMIN)
    async def shutdown(self, interaction: discord.Interaction) -> None:
        """End the bot."""
        await interaction.response.send_message("Bye.", ephemeral=True)
        await self._bot.close()


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Lifecycle(bot))
