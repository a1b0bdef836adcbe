"""The log of a job: segments named by the number of bytes before them; of a long one the middle is dropped.

The first segment is kept for ever, and the last few. Offsets count from the job's first byte, so what was dropped is
known exactly.
"""

from __future__ import annotations

import contextlib
import os

PREFIX = "log."
HEAD = 2**20
"""Bytes of the first segment."""
SEGMENT = 4 * 2**20
"""Bytes of each other one."""
KEPT = 5
"""How many of the others are kept."""


class LogWriter:
    """Appends to the log in ``folder``. ``total`` counts all bytes that were ever written."""

    def __init__(self, folder: str) -> None:
        self.total = 0
        self._folder = folder
        self._end = HEAD
        self._file = self._open()

    def write(self, data: bytes) -> int:
        """Append, at most to the end of the segment; how many bytes. Raises OSError, for example on a full disk."""
        if self.total == self._end:
            self._next()
        written = os.write(self._file, data[: self._end - self.total])
        self.total += written
        return written

    def close(self) -> None:
        """See to it that the disk has it."""
        with contextlib.suppress(OSError):
            os.fsync(self._file)
        os.close(self._file)

    def _open(self) -> int:
        path = os.path.join(self._folder, f"{PREFIX}{self.total:016d}")
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _next(self) -> None:
        # Room is made first, so that a job that fills the disk can go on at all.
        for _, path in segments(self._folder)[1 : 1 - KEPT]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        new = self._open()
        os.close(self._file)
        self._file = new
        self._end = self.total + SEGMENT


def segments(folder: str) -> list[tuple[int, str]]:
    """Offset and path of each segment, the first first."""
    names = sorted(name for name in os.listdir(folder) if name.startswith(PREFIX))
    return [(int(name[len(PREFIX) :]), os.path.join(folder, name)) for name in names]


def read(folder: str, offset: int, limit: int) -> tuple[int, bytes]:
    """At most ``limit`` bytes from ``offset`` on, and where they begin: later than asked where bytes were dropped."""
    for start, path in segments(folder):
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                if start + size > offset:
                    begin = max(start, offset)
                    file.seek(begin - start)
                    return begin, file.read(limit)
        except FileNotFoundError:
            # Dropped this moment: its bytes belong to the gap.
            continue
    return offset, b""


def extent(folder: str) -> tuple[int, int]:
    """How many bytes were written, and how many of them are not there any more."""
    kept = total = 0
    for start, path in segments(folder):
        with contextlib.suppress(FileNotFoundError):
            size = os.stat(path).st_size
            kept += size
            total = max(total, start + size)
    return total, total - kept
