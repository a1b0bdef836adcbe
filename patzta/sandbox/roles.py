"""Roles and members: giving out roles, nicknames and timeouts, coming and going, with Discord's hierarchy.

Nobody may touch a role that is not below their own highest one, nor hand out a permission that they do not have.
"""

from datetime import datetime
from typing import Any

from patzta.sandbox.errors import ApiError, missing_permissions
from patzta.sandbox.models import Bot, Guild, Json, Member, Role
from patzta.sandbox.permissions import ALL, Permission, base_permissions
from patzta.sandbox.reading import items, section
from patzta.sandbox.serialise import member_json, role_json, user_json
from patzta.sandbox.state import State, add_to

MAX_NAME = 100
MAX_NICK = 32
_KEPT = {"name", "permissions", "color", "colors", "hoist", "mentionable", "position"}


def rank(guild: Guild, user_id: str) -> int:
    """How high a member's highest role is; the owner is above all of them."""
    if guild.owner_id == user_id:
        return len(guild.roles) + max(role.position for role in guild.roles.values())
    return max((guild.roles[role_id].position for role_id in guild.members[user_id].roles), default=0)


def require(guild: Guild, actor_id: str, needed: int) -> None:
    """Raises ApiError 50013 for whom may not do that in the server."""
    if not base_permissions(guild, guild.members[actor_id]) & needed:
        raise missing_permissions()


def _below(guild: Guild, actor_id: str, role_id: str) -> Role:
    """A role that the actor may manage. Raises ApiError 10011, 50013."""
    role = guild.roles.get(role_id)
    if role is None:
        raise ApiError.unknown(10011, "Role")
    require(guild, actor_id, Permission.MANAGE_ROLES)
    if role.position >= rank(guild, actor_id):
        raise missing_permissions()
    return role


def create(state: State, actor_id: str, guild: Guild, body: Json) -> Role:
    """Make a role at the bottom. Raises ApiError 50013, 50035, 50101 (icons take a boosted server)."""
    require(guild, actor_id, Permission.MANAGE_ROLES)
    role = Role(state.new_id(), "new role", guild.roles[guild.id].permissions, 1)
    _apply(guild, actor_id, role, body)
    moved = guild.add_lowest(role)
    state.announce("GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": role_json(role)}, guild_id=guild.id)
    for other in moved:
        _announce_change(state, guild, other)
    return role


def change(state: State, actor_id: str, guild: Guild, role_id: str, body: Json) -> Role:
    """Change a role's name, permissions, colour and the like. Raises as `create` does, and 10011."""
    role = _below(guild, actor_id, role_id)
    _apply(guild, actor_id, role, body)
    _announce_change(state, guild, role)
    return role


def move(state: State, actor_id: str, guild: Guild, places: list[Json]) -> None:
    """Give roles new positions. Raises ApiError 10011, 50013."""
    wanted = [(_below(guild, actor_id, str(place["id"])), int(place["position"])) for place in places]
    if any(position >= rank(guild, actor_id) for _, position in wanted):
        raise missing_permissions()
    for role, position in wanted:
        role.position = position
        _announce_change(state, guild, role)


def delete(state: State, actor_id: str, guild: Guild, role_id: str) -> None:
    """Remove a role, also from who has it. Raises ApiError 10011, 50013, 50028 for @everyone and managed roles."""
    role = _below(guild, actor_id, role_id)
    if role.id == guild.id or role.managed_by:
        raise ApiError(400, 50028, "Invalid role")
    _drop(state, guild, role)


def _drop(state: State, guild: Guild, role: Role) -> None:
    del guild.roles[role.id]
    for member in guild.members.values():
        if role.id in member.roles:
            member.roles.remove(role.id)
    for channel in state.channels.values():
        channel.overwrites = [one for one in channel.overwrites if one.id != role.id]
    state.announce("GUILD_ROLE_DELETE", {"guild_id": guild.id, "role_id": role.id}, guild_id=guild.id)


def _announce_change(state: State, guild: Guild, role: Role) -> None:
    state.announce("GUILD_ROLE_UPDATE", {"guild_id": guild.id, "role": role_json(role)}, guild_id=guild.id)


def _apply(guild: Guild, actor_id: str, role: Role, body: Json) -> None:
    if any(body.get(key) is not None for key in ("icon", "unicode_emoji")):
        raise ApiError(403, 50101, "This server needs more boosts to perform this action")
    given = {key: value for key, value in body.items() if key in _KEPT and value is not None}
    bits = int(given.get("permissions", role.permissions)) & ALL
    if (bits & ~role.permissions) & ~base_permissions(guild, guild.members[actor_id]):
        raise missing_permissions()
    role.name = _short(given.get("name", role.name), "name", MAX_NAME)
    role.permissions = bits
    role.color = int(section(given, "colors").get("primary_color", given.get("color", role.color)))
    role.hoist = bool(given.get("hoist", role.hoist))
    role.mentionable = bool(given.get("mentionable", role.mentionable))


