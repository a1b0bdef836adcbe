"""Settings of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class JobSettings:
    """``folder`` keeps all jobs; ``cwd`` is where they start when nothing is said.

    ``limit`` is how many run at once on this machine, 0 without limit; ``grace`` are the seconds between the steps in
    which one is ended; ``environment`` names variables that jobs see although they look like secrets.
    """

    folder: Path
    cwd: Path
    limit: int
    grace: float
    environment: tuple[str, ...]
