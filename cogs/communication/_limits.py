"""How often the double answers: nobody can drain the machine, and no two bots talk for ever."""

from __future__ import annotations

from collections import deque
from typing import Any

HOUR = 3600.0
IN_A_ROW = 10
"""Answers to bots in a place before a person has to write again."""


class Limits:
    """Counts answers within the last hour, by user and by place; ``now`` is in seconds on any clock."""

    def __init__(self, per_user: int, per_place: int) -> None:
        self._limits = {"user": per_user, "place": per_place}
        self._times: dict[tuple[str, int], deque[float]] = {}
        self._bots: dict[int, int] = {}
        self._told: dict[int, float] = {}

    def allow(self, user_id: int, place_id: int, now: float) -> bool:
        """Whether another answer may be given; then it counts."""
        both = [self._recent(("user", user_id), now), self._recent(("place", place_id), now)]
        if any(len(times) >= limit for times, limit in zip(both, self._limits.values(), strict=True)):
            return False
        for times in both:
            times.append(now)
        return True

    def tell(self, place_id: int, now: float) -> bool:
        """Whether people there are to be told that it was enough: True once an hour."""
        if now - self._told.get(place_id, -HOUR) < HOUR:
            return False
        self._told[place_id] = now
        return True

    def may_answer_bot(self, place_id: int) -> bool:
        """Whether a bot may be answered there once more; a person's message starts the count anew."""
        self._bots[place_id] = self._bots.get(place_id, 0) + 1
        return self._bots[place_id] <= IN_A_ROW

    def person_wrote(self, place_id: int) -> None:
        """Somebody who is no bot takes part there."""
        self._bots.pop(place_id, None)

    def export(self) -> Any:
        """Plain data for the next version of the cog."""
        return [[kind, number, list(times)] for (kind, number), times in self._times.items()]

    def take_over(self, state: Any) -> None:
        """What the version before counted."""
        self._times = {(kind, number): deque(times) for kind, number, times in state}

    def _recent(self, key: tuple[str, int], now: float) -> deque[float]:
        times = self._times.setdefault(key, deque())
        while times and times[0] <= now - HOUR:
            times.popleft()
        return times
