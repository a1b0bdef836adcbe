"""The job of /evaluate. It carries along which message shows it, so that nothing that happens to the bot loses that."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from patzta.jobs import NotStarted
from patzta.jobs.contract import Job, JobService, Order
from patzta.settings import ROOT, Settings

NAME = "evaluate "
MESSAGE, REPORT = "EVALUATE_MESSAGE", "EVALUATE_REPORT"
"""Variables of the job: CHANNEL/MESSAGE, and the report's folder."""
SHOWN = "shown"
"""A file in the job's folder: the message says how it ended."""
LOOKED_AT = 1000
"""How many of the newest jobs may be one of these."""
NICENESS = 10
"""The double goes on answering beside it."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """A job that measures a model: the folder that it fills, and the message that shows it."""

    job: Job
    report: Path
    channel_id: int
    message_id: int

    @property
    def model(self) -> str:
        """The name of the model's folder."""
        return self.report.name


def report_of(settings: Settings) -> Path:
    """Where the report of the configured model is."""
    return settings.reports / settings.model.path.name


def order(settings: Settings, replies: int, channel_id: int, message_id: int) -> Order:
    """``bin/evaluate`` for the configured model. Of what people write, only a number reaches it."""
    report = report_of(settings)
    options = {"model": settings.model.path, "dataset": settings.dataset, "out": report, "replies": replies}
    words = [ROOT / "bin" / "evaluate", *(word for name, value in options.items() for word in (f"--{name}", value))]
    carried = {MESSAGE: f"{channel_id}/{message_id}", REPORT: str(report)}
    name = f"{NAME}{report.name}"[:100]
    return Order(shlex.join(map(str, words)), cwd=str(ROOT), name=name, env=carried, niceness=NICENESS)


async def unshown(jobs: JobService) -> list[Measuring]:
    """Those whose message does not say yet how they ended, the newest first. Raises StoreUnavailable."""
    newest = await jobs.page(None, LOOKED_AT)
    left = [job for job in newest if job.name.startswith(NAME) and not _is_shown(jobs, job)]
    return [found for job in left if (found := await _measuring(jobs, job))]


async def _measuring(jobs: JobService, job: Job) -> Measuring | None:
    """None for somebody's job that only has such a name."""
    try:
        carried = (await jobs.order(job.id)).env
    except NotStarted:
        # Its folder is gone.
        return None
    message = re.fullmatch(r"(\d+)/(\d+)", carried.get(MESSAGE, ""))
    if not message or REPORT not in carried:
        return None
    return Measuring(job, Path(carried[REPORT]), int(message[1]), int(message[2]))


def _is_shown(jobs: JobService, job: Job) -> bool:
    return (jobs.folder(job.id) / SHOWN).exists()


def note_shown(jobs: JobService, job: Job) -> None:
    """The message says how it ended. Raises OSError."""
    (jobs.folder(job.id) / SHOWN).touch()
