"""The worker's process as the bot sees it: started so that it outlives the bot, found again by its socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from patzta.inference import WorkerLost, wire

SOCKET, LOCK, LOG = "socket", "lock", "log"
ENDING = 10.0
"""Seconds that a worker gets to end by itself."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(folder: Path) -> Connection | None:
    """To the worker of this folder, if there is one."""
    try:
        # Through the folder's descriptor: a socket's own path may have 107 bytes only.
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{descriptor}/{SOCKET}", limit=wire.LIMIT)
    except OSError:
        return None
    finally:
        os.close(descriptor)


async def start(folder: Path, settings: dict[str, Any]) -> Connection:
    """Start a worker, unless another bot was faster, and connect. Raises WorkerLost."""
    try:
        await asyncio.to_thread(folder.mkdir, 0o700, parents=True, exist_ok=True)
        # The process leaves at once and lets a child of its own serve: that one is nobody's child here.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "patzta.inference.worker", str(folder), stdin=asyncio.subprocess.PIPE
        )
        await process.communicate(json.dumps(settings).encode())
    except OSError as error:
        raise WorkerLost(f"The model worker cannot be started: {error}.") from error
    if (found := await connect(folder)) is None:
        raise WorkerLost(f"The model worker ended at its start; {folder / LOG} says why.")
    return found


def pid_of(writer: asyncio.StreamWriter) -> int:
    """Who listens at the other end."""
    connection: socket.socket = writer.get_extra_info("socket")
    given = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", given)[0])


async def ended(pid: int) -> None:
    """Wait for its end; kill what does not end."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ENDING):
            await _gone(pid)
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    await _gone(pid)


async def _gone(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
