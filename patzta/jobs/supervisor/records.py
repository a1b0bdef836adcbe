"""Small JSON files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import contextlib
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RESERVED = 4096
"""Bytes set aside for a record that must be written even on a full disk."""


def write(folder: str, name: str, record: dict[str, Any]) -> None:
    """Write or replace a record. Raises OSError."""
    os.replace(_prepare(folder, name, record), os.path.join(folder, name))
    _sync(folder)


def claim(folder: str, name: str, record: dict[str, Any]) -> bool:
    """Write a record unless there is one; whether it was written. Raises OSError."""
    prepared = _prepare(folder, name, record)
    try:
        os.link(prepared, os.path.join(folder, name))
    except FileExistsError:
        return False
    finally:
        os.unlink(prepared)
    _sync(folder)
    return True


def read(folder: str, name: str) -> dict[str, Any] | None:
    """The record, None where there is no whole one."""
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return dict(json.loads(file.read()))
    except (OSError, ValueError, TypeError):
        return None


def read_text(folder: str, name: str) -> str:
    """A small text, empty where there is none."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def reserve(folder: str, name: str) -> None:
    """Set disk space aside for the record of that name."""
    with contextlib.suppress(OSError), open(_unready(folder, name), "ab") as file:
        os.posix_fallocate(file.fileno(), 0, RESERVED)


def boot_id() -> str:
    """Another one after each start of the machine."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def _unready(folder: str, name: str) -> str:
    return os.path.join(folder, f".{name}.unready")


def _prepare(folder: str, name: str, record: dict[str, Any]) -> str:
    path = _unready(folder, name)
    data = json.dumps(record).encode() + b"\n"
    # Not truncated first: what was set aside stays this file's.
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(file, data)
        os.ftruncate(file, len(data))
        os.fsync(file)
    finally:
        os.close(file)
    return path


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
