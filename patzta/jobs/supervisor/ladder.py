"""How a job is ended: asked, asked again, then made to."""

from __future__ import annotations

import signal

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
"""Somebody wants it to end."""
SAVE = (signal.SIGTERM, signal.SIGKILL)
"""Its time is over, or its main process is: what saves on TERM can do so."""
KILL = (signal.SIGKILL,)
"""At once."""


class Ladder:
    """The signals still to be sent, each ``grace`` seconds after the one before; the last is repeated."""

    def __init__(self, steps: tuple[signal.Signals, ...], grace: float, now: float) -> None:
        self._steps = list(steps)
        self._grace = grace
        self.at = now
        """When the next is due."""
        self.last_sent: float | None = None
        """When the last one was sent first."""

    @property
    def is_last(self) -> bool:
        """Whether only the last is left."""
        return len(self._steps) == 1

    def due(self, now: float) -> signal.Signals | None:
        """The signal to send now, None while it is too early."""
        if now < self.at:
            return None
        step = self._steps[0]
        if len(self._steps) > 1:
            del self._steps[0]
            self.at = now + self._grace
        else:
            # What forks may slip through once.
            self.at = now + 0.1
            self.last_sent = self.last_sent or now
        return step

    def hurry(self, now: float) -> None:
        """Go to the last step."""
        del self._steps[:-1]
        self.at = now
