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
        self._came: list[int] = []
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake)
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGUSR1, self._note)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)

    def _note(self, number: int, _frame: object) -> None:
        self._came.append(number)

    def clear(self) -> list[int]:
        """Forget what came, and return it: TERM, or USR1, with which Slurm tells that the time is over."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.descriptor, 4096)
        came, self._came = self._came, []
        return came


def _wake(*_: object) -> None:
    """Nothing: a signal with a handler is written to the wake-up descriptor."""
