"""Requests to the supervisor of a running job."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from pathlib import Path
from typing import Any

from patzta.jobs import NotTaken
from patzta.jobs.supervisor import control

PATIENCE = 10.0
"""Seconds for an answer; through a box on shared storage, whose caches are slow, six times that."""


async def ask(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Ask through the socket in ``folder``. Raises NotTaken when nobody answers or the answer is no."""
    # Through the folder's descriptor: a socket's own path may have 107 bytes only.
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    except OSError as error:
        raise NotTaken(f"The job's folder {folder} is gone.") from error
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_unix_connection(f"/proc/self/fd/{descriptor}/{control.SOCKET}")
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        raise NotTaken("The job's supervisor does not answer: the job has ended, or not begun.") from error
    finally:
        os.close(descriptor)
    return checked(line)


async def ask_by_box(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Ask through files in ``folder``, which is on shared storage. Raises NotTaken."""
    box, name = folder / control.BOX, secrets.token_hex(8)
    try:
        await asyncio.to_thread(control.put, name + control.ASKED, json.dumps(request).encode(), str(box))
        async with asyncio.timeout(6 * PATIENCE):
            # No event comes from another machine.
            while (line := await asyncio.to_thread(_taken, box / (name + control.ANSWERED))) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    except (OSError, TimeoutError) as error:
        raise NotTaken("The job's supervisor does not answer: the job has ended, or not begun.") from error
    return checked(line)


def _taken(file: Path) -> bytes | None:
    """What lies in the file, which is then gone; None before it is there."""
    try:
        line = file.read_bytes()
    except FileNotFoundError:
        return None
    file.unlink()
    return line


def checked(line: bytes) -> dict[str, Any]:
    """The answer. Raises NotTaken when it is no."""
    try:
        answer: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise NotTaken("The job's supervisor hung up.") from error
    if problem := answer.get("error"):
        raise NotTaken(f"Not taken: {problem}.")
    return answer
