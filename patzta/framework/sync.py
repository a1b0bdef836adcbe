"""Telling Discord the bot's commands, only when they changed since it was last told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from contextvars import Context
from typing import TYPE_CHECKING, Any

import discord
import discord.http
from discord import app_commands

from patzta.framework.gate import DATABASE, needed_level
from patzta.permissions import Level
from patzta.services import Services
from patzta.store import synced

if TYPE_CHECKING:
    from patzta.framework.tree import GatedTree, Registered

log = logging.getLogger("patzta.sync")

DEBOUNCE = 2.0
"""Seconds for which further changes are waited for."""
GLOBAL = 0
"""In the place of a server's id: everywhere."""

HINTS = {
    Level.MOD: discord.Permissions(manage_messages=True),
    Level.ADMIN: discord.Permissions(manage_guild=True),
    Level.OWNER: discord.Permissions(manage_guild=True),
}
"""Whom Discord shows a command of that level to. Only a hint: the gate decides."""


class CommandSync:
    """Keeps Discord's list of the commands in ``tree`` up to date: everywhere, or on ``guilds`` only."""

    def __init__(self, tree: GatedTree, services: Services, guilds: tuple[int, ...]) -> None:
        self._tree = tree
        self._services = services
        self._guilds = guilds
        self._lock = asyncio.Lock()
        self._waiting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.debounce = DEBOUNCE

    def soon(self) -> None:
        """Sync when no further change has come for a while."""
        if self._waiting:
            self._waiting.cancel()
        self._waiting = asyncio.get_running_loop().create_task(self._later(), context=Context())
        self._tasks.add(self._waiting)
        self._waiting.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Forget a sync that waits, and break off one that runs."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _later(self) -> None:
        await asyncio.sleep(self.debounce)
        # From here on a further change is a sync of its own.
        self._waiting = None
        try:
            await self.now()
        except discord.HTTPException:
            log.exception("Discord does not take the commands")

    async def now(self) -> bool:
        """Tell Discord what changed; whether there was anything. Raises discord.HTTPException."""
        async with self._lock:
            known = await self._known()
            # A server that the config no longer names gets an empty list.
            wanted = {guild: [] for guild in known} | self._wanted()
            changed = {guild: commands for guild, commands in wanted.items() if known.get(guild) != digest(commands)}
            for guild, commands in changed.items():
                await self._tell(guild, commands)
            return bool(changed)

    def _wanted(self) -> dict[int, list[dict[str, Any]]]:
        everywhere = payloads(self._tree)
        own = {guild: payloads(self._tree, guild) for guild in self._guilds}
        if self._guilds:
            return {GLOBAL: [], **{guild: [*everywhere, *own[guild]] for guild in self._guilds}}
        return {GLOBAL: everywhere}

    async def _known(self) -> dict[int, str]:
        if not self._services.has(DATABASE):
            return {}
        async with self._services.get(DATABASE).read() as session:
            return await synced.hashes(session, *self._bot())

    async def _tell(self, guild: int, commands: list[dict[str, Any]]) -> None:
        http, application = self._tree.client.http, self._bot()[1]
        if guild == GLOBAL:
            await http.bulk_upsert_global_commands(application, payload=commands)
        else:
            await http.bulk_upsert_guild_commands(application, guild, payload=commands)
        log.info("told Discord %d commands%s", len(commands), f" for server {guild}" if guild else "")
        if self._services.has(DATABASE):
            async with self._services.get(DATABASE).write() as session:
                await synced.save(session, *self._bot(), guild, digest(commands))

    def _bot(self) -> tuple[str, int]:
        """Where the commands are registered: the API's address and the application."""
        return discord.http.Route.BASE, self._tree.client.application_id or 0


def payloads(tree: GatedTree, guild: int | None = None) -> list[dict[str, Any]]:
    """What Discord is told of the commands registered globally, or for one server; sorted by name."""
    registered = tree.get_commands(guild=discord.Object(guild) if guild else None)
    return sorted((_payload(tree, command) for command in registered), key=lambda payload: payload["name"])


def digest(commands: list[dict[str, Any]]) -> str:
    """A hash of a list of payloads: 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()


def _payload(tree: GatedTree, command: Registered) -> dict[str, Any]:
    payload = dict(command.to_dict(tree))
    hint = HINTS.get(_least(command))
    if hint and command.default_permissions is None:
        payload["default_member_permissions"] = hint.value
    return payload


def _least(command: Registered) -> Level:
    """The lowest level with which anything in the command can be used."""
    if isinstance(command, app_commands.Group):
        return min((_least(child) for child in command.commands), default=Level.OWNER)
    return needed_level(command)
