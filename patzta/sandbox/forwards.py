"""Forwarding: a message that shows what another said when it was forwarded.

https://discord.com/developers/docs/resources/message#message-reference-types
"""

import copy

from patzta.sandbox.errors import ApiError
from patzta.sandbox.intents import Intent, content_is_free
from patzta.sandbox.models import Channel, Json, Message, MessageFlag, MessageType, Reference, ReferenceType
from patzta.sandbox.permissions import Permission
from patzta.sandbox.serialise import message_json
from patzta.sandbox.state import State

_FORWARDABLE = {
    MessageType.DEFAULT,
    MessageType.REPLY,
    MessageType.CHAT_INPUT_COMMAND,
    MessageType.CONTEXT_MENU_COMMAND,
}
_KEPT = (
    *("type", "content", "mentions", "mention_roles", "attachments", "embeds"),
    *("timestamp", "edited_timestamp", "flags", "components"),
)


def attach(state: State, author_id: str, message: Message, reference: Json) -> None:
    """Put what the reference names into a message.

    Raises ApiError 10003, 50001, 50035, 160009 (without the history), 160014 (a bot that may not read the content).
    """
    source = state.channel(str(reference.get("channel_id") or message.channel_id))
    state.require(author_id, source)
    if source.guild_id and not state.permissions(author_id, source) & Permission.READ_MESSAGE_HISTORY:
        raise ApiError(403, 160009, "Cannot reference a message without permission to read message history")
    original = state.history(source.id).get(str(reference.get("message_id")))
    if original is None:
        raise ApiError.invalid("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    if original.type not in _FORWARDABLE or original.poll:
        raise ApiError.invalid("message_reference", "MESSAGE_REFERENCE_NOT_FORWARDABLE", "Cannot forward this message")
    message.snapshot = original.snapshot or _snapshot(state, author_id, source, original)
    message.reference = Reference(source.id, original.id, ReferenceType.FORWARD)
    message.flags |= MessageFlag.HAS_SNAPSHOT


def _snapshot(state: State, reader_id: str, source: Channel, original: Message) -> Json:
    body, bot = message_json(state, original), state.bots.get(reader_id)
    hidden = bot is not None and bot.forbidden_intents & Intent.MESSAGE_CONTENT
    if hidden and not content_is_free(body, reader_id, in_guild=source.guild_id is not None):
        raise ApiError(403, 160014, "You cannot forward a message whose content you cannot read")
    return copy.deepcopy({key: body[key] for key in _KEPT})
