"""Opening DMs, and making, changing and joining threads and channels."""

from patzta.sandbox import overwrites, slowmode, threads
from patzta.sandbox.errors import ApiError
from patzta.sandbox.messages import post
from patzta.sandbox.models import Channel, ChannelType, Json, Message, MessageFlag, MessageType, Reference, ThreadInfo
from patzta.sandbox.permissions import Permission
from patzta.sandbox.reading import items
from patzta.sandbox.serialise import channel_json, thread_member_json
from patzta.sandbox.state import State

MAX_NAME = 100


def open_dm(state: State, user_id: str, other_id: str) -> Channel:
    """The DM between two users, made when there is none yet. Raises ApiError 50007 where Discord allows none."""
    state.user(other_id)
    pair = {user_id, other_id}
    if sum(state.users[one].bot for one in pair) != 1:
        raise ApiError(403, 50007, "Cannot send messages to this user")
    for channel in state.channels.values():
        if channel.type == ChannelType.DM and set(channel.recipients) == pair:
            return channel
    channel = Channel(state.new_id(), ChannelType.DM, recipients=[user_id, other_id])
    state.channels[channel.id] = channel
    # Bots are not told: Discord sends CHANNEL_CREATE for DMs to people only.
    state.announce("CHANNEL_CREATE", channel_json(state, channel), channel, for_bots=False)
    return channel


def checked_name(name: object) -> str:
    """A channel's or thread's name. Raises ApiError 50035."""
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= MAX_NAME:
        raise ApiError.invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    return name.strip()


def create_thread(
    state: State,
    owner_id: str,
    parent: Channel,
    name: str,
    *,
    message: Message | None = None,
    private: bool = False,
    auto_archive_duration: int = 1440,
    slowmode_s: int = 0,
) -> Channel:
    """Start a thread, from a message or on its own.

    Raises ApiError 160004 when the message has one, 50024, 50013, 20016 (slow mode), 50035.
    """
    if parent.type != ChannelType.TEXT:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    state.require(owner_id, parent, needed)
    if message is not None and message.thread_id is not None:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    name, now = checked_name(name), state.clock.now()
    slowmode.pace(state, owner_id, parent, "thread")
    thread = Channel(
        message.id if message else state.new_id(),
        ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD,
        name,
        parent.guild_id,
        parent.id,
        slowmode_s=slowmode_s,
        thread=ThreadInfo(
            owner_id,
            auto_archive_duration=auto_archive_duration,
            archive_changed_at=now,
            active_at=now,
            members={owner_id: now},
        ),
    )
    state.channels[thread.id] = thread
    state.announce("THREAD_CREATE", channel_json(state, thread) | {"newly_created": True}, thread)
    _mark_start(state, owner_id, parent, thread, message)
    return thread


def _mark_start(state: State, owner_id: str, parent: Channel, thread: Channel, message: Message | None) -> None:
    if message is not None:
        message.thread_id = thread.id
        message.flags |= MessageFlag.HAS_THREAD
        state.announce("MESSAGE_UPDATE", {"guild_id": parent.guild_id}, parent, message=message)
        starter = Message(state.new_id(), thread.id, message.author_id, type=MessageType.THREAD_STARTER)
        starter.reference = Reference(parent.id, message.id)
        post(state, thread, starter)
    elif thread.type == ChannelType.PUBLIC_THREAD:
        notice = Message(state.new_id(), parent.id, owner_id, thread.name, MessageType.THREAD_CREATED)
        notice.reference = Reference(thread.id)
        notice.thread_id = thread.id
        post(state, parent, notice)


def thread_info(channel: Channel) -> ThreadInfo:
    """The channel's thread part. Raises ApiError 50024 when it is no thread."""
    if channel.thread is None:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    return channel.thread


def join_thread(state: State, actor_id: str, thread: Channel, user_id: str) -> None:
    """Add a user to a thread; oneself or another. Raises ApiError 50083 in an archived one."""
    state.require(actor_id, thread)
    threads.require_active(thread)
    info = thread_info(thread)
    if user_id in info.members:
        return
    info.members[user_id] = state.clock.now()
    added = [thread_member_json(thread, user_id)]
    _announce_members(state, thread, {"added_members": added})


