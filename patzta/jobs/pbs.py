"""The engine PBS, which Metacentrum has. https://openpbs.org"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qtoolkit.io.pbs import PBSIO

from patzta.jobs.batch import Batch
from patzta.jobs.cluster import Unreachable, command
from patzta.jobs.contract import Order


class PBS(Batch):
    """See ``Engine``. ``cancel`` is the last rung: PBS kills the supervisor before it can write its record."""

    name, title = "pbs", "PBS"

    def __init__(self) -> None:
        super().__init__(PBSIO())

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

    def listing(self, engine_ids: list[str]) -> str:
        """See ``Batch``."""
        return self._io.get_jobs_list_cmd([*engine_ids], None)

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
