"""Sending, editing and deleting messages, for people and bots alike."""

import mimetypes
import re
from dataclasses import replace
from datetime import datetime, timedelta

from patzta.sandbox import forwards
from patzta.sandbox.drafts import Draft, Upload, mentions_in
from patzta.sandbox.errors import ApiError, missing_permissions
from patzta.sandbox.models import (
    SETTABLE_FLAGS,
    Attachment,
    Channel,
    Json,
    Message,
    MessageFlag,
    MessageType,
    Poll,
    Reference,
)
from patzta.sandbox.permissions import Permission
from patzta.sandbox.serialise import member_json, timestamp
from patzta.sandbox.slowmode import pace
from patzta.sandbox.snowflake import snowflake_at
from patzta.sandbox.state import State
from patzta.sandbox.threads import note_message, require_active, require_unlocked
from patzta.sandbox.unfurl import unfurl

NONCE_MEMORY_S = 300.0
"""How long a nonce keeps a repeated request from becoming a second message."""

_V2 = int(MessageFlag.COMPONENTS_V2)

BULK_DELETE_AGE = timedelta(days=14)


def send(state: State, author_id: str, channel: Channel, draft: Draft) -> Message:
    """Post a message.

    Raises ApiError 50001, 50013, 50006 (empty), 160005 (locked), 20016 (slow mode), 50035, and what `forwards` does.
    """
    in_thread = channel.thread is not None
    state.require(author_id, channel, Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)
    require_unlocked(state, author_id, channel)
    if draft.empty != draft.forwards:
        raise ApiError(400, 50006, "Cannot send an empty message")
    earlier = _same_nonce(state, author_id, channel, draft)
    if earlier is not None:
        return earlier
    message = Message(state.new_id(), channel.id, author_id, nonce=draft.nonce)
    message.flags = draft.flags & SETTABLE_FLAGS
    _point(state, channel, message, draft)
    pace(state, author_id, channel, "message")
    fill(state, message, draft)
    if draft.nonce is not None:
        state.nonces[author_id, channel.id, str(draft.nonce)] = (message.id, state.clock.seconds())
    post(state, channel, message)
    return message


def _same_nonce(state: State, author_id: str, channel: Channel, draft: Draft) -> Message | None:
    if not draft.enforce_nonce or draft.nonce is None:
        return None
    message_id, at = state.nonces.get((author_id, channel.id, str(draft.nonce)), ("", 0.0))
    fresh = state.clock.seconds() - at < NONCE_MEMORY_S
    return state.history(channel.id).get(message_id) if fresh else None


def _point(state: State, channel: Channel, message: Message, draft: Draft) -> None:
    if not draft.reference:
        return
    if draft.forwards:
        forwards.attach(state, message.author_id, message, draft.reference)
        return
    message_id = str(draft.reference["message_id"])
    if message_id in state.history(channel.id):
        message.type = MessageType.REPLY
        message.reference = Reference(channel.id, message_id)
    elif draft.reference.get("fail_if_not_exists", True):
        raise ApiError.invalid("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")


def post(state: State, channel: Channel, message: Message) -> None:
    """Put a finished message into the channel's history and tell everyone. An archived thread opens again."""
    if channel.thread is not None:
        note_message(state, channel)
    state.history(channel.id)[message.id] = message
    channel.last_message_id = message.id
    if channel.thread is not None:
        # The message that a thread starts from does not count.
        channel.thread.message_count += message.type != MessageType.THREAD_STARTER
    state.announce("MESSAGE_CREATE", _member_of(state, channel, message.author_id), channel, message=message)


def _member_of(state: State, channel: Channel, user_id: str) -> Json:
    """The extra fields of message events: the guild, and the author as a member."""
    if channel.guild_id is None:
        return {}
    member = state.guilds[channel.guild_id].members.get(user_id)
    extra: Json = {"guild_id": channel.guild_id}
    return extra | {"member": member_json(state, member, with_user=False)} if member else extra


def fill(state: State, message: Message, draft: Draft) -> None:
    """Put a draft's content into a message: text, embeds, components, files and whom it mentions."""
    if draft.content is not None:
        message.content = draft.content
    if draft.embeds is not None:
        message.embeds = draft.embeds
    if draft.components is not None:
        message.components = draft.components
    if draft.attachments is not None or draft.uploads:
        message.attachments = _kept(message, draft) + _stored(state, message, draft)
    if draft.embeds is not None or draft.components is not None:
        unfurl(state, message)
    if draft.poll is not None:
        expiry = state.clock.now() + timedelta(hours=draft.poll["hours"])
        message.poll = Poll(draft.poll["question"], draft.poll["answers"], expiry, draft.poll["multiple"])
        message.poll.votes = {number: [] for number in range(1, len(message.poll.answers) + 1)}
    _mention(state, message, draft)


