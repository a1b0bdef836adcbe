"""Where the double is spoken to, and when it says nothing."""

from __future__ import annotations

from datetime import datetime, time
from typing import TypeGuard

import discord

from patzta.framework.talking import TextPlace


def is_text_place(place: object) -> TypeGuard[TextPlace]:
    """Whether messages there can be answered."""
    return isinstance(place, TextPlace)


def is_direct(place: TextPlace, name: str, me: discord.abc.User) -> bool:
    """Whether every message there speaks to the double, whose bot is called ``name``."""
    if isinstance(place, discord.DMChannel):
        return True
    if isinstance(place, discord.Thread) and place.owner_id == me.id:
        return True
    channel = place.parent if isinstance(place, discord.Thread) else place
    category = channel.category if channel else None
    return any(item.name.startswith(f"{name}-direct") for item in (place, channel, category) if item)


def is_silent(hours: tuple[time, time] | None, now: datetime) -> bool:
    """Whether ``now`` lies in the hours of silence, which may go over midnight."""
    if hours is None:
        return False
    begin, end = hours
    at = now.time()
    return begin <= at < end if begin <= end else at >= begin or at < end
