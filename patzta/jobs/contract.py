"""What the rest of the program knows of jobs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from patzta.services import ServiceKey


class Status(StrEnum):
    """How a job is. The words are stored and printed: they never change."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    KILLED = "killed"
    LOST = "lost"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        """Whether it stays so."""
        return self not in {Status.QUEUED, Status.RUNNING, Status.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: ``command`` as a shell would read it, by a shell itself only with ``shell``.

    ``cwd`` is absolute; ``env`` is added to what jobs get. ``walltime`` and ``cpu`` are seconds, ``memory`` bytes; None
    is no limit. ``executor`` runs it; ``options`` are that engine's own.
    """

    command: str
    shell: bool = False
    cwd: str = ""
    name: str = ""
    env: dict[str, str] = field(default_factory=dict[str, str])
    rows: int = 24
    columns: int = 80
    walltime: float | None = None
    memory: int | None = None
    cpu: int | None = None
    niceness: int = 0
    executor: str = "local"
    options: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was found last. ``reason`` says more about the status, in words; ``actor`` who started it.

    ``exit_code`` is a shell's: 128 and the signal for what was ended by one; None while it is not known.
    """

    id: int
    name: str
    command: str
    status: Status
    exit_code: int | None
    reason: str
    executor: str
    engine_id: str
    actor: str
    created: datetime
    started: datetime | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """What a running job's supervisor says.

    ``stopping`` is why it is being ended, empty when it is not; ``blocked`` that the disk is full; ``echoes`` is false
    at a prompt for a password; ``pending`` are the bytes of input that the job has not taken; ``ends`` is when its time
    is over (seconds since 1970), None when it has no limit.
    """

    stopping: str = ""
    blocked: bool = False
    echoes: bool = True
    pending: int = 0
    rows: int = 24
    columns: int = 80
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Output of a job: ``data`` begins ``offset`` bytes after the job's first; what lies between two was dropped."""

    offset: int
    data: bytes


Changed = Callable[[Job], None]


class JobService(Protocol):
    """Runs and watches jobs. ``actor`` is noted before anything is done.

    All raise NoSuchJob where there is none, and StoreUnavailable.
    """

    async def run(self, order: Order, actor: str) -> Job:
        """Start a job, or put it into the queue. Raises NotStarted."""
        ...

    async def get(self, number: int) -> Job:
        """A job."""
        ...

    async def page(self, before: int | None, count: int, wanted: Status | None = None) -> list[Job]:
        """The newest jobs with an id below ``before``, newest first."""
        ...

    async def order(self, number: int) -> Order:
        """What the job was made from."""
        ...

    async def kill(self, number: int, actor: str, *, now: bool = False) -> None:
        """End it by and by, or at once. Raises NotTaken."""
        ...

    async def write(self, number: int, data: bytes, actor: str) -> None:
        """Type into it. Raises NotTaken."""
        ...

    async def resize(self, number: int, rows: int, columns: int) -> None:
        """Change its terminal's size. Raises NotTaken."""
        ...

    async def state(self, number: int) -> State | None:
        """What its supervisor says; None when it has none."""
        ...

    async def note(self, actor: str, action: str, number: int, detail: str = "") -> None:
        """Keep in the log of actions what somebody is about to do."""
        ...

    def follow(self, number: int, offset: int = 0) -> AsyncGenerator[Piece]:
        """The output from ``offset`` on, as it comes, until the job has ended."""
        ...

    def folder(self, number: int) -> Path:
        """Where everything of it is kept."""
        ...

    def watch(self, changed: Changed) -> Callable[[], None]:
        """Be told of each change of a job's status; call what is returned to be told no more."""
        ...


JOBS: ServiceKey[JobService] = ServiceKey("jobs")
