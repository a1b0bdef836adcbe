"""Times of messages: counted since 1970, or read from a wall clock whose zone the export does not name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
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
        self._offsets: dict[int, timedelta | None] = {}

    def utc(self, local: datetime) -> datetime:
        """The aware time of a naive one."""
        day = local.toordinal()
        if day not in self._offsets:
            self._offsets[day] = self._offset(local)
        if (offset := self._offsets[day]) is not None:
            self._last = local.replace(tzinfo=UTC) - offset
            return self._last
        first = local.replace(tzinfo=self._zone).astimezone(UTC)
        second = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        self._last = second if first < self._last <= second else first
        return self._last

    def _offset(self, local: datetime) -> timedelta | None:
        """From UTC on that day; None if it changes in it, or on a day beside it."""
        try:
            around = [local.replace(hour=12) + timedelta(days=days) for days in (-1, 0, 1)]
        except OverflowError:
            return None
        offsets = {noon.replace(tzinfo=self._zone).utcoffset() for noon in around}
        return offsets.pop() if len(offsets) == 1 else None
