"""What Slurm and PBS have in common: commands, whose words and answers the library qtoolkit knows."""

# qtoolkit is typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from qtoolkit.core.data_objects import QState
from qtoolkit.core.exceptions import CommandFailedError, OutputParsingError
from qtoolkit.io.base import BaseSchedulerIO

from patzta.jobs import NotStarted, NotTaken
from patzta.jobs.cluster import Unreachable, command
from patzta.jobs.contract import Status

RUNNING = {QState.RUNNING, QState.SUSPENDED}
OVER = {QState.DONE, QState.FAILED}


class Batch:
    """Most of an ``Engine``. ``title`` is its name as people write it."""

    name: str
    title: str

    def __init__(self, io: BaseSchedulerIO) -> None:
        self._io = io

    async def submit(self, script: Path) -> str:
        """See ``Engine``."""
        try:
            answer = await command(self._io.get_submit_cmd(shlex.quote(str(script))))
        except Unreachable as error:
            raise NotStarted(f"{self.title} did not take the job: {error}.") from error
        result = self._io.parse_submit_output(*answer)
        if not result.job_id:
            raise NotStarted(f"{self.title} did not take the job: {(result.stderr or result.stdout or '').strip()}")
        return str(result.job_id)

    async def places(self, engine_ids: list[str]) -> Mapping[str, Status]:
        """See ``Engine``."""
        answer = await command(self.listing(engine_ids))
        try:
            found = self._io.parse_jobs_list_output(*answer)
        except (CommandFailedError, OutputParsingError) as error:
            raise Unreachable(str(error)) from error
        return {
            str(job.job_id): Status.RUNNING if job.state in RUNNING else Status.QUEUED
            for job in found
            if job.state not in OVER
        }

    def listing(self, engine_ids: list[str]) -> str:
        """The command that lists at least those jobs."""
        raise NotImplementedError

    async def cancel(self, engine_id: str) -> None:
        """See ``Engine``."""
        try:
            code, _, complaints = await command(self._io.get_cancel_cmd(engine_id))
        except Unreachable as error:
            raise NotTaken(f"{self.title} did not end the job: {error}.") from error
        if code:
            raise NotTaken(f"{self.title} did not end the job: {complaints.strip()}")
