"""A job in one's own terminal: what it writes comes here, what is typed here goes there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios
import tty
from collections.abc import Generator

from patzta.errors import PatztaError
from patzta.jobs import NotTaken
from patzta.jobs.contract import Job
from patzta.jobs.service import Jobs
from patzta.jobs.supervisor.log import extent

DETACH = b"\x1d"
"""Ctrl-]"""
BACK = 16384
"""Bytes of output from before that are shown first."""


async def attach(jobs: Jobs, job: Job, actor: str) -> None:
    """Until the job ends or the detach key is pressed. Without a terminal, only watch."""
    total, _ = extent(str(jobs.folder(job.id)))
    showing = asyncio.create_task(_show(jobs, job.id, max(0, total - BACK)))
    if not sys.stdin.isatty() or job.status.final:
        await showing
        return
    with raw(sys.stdin.fileno()):
        await _fit(jobs, job.id)
        await jobs.note(actor, "view", job.id)
        typing = asyncio.create_task(_type(jobs, job.id, actor))
        await asyncio.wait((showing, typing), return_when=asyncio.FIRST_COMPLETED)
        for task in (showing, typing):
            task.cancel()
        await asyncio.gather(showing, typing, return_exceptions=True)
    sys.stderr.write(f"\r\nJob {job.id}: {(await jobs.get(job.id)).status}.\n")


@contextlib.contextmanager
def raw(terminal: int) -> Generator[None]:
    """Every key goes through as it is."""
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


async def _fit(jobs: Jobs, number: int) -> None:
    size = os.get_terminal_size(sys.stdin.fileno())
    with contextlib.suppress(PatztaError):
        await jobs.resize(number, size.lines, size.columns)


async def _show(jobs: Jobs, number: int, offset: int) -> None:
    async for piece in jobs.follow(number, offset):
        sys.stdout.buffer.write(piece.data)
        sys.stdout.buffer.flush()


async def _type(jobs: Jobs, number: int, actor: str) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while data := await reader.read(1024):
            before, detach, _ = data.partition(DETACH)
            if before:
                await _send(jobs, number, before, actor)
            if detach:
                return
    finally:
        transport.close()


async def _send(jobs: Jobs, number: int, data: bytes, actor: str) -> None:
    try:
        await jobs.write(number, data, actor)
    except NotTaken as error:
        sys.stderr.write(f"\r\n[{error}]\r\n")
