"""The supervisor's end of the job's terminal: output goes into the log, input to the job."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct
import termios

from patzta.jobs.supervisor.log import LogWriter

PIECE = 65536
PIECES = 32
"""Reads in a row before others have their turn."""
LINE = 4000
"""Bytes of a line that a terminal in its usual (canonical) mode takes; the kernel drops the rest without a word."""
WAITING = 65536
"""Bytes of input kept for a job that does not read."""
HUNG_UP, BLOCKED = 0.1, 0.5
"""Seconds between looks at a terminal that nobody has open (it may be opened again), and at a full disk."""
FULL = {errno.ENOSPC, errno.EDQUOT}


class Terminal:
    """Reads and writes ``master``, which must not block, without ever waiting."""

    def __init__(self, master: int, log: LogWriter) -> None:
        self._master = master
        self._log = log
        self._unwritten = b""
        self._input = bytearray()
        self._line = b""
        self.hung_up = False
        """Whether nobody had it open when it was looked at last. The job may open it again while it lives."""

    @property
    def blocked(self) -> bool:
        """Whether output waits for room on the disk; the job then waits too."""
        return bool(self._unwritten)

    def wanted(self) -> tuple[int, int]:
        """Descriptor and events to poll for; no events where it has to be looked at from time to time."""
        events = select.POLLIN * (not self.blocked and not self.hung_up) | select.POLLOUT * bool(self._input)
        return self._master, 0 if self.hung_up else events

    def patience(self) -> float | None:
        """Seconds until it is to be looked at without an event; None when events will tell."""
        return HUNG_UP if self.hung_up else BLOCKED if self.blocked else None

    def move(self) -> None:
        """Move what can be moved. Raises OSError when the log cannot be written for another reason than its size."""
        self._write()
        self._keep(b"")
        for _ in range(PIECES):
            data = b"" if self.blocked else self._read()
            if not data:
                return
            self._keep(data)

    def _read(self) -> bytes:
        self.hung_up = False
        try:
            return os.read(self._master, PIECE)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self.hung_up = True
            return b""

    def _keep(self, data: bytes) -> None:
        self._unwritten += data
        try:
            while self._unwritten:
                self._unwritten = self._unwritten[self._log.write(self._unwritten) :]
        except OSError as error:
            if error.errno not in FULL:
                raise

    def _write(self) -> None:
        # An error here shows at the next read too.
        with contextlib.suppress(OSError):
            while self._input:
                del self._input[: os.write(self._master, self._input[:1024])]

    def type(self, data: bytes) -> str:
        """Take input for the job; why not, where it is refused: empty when it was taken."""
        if len(self._input) + len(data) > WAITING:
            return "the job does not read its input"
        lines = (self._line + data).replace(b"\r", b"\n").split(b"\n")
        if self.by_lines and any(len(line) > LINE for line in lines):
            return f"a line has more than {LINE} bytes, of which the terminal would drop the rest"
        self._line = lines[-1] if self.by_lines else b""
        self._input += data
        self._write()
        return ""

    @property
    def pending(self) -> int:
        """Bytes of input that the job has not taken."""
        return len(self._input)

    @property
    def by_lines(self) -> bool:
        """Whether it takes input by lines."""
        return bool(self._modes() & termios.ICANON)

    @property
    def echoes(self) -> bool:
        """Whether it shows what is typed; a prompt for a password switches that off."""
        modes = self._modes()
        return bool(modes & termios.ECHO) or not modes & termios.ICANON

    def _modes(self) -> int:
        try:
            return termios.tcgetattr(self._master)[3]
        except termios.error:
            return termios.ECHO

    def foreground(self) -> int:
        """The process group that has it, 0 where there is none."""
        try:
            return struct.unpack("i", fcntl.ioctl(self._master, termios.TIOCGPGRP, b"\0\0\0\0"))[0]
        except OSError:
            return 0

    def resize(self, rows: int, columns: int) -> None:
        """Tell it its size. Raises OSError."""
        resize(self._master, rows, columns)


def resize(terminal: int, rows: int, columns: int) -> None:
    """Tell a terminal its size, and the processes in front. Raises OSError."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
