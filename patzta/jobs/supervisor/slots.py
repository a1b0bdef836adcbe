"""Waiting for a turn, without anybody who hands turns out: the files are locked by who waits, and by who runs.

``queue/limit`` holds how many may run at once; without it, all may. A lock goes with its process, however that ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time

LIMIT = "limit"
TICKET, SLOT = "wait-", "slot-"


class Turn:
    """A place in the queue in ``folder``; ``number`` orders those who wait."""

    def __init__(self, folder: str, number: int) -> None:
        self._folder = folder
        self._name = f"{TICKET}{number:012d}"
        self._ticket: int | None = _own_ticket(os.path.join(folder, self._name))
        self._slot: int | None = None

    def come(self) -> bool:
        """Whether it is our turn now; then the ticket is given up."""
        limit = _limit(self._folder)
        if limit is not None and not self._is_first():
            return False
        free, held = self._count()
        if limit is not None and held >= limit:
            if free is not None:
                os.close(free)
            return False
        while free is None:
            free = _locked(os.path.join(self._folder, f"{SLOT}{held:06d}"))
            held += 1
        self._slot = free
        self.leave()
        return True

    def leave(self) -> None:
        """Wait no longer."""
        if self._ticket is not None:
            os.unlink(os.path.join(self._folder, self._name))
            os.close(self._ticket)
            self._ticket = None

    def _is_first(self) -> bool:
        waiting = [name for name in os.listdir(self._folder) if name.startswith(TICKET)]
        first = min(waiting, default=self._name)
        if first == self._name:
            return True
        path = os.path.join(self._folder, first)
        dead = _locked(path, make=False)
        if dead is not None:
            # Its owner was killed while it waited.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            os.close(dead)
        return False

    def _count(self) -> tuple[int | None, int]:
        """A slot that was free, now locked, and how many are not."""
        free, held = None, 0
        for name in sorted(name for name in os.listdir(self._folder) if name.startswith(SLOT)):
            slot = _locked(os.path.join(self._folder, name))
            if slot is None:
                held += 1
            elif free is None:
                free = slot
            else:
                os.close(slot)
        return free, held


def _limit(folder: str) -> int | None:
    try:
        with open(os.path.join(folder, LIMIT), encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def _own_ticket(path: str) -> int:
    while True:
        ticket = _locked(path)
        with contextlib.suppress(FileNotFoundError):
            if ticket is not None and os.fstat(ticket).st_ino == os.stat(path).st_ino:
                return ticket
        # Another waiter took it for a dead one's, between its making and its locking.
        if ticket is not None:
            os.close(ticket)
        time.sleep(0.001)


def _locked(path: str, *, make: bool = True) -> int | None:
    """The file, locked; None when somebody else has it, or it is gone."""
    try:
        file = os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file
