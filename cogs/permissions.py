"""Levels of users: /permissions get."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.permissions import Level


class Permissions(commands.GroupCog, name="permissions"):
    """Who may do what."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        super().__init__()

    @app_commands.command()
    @app_commands.describe(user="whose level to show")
    @requires(Level.VISIBLE)
    async def get(self, interaction: discord.Interaction, user: discord.User) -> None:
        """Show the level of a user: your own, or anyone's from mod on."""
        asking = await self._bot.gate.decide(interaction.user.id, Level.MOD)
        if user != interaction.user and not asking.allowed:
            text = f"Others' levels are shown from the level mod on; yours is {asking.level.title}."
        else:
            decision = await self._bot.gate.decide(user.id, Level.VISIBLE)
            text = f"{user.mention} is **{decision.level.title}** ({decision.reason})."
        await interaction.response.send_message(text, ephemeral=True)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Permissions(bot))
