"""The one gate: every command and message passes it before anything else happens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import discord
from discord import app_commands

from patzta.permissions import Decision, Level, Rules, authorize
from patzta.services import ServiceKey, Services
from patzta.store import grants
from patzta.store.database import Database

log = logging.getLogger("patzta.gate")

DATABASE: ServiceKey[Database] = ServiceKey("database")

_LEVEL = "__patzta_level__"
Command = TypeVar("Command", bound=Callable[..., Awaitable[None]])


def requires(level: Level) -> Callable[[Command], Command]:
    """Declare the level that a slash command needs; stands under ``@app_commands.command``."""

    def declare(callback: Command) -> Command:
        setattr(callback, _LEVEL, level)
        return callback

    return declare


def needed_level(command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu) -> Level:
    """The declared level; a command that declares none is the owner's."""
    return getattr(command.callback, _LEVEL, Level.OWNER)


class Gate:
    """Decides by the config and the store."""

    def __init__(self, rules: Rules, services: Services) -> None:
        self._rules = rules
        self._services = services

    async def decide(self, user_id: int, needed: Level) -> Decision:
        """Whether the user reaches ``needed``, and why. Raises ServiceMissing without a database."""
        async with self._services.get(DATABASE).read() as session:
            grant = await grants.find(session, user_id)
        return authorize(user_id, needed, self._rules, grant)


class GatedTree(app_commands.CommandTree["discord.Client"]):
    """Slash commands behind the gate; set ``gate`` before the first interaction."""

    gate: Gate

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Ask the gate; who is refused reads one sentence that only they see."""
        command = interaction.command
        needed = needed_level(command) if command else Level.OWNER
        decision = await self.gate.decide(interaction.user.id, needed)
        if not decision.allowed and interaction.type is discord.InteractionType.application_command:
            await interaction.response.send_message(
                f"This needs the level {needed.title}; yours is {decision.level.title}.", ephemeral=True
            )
        return decision.allowed

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError, /) -> None:
        """Log the cause and tell the user that there was one."""
        name = interaction.command.qualified_name if interaction.command else "?"
        log.error("/%s failed for user %s", name, interaction.user.id, exc_info=error)
        answer = interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
        await answer("Sorry, this went wrong; the owner finds the reason in the bot's log.", ephemeral=True)