def _kept(message: Message, draft: Draft) -> list[Attachment]:
    if draft.attachments is None:
        return message.attachments
    ids = {str(item.get("id")) for item in draft.attachments}
    return [attachment for attachment in message.attachments if attachment.id in ids]


def _stored(state: State, message: Message, draft: Draft) -> list[Attachment]:
    described = {str(item.get("id")): item for item in draft.attachments or []}
    new: list[Attachment] = []
    for index, upload in draft.uploads.items():
        about = described.get(str(index), {})
        name = str(about.get("filename") or upload.filename)
        new.append(store(state, message.channel_id, replace(upload, filename=name), about.get("description")))
    return new


def store(state: State, channel_id: str, upload: Upload, description: str | None = None) -> Attachment:
    """Keep a file, served under the channel's address."""
    name = safe_filename(upload.filename)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    attachment = Attachment(state.new_id(), channel_id, name, upload.content, kind, description)
    state.attachments[attachment.id] = attachment
    return attachment


def safe_filename(name: str) -> str:
    """A name without folders and without signs that mean something in an address or a header."""
    return re.sub(r"[^\w.\-]+", "_", name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]).lstrip(".")[-100:] or "file"


def _mention(state: State, message: Message, draft: Draft) -> None:
    replied = message.reference and state.history(message.channel_id).get(message.reference.message_id or "")
    found = mentions_in(message.content, draft.allowed_mentions, replied.author_id if replied else None)
    channel = state.channels[message.channel_id]
    bits = state.permissions(message.author_id, channel)
    may_all = message.webhook is not None or bool(bits & Permission.MENTION_EVERYONE)
    message.mentions = [user_id for user_id in found.users if user_id in state.users]
    message.mention_roles = [role_id for role_id in found.roles if role_id in _role_ids(state, channel)]
    message.mention_everyone = found.everyone and may_all
    message.notified = _notified(state, message, channel) if not message.flags & MessageFlag.EPHEMERAL else []


def _role_ids(state: State, channel: Channel) -> set[str]:
    return set(state.guilds[channel.guild_id].roles) if channel.guild_id else set()


def _notified(state: State, message: Message, channel: Channel) -> list[str]:
    pinged = set(message.mentions)
    if channel.guild_id is not None:
        for member in state.guilds[channel.guild_id].members.values():
            if message.mention_everyone or set(member.roles) & set(message.mention_roles):
                pinged.add(member.user_id)
    pinged.discard(message.author_id)
    return sorted(user_id for user_id in pinged if state.sees(user_id, channel))


def edit(state: State, editor_id: str, channel: Channel, message: Message, draft: Draft) -> None:
    """Change one's own message.

    Raises ApiError 50005 for another's, 50006 when nothing would be left, 50083 in an archived and 160005 in a locked
    thread.
    """
    if message.author_id != editor_id:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    state.require(editor_id, channel)
    require_active(channel)
    require_unlocked(state, editor_id, channel)
    if draft.flags_given:
        message.flags = message.flags & ~SETTABLE_FLAGS | draft.flags & SETTABLE_FLAGS | message.flags & _V2
    revise(state, channel, message, draft)


def revise(state: State, channel: Channel, message: Message, draft: Draft) -> None:
    """Change a message that the caller was already found to own."""
    before = (message.content, message.embeds, message.components, message.attachments, message.mentions)
    try:
        fill(state, message, draft)
        _refuse_empty(message)
    except ApiError:
        message.content, message.embeds, message.components, message.attachments, message.mentions = before
        raise
    if message.loading:
        # The words that end "is thinking" are the first ones: Discord does not mark them as edited.
        message.flags &= ~MessageFlag.LOADING
    else:
        message.edited_at = state.clock.now()
    announce_update(state, channel, message)


def _refuse_empty(message: Message) -> None:
    if not (message.content or message.embeds or message.components or message.attachments or message.poll):
        raise ApiError(400, 50006, "Cannot send an empty message")


