"""/model list, use, info."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.inference import InferenceError
from patzta.inference.contract import GENERATE, GenerateService, Status
from patzta.permissions import Level

CHOICES = 25
"""As many as Discord shows."""


class Model(commands.GroupCog, name="model"):
    """Which double speaks."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        super().__init__()

    @property
    def _service(self) -> GenerateService:
        return self._bot.services.get(GENERATE)

    @app_commands.command(name="list")
    @requires(Level.ADMIN)
    async def list_(self, interaction: discord.Interaction) -> None:
        """Show which models there are."""
        await interaction.response.defer(ephemeral=True)
        try:
            names, status = await self._service.models(), await self._service.status()
        except InferenceError as error:
            await interaction.followup.send(f"\N{WARNING SIGN} {error}", ephemeral=True)
            return
        lines = [f"{'**' if is_loaded(name, status) else ''}`{name}`{'** speaks' if is_loaded(name, status) else ''}" for name in names]
        await interaction.followup.send("\n".join(lines)[:1900] or "There is no model yet.", ephemeral=True)

    @app_commands.command()
    @app_commands.describe(name="one of /model list")
    @requires(Level.ADMIN)
    async def use(self, interaction: discord.Interaction, name: str) -> None:
        """Let another model speak from now on, until the bot is told otherwise or its worker ends."""
        await interaction.response.defer(ephemeral=True)
        try:
            status = await self._service.use(name)
        except InferenceError as error:
            text = f"\N{WARNING SIGN} {error}"
        else:
            text = f"Now it is `{name}`, the double of {status.double}. The config still names the one of the next start."
        await interaction.followup.send(text, ephemeral=True)

    @use.autocomplete("name")
    @requires(Level.ADMIN)
    async def _names(self, _interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = [name for name in await self._service.models() if current.casefold() in name.casefold()]
        return [app_commands.Choice(name=name[:100], value=name[:100]) for name in names[:CHOICES]]

    @app_commands.command()
    @requires(Level.ADMIN)
    async def info(self, interaction: discord.Interaction) -> None:
        """Show how the model is at the moment."""
        await interaction.response.defer(ephemeral=True)
        try:
            text = shown(await self._service.status())
        except InferenceError as error:
            text = f"\N{WARNING SIGN} {error}"
        await interaction.followup.send(text[:1900], ephemeral=True)


def is_loaded(name: str, status: Status) -> bool:
    """Whether it is the one that speaks."""
    return status.model.rpartition("/")[2] == name


def shown(status: Status) -> str:
    """A status to be read."""
    lines = [f"**{status.state}** `{status.model.rpartition('/')[2]}`"]
    if status.double:
        lines.append(f"the double of {status.double}, training `{status.adapter[:8]}`, weights {status.quantisation}")
        lines.append(f"{status.memory / 2**30:.1f} GiB, {status.speed:.0f} tokens a second lately")
    lines.append(f"{status.serving} being answered, {status.queued} waiting")
    return "\n".join([*lines, *([status.detail] if status.detail else [])])
