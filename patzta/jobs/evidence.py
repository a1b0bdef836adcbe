"""What the folder of a job says about it. The folder is the truth; the store's row follows it."""

from __future__ import annotations

import fcntl
import math
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from patzta.jobs.contract import Status
from patzta.jobs.supervisor import records
from patzta.jobs.survivors import survivors

YOUNG = 60.0
"""Seconds that a supervisor has to appear, from the making of the folder or of the spec in it."""
NEW_BORN = 2.0
"""Seconds that it may have made its lock without holding it."""
REFUSED = "refused-"
REBOOT = "the machine was started anew while it ran"
KEEPER_GONE = "its supervisor was killed"
NEVER = "it was never started"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a job is, as found: see ``Job``."""

    status: Status
    exit_code: int | None = None
    reason: str = ""
    started: datetime | None = None
    ended: datetime | None = None


def look(folder: Path) -> Evidence:
    """How the job in ``folder`` is, for one whose supervisor lives, or lived, on this machine."""
    path = str(folder)
    if ended := ending(path):
        return ended
    locked = is_locked(folder / "lock")
    run = records.read(path, "run.json")
    if locked:
        return Evidence(Status.RUNNING if run else Status.QUEUED, started=_time(run, "started"))
    # It may have ended between the two looks.
    if ended := ending(path):
        return ended
    if run is None:
        lock = folder / "lock"
        young = _age(lock) < NEW_BORN if lock.exists() else min(_age(folder / "spec.json"), _age(folder)) < YOUNG
        return Evidence(Status.QUEUED) if young else Evidence(Status.LOST, reason=NEVER)
    return Evidence(Status.LOST, reason=_loss(folder, run), started=_time(run, "started"))


def _loss(folder: Path, run: dict[str, Any]) -> str:
    if run.get("boot") != records.boot_id():
        return REBOOT
    left = ", ".join(map(str, survivors(folder)))
    return f"{KEEPER_GONE}; still there: {left}" if left else KEEPER_GONE


def ending(folder: str) -> Evidence | None:
    """What its supervisor wrote down at the end; None before."""
    record = records.read(folder, "exit.json")
    if record is None:
        return None
    code, reason = record.get("code"), str(record.get("reason", ""))
    status = Status.KILLED if reason or code is None else Status.FAILED if code else Status.SUCCESS
    remarks = [reason] if reason else []
    if survivors := record.get("survivors"):
        remarks.append(f"still there: {', '.join(map(str, survivors))}")
    if any(Path(folder).glob(f"{REFUSED}*")):
        remarks.append("a second start was refused")
    return Evidence(status, code, "; ".join(remarks), started_at(Path(folder)), _time(record, "ended"))


def started_at(folder: Path) -> datetime | None:
    """When it began; None before."""
    return _time(records.read(str(folder), "run.json"), "started")


def is_locked(file: Path) -> bool:
    """Whether somebody holds the lock."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _age(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return math.inf


def _time(record: dict[str, Any] | None, key: str) -> datetime | None:
    value = record.get(key) if record else None
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else None
