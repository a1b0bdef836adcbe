"""The engine Slurm. https://slurm.schedmd.com"""

from __future__ import annotations

import getpass
from pathlib import Path

from qtoolkit.io.slurm import SlurmIO

from patzta.jobs.batch import Batch
from patzta.jobs.contract import Order

WARNED = 60
"""Seconds before its end that the engine warns, for a limit that we did not set."""


class Slurm(Batch):
    """See ``Engine``."""

    name, title = "slurm", "Slurm"

    def __init__(self) -> None:
        super().__init__(SlurmIO())

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

    def listing(self, engine_ids: list[str]) -> str:  # noqa: ARG002  squeue fails at ids that it does not know
        """See ``Batch``."""
        return self._io.get_jobs_list_cmd(None, getpass.getuser())

    async def exit_status(self, engine_id: str) -> int | None:  # noqa: ARG002
        """Nothing: without an accounting database Slurm forgets it within minutes."""
        return None


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
