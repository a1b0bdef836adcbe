"""/model list, use, info."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.inference.contract import GENERATE, GenerateService, Status
from patzta.permissions import Level

CHOICES, LONGEST = 25, 1900
"""As many as Discord shows, and characters of a message."""


async def offered(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Names that hold what was typed."""
    bot = interaction.client
    assert isinstance(bot, Bot)
    names = [name for name in await bot.services.get(GENERATE).models() if current.casefold() in name.casefold()]
    return [app_commands.Choice(name=name[:100], value=name[:100]) for name in names[:CHOICES]]


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
        names, status = await self._service.models(), await self._service.status()
        lines = [f"**`{name}`** speaks" if is_loaded(name, status) else f"`{name}`" for name in names]
        await interaction.followup.send("\n".join(lines)[:LONGEST] or "There is no model yet.", ephemeral=True)

    @app_commands.command()
    @app_commands.describe(name="one of /model list")
    @app_commands.autocomplete(name=offered)
    @requires(Level.ADMIN)
    async def use(self, interaction: discord.Interaction, name: str) -> None:
        """Let another model speak, until the bot is shut down; then it is the config's again."""
        await interaction.response.defer(ephemeral=True)
        status = await self._service.use(name)
        text = f"`{name}` speaks from now on, the double of {status.double}. After a shutdown it is the config's again."
        await interaction.followup.send(text, ephemeral=True)

    @app_commands.command()
    @requires(Level.ADMIN)
    async def info(self, interaction: discord.Interaction) -> None:
        """Show how the model is at the moment."""
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(shown(await self._service.status())[:LONGEST], ephemeral=True)


def is_loaded(name: str, status: Status) -> bool:
    """Whether it is the one that speaks."""
    return status.model == name or status.model.endswith(f"/{name}")


def shown(status: Status) -> str:
    """A status to be read."""
    lines = [f"**{status.state}** `{status.model.rpartition('/')[2]}`"]
    if status.double:
        lines.append(f"the double of {status.double}, training `{status.adapter[:8]}`")
    if status.quantisation:  # of a server elsewhere nothing is known
        lines.append(f"weights {status.quantisation}, {status.memory / 2**30:.1f} GiB")
        lines.append(f"{status.speed:.0f} tokens a second lately")
    lines.append(f"{status.serving} being answered, {status.queued} waiting")
    return "\n".join([*lines, *([status.detail] if status.detail else [])])
