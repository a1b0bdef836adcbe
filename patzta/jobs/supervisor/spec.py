"""What a job is, as its ``spec.json`` says it."""

from __future__ import annotations

from patzta.jobs.supervisor import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Spec:
    """A job to be run.

    ``argv`` is the program with its arguments, ``env`` its whole environment. ``rows`` and ``columns`` are the
    terminal's. ``grace`` are the seconds between two steps of a stop, ``walltime`` those after which the job is told
    to save and end, ``margin`` those that it has for that. ``memory`` (bytes), ``cpu`` (seconds), ``files`` and
    ``niceness`` are limits of the job's processes. ``queue`` is the folder in which it waits for its turn.
    """

    def __init__(
        self,
        argv: Sequence[str],
        cwd: str,
        env: dict[str, str],
        *,
        rows: int = 24,
        columns: int = 80,
        grace: float = 5.0,
        walltime: float | None = None,
        margin: float = 60.0,
        memory: int | None = None,
        cpu: int | None = None,
        files: int | None = None,
        niceness: int = 0,
        queue: str | None = None,
    ) -> None:
        self.argv = list(argv)
        self.cwd = cwd
        self.env = env
        self.rows = rows
        self.columns = columns
        self.grace = grace
        self.walltime = walltime
        self.margin = margin
        self.memory = memory
        self.cpu = cpu
        self.files = files
        self.niceness = niceness
        self.queue = queue

    @classmethod
    def read(cls, folder: str) -> Spec:
        """The spec of the job in ``folder``. Raises OSError where there is no whole one."""
        try:
            return cls(**records.read(folder, "spec.json") or {})
        except TypeError as error:
            raise OSError(f"{folder}/spec.json: {error}") from error

    def write(self, folder: str) -> None:
        """Put it into the job's folder. Raises OSError."""
        records.write(folder, "spec.json", vars(self))
