"""The engine PBS, which Metacentrum has. https://openpbs.org"""

# qtoolkit is typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qtoolkit.core.data_objects import QState
from qtoolkit.core.exceptions import CommandFailedError, OutputParsingError
from qtoolkit.io.pbs import PBSIO

from patzta.jobs import NotStarted, NotTaken
from patzta.jobs.cluster import Unreachable, command, submitted
from patzta.jobs.contract import Order, Status

RUNNING = {QState.RUNNING, QState.SUSPENDED}
OVER = {QState.DONE, QState.FAILED}


class PBS:
    """See ``Engine``."""

    name = "pbs"

    def __init__(self) -> None:
        self._io = PBSIO()

    def header(self, order: Order, folder: Path, seconds: float | None) -> list[str]:
        """See ``Engine``. Options of one letter are qsub's, others are resources: ``q=gpu select=1:ngpus=1``."""
        lines = [
            f"-N patzta-{folder.name}",
            f"-o {folder}/engine.out",
            "-j oe",
            # A server that lost its memory would start it twice; the supervisor refuses that, too.
            "-r n",
        ]
        if seconds is not None:
            lines.append(f"-l walltime={round(seconds)}")
        lines += [
            f"-{name} {value}" if len(name) == 1 else f"-l {name}={value}" for name, value in order.options.items()
        ]
        return [f"#PBS {line}" for line in lines]

    async def submit(self, script: Path) -> str:
        """See ``Engine``."""
        try:
            answer = await command(self._io.get_submit_cmd(shlex.quote(str(script))))
        except Unreachable as error:
            raise NotStarted(f"PBS did not take the job: {error}.") from error
        return submitted(self._io.parse_submit_output(*answer), "PBS")

    async def places(self, engine_ids: list[str]) -> Mapping[str, Status]:
        """See ``Engine``."""
        answer = await command(self._io.get_jobs_list_cmd([*engine_ids], None))
        try:
            found = self._io.parse_jobs_list_output(*answer)
        except (CommandFailedError, OutputParsingError) as error:
            raise Unreachable(str(error)) from error
        return {
            str(job.job_id): Status.RUNNING if job.state in RUNNING else Status.QUEUED
            for job in found
            if job.state not in OVER
        }

    async def cancel(self, engine_id: str) -> None:
        """See ``Engine``. The last rung: PBS kills the supervisor before it can write its record."""
        try:
            code, _, complaints = await command(self._io.get_cancel_cmd(engine_id))
        except Unreachable as error:
            raise NotTaken(f"PBS did not end the job: {error}.") from error
        if code:
            raise NotTaken(f"PBS did not end the job: {complaints.strip()}")

    async def exit_status(self, engine_id: str) -> int | None:
        """See ``Engine``. Where the server keeps a history."""
        code, output, complaints = await command(f"qstat -x -f -F json {engine_id}")
        if code and "Unknown Job Id" not in complaints:
            raise Unreachable(complaints)
        try:
            known: dict[str, Any] = json.loads(output)["Jobs"]
            return int(next(iter(known.values()))["Exit_status"])
        except (ValueError, KeyError, StopIteration):
            return None
