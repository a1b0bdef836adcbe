"""Adding and removing reactions."""

from patzta.sandbox.errors import ApiError, missing_permissions
from patzta.sandbox.models import Channel, Json, Message
from patzta.sandbox.permissions import Permission
from patzta.sandbox.serialise import emoji_json, member_json
from patzta.sandbox.state import State
from patzta.sandbox.threads import require_active

MAX_EMOJI = 20


def add(state: State, user_id: str, channel: Channel, message: Message, emoji: str) -> None:
    """React once. Raises ApiError 10014 (no emoji), 30010 (too many kinds), 50001, 50013, 50083 (archived thread)."""
    require_active(channel)
    state.require(user_id, channel, 0 if emoji in message.reactions else Permission.ADD_REACTIONS)
    if not emoji or len(emoji) > 64 or (emoji.isascii() and ":" not in emoji):
        raise ApiError(400, 10014, "Unknown Emoji")
    if emoji not in message.reactions and len(message.reactions) >= MAX_EMOJI:
        raise ApiError(400, 30010, "Maximum number of reactions reached (20)")
    users = message.reactions.setdefault(emoji, [])
    if user_id in users:
        return
    users.append(user_id)
    data = _data(channel, message, emoji, user_id) | {"message_author_id": message.author_id}
    if channel.guild_id:
        data["member"] = member_json(state, state.member(channel.guild_id, user_id))
    state.announce("MESSAGE_REACTION_ADD", data, channel, message=message)


def remove(state: State, actor_id: str, channel: Channel, message: Message, emoji: str, user_id: str) -> None:
    """Take one reaction back; another's needs MANAGE_MESSAGES. Raises ApiError 10014, 50001, 50013."""
    state.require(actor_id, channel)
    if actor_id != user_id and not state.permissions(actor_id, channel) & Permission.MANAGE_MESSAGES:
        raise missing_permissions()
    users = message.reactions.get(emoji, [])
    if user_id not in users:
        return
    users.remove(user_id)
    if not users:
        del message.reactions[emoji]
    state.announce("MESSAGE_REACTION_REMOVE", _data(channel, message, emoji, user_id), channel, message=message)


def clear(state: State, actor_id: str, channel: Channel, message: Message, emoji: str | None = None) -> None:
    """Take all reactions off, or all of one emoji; needs MANAGE_MESSAGES."""
    state.require(actor_id, channel, Permission.MANAGE_MESSAGES)
    data: Json = {"channel_id": channel.id, "message_id": message.id, "guild_id": channel.guild_id}
    if emoji is None:
        message.reactions.clear()
        state.announce("MESSAGE_REACTION_REMOVE_ALL", data, channel, message=message)
    elif message.reactions.pop(emoji, None):
        data["emoji"] = emoji_json(emoji)
        state.announce("MESSAGE_REACTION_REMOVE_EMOJI", data, channel, message=message)


def _data(channel: Channel, message: Message, emoji: str, user_id: str) -> Json:
    data: Json = {
        "channel_id": channel.id,
        "message_id": message.id,
        "user_id": user_id,
        "emoji": emoji_json(emoji),
        "burst": False,
        "type": 0,
    }
    return data | {"guild_id": channel.guild_id} if channel.guild_id else data
