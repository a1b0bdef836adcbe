"""Webhooks of channels: addresses with a secret, at which anybody posts under a name of their own.

https://discord.com/developers/docs/resources/webhook
"""

import re
import secrets

from patzta.sandbox import messages
from patzta.sandbox.drafts import Draft
from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import SETTABLE_FLAGS, Channel, ChannelType, Json, Message, User, Webhook
from patzta.sandbox.permissions import Permission
from patzta.sandbox.state import State

MAX_NAME = 80
MAX_WEBHOOKS = 15
_FORBIDDEN = re.compile("discord|clyde", re.I)


def create(state: State, actor_id: str, channel: Channel, name: object) -> Webhook:
    """Raises ApiError 50013 without MANAGE_WEBHOOKS, 30007 (too many), 50024 (no text channel), 50035."""
    state.require(actor_id, channel, Permission.MANAGE_WEBHOOKS)
    if channel.type != ChannelType.TEXT:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    if len(of_channel(state, channel.id)) >= MAX_WEBHOOKS:
        raise ApiError(400, 30007, "Maximum number of webhooks reached (15)")
    webhook = Webhook(state.new_id(), secrets.token_urlsafe(48), channel.id, checked_name(name), actor_id)
    state.webhooks[webhook.id] = webhook
    _announce(state, channel)
    return webhook


def checked_name(name: object) -> str:
    """A webhook's name, or the one under which it posts. Raises ApiError 50035."""
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= MAX_NAME:
        raise ApiError.invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 80 in length.")
    if _FORBIDDEN.search(name):
        raise ApiError.invalid("name", "USERNAME_INVALID_CONTAINS", "Username cannot contain that word")
    return name.strip()


def of_channel(state: State, channel_id: str) -> list[Webhook]:
    """A channel's webhooks, oldest first."""
    return [one for one in state.webhooks.values() if one.channel_id == channel_id]


def find(state: State, webhook_id: str, token: str | None = None) -> Webhook:
    """Raises ApiError 10015, and 50027 where a token is given that is not its own."""
    webhook = state.webhooks.get(webhook_id)
    if webhook is None:
        raise ApiError.unknown(10015, "Webhook")
    if token is not None and not secrets.compare_digest(token, webhook.token):
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return webhook


def change(state: State, webhook: Webhook, changes: Json) -> None:
    """Rename or move it. Raises ApiError 10003, 50035; pictures are not kept."""
    if changes.get("avatar"):
        raise ApiError.invalid("avatar", "UNSUPPORTED", "The sandbox keeps no pictures of webhooks.")
    if "name" in changes:
        webhook.name = checked_name(changes["name"])
    _announce(state, state.channel(webhook.channel_id))
    if changes.get("channel_id"):
        webhook.channel_id = state.channel(str(changes["channel_id"])).id
        _announce(state, state.channel(webhook.channel_id))


def delete(state: State, webhook: Webhook) -> None:
    """Remove it; its messages stay."""
    del state.webhooks[webhook.id]
    _announce(state, state.channel(webhook.channel_id))


def _announce(state: State, channel: Channel) -> None:
    state.announce("WEBHOOKS_UPDATE", {"guild_id": channel.guild_id, "channel_id": channel.id}, channel)


def place(state: State, webhook: Webhook, thread_id: str | None) -> Channel:
    """Where it posts: its channel, or a thread of that. Raises ApiError 10003."""
    if not thread_id:
        return state.channel(webhook.channel_id)
    thread = state.channel(thread_id)
    if thread.parent_id != webhook.channel_id:
        raise ApiError.unknown(10003, "Channel")
    return thread


def execute(state: State, webhook: Webhook, channel: Channel, draft: Draft, username: object) -> Message:
    """Post a message, under another name where one is given. Raises ApiError 50006, 50035."""
    if draft.empty:
        raise ApiError(400, 50006, "Cannot send an empty message")
    name = checked_name(username) if username else webhook.name
    message = Message(state.new_id(), channel.id, webhook.id, application_id=webhook.application_id)
    message.webhook = User(webhook.id, name, name, bot=True)
    message.flags = draft.flags & SETTABLE_FLAGS
    messages.fill(state, message, draft)
    messages.post(state, channel, message)
    return message


def own_message(state: State, webhook: Webhook, channel: Channel, message_id: str) -> Message:
    """A message that it posted. Raises ApiError 10008."""
    message = state.message(channel.id, message_id)
    if message.author_id != webhook.id:
        raise ApiError.unknown(10008, "Message")
    return message