def leave_thread(state: State, actor_id: str, thread: Channel, user_id: str) -> None:
    """Remove a user from a thread; another needs MANAGE_THREADS. Raises ApiError 50083 in an archived one."""
    state.require(actor_id, thread, 0 if actor_id == user_id else Permission.MANAGE_THREADS)
    threads.require_active(thread)
    if thread_info(thread).members.pop(user_id, None):
        _announce_members(state, thread, {"removed_member_ids": [user_id]})


def _announce_members(state: State, thread: Channel, change: Json) -> None:
    count = len(thread_info(thread).members)
    data = {"id": thread.id, "guild_id": thread.guild_id, "member_count": count} | change
    state.announce("THREAD_MEMBERS_UPDATE", data, thread)


def update(state: State, actor_id: str, channel: Channel, changes: Json) -> None:
    """Rename, move, archive, lock, re-topic, or change who may do what. Raises ApiError 50001, 50013, 50035, 50083."""
    if channel.thread is None:
        state.require(actor_id, channel, Permission.MANAGE_CHANNELS)
        _update_place(state, actor_id, channel, changes)
    else:
        threads.require_change(state, actor_id, channel, changes)
        threads.change(state, channel.thread, changes)
    channel.slowmode_s = slowmode.read(changes, channel.slowmode_s)
    if "name" in changes:
        channel.name = checked_name(changes["name"])
    name = "CHANNEL_UPDATE" if channel.thread is None else "THREAD_UPDATE"
    state.announce(name, channel_json(state, channel), channel)


def _update_place(state: State, actor_id: str, channel: Channel, changes: Json) -> None:
    channel.topic = changes.get("topic", channel.topic)
    channel.nsfw = bool(changes.get("nsfw", channel.nsfw))
    channel.position = int(changes.get("position", channel.position))
    if "parent_id" in changes:
        channel.parent_id = str(changes["parent_id"]) if changes["parent_id"] else None
    if "permission_overwrites" in changes:
        state.require(actor_id, channel, Permission.MANAGE_ROLES)
        wanted = items(changes, "permission_overwrites")
        channel.overwrites = overwrites.read(state, actor_id, channel.guild_id or "", channel, wanted)


def remove(state: State, actor_id: str, channel: Channel) -> None:
    """Delete a thread or channel with what is in it. Raises ApiError 50001, 50013."""
    if channel.type == ChannelType.DM:
        state.require(actor_id, channel)
        return
    needed = Permission.MANAGE_THREADS if channel.thread else Permission.MANAGE_CHANNELS
    state.require(actor_id, channel, needed)
    body = channel_json(state, channel)
    # Announced first: who may hear of it is decided by the channel as it stands.
    state.announce("THREAD_DELETE" if channel.thread else "CHANNEL_DELETE", body, channel)
    for inner in [c for c in state.channels.values() if c.parent_id == channel.id]:
        if inner.thread is None:
            inner.parent_id = None
            continue
        state.channels.pop(inner.id)
        state.messages.pop(inner.id, None)
    state.channels.pop(channel.id)
    state.messages.pop(channel.id, None)


def create_channel(state: State, actor_id: str, guild_id: str, body: Json) -> Channel:
    """Make a text channel or category. Raises ApiError 50013 without MANAGE_CHANNELS, 50035."""
    member_channels = [c for c in state.channels.values() if c.guild_id == guild_id and not c.thread]
    state.require(actor_id, member_channels[0], Permission.MANAGE_CHANNELS)
    kind = ChannelType(body.get("type", ChannelType.TEXT))
    if kind not in (ChannelType.TEXT, ChannelType.CATEGORY):
        raise ApiError.invalid("type", "BASE_TYPE_CHOICES", "The sandbox makes text channels and categories only.")
    parent_id = str(body["parent_id"]) if body.get("parent_id") else None
    channel = Channel(state.new_id(), kind, checked_name(body.get("name")), guild_id, parent_id, len(member_channels))
    channel.topic, channel.nsfw = body.get("topic"), bool(body.get("nsfw"))
    channel.slowmode_s = slowmode.read(body)
    channel.overwrites = overwrites.read(state, actor_id, guild_id, None, items(body, "permission_overwrites"))
    state.channels[channel.id] = channel
    state.announce("CHANNEL_CREATE", channel_json(state, channel), channel)
    return channel
