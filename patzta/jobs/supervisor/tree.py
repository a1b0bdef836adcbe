"""The processes of a job: all that descend from it, wherever they hid."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

SET_CHILD_SUBREAPER = 36
"""``prctl``: orphans below us become our children rather than init's; see prctl(2)."""


def become_reaper() -> None:
    """Let orphans of the job come to this process."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants() -> list[int]:
    """The process ids of all that live below this process."""
    parents = dict(_parents())
    found: list[int] = []
    for pid in parents:
        above = parents.get(pid, 0)
        while above > 1 and above != os.getpid():
            above = parents.get(above, 0)
        if above == os.getpid():
            found.append(pid)
    return found


def _parents() -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                # The name, in parentheses, may hold anything.
                state, parent = file.read().rpartition(b")")[2].split()[:2]
                if state not in {b"Z", b"X"}:
                    found.append((int(name), int(parent)))
    return found


def reap() -> list[tuple[int, int]]:
    """Process id and wait status of every child that ended."""
    ended: list[tuple[int, int]] = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, status))
    return ended


def send(number: signal.Signals, processes: list[int]) -> None:
    """Signal processes; those that are gone do not matter."""
    for pid in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def send_to_groups(number: signal.Signals, groups: set[int]) -> None:
    """Signal process groups, as a key does."""
    for group in groups - {0, os.getpgrp()}:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


class Group:
    """A control group for the job, where this process may make one: it can be killed as a whole, against any fork."""

    def __init__(self, name: str) -> None:
        self._path = _own()
        if self._path:
            self._path = os.path.join(self._path, name)
            try:
                os.mkdir(self._path)
            except OSError:
                self._path = ""

    def take(self, pid: int) -> None:
        """Put the process into it."""
        self._write("cgroup.procs", str(pid))

    def kill(self) -> None:
        """Kill all that is in it."""
        self._write("cgroup.kill", "1")

    def remove(self) -> None:
        """Remove it, once it is empty."""
        with contextlib.suppress(OSError):
            os.rmdir(self._path)

    def _write(self, name: str, text: str) -> None:
        if self._path:
            with contextlib.suppress(OSError), open(os.path.join(self._path, name), "w", encoding="ascii") as file:
                file.write(text)


def _own() -> str:
    """The folder of this process's own group in the version 2 hierarchy; empty where there is none."""
    with contextlib.suppress(OSError), open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields, _, kind = line.partition(" - ")
            if kind.startswith("cgroup2 "):
                return fields.split()[4] + _own_name()
    return ""


def _own_name() -> str:
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        name = next((line[3:].strip() for line in file if line.startswith("0::")), "/")
    return "" if name == "/" else name
