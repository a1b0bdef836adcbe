"""The sandbox's clock: the computer's own, which a test may put forward.

Ids, timestamps, the ages of messages and interactions, and everything that waits for its time follow it. Heartbeats,
delays of faults and rate limits keep to real seconds, because the bot on the other side does.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus what it was moved by."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._timers: list[_Timer] = []

    def now(self) -> datetime:
        """The date and time (UTC)."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def seconds(self) -> float:
        """Seconds from an arbitrary start, for measuring ages; never steps back."""
        return time.monotonic() + self._ahead

    def move(self, seconds: float) -> None:
        """Let that much time pass at once. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("The clock moves forward only.")
        self._ahead += seconds
        for timer in self._timers:
            timer.schedule(self)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call once, when that much time has passed here; needs a running loop."""
        timer = _Timer(self.seconds() + seconds, callback)
        self._timers = [one for one in self._timers if not one.done] + [timer]
        timer.schedule(self)


class _Timer:
    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.done = False
        self._due = due
        self._callback = callback
        self._handle: asyncio.TimerHandle | None = None

    def schedule(self, clock: Clock) -> None:
        if self.done:
            return
        if self._handle is not None:
            self._handle.cancel()
        left = max(0.0, self._due - clock.seconds())
        self._handle = asyncio.get_running_loop().call_later(left, self._fire)

    def _fire(self) -> None:
        self.done = True
        self._callback()
