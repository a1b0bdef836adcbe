"""Ending on SIGINT and SIGTERM at a place where nothing is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether a signal asked for the end."""

    def __init__(self) -> None:
        self._signal: int | None = None

    def ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  the signature of a handler
        """Take note. A second Ctrl-C ends at once; SIGTERM does not, for schedulers send it twice."""
        again, self._signal = self._signal is not None, number
        if again and number == signal.SIGINT:
            self.obey()

    def obey(self) -> None:
        """End if it was asked for: KeyboardInterrupt for SIGINT, SystemExit with 128 + the signal for another."""
        if self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        if self._signal is not None:
            raise SystemExit(128 + self._signal)

    @property
    def asked(self) -> bool:
        """Whether ``obey`` would end."""
        return self._signal is not None


@contextmanager
def deferred_stop() -> Generator[Stop]:
    """Inside, signals only take note in the Stop; the block asks it wherever it could end."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread receives signals
        return
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
