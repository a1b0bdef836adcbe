"""Slash commands, context menus and autocompletion behind the gate."""

from __future__ import annotations

import logging

import discord
from discord import app_commands

from patzta.framework.gate import Gate, needed_level
from patzta.permissions import Level

log = logging.getLogger("patzta.tree")


class GatedTree(app_commands.CommandTree["discord.Client"]):
    """Set ``gate`` before the first interaction."""

    gate: Gate

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Ask the gate; who is refused reads one sentence that only they see."""
        decision = await self.gate.decide(interaction.user.id, Level.OWNER)
        # Looked up only after the wait: a reload meanwhile may have put a command of another level there.
        command = interaction.command
        needed = needed_level(command) if command else Level.OWNER
        if decision.level >= needed:
            return True
        if interaction.type is discord.InteractionType.application_command:
            await interaction.response.send_message(refusal(needed, decision.level), ephemeral=True)
        await self.gate.note_denial(interaction.user.id, command.qualified_name if command else "?")
        return False

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError, /) -> None:
        """Log the cause and tell the user that there was one."""
        name = interaction.command.qualified_name if interaction.command else "?"
        log.error("/%s failed for user %s", name, interaction.user.id, exc_info=error)
        answer = interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
        await answer("Sorry, this went wrong; the owner finds the reason in the bot's log.", ephemeral=True)


def refusal(needed: Level, level: Level) -> str:
    """The one sentence for who is refused."""
    return f"This needs the level {needed.title}; yours is {level.title}."