def announce_update(state: State, channel: Channel, message: Message) -> None:
    """Tell everyone who sees the message that it changed."""
    extra = _member_of(state, channel, message.author_id)
    hidden = message.ephemeral_to is not None
    state.announce(
        "MESSAGE_UPDATE", extra, channel, message=message, for_bots=not hidden, only_user=message.ephemeral_to
    )


def delete(state: State, actor_id: str, channel: Channel, message: Message) -> None:
    """Remove a message: one's own, or any with MANAGE_MESSAGES. Raises ApiError 50001, 50003, 50013."""
    own = message.author_id == actor_id
    state.require(actor_id, channel)
    if not own and channel.guild_id is None:
        raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    if not own and not state.permissions(actor_id, channel) & Permission.MANAGE_MESSAGES:
        raise missing_permissions()
    discard(state, channel, message)


def discard(state: State, channel: Channel, message: Message) -> None:
    """Remove a message that the caller was already found to be allowed to remove."""
    state.history(channel.id).pop(message.id, None)
    hidden = message.ephemeral_to is not None
    state.announce(
        "MESSAGE_DELETE",
        _place(channel) | {"id": message.id},
        channel,
        for_bots=not hidden,
        only_user=message.ephemeral_to,
    )


def bulk_delete(state: State, actor_id: str, channel: Channel, ids: list[str]) -> None:
    """Remove 2 to 100 messages of the last 14 days; unknown ids are passed over.

    Raises ApiError 50016 (count), 50034 (age), 50001, 50013.
    """
    state.require(actor_id, channel, Permission.MANAGE_MESSAGES)
    if not 2 <= len(set(ids)) <= 100:
        raise ApiError(
            400,
            50016,
            "Provided too few or too many messages to delete: 2 to 100 are possible",
        )
    oldest = int(snowflake_at(state.clock.now() - BULK_DELETE_AGE))
    if any(int(message_id) < oldest for message_id in ids):
        raise ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    discard_all(state, channel, ids)


def discard_all(state: State, channel: Channel, ids: list[str]) -> None:
    """Remove those of these messages that there are."""
    history = state.history(channel.id)
    gone = [message_id for message_id in ids if history.pop(message_id, None)]
    if gone:
        state.announce("MESSAGE_DELETE_BULK", _place(channel) | {"ids": gone}, channel)


def _place(channel: Channel) -> Json:
    place: Json = {"channel_id": channel.id}
    return place | {"guild_id": channel.guild_id} if channel.guild_id else place


def set_pin(state: State, actor_id: str, channel: Channel, message: Message, moment: datetime | None) -> None:
    """Pin a message, or with None take the pin away. Raises ApiError 50001, 50013."""
    state.require(actor_id, channel, Permission.PIN_MESSAGES if channel.guild_id else 0)
    newly = moment is not None and message.pinned_at is None
    message.pinned_at = moment
    announce_update(state, channel, message)
    last = max((m.pinned_at for m in state.history(channel.id).values() if m.pinned_at), default=None)
    data: Json = {"channel_id": channel.id, "last_pin_timestamp": timestamp(last) if last else None}
    if channel.guild_id:
        data["guild_id"] = channel.guild_id
    state.announce("CHANNEL_PINS_UPDATE", data, channel)
    if newly:
        notice = Message(state.new_id(), channel.id, actor_id, type=MessageType.PINNED)
        notice.reference = Reference(channel.id, message.id)
        post(state, channel, notice)


def typing(state: State, user_id: str, channel: Channel) -> None:
    """Show "is typing" for the next ten seconds, or until that user's next message."""
    state.require(user_id, channel, 0)
    data = _place(channel) | {"user_id": user_id, "timestamp": int(state.clock.now().timestamp())}
    if channel.guild_id:
        data["member"] = member_json(state, state.member(channel.guild_id, user_id))
    state.announce("TYPING_START", data, channel)


def page_of(history: dict[str, Message], limit: int, before: str, after: str, around: str) -> list[Message]:
    """Part of a history, newest first, as `GET /channels/{id}/messages` has it; empty strings mean "not given"."""
    messages = sorted(history.values(), key=lambda message: int(message.id))
    if around:
        older = [m for m in messages if int(m.id) < int(around)][-(limit // 2) :]
        newer = [m for m in messages if int(m.id) >= int(around)][: limit - len(older)]
        chosen = older + newer
    elif after:
        chosen = [m for m in messages if int(m.id) > int(after)][:limit]
    else:
        chosen = [m for m in messages if not before or int(m.id) < int(before)][-limit:]
    return chosen[::-1]
