"""The cog: answers, reloads the others, ends the bot."""

from __future__ import annotations

import logging
import time

import discord
from discord import app_commands
from discord.ext import commands

from cogs.lifecycle import _report
from patzta.errors import PatztaError
from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.framework.reloading import reload_cogs
from patzta.inference.contract import GENERATE, Status
from patzta.permissions import Level

log = logging.getLogger("patzta.lifecycle")


class Lifecycle(commands.Cog):
    """Starting over, ending, and looking how it goes."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @app_commands.command()
    @requires(Level.VISIBLE)
    async def ping(self, interaction: discord.Interaction) -> None:
        """See whether the bot listens."""
        await interaction.response.send_message("Pong.")

    @app_commands.command()
    @requires(Level.VISIBLE)
    async def status(self, interaction: discord.Interaction) -> None:
        """See what the bot is doing."""
        text = _report.status(await self._model(), self._bot.places.busy(), time.time() - self._bot.started)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command()
    @requires(Level.ADMIN)
    async def asdf(self, interaction: discord.Interaction) -> None:
        """See the bot's insides."""
        await interaction.response.send_message(_report.insides(self._bot, await self._model()), ephemeral=True)

    async def _model(self) -> Status | None:
        """None where there is no model."""
        if not self._bot.services.has(GENERATE):
            return None
        try:
            return await self._bot.services.get(GENERATE).status()
        except PatztaError as error:
            return Status("failed", detail=str(error))

    @app_commands.command()
    @app_commands.describe(process="start the whole program anew; the model stays loaded")
    @requires(Level.ADMIN)
    async def restart(self, interaction: discord.Interaction, process: bool = False) -> None:
        """Load the cogs anew, with what changed in their source."""
        if process:
            said = await interaction.response.send_message("Starting anew…", ephemeral=True)
            answer = {"application": interaction.application_id, "token": interaction.token, "message": said.message_id}
            await self._bot.start_anew(restart=answer | {"at": time.time()})
            return
        await interaction.response.defer(ephemeral=True)
        lines = _report.restarted(await reload_cogs(self._bot))
        await interaction.followup.send(_report.fitting(lines), ephemeral=True)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Tell who asked for a new process that it is there."""
        if asked := self._bot.received.pop("restart", None):
            text = _report.back(time.time() - asked["at"], await self._model())
            answer = discord.Webhook.partial(asked["application"], asked["token"], client=self._bot)
            try:
                await answer.edit_message(asked["message"], content=text)
            except discord.HTTPException as error:
                log.warning("who asked for the restart cannot be told: %s", error)

    @app_commands.command()
    @requires(Level.ADMIN)
    async def shutdown(self, interaction: discord.Interaction) -> None:
        """End the bot."""
        await interaction.response.send_message("Bye.", ephemeral=True)
        await self._bot.close()
