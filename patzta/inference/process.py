"""A worker process and this end of its connection; both can pass to the program that replaces this one by exec."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from patzta.inference import WorkerLost

ENDING = 5.0
"""Seconds that a worker without a connection gets to end by itself."""


class WorkerProcess:
    """Process ``pid``, a child of this process, and the socket to it."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.socket = connection
        self._ended = False

    @classmethod
    def start(cls, model: Path, threads: int) -> Self:
        """Start a worker, which ends when its socket does. Raises WorkerLost."""
        ours, its = socket.socketpair()
        with its:
            command = [sys.executable, "-m", "patzta.inference.worker", str(model), "--fd", str(its.fileno())]
            try:
                # Not by asyncio, which ends its children with the loop. Ctrl-C in a terminal reaches the bot alone.
                process = subprocess.Popen(
                    [*command, "--threads", str(threads)], pass_fds=[its.fileno()], start_new_session=True
                )
            except OSError as error:
                ours.close()
                raise WorkerLost(f"The model worker cannot be started: {error}.") from error
        # This class waits for the child; Popen would warn that it was not waited for.
        process.returncode = 0
        return cls(process.pid, ours)

    @classmethod
    def adopt(cls, pid: int, fd: int) -> Self:
        """Take over what ``hand_over`` left. Raises WorkerLost for what is no living worker of this process."""
        try:
            connection = socket.socket(fileno=fd)
            os.set_inheritable(fd, False)  # noqa: FBT003
        except OSError as error:
            raise WorkerLost(f"the handed connection is not there: {error}") from error
        process = cls(pid, connection)
        if connection.family != socket.AF_UNIX or not process.runs():
            process.socket.close()
            raise WorkerLost("the handed worker has ended")
        return process

    def hand_over(self) -> dict[str, int]:
        """Let the socket survive an exec, after which ``adopt`` takes these numbers."""
        fd = os.dup(self.socket.fileno())
        os.set_inheritable(fd, True)  # noqa: FBT003
        self._ended = True
        return {"pid": self.pid, "fd": fd}

    def runs(self) -> bool:
        """Whether the process lives; one that is no child of ours counts as ended."""
        if not self._ended:
            try:
                self._ended = os.waitpid(self.pid, os.WNOHANG)[0] != 0
            except ChildProcessError:
                self._ended = True
        return not self._ended

    async def end(self) -> None:
        """Hang up and wait; kill what does not end."""
        self.socket.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDING):
                await self._wait()
        if self.runs():
            os.kill(self.pid, signal.SIGKILL)
            await self._wait()

    async def _wait(self) -> None:
        while self.runs():  # noqa: ASYNC110  no event tells of the end of an adopted child
            await asyncio.sleep(0.01)
