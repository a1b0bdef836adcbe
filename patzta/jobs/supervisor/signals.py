"""Signals as something that ``poll`` tells of."""

from __future__ import annotations

import contextlib
import os
import signal


class Signals:
    """Must be made before the first fork: a child may end at once.

    A Python handler does not end a system call that waits (PEP 475); only the wake-up descriptor does.
    """

    def __init__(self) -> None:
        self.descriptor, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._terminated = False
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake)
        signal.signal(signal.SIGTERM, self._on_terminate)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)

    def _on_terminate(self, *_: object) -> None:
        self._terminated = True

    def clear(self) -> bool:
        """Forget what came; whether this process was told to end."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.descriptor, 4096)
        terminated, self._terminated = self._terminated, False
        return terminated


def _wake(*_: object) -> None:
    """Nothing: a signal with a handler is written to the wake-up descriptor."""
