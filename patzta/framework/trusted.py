"""The roles that a user has on the servers that the config trusts, also when they write elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import aiohttp
import discord

from patzta.permissions import Membership, TrustedRole

log = logging.getLogger("patzta.trusted")

TTL = 60.0
"""Seconds after which Discord is asked again: so long does a role that was taken away still count."""


class TrustedServers:
    """Asks Discord for single members, for which no privileged intent is needed."""

    def __init__(self, client: discord.Client, roles: Sequence[TrustedRole]) -> None:
        self._client = client
        self._guilds = tuple(dict.fromkeys(role.guild_id for role in roles))
        self._known: dict[tuple[int, int], tuple[float, Membership]] = {}
        self.ttl = TTL

    async def memberships(self, user_id: int) -> list[Membership]:
        """One for each trusted server; where Discord cannot be asked, nothing is assumed in the user's favour."""
        return [await self._membership(guild_id, user_id) for guild_id in self._guilds]

    async def _membership(self, guild_id: int, user_id: int) -> Membership:
        self._known = {key: known for key, known in self._known.items() if known[0] + self.ttl > time.monotonic()}
        key = guild_id, user_id
        if key not in self._known:
            asked = await self._ask(guild_id, user_id)
            if asked.problem:
                return asked
            self._known[key] = time.monotonic(), asked
        return self._known[key][1]

    async def _ask(self, guild_id: int, user_id: int) -> Membership:
        try:
            guild = self._client.get_guild(guild_id) or await self._of_another_shard(guild_id)
            if guild is None:
                return Membership(guild_id, None, "the bot is not, or not yet, there:")
            member = await guild.fetch_member(user_id)
        except discord.NotFound:
            return Membership(guild_id, None)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("server %s cannot be asked for member %s: %s", guild_id, user_id, error)
            return Membership(guild_id, None, "Discord could not be asked")
        # Everybody has the role that is named after the server: it says nothing.
        roles = [role for role in member.roles if not role.is_default()]
        return Membership(guild_id, frozenset([*(str(role.id) for role in roles), *(role.name for role in roles)]))

    async def _of_another_shard(self, guild_id: int) -> discord.Guild | None:
        """A server that only another process of the bot hears of."""
        if self._client.shard_id is None:
            return None
        try:
            return await self._client.fetch_guild(guild_id, with_counts=False)
        except discord.HTTPException as error:
            if error.status in {403, 404}:
                return None
            raise
