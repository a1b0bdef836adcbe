"""Jobs: programs that run for hours, on terminals of their own, whatever becomes of the bot."""

from __future__ import annotations

from patzta.errors import PatztaError


class JobError(PatztaError):
    """The base of this package's errors.

    JobError
    ├── NoSuchJob    nothing was ever started under that number
    ├── NotStarted   the job could not be started
    └── NotTaken     a running job, or its supervisor, did not take what was asked
    """


class NoSuchJob(JobError):
    """Nothing was ever started under that number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no job {number}; the list shows which there are.")
        self.number = number


class NotStarted(JobError):
    """The job could not be started."""


class NotTaken(JobError):
    """A running job, or its supervisor, did not take what was asked."""
