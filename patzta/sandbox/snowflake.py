"""Discord's ids: milliseconds since 2015 in the upper bits, a counter in the lower 22.

https://discord.com/developers/docs/reference#snowflakes
"""

from collections.abc import Callable
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
COUNTER_BITS = 22


def snowflake_at(moment: datetime, counter: int = 0) -> str:
    """The id that something made at `moment` has."""
    return str((int(moment.timestamp() * 1000) - EPOCH_MS << COUNTER_BITS) | counter)


def time_of(snowflake: str) -> datetime:
    """When the thing with this id was made (UTC)."""
    return datetime.fromtimestamp(((int(snowflake) >> COUNTER_BITS) + EPOCH_MS) / 1000, UTC)


class SnowflakeMaker:
    """Hands out ids of what `now` tells that strictly increase, also when that clock steps back."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def __call__(self) -> str:
        self._last = max(self._last + 1, int(snowflake_at(self._now())))
        return str(self._last)
