"""Slash commands, context menus and autocompletion behind the gate."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import discord
from discord import app_commands

from patzta.errors import PatztaError
from patzta.framework.gate import Gate, needed_level
from patzta.framework.logs import about
from patzta.framework.recording import record, unrecord
from patzta.framework.registries import drop_app_command
from patzta.framework.scope import Scope, current
from patzta.permissions import Level

log = logging.getLogger("patzta.tree")

Registered = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group


class GatedTree(app_commands.CommandTree[Any]):
    """Set ``gate`` and ``owner`` (who registered a command) before the first interaction."""

    gate: Gate
    owner: Callable[[object], Scope | None]

    def add_command(self, command: Registered, /, **options: Any) -> None:
        """See discord.py."""
        undo = partial(drop_app_command, self.client, command)
        record(("app command", command), partial(super().add_command, command, **options), undo, command)

    def remove_command(self, command: str, /, **options: Any) -> Any:
        """See discord.py."""
        found = self._named(command, **options)
        guild = {"guild": options["guild"]} if options.get("guild") else {}
        put_back = partial(super().add_command, **guild)
        unrecord(("app command", found or command), partial(super().remove_command, command, **options), put_back)
        return found

    def _named(self, name: str, **options: Any) -> Any:
        find: Callable[..., Any] = self.get_command
        return find(name, **options)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Ask the gate; who is refused reads one sentence that only they see."""
        about(channel=interaction.channel_id, user=interaction.user.id, request=interaction.id)
        try:
            decision = await self.gate.decide(interaction.user.id, Level.OWNER)
        except PatztaError as error:
            # Without an answer from the store nobody passes; discord.py would swallow other errors.
            raise app_commands.AppCommandError(str(error)) from error
        # Looked up only after the wait: a reload meanwhile may have put a command of another level there.
        command = interaction.command
        needed = needed_level(command) if command else Level.OWNER
        if decision.level >= needed:
            self._enter(command)
            return True
        if interaction.type is discord.InteractionType.application_command:
            await interaction.response.send_message(refusal(needed, decision.level), ephemeral=True)
        else:
            await interaction.response.autocomplete([])
        await self.gate.note_denial(interaction.user.id, command.qualified_name if command else "?")
        return False

    def _enter(self, command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | None) -> None:
        """From here on this task is a handler of the plugin that registered the command."""
        related = (getattr(command, "binding", None), getattr(command, "root_parent", None), command)
        scope = next(filter(None, map(self.owner, related)), None)
        task = asyncio.current_task()
        if scope and task:
            scope.handlers.add(task)
            current.set(scope)

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Tell who passed the gate what is wrong, where that was foreseen; else log it and say only that it is so."""
        name = interaction.command.qualified_name if interaction.command else "?"
        foreseen = isinstance(error, app_commands.CommandInvokeError) and isinstance(error.original, PatztaError)
        if foreseen:
            log.warning("/%s: %s", name, error.__cause__)
        else:
            log.error("/%s failed", name, exc_info=error)
        if interaction.type is discord.InteractionType.autocomplete:
            return
        text = f"\N{WARNING SIGN} {error.__cause__}"[:2000] if foreseen else SORRY
        answer = interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
        await answer(text, ephemeral=True)


SORRY = "Sorry, this went wrong; the owner finds the reason in the bot's log."


def refusal(needed: Level, level: Level) -> str:
    """The one sentence for who is refused."""
    return f"This needs the level {needed.title}; yours is {level.title}."
