"""Times of messages: counted since 1970, or read from a wall clock whose zone the export does not name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from operator import attrgetter
from typing import Any

from patzta.chat.conversation import Message

by_time: Callable[[Message], datetime] = attrgetter("time")
"""Sorts messages that have a time."""
LAST = 2**42
"""Milliseconds since 1970, in the year 2109; what is beyond is no time."""


def from_milliseconds(stamp: Any) -> datetime | None:
    """The time, None where there is none: never 1970."""
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 < stamp < LAST:
        return None
    return datetime.fromtimestamp(stamp / 1000, UTC)


class WallClock:
    """Turns the local times of one file into UTC, in the order in which the file has them.

    When the clocks are put back an hour comes twice; of the two times that a message can have, it gets the first that
    is not before the message above it.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._last = datetime.min.replace(tzinfo=UTC)

    def utc(self, local: datetime) -> datetime:
        """The aware time of a naive one."""
        first = local.replace(tzinfo=self._zone).astimezone(UTC)
        second = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        self._last = second if first < self._last <= second else first
        return self._last
