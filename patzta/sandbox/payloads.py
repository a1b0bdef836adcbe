"""What an interaction is, the INTERACTION_CREATE payload, and the resolved objects in it.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

from patzta.sandbox.commands import Chosen
from patzta.sandbox.components import Kind
from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Channel, Json, Message, User
from patzta.sandbox.serialise import attachment_json, channel_json, member_json, message_json, role_json, user_json
from patzta.sandbox.state import State

ATTACHMENT_LIMIT = 25 * 1024 * 1024
"""Bytes that one uploaded file may have."""


class InteractionType(IntEnum):
    """What the person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


@dataclass
class Interaction:
    """One interaction.

    Attributes:
        data: what the person chose, as the bot gets it.
        made_at: when, in the clock's seconds.
        metadata: `interaction_metadata` of the messages that answer it.
        source: the message whose component was used, also for a modal that such a component opened.
        answered: the callback type of the first answer, None until there is one.
        original_id: the id of the message that the first answer made or changed.
        modal: the form that the first answer opened.
        choices: the suggestions that an autocomplete waits for.
    """

    id: str
    type: InteractionType
    app_id: str
    user_id: str
    channel: Channel
    data: Json
    metadata: Json
    source: Message | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    made_at: float = 0.0
    answered: int | None = None
    original_id: str | None = None
    modal: Json | None = None
    choices: asyncio.Future[list[Json]] | None = None


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
    if isinstance(chosen.target, User):
        named = Named(users={chosen.target.id})
        return data | {"target_id": chosen.target.id} | resolved(state, user_id, channel, named)
    if chosen.target:
        message = message_json(state, chosen.target, user_id)
        return data | {"target_id": chosen.target.id, "resolved": {"messages": {chosen.target.id: message}}}
    named = Named(chosen.users, chosen.channels, chosen.roles, chosen.attachments)
    return data | resolved(state, user_id, channel, named)


@dataclass
class Named:
    """The ids that an interaction names, by kind."""

    users: set[str] = field(default_factory=set[str])
    channels: set[str] = field(default_factory=set[str])
    roles: set[str] = field(default_factory=set[str])
    attachments: set[str] = field(default_factory=set[str])

    @classmethod
    def by(cls, state: State, channel: Channel, choices: list[tuple[int, list[str]]]) -> Self:
        """What was chosen in selects and uploads: their kind and values. Raises ApiError 50035 for ids of nothing."""
        named = cls()
        roles = state.guilds[channel.guild_id].roles if channel.guild_id else {}
        known: dict[int, list[tuple[set[str], set[str]]]] = {
            Kind.USER_SELECT: [(set(state.users), named.users)],
            Kind.ROLE_SELECT: [(set(roles), named.roles)],
            Kind.MENTIONABLE_SELECT: [(set(state.users), named.users), (set(roles), named.roles)],
            Kind.CHANNEL_SELECT: [(set(state.channels), named.channels)],
            Kind.FILE_UPLOAD: [(set(state.attachments), named.attachments)],
        }
        for kind, values in choices:
            for value in values if kind in known else []:
                found = next((into for ids, into in known[kind] if value in ids), None)
                if found is None:
                    raise ApiError.invalid("data.values", "BASE_TYPE_BAD_SNOWFLAKE", f"{value} names nothing here.")
                found.add(value)
        return named


def resolved(state: State, user_id: str, channel: Channel, named: Named) -> Json:
    """The `resolved` part of an interaction's data, the oldest first; nothing where nothing was named."""
    guild = state.guilds[channel.guild_id] if channel.guild_id else None
    found: Json = {}
    if named.users:
        found["users"] = {one: user_json(state.users[one]) for one in sorted(named.users, key=int)}
    if named.users and guild:
        found["members"] = {one: _member(state, one, channel) for one in named.users if one in guild.members}
    if named.roles and guild:
        found["roles"] = {one: role_json(guild.roles[one]) for one in named.roles if one in guild.roles}
    if named.channels:
        found["channels"] = {one: _resolved_channel(state, user_id, one) for one in sorted(named.channels, key=int)}
    if named.attachments:
        found["attachments"] = {
            one: attachment_json(state, state.attachments[one]) | {"ephemeral": True}
            for one in sorted(named.attachments, key=int)
        }
    return {"resolved": found} if found else {}


def _resolved_channel(state: State, user_id: str, channel_id: str) -> Json:
    channel = state.channels[channel_id]
    return channel_json(state, channel) | {"permissions": str(state.permissions(user_id, channel))}
