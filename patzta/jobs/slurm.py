"""The engine Slurm. https://slurm.schedmd.com"""

# qtoolkit is typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import getpass
import shlex
from collections.abc import Mapping
from pathlib import Path

from qtoolkit.core.data_objects import QState
from qtoolkit.core.exceptions import CommandFailedError, OutputParsingError
from qtoolkit.io.slurm import SlurmIO

from patzta.jobs import NotStarted, NotTaken
from patzta.jobs.cluster import Unreachable, command, submitted
from patzta.jobs.contract import Order, Status

WARNED = 60
"""Seconds before its end that the engine warns, for a limit that we did not set."""
RUNNING = {QState.RUNNING, QState.SUSPENDED}
OVER = {QState.DONE, QState.FAILED}


class Slurm:
    """See ``Engine``."""

    name = "slurm"

    def __init__(self) -> None:
        self._io = SlurmIO()

    def header(self, order: Order, folder: Path, seconds: float | None) -> list[str]:
        """See ``Engine``. The options are sbatch's long ones."""
        options = {
            "job-name": f"patzta-{folder.name}",
            "output": f"{folder}/engine.out",
            "chdir": str(folder),
            # A controller that lost its memory would start it twice; the supervisor refuses that, too.
            "no-requeue": "",
            # To the supervisor alone, which takes it for the end of its time.
            "signal": f"B:USR1@{WARNED}",
        }
        if seconds is not None:
            options["time"] = _time(seconds)
        return [
            f"#SBATCH --{name}" + (f"={value}" if value else "") for name, value in (options | order.options).items()
        ]

    async def submit(self, script: Path) -> str:
        """See ``Engine``."""
        try:
            answer = await command(self._io.get_submit_cmd(shlex.quote(str(script))))
        except Unreachable as error:
            raise NotStarted(f"Slurm did not take the job: {error}.") from error
        return submitted(self._io.parse_submit_output(*answer), "Slurm")

    async def places(self, engine_ids: list[str]) -> Mapping[str, Status]:  # noqa: ARG002  squeue fails at unknown ones
        """See ``Engine``."""
        answer = await command(self._io.get_jobs_list_cmd(None, getpass.getuser()))
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
        """See ``Engine``."""
        try:
            code, _, complaints = await command(self._io.get_cancel_cmd(engine_id))
        except Unreachable as error:
            raise NotTaken(f"Slurm did not end the job: {error}.") from error
        if code:
            raise NotTaken(f"Slurm did not end the job: {complaints.strip()}")

    async def exit_status(self, engine_id: str) -> int | None:  # noqa: ARG002
        """Nothing: without an accounting database Slurm forgets it within minutes."""
        return None


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