def _short(value: Any, key: str, limit: int) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= limit:
        raise ApiError.invalid(key, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {limit} in length.")
    return value


def assign(state: State, actor_id: str, guild: Guild, user_id: str, role_id: str, *, given: bool) -> None:
    """Give a member a role or take it away. Raises ApiError 10007, 10011, 50013."""
    member = state.member(guild.id, user_id)
    role = _below(guild, actor_id, role_id)
    if role.id == guild.id or role.managed_by:
        raise ApiError(400, 50028, "Invalid role")
    if given and role.id not in member.roles:
        member.roles.append(role.id)
    elif not given and role.id in member.roles:
        member.roles.remove(role.id)
    announce_member(state, guild, member)


def edit_member(state: State, actor_id: str, guild: Guild, user_id: str, body: Json) -> Member:
    """Set a member's nickname, roles or timeout. Raises ApiError 10007, 10011, 50013, 50035."""
    member, own = state.member(guild.id, user_id), user_id == actor_id
    unsupported = set(body) - {"nick", "roles", "communication_disabled_until"}
    if unsupported:
        raise ApiError.invalid(min(unsupported), "UNSUPPORTED", "The sandbox does not keep this of a member.")
    if not own and rank(guild, user_id) >= rank(guild, actor_id):
        raise missing_permissions()
    if "roles" in body:
        _replace_roles(guild, actor_id, member, [str(one) for one in items(body, "roles")])
    if "nick" in body:
        require(guild, actor_id, Permission.CHANGE_NICKNAME if own else Permission.MANAGE_NICKNAMES)
        member.nick = _short(body["nick"], "nick", MAX_NICK) if body["nick"] else None
    if "communication_disabled_until" in body:
        require(guild, actor_id, Permission.MODERATE_MEMBERS)
        until = body["communication_disabled_until"]
        member.silent_until = datetime.fromisoformat(until) if until else None
    announce_member(state, guild, member)
    return member


def _replace_roles(guild: Guild, actor_id: str, member: Member, wanted: list[str]) -> None:
    for role_id in set(wanted) ^ set(member.roles):
        _below(guild, actor_id, role_id)
    member.roles = wanted


def announce_member(state: State, guild: Guild, member: Member) -> None:
    """Tell everyone that a member changed."""
    state.announce("GUILD_MEMBER_UPDATE", member_json(state, member) | {"guild_id": guild.id}, guild_id=guild.id)


def admit(state: State, bot: Bot) -> None:
    """Let a bot come while others run; one that was there before is back, with a new token."""
    if bot.id in state.bots:
        state.bots[bot.id].token = bot.token
        return
    state.add_bot(bot)
    for guild in state.guilds.values():
        _announce_bot(state, guild, bot)
    # Everything that the page shows of channels names who sees them: it loads all of it anew.
    state.announce("HELLO", {"url": state.base_url}, for_bots=False)


def _announce_bot(state: State, guild: Guild, bot: Bot) -> None:
    for role in guild.roles.values():
        if role.managed_by == bot.id:
            state.announce("GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": role_json(role)}, guild_id=guild.id)
        elif role.id != guild.id:
            _announce_change(state, guild, role)
    member = member_json(state, guild.members[bot.id])
    state.announce("GUILD_MEMBER_ADD", member | {"guild_id": guild.id}, guild_id=guild.id)


def invite(state: State, actor_id: str, guild: Guild, bot: Bot) -> None:
    """Bring a bot in; nothing happens where it is there. Raises ApiError 40007 for a banned one, 50013."""
    require(guild, actor_id, Permission.MANAGE_GUILD)
    if bot.id in guild.members:
        return
    if bot.id in guild.bans:
        raise banned()
    add_to(guild, bot, state.clock.now())
    _announce_bot(state, guild, bot)
    # Each of its sessions is told of the server as that one sees it.
    state.announce("GUILD_CREATE", {}, guild_id=guild.id, only_user=bot.id)


def banned() -> ApiError:
    """Somebody who may not come in."""
    return ApiError(403, 40007, "The user is banned from this guild.")


def join(state: State, guild: Guild, user_id: str) -> None:
    """Let a person come into a server, without roles; nothing happens where they are in it. Raises ApiError 40007."""
    if user_id in guild.members:
        return
    if user_id in guild.bans:
        raise banned()
    guild.members[user_id] = member = Member(state.user(user_id).id, joined_at=state.clock.now())
    state.announce("GUILD_MEMBER_ADD", member_json(state, member) | {"guild_id": guild.id}, guild_id=guild.id)


def leave(state: State, guild: Guild, user_id: str) -> None:
    """Let a member go who wants to. Raises ApiError 10007, 50013 for the owner, who stays."""
    state.member(guild.id, user_id)
    if user_id == guild.owner_id:
        raise missing_permissions()
    part(state, guild, user_id)


def part(state: State, guild: Guild, user_id: str) -> None:
    """Take a member away; a bot loses its own role, too."""
    del guild.members[user_id]
    if state.users[user_id].bot:
        state.announce("GUILD_DELETE", {"id": guild.id}, guild_id=guild.id, only_user=user_id)
    for role in [one for one in guild.roles.values() if one.managed_by == user_id]:
        _drop(state, guild, role)
    data: Json = {"guild_id": guild.id, "user": user_json(state.users[user_id])}
    state.announce("GUILD_MEMBER_REMOVE", data, guild_id=guild.id)


def kick(state: State, actor_id: str, guild: Guild, user_id: str) -> None:
    """Send a member away. Raises ApiError 10007, 50013."""
    state.member(guild.id, user_id)
    require(guild, actor_id, Permission.KICK_MEMBERS)
    if rank(guild, user_id) >= rank(guild, actor_id):
        raise missing_permissions()
    part(state, guild, user_id)
