"""The commands: /permissions get, set, explain, history, list."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from cogs.permissions import _texts
from patzta.framework import ChangeRefused
from patzta.framework.bot import Bot
from patzta.framework.changes import Origin, change_level
from patzta.framework.gate import DATABASE, needed_level, requires
from patzta.permissions import Level, why_not
from patzta.store import grants

DEFAULT = "default"
"""In the place of a level: no grant."""
SHOWN = 20
"""Changes in /permissions history."""

Choices = list[app_commands.Choice[str]]


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
        text = await self._refused(interaction, user)
        if not text:
            text = _texts.level_of(user.mention, await self._bot.gate.decide(user.id, Level.VISIBLE))
        await interaction.response.send_message(text, ephemeral=True)

    async def _refused(self, interaction: discord.Interaction, user: discord.abc.User) -> str:
        """Why the level of ``user`` is not shown; empty when it is."""
        asking = await self._bot.gate.decide(interaction.user.id, Level.MOD)
        if user.id == interaction.user.id or asking.allowed:
            return ""
        await self._bot.gate.note_denial(interaction.user.id, "permissions get")
        return f"Others' levels are shown from the level mod on; yours is {asking.level.title}."

    @app_commands.command(name="set")
    @app_commands.describe(user="whose level to change", level="a name or number; 'default' takes a grant away")
    @requires(Level.MOD)
    async def set_level(self, interaction: discord.Interaction, user: discord.User, level: str) -> None:
        """Change the level of somebody below you, to a level below your own."""
        after = None if level.strip().lower() == DEFAULT else Level.named(level)
        if after is None and level.strip().lower() != DEFAULT:
            names = ", ".join(f"{int(known)} ({known.title})" for known in Level if known is not Level.OWNER)
            text = f"'{level[:50]}' is no level; there are {names}, and {DEFAULT}."
        else:
            text = await self._change(interaction, user, after)
        mentions = discord.AllowedMentions.none()
        await interaction.response.send_message(text, ephemeral=True, allowed_mentions=mentions)

    async def _change(self, interaction: discord.Interaction, user: discord.abc.User, after: Level | None) -> str:
        gate, database = self._bot.gate, self._bot.services.get(DATABASE)
        before = (await gate.decide(user.id, Level.VISIBLE)).level
        origin = Origin("command", interaction.guild_id, interaction.channel_id, interaction.id)
        try:
            now = await change_level(database, gate, interaction.user.id, user.id, after, origin)
        except ChangeRefused as error:
            await gate.note_denial(interaction.user.id, "permissions set")
            return str(error)
        return _texts.changed(user.mention, before, now, after)

    @set_level.autocomplete("level")
    async def _levels(self, interaction: discord.Interaction, typed: str) -> Choices:
        """What this actor may set for this user."""
        gate, user = self._bot.gate, interaction.namespace.user
        actor = (await gate.decide(interaction.user.id, Level.MOD)).level
        before = (await gate.decide(user.id, Level.VISIBLE)).level if user else Level.IGNORED
        allowed = [level.title for level in Level if why_not(actor, before, level) is None]
        if why_not(actor, before, Level.IGNORED) is None:
            allowed.append(DEFAULT)
        return [app_commands.Choice(name=name, value=name) for name in allowed if typed.lower() in name]

    @app_commands.command()
    @app_commands.describe(user="whose level to explain", command="a command that they may or may not use")
    @requires(Level.VISIBLE)
    async def explain(self, interaction: discord.Interaction, user: discord.User, command: str = "") -> None:
        """Show every rule that leads to a user's level, and whether they may use a command."""
        found = self._command(command)
        if command and found is None:
            text = f"There is no command /{command[:50]}."
        elif not (text := await self._refused(interaction, user)):
            needed = needed_level(found) if found else None
            decision = await self._bot.gate.explain(user.id, Level.VISIBLE if needed is None else needed)
            text = _texts.explanation(user.mention, decision, command.strip("/ "), needed)
        await interaction.response.send_message(text, ephemeral=True)

    def _command(self, name: str) -> object | None:
        return next((found for found in self._all_commands() if found.qualified_name == name.strip("/ ")), None)

    def _all_commands(self) -> list[app_commands.Command[commands.Cog, ..., object]]:
        return [found for found in self._bot.tree.walk_commands() if isinstance(found, app_commands.Command)]

    @explain.autocomplete("command")
    async def _commands(self, _interaction: discord.Interaction, typed: str) -> Choices:
        names = sorted(found.qualified_name for found in self._all_commands())
        return [app_commands.Choice(name=name, value=name) for name in names if typed.lower() in name][:25]

    @app_commands.command()
    @app_commands.describe(user="only changes of this user's level")
    @requires(Level.ADMIN)
    async def history(self, interaction: discord.Interaction, user: discord.User | None = None) -> None:
        """Show the newest changes of levels."""
        async with self._bot.services.get(DATABASE).read() as session:
            changes = await grants.history(session, user.id if user else None, SHOWN)
        await interaction.response.send_message(_texts.history(changes), ephemeral=True)

    @app_commands.command(name="list")
    @requires(Level.MOD)
    async def list_levels(self, interaction: discord.Interaction) -> None:
        """Show who has a level of their own."""
        async with self._bot.services.get(DATABASE).read() as session:
            granted = await grants.everyone(session)
        await interaction.response.send_message(_texts.overview(self._bot.settings.rules, granted), ephemeral=True)
