"""The INTERACTION_CREATE payload and the resolved objects in it.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patzta.sandbox.components import Kind
from patzta.sandbox.models import Channel, Json
from patzta.sandbox.serialise import channel_json, member_json, message_json, role_json, user_json

if TYPE_CHECKING:
    from patzta.sandbox.commands import Chosen
    from patzta.sandbox.interactions import Interaction
    from patzta.sandbox.state import State

ATTACHMENT_LIMIT = 25 * 1024 * 1024
"""Bytes that one uploaded file may have."""


def owners(channel: Channel) -> Json:
    """Which installation of the application authorised the interaction."""
    return {"0": channel.guild_id or "0"}


def interaction_payload(state: State, interaction: Interaction) -> Json:
    """What the bot is sent, apart from the type's own data."""
    channel = interaction.channel
    bits = state.permissions(interaction.user_id, channel)
    payload: Json = {
        "id": interaction.id,
        "application_id": interaction.app_id,
        "type": int(interaction.type),
        "token": interaction.token,
        "version": 1,
        "attachment_size_limit": ATTACHMENT_LIMIT,
        "data": interaction.data,
        "channel": channel_json(state, channel, interaction.app_id) | {"permissions": str(bits)},
        "channel_id": channel.id,
        "locale": "en-US",
        "app_permissions": str(state.permissions(interaction.app_id, channel)),
        "entitlements": [],
        "authorizing_integration_owners": owners(channel),
        "context": 0 if channel.guild_id else 1,
    }
    if interaction.source is not None:
        payload["message"] = message_json(state, interaction.source, interaction.app_id)
    return payload | _actor(state, interaction.user_id, channel)


def _actor(state: State, user_id: str, channel: Channel) -> Json:
    user = user_json(state.users[user_id])
    if channel.guild_id is None:
        return {"user": user}
    return {
        "member": _member(state, user_id, channel) | {"user": user},
        "guild_id": channel.guild_id,
        "guild": {"id": channel.guild_id, "locale": "en-US", "features": []},
        "guild_locale": "en-US",
    }


def _member(state: State, user_id: str, channel: Channel) -> Json:
    assert channel.guild_id is not None
    body = member_json(state, state.member(channel.guild_id, user_id), with_user=False)
    return body | {"permissions": str(state.permissions(user_id, channel))}


def command_data(state: State, chosen: Chosen, user_id: str, channel: Channel) -> Json:
    """The `data` of a command or autocomplete interaction."""
    command = chosen.command
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    if chosen.options:
        data["options"] = chosen.options
    if chosen.target:
        message = message_json(state, chosen.target, user_id)
        return data | {"target_id": chosen.target.id, "resolved": {"messages": {chosen.target.id: message}}}
    return data | _resolved(state, user_id, channel, chosen.users, chosen.channels, chosen.roles)


def resolved_values(state: State, kind: int, values: list[str], user_id: str, channel: Channel) -> Json:
    """The `resolved` part for the values of a select."""
    everyone = kind == Kind.MENTIONABLE_SELECT
    users = {value for value in values if value in state.users and (everyone or kind == Kind.USER_SELECT)}
    channels = {value for value in values if value in state.channels and kind == Kind.CHANNEL_SELECT}
    roles = set(values) - users if everyone or kind == Kind.ROLE_SELECT else set[str]()
    return _resolved(state, user_id, channel, users, channels, roles)


def _resolved(
    state: State, user_id: str, channel: Channel, users: set[str], channels: set[str], roles: set[str]
) -> Json:
    guild = state.guilds[channel.guild_id] if channel.guild_id else None
    resolved: Json = {}
    if users:
        resolved["users"] = {one: user_json(state.users[one]) for one in users}
    if users and guild:
        resolved["members"] = {one: _member(state, one, channel) for one in users if one in guild.members}
    if roles and guild:
        resolved["roles"] = {one: role_json(guild.roles[one]) for one in roles if one in guild.roles}
    if channels:
        resolved["channels"] = {one: _resolved_channel(state, user_id, one) for one in channels}
    return {"resolved": resolved} if resolved else {}


def _resolved_channel(state: State, user_id: str, channel_id: str) -> Json:
    channel = state.channels[channel_id]
    return channel_json(state, channel) | {"permissions": str(state.permissions(user_id, channel))}
