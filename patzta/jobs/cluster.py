"""Jobs on a cluster: the same supervisor as the body of a batch script, asked through files on shared storage.

The engine is asked only where a job is in its queue. How a job ended stands in the supervisor's record; an engine that
cannot be reached makes nothing fail.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from patzta.jobs import NotTaken
from patzta.jobs.asking import ask_by_box
from patzta.jobs.contract import Order, Status
from patzta.jobs.environment import without_secrets
from patzta.jobs.evidence import Evidence, ending, started_at
from patzta.jobs.local import SUPERVISOR
from patzta.jobs.supervisor import records
from patzta.jobs.supervisor.spec import Spec

SCRIPT, PROGRAM = "batch.sh", "supervisor.pyz"
ROOT = SUPERVISOR.parents[2]
CANCELLED = "cancelled"
"""A file that says that the job was taken back before it began."""
POLL = 3.0
"""Seconds for which the engine's last answer is good."""
SETTLE = 60.0
"""Seconds that a job may be gone from the engine before its record has come through the shared storage's caches."""
BEAT = 45.0
"""Seconds for which a sign of life is good; it comes every ten."""
PATIENCE = 30.0
"""Seconds for a command of the engine."""
OUT_OF_REACH = "the cluster's controller cannot be reached"


class Unreachable(Exception):
    """The engine did not answer. Nothing follows from that."""


class Engine(Protocol):
    """What differs between clusters."""

    name: str

    def header(self, order: Order, folder: Path, seconds: float | None) -> list[str]:
        """The lines of the script that are for the engine; ``seconds`` is the longest time that the job may take."""
        ...

    async def submit(self, script: Path) -> str:
        """Queue a script; its id. Raises NotStarted."""
        ...

    async def places(self, engine_ids: list[str]) -> Mapping[str, Status]:
        """Where those jobs are that the engine still has: queued or running. Raises Unreachable."""
        ...

    async def cancel(self, engine_id: str) -> None:
        """Take it out of the queue, or end it. Raises NotTaken."""
        ...

    async def exit_status(self, engine_id: str) -> int | None:
        """What the engine itself says of a job's end; None when it knows nothing. Raises Unreachable."""
        ...


class Cluster:
    """Runs jobs through an engine. See ``Executor``."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self._engine = engine
        self._places: Mapping[str, Status] = {}
        self._wanted: dict[str, float] = {}
        self._asked = -POLL
        self._reached = True
        self._gone: dict[str, float] = {}
        self._turn = asyncio.Lock()

    async def start(self, folder: Path, order: Order, spec: Spec) -> str:
        """Queue it. Raises NotStarted."""
        seconds = None if spec.walltime is None else spec.walltime + 2 * spec.margin
        program = folder / PROGRAM
        await asyncio.to_thread(_pack, program)
        words = shlex.join(["python3", "-I", "-S", str(program), "--shared", str(folder)])
        lines = ["#!/bin/sh", *self._engine.header(order, folder, seconds), f"exec {words}", ""]
        script = folder / SCRIPT
        await asyncio.to_thread(script.write_text, "\n".join(lines), encoding="utf-8")
        return await self._engine.submit(script)

    async def look(self, folder: Path, engine_id: str) -> Evidence:
        """How the job is: by its own record, else by what the engine says."""
        if ended := ending(str(folder)):
            return ended
        began = started_at(folder)
        place = await self._place(engine_id)
        if not self._reached:
            alive = began is not None and _beats(folder)
            return Evidence(Status.RUNNING if alive else Status.UNKNOWN, None, "" if alive else OUT_OF_REACH, began)
        if place is not None:
            self._gone.pop(engine_id, None)
            return Evidence(Status.RUNNING if began else Status.QUEUED, started=began)
        return await self._without_place(folder, engine_id)

    async def _place(self, engine_id: str) -> Status | None:
        """Where the engine has it; None when it has it no more, or could not be asked."""
        now = time.monotonic()
        async with self._turn:
            new = engine_id not in self._wanted
            self._wanted[engine_id] = now
            if new or now >= self._asked + POLL:
                self._wanted = {known: at for known, at in self._wanted.items() if at > now - SETTLE}
                await self._ask_engine(list(self._wanted))
        return self._places.get(engine_id)

    async def _ask_engine(self, engine_ids: list[str]) -> None:
        self._asked = time.monotonic()
        try:
            self._places, self._reached = await self._engine.places(engine_ids), True
        except Unreachable:
            self._reached = False

    async def _without_place(self, folder: Path, engine_id: str) -> Evidence:
        """The engine has it no more, and there is no record of its end."""
        began = started_at(folder)
        if began is None and (folder / CANCELLED).exists():
            return Evidence(Status.KILLED, reason="killed")
        since = self._gone.setdefault(engine_id, time.monotonic())
        if time.monotonic() < since + SETTLE:
            return Evidence(Status.RUNNING if began else Status.QUEUED, started=began)
        try:
            code = await self._engine.exit_status(engine_id)
        except Unreachable:
            return Evidence(Status.UNKNOWN, None, OUT_OF_REACH, began)
        said = "" if code is None else f"; {self.name} says that it ended with {code}"
        return Evidence(Status.LOST, None, f"it is gone from {self.name} without a record of its end{said}", began)

    async def ask(self, folder: Path, request: dict[str, Any]) -> dict[str, Any]:
        """Ask its supervisor. Raises NotTaken."""
        if started_at(folder) is None:
            raise NotTaken("The job waits in the cluster's queue.")
        return await ask_by_box(folder, request)

    async def cancel(self, folder: Path, engine_id: str, request: dict[str, Any]) -> None:
        """By its supervisor, so that it can save and the end is recorded; by the engine where nobody answers."""
        if started_at(folder) is not None:
            try:
                await ask_by_box(folder, request)
            except NotTaken:
                await self._engine.cancel(engine_id)
        else:
            await asyncio.to_thread((folder / CANCELLED).touch)
            await self._engine.cancel(engine_id)


def _pack(program: Path) -> None:
    """The supervisor in one file beside the job: this checkout may not be there, or be another, when the job begins."""
    with zipfile.ZipFile(program, "w") as archive:
        for file in (*SUPERVISOR.glob("*.py"), SUPERVISOR.parent / "__init__.py", ROOT / "patzta" / "errors.py"):
            archive.write(file, file.relative_to(ROOT))
        archive.writestr("patzta/__init__.py", "")
        archive.writestr("__main__.py", "from patzta.jobs.supervisor.__main__ import run\n\nrun()\n")


def _beats(folder: Path) -> bool:
    record = records.read_text(str(folder), "beat")
    try:
        return time.time() - float(record) < BEAT
    except ValueError:
        return False


async def command(line: str) -> tuple[int, str, str]:
    """Run a command of the engine: exit status, output, complaints. Raises Unreachable when it takes too long."""
    process = await asyncio.create_subprocess_shell(
        line,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Engines hand the environment of a submission on to the job.
        env=without_secrets(os.environ),
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, complaints = await process.communicate()
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise Unreachable(f"{line.split()[0]} does not answer") from error
    return process.returncode or 0, output.decode(errors="replace"), complaints.decode(errors="replace")
