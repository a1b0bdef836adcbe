"""Processes of a job whose supervisor is gone, found by the mark in their environment."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from patzta.jobs.environment import MARK


def survivors(folder: Path) -> list[int]:
    """Process ids. A process that wiped its environment, or somebody else's, is not found."""
    mark = f"{MARK}={folder}".encode()
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def end(folder: Path) -> int:
    """Kill them, and what they start meanwhile; how many there were."""
    ended: set[int] = set()
    while left := set(survivors(folder)) - ended:
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        ended |= left
    return len(ended)
