"""A channel's exceptions for roles and members.

https://discord.com/developers/docs/resources/channel#edit-channel-permissions
"""

from patzta.sandbox.errors import ApiError, missing_permissions
from patzta.sandbox.models import Channel, Json, Overwrite
from patzta.sandbox.permissions import ALL, Permission
from patzta.sandbox.serialise import channel_json
from patzta.sandbox.state import State


def read(state: State, actor_id: str, guild_id: str, place: Channel | None, body: list[Json]) -> list[Overwrite]:
    """The overwrites of a request. Raises ApiError 10009 (of nobody), 50013 (more than the actor may themselves)."""
    guild = state.guilds[guild_id]
    found: list[Overwrite] = []
    for one in body:
        overwrite = Overwrite(str(one["id"]), int(one["type"]), _bits(one, "allow"), _bits(one, "deny"))
        if overwrite.id not in (guild.roles if overwrite.kind == 0 else guild.members):
            raise ApiError.unknown(10009, "Overwrite")
        if place is not None and (overwrite.allow | overwrite.deny) & ~state.permissions(actor_id, place):
            raise missing_permissions()
        found.append(overwrite)
    return found


def _bits(body: Json, key: str) -> int:
    return int(body.get(key) or 0) & ALL


def put(state: State, actor_id: str, channel: Channel, body: Json) -> None:
    """Set the overwrite of one role or member. Raises ApiError 10009, 50013."""
    state.require(actor_id, channel, Permission.MANAGE_ROLES)
    new = read(state, actor_id, channel.guild_id or "", channel, [body])
    channel.overwrites = [one for one in channel.overwrites if one.id != new[0].id] + new
    state.announce("CHANNEL_UPDATE", channel_json(state, channel), channel)


def remove(state: State, actor_id: str, channel: Channel, target_id: str) -> None:
    """Take an overwrite away. Raises ApiError 10009, 50013."""
    state.require(actor_id, channel, Permission.MANAGE_ROLES)
    kept = [one for one in channel.overwrites if one.id != target_id]
    if len(kept) == len(channel.overwrites):
        raise ApiError.unknown(10009, "Overwrite")
    channel.overwrites = kept
    state.announce("CHANNEL_UPDATE", channel_json(state, channel), channel)
