"""Archived and locked threads: who may do what in them, and how they archive themselves when nobody speaks.

https://discord.com/developers/docs/topics/threads
"""

from datetime import timedelta
from functools import partial

from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Channel, Json, ThreadInfo
from patzta.sandbox.permissions import Permission
from patzta.sandbox.serialise import channel_json
from patzta.sandbox.state import Event, State

ARCHIVE_DURATIONS = (60, 1440, 4320, 10080)
"""Minutes without a message."""


def require_active(channel: Channel) -> None:
    """Raises ApiError 50083 in an archived thread."""
    if channel.thread and channel.thread.archived:
        raise ApiError(400, 50083, "Thread is archived")


def require_unlocked(state: State, user_id: str, channel: Channel) -> None:
    """Raises ApiError 160005 in a locked thread for whom may not manage threads."""
    locked = channel.thread is not None and channel.thread.locked
    if locked and not state.permissions(user_id, channel) & Permission.MANAGE_THREADS:
        raise ApiError(403, 160005, "Thread is locked")


def checked_duration(minutes: object) -> int:
    """A thread's `auto_archive_duration`. Raises ApiError 50035."""
    if minutes not in ARCHIVE_DURATIONS:
        raise ApiError.invalid("auto_archive_duration", "BASE_TYPE_CHOICES", f"Must be one of {ARCHIVE_DURATIONS}.")
    return int(str(minutes))


def require_change(state: State, actor_id: str, thread: Channel, changes: Json) -> None:
    """Raises ApiError 50001, 50013, and 50083 for a change that leaves the thread archived."""
    info = thread.thread
    assert info is not None
    needed = Permission(0) if info.owner_id == actor_id else Permission.MANAGE_THREADS
    if changes.keys() == {"archived"} and not changes["archived"] and not info.locked:
        needed = Permission.SEND_MESSAGES_IN_THREADS
    if changes.get("rate_limit_per_user", thread.slowmode_s) != thread.slowmode_s:
        needed = Permission.MANAGE_THREADS
    state.require(actor_id, thread, needed)
    if changes.get("archived", True):
        require_active(thread)


def change(state: State, info: ThreadInfo, changes: Json) -> None:
    """Archive, open, lock, or set the time without messages. Raises ApiError 50035."""
    archived = bool(changes.get("archived", info.archived))
    minutes = checked_duration(changes.get("auto_archive_duration", info.auto_archive_duration))
    if (archived, minutes) != (info.archived, info.auto_archive_duration):
        info.archive_changed_at = info.active_at = state.clock.now()
    info.archived, info.auto_archive_duration = archived, minutes
    info.locked = bool(changes.get("locked", info.locked))


def note_message(state: State, thread: Channel) -> None:
    """A message comes: an archived thread is open again, and one that is open stays so for longer."""
    info = thread.thread
    assert info is not None
    info.active_at = state.clock.now()
    if info.archived:
        _set_archived(state, thread, info, archived=False)


def _set_archived(state: State, thread: Channel, info: ThreadInfo, *, archived: bool) -> None:
    info.archived, info.archive_changed_at = archived, state.clock.now()
    state.announce("THREAD_UPDATE", channel_json(state, thread), thread)


def watch(state: State) -> None:
    """Archive every thread when nobody has spoken in it for its time."""

    def hear(event: Event) -> None:
        thread = state.channels.get(event.channel_id or "")
        if event.name in ("THREAD_CREATE", "THREAD_UPDATE") and thread:
            _wait(state, thread)

    state.listeners.append(hear)


def _wait(state: State, thread: Channel) -> None:
    """Look again when the time is over; what was said meanwhile has put that off."""
    info = thread.thread
    if info is None or info.archived or thread.id not in state.channels:
        return
    due = info.active_at + timedelta(minutes=info.auto_archive_duration)
    left = (due - state.clock.now()).total_seconds()
    if left > 0:
        state.clock.call_later(left, partial(_wait, state, thread))
    else:
        _set_archived(state, thread, info, archived=True)
