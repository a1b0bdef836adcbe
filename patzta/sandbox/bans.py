"""Bans: sending somebody away for good, with what they said last, and letting them come again.

https://discord.com/developers/docs/resources/guild#ban-object
"""

from datetime import timedelta

from patzta.sandbox import messages, roles
from patzta.sandbox.errors import ApiError, missing_permissions
from patzta.sandbox.models import Guild, Json
from patzta.sandbox.permissions import Permission
from patzta.sandbox.serialise import user_json
from patzta.sandbox.snowflake import snowflake_at
from patzta.sandbox.state import State

MAX_DELETE_S = 7 * 24 * 3600
MAX_BULK = 200


def ban(
    state: State, actor_id: str, guild: Guild, user_id: str, *, reason: str | None = None, delete_s: int = 0
) -> None:
    """Ban a user, who need not be a member, and remove what they said in the last `delete_s` seconds.

    Raises ApiError 10013, 50013, 50035. Nothing happens to somebody who is banned.
    """
    roles.require(guild, actor_id, Permission.BAN_MEMBERS)
    if not 0 <= delete_s <= MAX_DELETE_S:
        words = f"int value should be between 0 and {MAX_DELETE_S}."
        raise ApiError.invalid("delete_message_seconds", "NUMBER_TYPE_MAX", words)
    user = state.user(user_id)
    if user.id in guild.members and roles.rank(guild, user.id) >= roles.rank(guild, actor_id):
        raise missing_permissions()
    if user.id in guild.bans:
        return
    guild.bans[user.id] = reason
    _announce(state, "GUILD_BAN_ADD", guild, user.id)
    if user.id in guild.members:
        roles.part(state, guild, user.id)
    if delete_s:
        _delete_messages(state, guild, user.id, delete_s)


def _announce(state: State, name: str, guild: Guild, user_id: str) -> None:
    data: Json = {"guild_id": guild.id, "user": user_json(state.users[user_id])}
    state.announce(name, data, guild_id=guild.id)


def _delete_messages(state: State, guild: Guild, user_id: str, seconds: int) -> None:
    oldest = int(snowflake_at(state.clock.now() - timedelta(seconds=seconds)))
    for channel in [one for one in state.channels.values() if one.guild_id == guild.id]:
        own = [one for one in state.history(channel.id).values() if one.author_id == user_id]
        messages.discard_all(state, channel, [one.id for one in own if int(one.id) >= oldest])


def unban(state: State, actor_id: str, guild: Guild, user_id: str) -> None:
    """Let a user come again. Raises ApiError 10026 for one who is not banned, 50013."""
    roles.require(guild, actor_id, Permission.BAN_MEMBERS)
    ban_json(state, guild, user_id)
    del guild.bans[user_id]
    _announce(state, "GUILD_BAN_REMOVE", guild, user_id)


def ban_json(state: State, guild: Guild, user_id: str) -> Json:
    """One ban. Raises ApiError 10026."""
    if user_id not in guild.bans:
        raise ApiError.unknown(10026, "Ban")
    return {"user": user_json(state.users[user_id]), "reason": guild.bans[user_id]}


def ban_many(
    state: State, actor_id: str, guild: Guild, user_ids: list[str], *, reason: str | None = None, delete_s: int = 0
) -> Json:
    """Ban up to 200 users; who cannot be banned is among the `failed_users` of the answer.

    Raises ApiError 50013, 50035, and 500000 where nobody was banned.
    """
    roles.require(guild, actor_id, Permission.BAN_MEMBERS)
    roles.require(guild, actor_id, Permission.MANAGE_GUILD)
    if not 1 <= len(user_ids) <= MAX_BULK:
        raise ApiError.invalid("user_ids", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MAX_BULK} in length.")
    done: Json = {"banned_users": [], "failed_users": []}
    for user_id in user_ids:
        try:
            ban(state, actor_id, guild, user_id, reason=reason, delete_s=delete_s)
            done["banned_users"].append(user_id)
        except ApiError as error:
            if error.code == 50035:
                raise
            done["failed_users"].append(user_id)
    if not done["banned_users"]:
        raise ApiError(400, 500000, "Failed to ban users")
    return done
