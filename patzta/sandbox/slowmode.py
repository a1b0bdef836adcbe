"""Slow mode: how long a person waits in a channel between two messages, and between two threads.

https://discord.com/developers/docs/resources/channel#channel-object
"""

from typing import Literal

from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Channel, Json
from patzta.sandbox.permissions import Permission
from patzta.sandbox.state import State

MAX_S = 21_600


def read(body: Json, present: int = 0) -> int:
    """The seconds that a request wants, `present` where it does not say. Raises ApiError 50035."""
    seconds = body.get("rate_limit_per_user", present) or 0
    if not isinstance(seconds, int) or not 0 <= seconds <= MAX_S:
        words = f"int value should be between 0 and {MAX_S}."
        raise ApiError.invalid("rate_limit_per_user", "NUMBER_TYPE_MAX", words)
    return seconds


def pace(state: State, user_id: str, channel: Channel, what: Literal["message", "thread"]) -> None:
    """Let one through and the next only later. Raises ApiError 20016 with the seconds that are left.

    Bots and who has BYPASS_SLOWMODE never wait.
    """
    free = state.users[user_id].bot or state.permissions(user_id, channel) & Permission.BYPASS_SLOWMODE
    if free or not channel.slowmode_s:
        return
    key, now = (channel.id, user_id, what), state.clock.seconds()
    left = channel.slowmode_s - (now - state.paced[key]) if key in state.paced else 0
    if left > 0:
        words = "This action cannot be performed due to slowmode rate limit"
        raise ApiError(429, 20016, words, retry_after=round(left, 3))
    state.paced[key] = now
